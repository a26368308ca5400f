//! A window's samples by client, held once however many metrics and clients they serve.

use scoresheet_domain::Sample;

use crate::ports::Series;

/// Some of a component's kinds, by their index in its description.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct KindSet(Vec<bool>);

impl KindSet {
    /// Whether this kind is one of them.
    pub(super) fn contains(&self, kind: u16) -> bool {
        self.0.get(usize::from(kind)).copied().unwrap_or(false)
    }

    /// The other's too.
    pub(super) fn add(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), false);
        }
        self.0.iter_mut().zip(&other.0).for_each(|(own, other)| *own |= other);
    }

    /// These.
    pub(super) fn of(kinds: &[u16]) -> Self {
        let most = kinds.iter().max().map_or(0, |most| usize::from(*most) + 1);
        let mut set = vec![false; most];
        kinds.iter().for_each(|kind| set[usize::from(*kind)] = true);
        Self(set)
    }
}

/// Puts a client's samples in the order in which a metric sees them: by time; of one time, by end, kind and figure.
pub(crate) fn in_order(samples: &mut [Sample]) {
    // Most sources hand out records about in order of time, which this sort makes use of. By time alone, of which there
    // is seldom a tie, it is twice as fast.
    samples.sort_by_key(|sample| sample.at);
    for ties in samples.chunk_by_mut(|a, b| a.at == b.at).filter(|ties| ties.len() > 1) {
        ties.sort_by(|a, b| (a.until, a.kind).cmp(&(b.until, b.kind)).then_with(|| a.value.total_cmp(&b.value)));
    }
}

/// The samples of every client on the sheet.
#[derive(Default)]
pub(super) struct Layout {
    series: Vec<(u16, Series)>,
    /// By the client's position on the sheet: which series are its own.
    by_position: Vec<Vec<u32>>,
}

impl Layout {
    /// Nothing yet, for so many clients.
    pub(super) fn of(clients: usize) -> Self {
        Self { series: Vec::new(), by_position: vec![Vec::new(); clients] }
    }

    /// Takes observations of one kind, which serve the clients at these positions.
    pub(super) fn add(&mut self, positions: &[usize], kind: u16, series: Series) {
        if positions.is_empty() {
            return;
        }
        let at = u32::try_from(self.series.len()).expect("a store holds fewer than four billion series");
        for position in positions {
            self.by_position[*position].push(at);
        }
        self.series.push((kind, series));
    }

    /// How many samples of these kinds a client has.
    pub(super) fn count(&self, position: usize, kinds: &KindSet) -> usize {
        self.of_client(position, kinds).map(|(_, series)| series.len()).sum()
    }

    /// A client's samples of these kinds, in order of time; of one time, by end, kind and figure.
    pub(super) fn samples(&self, position: usize, kinds: &KindSet) -> Vec<Sample> {
        let mut samples = Vec::with_capacity(self.count(position, kinds));
        for &(kind, ref series) in self.of_client(position, kinds) {
            let events = series.events.iter().map(|it| Sample { at: it.at, until: it.at, value: it.value, kind });
            let states = series.states.iter().map(|it| Sample { at: it.at, until: it.until, value: it.value, kind });
            samples.extend(events.chain(states));
        }
        in_order(&mut samples);
        samples
    }

    fn of_client<'a>(&'a self, position: usize, kinds: &'a KindSet) -> impl Iterator<Item = &'a (u16, Series)> {
        self.by_position[position].iter().map(|at| &self.series[*at as usize]).filter(|(kind, _)| kinds.contains(*kind))
    }
}

#[cfg(test)]
mod tests {
    use scoresheet_domain::{Instant, Window};

    use super::*;
    use crate::ports::{EventSample, StateSample};

    fn at(millis: i64) -> Instant {
        Instant::from_millis(millis)
    }

    #[test]
    fn a_series_counts_what_a_window_has_of_it() {
        let series = Series {
            events: [event(2, 1.0), event(4, 1.0), event(8, 1.0)].into_iter().collect(),
            states: vec![
                StateSample { at: at(1), until: at(9), value: 1.0 },
                StateSample { at: at(2), until: at(4), value: 1.0 },
                StateSample { at: at(5), until: at(90), value: 1.0 },
            ],
            ..Series::default()
        };
        assert_eq!(series.count_within(Window { start: at(4), end: at(8) }), 3);
    }

    fn event(millis: i64, value: f64) -> EventSample {
        EventSample { at: at(millis), value }
    }

    #[test]
    fn a_client_has_its_own_samples_of_the_kinds_asked_for_in_order() {
        let state = StateSample { at: at(5), until: at(9), value: 7.0 };
        let first =
            Series { events: [event(5, 2.0), event(1, 4.0), event(5, 1.0)].into_iter().collect(), ..Series::default() };
        let second = Series { events: [event(5, 0.5)].into_iter().collect(), states: vec![state], ..Series::default() };
        let shared = Series { events: [event(3, 3.0)].into_iter().collect(), ..Series::default() };
        let mut layout = Layout::of(3);
        layout.add(&[0], 1, first);
        layout.add(&[0], 0, second);
        layout.add(&[0, 2], 2, shared);
        layout.add(&[], 0, Series { events: [event(0, 0.0)].into_iter().collect(), ..Series::default() });

        let told = |position, kinds: &[u16]| -> Vec<(i64, i64, u16, f64)> {
            let kinds = KindSet::of(kinds);
            let samples = layout.samples(position, &kinds);
            assert_eq!(samples.len(), layout.count(position, &kinds));
            samples.iter().map(|it| (it.at.millis(), it.until.millis(), it.kind, it.value)).collect()
        };
        let all = [(1, 1, 1, 4.0), (3, 3, 2, 3.0), (5, 5, 0, 0.5), (5, 5, 1, 1.0), (5, 5, 1, 2.0), (5, 9, 0, 7.0)];
        assert_eq!(told(0, &[0, 1, 2]), all);
        assert_eq!(told(0, &[0]), [(5, 5, 0, 0.5), (5, 9, 0, 7.0)]);
        assert_eq!(told(1, &[0, 1, 2]), []);
        assert_eq!(told(2, &[0, 1, 2]), [(3, 3, 2, 3.0)]);
    }
}
