//! Any body as a page of CrewHu's: it says what serde_json's tree of it says, and whatever becomes
//! an observation is a score from 1 to 5 of the row that bears its id.

use std::collections::BTreeMap;

use scoresheet_crewhu::CrewHu;
use scoresheet_sdk::{
    Failure, Observation, When, Window, fetch,
    json::{Rows, Scalar, read_page},
    testing::{self, ScriptedHost, response},
};
use serde_json::Value;

/// 2026-10-01 and 2026-11-01, in milliseconds.
const WINDOW: Window = Window { start: 1_790_812_800_000, end: 1_793_491_200_000 };

const FIELDS: [&str; 7] = ["id", "client_id", "client_name", "score", "type", "responded_at", "status"];

/// Reads the body as a page of rows, of responses and of clients.
pub(crate) fn crewhu_page(data: &[u8]) {
    let body = String::from_utf8_lossy(data);
    agrees_with_the_tree(&body);
    let host = ScriptedHost::at(WINDOW.end).json("api/v1/csat/scores", &[], &body).json("api/v1/clients", &[], &body);
    // The SDK's test calls check ids, kinds, windows, reasons and counts.
    match testing::pull::<CrewHu>(&host, SETTINGS, WINDOW, None) {
        Ok(page) => {
            let scores = scores(&body);
            page.items.iter().for_each(|item| counts(item, scores.as_ref()));
        }
        Err(failure) => told(&failure),
    }
    match testing::clients::<CrewHu>(&host, SETTINGS, None) {
        Ok(page) => assert!(page.items.iter().all(|client| !client.id.is_empty() && !client.name.is_empty())),
        Err(failure) => told(&failure),
    }
}

const SETTINGS: &str = r#"{"company_id": "msp-1", "api": "guide", "page_size": 1000}"#;

fn counts(item: &Observation, scores: Option<&BTreeMap<String, Value>>) {
    assert!((1.0..=5.0).contains(&item.value), "{item:?}");
    assert!(!item.id.is_empty() && matches!(item.when, When::At(_)), "{item:?}");
    if let Some(scores) = scores {
        let given = match scores.get(&item.id) {
            Some(Value::Number(number)) => number.as_f64(),
            Some(Value::String(text)) => text.trim().parse().ok(),
            _ => None,
        };
        assert_eq!(given, Some(item.value), "the last row of {:?} says something else", item.id);
    }
}

/// A failure is one line that can be shown.
fn told(failure: &Failure) {
    let Failure::InvalidResponse(message) = failure else { panic!("not about the answer: {failure:?}") };
    assert!(message.len() < 2_000 && !message.chars().any(char::is_control), "{message:?}");
}

/// What the later row of each id says of its score; nothing where serde_json takes the text for no tree of a page.
fn scores(body: &str) -> Option<BTreeMap<String, Value>> {
    let page: Value = serde_json::from_str(body.strip_prefix('\u{feff}').unwrap_or(body)).ok()?;
    let rows = if page.is_array() { &page } else { page.get("data")? };
    let id = |row: &Value| match row.get("id")? {
        Value::String(id) => Some(id.clone()),
        // A whole number may be written with a fraction that is none.
        Value::Number(number) if number.is_f64() => number.as_f64().map(|id| format!("{id:.0}").replace("-0", "0")),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    Some(
        rows.as_array()?
            .iter()
            .filter_map(|row| Some((id(row)?, row.get("score").cloned().unwrap_or_default())))
            .collect(),
    )
}

/// Rows as JSON has them; what is compound is only known to be so.
#[derive(Default)]
struct Kept(Vec<Option<Vec<Value>>>);

/// Stands for a list or an object.
const COMPOUND: &str = "\u{0}compound";
/// Stands for a field that is not there.
const ABSENT: &str = "\u{0}absent";

impl Rows for Kept {
    fn fields(&self) -> &'static [&'static str] {
        &FIELDS
    }

    fn take(&mut self, row: Option<&mut [Scalar<'_>]>) {
        let value = |field: &Scalar<'_>| match field {
            Scalar::Absent => ABSENT.into(),
            Scalar::Null => Value::Null,
            Scalar::Bool(value) => (*value).into(),
            Scalar::Natural(value) => (*value).into(),
            Scalar::Negative(value) => (*value).into(),
            Scalar::Float(value) => (*value).into(),
            Scalar::Text(text) => text.as_ref().into(),
            Scalar::Compound => COMPOUND.into(),
        };
        self.0.push(row.map(|fields| fields.iter().map(value).collect()));
    }
}

fn agrees_with_the_tree(body: &str) {
    let text = body.strip_prefix('\u{feff}').unwrap_or(body);
    let read = read_page(&fetch::get("x", &[]), &response(200, body), Kept::default);
    match (serde_json::from_str::<Value>(text), read) {
        (Ok(tree), Ok(page)) => {
            let rows = if tree.is_array() { &tree } else { &tree["data"] };
            let rows = rows.as_array().unwrap_or_else(|| panic!("read a page where there is no list: {body}"));
            let expected: Vec<Option<Vec<Value>>> = rows.iter().map(of_tree).collect();
            assert_eq!(page.rows.0, expected, "{body}");
            let count = |name: &str| tree.get("pagination").and_then(|told| told.get(name)).and_then(Value::as_u64);
            if let Some(total) = count("total_pages") {
                assert_eq!(page.pagination.total_pages, Some(total), "{body}");
            }
        }
        (Ok(tree), Err(failure)) => {
            // A tree forgets that `data` stood twice; counts of pages may be no counts.
            let twice = text.matches("\"data\"").count() > 1 || text.contains("\\u");
            let rows = if tree.is_array() { Some(&tree) } else { tree.get("data") };
            let is_page = rows.is_some_and(Value::is_array) && tree.get("pagination").is_none();
            assert!(twice || !is_page, "{failure:?}: {body}");
        }
        (Err(error), Ok(_)) => {
            // What is mended, and what a tree has limits for that a stream does not.
            let odd = ["NaN", "Infinity", "\\u", "e", "E"].iter().any(|odd| text.contains(odd));
            let deep = text.matches(['[', '{']).count() > 120;
            let long = text.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() > 300);
            assert!(odd || deep || long, "{error}: {body}");
        }
        (Err(_), Err(failure)) => told(&failure),
    }
}

fn of_tree(row: &Value) -> Option<Vec<Value>> {
    let row = row.as_object()?;
    let value = |name: &&str| match row.get(*name) {
        None => ABSENT.into(),
        Some(Value::Array(_) | Value::Object(_)) => COMPOUND.into(),
        Some(value) => value.clone(),
    };
    Some(FIELDS.iter().map(value).collect())
}
