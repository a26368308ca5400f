//! The Open API, page by page: what counts, what does not, what leaves the provider, and where it ends.

mod pages;

use scoresheet_sdk::{
    ClientRef, Cursor, Failure, Kind as _, ObservationPage, Window,
    json::Value,
    numbers::DAY_MS,
    testing::{self, ScriptedHost, pull_kinds},
    time,
};

use crate::{CrewHu, Kind};

const SETTINGS: &str = r#"{"api": "open", "page_size": 3}"#;
const SURVEY: &str = "api/v1/survey";

/// The window of these tests is October 2026; the run began at its end.
fn october() -> Window {
    let at = |text: &str| time::parse(text).expect("a time");
    Window { start: at("2026-10-01T00:00:00Z"), end: at("2026-11-01T00:00:00Z") }
}

fn host() -> ScriptedHost {
    ScriptedHost::at(october().end)
}

fn pull_with(host: &ScriptedHost, settings: &str, page: Option<&[u8]>) -> Result<ObservationPage<Cursor>, Failure> {
    testing::pull::<CrewHu>(host, settings, october(), page)
}

fn pull(host: &ScriptedHost, page: Option<&[u8]>) -> ObservationPage<Cursor> {
    pull_with(host, SETTINGS, page).expect("a page")
}

/// A survey that counts, with these fields changed or, where they are null, taken away.
fn survey(changes: &Value) -> String {
    let mut survey = serde_json::json!({
        "_id": "s-1", "closed": "2026-10-02T14:03:11Z", "_created_at": "2026-10-02T14:01:00Z", "rating": "5",
        "customer_data": {"id": "c-1", "name": "Acme, Inc."}, "comment": "Thank you!",
    });
    for (field, value) in changes.as_object().expect("fields") {
        match value {
            Value::Null => survey.as_object_mut().expect("an object").swap_remove(field),
            value => survey.as_object_mut().expect("an object").insert(field.clone(), value.clone()),
        };
    }
    survey.to_string()
}

/// What becomes of one survey: "overall 5 of c-1", or the reason for which it does not count.
fn told(settings: &str, json: &str) -> String {
    let host = host().json(SURVEY, &[], &format!("[{json}]"));
    let page = pull_with(&host, settings, None).expect("a page");
    let client = |client: &ClientRef| match (&client.id, &client.name) {
        (Some(id), _) => id.clone(),
        (None, name) => format!("'{}'", name.as_deref().unwrap_or_default()),
    };
    let kinds = Kind::NAMES;
    let items = page
        .items
        .iter()
        .map(|item| format!("{} {} of {}", kinds[usize::from(item.kind)], item.value, client(&item.client)));
    let rejected = page
        .rejected
        .iter()
        .map(|item| format!("{} at {}", item.reason, item.at.map_or("no time".to_owned(), time::format)));
    items.chain(rejected).collect::<Vec<_>>().join("; ")
}

#[test]
fn a_survey_is_an_observation() {
    let page = pull(&host().json(SURVEY, &[], &format!("[{}]", survey(&serde_json::json!({})))), None);
    assert_eq!(page.items.len(), 1);
    let item = &page.items[0];
    assert_eq!((item.id.as_str(), item.kind, item.value), ("s-1", 0, 5.0));
    assert_eq!((page.read, page.total), (1, None));
    assert!(page.rejected.is_empty() && page.next.is_empty());
}

#[test]
fn every_field_is_read_as_it_may_be_written() {
    use serde_json::json;
    for (changes, expected) in [
        (json!({"rating": "0"}), "overall 3 of c-1"),
        (json!({"rating": "-5"}), "overall 1 of c-1"),
        (json!({"rating": -5}), "overall 1 of c-1"),
        (json!({"rating": " 5 "}), "overall 5 of c-1"),
        (json!({"customer_data": {"ID": 17}}), "overall 5 of 17"),
        (json!({"customer_data": {"id": "", "ID": "c-2"}}), "overall 5 of c-2"),
        (json!({"customer_data": {"id": {}, "name": "Acme, Inc."}}), "overall 5 of 'Acme, Inc.'"),
        (json!({"comment": null}), "overall-bare 5 of c-1"),
        (json!({"comment": " "}), "overall-bare 5 of c-1"),
        (json!({"comment": null, "surveyTagsCustomer": ["Friendly"]}), "overall 5 of c-1"),
        (json!({"comment": null, "surveyTagsCompany": [{"name": "Friendly"}]}), "overall 5 of c-1"),
        (json!({"comment": null, "surveyTagsCustomer": [" "]}), "overall-bare 5 of c-1"),
        (json!({"inactive": false}), "overall 5 of c-1"),
        (json!({"closed": "2026-10-02 14:03:11"}), "overall 5 of c-1"),
        // The first reason that fits, and when.
        (json!({"_id": null, "rating": "x"}), "no-id at 2026-10-02T14:03:11Z"),
        (json!({"_id": 5}), "no-id at 2026-10-02T14:03:11Z"),
        (json!({"customer_data": null, "inactive": true}), "no-client at 2026-10-02T14:03:11Z"),
        (json!({"customer_data": "Acme"}), "no-client at 2026-10-02T14:03:11Z"),
        (json!({"inactive": true, "rating": null}), "inactive at 2026-10-02T14:03:11Z"),
        (json!({"closed": null, "rating": null}), "incomplete at 2026-10-02T14:01:00Z"),
        (json!({"closed": ""}), "incomplete at 2026-10-02T14:01:00Z"),
        (json!({"closed": null, "_created_at": null}), "incomplete at no time"),
        (json!({"closed": "soon"}), "no-time at no time"),
        (json!({"closed": "2027-10-02T14:03:11Z"}), "future at 2027-10-02T14:03:11Z"),
        (json!({"rating": null}), "score-missing at 2026-10-02T14:03:11Z"),
        (json!({"rating": ""}), "score-missing at 2026-10-02T14:03:11Z"),
        (json!({"rating": "3"}), "score-out-of-range at 2026-10-02T14:03:11Z"),
        (json!({"rating": true}), "score-out-of-range at 2026-10-02T14:03:11Z"),
        // Another window's.
        (json!({"closed": "2026-09-30T23:59:59Z"}), ""),
        (json!({"closed": "2026-11-01T00:00:00Z"}), ""),
        (json!({"closed": null, "_created_at": "2026-09-02T14:01:00Z"}), ""),
    ] {
        assert_eq!(told(SETTINGS, &survey(&changes)), expected, "{changes}");
    }
    assert_eq!(told(SETTINGS, &format!("5, {}", survey(&json!({})))), "overall 5 of c-1; no-id at no time");
}

#[test]
fn tags_are_types_where_the_settings_say_so() {
    use serde_json::json;
    let settings = r#"{"api": "open", "type_tags": {"timeliness": ["Response Time"], "resolution": ["Fixed"]}}"#;
    for (changes, expected) in [
        (json!({"surveyTagsCustomer": ["response time"]}), "timeliness 5 of c-1"),
        (json!({"surveyTagsCompany": ["Other", "Fixed"], "comment": null}), "resolution 5 of c-1"),
        (json!({"surveyTagsCustomer": ["Fixed"], "surveyTagsCompany": ["Response Time"]}), "timeliness 5 of c-1"),
        (json!({"surveyTagsCustomer": ["Other"]}), "overall 5 of c-1"),
    ] {
        assert_eq!(told(settings, &survey(&changes)), expected, "{changes}");
    }
}

#[test]
fn the_later_row_of_an_id_stands_whatever_it_is() {
    use serde_json::json;
    let (good, gone) = (json!({}), json!({"inactive": true}));
    let elsewhere = json!({"closed": "2026-09-30T23:59:59Z"});
    for (rows, expected) in [([&good, &gone], (0, 1)), ([&gone, &good], (1, 0)), ([&good, &elsewhere], (0, 0))] {
        let rows = rows.map(survey).join(",");
        let page = pull(&host().json(SURVEY, &[], &format!("[{rows}]")), None);
        assert_eq!((page.items.len(), page.rejected.len()), expected, "{rows}");
    }
}

#[test]
fn observations_name_the_client_by_id_and_name() {
    use serde_json::json;
    let client = |customer: Value| {
        let row = survey(&json!({"customer_data": customer}));
        let ClientRef { id, name } = pull(&host().json(SURVEY, &[], &format!("[{row}]")), None).items.remove(0).client;
        format!("{} {}", id.unwrap_or("-".to_owned()), name.unwrap_or("-".to_owned()))
    };
    assert_eq!(client(json!({"id": "c-1", "name": "Acme"})), "c-1 Acme");
    assert_eq!(client(json!({"ID": 7, "name": " Brandt "})), "7 Brandt");
    assert_eq!(client(json!({"id": "c-3"})), "c-3 -");
    assert_eq!(client(json!({"name": " Brandt & Sons"})), "- Brandt & Sons");
}

#[test]
fn there_is_no_list_of_clients() {
    let host = host();
    let page = testing::clients::<CrewHu>(&host, SETTINGS, None).expect("a page");
    assert_eq!((page.items.len(), page.next.len(), page.read, page.total), (0, 0, 0, None));
    assert!(host.requests().is_empty());
}

#[test]
fn a_rejection_names_the_field_and_the_value() {
    use serde_json::json;
    for (changes, field, value) in [
        (json!({"_id": 5}), "_id", None),
        (json!({"customer_data": "Acme"}), "customer_data", None),
        (json!({"inactive": true}), "inactive", Some("true")),
        (json!({"closed": null}), "closed", None),
        (json!({"closed": "2026-13-02"}), "closed", Some("2026-13-02")),
        (json!({"closed": "2027-10-02T14:03:11Z"}), "closed", Some("2027-10-02T14:03:11Z")),
        (json!({"rating": null}), "rating", None),
        (json!({"rating": "3"}), "rating", Some("3")),
        (json!({"rating": 4.5}), "rating", Some("4.5")),
        (json!({"rating": "ask Jo"}), "rating", None),
    ] {
        let host = host().json(SURVEY, &[], &format!("[{}]", survey(&changes)));
        let rejection = pull(&host, None).rejected.remove(0);
        assert_eq!((rejection.field.as_deref(), rejection.value.as_deref()), (Some(field), value), "{changes}");
    }
}

#[test]
fn only_requested_kinds_are_returned() {
    use serde_json::json;
    let rows = [
        json!({"_id": "s-1"}),
        json!({"_id": "s-2", "comment": null}),
        json!({"_id": "s-3", "comment": null, "rating": "3"}),
    ];
    let host = host().json(SURVEY, &[], &format!("[{}]", rows.each_ref().map(survey).join(",")));
    for (kind, items, rejected) in
        [(Kind::Overall, vec!["s-1"], 0), (Kind::OverallBare, vec!["s-2"], 1), (Kind::Timeliness, vec![], 0)]
    {
        let page = pull_kinds::<CrewHu>(&host, SETTINGS, &[kind.index()], october(), None).expect("a page");
        assert_eq!(page.items.iter().map(|item| item.id.as_str()).collect::<Vec<_>>(), items, "{kind:?}");
        assert_eq!((page.rejected.len(), page.read), (rejected, 3), "{kind:?}");
    }
}

#[test]
fn nothing_personal_leaves_the_provider() {
    const MARK: &str = "personal";
    let json = survey(&serde_json::json!({
        "comment": MARK, "summary": MARK, "ip_address": MARK, "ticket_num": MARK, "rating_label": MARK,
        "employees": [{"name": MARK, "email": MARK}],
        "customer_data": {"id": "c-1", "name": "Acme", "contact": MARK, "email": MARK, "phone": {"home": MARK}},
    }));
    let rejected = survey(&serde_json::json!({"_id": "s-2", "rating": MARK, "comment": MARK}));
    let body = format!("[{json}, {rejected}]");
    let host = host().json(SURVEY, &[], &body).json("api/v1/user", &[], "{}");
    let page = pull(&host, None);
    let clients = testing::clients::<CrewHu>(&host, SETTINGS, None).expect("clients");
    let steps = testing::check::<CrewHu>(&host, SETTINGS);
    assert_eq!((page.items.len(), page.rejected.len(), clients.items.len()), (1, 1, 0));
    let all = format!("{page:?} {clients:?} {steps:?} {:?}", host.log_lines());
    assert!(!all.contains(MARK), "{all}");
}

#[test]
fn a_page_that_holds_no_surveys_is_refused() {
    use serde_json::json;
    let page = |changes: &dyn Fn(usize) -> Value| {
        let rows: Vec<String> = (0..12)
            .map(|n| {
                let mut changes = changes(n);
                // Null takes a field away, the id too.
                let fields = changes.as_object_mut().expect("fields");
                fields.entry("_id").or_insert_with(|| format!("s-{n}").into());
                survey(&changes)
            })
            .collect();
        let host = host().json(SURVEY, &[], &format!("[{}]", rows.join(",")));
        pull_with(&host, r#"{"api": "open"}"#, None).map(|page| page.items.len() + page.rejected.len())
    };
    let renamed = |what: &str| {
        Err(Failure::InvalidResponse(format!(
            "GET api/v1/survey, page 1: none of the 12 surveys has a {what}: was a field renamed? what is stored stands"
        )))
    };
    assert_eq!(page(&|_| json!({"_id": null, "id": "s"})), renamed("_id"));
    assert_eq!(page(&|_| json!({"customer_data": null})), renamed("customer_data"));
    assert_eq!(page(&|_| json!({"customer_data": {"title": "x"}})), renamed("customer_data with an id or a name"));
    assert_eq!(page(&|_| json!({"closed": null})), renamed("closed"));
    assert_eq!(page(&|_| json!({"rating": null})), renamed("rating"));
    assert_eq!(page(&|_| json!({"rating": null, "closed": null})), renamed("closed and no rating"));
    assert_eq!(
        page(&|n| json!({"rating": (n % 5 + 6).to_string()})),
        Err(Failure::InvalidResponse(
            "GET api/v1/survey, page 1: none of the 12 ratings is 5, 0 or -5: has CrewHu another scale? what is stored \
             stands"
                .to_owned()
        ))
    );
    // One that has it is enough, and so is a field that is there and empty.
    assert_eq!(page(&|n| if n == 7 { json!({}) } else { json!({"rating": null}) }), Ok(12));
    assert_eq!(page(&|_| json!({"inactive": true})), Ok(12));
    let host = host().json(SURVEY, &[], "[1, null, []]");
    let failure = pull_with(&host, SETTINGS, None).expect_err("no surveys");
    assert_eq!(
        failure,
        Failure::InvalidResponse("GET api/v1/survey, page 1: none of the 3 rows is an object".to_owned())
    );
}
