//! How well the rules do on pairs of which a person said whether they are the same.

use std::{collections::BTreeSet, fmt};

use super::{Likeness, NameKeys, Profile, Resemblance, Weights};

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
    /// So many of those missed are put before a person as a suggestion: matched rightly and suggested, over all that are
    /// the same, is the recall of rules and suggestions together.
    pub suggested: usize,
    /// So many that are not the same are put before a person all the same. Not part of the contract in JSON.
    #[serde(skip)]
    pub suggested_wrongly: usize,
    /// So many are not the same.
    #[serde(skip)]
    pub different: usize,
}

/// Sets the automatic rules, and the suggestions, against pairs: left, right, and whether they are the same.
///
/// How rare a word is, is learned from the names of these very pairs, as it would be from a roster and a source.
#[must_use]
pub fn evaluate(pairs: &[(String, String, bool)]) -> Evaluation {
    let names: BTreeSet<&str> = pairs.iter().flat_map(|(left, right, _)| [left.as_str(), right.as_str()]).collect();
    let profiles: Vec<Profile> = names.into_iter().map(Profile::of).collect();
    let weights = Weights::learned(profiles.iter());
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
        let likeness = NameKeys::of(left).compare(&NameKeys::of(right));
        let suggested = || match likeness {
            Likeness::Same(_) => false,
            Likeness::FormsDiffer => true,
            Likeness::Different => Resemblance::of(&Profile::of(left), &Profile::of(right), &weights).is_suggested(),
        };
        let pair = || (left.clone(), right.clone());
        match (matches!(likeness, Likeness::Same(_)), same) {
            (true, true) => evaluation.matched += 1,
            (true, false) => evaluation.wrong.push(pair()),
            (false, true) => {
                evaluation.suggested += usize::from(suggested());
                evaluation.missed.push(pair());
            }
            (false, false) => evaluation.suggested_wrongly += usize::from(suggested()),
        }
    }
    let right = evaluation.matched;
    evaluation.matched += evaluation.wrong.len();
    evaluation.precision = ratio(right, evaluation.matched);
    evaluation.recall = ratio(right, right + evaluation.missed.len());
    evaluation
}

impl Evaluation {
    /// Of those that are the same, the part that was matched or suggested, 0 to 1. None where none is the same.
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
            writeln!(f, "           and {} of the {} that are not the same", self.suggested_wrongly, self.different)?;
        }
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
             \"missed\":[[\"Acme AG\",\"Acme SE\"],[\"Acme\",\"Zenith\"]],\"suggested\":1}"
        );
        assert_eq!(
            evaluation.to_string(),
            "pairs      7\nmatched    3\nprecision  0.667\nrecall     0.500\n\
             suggested  1 of the 2 missed; recall with them 0.750\n           and 1 of the 3 that are not the same\n\
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
