//! Why a client and a source client are the same, in a sentence.

use std::cell::OnceCell;

use super::candidates::Key;
use crate::{
    mapping::Rule,
    matching::{LegalForms, NameKeys},
};

/// A name that a client goes by.
#[derive(Clone, Debug)]
pub(super) struct KnownAs<'a> {
    text: &'a str,
    alias: bool,
    /// Made once somebody asks: most clients are found by what they have, or by their names as they stand, and ten
    /// thousand names taken apart are many megabytes.
    keys: OnceCell<NameKeys>,
}

pub(super) static NO_FORMS: LegalForms = LegalForms::NONE;

impl<'a> KnownAs<'a> {
    pub(super) fn new(name: &'a str, alias: bool) -> Self {
        Self { text: name.trim(), alias, keys: OnceCell::new() }
    }

    fn keys(&self) -> &NameKeys {
        self.keys.get_or_init(|| NameKeys::of(self.text))
    }

    /// What it is looked up by under a rule. Exactly is as it stands, and then its legal forms are the same too.
    pub(super) fn looked_up_by(&self, rule: Rule) -> impl Iterator<Item = Key<'_>> {
        let exactly = (rule == Rule::Exact && !self.text.is_empty()).then_some((self.text, &NO_FORMS));
        let keys = matches!(rule, Rule::Normalised | Rule::WithoutLegalForm).then(|| self.keys());
        let taken_apart =
            keys.into_iter().flat_map(move |keys| keys.under(rule).iter().map(|key| (key.as_str(), keys.forms())));
        exactly.into_iter().chain(taken_apart)
    }

    /// Whether the two are the same by this very rule.
    pub(super) fn equals(&self, other: &Self, rule: Rule) -> bool {
        match rule {
            Rule::Exact => !self.text.is_empty() && self.text == other.text,
            _ => self.keys().equal_by(other.keys(), rule),
        }
    }
}

pub(super) const BY_OWN_ID: &str = "the roster was taken from this source";
pub(super) const BY_PERSON: &str = "a person said so";

/// What speaks for the two, by a rule on names.
pub(super) fn of(rule: Rule, ours: &KnownAs<'_>, theirs: &KnownAs<'_>) -> String {
    let (who, text, name) = (if ours.alias { "the alias " } else { "" }, ours.text, theirs.text);
    match rule {
        Rule::Own => BY_OWN_ID.to_owned(),
        Rule::Person => BY_PERSON.to_owned(),
        Rule::Identifier | Rule::Domain => String::new(),
        Rule::Exact if ours.alias => format!("the alias \"{text}\" is the same name"),
        Rule::Exact => "the same name".to_owned(),
        Rule::Normalised => format!("{who}\"{text}\" and \"{name}\" are the same once normalised"),
        Rule::WithoutLegalForm => format!("{who}\"{text}\" and \"{name}\" are the same without legal form"),
    }
}

/// What speaks for the two, by a rule on what both have: the identifier or the domain as the source writes it.
pub(super) fn of_shared(rule: Rule, text: &str) -> String {
    let what = if rule == Rule::Domain { "domain" } else { "identifier" };
    format!("both have the {what} {text}")
}
