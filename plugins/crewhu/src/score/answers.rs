//! Which of a client's samples count, and which look like a mail scanner's.

use scoresheet_sdk::{Instant, Sample};

use super::mean::Ratings;
use crate::{Kind, settings::MetricSettings};

/// Mail scanners open every link of a mail within seconds: surveys without comment and tag that one customer answered
/// so close to each other are suspect.
const SUSPECT_WITHIN_MS: i64 = 45_000;

/// What counts of a client's samples.
#[derive(Default)]
pub(super) struct Answers {
    pub(super) ratings: Ratings,
    /// When each was given, where it matters.
    given: Vec<Instant>,
    /// How many were left out because they look like a mail scanner's.
    pub(super) suspected: u32,
}

impl Answers {
    /// Those of these samples, in the place of what was there before.
    pub(super) fn fill(&mut self, settings: &MetricSettings, samples: impl Iterator<Item = Sample<Kind>> + Clone) {
        self.ratings.clear();
        self.given.clear();
        self.suspected = 0;
        let with_ages = settings.half_life_days.is_some();
        let mut bursts = None;
        for sample in samples.clone().filter(|sample| settings.counts(sample.kind)) {
            let is_suspect = sample.kind == Kind::OverallBare && settings.drop_suspected_bots && {
                let bursts = bursts.get_or_insert_with(|| bursts_of(samples.clone()));
                bursts.binary_search(&sample.at).is_ok()
            };
            if is_suspect {
                self.suspected += 1;
            } else {
                self.ratings.push(sample.value);
                if with_ages {
                    self.given.push(sample.at);
                }
            }
        }
    }

    /// How many count.
    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.ratings.list().len()).unwrap_or(u32::MAX)
    }

    /// How long before the window's end each was given, in milliseconds.
    pub(super) fn ages(&self, end: Instant) -> Vec<i64> {
        self.given.iter().map(|given| end.saturating_sub(*given).max(0)).collect()
    }

    /// How many are above, at and below the middle of the scale: CrewHu's positive, neutral and negative.
    pub(super) fn moods(&self) -> [usize; 3] {
        let count = |mood: fn(f64) -> bool| self.ratings.list().iter().filter(|rating| mood(**rating)).count();
        [count(|rating| rating > 3.0), count(|rating| rating == 3.0), count(|rating| rating < 3.0)]
    }
}

/// The times at which bare samples lie too close to another one, in ascending order.
fn bursts_of(samples: impl Iterator<Item = Sample<Kind>>) -> Vec<Instant> {
    // The host gives samples by time, so that each goes to the end; where it does not, this is only slower.
    let mut times: Vec<Instant> = Vec::new();
    for sample in samples.filter(|sample| sample.kind == Kind::OverallBare) {
        times.insert(times.partition_point(|time| *time <= sample.at), sample.at);
    }
    let is_near = |pair: &[Instant]| pair[1].saturating_sub(pair[0]) <= SUSPECT_WITHIN_MS;
    let mut bursts: Vec<Instant> = times.windows(2).filter(|pair| is_near(pair)).flatten().copied().collect();
    bursts.dedup();
    bursts
}
