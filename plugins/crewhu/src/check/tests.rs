//! What the connection test shows, for a healthy source and for each way in which it can be ill.

mod open;

use scoresheet_sdk::{
    HttpError, Instant, Pair,
    testing::{self, ScriptedHost, response},
};

use super::*;
use crate::CrewHu;

const SETTINGS: &str = r#"{"company_id": "msp-1"}"#;
const NOW: Instant = 1_793_491_200_000; // 2026-11-01T00:00:00Z
const RECENT: (&str, &str) = ("from", "2026-10-02T00:00:00Z");
const OLDER: (&str, &str) = ("from", "2025-09-27T00:00:00Z");
const HEALTH: &str = "api/v1/health";
const CLIENTS: &str = "api/v1/clients";
const SCORES: &str = "api/v1/csat/scores";

fn page(rows: &str, total: u64) -> String {
    format!(r#"{{"data": [{rows}], "pagination": {{"page": 1, "total_pages": {}, "total": {total}}}}}"#, total.max(1))
}

/// Answers everything well, after what the test has already told the host.
fn healthy(host: ScriptedHost) -> ScriptedHost {
    host.json(HEALTH, &[], r#"{"status": "ok"}"#)
        .json(SCORES, &[RECENT], &page(r#"{"responded_at": "2026-10-30T10:00:00Z"}"#, 57))
        .json(CLIENTS, &[], &page(r#"{"id": 1}"#, 412))
        .json(SCORES, &[OLDER], &page(r#"{"responded_at": "2026-01-30T10:00:00Z"}, {}, 5"#, 1_204))
}

fn checked(host: &ScriptedHost) -> Vec<CheckStep> {
    testing::check::<CrewHu>(host, SETTINGS)
}

fn details(steps: &[CheckStep]) -> Vec<&str> {
    steps.iter().map(|step| step.detail.as_str()).collect()
}

/// The one step that failed.
fn failed(steps: &[CheckStep]) -> &CheckStep {
    let mut failed = steps.iter().filter(|step| step.outcome.is_err());
    let step = failed.next().expect("a step that failed");
    assert!(failed.next().is_none(), "{steps:?}");
    step
}

#[test]
fn a_healthy_connection() {
    let host = healthy(ScriptedHost::at(NOW));
    let steps = checked(&host);
    let titles: Vec<&str> = steps.iter().map(|step| step.title.as_str()).collect();
    assert_eq!(titles, ["Reachable and authorised", "CSAT Data Access", "Client/Company Data", "Date Range Queries"]);
    assert_eq!(
        details(&steps),
        [
            "GET api/v1/health answered 200",
            "57 responses in the last 30 days",
            "412 clients",
            "1204 responses from 2025-09-27T00:00:00Z to 2026-10-02T00:00:00Z",
        ]
    );
    assert!(steps.iter().all(|step| step.outcome == Ok(()) && step.remedy.is_none()), "{steps:?}");
    assert!(steps.iter().all(|step| step.costs == [METRIC]), "{steps:?}");
    assert_eq!(
        host.request_lines(),
        [
            "GET api/v1/health",
            "GET api/v1/csat/scores?company_id=msp-1&from=2026-10-02T00:00:00Z&to=2026-11-01T00:00:00Z&page=1&per_page=1",
            "GET api/v1/clients?company_id=msp-1&page=1&per_page=1",
            "GET api/v1/csat/scores?company_id=msp-1&from=2025-09-27T00:00:00Z&to=2026-10-02T00:00:00Z&page=1&per_page=100",
        ]
    );
}

#[test]
fn counts_in_plain_words() {
    for (body, expected) in [
        (page("", 0), "no clients: check that CREWHU_COMPANY_ID names the right company"),
        (page("{}", 1), "1 client"),
        ("[{}, {}]".to_owned(), "2 clients"),
        (r#"{"data": [{}], "pagination": {"total_pages": 9}}"#.to_owned(), "at least 1 client"),
    ] {
        let host = healthy(ScriptedHost::at(NOW).json(CLIENTS, &[], &body));
        assert_eq!(details(&checked(&host))[2], expected, "{body}");
    }
}

#[test]
fn a_refused_key_ends_the_test() {
    let host = healthy(ScriptedHost::at(NOW).on(HEALTH, &[], Ok(response(401, "bad token"))));
    let steps = checked(&host);
    assert_eq!(host.requests().len(), 1);
    let failure = Failure::Unauthorized("GET api/v1/health answered 401: bad token".to_owned());
    assert!(steps.iter().all(|step| step.outcome == Err(failure.clone())), "{steps:?}");
    let not_tried = "not tried: GET api/v1/health answered 401: bad token";
    assert_eq!(details(&steps), ["GET api/v1/health answered 401: bad token", not_tried, not_tried, not_tried]);
    assert!(steps[0].remedy.as_deref().expect("a remedy").contains("CREWHU_API_KEY"));
    assert!(steps[1..].iter().all(|step| step.remedy.is_none()));
}

#[test]
fn a_key_may_be_refused_later() {
    let host = healthy(ScriptedHost::at(NOW).on(CLIENTS, &[], Ok(response(401, ""))));
    let steps = checked(&host);
    assert_eq!(host.requests().len(), 3);
    assert_eq!(steps[1].outcome, Ok(()));
    assert_eq!(steps[3].detail, "not tried: GET api/v1/clients answered 401");
}

#[test]
fn a_limit_or_a_cancellation_ends_the_test_too() {
    let mut limited = response(429, "");
    limited.headers.push(Pair { name: "Retry-After".to_owned(), value: "7".to_owned() });
    for (answer, expected) in [
        (Ok(limited), "CrewHu limits the rate of requests and asks to wait 7 s"),
        (Err(HttpError::Cancelled), "the test was cancelled"),
    ] {
        let host = healthy(ScriptedHost::at(NOW).on(HEALTH, &[], answer));
        let steps = checked(&host);
        assert_eq!(steps[0].detail, expected);
        assert_eq!(steps[3].detail, format!("not tried: {expected}"));
        assert_eq!(host.requests().len(), 1);
    }
}

#[test]
fn each_missing_permission_is_named() {
    for (path, query, index, permission) in [
        (HEALTH, None, 0, "to use the API"),
        (SCORES, Some(RECENT), 1, "'CSAT Data Access'"),
        (CLIENTS, None, 2, "'Client/Company Data'"),
        (SCORES, Some(OLDER), 3, "'Date Range Queries'"),
    ] {
        let host = healthy(ScriptedHost::at(NOW).on(path, query.as_slice(), Ok(response(403, ""))));
        let steps = checked(&host);
        assert_eq!(host.requests().len(), 4, "the other steps are tried all the same");
        let step = failed(&steps);
        assert_eq!(step, &steps[index]);
        assert!(matches!(step.outcome, Err(Failure::Forbidden(_))), "{step:?}");
        let remedy = step.remedy.as_deref().expect("a remedy");
        assert!(remedy.contains(permission) && remedy.contains("CREWHU_API_KEY"), "{remedy}");
    }
}

#[test]
fn another_dialect_is_suspected_where_there_is_no_health_call() {
    let host = healthy(ScriptedHost::at(NOW).on(HEALTH, &[], Ok(response(404, ""))));
    let remedy = failed(&checked(&host)).remedy.clone().expect("a remedy");
    assert!(remedy.starts_with("the base URL does not serve this dialect: check CREWHU_BASE_URL; where"), "{remedy}");
    assert!(remedy.contains("set api = \"open\""), "{remedy}");
    let host = healthy(ScriptedHost::at(NOW).on(CLIENTS, &[], Ok(response(404, ""))));
    let remedy = failed(&checked(&host)).remedy.clone().expect("a remedy");
    assert!(remedy.contains("CREWHU_BASE_URL") && remedy.contains("CREWHU_COMPANY_ID"), "{remedy}");
}

#[test]
fn every_other_failure_has_a_remedy() {
    for (answer, words) in [
        (Err(HttpError::Timeout), "network"),
        (Ok(response(503, "")), "try again later"),
        (Ok(response(200, "<html>")), "web page"),
        (Ok(response(400, "")), "CREWHU_COMPANY_ID"),
        (Err(HttpError::Denied("no".to_owned())), "limits"),
    ] {
        let host = healthy(ScriptedHost::at(NOW).on(CLIENTS, &[], answer));
        let remedy = failed(&checked(&host)).remedy.clone().expect("a remedy");
        assert!(remedy.contains(words), "{remedy}");
    }
}

#[test]
fn a_server_that_ignores_the_range_is_found_out() {
    let rows = r#"{"responded_at": "2026-01-30T10:00:00Z"}, {"responded_at": "2026-10-02T00:00:00Z"}"#;
    let host = healthy(ScriptedHost::at(NOW).json(SCORES, &[OLDER], &page(rows, 2)));
    let steps = checked(&host);
    let step = failed(&steps);
    assert_eq!(step, &steps[3]);
    assert_eq!(
        step.detail,
        "asked for responses from 2025-09-27T00:00:00Z to 2026-10-02T00:00:00Z, got one of 2026-10-02T00:00:00Z"
    );
    assert!(matches!(step.outcome, Err(Failure::InvalidResponse(_))));
    assert!(step.remedy.as_deref().expect("a remedy").contains("'Date Range Queries'"));
    assert!(step.costs.is_empty(), "the metric is measured all the same");
}

#[test]
fn a_row_from_the_future_says_nothing_of_the_range() {
    let rows = r#"{"responded_at": "2126-01-30T10:00:00Z"}, {"responded_at": "2026-01-30T10:00:00Z"}"#;
    let host = healthy(ScriptedHost::at(NOW).json(SCORES, &[OLDER], &page(rows, 2)));
    assert!(checked(&host).iter().all(|step| step.outcome.is_ok()));
}

#[test]
fn wrong_settings_are_a_step_of_their_own() {
    let host = ScriptedHost::at(NOW);
    let steps = testing::check::<CrewHu>(&host, r#"{"api": "closed"}"#);
    assert_eq!(steps.len(), 1);
    assert_eq!(steps[0].title, "Settings");
    let tags = r#"{"api": "open", "type_tags": {"timeliness": ["Fast"], "overall": ["Fast"]}}"#;
    assert_eq!(
        testing::check::<CrewHu>(&host, tags)[0].detail,
        "/type_tags 'Fast' is listed under two types, but a survey has one type"
    );
    assert!(matches!(steps[0].outcome, Err(Failure::Settings(_))));
    assert!(host.requests().is_empty());
}
