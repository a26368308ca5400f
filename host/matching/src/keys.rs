//! The keys of a name: two names are the same by a rule when they share a key of it.

use crate::{legal_form::LegalForms, strip, variants, words};

/// The rules on names, in the order in which they are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NameRule {
    /// The same, character by character.
    Exact,
    /// The same after normalisation.
    Normalised,
    /// The same after normalisation ignoring the legal form, where the legal forms are not of different classes.
    WithoutLegalForm,
}

impl NameRule {
    /// Every rule, in order.
    pub const ALL: [Self; 3] = [Self::Exact, Self::Normalised, Self::WithoutLegalForm];
}

/// The keys of a name under each rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameKeys {
    exact: Vec<String>,
    normalised: Vec<String>,
    without_form: Vec<String>,
    forms: LegalForms,
    written_forms: Vec<String>,
}

impl NameKeys {
    /// The keys of a name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let exact = name.trim();
        let exact = if exact.is_empty() { Vec::new() } else { vec![exact.to_owned()] };
        let (words, stripped) = normalised_words(name);
        let mut without_form = words::join(&words[stripped.core]);
        words::cut(&mut without_form, stripped.cut);
        Self {
            exact,
            normalised: words::join(&words).keys(),
            without_form: without_form.keys(),
            forms: stripped.forms,
            written_forms: stripped.written,
        }
    }

    /// The keys for a rule: none where nothing is left of the name, two where it has umlauts.
    ///
    /// For [`NameRule::WithoutLegalForm`] equal keys are not enough: the [`Self::forms`] must agree too.
    #[must_use]
    pub fn for_rule(&self, rule: NameRule) -> &[String] {
        match rule {
            NameRule::Exact => &self.exact,
            NameRule::Normalised => &self.normalised,
            NameRule::WithoutLegalForm => &self.without_form,
        }
    }

    /// The classes of the name's legal forms.
    #[must_use]
    pub const fn forms(&self) -> &LegalForms {
        &self.forms
    }

    /// The legal forms as written: `["GmbH"]`.
    pub(crate) fn written_forms(&self) -> &[String] {
        &self.written_forms
    }

    /// Whether the two share a key for a rule, whatever their legal forms.
    pub(crate) fn share_key(&self, other: &Self, rule: NameRule) -> bool {
        self.for_rule(rule).iter().any(|key| other.for_rule(rule).contains(key))
    }

    /// Whether the two are the same by this rule alone.
    #[must_use]
    pub fn equal_by(&self, other: &Self, rule: NameRule) -> bool {
        self.share_key(other, rule) && (rule != NameRule::WithoutLegalForm || self.forms.agree(&other.forms))
    }

    /// The first rule by which the two are the same.
    #[must_use]
    pub fn matching_rule(&self, other: &Self) -> Option<NameRule> {
        NameRule::ALL.into_iter().find(|rule| self.equal_by(other, *rule))
    }

    /// Whether the two are the same ignoring the legal form, but their legal forms are of different classes.
    #[must_use]
    pub fn differ_in_form(&self, other: &Self) -> bool {
        self.share_key(other, NameRule::WithoutLegalForm) && self.matching_rule(other).is_none()
    }
}

/// The words of a name, in one spelling each, and which of them are its legal forms.
pub(crate) fn normalised_words(name: &str) -> (Vec<words::Word>, strip::Stripped) {
    let mut words = variants::without_acronyms(words::split(name));
    let stripped = strip::strip(&words);
    variants::unify(&mut words, stripped.core.clone());
    (words, stripped)
}
