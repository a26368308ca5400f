//! How well the rules and the suggestions do on labelled pairs: figures that must not fall.

use super::{Evaluation, Likeness, NameKeys, Profile, Resemblance, Weights, evaluate, parse_pairs};

fn evaluation() -> (Vec<(String, String, bool)>, Evaluation) {
    let pairs = parse_pairs(include_bytes!("../../../../tests/data/company-name-pairs.csv")).expect("pairs");
    let evaluation = evaluate(&pairs);
    (pairs, evaluation)
}

#[test]
fn the_labelled_pairs() {
    let (pairs, evaluation) = evaluation();
    let weights = Weights::learned([].iter());
    let mut lines = String::new();
    for (left, right, same) in &pairs {
        if matches!(NameKeys::of(left).compare(&NameKeys::of(right)), Likeness::Same(_)) {
            continue;
        }
        let alike = Resemblance::of(&Profile::of(left), &Profile::of(right), &weights);
        lines.push_str(&format!(
            "{} {:>3} {left} | {right}: {}\n",
            u8::from(*same),
            alike.score,
            alike.evidence.join("; ")
        ));
    }
    assert_eq!(evaluation.wrong, [], "automatic matches must be right\n{lines}");
    let recall = evaluation.recall.expect("some are the same");
    assert!(recall >= 0.5, "recall of the rules is {recall}");
    let together = evaluation.recall_with_suggestions().expect("some are the same");
    assert!(together >= 0.9, "recall with suggestions is {together}\n{lines}");
    // Of 56 pairs that are not the same.
    assert!(evaluation.suggested_wrongly <= 3, "{} suggested wrongly\n{lines}", evaluation.suggested_wrongly);
}
