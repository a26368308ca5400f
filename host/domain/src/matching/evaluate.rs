//! How well the rules do on pairs of which a person said whether they are the same.

use std::fmt;

use super::{Likeness, NameKeys};

/// How well the rules do. Serialised as `mapping evaluate --json` prints it.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Evaluation {
    /// So many pairs were looked at.
    pub pairs: usize,
    /// So many of them an automatic rule matches.
    pub matched: usize,
    /// Of those matched, the part that is the same indeed, 0 to 1. None where nothing was matched.
    pub precision: Option<f64>,
    /// Of those that are the same, the part that was matched, 0 to 1. None where none is the same.
    pub recall: Option<f64>,
    /// Matched, though not the same: left and right.
    pub wrong: Vec<(String, String)>,
    /// The same, though not matched: left and right.
    pub missed: Vec<(String, String)>,
    /// So many are put before a person rather than matched.
    pub suggested: usize,
}

/// Sets the automatic rules against pairs: left, right, and whether they are the same.
#[must_use]
pub fn evaluate(pairs: &[(String, String, bool)]) -> Evaluation {
    let mut right_matches = 0;
    let mut wrong = Vec::new();
    let mut missed = Vec::new();
    let mut suggested = 0;
    for (left, right, same) in pairs {
        let likeness = NameKeys::of(left).compare(&NameKeys::of(right));
        let matched = matches!(likeness, Likeness::Same(_));
        match (matched, same) {
            (true, true) => right_matches += 1,
            (true, false) => wrong.push((left.clone(), right.clone())),
            (false, true) => missed.push((left.clone(), right.clone())),
            (false, false) => {}
        }
        suggested += usize::from(likeness == Likeness::FormsDiffer);
    }
    Evaluation {
        pairs: pairs.len(),
        matched: right_matches + wrong.len(),
        precision: ratio(right_matches, right_matches + wrong.len()),
        recall: ratio(right_matches, right_matches + missed.len()),
        wrong,
        missed,
        suggested,
    }
}

#[expect(clippy::cast_precision_loss, reason = "no list of pairs has 2^52 of them")]
fn ratio(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

impl fmt::Display for Evaluation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let figure = |ratio: Option<f64>| ratio.map_or_else(|| "none".to_owned(), |ratio| format!("{ratio:.3}"));
        writeln!(f, "pairs      {}", self.pairs)?;
        writeln!(f, "matched    {}", self.matched)?;
        writeln!(f, "precision  {}", figure(self.precision))?;
        writeln!(f, "recall     {}", figure(self.recall))?;
        writeln!(f, "suggested  {}", self.suggested)?;
        for (title, pairs) in
            [("matched, though not the same:", &self.wrong), ("the same, though not matched:", &self.missed)]
        {
            if !pairs.is_empty() {
                writeln!(f, "{title}")?;
                for (left, right) in pairs {
                    writeln!(f, "  {left}  |  {right}")?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(rows: &[(&str, &str, bool)]) -> Vec<(String, String, bool)> {
        rows.iter().map(|(left, right, same)| ((*left).to_owned(), (*right).to_owned(), *same)).collect()
    }

    #[test]
    fn counts_what_it_says() {
        let evaluation = evaluate(&pairs(&[
            ("Acme Inc", "Acme", true),
            ("Acme Inc", "ACME, Inc.", true),
            ("Acme Inc", "Acme Corp", false),
            ("Acme AG", "Acme GmbH", false),
            ("Acme AG", "Acme SE", true),
            ("Acme", "Zenith", true),
            ("Acme", "Beta", false),
        ]));
        assert_eq!(
            serde_json::to_string(&evaluation).expect("JSON"),
            "{\"pairs\":7,\"matched\":3,\"precision\":0.6666666666666666,\"recall\":0.5,\
             \"wrong\":[[\"Acme Inc\",\"Acme Corp\"]],\
             \"missed\":[[\"Acme AG\",\"Acme SE\"],[\"Acme\",\"Zenith\"]],\"suggested\":2}"
        );
        assert_eq!(
            evaluation.to_string(),
            "pairs      7\nmatched    3\nprecision  0.667\nrecall     0.500\nsuggested  2\n\
             matched, though not the same:\n  Acme Inc  |  Acme Corp\n\
             the same, though not matched:\n  Acme AG  |  Acme SE\n  Acme  |  Zenith\n"
        );
    }

    #[test]
    fn nothing_is_not_zero() {
        let none = evaluate(&[]);
        assert_eq!(
            serde_json::to_string(&none).expect("JSON"),
            "{\"pairs\":0,\"matched\":0,\"precision\":null,\"recall\":null,\"wrong\":[],\"missed\":[],\"suggested\":0}"
        );
        let unmatched = evaluate(&pairs(&[("Acme", "Beta", true)]));
        assert_eq!((unmatched.precision, unmatched.recall), (None, Some(0.0)));
    }
}
