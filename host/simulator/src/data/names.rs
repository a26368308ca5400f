//! As many further clients as asked for, by combination: plausible, and never two that a matcher could mix up.

use super::{
    cast::{CAST_LEN, Profile, Story},
    random::Random,
    roster::Tie,
};

/// The client of this index, counted from the first one that is not hand-picked.
pub(super) fn invented(seed: u64, index: usize) -> Profile {
    let mut random = Random::new(seed, (CAST_LEN + index) as u64 ^ STREAM);
    let (base, kind) = base(index);
    let story = story(&mut random);
    let seats = 6 + random.below(90) as u32;
    let forms = legal_forms(kind);
    let form = forms.get(random.below(forms.len() as u64) as usize).copied();
    let with_form = |base: &str| format!("{base}{}", form.unwrap_or_default());

    let (source, roster, aliases, tie) = match random.below(100) {
        0..20 if form.is_some() => (with_form(&base), base, vec![], Tie::WithoutLegalForm),
        20..28 => (with_form(&base), with_form(&base).replace(" & ", " and ").to_uppercase(), vec![], Tie::Normalised),
        28..31 => (with_form(&base), format!("Account {}", 4000 + index), vec![base], Tie::Alias),
        31..33 => (with_form(&base), format!("Account {}", 4000 + index), vec![], Tie::Unmatched),
        _ => {
            let name = if random.chance(0.4) { with_form(&base) } else { base };
            (name.clone(), name, vec![], Tie::Exact)
        }
    };
    Profile { source, roster: Some(roster), aliases, kind: kind.to_owned(), seats, tie, story }
}

/// Names its stream of random numbers, apart from those of the answers.
const STREAM: u64 = 0x6e61_6d65;

/// A name without legal form, and its type. No two indexes give names that differ only in what a
/// matcher ignores: trades and surnames are prime in number, so their pairs repeat only after all
/// of them; then a town follows, then a number.
fn base(index: usize) -> (String, &'static str) {
    let (template, kind) = TRADES[index % TRADES.len()];
    let mut name = template.replace("{}", SURNAMES[index % SURNAMES.len()]);
    let round = index / (TRADES.len() * SURNAMES.len());
    if round > 0 {
        name = format!("{name} of {}", TOWNS[(round - 1) % TOWNS.len()]);
        let lap = (round - 1) / TOWNS.len();
        if lap > 0 {
            name = format!("{name} No. {}", lap + 1);
        }
    }
    (name, kind)
}

fn story(random: &mut Random) -> Story {
    let mean = 3.2 + random.unit() * 1.7;
    match random.below(100) {
        0..8 => Story::Declining,
        8..14 => Story::Improving,
        14..18 => Story::Gap { mean, began: 90.0, ended: 0.0 },
        18..22 => Story::Gap { mean, began: 260.0, ended: 100.0 },
        22..25 => Story::Silent,
        25..28 => Story::Left(mean),
        _ => Story::Steady(mean),
    }
}

/// Legal forms that a business of this type carries in the source; public bodies carry none.
fn legal_forms(kind: &str) -> &'static [&'static str] {
    match kind {
        "municipality" | "non-profit" | "education" => &[],
        "legal" => &[", L.P.A.", " LLP", ", P.C."],
        "dental" | "healthcare" => &[", LLC", ", Inc.", ", P.C."],
        _ => &[", Inc.", " LLC", ", Inc.", " Ltd"],
    }
}

const TRADES: [(&str, &str); 23] = [
    ("{} Law Group", "legal"),
    ("{} Family Dental", "dental"),
    ("{} Machine Works", "manufacturing"),
    ("City of {}", "municipality"),
    ("{} Community Trust", "non-profit"),
    ("{} & Sons Roofing", "construction"),
    ("{} Pediatrics", "healthcare"),
    ("{} Freight", "logistics"),
    ("{} Credit Union", "finance"),
    ("{} Hardware", "retail"),
    ("{} Civil Engineering", "engineering"),
    ("{} Preparatory Academy", "education"),
    ("{} Estate Planning", "legal"),
    ("{} Orthodontics", "dental"),
    ("{} Plastics", "manufacturing"),
    ("Township of {}", "municipality"),
    ("{} House Shelter", "non-profit"),
    ("{} Electric", "construction"),
    ("{} Physical Therapy", "healthcare"),
    ("{} Cold Storage", "logistics"),
    ("{} Tax & Bookkeeping", "finance"),
    ("{} Garden Center", "retail"),
    ("{} Property Management", "real-estate"),
];

const SURNAMES: [&str; 61] = [
    "Aldrich",
    "Bennett",
    "Caldwell",
    "Dawson",
    "Ellison",
    "Fairbanks",
    "Gallagher",
    "Hawthorne",
    "Ingram",
    "Jennings",
    "Kirkland",
    "Lockwood",
    "Merrill",
    "Norwood",
    "Ogden",
    "Pruitt",
    "Quincy",
    "Radcliffe",
    "Sawyer",
    "Thornton",
    "Underwood",
    "Vaughn",
    "Winslow",
    "Yates",
    "Zimmerman",
    "Ashford",
    "Barlow",
    "Crawford",
    "Donovan",
    "Everett",
    "Forsyth",
    "Granger",
    "Hollister",
    "Iverson",
    "Jarvis",
    "Keating",
    "Langley",
    "Mercer",
    "Nolan",
    "Osborne",
    "Prescott",
    "Quimby",
    "Rowland",
    "Sheridan",
    "Tillman",
    "Upton",
    "Vickers",
    "Whitaker",
    "Yardley",
    "Zeller",
    "Atwood",
    "Beckett",
    "Carmody",
    "Draper",
    "Emerson",
    "Fenwick",
    "Goodwin",
    "Harding",
    "Isley",
    "Kendall",
    "Latham",
];

const TOWNS: [&str; 16] = [
    "Akron",
    "Ashland",
    "Aurora",
    "Berea",
    "Canton",
    "Elyria",
    "Hudson",
    "Kent",
    "Lorain",
    "Mansfield",
    "Mentor",
    "Oberlin",
    "Sandusky",
    "Solon",
    "Wadsworth",
    "Wooster",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn never_gives_the_same_name_twice() {
        let names: BTreeSet<String> = (0..50_000).map(|index| base(index).0.to_lowercase()).collect();
        assert_eq!(names.len(), 50_000);
    }

    #[test]
    fn spellings_meet_as_the_tie_says() {
        let mut seen = BTreeSet::new();
        for index in 0..500 {
            let client = invented(7, index);
            let roster = client.roster.expect("every invented client is in the roster");
            match client.tie {
                Tie::Exact => assert_eq!(roster, client.source),
                Tie::WithoutLegalForm => assert!(client.source.starts_with(&roster) && client.source != roster),
                Tie::Normalised => assert_ne!(roster, client.source),
                Tie::Alias => assert!(client.source.starts_with(&client.aliases[0])),
                Tie::Unmatched => assert!(client.aliases.is_empty() && roster.starts_with("Account ")),
            }
            seen.insert(client.tie);
        }
        assert_eq!(seen.len(), 5, "every tie occurs");
    }
}
