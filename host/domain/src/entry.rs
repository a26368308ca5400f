//! What persons enter: a score over a computed one, and the scores of metrics that no provider computes.

use crate::{
    id::{ClientId, MetricId},
    time::Instant,
};

/// What is entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryKind {
    /// A score over the computed one, which stays visible beside it.
    Override,
    /// The score of a manual metric.
    Manual,
}

impl EntryKind {
    /// The word under which it is stored and told.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Override => "override",
            Self::Manual => "manual",
        }
    }
}

/// One score that a person entered.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Entry {
    /// Its number within the store: a later entry has a greater one.
    pub id: i64,
    /// For whom.
    pub client: ClientId,
    /// The sheet's id of the metric.
    pub metric: MetricId,
    /// What was entered.
    pub kind: EntryKind,
    /// 1 to 5.
    pub score: f64,
    /// Who entered it.
    pub author: String,
    /// Why; an override always says.
    pub reason: Option<String>,
    /// When it was entered.
    pub at: Instant,
    /// From when on it holds.
    pub from: Instant,
    /// Until when, where it ends.
    pub until: Option<Instant>,
    /// When it was taken back, where it was: from then on it holds for no day, also none before.
    pub cleared: Option<Instant>,
}

impl Entry {
    /// Whether it holds at an instant.
    #[must_use]
    pub fn holds(&self, at: Instant) -> bool {
        self.cleared.is_none() && self.from <= at && self.until.is_none_or(|until| at < until)
    }
}

/// The entry that counts at an instant: of those that hold, the one that holds since last; of such, the last entered.
pub fn current<'a>(entries: impl IntoIterator<Item = &'a Entry>, at: Instant) -> Option<&'a Entry> {
    entries.into_iter().filter(|entry| entry.holds(at)).max_by_key(|entry| (entry.from, entry.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i64) -> Instant {
        Instant::from_millis(0).plus_days(day)
    }

    fn entry(id: i64, from: i64, until: Option<i64>) -> Entry {
        Entry {
            id,
            client: ClientId::new("acme").expect("an id"),
            metric: MetricId::new("gut").expect("an id"),
            kind: EntryKind::Override,
            score: 3.0,
            author: "ada".to_owned(),
            reason: None,
            at: day(from),
            from: day(from),
            until: until.map(day),
            cleared: None,
        }
    }

    #[test]
    fn the_one_that_holds_since_last_counts_while_it_holds() {
        let entries = [entry(1, 1, None), entry(2, 5, Some(8)), entry(3, 5, Some(7))];
        let told = |at| current(&entries, day(at)).map(|entry| entry.id);
        assert_eq!([0, 1, 5, 7, 8].map(told), [None, Some(1), Some(3), Some(2), Some(1)]);
    }

    #[test]
    fn what_was_taken_back_holds_for_no_day() {
        let entries = [Entry { cleared: Some(day(9)), ..entry(1, 1, None) }];
        assert_eq!(current(&entries, day(5)), None);
    }
}
