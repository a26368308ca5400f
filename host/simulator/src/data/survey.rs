//! A world's answers as CrewHu's Open API serves them, together with what they mean there.
//!
//! They are the same answers of the same clients; three ratings stand for five, tags for types, and among them are the
//! bursts that mail scanners leave behind.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{
    dirt::PERSONAL_DATA_MARK,
    expected::mean,
    row::{Meaning, Reason, ResponseType, Row, wire_time},
    world::World,
};

/// What a survey was made to say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SurveyMeaning {
    /// A person's answer: 5, 3 or 1.
    Rating(f64),
    /// A link that a mail scanner followed.
    Scanned,
    /// One that does not count, and why.
    Rejected(&'static str),
}

/// One survey: its JSON as served, and beside it what it means.
#[derive(Clone, Debug, PartialEq)]
pub struct Survey {
    body: Box<str>,
    owner: Option<Box<str>>,
    at: Option<DateTime<Utc>>,
    meaning: SurveyMeaning,
    superseded: bool,
}

impl Survey {
    /// The JSON object, as served.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.body
    }

    /// The source client whose answer it is.
    #[must_use]
    pub fn owner(&self) -> Option<&str> {
        self.owner.as_deref()
    }

    /// When it was answered, or opened where it never was; none where that cannot be read.
    #[must_use]
    pub const fn at(&self) -> Option<DateTime<Utc>> {
        self.at
    }

    /// What it means.
    #[must_use]
    pub const fn meaning(&self) -> SurveyMeaning {
        self.meaning
    }
}

/// The truth about one client and window, as the Open API shows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExpectedSurveys {
    /// The ratings that people gave, on the scale from 1 to 5.
    pub ratings: Vec<f64>,
    /// How many a mail scanner left behind.
    pub scanned: u64,
    /// How many do not count, by reason.
    pub rejected: BTreeMap<&'static str, u64>,
}

impl ExpectedSurveys {
    /// The unrounded mean; none without a rating.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        mean(&self.ratings)
    }
}

impl World {
    /// The answers as the Open API serves them, in its order.
    #[must_use]
    pub fn surveys(&self) -> Vec<Survey> {
        let names = self.clients().iter().map(|client| (client.id.as_str(), client.name.as_str())).collect();
        let mut maker = Maker { names, quiet: HashMap::new(), surveys: Vec::new() };
        for (number, row) in self.responses().iter().enumerate() {
            maker.survey(number, row);
            if number % ROWS_A_BURST == ROWS_A_BURST - 1 && !row.superseded() {
                maker.burst(number, row);
            }
        }
        maker.surveys
    }

    /// What one source client's surveys in `[from, until)` amount to, as those meant it who made them.
    #[must_use]
    pub fn expected_surveys(&self, client_id: &str, from: DateTime<Utc>, until: DateTime<Utc>) -> ExpectedSurveys {
        let mut expected = ExpectedSurveys::default();
        for survey in self.surveys().iter().filter(|survey| survey.owner() == Some(client_id) && !survey.superseded) {
            let inside = survey.at.is_some_and(|at| from <= at && at < until);
            match survey.meaning {
                SurveyMeaning::Rating(rating) if inside => expected.ratings.push(rating),
                SurveyMeaning::Scanned if inside => expected.scanned += 1,
                // No window excludes what has no time, or one that is still to come.
                SurveyMeaning::Rejected(reason)
                    if inside || survey.at.is_none() || reason == Reason::Future.as_str() =>
                {
                    *expected.rejected.entry(reason).or_default() += 1;
                }
                _ => {}
            }
        }
        expected
    }
}

/// After so many answers comes a burst.
const ROWS_A_BURST: usize = 25;

/// Answers without comment and tag keep so far apart unless they are a burst.
const APART_SECS: i64 = 60;

struct Maker<'w> {
    names: HashMap<&'w str, &'w str>,
    /// When each client answered without a comment or a tag.
    quiet: HashMap<String, Vec<DateTime<Utc>>>,
    surveys: Vec<Survey>,
}

impl Maker<'_> {
    fn survey(&mut self, number: usize, row: &Row) {
        let reason = match row.meaning() {
            Meaning::Rating { .. } => None,
            Meaning::Rejected(Reason::UnknownType | Reason::InvalidStatus) => Some("inactive"),
            Meaning::Rejected(reason) => Some(reason.as_str()),
        };
        let (rating, about) = match row.meaning() {
            Meaning::Rating { about, score } if score >= 3.75 => ("5", about),
            Meaning::Rating { about, score } if score >= 2.75 => ("0", about),
            Meaning::Rating { about, .. } => ("-5", about),
            Meaning::Rejected(_) => ("5", ResponseType::Overall),
        };
        let tags = match about {
            ResponseType::Overall => None,
            ResponseType::Resolution => Some("Issue Resolution"),
            ResponseType::Communication => Some("Communication"),
            ResponseType::Timeliness => Some("Response Time"),
        };
        let bare = tags.is_none()
            && number.is_multiple_of(2)
            && row.at().is_some_and(|at| self.keep_quiet(row.owner(), &[at]));
        let mut survey = json!({
            "_id": row.id(),
            "_created_at": row.at().map(|at| wire_time(at - TimeDelta::minutes(2))),
            "_updated_at": row.at().map(wire_time),
            "closed": row.at().map_or("yesterday".to_owned(), wire_time),
            "rating": rating,
            "rating_label": format!("label {PERSONAL_DATA_MARK}"),
            "ticket_num": format!("{}", 48_000 + number),
            "customer_data": self.customer(number, row),
            "employees": [{"name": format!("Dana {PERSONAL_DATA_MARK}"), "email": format!("dana@{PERSONAL_DATA_MARK}.example")}],
            "surveyTagsCustomer": tags.into_iter().collect::<Vec<_>>(),
            "surveyTagsCompany": [],
            "survey_type_code": (["typResolved", "typReply", "typSignature"][number % 3]),
            "inactive": reason == Some("inactive"),
            "reviewed": number.is_multiple_of(5),
            "comment": if bare { Value::Null } else { format!("Quick and friendly! {PERSONAL_DATA_MARK}").into() },
            "summary": format!("A printer of {PERSONAL_DATA_MARK}"),
            "ip_address": PERSONAL_DATA_MARK,
        });
        match reason {
            Some("incomplete") => {
                survey["closed"] = Value::Null;
                survey["rating"] = Value::Null;
                survey["_created_at"] = row.at().map(wire_time).into();
            }
            Some("score-missing") => survey["rating"] = Value::Null,
            Some("score-out-of-range") => survey["rating"] = "3".into(),
            _ => {}
        }
        let meant = match rating {
            "5" => 5.0,
            "0" => 3.0,
            _ => 1.0,
        };
        self.surveys.push(Survey {
            body: survey.to_string().into(),
            owner: row.owner().map(Into::into),
            at: row.at(),
            meaning: reason.map_or(SurveyMeaning::Rating(meant), SurveyMeaning::Rejected),
            superseded: row.superseded(),
        });
    }

    /// A mail scanner opens all three links of a mail, an hour before a person answers.
    fn burst(&mut self, number: usize, row: &Row) {
        let (Some(at), Some(owner), Some(id)) = (row.at(), row.owner(), row.id()) else { return };
        let first = at - TimeDelta::hours(1);
        let times: Vec<DateTime<Utc>> = [0, 4, 30].map(|seconds| first + TimeDelta::seconds(seconds)).into();
        if !self.keep_quiet(Some(owner), &times) {
            return;
        }
        for (rating, at) in ["5", "0", "-5"].into_iter().zip(times) {
            let survey = json!({
                "_id": format!("{id}-scan{rating}"),
                "_created_at": wire_time(at),
                "closed": wire_time(at),
                "rating": rating,
                "customer_data": self.customer(number, row),
                "comment": "",
                "surveyTagsCustomer": [],
                "inactive": false,
                "ip_address": PERSONAL_DATA_MARK,
            });
            self.surveys.push(Survey {
                body: survey.to_string().into(),
                owner: Some(owner.into()),
                at: Some(at),
                meaning: SurveyMeaning::Scanned,
                superseded: false,
            });
        }
    }

    /// Notes answers without comment and tag; not where the client has others close by, which would be a burst of its own.
    fn keep_quiet(&mut self, owner: Option<&str>, times: &[DateTime<Utc>]) -> bool {
        let known = self.quiet.entry(owner.unwrap_or_default().to_owned()).or_default();
        let near = |a: &DateTime<Utc>, b: &DateTime<Utc>| (*a - *b).num_seconds().abs() <= APART_SECS;
        let fits = !times.iter().any(|time| known.iter().any(|known| near(time, known)));
        if fits {
            known.extend(times);
        }
        fits
    }

    /// Whose it is: half of the clients under `id`, half under `ID`, as exports have both; a few by name alone.
    fn customer(&self, number: usize, row: &Row) -> Value {
        let Some(owner) = row.owner() else { return Value::Null };
        let name = self.names.get(owner).copied().unwrap_or("Former Client Ltd");
        let contact = format!("contact@{PERSONAL_DATA_MARK}.example");
        let is_listed = self.names.contains_key(owner);
        if is_listed && (row.name_only() || number % 20 == 19) {
            return json!({"name": name, "email": contact});
        }
        let field = if owner.len().is_multiple_of(2) || owner.ends_with(['1', '3', '5']) { "ID" } else { "id" };
        json!({field: owner, "name": name, "email": contact, "phone": PERSONAL_DATA_MARK})
    }
}
