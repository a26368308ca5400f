//! Words that say little in a company's name, whatever the roster: what a business does, where, and joining words.
//!
//! How rare a word is among the names at hand is `weights`' business.

/// Words that only join others.
const JOINING: [&str; 22] = [
    "a", "an", "and", "at", "by", "da", "de", "del", "der", "des", "di", "die", "do", "du", "et", "for", "in", "la",
    "of", "the", "und", "y",
];

/// Words of a trade, a place or a size, and what stands in web addresses.
const COMMON: [&str; 138] = [
    "advisors",
    "agency",
    "america",
    "american",
    "americas",
    "asia",
    "associates",
    "association",
    "auto",
    "automotive",
    "bank",
    "beijing",
    "brands",
    "bros",
    "brothers",
    "builders",
    "building",
    "business",
    "canada",
    "capital",
    "care",
    "center",
    "centre",
    "chemical",
    "china",
    "church",
    "city",
    "clinic",
    "com",
    "communications",
    "companies",
    "company",
    "computer",
    "construction",
    "consulting",
    "contractors",
    "corporate",
    "cpa",
    "data",
    "dental",
    "design",
    "development",
    "digital",
    "distribution",
    "east",
    "education",
    "electric",
    "electrical",
    "electronics",
    "energy",
    "engineering",
    "enterprise",
    "enterprises",
    "entertainment",
    "equipment",
    "europe",
    "express",
    "family",
    "farms",
    "finance",
    "financial",
    "firm",
    "food",
    "foods",
    "foundation",
    "france",
    "fund",
    "general",
    "germany",
    "global",
    "group",
    "gruppe",
    "health",
    "healthcare",
    "holding",
    "holdings",
    "home",
    "homes",
    "hospital",
    "hotel",
    "india",
    "industrial",
    "industries",
    "insurance",
    "international",
    "investment",
    "investments",
    "it",
    "japan",
    "law",
    "legal",
    "logistics",
    "management",
    "manufacturing",
    "marketing",
    "materials",
    "media",
    "medical",
    "motor",
    "motors",
    "national",
    "net",
    "network",
    "networks",
    "north",
    "office",
    "offices",
    "online",
    "org",
    "partners",
    "plumbing",
    "products",
    "properties",
    "realty",
    "research",
    "resources",
    "restaurant",
    "retail",
    "school",
    "security",
    "service",
    "services",
    "shop",
    "software",
    "solutions",
    "south",
    "store",
    "stores",
    "supply",
    "systems",
    "tech",
    "technologies",
    "technology",
    "trading",
    "transport",
    "trust",
    "united",
    "usa",
];

/// How much a word may count at most, from 0 to 1: in lower-case Latin letters.
pub(super) fn ceiling(word: &str) -> f64 {
    if JOINING.contains(&word) {
        0.05
    } else if COMMON.binary_search(&word).is_ok() {
        0.4
    } else {
        1.0
    }
}

/// Whether the word only joins others.
pub(super) fn is_joining(word: &str) -> bool {
    JOINING.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_sorted() {
        assert!(COMMON.is_sorted_by(|a, b| a < b));
        assert!((ceiling("services") - 0.4).abs() < f64::EPSILON);
        assert!((ceiling("zenith") - 1.0).abs() < f64::EPSILON);
    }
}
