//! The figures of a trend: what they are asked of, and how they are had of a provider that has no way of its own.

use std::collections::HashMap;

use scoresheet_domain::{Failure, Figure, MetricOutcome, Period, Sample, Subject, Window};

use crate::ports::{Ask, Figures, Provider, RunContext};

/// A client's samples, in order of time.
pub(crate) struct Timeline {
    samples: Vec<Sample>,
    /// How long the longest of its states lasts, in milliseconds: what began earlier than that is over.
    longest: i64,
}

impl Timeline {
    /// Of samples that are in order of time.
    pub(crate) fn of(samples: Vec<Sample>) -> Self {
        let lasts = |sample: &Sample| sample.until.millis().saturating_sub(sample.at.millis());
        let longest = samples.iter().map(lasts).max().unwrap_or(0);
        Self { samples, longest }
    }

    /// All of them.
    pub(crate) fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// The events inside a window and the states that overlap it.
    pub(crate) fn within(&self, window: Window) -> impl Iterator<Item = &Sample> {
        let (lasting, own) = self.parts(window);
        lasting.chain(own)
    }

    /// The same, as a list: most of a window is copied without looking at it.
    pub(crate) fn list_within(&self, window: Window) -> Vec<Sample> {
        let (lasting, own) = self.parts(window);
        let mut list = Vec::with_capacity(own.len());
        list.extend(lasting);
        list.extend_from_slice(own);
        list
    }

    /// What began before a window and lasts into it, and what begins in it.
    fn parts(&self, window: Window) -> (impl Iterator<Item = &Sample>, &[Sample]) {
        let from = self.samples.partition_point(|sample| sample.at < window.start);
        let own = &self.samples[from..];
        let own = &own[..own.partition_point(|sample| sample.at < window.end)];
        // An event ends when it happens.
        let since = window.start.millis().saturating_sub(self.longest);
        let before = self.samples[..from].iter().rev().take_while(|sample| sample.at.millis() >= since).count();
        (self.samples[from - before..from].iter().filter(move |sample| sample.until > window.start), own)
    }
}

/// What a provider is asked about some clients, of each its columns in the roster and its samples: each question once.
///
/// An outcome depends on its own subject alone, so clients without samples and with the same columns share one. Of a
/// window in the past that may be most of them.
pub(crate) fn questions<'a>(
    clients: impl Iterator<Item = (&'a [(String, String)], Vec<Sample>)>,
) -> (Vec<Subject>, Answers) {
    let mut subjects: Vec<Subject> = Vec::with_capacity(clients.size_hint().0);
    let mut of_client = Vec::with_capacity(clients.size_hint().0);
    let mut without_samples: HashMap<&[(String, String)], usize> = HashMap::new();
    for (attributes, samples) in clients {
        let next = subjects.len();
        let at = if samples.is_empty() { *without_samples.entry(attributes).or_insert(next) } else { next };
        of_client.push(at);
        if at == next {
            subjects.push(Subject { attributes: attributes.to_vec(), samples });
        }
    }
    (subjects, Answers(of_client))
}

/// Which question is each client's.
pub(crate) struct Answers(Vec<usize>);

impl Answers {
    /// Which of the answers is this client's, of those in their order.
    pub(crate) fn of(&self, client: usize) -> usize {
        self.0[client]
    }

    /// To each client what its question was answered with.
    pub(crate) fn spread<T: Clone>(&self, given: Vec<T>) -> Vec<T> {
        if given.len() == self.0.len() {
            return given;
        }
        let mut uses = vec![0_usize; given.len()];
        for at in &self.0 {
            uses[*at] += 1;
        }
        let mut given: Vec<Option<T>> = given.into_iter().map(Some).collect();
        let mut one = |at: usize| {
            uses[at] -= 1;
            let last = uses[at] == 0;
            let given = if last { given[at].take() } else { given[at].clone() };
            given.expect("it is taken with its last use")
        };
        self.0.iter().map(|at| one(*at)).collect()
    }
}

/// What `score` measures in each period: the answer of [`Provider::figures`] where a provider has no quicker one.
pub async fn figures_by_scoring<P: Provider + ?Sized>(
    provider: &P,
    run: &RunContext,
    asks: &[Ask],
    periods: &[Period],
    subjects: Vec<Subject>,
) -> Vec<Result<Figures, Failure>> {
    let (columns, timelines): (Vec<_>, Vec<_>) =
        subjects.into_iter().map(|subject| (subject.attributes, Timeline::of(subject.samples))).unzip();
    let of_one = async |ask: &Ask| -> Result<Figures, Failure> {
        let mut figures = vec![None; columns.len() * periods.len()];
        for (at, Period { window, .. }) in periods.iter().enumerate() {
            let (asked, answers) =
                questions(columns.iter().zip(&timelines).map(|(columns, it)| (&**columns, it.list_within(*window))));
            let outcomes = provider.score(run, &ask.metric, &ask.settings, *window, asked).await?;
            let figure = |outcome: &MetricOutcome| outcome.score().map(Figure::from);
            let given = answers.spread(outcomes.iter().map(figure).collect());
            for (place, figure) in figures.iter_mut().skip(at).step_by(periods.len()).zip(given) {
                *place = figure;
            }
        }
        Ok(figures)
    };
    let mut answers = Vec::with_capacity(asks.len());
    for ask in asks {
        answers.push(of_one(ask).await);
    }
    answers
}

#[cfg(test)]
mod tests {
    use scoresheet_domain::Instant;

    use super::*;

    fn at(millis: i64) -> Instant {
        Instant::from_millis(millis)
    }

    #[test]
    fn a_window_has_its_events_and_the_states_that_overlap_it() {
        let sample = |from, until| Sample { at: at(from), until: at(until), value: 1.0, kind: 0 };
        let samples =
            [sample(1, 9), sample(2, 2), sample(2, 4), sample(4, 4), sample(5, 90), sample(8, 8), sample(8, 9)];
        let timeline = Timeline::of(samples.to_vec());
        let told = |from, until| -> Vec<(i64, i64)> {
            let window = Window { start: at(from), end: at(until) };
            let list = timeline.list_within(window);
            assert!(timeline.within(window).eq(&list));
            list.iter().map(|sample| (sample.at.millis(), sample.until.millis())).collect()
        };
        assert_eq!(told(4, 8), [(1, 9), (4, 4), (5, 90)]);
        assert_eq!(told(89, 200), [(5, 90)]);
        assert_eq!(told(90, 200), []);
        let events = Timeline::of(vec![sample(1, 1), sample(3, 3), sample(3, 3), sample(4, 4)]);
        assert_eq!(events.within(Window { start: at(3), end: at(4) }).count(), 2);
        let endless = Timeline::of(vec![Sample { until: Instant::MAX, ..sample(1, 1) }, sample(2, 2)]);
        assert_eq!(endless.within(Window { start: at(3), end: at(4) }).count(), 1);
        assert_eq!(Timeline::of(Vec::new()).within(Window { start: at(3), end: at(4) }).count(), 0);
    }

    #[test]
    fn clients_without_samples_and_with_the_same_columns_are_asked_about_once() {
        let columns = |kind: &str| vec![("type".to_owned(), kind.to_owned())];
        let sample = Sample { at: at(15), until: at(15), value: 4.0, kind: 0 };
        let cases = [
            ("legal", vec![], 0),
            ("legal", vec![sample], 1),
            ("legal", vec![], 0),
            // What the same samples come to may differ by the columns; and alike they are two questions all the same.
            ("dental", vec![], 2),
            ("legal", vec![sample], 3),
            ("dental", vec![], 2),
        ];
        let clients: Vec<_> = cases.iter().map(|(kind, samples, _)| (columns(kind), samples.clone())).collect();
        let (subjects, answers) = questions(clients.iter().map(|(columns, samples)| (&**columns, samples.clone())));
        assert_eq!(answers.0, cases.iter().map(|(.., expected)| *expected).collect::<Vec<_>>());
        let told: Vec<_> = subjects.iter().map(|it| (it.attributes[0].1.as_str(), it.samples.len())).collect();
        assert_eq!(told, [("legal", 0), ("legal", 1), ("dental", 0), ("legal", 1)]);
        assert_eq!(answers.spread(vec!["a", "b", "c", "d"]), ["a", "b", "a", "c", "d", "c"]);
    }

    #[test]
    fn where_all_differ_each_has_its_own() {
        assert_eq!(Answers(vec![0, 1]).spread(vec![7, 8]), [7, 8]);
        assert!(Answers(Vec::new()).spread(Vec::<u8>::new()).is_empty());
    }
}
