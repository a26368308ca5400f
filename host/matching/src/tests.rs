//! Pairs of names per rule: those that are the same, and those that only look the same.

use crate::{NameKeys, NameRule, compare};

#[track_caller]
fn check(expected: Option<NameRule>, differ_in_form: bool, pairs: &[(&str, &str)]) {
    for (left, right) in pairs {
        for (left, right) in [(left, right), (right, left)] {
            let (ours, theirs) = (NameKeys::new(left), NameKeys::new(right));
            let found = (ours.matching_rule(&theirs), ours.differ_in_form(&theirs));
            assert_eq!(found, (expected, differ_in_form), "{}", compare(left, right));
        }
    }
}

#[test]
fn exact() {
    check(Some(NameRule::Exact), false, &[("Acme", "Acme"), (" Acme\t", "Acme"), ("!!!", "!!!"), ("三井", "三井")]);
    check(None, false, &[("", ""), (" ", ""), ("!!!", "???"), ("Acme", ""), ("🦀", "🦞")]);
}

#[test]
fn normalised() {
    check(
        Some(NameRule::Normalised),
        false,
        &[
            ("ACME, Inc.", "Acme Inc"),
            ("Rosé Café", "ROSE CAFE"),
            ("Ａｃｍｅ", "Acme"),
            ("Großmann", "GROSSMANN"),
            ("Müller", "Muller"),
            ("Müller", "Mueller"),
            ("Muller", "Mueller"),
            ("König & Söhne", "Koenig and Soehne"),
            ("Bär", "Baer"),
            ("Bär", "Bar"),
            ("Ørsted", "Orsted"),
            ("Ørsted", "Oersted"),
            ("Århus", "Aarhus"),
            ("Århus", "Arhus"),
            ("Kjær", "Kjaer"),
            ("Œuvre", "Oeuvre"),
            ("Łódź Media", "Lodz Media"),
            ("Hill & Dale", "Hill and Dale"),
            ("Meyer + Partner", "Meyer & Partner"),
            ("Fisher's Garage", "Fishers Garage"),
            ("Fisher’s Garage", "Fisher's Garage"),
            ("O'Brien Law", "OBrien Law"),
            ("Snow-Line", "Snowline"),
            ("Blue Sky", "BlueSky"),
            ("First Bank", "FirstBank"),
            ("Space X", "SpaceX"),
            ("St. Mary Hospital", "Saint Mary Hospital"),
            ("St.Mary Hospital", "St Mary Hospital"),
            ("Ste. Marie Dental", "Sainte Marie Dental"),
            ("Bank of St. Louis", "Bank of Saint Louis"),
            ("12 Main St", "12 Main Street"),
            ("Main St. LLC", "Main Street LLC"),
            ("First Federal", "1st Federal"),
            ("Tenth Avenue Realty", "10th Avenue Realty"),
            ("Twentieth Century Studio", "20th Century Studio"),
            ("Twenty-First Street Cafe", "21st Street Cafe"),
            ("Forty Second Street Deli", "42nd Street Deli"),
            ("Eleventh Hour Movers", "11th Hour Movers"),
            ("Harbor Fund II", "Harbor Fund 2"),
            ("Harbor Fund II, LLC", "Harbor Fund 2 LLC"),
            ("Harbor Growth Fund V", "Harbor Growth Fund 5"),
            ("International Business Machines (IBM)", "International Business Machines"),
            ("International Business Machines Corp. (IBM)", "International Business Machines Corp"),
            ("International Business Machines (IBM) Corp.", "International Business Machines Corp"),
            ("The Bank of New York (BNY)", "The Bank of New York"),
            ("Procter & Gamble (P&G)", "Procter and Gamble"),
            ("ＡＢＣ商事", "ABC商事"),
            ("ООО «Ромашка»", "ооо ромашка"),
            ("Звёзды", "Звезды"),
            ("Acme® Widgets™", "Acme Widgets"),
            ("Disney+", "Disney Plus"),
            ("1-800-Widgets", "1 800 Widgets"),
        ],
    );
}

#[test]
fn normalised_look_alikes() {
    check(
        None,
        false,
        &[
            ("Blu Restoration", "Blue Restoration"),
            ("BluSky", "BlueSky"),
            ("Tru Value", "True Value"),
            ("Jo's Diner", "Joe's Diner"),
            ("Gust House", "Guest House"),
            ("Pot Works", "Poet Works"),
            ("A Plumbing", "AA Plumbing"),
            ("Mas Logistics", "Maas Logistics"),
            ("Citron", "Citroën"),
            ("Main St", "Main Saint"),
            ("Suite Ste 5", "Suite Saint 5"),
            ("Space X", "Space 10"),
            ("Malcolm V", "Malcolm 5"),
            ("II Brothers", "2 Brothers"),
            ("Acme I", "Acme 1"),
            ("Acme II", "Acme III"),
            ("Acme (UK)", "Acme"),
            ("Acme (AC)", "Acme"),
            ("Acme (Holdings)", "Acme Group"),
            ("Acme Widget Makers (AWE)", "Acme Widget Makers"),
            ("Web 2.0 Studio", "Web 20 Studio"),
            ("A+ Tutors", "A Tutors"),
            ("First", "Second"),
            ("21st Street Cafe", "22nd Street Cafe"),
            ("11th Hour Movers", "First Hour Movers"),
            ("11st Hour Movers", "Eleventh Hour Movers"),
            ("20th Century Studio", "Twenty Century Studio"),
            ("100th Meridian", "Hundredth Meridian"),
            ("1ste Hulp", "First Hulp"),
            ("ガス", "カス"),
            ("Край", "Краи"),
            ("벚꽃전자", "AB전자"),
            ("Harbor Electronics", "HB Electronics"),
            ("Smith & Jones", "Smith Jones"),
            ("Acme", "Acme Holdings"),
            ("Acme West", "Acme East"),
            ("Western Reserve Legal", "WRL"),
        ],
    );
}

#[test]
fn without_legal_form() {
    check(
        Some(NameRule::WithoutLegalForm),
        false,
        &[
            ("Acme Inc.", "Acme"),
            ("Acme Inc.", "Acme Incorporated"),
            ("Acme Corp.", "Acme Corporation"),
            ("Acme Inc.", "Acme Corp"),
            ("Acme Ltd", "Acme Limited"),
            ("Acme Company", "Acme Co."),
            ("Acme Co", "Acme LLC"),
            ("Acme Co., Ltd.", "Acme Ltd"),
            ("The Acme Group", "Acme Group"),
            ("Acme Company, The", "The Acme Company"),
            ("Doe & Roe, L.P.A.", "Doe and Roe"),
            ("Doe & Roe Co., LPA", "Doe & Roe"),
            ("Acme Pty Ltd", "Acme (Pty) Limited"),
            ("Müller GmbH", "Mueller Gesellschaft mit beschränkter Haftung"),
            ("Müller GmbH & Co. KG", "MÜLLER"),
            ("Sonnenhof AG", "Sonnenhof Aktiengesellschaft"),
            ("Acme S.p.A.", "Acme"),
            ("Acme Sp. z o.o.", "Acme Spółka z ograniczoną odpowiedzialnością"),
            ("Acme A/S", "Acme"),
            ("Acme Oy Ab", "Acme Oy"),
            ("SIA Acme", "Acme SIA"),
            ("ООО Ромашка", "Ромашка"),
            ("ООО «Ромашка»", "Ромашка ООО"),
            ("株式会社サクラ", "サクラ株式会社"),
            ("サクラ（株）", "株式会社サクラ"),
            ("사쿠라주식회사", "주식회사 사쿠라"),
            ("(주)사쿠라", "사쿠라"),
            ("PT Sakura Indonesia Tbk", "Sakura Indonesia"),
            ("Acme S.A. de C.V.", "Acme SA"),
            ("Acme, S.A.B.", "Acme S.A.B. de C.V."),
            ("Acme S.A.S. de C.V.", "Acme"),
            ("Acme S.A.C.", "Acme Sociedad Anónima Cerrada"),
            ("Stichting Zonnebloem", "Zonnebloem"),
            ("Coöperatie Zonnebloem U.A.", "Zonnebloem"),
            ("Acme Ltda - ME", "Acme Ltda."),
            ("Acme SICAV", "Acme"),
            ("Acme S.r.l. unipersonale", "Acme Srl"),
            ("Acme Ltd. Partnership", "Acme Limited Partnership"),
            ("ФГУП Ромашка", "Ромашка"),
            ("ПП «Ромашка»", "Ромашка"),
            ("Acme C.R.L.", "Acme"),
            ("Acme G.K.", "Acme Godo Kaisha"),
            ("Valley Ag, LLC", "Valley Ag"),
            ("Merck & Co., Inc.", "Merck & Co."),
            ("Standard Chartered PLC", "Standard Chartered"),
            ("Tiffany & Co.", "Tiffany"),
            ("Harbor Fund II, LLC", "Harbor Fund 2"),
            ("Company Inc.", "Company"),
            ("The Limited, Inc.", "The Limited"),
        ],
    );
}

#[test]
fn different_classes_of_legal_form_are_no_match() {
    check(
        None,
        true,
        &[
            ("Acme AG", "Acme GmbH"),
            ("Acme Inc.", "Acme LLC"),
            ("Acme PLC", "Acme Ltd"),
            ("Acme PC", "Acme PLLC"),
            ("Acme LP", "Acme LLP"),
            ("Acme GmbH", "Acme GmbH & Co. KG"),
            ("Müller AG", "Mueller GmbH"),
            ("Merck & Co.", "Merck KGaA"),
            ("サクラ株式会社", "サクラ有限会社"),
            ("ООО Ромашка", "АО Ромашка"),
            ("PT Clinics LLC", "Clinics LLC"),
        ],
    );
}

#[test]
fn legal_form_look_alikes() {
    check(
        None,
        false,
        &[
            ("Company Inc.", "Corporation Inc."),
            ("The Company", "The Limited"),
            ("Serenity Spa", "Serenity"),
            ("Charge EV", "Charge"),
            ("Toys U.S.A.", "Toys U"),
            ("Made in C", "Made"),
            ("Incorporated Minds", "Minds"),
            ("AB Plumbing", "Plumbing"),
            ("AcmeInc", "Acme"),
            ("Acme Inc of Ohio", "Acme of Ohio"),
            ("Acme Group", "Acme"),
            ("Acme GK", "Acme"),
            ("Royal Bank of Scotland", "Royal Bank"),
            ("The \u{64b}", "\u{64b}"),
            ("Acme Holdings Ltd", "Acme Ltd"),
            ("樱花技术有限公司", "樱桃科技有限责任公司"),
        ],
    );
}
