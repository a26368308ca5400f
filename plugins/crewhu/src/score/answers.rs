//! Which of a client's samples count, and which look like a mail scanner's.

use scoresheet_sdk::{Instant, Sample, Subject};

use crate::{response::OVERALL_BARE, settings::MetricSettings};

/// Mail scanners open every link of a mail within seconds: surveys without comment and tag that one customer answered
/// so close to each other are suspect.
const SUSPECT_WITHIN_MS: i64 = 45_000;

/// What counts of a client's samples.
pub(super) struct Answers {
    pub(super) ratings: Vec<f64>,
    /// When each was given.
    given: Vec<Instant>,
    /// How many were left out because they look like a mail scanner's.
    pub(super) suspected: u32,
}

impl Answers {
    pub(super) fn of(settings: &MetricSettings, subject: &Subject) -> Self {
        let samples = &subject.samples;
        let mut answers =
            Self { ratings: Vec::with_capacity(samples.len()), given: Vec::with_capacity(samples.len()), suspected: 0 };
        let bursts = if settings.drop_suspected_bots { bursts(samples) } else { Vec::new() };
        for sample in samples.iter().filter(|sample| settings.counts(sample.kind)) {
            if sample.kind == OVERALL_BARE && bursts.binary_search(&sample.at).is_ok() {
                answers.suspected += 1;
            } else {
                answers.ratings.push(sample.value);
                answers.given.push(sample.at);
            }
        }
        answers
    }

    /// How long before the window's end each was given, in milliseconds.
    pub(super) fn ages(&self, end: Instant) -> Vec<i64> {
        self.given.iter().map(|given| end.saturating_sub(*given).max(0)).collect()
    }

    /// How many are above, at and below the middle of the scale: CrewHu's positive, neutral and negative.
    pub(super) fn moods(&self) -> [usize; 3] {
        let count = |mood: fn(f64) -> bool| self.ratings.iter().filter(|rating| mood(**rating)).count();
        [count(|rating| rating > 3.0), count(|rating| rating == 3.0), count(|rating| rating < 3.0)]
    }
}

/// The times at which bare samples lie too close to another one, in ascending order.
fn bursts(samples: &[Sample]) -> Vec<Instant> {
    // The host gives samples by time, so that each goes to the end; where it does not, this is only slower.
    let mut times: Vec<Instant> = Vec::new();
    for sample in samples.iter().filter(|sample| sample.kind == OVERALL_BARE) {
        times.insert(times.partition_point(|time| *time <= sample.at), sample.at);
    }
    let is_near = |pair: &[Instant]| pair[1].saturating_sub(pair[0]) <= SUSPECT_WITHIN_MS;
    let mut bursts: Vec<Instant> = times.windows(2).filter(|pair| is_near(pair)).flatten().copied().collect();
    bursts.dedup();
    bursts
}
