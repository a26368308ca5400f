//! Names that a person should be shown side by side, and names that nobody should.

use super::Resemblance;
use crate::matching::{Profile, Weights};

fn resemblance(left: &str, right: &str) -> Resemblance {
    let weights = Weights::default();
    let one = Resemblance::of(&Profile::of(left), &Profile::of(right), &weights);
    let other = Resemblance::of(&Profile::of(right), &Profile::of(left), &weights);
    assert_eq!(one, other, "{left} / {right}");
    one
}

#[test]
fn may_be_the_same() {
    let mut missed = Vec::new();
    for (left, right) in [
        // Initials.
        ("Western Reserve Legal", "WRL"),
        ("Western Reserve Legal, LLC", "wrl"),
        ("Bank of New Albany", "BNA"),
        ("Hill & Dale", "H&D"),
        ("Dun Harbor", "DH Ltd"),
        ("Harbor Pilot Enterprise", "HP Enterprise"),
        ("Taiwan Harbor Dredging Company", "THDC"),
        // Abbreviations.
        ("Wintermoor", "WMR Inc"),
        ("Wintermoor Corporation", "WTRC"),
        ("Wintwagen", "WW AG"),
        ("Wintermoor Dredging", "WinDred"),
        ("Bank of Kessler", "BofK"),
        ("Wintermoor Employees Insurance Company", "WEICO"),
        ("Norfolk Biscuit Company", "Norbisco"),
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
        // Words put together.
        ("Van Der Meer Logistics Europe", "VanDerMeer Logistics"),
        ("E. J. van Kessel and Sons", "VanKessel"),
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
        ("현대자동차", "Hyundai Motor Company"),
        ("阿里巴巴", "阿里巴巴集团控股有限公司"),
        ("華為", "华为"),
        ("Αθηνά", "Athina"),
        ("Αλφα", "Alfa"),
        ("Saudi Romashka", "Ромашка Сауди"),
        ("기아", "Kia"),
    ] {
        let found = resemblance(left, right);
        if !found.is_suggested() {
            missed.push(format!("{left} / {right}: {found:?}"));
        }
        assert!(!found.is_suggested() || !found.evidence.is_empty());
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn may_not() {
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
        let found = resemblance(left, right);
        if found.is_suggested() {
            shown.push(format!("{left} / {right}: {found:?}"));
        }
    }
    assert!(shown.is_empty(), "{shown:#?}");
}

#[test]
fn says_why() {
    let why = |left: &str, right: &str| {
        let found = resemblance(left, right);
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
            why("腾讯", "腾讯控股有限公司"),
        ]
        .join("\n"),
        @r#"
    84 "WRL" are the initials of "Western Reserve Legal"
    70 "WMR" may be short for "Wintermoor"
    93 both have the word "Brookfield", "Tech" may be short for "Technologies"
    74 both have the word "Kessler", one name has nothing that the other lacks
    87 spelled almost the same: 1 letter of 10 differs; "Wintermoor" is spelled like "Wintermorr"
    76 "삼성전자" sounds like "Samsung" ("samseongjeonja" in Latin letters)
    78 "腾讯" stands within "腾讯控股有限公司"
    "#
    );
}
