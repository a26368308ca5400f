//! One survey answer as the wire shows it, together with what it means.

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value};

/// What an answer is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResponseType {
    /// General service satisfaction; what an answer without a type is about.
    Overall,
    /// The issue's resolution.
    Resolution,
    /// The quality of the support interactions.
    Communication,
    /// The speed of delivery.
    Timeliness,
}

impl ResponseType {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Overall, Self::Resolution, Self::Communication, Self::Timeliness];

    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Overall => "overall",
            Self::Resolution => "resolution",
            Self::Communication => "communication",
            Self::Timeliness => "timeliness",
        }
    }
}

/// Why an answer does not count; the first that fits, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// `id` is absent or null.
    NoId,
    /// Neither `client_id` nor `client_name`.
    NoClient,
    /// `responded_at` is absent, null or unreadable.
    NoTime,
    /// `responded_at` lies in the future.
    Future,
    /// `type` is none of the four.
    UnknownType,
    /// `status` is `incomplete`.
    Incomplete,
    /// `status` is `invalid`, or a word that nobody knows.
    InvalidStatus,
    /// `score` is absent, null or an empty text.
    ScoreMissing,
    /// `score` says something else than a number from 1 to 5.
    ScoreOutOfRange,
}

impl Reason {
    /// The id under which a provider counts it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
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
        }
    }
}

/// What a row was made to say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Meaning {
    /// A response that counts.
    Rating {
        /// What it is about.
        about: ResponseType,
        /// 1 to 5.
        score: f64,
    },
    /// A row that does not count.
    Rejected(Reason),
}

/// One answer: its JSON as served, and beside it what it means.
///
/// The label is never read back from the JSON: whoever makes a row says both.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    body: Box<str>,
    id: Option<Box<str>>,
    owner: Option<Arc<str>>,
    at: Option<DateTime<Utc>>,
    meaning: Meaning,
    name_only: bool,
    pub(super) superseded: bool,
}

impl Row {
    /// A valid answer about the service overall, every field as the API documents it but for the client's name.
    #[must_use]
    pub fn rating(id: &str, client_id: impl Into<Arc<str>>, at: DateTime<Utc>, score: f64) -> Self {
        Self::of(id, client_id.into(), None, at, ResponseType::Overall, score)
    }

    /// Says what the answer is about, on the wire and in meaning.
    #[must_use]
    pub fn about(mut self, about: ResponseType) -> Self {
        if let Meaning::Rating { about: former, .. } = &mut self.meaning {
            *former = about;
        }
        self.with("type", about.as_str())
    }

    /// Puts another score on the wire, and says which one is meant.
    #[must_use]
    pub fn scored(mut self, wire: impl Into<Value>, meant: f64) -> Self {
        if let Meaning::Rating { score, .. } = &mut self.meaning {
            *score = meant;
        }
        self.with("score", wire)
    }

    /// Puts a field on the wire; what the row means stays.
    #[must_use]
    pub fn with(self, field: &str, value: impl Into<Value>) -> Self {
        let value = value.into();
        self.alter(|row| {
            row.insert(field.to_owned(), value);
        })
    }

    /// Takes a field off the wire; what the row means stays.
    #[must_use]
    pub fn without(self, field: &str) -> Self {
        self.alter(|row| {
            row.shift_remove(field);
        })
    }

    /// Says that the row does not count, and why; the wire stays.
    #[must_use]
    pub fn rejected(mut self, reason: Reason) -> Self {
        self.meaning = Meaning::Rejected(reason);
        self
    }

    /// Moves the answer to another time, on the wire and in meaning.
    #[must_use]
    pub fn answered_at(mut self, at: DateTime<Utc>) -> Self {
        self.at = Some(at);
        self.with("responded_at", wire_time(at))
    }

    /// Says that nobody can read when it was answered; the wire stays.
    #[must_use]
    pub fn untimed(mut self) -> Self {
        self.at = None;
        self
    }

    /// Says whose answer it is (a source client's id); the wire stays.
    #[must_use]
    pub fn owned_by(mut self, client_id: Option<&str>) -> Self {
        self.owner = client_id.map(Into::into);
        self
    }

    /// The JSON object, as served.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.body
    }

    /// The id on the wire, where it is a text.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The source client whose answer it is.
    #[must_use]
    pub fn owner(&self) -> Option<&str> {
        self.owner.as_deref()
    }

    /// When it was answered, where that can be read.
    #[must_use]
    pub const fn at(&self) -> Option<DateTime<Utc>> {
        self.at
    }

    /// What it means.
    #[must_use]
    pub const fn meaning(&self) -> Meaning {
        self.meaning
    }

    /// Whether a later row of the same id takes its place.
    #[must_use]
    pub const fn superseded(&self) -> bool {
        self.superseded
    }

    /// Whether it says whose it is by name alone, so that a filter by client id misses it.
    #[must_use]
    pub const fn name_only(&self) -> bool {
        self.name_only
    }

    /// Whether no window excludes it: its time cannot be read, or lies in the future.
    #[must_use]
    pub fn in_every_window(&self) -> bool {
        self.at.is_none() || self.meaning == Meaning::Rejected(Reason::Future)
    }

    /// A valid answer with every field that the API documents.
    pub(super) fn of(
        id: &str,
        client_id: Arc<str>,
        client_name: Option<&str>,
        at: DateTime<Utc>,
        about: ResponseType,
        score: f64,
    ) -> Self {
        let wire = Wire {
            id,
            client_id: &client_id,
            client_name,
            score: wire_score(score),
            about: about.as_str(),
            responded_at: &wire_time(at),
            status: "completed",
        };
        let body = serde_json::to_string(&wire).expect("texts and numbers always serialise");
        Self {
            body: body.into(),
            id: Some(id.into()),
            owner: Some(client_id),
            at: Some(at),
            meaning: Meaning::Rating { about, score },
            name_only: false,
            superseded: false,
        }
    }

    fn alter(mut self, change: impl FnOnce(&mut Map<String, Value>)) -> Self {
        let mut row: Map<String, Value> =
            serde_json::from_str(&self.body).expect("a row's body is only ever made from a JSON object");
        change(&mut row);
        let says = |field: &str| row.get(field).is_some_and(|value| !value.is_null());
        self.name_only = !says("client_id") && says("client_name");
        self.id = row.get("id").and_then(Value::as_str).map(Into::into);
        self.body = Value::Object(row).to_string().into();
        self
    }
}

/// An answer's fields in the order in which the API documents them.
#[derive(serde::Serialize)]
struct Wire<'a> {
    id: &'a str,
    client_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_name: Option<&'a str>,
    score: Value,
    #[serde(rename = "type")]
    about: &'a str,
    responded_at: &'a str,
    status: &'a str,
}

/// RFC 3339 in UTC, with milliseconds only where there are any.
pub(super) fn wire_time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// Whole scores are integers on the wire.
fn wire_score(score: f64) -> Value {
    if score.fract() == 0.0 && score.abs() < 1e9 { Value::from(score as i64) } else { Value::from(score) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row() -> Row {
        Row::rating("r-9", "c-17", "2026-10-02T14:03:11Z".parse().expect("a time"), 4.0)
    }

    #[test]
    fn a_plain_row_is_what_the_api_documents() {
        assert_eq!(
            row().with("client_name", "Acme, Inc.").json(),
            r#"{"id":"r-9","client_id":"c-17","score":4,"type":"overall","responded_at":"2026-10-02T14:03:11Z","status":"completed","client_name":"Acme, Inc."}"#
        );
    }

    #[test]
    fn wire_and_meaning_change_apart() {
        let text = row().scored("4.5", 4.5);
        assert!(text.json().contains(r#""score":"4.5""#));
        assert_eq!(text.meaning(), Meaning::Rating { about: ResponseType::Overall, score: 4.5 });

        let late = row().with("responded_at", json!(null)).untimed().rejected(Reason::NoTime);
        assert_eq!((late.at(), late.in_every_window()), (None, true));
        assert_eq!(late.meaning(), Meaning::Rejected(Reason::NoTime));
    }

    #[test]
    fn knows_whether_the_name_alone_tells_whose_it_is() {
        let named = row().with("client_name", "Acme");
        assert!(!named.name_only());
        assert!(named.clone().without("client_id").name_only());
        assert!(named.with("client_id", json!(null)).name_only());
        assert!(!row().without("client_id").name_only());
        assert_eq!(row().with("id", json!(null)).id(), None);
    }
}
