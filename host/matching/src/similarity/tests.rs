//! Pairs of names that are suggested, and pairs that are not.

use super::Name;
use crate::Similarity;

fn similarity(left: &str, right: &str) -> Similarity {
    let (left, right) = (Name::new(left), Name::new(right));
    let found = left.similarity(&right);
    assert_eq!(found, right.similarity(&left), "{} / {}", left.text(), right.text());
    found
}

#[test]
fn similar_names_are_suggested() {
    let mut missed = Vec::new();
    for (left, right) in [
        // Initials.
        ("Western Reserve Legal", "WRL"),
        ("Bank of New Albany", "BNA"),
        ("Hill & Dale", "H&D"),
        ("Dun Harbor", "DH Ltd"),
        ("Harbor Pilot Enterprise", "HP Enterprise"),
        // Abbreviations.
        ("Wintermoor", "WMR Inc"),
        ("Mt. Wintermoor Hospital", "Mount Wintermoor Hospital"),
        ("Kessler Co. Hospital District", "Kessler County Hospital District"),
        ("Wm. Kessler Roofing", "William Kessler Roofing"),
        ("N. Wintermoor Clinic", "North Wintermoor Clinic"),
        ("Zenith International", "Zenith Intl"),
        ("Zenith Manufacturing Co", "Zenith Mfg."),
        ("Brookfield Technologies", "Brookfield Tech"),
        ("Kessler Brothers Construction", "Kessler Bros. Construction"),
        // Typing.
        ("Brookfield Dental", "Brokfield Dental"),
        ("Kessler Hardware", "Kesseler Hardware"),
        ("Wintermoor", "Wintermorr"),
        ("Acmee Plumbing", "Acme Plumbing"),
        ("Micheal's Kitchen", "Michael's Kitchen"),
        // Words more or fewer, and in another order.
        ("Kessler", "Kessler Family Dentistry"),
        ("Wintermoor.com", "Wintermoor"),
        ("Zenith Holdings", "Zenith Group"),
        ("Koninklijke Zenith", "Royal Zenith"),
        ("J. Kessler", "Kessler's"),
        ("Bright Harbor Dental, LLC d/b/a Kessler Smiles", "Kessler Smiles"),
        ("Kessler & Wintermoor", "Wintermoor & Kessler"),
        ("University of Wintermoor", "Wintermoor University"),
        ("Wintermoor Bank", "Wintermoor & Kessler"),
        // Scripts.
        ("Газпром нефть", "Gazprom Neft"),
        ("Ромашка", "Romashka"),
        ("サクラ", "Sakura"),
        ("サクラ工業株式会社", "Sakura Kogyo"),
        ("華為", "华为"),
        ("Αθηνά", "Athina"),
        ("Αλφα", "Alfa"),
        ("Saudi Romashka", "Ромашка Сауди"),
        ("기아", "Kia"),
    ] {
        let found = similarity(left, right);
        if !found.is_suggestion() {
            missed.push(format!("{left} / {right}: {found:?}"));
        }
        assert!(!found.is_suggestion() || !found.evidence.is_empty());
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn different_names_are_not_suggested() {
    let mut shown = Vec::new();
    for (left, right) in [
        ("Acme", "Zenith"),
        ("Acme Dental Group", "Zenith Dental Group"),
        ("Kessler Motor Company", "General Motors Company"),
        ("First National Bank", "United National Bank"),
        ("Blue Harbor", "Blue Ocean"),
        ("Harbor Fund 2", "Harbor Fund 3"),
        ("University of Kessel", "University of Dassel"),
        ("City of Kessel", "City of Dessau"),
        ("Saint Mary's School", "Saint Martin's School"),
        ("Waste Management", "Asset Management"),
        ("Ace Hardware", "Acme Hardware"),
        ("AA Plumbing", "AAA Plumbing"),
        ("WRL", "WTF"),
        ("IBX", "International Harbor Pilots"),
        ("BP", "BMP Clinic"),
        ("Kessler Law", "Wintermoor Law"),
        ("ソニー", "パナソニック"),
        ("阿里巴巴", "Amazon.com"),
        ("LG전자", "삼성전자"),
        ("小米科技", "华为技术"),
        ("", "Acme"),
        ("!!!", "???"),
        ("St. Mary Hospital", "St. John Hospital"),
        ("Smith Dental", "Jones Dental"),
        ("Delta Harbor Lines", "Delta Dental"),
        ("BP", "Blueprint"),
        ("WW", "Wintermoor"),
        ("Services of America", "Solutions of America"),
    ] {
        let found = similarity(left, right);
        if found.is_suggestion() {
            shown.push(format!("{left} / {right}: {found:?}"));
        }
    }
    assert!(shown.is_empty(), "{shown:#?}");
}

#[test]
fn similarity_has_evidence() {
    let why = |left: &str, right: &str| {
        let found = similarity(left, right);
        format!("{} {}", found.score, found.evidence.join("; "))
    };
    insta::assert_snapshot!(
        [
            why("Western Reserve Legal", "WRL"),
            why("Wintermoor", "WMR"),
            why("Brookfield Tech", "Brookfield Technologies"),
            why("Kessler Family Dentistry", "Kessler"),
            why("Wintermoor", "Wintermorr"),
            why("삼성전자", "Samsung Electronics"),
        ]
        .join("\n"),
        @r#"
    84 "WRL" are the initials of "Western Reserve Legal"
    70 "WMR" may be short for "Wintermoor"
    92 both have the word "Brookfield", "Tech" may be short for "Technologies"
    72 both have the word "Kessler"
    83 "Wintermoor" is spelled like "Wintermorr"
    76 "삼성전자" sounds like "Samsung" ("samseongjeonja" in Latin letters)
    "#
    );
}
