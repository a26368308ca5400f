//! Whole sheets from fixed data, in every format, and what every bundled provider says of itself: as snapshots.

use crate::common::{AS_OF, Place, Ran, as_of_chrono, serve};
use scoresheet_simulator::{Row, SimClient, World};
use scoresheet_test_support::FaultySimulator;

const ROSTER: &str = "\
id,name,type,active,domain,aliases,seats
acme,\"Acme, Inc.\",legal,true,acme.example,,25
beta,Beta Dental,dental,true,,,8
ceta,Ceta GmbH,manufacturing,true,,,
delta,Delta Holdings,legal,true,,Delta Law,12
gone,Gone Before,legal,false,,,
muller,Müller & Sons,manufacturing,true,,,40
nobody,Nobody Knows,non-profit,true,,,3
";

const CONFIGURATION: &str = r#"
[sheet]
name = "Client engagement"

[clients]
file = "clients.csv"

[providers.crewhu]
base_url = "${CREWHU_BASE_URL}"
auth = { bearer = "${CREWHU_API_KEY}" }
settings = { company_id = "${CREWHU_COMPANY_ID}" }

[providers.connectwise-tickets]
settings = { clients = ["Acme, Inc.", "Beta Dental", "Ceta GmbH", "Müller & Sons"], seed = 3 }

[providers.connectwise-time]
settings = { clients = ["Acme, Inc.", "Beta Dental", "Ceta GmbH", "Müller & Sons"], seed = 3 }

[providers.connectwise-agreements]
settings = { clients = ["Acme, Inc.", "Beta Dental", "Ceta GmbH", "Müller & Sons"], seed = 3 }

[[metrics]]
id = "support-engagement-satisfaction"
name = "Support Engagement Satisfaction"
provider = "crewhu"
weight = 2.0

[[metrics]]
id = "timely"
name = "Timeliness"
provider = "crewhu"
metric = "support-engagement-satisfaction"
weight = 1.0
lookback_days = 90
settings = { types = ["timeliness"], min_responses = 2 }

[[metrics]]
id = "help-desk-usage"
provider = "connectwise-tickets"

[[metrics]]
id = "project-engagement"
provider = "connectwise-time"

[[metrics]]
id = "agreement-coverage"
provider = "connectwise-agreements"

[[metrics]]
id = "gut-instinct"
manual = true
weight = 2.0
"#;

fn fixed_world() -> World {
    let at = |days: i64| as_of_chrono() - chrono::Duration::days(days);
    let client = |id: &str, name: &str| SimClient { id: id.to_owned(), name: name.to_owned(), active: true };
    let clients = vec![
        client("c-1", "ACME Inc"),
        client("c-2", "Beta Dental"),
        client("c-3", "Ceta AG"),
        client("c-4", "Delta Law"),
        client("c-5", "Mueller and Sons LLC"),
        client("c-6", "Muller & Sons"),
        client("c-7", "Unheard Of"),
    ];
    let rows = vec![
        Row::rating("r-1", "c-1", at(1), 5.0),
        Row::rating("r-2", "c-1", at(2), 4.0),
        Row::rating("r-3", "c-1", at(3), 4.0),
        Row::rating("r-4", "c-1", at(4), 2.0).with("type", "timeliness"),
        Row::rating("r-5", "c-1", at(50), 4.0).with("type", "timeliness"),
        Row::rating("r-6", "c-1", at(5), 4.0).with("status", "incomplete"),
        Row::rating("r-7", "c-1", at(6), 4.0).with("score", 6),
        Row::rating("r-8", "c-2", at(7), 2.0),
        Row::rating("r-9", "c-2", at(8), 3.0),
        Row::rating("r-10", "c-4", at(9), 3.5),
        Row::rating("r-11", "c-7", at(9), 1.0),
        Row::rating("r-12", "c-9", at(9), 1.0),
    ];
    World::from_parts(clients, rows)
}

async fn place() -> (FaultySimulator, Place) {
    let server = serve(fixed_world()).await;
    let place = Place::reaching(&server);
    place.write("scoresheet.toml", CONFIGURATION);
    place.write("clients.csv", ROSTER);
    (server, place)
}

async fn generated(arguments: &[&str]) -> String {
    let (_server, place) = place().await;
    place.run(&["sync"]).await.expect(0);
    let mut all = vec!["generate", "--as-of", AS_OF];
    all.extend_from_slice(arguments);
    let Ran { stdout, .. } = place.run(&all).await.expect(0);
    stdout
}

/// The id digests the components' bytes, which another compiler may make differently.
fn without_id(text: &str) -> String {
    let from = text.find("sha256:").expect("an id");
    let id = &text[from..from + "sha256:".len() + 64];
    text.replace(id, "[digest]")
}

#[tokio::test(flavor = "multi_thread")]
async fn table() {
    insta::assert_snapshot!("table", generated(&[]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn table_of_one_client() {
    insta::assert_snapshot!("table_of_one_client", generated(&["--client", "acme"]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn csv() {
    insta::assert_snapshot!("csv", without_id(&generated(&["--format", "csv"]).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn json_as_the_schema_says() {
    let text = generated(&["--format", "json"]).await;
    let sheet: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let schema = scoresheet::sheet::json_schema();
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let errors: Vec<String> = validator.iter_errors(&sheet).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
    assert!(
        !validator.is_valid(&serde_json::json!({ "schema": "accellis.scoresheet/1.0" })),
        "a schema that takes anything"
    );
    insta::assert_snapshot!("json", without_id(&text));
}

#[tokio::test(flavor = "multi_thread")]
async fn mapping_and_clients() {
    let (_server, place) = place().await;
    place.run(&["sync"]).await.expect(0);
    insta::assert_snapshot!("mapping_list", place.run(&["mapping", "list"]).await.expect(0).stdout);
    insta::assert_snapshot!("clients_list", place.run(&["clients", "list"]).await.expect(0).stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_provider_describes_itself() {
    let place = Place::new();
    let listed = place.run(&["provider", "list", "--json"]).await.expect(0).json();
    let names: Vec<&str> =
        listed.as_array().expect("a list").iter().map(|provider| provider["name"].as_str().expect("a name")).collect();
    assert_eq!(names, ["connectwise-agreements", "connectwise-tickets", "connectwise-time", "crewhu"]);
    for name in names {
        let mut info = place.run(&["provider", "info", name, "--json"]).await.expect(0).json();
        info["digest"] = "[digest]".into();
        insta::assert_json_snapshot!(format!("describe_{name}"), info);
    }
}
