//! The names of a client as the rules compare them, and what a rule compared, for display.

use std::cell::OnceCell;

use scoresheet_domain::mapping::Rule;
use scoresheet_matching::{LegalForms, NameKeys, NameRule};

use super::candidates::Key;

/// A name or an alias.
#[derive(Clone, Debug)]
pub(super) struct ClientName<'a> {
    text: &'a str,
    alias: bool,
    /// Computed on first use: most clients are mapped by identifier, domain or exact name, and the keys of ten thousand
    /// names take many megabytes.
    keys: OnceCell<NameKeys>,
}

pub(super) static NO_FORMS: LegalForms = LegalForms::NONE;

/// The rule on names, where the rule is one.
pub(super) const fn name_rule(rule: Rule) -> Option<NameRule> {
    match rule {
        Rule::Exact => Some(NameRule::Exact),
        Rule::Normalised => Some(NameRule::Normalised),
        Rule::WithoutLegalForm => Some(NameRule::WithoutLegalForm),
        Rule::Own | Rule::Person | Rule::Identifier | Rule::Domain => None,
    }
}

impl<'a> ClientName<'a> {
    pub(super) fn new(name: &'a str, alias: bool) -> Self {
        Self { text: name.trim(), alias, keys: OnceCell::new() }
    }

    fn keys(&self) -> &NameKeys {
        self.keys.get_or_init(|| NameKeys::new(self.text))
    }

    /// Its keys for a rule. Exact needs no [`NameKeys`], and no legal forms: they are equal where the names are.
    pub(super) fn keys_for(&self, rule: Rule) -> impl Iterator<Item = Key<'_>> {
        let exact = (rule == Rule::Exact && !self.text.is_empty()).then_some((self.text, &NO_FORMS));
        let others = name_rule(rule).filter(|rule| *rule != NameRule::Exact);
        let others = others.map(|rule| (rule, self.keys()));
        exact.into_iter().chain(
            others
                .into_iter()
                .flat_map(|(rule, keys)| keys.for_rule(rule).iter().map(|key| (key.as_str(), keys.forms()))),
        )
    }

    /// Whether the two are the same by this very rule.
    pub(super) fn equals(&self, other: &Self, rule: Rule) -> bool {
        match name_rule(rule) {
            Some(NameRule::Exact) => !self.text.is_empty() && self.text == other.text,
            Some(rule) => self.keys().equal_by(other.keys(), rule),
            None => false,
        }
    }
}

pub(super) const BY_OWN_ID: &str = "the roster was taken from this source";
pub(super) const BY_USER: &str = "a person said so";

/// The evidence of a rule on names.
pub(super) fn of_names(rule: Rule, ours: &ClientName<'_>, theirs: &ClientName<'_>) -> String {
    let (who, text, name) = (if ours.alias { "the alias " } else { "" }, ours.text, theirs.text);
    match rule {
        Rule::Own => BY_OWN_ID.to_owned(),
        Rule::Person => BY_USER.to_owned(),
        Rule::Identifier | Rule::Domain => String::new(),
        Rule::Exact if ours.alias => format!("the alias \"{text}\" is the same name"),
        Rule::Exact => "the same name".to_owned(),
        Rule::Normalised => format!("{who}\"{text}\" and \"{name}\" are the same once normalised"),
        Rule::WithoutLegalForm => format!("{who}\"{text}\" and \"{name}\" are the same without legal form"),
    }
}

/// The evidence of a shared identifier or domain, as the source writes it.
pub(super) fn of_shared(rule: Rule, text: &str) -> String {
    let what = if rule == Rule::Domain { "domain" } else { "identifier" };
    format!("both have the {what} {text}")
}
