//! Compares two names rule by rule, with what each rule compared.

use std::fmt;

use serde::Serialize;

use crate::{
    keys::{NameKeys, NameRule},
    similarity::{MIN_SIMILARITY, Name, Similarity},
};

/// The comparison of two names, with the evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// The left name.
    pub left: String,
    /// The right name.
    pub right: String,
    /// The result.
    pub conclusion: Conclusion,
    /// The rule that matched.
    pub rule: Option<NameRule>,
    /// The rules in the order in which they were tried, up to the one that matched.
    pub steps: Vec<Step>,
    /// The similarity, where no rule matched.
    pub similarity: Option<Similarity>,
}

/// The result of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Conclusion {
    /// The same.
    Match,
    /// Similar: a user has to decide.
    Suggestion,
    /// Different, as far as names tell.
    NoMatch,
}

/// One rule applied to two names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The rule.
    pub rule: NameRule,
    /// The keys of the left name: two where it has umlauts, none where nothing is left of it.
    pub left: Vec<String>,
    /// The keys of the right name.
    pub right: Vec<String>,
    /// The legal forms of the left name; empty for rules that do not ignore them.
    pub left_forms: Vec<String>,
    /// The legal forms of the right name.
    pub right_forms: Vec<String>,
    /// Whether the rule matches.
    pub matches: bool,
    /// Why, or why not.
    pub reason: String,
}

/// Compares two names.
#[must_use]
pub fn compare(left: &str, right: &str) -> Comparison {
    let (ours, theirs) = (Name::new(left), Name::new(right));
    let rule = ours.keys().matching_rule(theirs.keys());
    let similarity = rule.is_none().then(|| ours.similarity(&theirs));
    let conclusion = match (rule, &similarity) {
        (Some(_), _) => Conclusion::Match,
        (None, Some(similarity)) if similarity.is_suggestion() => Conclusion::Suggestion,
        _ => Conclusion::NoMatch,
    };
    let tried = NameRule::ALL.into_iter().filter(|tried| rule.is_none_or(|rule| *tried <= rule));
    let steps = tried.map(|rule| step(rule, ours.keys(), theirs.keys())).collect();
    Comparison { left: left.to_owned(), right: right.to_owned(), conclusion, rule, steps, similarity }
}

fn step(rule: NameRule, left: &NameKeys, right: &NameKeys) -> Step {
    let forms = |name: &NameKeys| {
        if rule == NameRule::WithoutLegalForm { name.written_forms().to_vec() } else { Vec::new() }
    };
    let matches = left.equal_by(right, rule);
    let reason = if matches {
        match rule {
            NameRule::WithoutLegalForm => "the same, and the legal forms are not of different classes",
            _ => "the same",
        }
        .to_owned()
    } else if left.share_key(right, rule) {
        format!(
            "the same, but {} and {} are different classes of legal form",
            quoted(&[left.written_forms().join(" ")]),
            quoted(&[right.written_forms().join(" ")])
        )
    } else {
        match (left.for_rule(rule).is_empty(), right.for_rule(rule).is_empty()) {
            (false, false) => "not the same",
            (true, false) => "nothing is left of the left name to compare",
            (false, true) => "nothing is left of the right name to compare",
            (true, true) => "nothing is left of either name to compare",
        }
        .to_owned()
    };
    Step {
        rule,
        left: left.for_rule(rule).to_vec(),
        right: right.for_rule(rule).to_vec(),
        left_forms: forms(left),
        right_forms: forms(right),
        matches,
        reason,
    }
}

fn quoted(texts: &[String]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| format!("\"{text}\"")).collect();
    if quoted.is_empty() { "nothing".to_owned() } else { quoted.join(" or ") }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let result = match (self.conclusion, self.rule) {
            (Conclusion::Match, Some(NameRule::Exact)) => "are the same, character by character",
            (Conclusion::Match, Some(NameRule::Normalised)) => "are the same once normalised",
            (Conclusion::Match, _) => "are the same ignoring the legal form",
            (Conclusion::Suggestion, _) => "may be the same: a suggestion, not a match",
            (Conclusion::NoMatch, _) => "are not the same by any rule, nor similar enough to suggest",
        };
        writeln!(f, "\"{}\" and \"{}\" {result}", self.left, self.right)?;
        for step in &self.steps {
            let rule = match step.rule {
                NameRule::Exact => "exact",
                NameRule::Normalised => "normalised",
                NameRule::WithoutLegalForm => "without legal form",
            };
            let mark = if step.matches { "yes" } else { "no" };
            writeln!(f, "  {rule}: {mark}, {}", step.reason)?;
            for (side, keys, forms) in
                [("left", &step.left, &step.left_forms), ("right", &step.right, &step.right_forms)]
            {
                write!(f, "    {side:<5} {}", quoted(keys))?;
                if !forms.is_empty() {
                    write!(
                        f,
                        " without {}",
                        forms.iter().map(|f| format!("\"{f}\"")).collect::<Vec<_>>().join(" and ")
                    )?;
                }
                writeln!(f)?;
            }
        }
        if let Some(similarity) = &self.similarity {
            writeln!(f, "  similarity: {} of 100, suggested from {MIN_SIMILARITY}", similarity.score)?;
            for evidence in &similarity.evidence {
                writeln!(f, "    {evidence}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn match_shows_rule_and_keys() {
        insta::assert_snapshot!(compare("The Acme Company, Inc.", "ACME"), @r#"
        "The Acme Company, Inc." and "ACME" are the same ignoring the legal form
          exact: no, not the same
            left  "The Acme Company, Inc."
            right "ACME"
          normalised: no, not the same
            left  "theacmecompanyinc"
            right "acme"
          without legal form: yes, the same, and the legal forms are not of different classes
            left  "acme" without "Company" and "Inc"
            right "acme"
        "#);
        insta::assert_snapshot!(compare("Acme", "acme"), @r#"
        "Acme" and "acme" are the same once normalised
          exact: no, not the same
            left  "Acme"
            right "acme"
          normalised: yes, the same
            left  "acme"
            right "acme"
        "#);
    }

    #[test]
    fn no_match_shows_why() {
        insta::assert_snapshot!(compare("Bär AG", "Baer GmbH"), @r#"
        "Bär AG" and "Baer GmbH" may be the same: a suggestion, not a match
          exact: no, not the same
            left  "Bär AG"
            right "Baer GmbH"
          normalised: no, not the same
            left  "barag" or "baerag"
            right "baergmbh"
          without legal form: no, the same, but "AG" and "GmbH" are different classes of legal form
            left  "bar" or "baer" without "AG"
            right "baer" without "GmbH"
          similarity: 95 of 100, suggested from 50
            the same ignoring the legal form, but AG and GmbH are different classes of legal form
        "#);
        insta::assert_snapshot!(compare("Acme", "!!!"), @r#"
        "Acme" and "!!!" are not the same by any rule, nor similar enough to suggest
          exact: no, not the same
            left  "Acme"
            right "!!!"
          normalised: no, nothing is left of the right name to compare
            left  "acme"
            right nothing
          without legal form: no, nothing is left of the right name to compare
            left  "acme"
            right nothing
          similarity: 0 of 100, suggested from 50
        "#);
    }

    #[test]
    fn comparison_serialises() {
        let mut comparison = serde_json::to_value(compare("Acme AG", "Acme GmbH")).expect("JSON");
        let last = comparison["steps"].as_array_mut().and_then(Vec::pop).expect("steps");
        assert_eq!(
            last,
            serde_json::json!({
                "rule": "without-legal-form", "left": ["acme"], "right": ["acme"],
                "left_forms": ["AG"], "right_forms": ["GmbH"], "matches": false,
                "reason": "the same, but \"AG\" and \"GmbH\" are different classes of legal form",
            })
        );
        assert_eq!(comparison["conclusion"], "suggestion");
        assert_eq!(comparison["rule"], serde_json::Value::Null);
        let same = serde_json::to_value(compare("Acme", "acme")).expect("JSON");
        assert_eq!((&same["conclusion"], &same["rule"]), (&"match".into(), &"normalised".into()));
    }
}
