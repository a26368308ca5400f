//! Compares company names: the same by a rule, similar enough to suggest, or different, with evidence.
//!
//! A name is normalised into keys once, and names with equal keys are the same, so that many names are matched by hashing.
//! Similarity only ranks suggestions for a user. Clients and sources are not known here.

mod address;
mod common_words;
mod compare;
mod evaluate;
mod index;
mod keys;
mod legal_form;
mod pairs;
mod phonetic;
mod profile;
mod similarity;
mod strip;
mod text;
mod variants;
mod words;

#[cfg(test)]
mod measure;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

pub use address::{domain, identifier};
pub use compare::{Comparison, Conclusion, Step, compare};
pub use evaluate::{Evaluation, evaluate};
pub use index::{Finder, Index};
pub use keys::{NameKeys, NameRule};
pub use legal_form::LegalForms;
pub use pairs::{PairsProblem, parse_pairs};
pub use similarity::{MIN_SIMILARITY, Name, Similarity};
