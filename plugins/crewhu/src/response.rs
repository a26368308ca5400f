//! Rows of the scores call: which responses count, and why the others do not.

mod shape;

use scoresheet_sdk::{
    ClientRef, Instant, Kind as _, Observation, Rejection, When, Window,
    json::{Rows, Scalar},
    text, time,
};

use self::shape::Shape;
use crate::{
    Kind,
    kind::TYPES,
    verdict::{self, Verdict},
};

/// How far a response's time may lie ahead of the run's clock before it counts as wrong.
pub(crate) const CLOCK_SKEW_MS: i64 = 5 * 60 * 1_000;

/// Why a response does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// No id, or none that could be stored.
    NoId,
    /// Neither a client's id nor its name.
    NoClient,
    /// No time, or none that can be read.
    NoTime,
    /// Given later than now.
    Future,
    /// Not a CSAT type.
    UnknownType,
    /// Begun, not finished.
    Incomplete,
    /// CrewHu marks it invalid, or in a way that the API does not describe.
    InvalidStatus,
    /// No score.
    ScoreMissing,
    /// A score that is no number from 1 to 5, or a rating that is none of the Open API's three.
    ScoreOutOfRange,
    /// CrewHu no longer counts the survey; the Open API's word.
    Inactive,
}

/// Every reason; where several fit, the first one is given.
pub(crate) const REJECTIONS: [Reason; 10] = [
    Reason::NoId,
    Reason::NoClient,
    Reason::NoTime,
    Reason::Future,
    Reason::UnknownType,
    Reason::Incomplete,
    Reason::InvalidStatus,
    Reason::ScoreMissing,
    Reason::ScoreOutOfRange,
    Reason::Inactive,
];

impl Reason {
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::NoId => "no-id",
            Self::NoClient => "no-client",
            Self::NoTime => "no-time",
            Self::Future => "future",
            Self::UnknownType => "unknown-type",
            Self::Incomplete => "incomplete",
            Self::InvalidStatus => "invalid-status",
            Self::ScoreMissing => "score-missing",
            Self::ScoreOutOfRange => "score-out-of-range",
            Self::Inactive => "inactive",
        }
    }
}

/// When a response was given, where that can be read.
pub(crate) fn responded_at(field: &Scalar<'_>) -> Option<Instant> {
    field.as_text().and_then(time::parse)
}

/// A page's responses of one window and some kinds.
#[derive(Debug)]
pub(crate) struct Responses<'a> {
    window: Window,
    now: Instant,
    kinds: &'a [Kind],
    rows: Vec<Verdict>,
    shape: Shape,
}

impl Rows for Responses<'_> {
    fn fields(&self) -> &'static [&'static str] {
        &["id", "client_id", "client_name", "score", "type", "responded_at", "status"]
    }

    fn take(&mut self, row: Option<&mut [Scalar<'_>]>) {
        let verdict = match row {
            Some([id, client_id, client_name, score, kind, responded_at, status]) => {
                self.shape.see(id, (client_id, client_name), score, responded_at, status);
                self.judge(id, (client_id, client_name), score, kind, responded_at, status)
            }
            _ => {
                self.shape.see_no_object();
                self.judge(
                    &Scalar::Absent,
                    (&Scalar::Absent, &Scalar::Absent),
                    &Scalar::Absent,
                    &Scalar::Absent,
                    &Scalar::Absent,
                    &Scalar::Absent,
                )
            }
        };
        self.rows.push(verdict);
    }
}

impl<'a> Responses<'a> {
    /// None yet, with room for so many that count.
    pub(crate) fn new(window: Window, now: Instant, kinds: &'a [Kind], room: usize) -> Self {
        Self { window, now, kinds, rows: Vec::with_capacity(room), shape: Shape::default() }
    }

    /// Rows so far, used or not.
    pub(crate) fn read(&self) -> u32 {
        u32::try_from(self.rows.len()).unwrap_or(u32::MAX)
    }

    /// Why these rows cannot be answers, where they cannot.
    pub(crate) fn problem(&self) -> Option<String> {
        self.shape.problem()
    }

    /// Observations and rejections.
    pub(crate) fn finish(self) -> (Vec<Observation>, Vec<Rejection>) {
        verdict::split(self.rows)
    }

    fn judge(
        &self,
        id: &Scalar<'_>,
        (client_id, client_name): (&Scalar<'_>, &Scalar<'_>),
        score_field: &Scalar<'_>,
        kind_field: &Scalar<'_>,
        at_field: &Scalar<'_>,
        status_field: &Scalar<'_>,
    ) -> Verdict {
        let at = responded_at(at_field);
        let kind = kind(kind_field);
        let status = status(status_field);
        let score = score(score_field);
        let id = id.as_id().filter(|id| text::is_usable_id(id)).map(Into::into);
        let client = client(client_id, client_name);

        let is_future = at.is_some_and(|at| at > self.now.saturating_add(CLOCK_SKEW_MS));
        let is_outside = at.is_some_and(|at| at < self.window.start || at >= self.window.end);
        let is_unwanted = kind.is_ok_and(|kind| !self.kinds.contains(&kind));
        if (is_outside && !is_future) || is_unwanted {
            return Verdict::Skipped(id);
        }

        let reject = |reason: Reason, id, client| {
            let (field, value) = match reason {
                Reason::NoId => ("id", None),
                Reason::NoClient => ("client_id", None),
                Reason::NoTime | Reason::Future => ("responded_at", at_field.number_value()),
                Reason::UnknownType => ("type", kind_field.enum_value()),
                Reason::Incomplete | Reason::InvalidStatus => ("status", status_field.enum_value()),
                _ => ("score", score_field.number_value()),
            };
            let (field, reason) = (Some(field.to_owned()), reason.id().to_owned());
            Verdict::Rejected(Rejection { id, client, at, reason, field, value })
        };
        // One after the other: the first reason that fits is the one given.
        let Some(id) = id else { return reject(Reason::NoId, None, client) };
        let Some(client) = client else { return reject(Reason::NoClient, Some(id), None) };
        let found = match at {
            None => Err(Reason::NoTime),
            Some(_) if is_future => Err(Reason::Future),
            Some(at) => kind.and_then(|kind| status.and(score).map(|value| (at, kind, value))),
        };
        match found {
            Ok((at, kind, value)) => {
                Verdict::Counts(Observation { id, client, when: When::At(at), kind: kind.index(), value })
            }
            Err(reason) => reject(reason, Some(id), Some(client)),
        }
    }
}

/// The client's id and name, as far as they are usable; `None` if neither is.
fn client(id: &Scalar<'_>, name: &Scalar<'_>) -> Option<ClientRef> {
    let id = id.as_id().filter(|id| text::is_usable_id(id)).map(|id| id.into_owned());
    let name = name.as_text().filter(|name| text::is_usable_name(name)).map(str::to_owned);
    (id.is_some() || name.is_some()).then_some(ClientRef { id, name })
}

fn kind(field: &Scalar<'_>) -> Result<Kind, Reason> {
    if field.is_missing() {
        return Ok(Kind::Overall);
    }
    let named = |text| TYPES.into_iter().find(|(name, _)| *name == text).map(|(_, kind)| kind);
    field.as_text().and_then(named).ok_or(Reason::UnknownType)
}

fn status(field: &Scalar<'_>) -> Result<(), Reason> {
    match field.as_text() {
        Some("completed") => Ok(()),
        Some("incomplete") => Err(Reason::Incomplete),
        None if field.is_missing() => Ok(()),
        _ => Err(Reason::InvalidStatus),
    }
}

/// A number from 1 to 5, or a text that spells one in plain digits: `4`, `4.5`, `"4"`, `" 4.50 "`.
fn score(field: &Scalar<'_>) -> Result<f64, Reason> {
    let number = match field {
        missing if missing.is_missing() => return Err(Reason::ScoreMissing),
        Scalar::Text(text) if text.trim_ascii().is_empty() => return Err(Reason::ScoreMissing),
        Scalar::Text(text) => text::decimal(text),
        other => other.as_number(),
    };
    number.filter(|number| (1.0..=5.0).contains(number)).ok_or(Reason::ScoreOutOfRange)
}

#[cfg(test)]
mod tests;
