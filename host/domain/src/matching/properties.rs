//! What holds for any two texts.

use proptest::{collection::vec, prelude::*, sample::select};

use super::{Likeness, NAME_RULES, NameKeys, evaluate, explain, parse_pairs};
use crate::mapping::Rule;

/// Words as they stand in names, so that rules have something to do.
fn word() -> impl Strategy<Value = String> {
    let known = select(vec![
        "Acme",
        "Müller",
        "Mueller",
        "Blue",
        "St",
        "First",
        "1st",
        "II",
        "X",
        "The",
        "and",
        "Inc",
        "LLC",
        "GmbH",
        "Co",
        "AG",
        "S.A.",
        "株式会社",
        "有限公司",
        "주식회사",
        "ООО",
        "サクラ",
        "Straße",
        "(AM)",
        "Łódź",
        "İ",
    ]);
    prop_oneof![4 => known.prop_map(str::to_owned), 1 => "[a-zA-Z]{1,6}", 1 => "\\PC{0,4}"]
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![4 => vec(word(), 0..6).prop_map(|words| words.join(" ")), 1 => any::<String>()]
}

/// Words in which capitals mean nothing to the legal forms.
fn plain_name() -> impl Strategy<Value = Vec<String>> {
    vec("[a-zäöüéß]{3,8}", 1..5)
}

fn same(left: &str, right: &str) -> bool {
    matches!(NameKeys::of(left).compare(&NameKeys::of(right)), Likeness::Same(Rule::Exact | Rule::Normalised))
}

proptest! {
    #[test]
    fn any_text_has_keys_and_an_explanation(left in any::<String>(), right in name()) {
        prop_assert!(!explain(&left, &right).to_string().is_empty());
        let keys = NameKeys::of(&left);
        for rule in NAME_RULES {
            prop_assert!(keys.under(rule).iter().all(|key| !key.is_empty()), "{:?}", keys);
        }
    }

    #[test]
    fn which_is_left_does_not_matter(left in name(), right in name()) {
        let (ours, theirs) = (NameKeys::of(&left), NameKeys::of(&right));
        prop_assert_eq!(ours.compare(&theirs), theirs.compare(&ours));
        prop_assert_eq!(explain(&left, &right).rule, explain(&right, &left).rule);
    }

    #[test]
    fn a_name_is_itself(name in name()) {
        let keys = NameKeys::of(&name);
        let expected = if name.trim().is_empty() { Likeness::Different } else { Likeness::Same(Rule::Exact) };
        prop_assert_eq!(keys.compare(&NameKeys::of(&format!("  {name}\n"))), expected);
    }

    #[test]
    fn a_normalised_name_is_not_emptied_by_the_legal_form(name in name()) {
        let keys = NameKeys::of(&name);
        prop_assert_eq!(keys.under(Rule::Normalised).is_empty(), keys.under(Rule::WithoutLegalForm).is_empty());
    }

    #[test]
    fn case_does_not_matter(words in plain_name()) {
        let name = words.join(" ");
        prop_assert!(same(&name, &name.to_uppercase()));
        prop_assert!(same(&name, &name.to_uppercase().to_lowercase()));
    }

    #[test]
    fn spaces_and_punctuation_do_not_matter(words in plain_name(), between in select(vec!["  ", " - ", ", ", "\u{a0}", " / ", "! ", " “", "\t", "_", " *"])) {
        prop_assert!(same(&words.join(" "), &words.join(between)));
        let quoted = format!("«{}».", words.join(" "));
        prop_assert!(same(&words.join(" "), &quoted));
    }

    #[test]
    fn how_the_accents_are_encoded_does_not_matter(name in name()) {
        use unicode_normalization::UnicodeNormalization;
        let (composed, taken_apart): (String, String) = (name.nfc().collect(), name.nfd().collect());
        prop_assert_eq!(NameKeys::of(&composed).under(Rule::Normalised).to_vec(), NameKeys::of(&taken_apart).under(Rule::Normalised).to_vec());
    }

    #[test]
    fn a_legal_form_more_is_the_same_company(words in plain_name(), form in select(vec!["Inc.", "LLC", "GmbH", "Co., Ltd.", "S.p.A.", "KG"])) {
        let name = words.join(" ");
        let with_form = format!("{name} {form}");
        let likeness = NameKeys::of(&name).compare(&NameKeys::of(&with_form));
        // "The Inc." is "Inc", and a word that is a legal form itself may contradict the other.
        prop_assume!(words[0] != "the" && NameKeys::of(&name).written_forms().is_empty());
        prop_assert_eq!(likeness, Likeness::Same(Rule::WithoutLegalForm));
    }

    #[test]
    fn an_evaluation_adds_up(rows in vec((name(), name(), any::<bool>()), 0..20)) {
        let evaluation = evaluate(&rows);
        let labelled = rows.iter().filter(|(_, _, same)| *same).count();
        prop_assert_eq!(evaluation.pairs, rows.len());
        prop_assert_eq!(evaluation.matched - evaluation.wrong.len() + evaluation.missed.len(), labelled);
        prop_assert_eq!(evaluation.precision.is_none(), evaluation.matched == 0);
        prop_assert_eq!(evaluation.recall.is_none(), labelled == 0);
    }

    #[test]
    fn pairs_come_back_as_they_were_written(rows in vec((any::<String>(), any::<String>(), any::<bool>()), 0..10)) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["one", "other", "equal"]).expect("memory");
        for (left, right, same) in &rows {
            writer.write_record([left.as_str(), right, if *same { "1" } else { "0" }]).expect("memory");
        }
        let bytes = writer.into_inner().expect("memory");
        prop_assert_eq!(parse_pairs(&bytes), Ok(rows));
    }

    #[test]
    fn any_bytes_are_pairs_or_problems(bytes in vec(any::<u8>(), 0..200)) {
        if let Err(problems) = parse_pairs(&bytes) {
            prop_assert!(!problems.is_empty());
        }
    }
}
