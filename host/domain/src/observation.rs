//! Facts from a source, and what a metric sees of them.

use crate::{
    id::{RecordId, SourceId},
    provider::Cursor,
    time::{Instant, Window},
};

/// The client that a record belongs to, as the source names it: by id, by name, or by both.
///
/// The id decides where there is one; a name alone means the one source client of exactly that name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientRef {
    id: Option<SourceId>,
    name: Option<String>,
}

impl ClientRef {
    /// A reference by id, by name or by both; `None` without either.
    #[must_use]
    pub fn new(id: Option<SourceId>, name: Option<String>) -> Option<Self> {
        (id.is_some() || name.is_some()).then_some(Self { id, name })
    }

    /// A reference by id alone.
    #[must_use]
    pub const fn from_id(id: SourceId) -> Self {
        Self { id: Some(id), name: None }
    }

    /// A reference by name alone.
    #[must_use]
    pub fn from_name(name: impl Into<String>) -> Self {
        Self { id: None, name: Some(name.into()) }
    }

    /// The source's id of the client.
    #[must_use]
    pub const fn id(&self) -> Option<&SourceId> {
        self.id.as_ref()
    }

    /// The name that the record gives.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

/// When an observation holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Happened then: a survey answer, a ticket.
    At(Instant),
    /// Holds since then: an agreement in force.
    Since(Instant),
    /// Held from the one to the other.
    During(Window),
}

impl When {
    /// The first instant at which it holds.
    #[must_use]
    pub const fn start(self) -> Instant {
        match self {
            Self::At(at) | Self::Since(at) => at,
            Self::During(window) => window.start,
        }
    }

    /// The instant it ends: its start for an event, [`Instant::MAX`] for a state that still holds.
    #[must_use]
    pub const fn until(self) -> Instant {
        match self {
            Self::At(at) => at,
            Self::Since(_) => Instant::MAX,
            Self::During(window) => window.end,
        }
    }

    /// Whether it is an event inside the window, or a state that overlaps it.
    #[must_use]
    pub fn touches(self, window: Window) -> bool {
        match self {
            Self::At(at) => window.contains(at),
            Self::Since(at) => at < window.end,
            Self::During(own) => own.start < window.end && window.start < own.end,
        }
    }
}

/// One fact about one client. The same id again replaces the former.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// The source's id of the record.
    pub id: RecordId,
    /// Whose it is.
    pub client: ClientRef,
    /// When it holds.
    pub when: When,
    /// Index into the description's kinds.
    pub kind: u16,
    /// The figure, in the kind's unit; finite.
    pub value: f64,
}

/// A record that the source sent and the provider does not use. It replaces an earlier observation of the same id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The source's id of the record, if it has one.
    pub id: Option<RecordId>,
    /// The client, if the record names one.
    pub client: Option<ClientRef>,
    /// When it happened, if the record says.
    pub at: Option<Instant>,
    /// Index into the description's rejections.
    pub reason: u16,
    /// The field at fault, as the source names it.
    pub field: Option<String>,
    /// What was there, for enums, numbers and times. Shown, never stored.
    pub value: Option<String>,
}

/// One page of a pull, checked against the description, the kinds and the window.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ObservationPage {
    /// The observations.
    pub items: Vec<Observation>,
    /// The rejected records, with reasons.
    pub rejected: Vec<Rejection>,
    /// Further pages, to be committed in this order.
    pub next: Vec<Cursor>,
    /// Rows that the source's response held, used or not.
    pub read: u32,
    /// Rows that the source says it has for the whole request, in the same unit.
    pub total: Option<u64>,
}

/// One client, as a metric sees it: no name, no id.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Subject {
    /// The client's columns in the roster, and attributes that the source adds.
    pub attributes: Vec<(String, String)>,
}

/// One subject in one window, with its samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Index into the call's subjects.
    pub subject: u32,
    /// The window to score.
    pub window: Window,
    /// Events inside the window and states that overlap it, in order of [`Samples::sort`].
    pub samples: Samples,
}

/// Samples as columns of equal length.
#[derive(Clone, Debug, PartialEq, Default, serde::Serialize, serde::Deserialize)]
#[serde(from = "SavedSamples", into = "SavedSamples")]
pub struct Samples {
    /// When each event happened or state began.
    pub at: Vec<Instant>,
    /// When it ended: `at` for an event, [`Instant::MAX`] for a state that still holds.
    pub until: Vec<Instant>,
    /// The figures.
    pub value: Vec<f64>,
    /// Indexes into the description's kinds.
    pub kind: Vec<u16>,
}

/// One row of [`Samples`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// When it happened or began.
    pub at: Instant,
    /// When it ended: `at` for an event, [`Instant::MAX`] for a state that still holds.
    pub until: Instant,
    /// The figure.
    pub value: f64,
    /// Index into the description's kinds.
    pub kind: u16,
}

impl Sample {
    /// Whether it is an event inside the window, or a state that overlaps it.
    #[must_use]
    pub fn touches(&self, window: Window) -> bool {
        self.at < window.end && (self.at >= window.start || self.until > window.start)
    }
}

impl Samples {
    /// How many samples there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.at.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.at.is_empty()
    }

    /// Adds a sample at the end.
    pub fn push(&mut self, sample: Sample) {
        self.at.push(sample.at);
        self.until.push(sample.until);
        self.value.push(sample.value);
        self.kind.push(sample.kind);
    }

    /// The sample at this index.
    ///
    /// # Panics
    /// Beyond the end, or if the columns differ in length.
    #[must_use]
    pub fn get(&self, index: usize) -> Sample {
        Sample { at: self.at[index], until: self.until[index], value: self.value[index], kind: self.kind[index] }
    }

    /// The samples in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Sample> {
        (0..self.len()).map(|index| self.get(index))
    }

    /// The events inside a window and the states that overlap it, of samples sorted by `at`.
    #[must_use]
    pub fn within(&self, window: Window) -> Self {
        let end = self.at.partition_point(|at| *at < window.end);
        let start = self.at.partition_point(|at| *at < window.start);
        // States that began before the window and reach into it; events end when they happen.
        let mut within: Self = (0..start).map(|index| self.get(index)).filter(|it| it.until > window.start).collect();
        within.at.extend_from_slice(&self.at[start..end]);
        within.until.extend_from_slice(&self.until[start..end]);
        within.value.extend_from_slice(&self.value[start..end]);
        within.kind.extend_from_slice(&self.kind[start..end]);
        within
    }

    /// Sorts by `at`, then by `until`, kind and value, so that the order in the store does not matter.
    pub fn sort(&mut self) {
        let ordered = |a: &Sample, b: &Sample| {
            (a.at, a.until, a.kind).cmp(&(b.at, b.until, b.kind)).then_with(|| a.value.total_cmp(&b.value))
        };
        let mut samples: Vec<Sample> = self.iter().collect();
        if samples.is_sorted_by(|a, b| ordered(a, b).is_le()) {
            return;
        }
        samples.sort_by(ordered);
        *self = samples.into_iter().collect();
    }
}

impl FromIterator<Sample> for Samples {
    fn from_iter<I: IntoIterator<Item = Sample>>(iter: I) -> Self {
        let iter = iter.into_iter();
        let (room, _) = iter.size_hint();
        let mut samples = Self {
            at: Vec::with_capacity(room),
            until: Vec::with_capacity(room),
            value: Vec::with_capacity(room),
            kind: Vec::with_capacity(room),
        };
        iter.for_each(|sample| samples.push(sample));
        samples
    }
}

/// How samples are saved: times as differences in milliseconds, since there may be millions.
#[derive(serde::Serialize, serde::Deserialize)]
struct SavedSamples {
    /// Each after the one before, the first after 1970.
    after_ms: Vec<i64>,
    /// Until each ended; `None` if it still holds.
    lasted_ms: Vec<Option<i64>>,
    value: Vec<f64>,
    kind: Vec<u16>,
}

impl From<Samples> for SavedSamples {
    fn from(samples: Samples) -> Self {
        let mut last = 0;
        let after = |at: &Instant| at.millis() - std::mem::replace(&mut last, at.millis());
        let lasted = |(at, until): (&Instant, &Instant)| (*until != Instant::MAX).then(|| until.millis() - at.millis());
        Self {
            lasted_ms: samples.at.iter().zip(&samples.until).map(lasted).collect(),
            after_ms: samples.at.iter().map(after).collect(),
            value: samples.value,
            kind: samples.kind,
        }
    }
}

impl From<SavedSamples> for Samples {
    fn from(saved: SavedSamples) -> Self {
        let mut now = 0_i64;
        let mut at = Vec::with_capacity(saved.after_ms.len());
        for after in saved.after_ms {
            now = now.saturating_add(after);
            at.push(Instant::from_millis(now));
        }
        let until =
            |(at, lasted): (&Instant, Option<i64>)| lasted.map_or(Instant::MAX, |lasted| at.plus_millis(lasted));
        Self { until: at.iter().zip(saved.lasted_ms).map(until).collect(), at, value: saved.value, kind: saved.kind }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sample() -> impl Strategy<Value = Sample> {
        (-1_000_000_i64..1_000_000, prop::option::of(0_i64..500_000), -1e15_f64..1e15, 0_u16..3).prop_map(
            |(at, lasts, value, kind)| {
                let at = Instant::from_millis(at);
                Sample { at, until: lasts.map_or(Instant::MAX, |lasts| at.plus_millis(lasts)), value, kind }
            },
        )
    }

    proptest! {
        #[test]
        fn saved_samples_read_back_bit_for_bit(samples in prop::collection::vec(sample(), 0..20)) {
            let samples: Samples = samples.into_iter().collect();
            let saved = serde_json::to_string(&samples).expect("JSON");
            let read: Samples = serde_json::from_str(&saved).expect("samples");
            prop_assert_eq!(read, samples);
        }

        #[test]
        fn within_has_the_samples_that_touch_the_window_in_order(
            samples in prop::collection::vec(sample(), 0..20), start in -1_000_000_i64..1_000_000, length in 1_i64..900_000
        ) {
            let window = Window { start: Instant::from_millis(start), end: Instant::from_millis(start + length) };
            let mut all: Samples = samples.into_iter().collect();
            all.sort();
            let expected: Samples = all.iter().filter(|sample| sample.touches(window)).collect();
            prop_assert_eq!(all.within(window), expected);
        }

        #[test]
        fn sorting_does_not_depend_on_the_order(samples in prop::collection::vec(sample(), 0..20)) {
            let mut forwards: Samples = samples.iter().copied().collect();
            let mut backwards: Samples = samples.into_iter().rev().collect();
            forwards.sort();
            backwards.sort();
            prop_assert_eq!(forwards, backwards);
        }
    }
}
