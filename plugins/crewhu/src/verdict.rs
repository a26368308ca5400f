//! What becomes of a page's rows.

use scoresheet_sdk::{Observation, Rejection, paging::last_of_each_id};

/// What becomes of a row.
#[derive(Debug)]
pub(crate) enum Verdict {
    Counts(Observation),
    Rejected(Rejection),
    /// Of another window or kind. Its id is kept: an earlier row with this id does not count any more.
    Skipped(Option<String>),
}

impl Verdict {
    fn id(&self) -> Option<&str> {
        match self {
            Self::Counts(observation) => Some(&observation.id),
            Self::Rejected(Rejection { id, .. }) | Self::Skipped(id) => id.as_deref(),
        }
    }
}

/// Observations and rejections, each id once: the later row counts.
pub(crate) fn split(rows: Vec<Verdict>) -> (Vec<Observation>, Vec<Rejection>) {
    let ids: Vec<Option<&str>> = rows.iter().map(Verdict::id).collect();
    let last = last_of_each_id(&ids);
    let (mut items, mut rejected) = (Vec::with_capacity(rows.len()), Vec::new());
    for (row, is_last) in rows.into_iter().zip(last) {
        match row {
            Verdict::Counts(item) if is_last => items.push(item),
            Verdict::Rejected(item) if is_last => rejected.push(item),
            _ => {}
        }
    }
    (items, rejected)
}
