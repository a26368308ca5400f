//! Words that are common in company names: trades, places, sizes, and joining words.

/// Articles, prepositions and conjunctions, sorted.
const JOINING: [&str; 44] = [
    "a", "an", "and", "at", "by", "da", "das", "de", "del", "dem", "den", "der", "des", "di", "die", "do", "dos", "du",
    "el", "en", "et", "for", "het", "il", "in", "la", "las", "le", "les", "los", "och", "of", "og", "on", "te", "the",
    "to", "und", "van", "von", "y", "zu", "zum", "zur",
];

/// Trades, places, sizes, and parts of web addresses, sorted.
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

/// How much a word tells names apart, from 0 to 1. The word is in lower-case Latin letters.
pub(super) fn weight(word: &str) -> f64 {
    if is_joining(word) {
        0.05
    } else if COMMON.binary_search(&word).is_ok() {
        0.4
    } else {
        1.0
    }
}

/// Whether the word is an article, a preposition or a conjunction.
pub(super) fn is_joining(word: &str) -> bool {
    JOINING.binary_search(&word).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_sorted() {
        assert!(COMMON.is_sorted_by(|a, b| a < b) && JOINING.is_sorted_by(|a, b| a < b));
        assert!((weight("services") - 0.4).abs() < f64::EPSILON);
        assert!((weight("zenith") - 1.0).abs() < f64::EPSILON);
    }
}
