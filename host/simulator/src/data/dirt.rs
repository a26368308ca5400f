//! Every way in which an answer can be odd or wrong, a row each: what becomes of a clean answer, and
//! what that means. Rows that only look odd and count all the same stand first.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::row::{Reason, ResponseType, Row};

/// Stands in every comment, contact name and address that a world holds. None of those may be kept by
/// whoever reads the world: searching for this text finds the leak.
pub const PERSONAL_DATA_MARK: &str = "personal-data-mark";

/// What a kind of dirt may look at beside the clean answer.
pub(super) struct Spot<'a> {
    /// Another spelling of the client's name.
    pub(super) former_name: &'a str,
    /// When it was answered.
    pub(super) at: DateTime<Utc>,
    /// The score.
    pub(super) score: f64,
    /// The world's end.
    pub(super) until: DateTime<Utc>,
}

/// Soils a clean answer in the way of this number; the ways take turns.
pub(super) fn soil(number: usize, clean: Row, spot: &Spot<'_>) -> Vec<Row> {
    let (_, how) = WAYS[number % WAYS.len()];
    how(clean, spot)
}

/// What becomes of a clean answer: one row, or two of the same id, the later of which stands.
type Way = fn(Row, &Spot<'_>) -> Vec<Row>;

#[rustfmt::skip]
const WAYS: &[(&str, Way)] = &[
    // Odd, and it counts.
    ("score as text", |row, s| vec![row.scored(whole(s.score), s.score)]),
    ("score with a fraction", |row, s| vec![row.scored(halved(s.score), halved(s.score))]),
    ("fraction as text", |row, s| vec![row.scored(halved(s.score).to_string(), halved(s.score))]),
    ("whole score as a float", |row, s| vec![row.scored(s.score, s.score)]),
    ("name alone", |row, _| vec![row.without("client_id")]),
    ("client id null, name given", |row, _| vec![row.with("client_id", Value::Null)]),
    ("client id alone", |row, _| vec![row.without("client_name")]),
    ("another spelling beside the right id", |row, s| vec![row.with("client_name", s.former_name)]),
    ("time without offset", |row, s| vec![row.with("responded_at", s.at.format("%Y-%m-%dT%H:%M:%S").to_string())]),
    ("time of another zone", |row, s| {
        let there = s.at + TimeDelta::hours(5) + TimeDelta::minutes(30);
        vec![row.with("responded_at", there.format("%Y-%m-%dT%H:%M:%S+05:30").to_string())]
    }),
    ("time with milliseconds", |row, s| vec![row.answered_at(s.at + TimeDelta::milliseconds(250))]),
    ("no type", |row, _| vec![row.about(ResponseType::Overall).without("type")]),
    ("no status", |row, _| vec![row.without("status")]),
    ("unknown fields, personal ones among them", |row, _| vec![row
        .with("ticket", json!({"number": 48_213, "board": "Service Desk"}))
        .with("comment", format!("Quick and friendly, thank you! {PERSONAL_DATA_MARK}"))
        .with("contact", json!({"name": format!("Dana {PERSONAL_DATA_MARK}"), "email": format!("dana@{PERSONAL_DATA_MARK}.example")}))
        .with("ip_address", PERSONAL_DATA_MARK)]),
    ("a client that the source no longer lists", |row, _| vec![row
        .with("client_id", STRANGER).with("client_name", "Former Client Ltd").owned_by(Some(STRANGER))]),
    ("twice", |row, _| vec![row.clone(), row]),
    ("twice, edited", |row, s| vec![row.clone(), row.scored(whole(6.0 - s.score), 6.0 - s.score)]),
    // Valid at first, withdrawn later.
    ("withdrawn", |row, _| vec![row.clone(), row.with("status", "invalid").rejected(Reason::InvalidStatus)]),
    ("withdrawn, its score gone", |row, _| vec![row.clone(), row.with("score", Value::Null).rejected(Reason::ScoreMissing)]),
    // Wrong in one way.
    ("no id", |row, _| vec![row.without("id").rejected(Reason::NoId)]),
    ("id null", |row, _| vec![row.with("id", Value::Null).rejected(Reason::NoId)]),
    ("no client", |row, _| vec![row.without("client_id").without("client_name").owned_by(None).rejected(Reason::NoClient)]),
    ("client null", |row, _| vec![row
        .with("client_id", Value::Null).with("client_name", Value::Null).owned_by(None).rejected(Reason::NoClient)]),
    ("no time", |row, _| vec![row.without("responded_at").untimed().rejected(Reason::NoTime)]),
    ("time null", |row, _| vec![row.with("responded_at", Value::Null).untimed().rejected(Reason::NoTime)]),
    ("time in words", |row, _| vec![row.with("responded_at", "yesterday").untimed().rejected(Reason::NoTime)]),
    ("a day that does not exist", |row, _| vec![row
        .with("responded_at", "2026-02-30T09:00:00Z").untimed().rejected(Reason::NoTime)]),
    ("time as a number", |row, s| vec![row.with("responded_at", s.at.timestamp()).untimed().rejected(Reason::NoTime)]),
    // Decades ahead, so that it is the future for whoever reads the world later, too.
    ("future", |row, s| vec![row.answered_at(s.until + TimeDelta::days(36_525)).rejected(Reason::Future)]),
    ("unknown type", |row, _| vec![row.with("type", "nps").rejected(Reason::UnknownType)]),
    ("incomplete", |row, _| vec![row.with("status", "incomplete").rejected(Reason::Incomplete)]),
    ("invalid", |row, _| vec![row.with("status", "invalid").rejected(Reason::InvalidStatus)]),
    ("a status that nobody knows", |row, _| vec![row.with("status", "archived").rejected(Reason::InvalidStatus)]),
    ("no score", |row, _| vec![row.without("score").rejected(Reason::ScoreMissing)]),
    ("score null", |row, _| vec![row.with("score", Value::Null).rejected(Reason::ScoreMissing)]),
    ("score in words", |row, _| vec![row.with("score", "excellent").rejected(Reason::ScoreOutOfRange)]),
    ("score an empty text", |row, _| vec![row.with("score", "").rejected(Reason::ScoreMissing)]),
    ("score true", |row, _| vec![row.with("score", true).rejected(Reason::ScoreOutOfRange)]),
    ("score not a number", |row, _| vec![row.with("score", "NaN").rejected(Reason::ScoreOutOfRange)]),
    ("score 0", |row, _| vec![row.with("score", 0).rejected(Reason::ScoreOutOfRange)]),
    ("score 6", |row, _| vec![row.with("score", 6).rejected(Reason::ScoreOutOfRange)]),
    ("score -1", |row, _| vec![row.with("score", -1).rejected(Reason::ScoreOutOfRange)]),
    ("score 7 as text", |row, _| vec![row.with("score", "7").rejected(Reason::ScoreOutOfRange)]),
    // Wrong in two ways: the first reason counts.
    ("no id, no client", |row, _| vec![row
        .without("id").without("client_id").without("client_name").owned_by(None).rejected(Reason::NoId)]),
    ("no client, no time", |row, _| vec![row
        .without("client_id").without("client_name").without("responded_at").owned_by(None).untimed().rejected(Reason::NoClient)]),
    ("unknown type, incomplete", |row, _| vec![row
        .with("type", "nps").with("status", "incomplete").rejected(Reason::UnknownType)]),
    ("incomplete, no score", |row, _| vec![row
        .with("status", "incomplete").with("score", Value::Null).rejected(Reason::Incomplete)]),
    ("name alone, incomplete", |row, _| vec![row
        .without("client_id").with("status", "incomplete").rejected(Reason::Incomplete)]),
    ("no score, type unknown", |row, _| vec![row.without("score").with("type", "").rejected(Reason::UnknownType)]),
];

/// A source client's id that stands in answers and not among the clients.
const STRANGER: &str = "c-gone";

fn whole(score: f64) -> String {
    format!("{score:.0}")
}

/// A score between two whole ones.
fn halved(score: f64) -> f64 {
    (score - 0.5).max(1.5)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::data::row::Meaning;

    #[test]
    fn shows_every_reason_and_names_each_way_once() {
        let at = "2026-10-02T14:03:11Z".parse().expect("a time");
        let until = "2026-11-01T00:00:00Z".parse().expect("a time");
        let spot = Spot { former_name: "ACME", at, score: 4.0, until };
        let mut reasons = BTreeSet::new();
        for number in 0..WAYS.len() {
            for row in soil(number, Row::rating("r-1", "c-1", at, 4.0).with("client_name", "Acme"), &spot) {
                if let Meaning::Rejected(reason) = row.meaning() {
                    reasons.insert(reason.as_str());
                }
            }
        }
        assert_eq!(reasons.len(), 9, "{reasons:?}");
        let names: BTreeSet<&str> = WAYS.iter().map(|(name, _)| *name).collect();
        assert_eq!(names.len(), WAYS.len());
    }
}
