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
        Rule::Exact if ours.alias => format!("the alias \"{text}\" is the same name"),
        Rule::Exact => "the same name".to_owned(),
        Rule::Normalised => format!("{who}\"{text}\" and \"{name}\" are the same once normalised"),
        Rule::WithoutLegalForm => format!("{who}\"{text}\" and \"{name}\" are the same without legal form"),
    }
}

/// What speaks for the two, and what keeps them apart.
pub(super) fn of_suggestion(ours: &KnownAs, theirs: &KnownAs) -> String {
    let forms = |known: &KnownAs| known.keys.written_forms().join(" ");
    format!(
        "{}\"{}\" and \"{}\" are the same but for the legal form: {} against {}",
        if ours.alias { "the alias " } else { "" },
        ours.text,
        theirs.text,
        forms(ours),
        forms(theirs),
    )
}
