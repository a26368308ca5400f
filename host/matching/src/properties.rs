//! Properties of any two texts.

use proptest::{collection::vec, prelude::*, sample::select};

use crate::{Index, Name, NameKeys, NameRule, compare, evaluate, parse_pairs};

/// Words that the rules apply to.
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

/// Words that are no legal forms, whatever their case.
fn plain_name() -> impl Strategy<Value = Vec<String>> {
    vec("[a-zäöüéß]{3,8}", 1..5)
}

fn same(left: &str, right: &str) -> bool {
    matches!(NameKeys::new(left).matching_rule(&NameKeys::new(right)), Some(NameRule::Exact | NameRule::Normalised))
}

proptest! {
    #[test]
    fn any_text_has_keys_and_a_comparison(left in any::<String>(), right in name()) {
        prop_assert!(!compare(&left, &right).to_string().is_empty());
        let keys = NameKeys::new(&left);
        for rule in NameRule::ALL {
            prop_assert!(keys.for_rule(rule).iter().all(|key| !key.is_empty()), "{:?}", keys);
        }
    }

    #[test]
    fn comparison_is_symmetric(left in name(), right in name()) {
        let (ours, theirs) = (NameKeys::new(&left), NameKeys::new(&right));
        prop_assert_eq!(ours.matching_rule(&theirs), theirs.matching_rule(&ours));
        prop_assert_eq!(compare(&left, &right).similarity, compare(&right, &left).similarity);
    }

    #[test]
    fn name_matches_itself(name in name()) {
        let keys = NameKeys::new(&name);
        let expected = (!name.trim().is_empty()).then_some(NameRule::Exact);
        prop_assert_eq!(keys.matching_rule(&NameKeys::new(&format!("  {name}\n"))), expected);
    }

    #[test]
    fn ignoring_the_legal_form_leaves_a_key(name in name()) {
        let keys = NameKeys::new(&name);
        prop_assert_eq!(keys.for_rule(NameRule::Normalised).is_empty(), keys.for_rule(NameRule::WithoutLegalForm).is_empty());
    }

    #[test]
    fn case_is_ignored(words in plain_name()) {
        let name = words.join(" ");
        prop_assert!(same(&name, &name.to_uppercase()));
        prop_assert!(same(&name, &name.to_uppercase().to_lowercase()));
    }

    #[test]
    fn spaces_and_punctuation_are_ignored(words in plain_name(), between in select(vec!["  ", " - ", ", ", "\u{a0}", " / ", "! ", " “", "\t", "_", " *"])) {
        prop_assert!(same(&words.join(" "), &words.join(between)));
        let quoted = format!("«{}».", words.join(" "));
        prop_assert!(same(&words.join(" "), &quoted));
    }

    #[test]
    fn unicode_normal_form_is_ignored(name in name()) {
        use unicode_normalization::UnicodeNormalization;
        let (composed, taken_apart): (String, String) = (name.nfc().collect(), name.nfd().collect());
        prop_assert_eq!(NameKeys::new(&composed).for_rule(NameRule::Normalised).to_vec(), NameKeys::new(&taken_apart).for_rule(NameRule::Normalised).to_vec());
    }

    #[test]
    fn added_legal_form_matches(words in plain_name(), form in select(vec!["Inc.", "LLC", "GmbH", "Co., Ltd.", "S.p.A.", "KG"])) {
        let name = words.join(" ");
        let with_form = format!("{name} {form}");
        let rule = NameKeys::new(&name).matching_rule(&NameKeys::new(&with_form));
        // "The Inc." is "Inc", and a word may be a legal form of another class.
        prop_assume!(words[0] != "the" && NameKeys::new(&name).written_forms().is_empty());
        prop_assert_eq!(rule, Some(NameRule::WithoutLegalForm));
    }

    #[test]
    fn evaluation_adds_up(rows in vec((name(), name(), any::<bool>()), 0..20)) {
        let evaluation = evaluate(&rows);
        let labelled = rows.iter().filter(|(_, _, same)| *same).count();
        prop_assert_eq!(evaluation.pairs, rows.len());
        prop_assert_eq!(evaluation.matched - evaluation.wrong.len() + evaluation.missed.len(), labelled);
        prop_assert_eq!(evaluation.precision.is_none(), evaluation.matched == 0);
        prop_assert_eq!(evaluation.recall.is_none(), labelled == 0);
    }

    #[test]
    fn pairs_round_trip_through_csv(rows in vec((any::<String>(), any::<String>(), any::<bool>()), 0..10)) {
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

    #[test]
    fn similarity_score_is_the_score_of_the_similarity(left in name(), right in name()) {
        let (ours, theirs) = (Name::new(&left), Name::new(&right));
        prop_assert_eq!(ours.similarity_score(&theirs), ours.similarity(&theirs).score);
        prop_assert!(ours.similarity(&theirs).score == 0 || !ours.similarity(&theirs).evidence.is_empty());
    }

    #[test]
    fn index_finds_the_same_word(word in "[b-z]{5,9}", others in vec(name(), 0..20)) {
        let names: Vec<Name> = others.iter().chain([&format!("{word} Bakery")]).map(|name| Name::new(name)).collect();
        let index = Index::new(&names);
        let found = index.finder().candidates([&Name::new(&format!("{word} Dental Clinic"))]);
        prop_assert!(found.contains(&others.len()));
    }
}
