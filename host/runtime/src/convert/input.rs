//! What a component is given.

use scoresheet_domain::{Instant, Sample, Subject, Window};

use crate::bindings::accellis::scoresheet::types as wit;

/// How much of the subjects crosses at once, roughly in bytes: a fraction of a component's
/// memory, which holds what it makes of them too.
const CHUNK_BYTES: usize = 8 << 20;
const CHUNK_SUBJECTS: usize = 5_000;

/// A window, as the contract has it.
pub(crate) fn window(window: Window) -> wit::Window {
    wit::Window { start: window.start.millis(), end: window.end.millis() }
}

/// The subjects in the contract's types, cut so that a component's memory holds each part.
/// A subject is never cut; the parts keep the order.
pub(crate) fn chunks(subjects: Vec<Subject>) -> Vec<Vec<wit::Subject>> {
    let mut chunks = Vec::new();
    let (mut chunk, mut bytes) = (Vec::new(), 0);
    for subject in subjects {
        let size = size(&subject);
        if !chunk.is_empty() && (chunk.len() >= CHUNK_SUBJECTS || bytes + size > CHUNK_BYTES) {
            chunks.push(std::mem::take(&mut chunk));
            bytes = 0;
        }
        bytes += size;
        chunk.push(to_wit(subject));
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

fn to_wit(subject: Subject) -> wit::Subject {
    wit::Subject {
        attributes: subject.attributes.into_iter().map(|(name, value)| wit::Pair { name, value }).collect(),
        samples: subject.samples.into_iter().map(sample).collect(),
    }
}

fn sample(sample: Sample) -> wit::Sample {
    // The contract's "still holds" is the largest number, the domain's the last instant of 9999.
    let until = if sample.until == Instant::MAX { i64::MAX } else { sample.until.millis() };
    wit::Sample { at: sample.at.millis(), until, value: sample.value, kind: sample.kind }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(samples: usize) -> Subject {
        let at = Instant::from_millis(samples as i64);
        Subject { attributes: Vec::new(), samples: vec![Sample { at, until: at, value: 1.0, kind: 0 }; samples] }
    }

    #[test]
    fn subjects_are_cut_between_them_and_keep_their_order() {
        let sizes = [1, CHUNK_BYTES / size_of::<wit::Sample>() + 1, 2, 3];
        let chunks = chunks(sizes.map(subject).to_vec());
        let lens: Vec<Vec<usize>> = chunks.iter().map(|c| c.iter().map(|s| s.samples.len()).collect()).collect();
        assert_eq!(lens, [vec![1], vec![sizes[1]], vec![2, 3]]);
        let many = super::chunks((0..2 * CHUNK_SUBJECTS + 1).map(|_| subject(0)).collect());
        assert_eq!(many.iter().map(Vec::len).collect::<Vec<_>>(), [CHUNK_SUBJECTS, CHUNK_SUBJECTS, 1]);
        assert!(super::chunks(Vec::new()).is_empty());
    }

    #[test]
    fn a_state_that_still_holds_has_the_largest_number() {
        let at = Instant::from_millis(5);
        assert_eq!(sample(Sample { at, until: Instant::MAX, value: 0.5, kind: 3 }).until, i64::MAX);
        let event = sample(Sample { at, until: at, value: 0.5, kind: 3 });
        assert_eq!((event.at, event.until, event.value, event.kind), (5, 5, 0.5, 3));
    }
}
