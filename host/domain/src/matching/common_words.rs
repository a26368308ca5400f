//! Words that say little in a company's name, whatever the roster: what a business does, where, and joining words.
//!
//! How rare a word is among the names at hand is `weights`' business.

/// Words that only join others, sorted.
const JOINING: [&str; 44] = [
    "a", "an", "and", "at", "by", "da", "das", "de", "del", "dem", "den", "der", "des", "di", "die", "do", "dos", "du",
    "el", "en", "et", "for", "het", "il", "in", "la", "las", "le", "les", "los", "och", "of", "og", "on", "te", "the",
    "to", "und", "van", "von", "y", "zu", "zum", "zur",
];

/// Words of a trade, a place or a size, and what stands in web addresses.
const COMMON: [&str; 148] = [
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
    "compagnie",
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
    "deutsche",
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
    "german",
    "germany",
    "global",
    "groep",
    "group",
    "groupe",
    "grupo",
    "gruppe",
    "gruppo",
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
    "koninklijke",
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
    "royal",
    "school",
    "security",
    "service",
    "services",
    "shop",
    "societe",
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
    if matches!(word.as_bytes(), [letter] if letter.is_ascii_lowercase()) {
        // Of a middle name, or of an abbreviation with spaces.
        0.3
    } else if JOINING.binary_search(&word).is_ok() {
        0.05
    } else if COMMON.binary_search(&word).is_ok() {
        0.4
    } else {
        1.0
    }
}

/// Whether the word only joins others.
pub(super) fn is_joining(word: &str) -> bool {
    JOINING.binary_search(&word).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_sorted() {
        assert!(COMMON.is_sorted_by(|a, b| a < b) && JOINING.is_sorted_by(|a, b| a < b));
        assert!((ceiling("services") - 0.4).abs() < f64::EPSILON);
        assert!((ceiling("zenith") - 1.0).abs() < f64::EPSILON);
    }
}
