//! Precision and recall on the labelled pairs must not drop. See docs/decisions/0002-matching-rules.md.

use crate::{Evaluation, Index, Name, evaluate, parse_pairs};

type Pairs = Vec<(String, String, bool)>;

fn company_names() -> Pairs {
    parse_pairs(include_bytes!("../../../tests/data/company-name-pairs.csv")).expect("pairs")
}

fn msp_client_names() -> Pairs {
    parse_pairs(include_bytes!("../../../tests/data/msp-client-name-pairs.csv")).expect("pairs")
}

#[track_caller]
fn check(evaluation: &Evaluation, recall: f64, with_suggestions: f64, suggested_wrongly: usize) {
    assert_eq!(evaluation.wrong, [], "matched, but labelled different");
    let found = (evaluation.recall.expect("a recall"), evaluation.recall_with_suggestions().expect("a recall"));
    assert!(found.0 >= recall && found.1 >= with_suggestions, "{found:?}\n{evaluation}");
    assert!(evaluation.suggested_wrongly <= suggested_wrongly, "{evaluation}");
}

#[test]
fn company_names_keep_precision_and_recall() {
    check(&evaluate(&company_names()), 0.507, 0.985, 0);
}

#[test]
fn msp_client_names_keep_precision_and_recall() {
    check(&evaluate(&msp_client_names()), 0.246, 0.92, 76);
}

/// What the similarity would suggest is of use only where the index finds it.
#[test]
fn index_finds_suggested_pairs() {
    let pairs: Pairs = company_names().into_iter().chain(msp_client_names()).collect();
    let names: Vec<Name> = pairs.iter().map(|(_, right, _)| Name::new(right)).collect();
    let index = Index::new(&names);
    let mut finder = index.finder();
    let (mut suggested, mut missed) = (0, Vec::new());
    for (at, (left, right, _)) in pairs.iter().enumerate().filter(|(_, (_, _, same))| *same) {
        let name = Name::new(left);
        if name.keys().matching_rule(names[at].keys()).is_none() && name.similarity(&names[at]).is_suggestion() {
            suggested += 1;
            if !finder.candidates([&name]).iter().any(|found| pairs[*found].1 == *right) {
                missed.push(format!("{left} | {right}"));
            }
        }
    }
    assert!(missed.len() * 50 <= suggested, "{} of {suggested}: {missed:#?}", missed.len());
}
