//! When two companies are the same: by identifier, by domain, and by name: exact, normalised, without legal form.
//! And how alike two names are that no rule makes the same.
//!
//! A name is turned into keys once, and equal keys make names equal, so that many names against many are
//! a matter of hashing. Which client gets which source client is `mapping`'s business.

mod address;
mod blocks;
mod common_words;
mod evaluate;
mod explain;
mod legal_form;
mod pairs;
mod profile;
mod resemblance;
mod sound;
mod strip;
mod text;
mod variants;
mod weights;
mod words;

#[cfg(test)]
mod measure;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

pub use address::{domain, identifier, is_public_mailbox};
pub use evaluate::{Evaluation, evaluate};
pub use explain::{Conclusion, Explanation, Step, explain};
pub use legal_form::LegalForms;
pub use pairs::{PairsProblem, parse_pairs};
pub use profile::Profile;
pub(crate) use resemblance::Weighed;
pub use resemblance::{Resemblance, SUGGESTED_FROM};
pub use weights::Weights;

use crate::mapping::Rule;

/// The rules on names, in the order in which they are tried.
pub const NAME_RULES: [Rule; 3] = [Rule::Exact, Rule::Normalised, Rule::WithoutLegalForm];

/// What a name is compared by. Two names are equal by a rule when they share a key of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameKeys {
    exact: Vec<String>,
    normalised: Vec<String>,
    bare: Vec<String>,
    forms: LegalForms,
    written_forms: Vec<String>,
    kinds: Vec<legal_form::Kind>,
}

impl NameKeys {
    /// The keys of a name.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let exact = name.trim();
        let exact = if exact.is_empty() { Vec::new() } else { vec![exact.to_owned()] };
        let (words, stripped) = taken_apart(name);
        let mut bare = words::join(&words[stripped.core]);
        words::cut(&mut bare, stripped.cut);
        let (written_forms, kinds) = stripped.written.into_iter().unzip();
        Self {
            exact,
            normalised: words::join(&words).keys(),
            bare: bare.keys(),
            forms: stripped.forms,
            written_forms,
            kinds,
        }
    }

    /// The keys under a rule: none where the rule says nothing about this name, two where it has umlauts.
    ///
    /// Without legal forms, equal keys are not enough: the [`Self::forms`] must agree too.
    #[must_use]
    pub fn under(&self, rule: Rule) -> &[String] {
        match rule {
            Rule::Exact => &self.exact,
            Rule::Normalised => &self.normalised,
            Rule::WithoutLegalForm => &self.bare,
            Rule::Own | Rule::Person | Rule::Identifier | Rule::Domain => &[],
        }
    }

    /// The classes of the legal forms that the name carries.
    #[must_use]
    pub const fn forms(&self) -> &LegalForms {
        &self.forms
    }

    /// The legal forms as written: `["GmbH"]`.
    #[must_use]
    pub fn written_forms(&self) -> &[String] {
        &self.written_forms
    }

    /// The legal forms with what they are: `"GmbH (limited liability company)"`.
    #[must_use]
    pub fn forms_in_words(&self) -> String {
        let told = self.written_forms.iter().zip(&self.kinds).map(|(written, kind)| match kind.in_words() {
            Some(kind) => format!("{written} ({kind})"),
            None => written.clone(),
        });
        told.collect::<Vec<_>>().join(" ")
    }

    /// Whether the two share a key under a rule.
    #[must_use]
    pub fn share(&self, other: &Self, rule: Rule) -> bool {
        self.under(rule).iter().any(|key| other.under(rule).contains(key))
    }

    /// Whether the two are the same by this very rule, legal forms regarded.
    #[must_use]
    pub fn equal_by(&self, other: &Self, rule: Rule) -> bool {
        self.share(other, rule) && (rule != Rule::WithoutLegalForm || self.forms.agree(&other.forms))
    }

    /// What the rules make of the two.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Likeness {
        match NAME_RULES.into_iter().find(|rule| self.equal_by(other, *rule)) {
            Some(rule) => Likeness::Same(rule),
            None if self.share(other, Rule::WithoutLegalForm) => Likeness::FormsDiffer,
            None => Likeness::Different,
        }
    }
}

/// The words of a name, in one spelling each, and which of them are its legal forms.
fn taken_apart(name: &str) -> (Vec<words::Word>, strip::Stripped) {
    let mut words = variants::without_acronyms(words::split(name));
    let stripped = strip::strip(&words);
    variants::unify(&mut words, stripped.core.clone());
    (words, stripped)
}

/// What the rules make of two names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// The same, by this rule.
    Same(Rule),
    /// The same but for legal forms that contradict each other: something for a person to decide.
    FormsDiffer,
    /// No rule fits.
    Different,
}
