//! Why records of a pull were rejected: counted by reason, field and value. Values are shown and never stored.

use std::collections::BTreeMap;

use scoresheet_domain::Rejection;

/// How many different reasons, fields and values are counted apart; further ones are counted without their value.
const MAX_COUNTED: usize = 1_000;

/// How many are reported.
const REPORTED: usize = 5;

/// Why some records were rejected.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct RejectedValue {
    /// The id of the reason.
    pub reason: String,
    /// The field at fault, as the source names it.
    pub field: Option<String>,
    /// What was there.
    pub value: Option<String>,
    /// How many records.
    pub count: u64,
}

/// Counts rejected records.
#[derive(Default)]
pub(crate) struct RejectedValues(BTreeMap<(u16, Option<String>, Option<String>), u64>);

impl RejectedValues {
    pub(crate) fn add(&mut self, rejected: &[Rejection]) {
        for rejection in rejected {
            let mut key = (rejection.reason, rejection.field.clone(), rejection.value.clone());
            if self.0.len() >= MAX_COUNTED && !self.0.contains_key(&key) {
                key.2 = None;
            }
            *self.0.entry(key).or_default() += 1;
        }
    }

    /// The most frequent ones. `reasons` are the names that rejections index.
    pub(crate) fn most_frequent(&self, reasons: &[String]) -> Vec<RejectedValue> {
        let value = |((reason, field, value), count): (&(u16, Option<String>, Option<String>), &u64)| RejectedValue {
            reason: reasons.get(usize::from(*reason)).cloned().unwrap_or_default(),
            field: field.clone(),
            value: value.clone(),
            count: *count,
        };
        let mut values: Vec<RejectedValue> = self.0.iter().map(value).collect();
        // Stable: equally frequent ones stay in order of reason, field and value.
        values.sort_by_key(|value| std::cmp::Reverse(value.count));
        values.truncate(REPORTED);
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rejection(reason: u16, value: &str) -> Rejection {
        let (field, value) = (Some("status".to_owned()), Some(value.to_owned()));
        Rejection { id: None, client: None, at: None, reason, field, value }
    }

    #[test]
    fn the_most_frequent_values_come_first() {
        let mut counted = RejectedValues::default();
        counted.add(&[rejection(1, "open"), rejection(0, "done"), rejection(0, "done")]);
        let told: Vec<_> = counted
            .most_frequent(&["incomplete".to_owned(), "other".to_owned()])
            .into_iter()
            .map(|it| (it.reason, it.value, it.count))
            .collect();
        let expected = [("incomplete", "done", 2), ("other", "open", 1)];
        assert_eq!(told, expected.map(|(reason, value, count)| (reason.to_owned(), Some(value.to_owned()), count)));
    }

    #[test]
    fn values_without_end_take_bounded_memory() {
        let mut counted = RejectedValues::default();
        let rejected: Vec<_> = (0..5_000).map(|n| rejection(0, &n.to_string())).collect();
        counted.add(&rejected);
        assert_eq!(counted.0.len(), MAX_COUNTED + 1);
        assert_eq!(counted.most_frequent(&["incomplete".to_owned()])[0].count, 4_000);
    }
}
