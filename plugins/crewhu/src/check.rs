//! The connection test: reachable and authorised, then one step for each permission that the guide asks for.

use scoresheet_sdk::{
    CheckStep, Failure, Host, Instant, Window,
    json::{Page, Rows, Scalar},
    numbers::DAY_MS,
    time,
};

use crate::{guide::Guide, response::responded_at, settings::ProviderSettings};

/// "Recent" in the test of CSAT access.
const RECENT_DAYS: i64 = 30;

/// How far back the test of date ranges looks.
const HISTORY_DAYS: i64 = 400;

/// How many responses the test of date ranges looks at.
const HISTORY_ROWS: u64 = 100;

/// What a step tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Health,
    Csat,
    Clients,
    DateRange,
}

const STEPS: [Step; 4] = [Step::Health, Step::Csat, Step::Clients, Step::DateRange];

/// Tests the connection. Where one step shows that the others are pointless, they are reported as not tried.
pub(crate) fn check(host: &dyn Host, settings: &str) -> Vec<CheckStep> {
    let settings = match ProviderSettings::parse(settings) {
        Ok(settings) => settings,
        Err(failure) => {
            return vec![CheckStep {
                title: "Settings".to_owned(),
                detail: explain(&failure),
                outcome: Err(failure),
                remedy: Some("correct these settings of the provider".to_owned()),
            }];
        }
    };
    let guide = Guide::new(host, &settings);
    let mut steps = Vec::with_capacity(STEPS.len());
    let mut stopped: Option<Failure> = None;
    for step in STEPS {
        let title = step.title().to_owned();
        steps.push(match &stopped {
            Some(failure) => CheckStep {
                title,
                detail: format!("not tried: {}", explain(failure)),
                outcome: Err(failure.clone()),
                remedy: None,
            },
            None => match step.run(&guide, host.now()) {
                Ok(detail) => CheckStep { title, detail, outcome: Ok(()), remedy: None },
                Err(failure) => {
                    if is_final(&failure) {
                        stopped = Some(failure.clone());
                    }
                    let remedy = Some(step.remedy(&failure));
                    CheckStep { title, detail: explain(&failure), outcome: Err(failure), remedy }
                }
            },
        });
    }
    steps
}

/// Whether further requests would only be a nuisance: the key is refused, the source asks for patience, or the host
/// gave up.
fn is_final(failure: &Failure) -> bool {
    matches!(failure, Failure::Unauthorized(_) | Failure::RateLimited(_) | Failure::Cancelled)
}

impl Step {
    fn title(self) -> &'static str {
        match self {
            Self::Health => "Reachable and authorised",
            Self::Csat => "CSAT Data Access",
            Self::Clients => "Client/Company Data",
            Self::DateRange => "Date Range Queries",
        }
    }

    /// What was seen.
    fn run(self, guide: &Guide<'_>, now: Instant) -> Result<String, Failure> {
        let days_ago = |days: i64| now.saturating_sub(days * DAY_MS);
        match self {
            Self::Health => guide.health().map(|status| format!("GET api/v1/health answered {status}")),
            Self::Csat => {
                let window = Window { start: days_ago(RECENT_DAYS), end: now };
                let page = guide.scores(window, 1, 1, Seen::default)?;
                Ok(format!("{} in the last {RECENT_DAYS} days", count(&page, "response")))
            }
            Self::Clients => {
                let page = guide.clients(1, 1, Seen::default)?;
                let clients = count(&page, "client");
                if page.rows.rows == 0 {
                    return Ok(format!("{clients}: check that CREWHU_COMPANY_ID names the right company"));
                }
                Ok(clients)
            }
            Self::DateRange => {
                let window = Window { start: days_ago(HISTORY_DAYS), end: days_ago(RECENT_DAYS) };
                let page =
                    guide.scores(window, 1, HISTORY_ROWS, || Seen { asked: Some((window, now)), ..Seen::default() })?;
                let (from, to) = (time::format(window.start), time::format(window.end));
                match page.rows.outside {
                    Some(at) => Err(Failure::InvalidResponse(format!(
                        "asked for responses from {from} to {to}, got one of {}",
                        time::format(at)
                    ))),
                    None => Ok(format!("{} from {from} to {to}", count(&page, "response"))),
                }
            }
        }
    }

    /// The permission of the guide that the step needs.
    fn permission(self) -> &'static str {
        match self {
            Self::Health => "to use the API",
            Self::Csat => "'CSAT Data Access' (read access to customer satisfaction scores)",
            Self::Clients => "'Client/Company Data' (access to client and company mappings)",
            Self::DateRange => "'Date Range Queries' (access to historical CSAT data)",
        }
    }

    /// What the operator can do about a failure.
    fn remedy(self, failure: &Failure) -> String {
        match (failure, self) {
            (Failure::Unauthorized(_), _) => {
                "check that CREWHU_API_KEY is current: the key is mistyped, expired or revoked".to_owned()
            }
            (Failure::Forbidden(_), _) => format!(
                "ask the CrewHu administrator to give the key in CREWHU_API_KEY the permission {}, and check that \
                 CREWHU_COMPANY_ID names a company that this key may read",
                self.permission()
            ),
            (Failure::NotFound(_), Self::Health) => {
                "the base URL does not serve this dialect: check CREWHU_BASE_URL; the account may be on CrewHu's Open \
                 API, which this version does not speak"
                    .to_owned()
            }
            (Failure::NotFound(_), _) => {
                "check CREWHU_BASE_URL, and that CREWHU_COMPANY_ID names a company that the key in CREWHU_API_KEY may \
                 read"
                    .to_owned()
            }
            (Failure::RateLimited(_), _) => {
                "wait and try again; where it happens often, lower requests_per_minute of this connection".to_owned()
            }
            (Failure::Unavailable(_), _) => {
                "check CREWHU_BASE_URL and the network between here and there; where both are right, CrewHu itself has \
                 a problem: try again later"
                    .to_owned()
            }
            (Failure::InvalidResponse(_), Self::DateRange) => format!(
                "ask CrewHu whether the key in CREWHU_API_KEY has the permission {}; a sync leaves out what lies \
                 outside its window, but has to read it all",
                self.permission()
            ),
            (Failure::InvalidResponse(_), _) => {
                "check that CREWHU_BASE_URL points at CrewHu's API and not at a web page or a proxy, and that \
                 CREWHU_COMPANY_ID is right"
                    .to_owned()
            }
            (Failure::Cancelled, _) => "try again, with a longer deadline where it happens often".to_owned(),
            (Failure::Settings(_) | Failure::Other(_), _) => {
                "check CREWHU_BASE_URL and the limits of this connection".to_owned()
            }
        }
    }
}

/// A failure in a line.
fn explain(failure: &Failure) -> String {
    match failure {
        Failure::Unauthorized(message)
        | Failure::Forbidden(message)
        | Failure::NotFound(message)
        | Failure::Unavailable(message)
        | Failure::InvalidResponse(message)
        | Failure::Other(message) => message.clone(),
        Failure::RateLimited(None) => "CrewHu limits the rate of requests".to_owned(),
        Failure::RateLimited(Some(ms)) => {
            format!("CrewHu limits the rate of requests and asks to wait {} s", ms.div_ceil(1_000))
        }
        Failure::Cancelled => "the test was cancelled".to_owned(),
        Failure::Settings(problems) => problems
            .iter()
            .map(|problem| format!("{} {}", problem.pointer, problem.message).trim().to_owned())
            .collect::<Vec<_>>()
            .join("; "),
    }
}

/// "412 clients", as the source tells it; where it does not, what the page shows.
fn count(page: &Page<Seen>, noun: &str) -> String {
    let number = page.pagination.total.unwrap_or(page.rows.rows);
    let at_least = if page.pagination.total.is_none() && page.pagination.pages() > 1 { "at least " } else { "" };
    match number {
        0 => format!("no {noun}s"),
        1 => format!("{at_least}1 {noun}"),
        _ => format!("{at_least}{number} {noun}s"),
    }
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

#[cfg(test)]
mod tests;
