//! Who the clients are, where nobody lists them.

use scoresheet_sdk::SourceClient;
use serde_json::json;

use super::*;

fn row(id: usize, customer: &Value, closed: &str) -> String {
    survey(&json!({"_id": format!("s-{id}"), "customer_data": customer, "closed": closed}))
}

fn listed(customers: &[(Value, &str)], settings: &str) -> (Vec<(String, String)>, ScriptedHost) {
    let limit = 3;
    let mut host = host();
    let rows: Vec<String> =
        customers.iter().enumerate().map(|(id, (customer, closed))| row(id, customer, closed)).collect();
    for (step, page) in (1..).zip(rows.chunks(limit)) {
        host = host.json(SURVEY, &[("step", &i32::to_string(&step))], &format!("[{}]", page.join(",")));
    }
    let host = host.json(SURVEY, &[], "[]");
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let page = CrewHu::clients(&host, settings, cursor.as_deref()).expect("a page");
        found.extend(page.items.into_iter().map(|SourceClient { id, name, active, .. }| {
            assert!(active);
            (id, name)
        }));
        match page.next.as_slice() {
            [] => break,
            [next] => cursor = Some(next.clone()),
            more => panic!("{} cursors", more.len()),
        }
    }
    (found, host)
}

fn names(customers: &[(Value, &str)]) -> Vec<String> {
    listed(customers, SETTINGS).0.into_iter().map(|(id, name)| format!("{id} {name}")).collect()
}

const DAY_1: &str = "2026-10-01T10:00:00Z";
const DAY_2: &str = "2026-10-02T10:00:00Z";

#[test]
fn each_customer_is_a_client_under_its_latest_name() {
    let acme = json!({"id": "c-1", "name": "Acme"});
    assert_eq!(
        names(&[
            (acme.clone(), DAY_1),
            (json!({"ID": 7, "name": " Brandt "}), DAY_1),
            (acme.clone(), DAY_1),
            (json!({"id": "c-1", "name": "Acme, Inc."}), DAY_2),
            (acme, DAY_1),
            (json!({"id": "c-3"}), DAY_1),
            (json!(5), DAY_1),
        ]),
        ["c-1 Acme, Inc.", "7 Brandt", "c-3 c-3"]
    );
}

#[test]
fn a_name_alone_is_a_client_unless_a_client_with_an_id_has_it() {
    assert_eq!(
        names(&[
            (json!({"name": "Acme"}), DAY_1),
            (json!({"name": " Brandt & Sons"}), DAY_1),
            (json!({"name": "Brandt & Sons"}), DAY_1),
            (json!({"id": "c-1", "name": "Acme"}), DAY_2),
        ]),
        ["c-1 Acme", "name:Brandt & Sons Brandt & Sons"]
    );
    let long = "x".repeat(300);
    let (found, _) = listed(&[(json!({"name": long}), DAY_1), (json!({"name": "A\u{7}B"}), DAY_1)], SETTINGS);
    assert!(found.iter().all(|(id, _)| id.starts_with("name:#") && id.len() == 22), "{found:?}");
    assert_ne!(found[0].0, found[1].0);
}

#[test]
fn a_long_history_is_walked_in_several_calls_and_each_client_is_listed_once() {
    // 45 pages of three, all of the same three clients, and one that comes late.
    let mut customers: Vec<(Value, &str)> =
        (0..135).map(|n| (json!({"id": format!("c-{}", n % 3), "name": format!("Client {}", n % 3)}), DAY_1)).collect();
    customers[130] = (json!({"name": "Client 1"}), DAY_1);
    customers[131] = (json!({"name": "Late"}), DAY_1);
    let (found, host) = listed(&customers, SETTINGS);
    let ids: Vec<&str> = found.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["c-0", "c-1", "c-2", "name:Late"]);
    assert_eq!(host.requests().len(), 46, "each page once, and the empty one behind them");
}
