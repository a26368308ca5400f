//! Pages: a source's clients, and its observations.

mod clients;
mod observations;

pub(crate) use clients::client_page;
use hashbrown::{HashMap, hash_map::Entry};
pub(crate) use observations::{PullRequest, observation_page};
use scoresheet_domain::{
    Cursor, SourceId,
    id::{self, MAX_ID_BYTES, RecordId},
};

use super::{At, Broken, Checked, at_most};
use crate::text;

/// The most further pages that one page may name.
const MAX_NEXT: usize = 10_000;

/// The longest name of a client, in bytes.
const MAX_NAME_BYTES: usize = 1_000;

/// The further pages. A page that names itself, or another one twice, would never end.
fn cursors(given: Vec<Vec<u8>>, own: Option<&Cursor>) -> Checked<Vec<Cursor>> {
    at_most("next", given.len(), MAX_NEXT)?;
    let mut seen: std::collections::HashMap<&[u8], usize> = std::collections::HashMap::with_capacity(given.len());
    for (index, cursor) in given.iter().enumerate() {
        let at = At { list: "next", index };
        if cursor.len() > Cursor::MAX_BYTES {
            return Err(Broken::new(at, format!("{} bytes long", cursor.len()), "at most 64 KiB are allowed"));
        }
        if own.is_some_and(|own| own.0 == *cursor) {
            return Err(Broken::new(at, "the cursor of this very page", "that page has just been given"));
        }
        if let Some(earlier) = seen.insert(cursor, index) {
            return Err(Broken::new(at, format!("the same as next[{earlier}]"), "each further page may stand once"));
        }
    }
    Ok(given.into_iter().map(Cursor).collect())
}

fn source_id(given: String, field: impl FnOnce() -> String) -> Checked<SourceId> {
    SourceId::new(given).map_err(|error| Broken::text(field(), error.text(), &error))
}

/// A client's name, without what no person sees in it. Both where a source lists its clients
/// and where an observation names one, so that what was equal stays equal.
fn client_name(given: String, field: impl FnOnce() -> String) -> Checked<String> {
    if given.len() > MAX_NAME_BYTES {
        return Err(Broken::new(field(), format!("{} bytes long", given.len()), "at most 1,000 are allowed"));
    }
    let name = text::name(given);
    if name.is_empty() { Err(Broken::new(field(), "empty", "a client has a name")) } else { Ok(name) }
}

fn record_id(given: String, field: impl FnOnce() -> String) -> Checked<RecordId> {
    if id::is_plain(&given) {
        return Ok(given.into());
    }
    let right = if given.is_empty() {
        "a record's id must not be empty"
    } else if given.len() > MAX_ID_BYTES {
        "at most 256 bytes are allowed"
    } else if given.chars().any(char::is_control) {
        "it must not hold control characters"
    } else {
        return Ok(given.into());
    };
    Err(Broken::text(field(), &given, right))
}

/// Whether the ids of two lists, each of which rises, are all different; `false` also where a list does not rise.
/// Most sources count their ids up, and then hardly anything has to be looked up.
fn rise_apart<T, U>(many: &[T], id: impl Fn(&T) -> &str, few: &[U], id_of_few: impl Fn(&U) -> Option<&str>) -> bool {
    let mut last = None;
    let few_rise_apart = few.iter().filter_map(id_of_few).all(|other| {
        let rises = last.is_none_or(|last| last < other);
        last = Some(other);
        rises && many.binary_search_by(|item| id(item).cmp(other)).is_err()
    });
    few_rise_apart && many.is_sorted_by(|one, next| id(one) < id(next))
}

/// Which record of a page has which id.
struct Seen<'a, T>(HashMap<&'a str, T>);

impl<'a, T: Copy + PartialEq> Seen<'a, T> {
    fn new(capacity: usize) -> Self {
        Self(HashMap::with_capacity(capacity))
    }

    /// Whether the record is the first of its id. The same record again is none; another one
    /// under the same id is a conflict.
    fn first(&mut self, id: &'a str, record: T) -> Result<bool, Conflict> {
        match self.0.entry(id) {
            Entry::Vacant(free) => {
                free.insert(record);
                Ok(true)
            }
            Entry::Occupied(taken) if *taken.get() == record => Ok(false),
            Entry::Occupied(_) => Err(Conflict),
        }
    }
}

struct Conflict;

impl Conflict {
    fn broken(&self, at: At<'_>, id: &str) -> Broken {
        Broken::text(
            at.field("id"),
            id,
            "another record of this page has the same id and other content; ids are unique",
        )
    }
}

/// Takes out what `keep` says no to, in order.
fn retain<T>(items: Vec<T>, keep: &[bool]) -> Vec<T> {
    if keep.iter().all(|keep| *keep) {
        return items;
    }
    items.into_iter().zip(keep).filter_map(|(item, &keep)| keep.then_some(item)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_rise_apart_are_all_different() {
        let apart = |one: &[&str], other: &[&str]| rise_apart(one, |id| id, other, |id| Some(id));
        for (one, other) in [
            (&["1", "1"][..], &[][..]),
            (&["2", "1"], &[]),
            (&[], &["2", "1"]),
            (&["1"], &["1"]),
            (&["1", "3"], &["2", "3"]),
            (&["1", "3", "2"], &["4"]),
            (&["4"], &["1", "3", "1"]),
        ] {
            assert!(!apart(one, other), "{one:?} {other:?}");
        }
    }

    #[test]
    fn cursors_are_bounded_and_never_go_in_circles() {
        let own = Cursor(vec![7]);
        assert_eq!(cursors(vec![vec![1], vec![]], Some(&own)).expect("right").len(), 2);
        let message = |given: Vec<Vec<u8>>| cursors(given, Some(&own)).expect_err("wrong").to_string();
        assert_eq!(
            message(vec![vec![1], vec![7]]),
            "next[1] is the cursor of this very page: that page has just been given"
        );
        assert_eq!(message(vec![vec![1], vec![1]]), "next[1] is the same as next[0]: each further page may stand once");
        assert!(message(vec![vec![0; Cursor::MAX_BYTES + 1]]).starts_with("next[0] is 65537 bytes long"));
        assert!(
            message((0..10_001_u32).map(|n| n.to_le_bytes().to_vec()).collect()).starts_with("next is 10001 entries")
        );
    }
}
