//! What persons enter: a score over a computed one, and the scores of metrics that no provider computes.

use std::collections::HashMap;

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

/// Whether an entry counts, and if not, why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryState {
    /// It counts.
    Current,
    /// It holds from a later time on.
    Later,
    /// It holds, but another one counts; it may count again when that one ends.
    Superseded,
    /// Its end has come.
    Ended,
    /// It was taken back.
    Cleared,
}

impl EntryState {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Later => "later",
            Self::Superseded => "superseded",
            Self::Ended => "ended",
            Self::Cleared => "cleared",
        }
    }
}

/// The state of each of these at an instant; they are all that there are of the clients, metrics and kinds they name.
#[must_use]
pub fn states(entries: &[Entry], at: Instant) -> Vec<EntryState> {
    let mut of_one: HashMap<(&ClientId, &MetricId, EntryKind), Vec<&Entry>> = HashMap::new();
    for entry in entries {
        of_one.entry((&entry.client, &entry.metric, entry.kind)).or_default().push(entry);
    }
    let counts: HashMap<_, i64> =
        of_one.into_iter().filter_map(|(of, entries)| Some((of, current(entries, at)?.id))).collect();
    let state = |entry: &Entry| {
        if entry.cleared.is_some() {
            EntryState::Cleared
        } else if counts.get(&(&entry.client, &entry.metric, entry.kind)) == Some(&entry.id) {
            EntryState::Current
        } else if entry.holds(at) {
            EntryState::Superseded
        } else if at < entry.from {
            EntryState::Later
        } else {
            EntryState::Ended
        }
    };
    entries.iter().map(state).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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

    #[test]
    fn states_tell_of_each_why_it_does_not_count() {
        let mut entries = vec![
            entry(1, 1, None),
            entry(2, 5, None),
            entry(3, 2, Some(4)),
            entry(4, 9, None),
            Entry { cleared: Some(day(6)), ..entry(5, 6, None) },
        ];
        // Neither another client's nor another metric's nor another kind's stands in their way.
        entries.push(Entry { client: ClientId::new("beta").expect("an id"), ..entry(6, 6, None) });
        entries.push(Entry { metric: MetricId::new("csat").expect("an id"), ..entry(7, 6, None) });
        entries.push(Entry { kind: EntryKind::Manual, ..entry(8, 6, None) });
        let told: Vec<&str> = states(&entries, day(7)).into_iter().map(EntryState::as_str).collect();
        assert_eq!(told, ["superseded", "current", "ended", "later", "cleared", "current", "current", "current"]);
    }

    fn any_entries() -> impl Strategy<Value = Vec<Entry>> {
        let one = (0_i64..6, prop::option::of(0_i64..8), prop::bool::weighted(0.2));
        prop::collection::vec(one, 0..8).prop_map(|all| {
            let made = all.into_iter().zip(1..).map(|((from, length, cleared), id)| Entry {
                cleared: cleared.then_some(day(3)),
                ..entry(id, from, length.map(|length| from + length))
            });
            made.collect()
        })
    }

    proptest! {
        #[test]
        fn their_order_changes_nothing(
            (entries, shuffled) in any_entries().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
            at in 0_i64..12,
        ) {
            let counts = current(&entries, day(at));
            prop_assert_eq!(counts, current(&shuffled, day(at)));
            let told = states(&shuffled, day(at));
            let one: Vec<_> = shuffled.iter().zip(&told).filter(|(_, state)| **state == EntryState::Current).collect();
            prop_assert_eq!(one.first().map(|(entry, _)| *entry), counts);
            prop_assert!(one.len() <= 1);
            for (entry, state) in shuffled.iter().zip(told) {
                let holds = matches!(state, EntryState::Current | EntryState::Superseded);
                prop_assert_eq!(entry.holds(day(at)), holds);
            }
        }
    }
}
