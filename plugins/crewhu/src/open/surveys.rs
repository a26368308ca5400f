//! Which surveys of a page count, and why the others do not.

use scoresheet_sdk::{Instant, Kind as _, Observation, Rejection, When, Window, json::Value, text};

use super::Survey;
use crate::{
    Kind,
    response::{CLOCK_SKEW_MS, Reason},
    settings::TypeTags,
    verdict::{self, Verdict},
};

/// A page's surveys of one window and some kinds.
pub(super) struct Surveys<'a> {
    window: Window,
    now: Instant,
    kinds: &'a [Kind],
    tags: &'a TypeTags,
    rows: Vec<Verdict>,
}

impl<'a> Surveys<'a> {
    pub(super) fn new(window: Window, now: Instant, kinds: &'a [Kind], tags: &'a TypeTags) -> Self {
        Self { window, now, kinds, tags, rows: Vec::new() }
    }

    /// Takes the next row in.
    pub(super) fn take(&mut self, row: &Value) {
        let verdict = self.judge(Survey(row));
        self.rows.push(verdict);
    }

    /// Observations and rejections.
    pub(super) fn finish(self) -> (Vec<Observation>, Vec<Rejection>) {
        verdict::split(self.rows)
    }

    fn judge(&self, survey: Survey<'_>) -> Verdict {
        let id = survey.id().map(str::to_owned);
        let closed = survey.closed();
        // One that was opened and never answered belongs to the time at which it was opened.
        let at = closed.ok().or_else(|| survey.opened().filter(|_| closed == Err(Reason::Incomplete)));
        let is_future = at.is_some_and(|at| at > self.now.saturating_add(CLOCK_SKEW_MS));
        let is_outside = at.is_some_and(|at| at < self.window.start || at >= self.window.end);
        let kind = if survey.is_bare() { Kind::OverallBare } else { self.tags.type_of(survey.tags()) };
        if (is_outside && !is_future) || !self.kinds.contains(&kind) {
            return Verdict::Skipped(id);
        }

        let client = survey.client();
        // One after the other: the first reason that fits is the one given.
        let found = if id.is_none() {
            Err(Reason::NoId)
        } else if client.is_none() {
            Err(Reason::NoClient)
        } else if survey.is_inactive() {
            Err(Reason::Inactive)
        } else if is_future {
            Err(Reason::Future)
        } else {
            closed.and_then(|at| survey.score().map(|value| (at, value)))
        };
        match (found, id, client) {
            (Ok((at, value)), Some(id), Some(client)) => {
                Verdict::Counts(Observation { id, client, when: When::At(at), kind: kind.index(), value })
            }
            (Err(reason), id, client) => {
                let (field, value) = at_fault(survey, reason);
                let reason = reason.id().to_owned();
                Verdict::Rejected(Rejection { id, client, at, reason, field: Some(field.to_owned()), value })
            }
            // Without an id or a client there is a reason.
            (Ok(_), id, _) => Verdict::Skipped(id),
        }
    }
}

/// The field that is the reason, and its value if it is a number or a time.
fn at_fault(survey: Survey<'_>, reason: Reason) -> (&'static str, Option<String>) {
    let field = match reason {
        Reason::NoId => return ("_id", None),
        Reason::NoClient => return ("customer_data", None),
        Reason::Inactive => return ("inactive", Some("true".to_owned())),
        Reason::NoTime | Reason::Future | Reason::Incomplete => "closed",
        _ => "rating",
    };
    let value = match survey.0.get(field) {
        Some(Value::String(text)) => text::number_value(text),
        Some(Value::Number(number)) => number.as_f64().and_then(|number| text::number_value(&number.to_string())),
        _ => None,
    };
    (field, value)
}
