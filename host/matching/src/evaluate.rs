//! Measures the rules and the suggestions on labelled pairs of names.

use std::fmt;

use crate::similarity::Name;

/// How well the rules do on labelled pairs. Serialised as `mapping evaluate --json` prints it.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Evaluation {
    /// How many pairs there are.
    pub pairs: usize,
    /// How many a rule matches.
    pub matched: usize,
    /// The share of the matched pairs that are labelled the same. None where nothing was matched.
    pub precision: Option<f64>,
    /// The share of the pairs labelled the same that were matched. None where there are none.
    pub recall: Option<f64>,
    /// Matched, but labelled different: left and right.
    pub wrong: Vec<(String, String)>,
    /// Labelled the same, but not matched: left and right.
    pub missed: Vec<(String, String)>,
    /// How many of those missed are suggested.
    pub suggested: usize,
    /// How many pairs labelled different are suggested.
    #[serde(skip)]
    pub suggested_wrongly: usize,
    /// How many pairs are labelled different.
    #[serde(skip)]
    pub different: usize,
}

/// Applies the rules and the similarity to labelled pairs: left, right, and whether they are the same.
#[must_use]
pub fn evaluate(pairs: &[(String, String, bool)]) -> Evaluation {
    let mut evaluation = Evaluation {
        pairs: pairs.len(),
        matched: 0,
        precision: None,
        recall: None,
        wrong: Vec::new(),
        missed: Vec::new(),
        suggested: 0,
        suggested_wrongly: 0,
        different: pairs.iter().filter(|(_, _, same)| !same).count(),
    };
    for (left, right, same) in pairs {
        let (ours, theirs) = (Name::new(left), Name::new(right));
        let matched = ours.keys().matching_rule(theirs.keys()).is_some();
        let suggested = || usize::from(ours.similarity(&theirs).is_suggestion());
        let pair = || (left.clone(), right.clone());
        match (matched, same) {
            (true, true) => evaluation.matched += 1,
            (true, false) => evaluation.wrong.push(pair()),
            (false, true) => {
                evaluation.suggested += suggested();
                evaluation.missed.push(pair());
            }
            (false, false) => evaluation.suggested_wrongly += suggested(),
        }
    }
    let right = evaluation.matched;
    evaluation.matched += evaluation.wrong.len();
    evaluation.precision = ratio(right, evaluation.matched);
    evaluation.recall = ratio(right, right + evaluation.missed.len());
    evaluation
}

impl Evaluation {
    /// The share of the pairs labelled the same that were matched or suggested. None where there are none.
    #[must_use]
    pub fn recall_with_suggestions(&self) -> Option<f64> {
        let right = self.matched - self.wrong.len();
        ratio(right + self.suggested, right + self.missed.len())
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
        writeln!(
            f,
            "suggested  {} of the {} missed; recall with them {}",
            self.suggested,
            self.missed.len(),
            figure(self.recall_with_suggestions())
        )?;
        if self.different > 0 {
            writeln!(f, "           and {} of the {} labelled different", self.suggested_wrongly, self.different)?;
        }
        for (title, pairs) in
            [("matched, but labelled different:", &self.wrong), ("labelled the same, but not matched:", &self.missed)]
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
    fn evaluation_counts_pairs() {
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
             \"missed\":[[\"Acme AG\",\"Acme SE\"],[\"Acme\",\"Zenith\"]],\"suggested\":1}"
        );
        assert_eq!(
            evaluation.to_string(),
            "pairs      7\nmatched    3\nprecision  0.667\nrecall     0.500\n\
             suggested  1 of the 2 missed; recall with them 0.750\n           and 1 of the 3 labelled different\n\
             matched, but labelled different:\n  Acme Inc  |  Acme Corp\n\
             labelled the same, but not matched:\n  Acme AG  |  Acme SE\n  Acme  |  Zenith\n"
        );
    }

    #[test]
    fn empty_evaluation_has_no_ratios() {
        let none = evaluate(&[]);
        assert_eq!(
            serde_json::to_string(&none).expect("JSON"),
            "{\"pairs\":0,\"matched\":0,\"precision\":null,\"recall\":null,\"wrong\":[],\"missed\":[],\"suggested\":0}"
        );
        let unmatched = evaluate(&pairs(&[("Acme", "Beta", true)]));
        assert_eq!((unmatched.precision, unmatched.recall), (None, Some(0.0)));
    }
}
