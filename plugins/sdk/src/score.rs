//! What `score` is given: a metric, its settings and cases.

use std::marker::PhantomData;

use crate::{CaseColumns, Failure, Instant, Kind, Outcome, Pair, Settings, Subject, Window, settings};

/// A call of [`Provider::score`](crate::Provider::score).
#[derive(Clone, Copy, Debug)]
pub struct ScoreRequest<'a, K> {
    /// Id of the metric.
    pub metric: &'a str,
    settings: &'a str,
    explain: bool,
    subjects: &'a [Subject],
    cases: &'a [CaseColumns],
    kind: PhantomData<K>,
}

impl<'a, K: Kind> ScoreRequest<'a, K> {
    pub(crate) fn new(
        metric: &'a str,
        settings: &'a str,
        explain: bool,
        subjects: &'a [Subject],
        cases: &'a [CaseColumns],
    ) -> Self {
        Self { metric, settings, explain, subjects, cases, kind: PhantomData }
    }

    /// The metric's settings.
    ///
    /// # Errors
    /// [`Failure::Settings`] with all [`Settings::problems`].
    pub fn settings<S: Settings>(&self) -> Result<S, Failure> {
        settings::parse(self.settings)
    }

    /// The failure for a metric that the provider does not have.
    #[must_use]
    pub fn unknown_metric(&self) -> Failure {
        Failure::Other(format!("unknown metric '{}'", self.metric))
    }

    /// Scores each case, in order. An outcome must depend on its own case and subject alone.
    ///
    /// # Errors
    /// The first failure of `score`.
    pub fn score_each(
        &self,
        mut score: impl FnMut(Case<'a, K>) -> Result<Outcome, Failure>,
    ) -> Result<Vec<Outcome>, Failure> {
        let mut outcomes = Vec::with_capacity(self.cases.len());
        for columns in self.cases {
            let subject = usize::try_from(columns.subject).ok().and_then(|index| self.subjects.get(index));
            let subject = subject.ok_or_else(|| Failure::Other(format!("there is no subject {}", columns.subject)))?;
            outcomes.push(score(Case { columns, subject, explain: self.explain, kind: PhantomData })?);
        }
        Ok(outcomes)
    }
}

/// One subject in one window, with its samples: events inside the window and states that overlap it.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a, K> {
    columns: &'a CaseColumns,
    subject: &'a Subject,
    explain: bool,
    kind: PhantomData<K>,
}

/// An observation as `score` sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample<K> {
    /// When it happened, or when the state began.
    pub at: Instant,
    /// Equal to `at` for an event, when the state ended, or [`Instant::MAX`] while it holds.
    pub until: Instant,
    /// The observed value.
    pub value: f64,
    /// What was observed.
    pub kind: K,
}

impl<'a, K: Kind> Case<'a, K> {
    /// The window to score.
    #[must_use]
    pub fn window(&self) -> Window {
        self.columns.window
    }

    /// The client's attributes: columns of the roster and what the source adds.
    #[must_use]
    pub fn attributes(&self) -> &'a [Pair] {
        &self.subject.attributes
    }

    /// The value of one attribute.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&'a str> {
        self.subject.attributes.iter().find(|pair| pair.name == name).map(|pair| pair.value.as_str())
    }

    /// The samples, ordered by `at`, read from the columns as they are. Kinds that the provider does not know are
    /// skipped.
    pub fn samples(&self) -> impl Iterator<Item = Sample<K>> + Clone + use<'a, K> {
        let CaseColumns { at, until, value, kind, .. } = self.columns;
        let rows = at.iter().zip(until).zip(value.iter().zip(kind));
        rows.filter_map(|((at, until), (value, kind))| {
            Some(Sample { at: *at, until: *until, value: *value, kind: K::from_index(*kind)? })
        })
    }

    /// Builds text for a person, or nothing unless the host asked for explanations:
    /// `explanation: case.explain(|| vec![format!("…")])`.
    pub fn explain<T: Default>(&self, text: impl FnOnce() -> T) -> T {
        if self.explain { text() } else { T::default() }
    }
}
