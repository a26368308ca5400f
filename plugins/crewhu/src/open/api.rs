//! The two calls, and the envelopes that their answers may have: none is documented.

use scoresheet_sdk::{
    Failure, Host, fetch,
    json::{Value, read_document},
    text,
};

use super::shape;

/// The cheap probe.
pub(crate) const USER: &str = "api/v1/user";

/// Where the surveys are.
pub(crate) const SURVEY: &str = "api/v1/survey";

/// The names under which an envelope may hold the surveys.
const LISTS: [&str; 3] = ["items", "data", "surveys"];

/// Caps that servers put on a page. One that is short of what was asked for by being just so long may have been
/// capped, and then it is not the last one.
const USUAL_CAPS: [u64; 11] = [10, 20, 25, 30, 50, 100, 200, 250, 300, 400, 500];

/// The API; its token says whose data.
#[derive(Clone, Copy)]
pub(crate) struct Open<'a> {
    host: &'a dyn Host,
}

/// A page of surveys.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SurveyPage {
    pub(crate) rows: Vec<Value>,
    /// Of how many in all, where the source says.
    pub(crate) total: Option<u64>,
    has_more: Option<bool>,
    limit: u64,
}

impl<'a> Open<'a> {
    pub(crate) fn new(host: &'a dyn Host) -> Self {
        Self { host }
    }

    /// Whether the API is there and takes the token; gives the answer's status.
    pub(crate) fn probe(&self) -> Result<u16, Failure> {
        fetch::fetch(self.host, &fetch::get(USER, &[("step", "1"), ("limit", "1")])).map(|response| response.status)
    }

    /// A page of surveys; steps count pages from 1. A page that holds no surveys is refused.
    pub(crate) fn surveys(&self, step: u64, limit: u64) -> Result<SurveyPage, Failure> {
        let request = fetch::get(SURVEY, &[("step", &step.to_string()), ("limit", &limit.to_string())]);
        let response = fetch::fetch(self.host, &request)?;
        let wrong = |why: String| Failure::InvalidResponse(format!("GET {SURVEY}: the answer {why}"));
        let mut page = SurveyPage { rows: Vec::new(), total: None, has_more: None, limit };
        match read_document(&request, &response)? {
            Value::Array(rows) => page.rows = rows,
            Value::Object(mut envelope) => {
                let Some(list) = LISTS.into_iter().find(|name| envelope.get(*name).is_some_and(Value::is_array)) else {
                    let held = envelope.keys().take(5).map(|name| format!("`{}`", text::excerpt(name.as_bytes())));
                    let held = held.collect::<Vec<_>>().join(", ");
                    return Err(wrong(format!(
                        "is an object without a list `items`, `data` or `surveys`; it holds {held}"
                    )));
                };
                page.total = envelope.get("total").and_then(Value::as_u64);
                page.has_more = envelope.get("hasMore").and_then(Value::as_bool);
                if let Some(Value::Array(rows)) = envelope.swap_remove(list) {
                    page.rows = rows;
                }
            }
            _ => return Err(wrong("is neither a list nor an object".to_owned())),
        }
        match shape::problem(&page.rows) {
            Some(problem) => Err(Failure::InvalidResponse(format!("GET {SURVEY}, page {step}: {problem}"))),
            None => Ok(page),
        }
    }
}

impl SurveyPage {
    /// How many pages there are, as far as the page of this step tells: more than `step` where it is not the last one.
    pub(crate) fn pages(&self, step: u64) -> u64 {
        let (rows, limit) = (self.rows.len() as u64, self.limit);
        if rows == 0 || self.has_more == Some(false) {
            return step;
        }
        let told_more = self.has_more == Some(true);
        // More rows than were asked for are all there are: this server does not page.
        let is_full = rows == limit;
        let may_be_capped =
            self.has_more.is_none() && self.total.is_none() && USUAL_CAPS.contains(&rows) && rows < limit;
        let counted = match self.total {
            Some(total) if is_full => total.div_ceil(limit),
            // The first page shows what the server caps a page at.
            Some(total) if rows < limit && step == 1 => total.div_ceil(rows),
            _ => 0,
        };
        let at_least = step + u64::from(told_more || is_full || may_be_capped);
        counted.max(at_least)
    }
}
