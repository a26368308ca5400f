//! The Open API: what the connection test shows of it, and how each dialect is told from the other.

use scoresheet_sdk::HttpError;

use super::{HEALTH, NOW, SETTINGS, failed};
use crate::CrewHu;
use scoresheet_sdk::{
    CheckStep, Failure, Pair,
    testing::{ScriptedHost, check, response},
};

const OPEN: &str = r#"{"api": "open"}"#;
const USER: &str = "api/v1/user";
const SURVEY: &str = "api/v1/survey";

const ROWS: &str = r#"{"total": 1204, "items": [
    {"_id": "s-1", "closed": "2026-10-30T10:00:00Z", "rating": "5", "customer_data": {"id": "c-1", "name": "Acme"}},
    {"_id": "s-2", "closed": "2026-09-30T10:00:00Z", "rating": "0", "customer_data": {"name": "Brandt"}},
    {"_id": "s-3", "closed": null, "customer_data": null}]}"#;

/// Answers everything well, after what the test has already told the host.
fn healthy(host: ScriptedHost) -> ScriptedHost {
    host.json(USER, &[], "[]").json(SURVEY, &[], ROWS)
}

fn host() -> ScriptedHost {
    ScriptedHost::at(NOW)
}

fn remedy(step: &CheckStep) -> &str {
    step.remedy.as_deref().expect("a remedy")
}

#[test]
fn a_healthy_connection() {
    let host = healthy(host());
    let steps = check::<CrewHu>(&host, OPEN);
    let seen: Vec<(&str, &str)> = steps.iter().map(|step| (step.title.as_str(), step.detail.as_str())).collect();
    assert_eq!(
        seen,
        [
            ("Reachable and authorised", "GET api/v1/user answered 200"),
            ("CSAT Data Access", "1204 surveys, those looked at answered since 2026-09-30T10:00:00Z"),
            ("Client/Company Data", "2 clients in the surveys looked at"),
        ]
    );
    assert!(steps.iter().all(|step| step.outcome == Ok(()) && step.remedy.is_none()), "{steps:?}");
    assert_eq!(host.request_lines(), ["GET api/v1/user?step=1&limit=1", "GET api/v1/survey?step=1&limit=100"]);
}

#[test]
fn a_refused_token_ends_the_test_and_says_where_the_token_goes() {
    let host = healthy(host().on(USER, &[], Ok(response(401, ""))));
    let steps = check::<CrewHu>(&host, OPEN);
    assert_eq!(host.requests().len(), 1);
    assert!(steps.iter().all(|step| matches!(step.outcome, Err(Failure::Unauthorized(_)))));
    for word in ["CREWHU_API_KEY", "expired", "X_CREWHU_APITOKEN", "api = \"guide\""] {
        assert!(remedy(&steps[0]).contains(word), "{}", remedy(&steps[0]));
    }
}

#[test]
fn a_missing_permission_is_named() {
    let steps = check::<CrewHu>(&healthy(host().on(SURVEY, &[], Ok(response(403, "")))), OPEN);
    assert!(matches!(steps[1].outcome, Err(Failure::Forbidden(_))));
    assert!(remedy(&steps[1]).contains("'CSAT Data Access'"));
    assert_eq!(steps[2].detail, "GET api/v1/survey shows no surveys, and so no clients");
    let steps = check::<CrewHu>(&healthy(host().on(USER, &[], Ok(response(403, "")))), OPEN);
    assert!(remedy(failed(&steps)).contains("to use the API"));
    let anonymous = r#"[{"_id": "s-1", "closed": "2026-10-30T10:00:00Z", "rating": "5", "customer_data": null}]"#;
    let steps = check::<CrewHu>(&healthy(host().json(SURVEY, &[], anonymous)), OPEN);
    assert_eq!(failed(&steps).detail, "none of the 1 surveys looked at says whose it is");
    assert!(remedy(failed(&steps)).contains("'Client/Company Data'"));
    let steps = check::<CrewHu>(&healthy(host().json(SURVEY, &[], "[]")), OPEN);
    assert_eq!(
        (steps[1].detail.as_str(), steps[2].detail.as_str()),
        ("no surveys", "no clients in the surveys looked at")
    );
}

#[test]
fn a_limit_says_when_it_goes_on() {
    let mut limited = response(429, "");
    limited.headers.push(Pair { name: "Retry-After".to_owned(), value: "7".to_owned() });
    let steps = check::<CrewHu>(&healthy(host().on(SURVEY, &[], Ok(limited))), OPEN);
    assert_eq!(steps[1].detail, "CrewHu limits the rate of requests and asks to wait 7 s");
    assert!(remedy(&steps[1]).contains("requests_per_minute"));
    assert!(steps[2].detail.starts_with("not tried"));
}

#[test]
fn an_account_on_the_open_api_is_recognised_from_the_guides_side() {
    for probe in [200, 401, 403] {
        let host = host().on(HEALTH, &[], Ok(response(404, "{}"))).on(USER, &[], Ok(response(probe, "{}")));
        let steps = check::<CrewHu>(&host, SETTINGS);
        assert!(matches!(steps[0].outcome, Err(Failure::NotFound(_))));
        assert_eq!(
            remedy(&steps[0]),
            "this is CrewHu's Open API (api/v1/user is there, api/v1/health is not): set api = \"open\" in this \
             provider's settings and give the token by auth = { header = { name = \"X_CREWHU_APITOKEN\", value = \
             \"${CREWHU_API_KEY}\" } }"
        );
        assert_eq!(host.requests().len(), 2, "the other steps would fail in the same way");
        assert!(steps[1..].iter().all(|step| step.detail.starts_with("not tried: GET api/v1/health answered 404")));
    }
}

#[test]
fn an_account_on_the_guides_api_is_recognised_from_the_open_side() {
    for health in [200, 401] {
        let host = host().on(USER, &[], Ok(response(404, "{}"))).on(HEALTH, &[], Ok(response(health, "{}")));
        let steps = check::<CrewHu>(&host, OPEN);
        assert_eq!(
            remedy(&steps[0]),
            "this is the API of CrewHu's integration guide (api/v1/health is there, api/v1/user is not): set api = \
             \"guide\" in this provider's settings, with company_id, and give the key by auth = { bearer = \
             \"${CREWHU_API_KEY}\" }"
        );
        assert_eq!(host.requests().len(), 2);
    }
}

#[test]
fn where_neither_is_there_the_base_url_is_suspected_first() {
    let nowhere = || {
        ["health", "user", "survey", "clients", "csat/scores"]
            .iter()
            .fold(host(), |host, path| host.on(&format!("api/v1/{path}"), &[], Ok(response(404, ""))))
    };
    for (settings, other) in [(SETTINGS, "api = \"open\""), (OPEN, "api = \"guide\"")] {
        let host = nowhere();
        let steps = check::<CrewHu>(&host, settings);
        assert!(remedy(&steps[0]).contains("check CREWHU_BASE_URL; where the account is on"), "{}", remedy(&steps[0]));
        assert!(remedy(&steps[0]).contains(other));
        assert!(steps.iter().all(|step| matches!(step.outcome, Err(Failure::NotFound(_) | Failure::Other(_)))));
    }
    let host = host().on(USER, &[], Err(HttpError::Timeout)).json(SURVEY, &[], ROWS);
    assert!(remedy(&check::<CrewHu>(&host, OPEN)[0]).contains("network"));
}
