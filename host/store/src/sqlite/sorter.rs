//! Sorts samples into their series.
//!
//! Records come in no order of series, and of ten thousand series none is in the processor's cache when one of its
//! samples comes: to wait for that takes longer than to read the record. So samples go into a list of all series with
//! neighbouring ids first, of which there are few, and then a whole list at a time into its series.

use std::thread;

use hashbrown::HashMap;
use scoresheet_domain::Instant;
use scoresheet_engine::{EventSample, Events, Series, StateSample};

/// How many series share a list.
const NEIGHBOURS: usize = 1 << u8::BITS;

/// So many events are taken apart on one thread: it takes a few milliseconds.
const FEW: usize = 100_000;

/// No series stands there.
const NOWHERE: u32 = u32::MAX;

/// A sample and the id of its series.
pub(super) struct Record {
    pub(super) series: i64,
    pub(super) at: Instant,
    /// Where it is an event, the same.
    pub(super) until: Instant,
    pub(super) value: f64,
}

/// Samples by the ids of their series.
#[derive(Default)]
pub(super) struct Sorter(HashMap<i64, List>);

/// Samples of neighbouring series.
pub(super) struct List {
    /// Where each series stands among all that are known.
    places: [u32; NEIGHBOURS],
    /// Of each event, whose it is.
    events_of: Vec<u8>,
    events: Events,
    states: Vec<(u8, StateSample)>,
}

impl Sorter {
    /// Makes a series known: its id, and where it stands; below `u32::MAX`.
    pub(super) fn know(&mut self, id: i64, place: u32) {
        let (list, of) = split(id);
        let list = self.0.entry(list).or_insert_with(|| List {
            places: [NOWHERE; NEIGHBOURS],
            events_of: Vec::new(),
            events: Events::default(),
            states: Vec::new(),
        });
        list.places[usize::from(of)] = place;
    }

    /// Takes a sample; false where no series is known that could be its own. Not every such one is seen here.
    pub(super) fn take(&mut self, &Record { series, at, until, value }: &Record) -> bool {
        self.list(series, |list, of| {
            if at == until {
                list.events_of.push(of);
                list.events.push(EventSample { at, value });
            } else {
                list.states.push((of, StateSample { at, until, value }));
            }
        })
    }

    fn list(&mut self, id: i64, take: impl FnOnce(&mut List, u8)) -> bool {
        let (list, of) = split(id);
        let known = self.0.get_mut(&list);
        known.map(|list| take(list, of)).is_some()
    }

    /// Hands every sample to its series; gives how many had none. Where there are many, another thread takes half of the
    /// lists apart: no two hold samples of one series. A list is given back before the next is taken apart.
    pub(super) fn finish(self, series: &mut [Series]) -> usize {
        let mut lists: Vec<List> = self.0.into_values().collect();
        let many = lists.iter().map(|list| list.events_of.len()).sum::<usize>() > FEW;
        let others = if many { lists.split_off(lists.len() / 2) } else { Vec::new() };
        let mut lost = 0;
        let mut put = |Apart { place, events, states }| match series.get_mut(place as usize) {
            Some(series) => (series.events, series.states) = (events, states),
            None => lost += events.len() + states.len(),
        };
        thread::scope(|scope| {
            let others = (!others.is_empty()).then(|| scope.spawn(|| apart(others).collect::<Vec<_>>()));
            apart(lists).for_each(&mut put);
            if let Some(others) = others {
                let others = others.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                others.into_iter().for_each(&mut put);
            }
        });
        lost
    }
}

fn apart(lists: Vec<List>) -> impl Iterator<Item = Apart> {
    lists.into_iter().flat_map(List::apart)
}

/// What a list holds of one series.
struct Apart {
    place: u32,
    events: Events,
    states: Vec<StateSample>,
}

impl List {
    /// Series by series, those that have any.
    fn apart(self) -> impl Iterator<Item = Apart> {
        let mut counts = [(0, 0); NEIGHBOURS];
        self.events_of.iter().for_each(|of| counts[usize::from(*of)].0 += 1);
        self.states.iter().for_each(|(of, _)| counts[usize::from(*of)].1 += 1);
        let room = |(place, (events_here, states_here)): (u32, (usize, usize))| {
            let mut events = Events::default();
            events.reserve(events_here);
            Apart { place, events, states: Vec::with_capacity(states_here) }
        };
        let mut all: Vec<Apart> = self.places.into_iter().zip(counts).map(room).collect();
        for (of, event) in self.events_of.iter().zip(self.events.iter()) {
            all[usize::from(*of)].events.push(event);
        }
        for (of, state) in self.states {
            all[usize::from(of)].states.push(state);
        }
        let any = |apart: &Apart| !apart.events.is_empty() || !apart.states.is_empty();
        all.into_iter().filter(any).map(|mut apart| {
            apart.events.shrink_to_fit();
            apart
        })
    }
}

const fn split(id: i64) -> (i64, u8) {
    let [.., of] = id.to_be_bytes();
    (id >> u8::BITS, of)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(n: i64) -> EventSample {
        EventSample { at: Instant::from_millis(n), value: n as f64 }
    }

    fn record(series: i64, EventSample { at, value }: EventSample) -> Record {
        Record { series, at, until: at, value }
    }

    #[test]
    fn every_sample_comes_to_its_own_series_in_order() {
        let ids = [i64::MIN, -257, -256, -1, 0, 1, 255, 256, 5_000_000_000, i64::MAX];
        let mut sorter = Sorter::default();
        for (place, id) in (0..).zip(ids) {
            sorter.know(id, place);
        }
        let state = |n| StateSample { at: Instant::from_millis(n), until: Instant::MAX, value: 0.5 };
        for round in 0..3 {
            for (n, id) in (0..).zip(ids) {
                assert!(sorter.take(&record(id, event(n + 100 * round))), "{id}");
            }
            assert!(
                sorter
                    .take(&Record { until: Instant::MAX, ..record(-257, EventSample { value: 0.5, ..event(round) }) })
            );
        }
        let mut series = vec![Series::default(); ids.len()];
        assert_eq!(sorter.finish(&mut series), 0);
        for (n, series) in (0..).zip(&series) {
            let expected: Events = [event(n), event(n + 100), event(n + 200)].into_iter().collect();
            assert_eq!(series.events, expected, "{n}");
            assert_eq!(series.events.room(), 16, "no more room than there are");
        }
        assert_eq!(series[1].states, [state(0), state(1), state(2)]);
        assert_eq!(series.iter().map(|series| series.states.len()).sum::<usize>(), 3);
    }

    #[test]
    fn what_is_nobodys_is_counted_and_left_out() {
        let mut sorter = Sorter::default();
        sorter.know(7, 0);
        assert!(sorter.take(&record(7, event(1))));
        assert!(sorter.take(&record(8, event(2))), "a neighbour, so it is seen at the end");
        assert!(!sorter.take(&record(256, event(3))), "nothing is known of any neighbour");
        let mut series = vec![Series::default()];
        assert_eq!(sorter.finish(&mut series), 1);
        assert_eq!(series[0].events, [event(1)].into_iter().collect());
    }

    #[test]
    fn many_are_taken_apart_by_two_and_come_to_the_same() {
        let (series, each) = (3 * NEIGHBOURS as i64 + 5, 150);
        assert!(series * each > FEW as i64);
        let mut sorter = Sorter::default();
        // Every second series is known, the others are neighbours.
        (0..series).step_by(2).zip(0..).for_each(|(id, place)| sorter.know(id, place));
        for n in 0..each {
            for id in 0..series {
                assert!(sorter.take(&record(id, event(n * series + id))));
            }
        }
        let mut found = vec![Series::default(); (series as usize).div_ceil(2)];
        assert_eq!(sorter.finish(&mut found), found.len().saturating_sub(1) * each as usize);
        for (id, series_found) in (0..series).step_by(2).zip(&found) {
            let expected: Events = (0..each).map(|n| event(n * series + id)).collect();
            assert!(series_found.events == expected, "{id}");
        }
    }
}
