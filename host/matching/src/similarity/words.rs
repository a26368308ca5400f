//! The words of two names aligned with each other, each at most once.

use std::{fmt, ops::Range};

use super::{Evidence, Signal, short::is_subsequence};
use crate::profile::{Profile, ProfileWord, written};

/// Common abbreviations that neither [`Match::Short`]'s prefix nor its consonants recognise.
const ABBREVIATIONS: [(&str, &str); 19] = [
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

/// How two words match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Match {
    Equal,
    Spelling,
    Short,
    Initials,
}

/// Two words that match, or a word and a run of words.
#[derive(Clone, Debug)]
struct Pair {
    words: [Range<usize>; 2],
    similarity: f64,
    how: Match,
}

/// The matching words of two names.
pub(super) struct Alignment<'a> {
    names: [&'a [ProfileWord]; 2],
    weights: [Vec<f64>; 2],
    pairs: Vec<Pair>,
}

impl<'a> Alignment<'a> {
    pub(super) fn new(left: &'a Profile, right: &'a Profile) -> Self {
        let names = [&left.words[..], &right.words[..]];
        let weights = names.map(|words| words.iter().map(ProfileWord::weight).collect::<Vec<_>>());
        let mut pairs: Vec<(f64, Pair)> = Vec::new();
        for (at, ours) in names[0].iter().enumerate() {
            for (other, theirs) in names[1].iter().enumerate() {
                if let Some((similarity, how)) = matching(ours, theirs) {
                    let worth = similarity * weights[0][at].max(weights[1][other]);
                    pairs.push((worth, Pair { words: [at..at + 1, other..other + 1], similarity, how }));
                }
            }
        }
        for (short, long) in [(0, 1), (1, 0)] {
            for (at, word) in names[short].iter().enumerate().filter(|(_, word)| word.capitals) {
                if let Some(run) = run_with_initials(&word.latin, names[long]) {
                    let mut words = [at..at + 1, run];
                    if short == 1 {
                        words.swap(0, 1);
                    }
                    pairs.push((0.8, Pair { words, similarity: 0.8, how: Match::Initials }));
                }
            }
        }
        pairs.sort_by(|(worth, a), (other, b)| {
            let starts = |pair: &Pair| (pair.words[0].start, pair.words[1].start);
            other.total_cmp(worth).then_with(|| starts(a).cmp(&starts(b)))
        });
        // The best pairs first; each word is in one pair at most.
        let mut taken = names.map(|words| vec![false; words.len()]);
        pairs.retain(|(_, pair)| {
            let free = (0..2).all(|side| taken[side][pair.words[side].clone()].iter().all(|taken| !taken));
            if free {
                (0..2).for_each(|side| taken[side][pair.words[side].clone()].fill(true));
            }
            free
        });
        let mut pairs: Vec<Pair> = pairs.into_iter().map(|(_, pair)| pair).collect();
        pairs.sort_by_key(|pair| pair.words[0].start);
        Self { names, weights, pairs }
    }

    /// The share of a name's weight that is matched.
    fn coverage(&self, side: usize) -> f64 {
        let all: f64 = self.weights[side].iter().sum();
        let matched = self
            .pairs
            .iter()
            .map(|pair| pair.similarity * self.weights[side][pair.words[side].clone()].iter().sum::<f64>());
        if all > 0.0 { matched.sum::<f64>() / all } else { 0.0 }
    }

    /// Whether all of a name's most distinctive words are matched.
    fn has_distinctive_words(&self, side: usize) -> bool {
        let heaviest = self.weights[side].iter().copied().fold(0.0, f64::max);
        self.weights[side]
            .iter()
            .enumerate()
            .filter(|(_, weight)| **weight >= heaviest)
            .all(|(at, _)| self.pairs.iter().any(|pair| pair.words[side].contains(&at)))
    }

    pub(super) fn signal(self) -> Option<Signal<'a>> {
        // "Acme Dental Group" and "Zenith Dental Group" share no word that tells them apart.
        if self.pairs.is_empty() || !(self.has_distinctive_words(0) || self.has_distinctive_words(1)) {
            return None;
        }
        let (left, right) = (self.coverage(0), self.coverage(1));
        let score = if left.max(right) >= 0.95 { 0.56 + 0.38 * left.min(right) } else { 0.9 * left.midpoint(right) };
        Some(Signal { score: score.min(0.94), evidence: Evidence::Words(self) })
    }
}

impl fmt::Display for Alignment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |pair: &Pair, side: usize| written(&self.names[side][pair.words[side].clone()]);
        let equal: Vec<String> = self
            .pairs
            .iter()
            .filter(|pair| pair.how == Match::Equal)
            .map(|pair| format!("\"{}\"", of(pair, 0)))
            .collect();
        let mut parts = Vec::new();
        match equal.len() {
            0 => {}
            1 => parts.push(format!("both have the word {}", equal[0])),
            _ => parts.push(format!("both have the words {}", equal.join(" "))),
        }
        for pair in &self.pairs {
            let (left, right) = (of(pair, 0), of(pair, 1));
            let (short, long) = if left.len() <= right.len() { (left, right) } else { (right, left) };
            match pair.how {
                Match::Equal => {}
                Match::Spelling => parts.push(format!("\"{short}\" is spelled like \"{long}\"")),
                Match::Short => parts.push(format!("\"{short}\" may be short for \"{long}\"")),
                Match::Initials => parts.push(format!("\"{short}\" are the initials of \"{long}\"")),
            }
        }
        f.write_str(&parts.join(", "))
    }
}

/// Whether two words may be the same, and how similar they are.
#[expect(clippy::cast_precision_loss, reason = "words are short")]
fn matching(ours: &ProfileWord, theirs: &ProfileWord) -> Option<(f64, Match)> {
    let by_length = ours.latin.len() <= theirs.latin.len();
    let (short, long) = if by_length { (&ours.latin, &theirs.latin) } else { (&theirs.latin, &ours.latin) };
    if short == long {
        return Some((1.0, Match::Equal));
    }
    let comparable = ours.foreign == theirs.foreign && !ours.is_number() && !theirs.is_number();
    if !comparable || short.as_bytes().first() != long.as_bytes().first() {
        return None;
    }
    if short.len() >= 4 && long.len() - short.len() <= 2 {
        let changes = strsim::osa_distance(short, long);
        if changes <= if long.len() <= 7 { 1 } else { 2 } {
            return Some((1.0 - 0.75 * changes as f64 / long.len() as f64, Match::Spelling));
        }
    }
    if ours.foreign {
        return None;
    }
    // "Tech" for "Technologies".
    let prefix = short.len() >= 3 && long.len() >= short.len() + 2 && long.starts_with(short.as_str());
    if prefix || ABBREVIATIONS.contains(&(short.as_str(), long.as_str())) {
        return Some((0.85, Match::Short));
    }
    is_contraction(short, long).then_some((0.78, Match::Short))
}

/// "Intl", "Mfg", "Bros": the first and the last letter, some between in order, and at most one further vowel.
fn is_contraction(short: &str, long: &str) -> bool {
    let vowels = short.bytes().skip(1).filter(|letter| matches!(letter, b'a' | b'e' | b'i' | b'o' | b'u')).count();
    (3..=5).contains(&short.len())
        && long.len() >= short.len() + 2
        && short.as_bytes().last() == long.as_bytes().last()
        && vowels <= 1
        && is_subsequence(short, long)
}

/// Two or more words in a row with these initials.
fn run_with_initials(letters: &str, words: &[ProfileWord]) -> Option<Range<usize>> {
    if !(2..=5).contains(&letters.len()) {
        return None;
    }
    let matches = |run: &[ProfileWord]| {
        run.iter()
            .zip(letters.bytes())
            .all(|(word, letter)| !word.foreign && word.latin.as_bytes().first() == Some(&letter))
    };
    words.windows(letters.len()).position(matches).map(|start| start..start + letters.len())
}
