//! What a component is given.

use scoresheet_domain::{Instant, Period, Sample, Subject, Window};
use scoresheet_engine::Ask;

use crate::bindings::{accellis::scoresheet::types as wit, optional::exports::accellis::scoresheet::history};

/// How much of the subjects crosses at once, roughly in bytes: a fraction of a component's
/// memory, which holds what it makes of them too.
const CHUNK_BYTES: usize = 8 << 20;
const CHUNK_SUBJECTS: usize = 5_000;

/// A window, as the contract has it.
pub(crate) fn window(window: Window) -> wit::Window {
    wit::Window { start: window.start.millis(), end: window.end.millis() }
}

/// Cuts subjects so that a component's memory holds each part, and so many answers about each. A subject is never cut;
/// the parts keep the order.
pub(crate) fn chunks(subjects: Vec<Subject>, answers: usize) -> Vec<Vec<Subject>> {
    let mut chunks = Vec::new();
    let (mut chunk, mut bytes) = (Vec::new(), 0);
    for subject in subjects {
        let size = size(&subject) + answers * size_of::<Option<history::Figure>>();
        if !chunk.is_empty() && (chunk.len() >= CHUNK_SUBJECTS || bytes + size > CHUNK_BYTES) {
            chunks.push(std::mem::take(&mut chunk));
            bytes = 0;
        }
        bytes += size;
        chunk.push(subject);
    }
    if !chunk.is_empty() {
        chunks.push(chunk);
    }
    chunks
}

fn size(subject: &Subject) -> usize {
    let attributes: usize = subject.attributes.iter().map(|(name, value)| name.len() + value.len() + 16).sum();
    16 + attributes + subject.samples.len() * size_of::<wit::Sample>()
}

/// A subject, as `score` takes it.
pub(crate) fn subject(Subject { attributes, samples }: Subject) -> wit::Subject {
    wit::Subject { attributes: pairs(attributes), samples: samples.into_iter().map(sample).collect() }
}

/// What `figures` takes.
pub(crate) fn past(
    asks: &[Ask],
    periods: &[Period],
    subjects: Vec<Subject>,
) -> (Vec<history::Ask>, Vec<history::Period>, Vec<history::Past>) {
    let ask = |Ask { metric, settings }: &Ask| history::Ask { metric: metric.to_string(), settings: settings.clone() };
    let period = |it: &Period| history::Period { window: window(it.window), interval: it.interval };
    (
        asks.iter().map(ask).collect(),
        periods.iter().map(period).collect(),
        subjects.into_iter().map(by_column).collect(),
    )
}

fn by_column(Subject { attributes, samples }: Subject) -> history::Past {
    history::Past {
        attributes: pairs(attributes),
        at: samples.iter().map(|sample| sample.at.millis()).collect(),
        until: samples.iter().map(until).collect(),
        value: samples.iter().map(|sample| sample.value).collect(),
        kind: samples.iter().map(|sample| sample.kind).collect(),
    }
}

fn pairs(attributes: Vec<(String, String)>) -> Vec<wit::Pair> {
    attributes.into_iter().map(|(name, value)| wit::Pair { name, value }).collect()
}

fn sample(sample: Sample) -> wit::Sample {
    wit::Sample { at: sample.at.millis(), until: until(&sample), value: sample.value, kind: sample.kind }
}

fn until(sample: &Sample) -> i64 {
    // The contract's "still holds" is the largest number, the domain's the last instant of 9999.
    if sample.until == Instant::MAX { i64::MAX } else { sample.until.millis() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(samples: usize) -> Subject {
        let at = Instant::from_millis(samples as i64);
        Subject { attributes: Vec::new(), samples: vec![Sample { at, until: at, value: 1.0, kind: 0 }; samples] }
    }

    #[test]
    fn subjects_are_cut_between_them_and_keep_their_order() {
        let sizes = [1, CHUNK_BYTES / size_of::<wit::Sample>() + 1, 2, 3];
        let chunks = chunks(sizes.map(with).to_vec(), 1);
        let lens: Vec<Vec<usize>> = chunks.iter().map(|c| c.iter().map(|s| s.samples.len()).collect()).collect();
        assert_eq!(lens, [vec![1], vec![sizes[1]], vec![2, 3]]);
        let many = super::chunks((0..2 * CHUNK_SUBJECTS + 1).map(|_| with(0)).collect(), 1);
        assert_eq!(many.iter().map(Vec::len).collect::<Vec<_>>(), [CHUNK_SUBJECTS, CHUNK_SUBJECTS, 1]);
        // So many answers about each that no two fit.
        let each = super::chunks(sizes[2..].iter().copied().map(with).collect(), CHUNK_BYTES / 64);
        assert_eq!(each.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1]);
        assert!(super::chunks(Vec::new(), 1).is_empty());
    }

    #[test]
    fn a_state_that_still_holds_has_the_largest_number() {
        let at = Instant::from_millis(5);
        assert_eq!(sample(Sample { at, until: Instant::MAX, value: 0.5, kind: 3 }).until, i64::MAX);
        let event = sample(Sample { at, until: at, value: 0.5, kind: 3 });
        assert_eq!((event.at, event.until, event.value, event.kind), (5, 5, 0.5, 3));
        let columns = [("type".to_owned(), "legal".to_owned())].to_vec();
        let (begun, over) =
            (Sample { at, until: Instant::MAX, value: 0.5, kind: 3 }, Sample { at, until: at, value: 2.0, kind: 1 });
        let past = by_column(Subject { attributes: columns, samples: vec![begun, over] });
        assert_eq!(
            (past.at, past.until, past.value, past.kind),
            (vec![5, 5], vec![i64::MAX, 5], vec![0.5, 2.0], vec![3, 1])
        );
        assert_eq!((past.attributes[0].name.as_str(), past.attributes[0].value.as_str()), ("type", "legal"));
    }
}
