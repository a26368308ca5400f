//! Why a client and a source client are the same, in a sentence.

use crate::{mapping::Rule, matching::NameKeys};

/// A name that a client goes by.
#[derive(Clone, Debug)]
pub(super) struct KnownAs {
    pub(super) text: String,
    pub(super) keys: NameKeys,
    pub(super) alias: bool,
}

pub(super) const BY_OWN_ID: &str = "the roster was taken from this source";
pub(super) const BY_PERSON: &str = "a person said so";

/// What speaks for the two, by a rule on names.
pub(super) fn of(rule: Rule, ours: &KnownAs, theirs: &KnownAs) -> String {
    let (who, text, name) = (if ours.alias { "the alias " } else { "" }, &ours.text, &theirs.text);
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
