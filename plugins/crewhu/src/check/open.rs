//! The test of the Open API: the probe, the surveys, and whether they say whose they are.

use std::{cell::RefCell, rc::Rc};

use scoresheet_sdk::{Failure, Host, time};

use super::{
    Advice, Step,
    words::{self, count},
};
use crate::{
    guide::{Guide, HEALTH},
    open::{Open, SURVEY, Survey, SurveyPage, USER},
};

/// How many surveys the test looks at.
const ROWS: u64 = 100;

/// What a step tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    User,
    Surveys,
    Customers,
}

/// What one step finds and another one looks at.
type Found = Rc<RefCell<Option<SurveyPage>>>;

/// A step of the test.
struct OpenStep<'a> {
    host: &'a dyn Host,
    what: What,
    page: Found,
}

/// The steps, in order. "Date Range Queries" is none of them: this API has no dates to ask for.
pub(super) fn steps<'a>(host: &'a dyn Host) -> Vec<Box<dyn Step + 'a>> {
    let page = Found::default();
    let step = |what| -> Box<dyn Step + 'a> { Box::new(OpenStep { host, what, page: page.clone() }) };
    [What::User, What::Surveys, What::Customers].map(step).into_iter().collect()
}

impl Step for OpenStep<'_> {
    fn title(&self) -> &'static str {
        match self.what {
            What::User => "Reachable and authorised",
            What::Surveys => "CSAT Data Access",
            What::Customers => "Client/Company Data",
        }
    }

    fn run(&self) -> Result<String, Failure> {
        let open = Open::new(self.host);
        match self.what {
            What::User => open.probe().map(|status| format!("GET {USER} answered {status}")),
            What::Surveys => {
                let page = open.surveys(1, ROWS)?;
                let seen = shown(&page);
                *self.page.borrow_mut() = Some(page);
                Ok(seen)
            }
            What::Customers => match &*self.page.borrow() {
                Some(page) => customers(page),
                None => Err(Failure::Other(format!("GET {SURVEY} shows no surveys, and so no clients"))),
            },
        }
    }

    fn advice(&self, failure: &Failure) -> Advice {
        Advice::to_go_on(match (failure, self.what) {
            (Failure::Unauthorized(_), _) => {
                "check that CREWHU_API_KEY is current (the token is mistyped, expired or revoked) and that it is given by \
                 auth = { header = { name = \"X_CREWHU_APITOKEN\", value = \"${CREWHU_API_KEY}\" } }; where the account \
                 is on the API of CrewHu's integration guide, set api = \"guide\""
                    .to_owned()
            }
            (Failure::Forbidden(_), _) => format!(
                "ask the CrewHu administrator to give the token in CREWHU_API_KEY the permission {}",
                match self.what {
                    What::User => "to use the API",
                    What::Surveys => "'CSAT Data Access' (read access to customer satisfaction scores)",
                    What::Customers => "'Client/Company Data' (access to client and company mappings)",
                }
            ),
            (Failure::NotFound(_), What::User) => return self.advice_on_another_dialect(),
            (Failure::NotFound(_), _) => "check CREWHU_BASE_URL: it ends before 'api/v1'".to_owned(),
            (Failure::InvalidResponse(_), What::Customers) => {
                "without customer_data nobody can tell whose the surveys are: ask CrewHu whether the token in \
                 CREWHU_API_KEY has the permission 'Client/Company Data'"
                    .to_owned()
            }
            (Failure::InvalidResponse(_), _) => {
                "check that CREWHU_BASE_URL points at CrewHu's API and not at a web page or a proxy".to_owned()
            }
            (Failure::Other(_), What::Customers) => "see to the step before this one".to_owned(),
            _ => words::common_advice(failure),
        })
    }
}

impl OpenStep<'_> {
    /// What to do where the probe is not there: the guide's health call tells whether it is the guide's API.
    fn advice_on_another_dialect(&self) -> Advice {
        let set = "set api = \"guide\" in this provider's settings, with company_id, and give the key by auth = { bearer \
                   = \"${CREWHU_API_KEY}\" }";
        match Guide::new(self.host, "").health() {
            // Whether it takes the token as this dialect sends it does not matter.
            Ok(_) | Err(Failure::Unauthorized(_) | Failure::Forbidden(_)) => Advice::to_stop(format!(
                "this is the API of CrewHu's integration guide ({HEALTH} is there, {USER} is not): {set}"
            )),
            Err(_) => Advice::to_go_on(format!(
                "the base URL does not serve the Open API: check CREWHU_BASE_URL; where the account is on the API of \
                 CrewHu's integration guide, {set}"
            )),
        }
    }
}

/// "at least 100 surveys, those looked at answered since 2024-01-02T10:00:00Z".
fn shown(page: &SurveyPage) -> String {
    let rows = page.rows.len() as u64;
    let surveys = count(page.total.unwrap_or(rows).max(rows), page.total.is_none() && page.pages(1) > 1, "survey");
    match page.rows.iter().filter_map(|row| Survey(row).closed().ok()).min() {
        Some(first) => format!("{surveys}, those looked at answered since {}", time::format(first)),
        None => surveys,
    }
}

fn customers(page: &SurveyPage) -> Result<String, Failure> {
    let mut clients: Vec<String> = Vec::new();
    for client in page.rows.iter().filter_map(|row| named(Survey(row))) {
        if !clients.contains(&client) {
            clients.push(client);
        }
    }
    if clients.is_empty() && !page.rows.is_empty() {
        let rows = page.rows.len();
        return Err(Failure::InvalidResponse(format!("none of the {rows} surveys looked at says whose it is")));
    }
    Ok(format!("{} in the surveys looked at", count(clients.len() as u64, false, "client")))
}

fn named(survey: Survey<'_>) -> Option<String> {
    survey.client_id().map(|id| id.into_owned()).or_else(|| survey.client_name().map(str::to_owned))
}
