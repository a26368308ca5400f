//! Why two names are the same, or why not: rule by rule, on what text.

use std::fmt;

use serde::Serialize;

use super::{Likeness, NAME_RULES, NameKeys, Profile, Resemblance, SUGGESTED_FROM, Weights};
use crate::mapping::Rule;

/// What the rules make of two names, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The left name.
    pub left: String,
    /// The right name.
    pub right: String,
    /// What follows.
    pub conclusion: Conclusion,
    /// The rule that matched, if one did.
    pub rule: Option<Rule>,
    /// The rules in the order in which they were tried, up to the one that matched.
    pub steps: Vec<Step>,
    /// What speaks for the two being the same where no rule matches.
    pub resemblance: Option<Likely>,
}

/// What speaks for two names being the same, for a person to judge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Likely {
    /// From 0 to 100; from [`SUGGESTED_FROM`] on it is a suggestion.
    pub score: u8,
    /// In words, the strongest first.
    pub evidence: Vec<String>,
}

/// What follows from the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Conclusion {
    /// The same.
    Match,
    /// For a person to decide.
    Suggestion,
    /// Not the same, as far as names tell.
    NoMatch,
}

/// One rule on two names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The rule.
    pub rule: Rule,
    /// What it compares of the left name; two spellings where there are umlauts, none where nothing is left of it.
    pub left: Vec<String>,
    /// The same of the right name.
    pub right: Vec<String>,
    /// The legal forms that the left name carries; empty at rules that leave them in.
    pub left_forms: Vec<String>,
    /// The same of the right name.
    pub right_forms: Vec<String>,
    /// Whether the rule matches.
    pub matches: bool,
    /// Why, or why not.
    pub reason: String,
}

/// Sets two names against each other, rule by rule, and tells how alike they are where no rule matches.
///
/// What is rare among a roster's names is not known here: only what is common in names anywhere counts less.
#[must_use]
pub fn explain(left: &str, right: &str) -> Explanation {
    let (ours, theirs) = (NameKeys::of(left), NameKeys::of(right));
    let likeness = ours.compare(&theirs);
    let resemblance = match likeness {
        Likeness::Same(_) => None,
        Likeness::FormsDiffer => Resemblance::but_for_the_form(&ours, &theirs),
        Likeness::Different => Some(Resemblance::of(&Profile::of(left), &Profile::of(right), &Weights::default())),
    };
    let (conclusion, rule) = match likeness {
        Likeness::Same(rule) => (Conclusion::Match, Some(rule)),
        _ if resemblance.as_ref().is_some_and(Resemblance::is_suggested) => (Conclusion::Suggestion, None),
        _ => (Conclusion::NoMatch, None),
    };
    let last = rule.and_then(|rule| NAME_RULES.iter().position(|tried| *tried == rule));
    let tried = last.map_or(NAME_RULES.len(), |last| last + 1);
    let steps = NAME_RULES[..tried].iter().map(|rule| step(*rule, &ours, &theirs)).collect();
    let resemblance = resemblance.map(|Resemblance { score, evidence }| Likely { score, evidence });
    Explanation { left: left.to_owned(), right: right.to_owned(), conclusion, rule, steps, resemblance }
}

fn step(rule: Rule, left: &NameKeys, right: &NameKeys) -> Step {
    let forms = |name: &NameKeys| {
        if rule == Rule::WithoutLegalForm { name.written_forms().to_vec() } else { Vec::new() }
    };
    let matches = left.equal_by(right, rule);
    let reason = if matches {
        match rule {
            Rule::WithoutLegalForm => "the same, and the legal forms do not contradict each other",
            _ => "the same",
        }
        .to_owned()
    } else if left.share(right, rule) {
        format!(
            "the same, but {} and {} are legal forms of different classes: a person decides",
            quoted(&[left.forms_in_words()]),
            quoted(&[right.forms_in_words()])
        )
    } else {
        match (left.under(rule).is_empty(), right.under(rule).is_empty()) {
            (false, false) => "not the same",
            (true, false) => "nothing is left of the left name to compare",
            (false, true) => "nothing is left of the right name to compare",
            (true, true) => "nothing is left of either name to compare",
        }
        .to_owned()
    };
    Step {
        rule,
        left: left.under(rule).to_vec(),
        right: right.under(rule).to_vec(),
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

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match (self.conclusion, self.rule) {
            (Conclusion::Match, Some(Rule::Exact)) => "are the same, letter by letter",
            (Conclusion::Match, Some(Rule::Normalised)) => "are the same once normalised",
            (Conclusion::Match, _) => "are the same without legal form",
            (Conclusion::Suggestion, _) => "may be the same: a suggestion for a person, not a match",
            (Conclusion::NoMatch, _) => "are not the same by any rule, nor alike enough to suggest",
        };
        writeln!(f, "\"{}\" and \"{}\" {verdict}", self.left, self.right)?;
        for step in &self.steps {
            let rule = match step.rule {
                Rule::Exact => "exact",
                Rule::Normalised => "normalised",
                Rule::WithoutLegalForm => "without legal form",
                Rule::Own => "own",
                Rule::Person => "person",
                Rule::Identifier => "identifier",
                Rule::Domain => "domain",
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
        if let Some(likely) = &self.resemblance {
            writeln!(f, "  alike: {} of 100, a suggestion from {SUGGESTED_FROM} on", likely.score)?;
            for evidence in &likely.evidence {
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
    fn tells_which_rule_on_what_text() {
        insta::assert_snapshot!(explain("The Acme Company, Inc.", "ACME"), @r#"
        "The Acme Company, Inc." and "ACME" are the same without legal form
          exact: no, not the same
            left  "The Acme Company, Inc."
            right "ACME"
          normalised: no, not the same
            left  "theacmecompanyinc"
            right "acme"
          without legal form: yes, the same, and the legal forms do not contradict each other
            left  "acme" without "Company" and "Inc"
            right "acme"
        "#);
        insta::assert_snapshot!(explain("Acme", "acme"), @r#"
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
    fn tells_why_not() {
        insta::assert_snapshot!(explain("Bär AG", "Baer GmbH"), @r#"
        "Bär AG" and "Baer GmbH" may be the same: a suggestion for a person, not a match
          exact: no, not the same
            left  "Bär AG"
            right "Baer GmbH"
          normalised: no, not the same
            left  "barag" or "baerag"
            right "baergmbh"
          without legal form: no, the same, but "AG (stock company)" and "GmbH (limited liability company)" are legal forms of different classes: a person decides
            left  "bar" or "baer" without "AG"
            right "baer" without "GmbH"
          alike: 95 of 100, a suggestion from 50 on
            the same but for the legal form: AG (stock company) against GmbH (limited liability company)
        "#);
        insta::assert_snapshot!(explain("Acme", "!!!"), @r#"
        "Acme" and "!!!" are not the same by any rule, nor alike enough to suggest
          exact: no, not the same
            left  "Acme"
            right "!!!"
          normalised: no, nothing is left of the right name to compare
            left  "acme"
            right nothing
          without legal form: no, nothing is left of the right name to compare
            left  "acme"
            right nothing
          alike: 0 of 100, a suggestion from 50 on
        "#);
    }

    #[test]
    fn says_it_to_a_program_too() {
        let mut explanation = serde_json::to_value(explain("Acme AG", "Acme GmbH")).expect("JSON");
        let last = explanation["steps"].as_array_mut().and_then(Vec::pop).expect("steps");
        assert_eq!(
            last,
            serde_json::json!({
                "rule": "without-legal-form", "left": ["acme"], "right": ["acme"],
                "left_forms": ["AG"], "right_forms": ["GmbH"], "matches": false,
                "reason": "the same, but \"AG (stock company)\" and \"GmbH (limited liability company)\" are legal forms of different classes: a person decides",
            })
        );
        assert_eq!(explanation["conclusion"], "suggestion");
        assert_eq!(explanation["rule"], serde_json::Value::Null);
        let same = serde_json::to_value(explain("Acme", "acme")).expect("JSON");
        assert_eq!((&same["conclusion"], &same["rule"]), (&"match".into(), &"normalised".into()));
    }
}
