//! What a component is given.

use scoresheet_domain::{Case, Instant, Samples, Subject, Window};

use crate::bindings::accellis::scoresheet::types as wit;

/// How much of the cases crosses at once, roughly in bytes: a fraction of a component's memory, which holds its results
/// too.
const CHUNK_BYTES: usize = 8 << 20;
const CHUNK_CASES: usize = 5_000;

/// A case's own bytes, its outcome's among them.
const CASE_BYTES: usize = size_of::<wit::Case>() + size_of::<wit::Outcome>();
const SAMPLE_BYTES: usize = 8 + 8 + 8 + 2;

/// A window, as the contract has it.
pub(crate) fn window(window: Window) -> wit::Window {
    wit::Window { start: window.start.millis(), end: window.end.millis() }
}

/// Cases that cross together, with the subjects that they need.
#[derive(Default)]
pub(crate) struct Chunk {
    pub(crate) subjects: Vec<wit::Subject>,
    pub(crate) cases: Vec<wit::Case>,
    /// How many samples each case has.
    pub(crate) samples: Vec<usize>,
}

/// Cuts cases into chunks that a component's memory holds. A case is never cut; the chunks keep the order.
///
/// # Panics
/// If a case names no subject of the list: the engine's mistake.
pub(crate) fn chunks(subjects: &[Subject], cases: Vec<Case>) -> Vec<Chunk> {
    let mut chunks = Vec::new();
    let (mut chunk, mut bytes) = (Chunk::default(), 0);
    // Where a subject is in the current chunk.
    let mut places: Vec<Option<u32>> = vec![None; subjects.len()];
    for case in cases {
        let subject = &subjects[case.subject as usize];
        let size = CASE_BYTES + case.samples.len() * SAMPLE_BYTES + attribute_bytes(subject);
        if !chunk.cases.is_empty() && (chunk.cases.len() >= CHUNK_CASES || bytes + size > CHUNK_BYTES) {
            chunks.push(std::mem::take(&mut chunk));
            places.fill(None);
            bytes = 0;
        }
        bytes += size;
        let place = places[case.subject as usize].get_or_insert_with(|| {
            chunk.subjects.push(wit::Subject { attributes: pairs(&subject.attributes) });
            u32::try_from(chunk.subjects.len() - 1).unwrap_or(u32::MAX)
        });
        chunk.samples.push(case.samples.len());
        chunk.cases.push(self::case(*place, case.window, case.samples));
    }
    if !chunk.cases.is_empty() {
        chunks.push(chunk);
    }
    chunks
}

fn attribute_bytes(subject: &Subject) -> usize {
    subject.attributes.iter().map(|(name, value)| name.len() + value.len() + 16).sum()
}

fn case(subject: u32, own: Window, Samples { at, until, value, kind }: Samples) -> wit::Case {
    wit::Case {
        subject,
        window: window(own),
        at: at.into_iter().map(Instant::millis).collect(),
        until: until.into_iter().map(until_millis).collect(),
        value,
        kind,
    }
}

fn pairs(attributes: &[(String, String)]) -> Vec<wit::Pair> {
    attributes.iter().map(|(name, value)| wit::Pair { name: name.clone(), value: value.clone() }).collect()
}

fn until_millis(until: Instant) -> i64 {
    if until == Instant::MAX { i64::MAX } else { until.millis() }
}

#[cfg(test)]
mod tests {
    use scoresheet_domain::Sample;

    use super::*;

    fn samples(count: usize) -> Samples {
        let at = Instant::from_millis(5);
        (0..count).map(|_| Sample { at, until: at, value: 1.0, kind: 0 }).collect()
    }

    fn cases(of: &[(u32, usize)]) -> Vec<Case> {
        let own = Window { start: Instant::from_millis(0), end: Instant::from_millis(9) };
        of.iter().map(|(subject, count)| Case { subject: *subject, window: own, samples: samples(*count) }).collect()
    }

    fn subjects(count: usize) -> Vec<Subject> {
        (0..count).map(|n| Subject { attributes: vec![("n".to_owned(), n.to_string())] }).collect()
    }

    #[test]
    fn cases_are_cut_between_them_and_each_chunk_has_its_subjects() {
        let large = CHUNK_BYTES / SAMPLE_BYTES + 1;
        let chunks = chunks(&subjects(3), cases(&[(2, 1), (2, large), (0, 2), (2, 3), (0, 0)]));
        let told: Vec<_> = chunks
            .iter()
            .map(|chunk| {
                let names: Vec<&str> = chunk.subjects.iter().map(|it| it.attributes[0].value.as_str()).collect();
                let cases: Vec<u32> = chunk.cases.iter().map(|case| case.subject).collect();
                (names, cases, chunk.samples.clone())
            })
            .collect();
        let expected = [
            (vec!["2"], vec![0], vec![1]),
            (vec!["2"], vec![0], vec![large]),
            (vec!["0", "2"], vec![0, 1, 0], vec![2, 3, 0]),
        ];
        assert_eq!(told, expected);
        let many = super::chunks(&subjects(1), cases(&vec![(0, 0); 2 * CHUNK_CASES + 1]));
        assert_eq!(many.iter().map(|it| it.cases.len()).collect::<Vec<_>>(), [CHUNK_CASES, CHUNK_CASES, 1]);
        assert!(super::chunks(&[], Vec::new()).is_empty());
    }

    #[test]
    fn a_state_that_still_holds_has_the_largest_number() {
        let at = Instant::from_millis(5);
        let both: Samples =
            [Instant::MAX, at].map(|until| Sample { at, until, value: 0.5, kind: 3 }).into_iter().collect();
        let case = case(7, Window { start: at, end: at }, both);
        assert_eq!((case.subject, case.at, case.until), (7, vec![5, 5], vec![i64::MAX, 5]));
        assert_eq!((case.value, case.kind), (vec![0.5, 0.5], vec![3, 3]));
    }
}
