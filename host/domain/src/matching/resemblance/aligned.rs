//! The words of two names set against each other, each at most once.

use super::{
    super::{common_words, profile::Piece, sound, weights::Weights},
    Sign, Weighed,
};

/// What is written for a word though neither its beginning nor its consonants are enough to tell.
const USUAL: [(&str, &str); 19] = [
    ("bk", "bank"),
    ("co", "company"),
    ("co", "county"),
    ("ctr", "centre"),
    ("dr", "doctor"),
    ("dr", "drive"),
    ("e", "east"),
    ("ft", "fort"),
    ("jr", "junior"),
    ("mt", "mount"),
    ("mt", "mountain"),
    ("n", "north"),
    ("pk", "park"),
    ("rd", "road"),
    ("s", "south"),
    ("sq", "square"),
    ("svc", "service"),
    ("w", "west"),
    ("wm", "william"),
];

/// How two words are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Equal,
    Together,
    Spelled,
    Short,
    Initials,
    Sounds,
}

/// Two words, or a word and a run of them.
#[derive(Clone, Debug)]
struct Tie {
    left: std::ops::Range<usize>,
    right: std::ops::Range<usize>,
    alike: f64,
    how: How,
}

/// The words of two names that belong together.
pub(super) struct Aligned<'a> {
    left: &'a [Piece],
    right: &'a [Piece],
    weights: [&'a [f64]; 2],
    ties: Vec<Tie>,
}

impl<'a> Aligned<'a> {
    pub(super) fn of(left: &'a Weighed<'_>, right: &'a Weighed<'_>) -> Self {
        let mut aligned = Self {
            left: &left.profile.pieces,
            right: &right.profile.pieces,
            weights: [&left.weights, &right.weights],
            ties: Vec::new(),
        };
        aligned.tie();
        aligned
    }

    /// The best ties first; each word in one at most.
    fn tie(&mut self) {
        let mut possible: Vec<(f64, Tie)> = Vec::new();
        for (at, ours) in self.left.iter().enumerate() {
            for (other, theirs) in self.right.iter().enumerate() {
                if let Some((alike, how)) = alike(ours, theirs) {
                    let worth = alike * self.weights[0][at].max(self.weights[1][other]);
                    possible.push((worth, Tie { left: at..at + 1, right: other..other + 1, alike, how }));
                }
            }
        }
        for (short, long, swapped) in [(self.left, self.right, false), (self.right, self.left, true)] {
            for (at, piece) in short.iter().enumerate() {
                if let Some(run) = run_together(&piece.latin, long) {
                    let side = usize::from(!swapped);
                    let worth = self.weights[1 - side][at].max(self.weights[side][run.clone()].iter().sum());
                    let one = at..at + 1;
                    let (left, right) = if swapped { (run, one) } else { (one, run) };
                    possible.push((worth, Tie { left, right, alike: 1.0, how: How::Together }));
                }
            }
            for (at, piece) in short.iter().enumerate().filter(|(_, piece)| piece.capitals && !piece.foreign) {
                if let Some(run) = run_with_initials(&piece.latin, long) {
                    let one = at..at + 1;
                    let (left, right) = if swapped { (run, one) } else { (one, run) };
                    possible.push((0.8, Tie { left, right, alike: 0.8, how: How::Initials }));
                }
            }
        }
        possible.sort_by(|(worth, a), (other, b)| {
            other.total_cmp(worth).then_with(|| (a.left.start, a.right.start).cmp(&(b.left.start, b.right.start)))
        });
        let (mut ours, mut theirs) = (vec![false; self.left.len()], vec![false; self.right.len()]);
        for (_, tie) in possible {
            if ours[tie.left.clone()].iter().chain(&theirs[tie.right.clone()]).any(|taken| *taken) {
                continue;
            }
            ours[tie.left.clone()].fill(true);
            theirs[tie.right.clone()].fill(true);
            self.ties.push(tie);
        }
    }

    /// Of a name's weight, the part that is tied.
    fn covered(&self, side: usize) -> f64 {
        let all: f64 = self.weights[side].iter().sum();
        let tied: f64 =
            self.ties.iter().map(|tie| tie.alike * self.weights[side][self.run(tie, side)].iter().sum::<f64>()).sum();
        if all > 0.0 { tied / all } else { 0.0 }
    }

    fn run(&self, tie: &Tie, side: usize) -> std::ops::Range<usize> {
        if side == 0 { tie.left.clone() } else { tie.right.clone() }
    }

    /// Whether a name's heaviest words are tied, all that weigh about the same.
    fn holds_the_heaviest(&self, side: usize) -> bool {
        let heaviest = self.weights[side].iter().copied().fold(0.0, f64::max);
        self.weights[side]
            .iter()
            .enumerate()
            .filter(|(_, weight)| **weight >= 0.75 * heaviest)
            .all(|(at, _)| self.ties.iter().any(|tie| self.run(tie, side).contains(&at)))
    }

    pub(super) fn sign(&self, weights: Option<&Weights>) -> Option<Sign> {
        if self.ties.is_empty() {
            return None;
        }
        let covered = [self.covered(0), self.covered(1)];
        let said: f64 = self
            .ties
            .iter()
            .map(|tie| {
                let of = |side: usize| self.weights[side][self.run(tie, side)].iter().copied().fold(0.0, f64::max);
                tie.alike * of(0).min(of(1))
            })
            .sum();
        // Only what tells names apart counts: "Acme Dental Group" and "Zenith Dental Group" share nothing.
        if said < 0.5 || !(self.holds_the_heaviest(0) || self.holds_the_heaviest(1)) {
            return None;
        }
        let (least, most) = (covered[0].min(covered[1]), covered[0].max(covered[1]));
        let both = f64::midpoint(covered[0], covered[1]);
        // One name within the other, or most words of both.
        if most < 0.95 && least < 0.45 {
            return None;
        }
        let score = if most >= 0.95 { 0.56 + 0.38 * least } else { 0.9 * both };
        let score = if self.numbers_differ() { score - 0.2 } else { score };
        let evidence = weights.map(|weights| self.in_words(weights, most >= 0.95 && least < 0.95)).unwrap_or_default();
        Some(Sign { score: score.min(0.94), evidence })
    }

    /// Whether both have numbers and these are not the same: "Store 12" is not "Store 13".
    fn numbers_differ(&self) -> bool {
        fn numbers(pieces: &[Piece]) -> impl Iterator<Item = &str> {
            pieces.iter().filter(|piece| piece.is_number()).map(|piece| piece.latin.as_str())
        }
        let both = numbers(self.left).next().is_some() && numbers(self.right).next().is_some();
        both && !numbers(self.left).eq(numbers(self.right))
    }

    fn in_words(&self, weights: &Weights, within: bool) -> String {
        let mut ties: Vec<&Tie> = self.ties.iter().collect();
        ties.sort_by_key(|tie| tie.left.start);
        let written =
            |pieces: &[Piece]| pieces.iter().map(|piece| piece.written.as_str()).collect::<Vec<_>>().join(" ");
        let mut parts = Vec::new();
        let equal: Vec<String> = ties
            .iter()
            .filter(|tie| tie.how == How::Equal)
            .map(|tie| format!("\"{}\"", written(&self.left[tie.left.clone()])))
            .collect();
        if !equal.is_empty() {
            let rarest = ties
                .iter()
                .filter(|tie| tie.how == How::Equal)
                .map(|tie| weights.names_with(&self.left[tie.left.start].latin))
                .min();
            let rare = match rarest {
                Some(names @ 3..) => format!(", the rarest of them in {names} of the names"),
                _ => String::new(),
            };
            let what = if equal.len() == 1 { "the word" } else { "the words" };
            let rare =
                if equal.len() == 1 { rare.replace(", the rarest of them in", ", which stands in") } else { rare };
            parts.push(format!("both have {what} {}{rare}", equal.join(" ")));
        }
        for tie in ties.iter().filter(|tie| tie.how != How::Equal) {
            let (ours, theirs) = (written(&self.left[tie.left.clone()]), written(&self.right[tie.right.clone()]));
            let (short, long) = if ours.len() <= theirs.len() { (ours, theirs) } else { (theirs, ours) };
            parts.push(match tie.how {
                How::Together => format!("\"{short}\" is \"{long}\" without spaces"),
                How::Initials => format!("\"{short}\" are the initials of \"{long}\""),
                How::Sounds => format!("\"{short}\" sounds like \"{long}\""),
                How::Short => format!("\"{short}\" may be short for \"{long}\""),
                How::Spelled | How::Equal => format!("\"{short}\" is spelled like \"{long}\""),
            });
        }
        if within {
            parts.push("one name has nothing that the other lacks".to_owned());
        }
        parts.join(", ")
    }
}

/// Whether two words may be one, and how alike they are.
#[expect(clippy::cast_precision_loss, reason = "words are short")]
fn alike(ours: &Piece, theirs: &Piece) -> Option<(f64, How)> {
    if ours.text == theirs.text || (!ours.latin.is_empty() && ours.latin == theirs.latin) {
        return Some((1.0, How::Equal));
    }
    if ours.foreign != theirs.foreign {
        return sounds_alike(ours, theirs).then_some((0.85, How::Sounds));
    }
    if ours.is_number() || theirs.is_number() || ours.is_joining() || theirs.is_joining() {
        return None;
    }
    let (short, long) = if ours.latin.len() <= theirs.latin.len() {
        (&ours.latin, &theirs.latin)
    } else {
        (&theirs.latin, &ours.latin)
    };
    let longest = long.len();
    if short.as_bytes().first() != long.as_bytes().first() {
        return None;
    }
    if USUAL.contains(&(short.as_str(), long.as_str())) {
        return Some((0.85, How::Short));
    }
    if short.len() >= 4 && longest - short.len() <= 2 {
        let changes = strsim::osa_distance(short, long);
        let allowed = if longest <= 7 { 1 } else { 2 };
        if changes <= allowed {
            return Some((1.0 - 0.75 * changes as f64 / longest as f64, How::Spelled));
        }
    }
    if ours.foreign {
        return None;
    }
    // "Tech" for "Technologies".
    if short.len() >= 3 && longest >= short.len() + 2 && long.starts_with(short.as_str()) {
        let said = common_words::ceiling(long) < 1.0 || short.len() >= 6;
        return Some((if said { 0.85 } else { 0.7 }, How::Short));
    }
    // "Intl", "Mfg", "Bros": first letter, last letter, those between in their order, and hardly a vowel.
    let ends = short.as_bytes().last() == long.as_bytes().last();
    let vowels = short.bytes().skip(1).filter(|letter| matches!(letter, b'a' | b'e' | b'i' | b'o' | b'u')).count();
    let mut rest = long.bytes();
    let in_order = short.bytes().all(|letter| rest.any(|other| other == letter));
    if (3..=5).contains(&short.len()) && longest >= short.len() + 2 && ends && vowels <= 1 && in_order {
        return Some((0.78, How::Short));
    }
    None
}

/// Whether two words, one of them in another script, have the same sound or the same three consonants and more.
fn sounds_alike(ours: &Piece, theirs: &Piece) -> bool {
    let (ours, theirs) = (sound::sound(&ours.latin), sound::sound(&theirs.latin));
    let consonants = sound::consonants(&ours);
    (ours.len() >= 3 && ours == theirs) || (consonants.len() >= 3 && consonants == sound::consonants(&theirs))
}

/// Two or three words in a row that are this one, put together: "Du Pont" and "DuPont".
fn run_together(word: &str, words: &[Piece]) -> Option<std::ops::Range<usize>> {
    if word.len() < 4 {
        return None;
    }
    (0..words.len()).find_map(|start| {
        let mut rest = word;
        for (at, piece) in words.iter().enumerate().skip(start).take(3) {
            rest = rest.strip_prefix(piece.latin.as_str()).filter(|_| !piece.latin.is_empty())?;
            if rest.is_empty() {
                return (at > start).then_some(start..at + 1);
            }
        }
        None
    })
}

/// Two or more words in a row with these initials.
fn run_with_initials(letters: &str, words: &[Piece]) -> Option<std::ops::Range<usize>> {
    let length = letters.len();
    if !(2..=5).contains(&length) || !letters.is_ascii() {
        return None;
    }
    (0..words.len()).find_map(|start| {
        let mut wanted = letters.bytes().peekable();
        for (at, word) in words.iter().enumerate().skip(start) {
            match (word.latin.bytes().next(), wanted.peek()) {
                (Some(first), Some(letter)) if first == *letter && !word.foreign => {
                    wanted.next();
                }
                _ if at > start && word.is_joining() => {}
                _ => return None,
            }
            if wanted.peek().is_none() {
                return (at > start).then_some(start..at + 1);
            }
        }
        None
    })
}
