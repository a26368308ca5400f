//! The test of the guide's API: one step for each permission that the guide asks for.

use scoresheet_sdk::{
    Failure, Host, Instant, Window,
    json::{Page, Rows, Scalar},
    numbers::DAY_MS,
    time,
};

use super::{
    Advice, Step,
    words::{self, count},
};
use crate::{
    guide::{Guide, HEALTH},
    open::{Open, USER},
    response::responded_at,
};

/// "Recent" in the test of CSAT access.
const RECENT_DAYS: i64 = 30;

/// How far back the test of date ranges looks.
const HISTORY_DAYS: i64 = 400;

/// How many responses the test of date ranges looks at.
const HISTORY_ROWS: u64 = 100;

/// What a step tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Health,
    Csat,
    Clients,
    DateRange,
}

/// A step of the test.
struct GuideStep<'a> {
    host: &'a dyn Host,
    guide: Guide<'a>,
    what: What,
}

/// The steps, in order.
pub(super) fn steps<'a>(host: &'a dyn Host, company_id: &'a str) -> Vec<Box<dyn Step + 'a>> {
    let guide = Guide::new(host, company_id);
    let step = |what| -> Box<dyn Step + 'a> { Box::new(GuideStep { host, guide, what }) };
    [What::Health, What::Csat, What::Clients, What::DateRange].map(step).into_iter().collect()
}

impl Step for GuideStep<'_> {
    fn title(&self) -> &'static str {
        match self.what {
            What::Health => "Reachable and authorised",
            What::Csat => "CSAT Data Access",
            What::Clients => "Client/Company Data",
            What::DateRange => "Date Range Queries",
        }
    }

    fn run(&self) -> Result<String, Failure> {
        let (guide, now) = (self.guide, self.host.now());
        let days_ago = |days: i64| now.saturating_sub(days * DAY_MS);
        match self.what {
            What::Health => guide.health().map(|status| format!("GET api/v1/health answered {status}")),
            What::Csat => {
                let window = Window { start: days_ago(RECENT_DAYS), end: now };
                let page = guide.scores(window, 1, 1, Seen::default)?;
                Ok(format!("{} in the last {RECENT_DAYS} days", counted(&page, "response")))
            }
            What::Clients => {
                let page = guide.clients(1, 1, Seen::default)?;
                let clients = counted(&page, "client");
                if page.rows.rows == 0 {
                    return Ok(format!("{clients}: check that CREWHU_COMPANY_ID names the right company"));
                }
                Ok(clients)
            }
            What::DateRange => {
                let window = Window { start: days_ago(HISTORY_DAYS), end: days_ago(RECENT_DAYS) };
                let page =
                    guide.scores(window, 1, HISTORY_ROWS, || Seen { asked: Some((window, now)), ..Seen::default() })?;
                let (from, to) = (time::format(window.start), time::format(window.end));
                match page.rows.outside {
                    Some(at) => Err(Failure::InvalidResponse(format!(
                        "asked for responses from {from} to {to}, got one of {}",
                        time::format(at)
                    ))),
                    None => Ok(format!("{} from {from} to {to}", counted(&page, "response"))),
                }
            }
        }
    }

    /// A server that ignores the range only makes a sync read more.
    fn is_needed(&self, outcome: &Result<(), Failure>) -> bool {
        self.what != What::DateRange || !matches!(outcome, Err(Failure::InvalidResponse(_)))
    }

    fn advice(&self, failure: &Failure) -> Advice {
        Advice::to_go_on(match (failure, self.what) {
            (Failure::Unauthorized(_), _) => {
                "check that CREWHU_API_KEY is current: the key is mistyped, expired or revoked; where the account is on \
                 CrewHu's Open API, set api = \"open\""
                    .to_owned()
            }
            (Failure::Forbidden(_), _) => format!(
                "ask the CrewHu administrator to give the key in CREWHU_API_KEY the permission {}, and check that \
                 CREWHU_COMPANY_ID names a company that this key may read",
                self.what.permission()
            ),
            (Failure::NotFound(_), What::Health) => return self.advice_on_another_dialect(),
            (Failure::NotFound(_), _) => {
                "check CREWHU_BASE_URL, and that CREWHU_COMPANY_ID names a company that the key in CREWHU_API_KEY may \
                 read"
                    .to_owned()
            }
            (Failure::InvalidResponse(_), What::DateRange) => format!(
                "ask CrewHu whether the key in CREWHU_API_KEY has the permission {}; a sync leaves out what lies \
                 outside its window, but has to read it all",
                self.what.permission()
            ),
            (Failure::InvalidResponse(_), _) => {
                "check that CREWHU_BASE_URL points at CrewHu's API and not at a web page or a proxy, and that \
                 CREWHU_COMPANY_ID is right"
                    .to_owned()
            }
            _ => words::common_advice(failure),
        })
    }
}

impl GuideStep<'_> {
    /// What to do where there is no health call: the Open API's own probe tells whether it is the Open API.
    fn advice_on_another_dialect(&self) -> Advice {
        let set = "set api = \"open\" in this provider's settings and give the token by auth = { header = { name = \
                   \"X_CREWHU_APITOKEN\", value = \"${CREWHU_API_KEY}\" } }";
        match Open::new(self.host).probe() {
            // Whether it takes the key as this dialect sends it does not matter.
            Ok(_) | Err(Failure::Unauthorized(_) | Failure::Forbidden(_)) => {
                Advice::to_stop(format!("this is CrewHu's Open API ({USER} is there, {HEALTH} is not): {set}"))
            }
            Err(_) => Advice::to_go_on(format!(
                "the base URL does not serve this dialect: check CREWHU_BASE_URL; where the account is on CrewHu's Open \
                 API, {set}"
            )),
        }
    }
}

impl What {
    /// The permission of the guide that the step needs.
    fn permission(self) -> &'static str {
        match self {
            Self::Health => "to use the API",
            Self::Csat => "'CSAT Data Access' (read access to customer satisfaction scores)",
            Self::Clients => "'Client/Company Data' (access to client and company mappings)",
            Self::DateRange => "'Date Range Queries' (access to historical CSAT data)",
        }
    }
}

/// "412 clients", as the source tells it; where it does not, what the page shows.
fn counted(page: &Page<Seen>, noun: &str) -> String {
    let is_cut = page.pagination.total.is_none() && page.pagination.pages() > 1;
    count(page.pagination.total.unwrap_or(page.rows.rows), is_cut, noun)
}

/// Counts rows, and keeps the first time that was not asked for.
#[derive(Debug, Default)]
struct Seen {
    /// The window, and the clock: a time that has not come yet is dirt in one row, and says nothing of the server.
    asked: Option<(Window, Instant)>,
    rows: u64,
    outside: Option<Instant>,
}

impl Rows for Seen {
    fn fields(&self) -> &'static [&'static str] {
        &["responded_at"]
    }

    fn take(&mut self, row: Option<&mut [Scalar<'_>]>) {
        self.rows += 1;
        let at = row.and_then(|fields| responded_at(fields.first()?));
        if let (Some((asked, now)), Some(at)) = (self.asked, at)
            && at <= now
            && !(asked.start..asked.end).contains(&at)
        {
            self.outside.get_or_insert(at);
        }
    }
}
