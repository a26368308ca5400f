//! Every answer to `--json` matches its schema in `scoresheet::views`, and the schemas are those that are checked in.

use std::collections::BTreeMap;

use crate::common::{Place, serve, world};
use scoresheet::views;
use scoresheet_test_support::FaultySimulator;
use serde_json::{Value, json};

const METRIC: &str = "support-engagement-satisfaction";

/// A place with a provider metric, a manual metric, and an alert rule whose channel refuses connections.
fn place(server: &FaultySimulator) -> Place {
    let mut place = Place::reaching(server);
    place.set("USER", "ada");
    place.set("OPS_WEBHOOK_URL", "http://127.0.0.1:1/");
    place.write(
        "scoresheet.toml",
        r#"[sheet]
lookback_days = 3650

[providers.crewhu]
base_url = "${CREWHU_BASE_URL}"
auth = { bearer = "${CREWHU_API_KEY}" }
settings = { company_id = "${CREWHU_COMPANY_ID}" }

[[metrics]]
id = "support-engagement-satisfaction"
provider = "crewhu"

[[metrics]]
id = "gut-instinct"
manual = true

[channels.ops]
kind = "webhook"
url = "${OPS_WEBHOOK_URL}"

[[alerts]]
id = "low"
kind = "floor"
at = 5.0
"#,
    );
    let world = server.world();
    let [first, second, third, ..] = world.clients() else { panic!("three clients are needed") };
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let roster = format!(
        "id,name,type,active\nacme,{},legal,yes\nbeta,{},,yes\ngone,{},,yes\n",
        quoted(&first.name),
        // Close enough for a suggestion, too far for a rule.
        quoted(&format!("{} Quuxly", second.name)),
        quoted(&third.name)
    );
    place.write("clients.csv", &roster);
    place.write("pairs.csv", "Acme Inc,ACME Incorporated,1\nAcme,Beta,0\nNorth Wind,Northwind Traders,1\n");
    place
}

#[test]
fn schemas_are_those_checked_in() {
    let mut schemas = views::schemas();
    // The sheet's own schema is held by tests/contract.rs.
    assert!(schemas.remove("generate").is_some());
    insta::assert_json_snapshot!("schemas", schemas);
}

/// What each command printed, by the name of its schema.
#[derive(Default)]
struct Answers(BTreeMap<&'static str, Value>);

impl Answers {
    async fn run(&mut self, place: &Place, name: &'static str, arguments: &[&str]) -> &Value {
        let arguments: Vec<&str> = arguments.iter().copied().chain(["--json"]).collect();
        let answer = place.run(&arguments).await.json();
        self.put(name, answer)
    }

    fn put(&mut self, name: &'static str, answer: Value) -> &Value {
        self.0.insert(name, answer);
        &self.0[name]
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_answers_as_its_schema_says() {
    let server = serve(world(91, 6, 0.3)).await;
    let mut place = place(&server);
    let source = format!("crewhu:{}", server.world().clients()[1].id);
    let mut all = Answers::default();
    for (name, arguments) in [
        ("config show", &["config", "show"][..]),
        ("check", &["check"]),
        ("clients import", &["clients", "import", "clients.csv"]),
        ("check --client", &["check", "--client", "acme"]),
        ("sync", &["sync"]),
        ("mapping suggest", &["mapping", "suggest"]),
        ("generate", &["run"]),
        ("alerts check", &["alerts", "check"]),
        ("alerts ack", &["alerts", "ack", "1", "--note", "known"]),
        ("alerts list", &["alerts", "list", "--all"]),
        ("clients list", &["clients", "list"]),
        ("mapping reject", &["mapping", "reject", "beta", &source]),
        ("mapping set", &["mapping", "set", "beta", &source]),
        ("mapping list", &["mapping", "list"]),
        ("mapping clear", &["mapping", "clear", "beta"]),
        ("mapping explain", &["mapping", "explain", "North Wind", "Northwind Traders"]),
        ("mapping evaluate", &["mapping", "evaluate", "pairs.csv"]),
        ("override set", &["override", "set", "acme", METRIC, "3.5", "--reason", "one bad week"]),
        ("override list", &["override", "list"]),
        ("override clear", &["override", "clear", "acme", METRIC]),
        ("manual set", &["manual", "set", "acme", "gut-instinct", "4", "--note", "after the call"]),
        ("manual list", &["manual", "list"]),
        ("manual clear", &["manual", "clear", "acme", "gut-instinct"]),
        ("trend", &["trend", "acme"]),
        ("review", &["review"]),
        ("replay", &["replay"]),
        ("health", &["health"]),
        ("health --requests", &["health", "--requests", "crewhu"]),
        ("audit", &["audit"]),
        ("audit --verify", &["audit", "--verify"]),
        ("audit --scores", &["audit", "--scores"]),
        ("provider list", &["provider", "list"]),
        ("provider info", &["provider", "info", "crewhu"]),
        ("provider cache", &["provider", "cache"]),
        ("clients erase", &["clients", "erase", "gone", "--yes"]),
        ("clients restore", &["clients", "restore", "gone"]),
    ] {
        all.run(&place, name, arguments).await;
    }
    let sheet = all.0["replay"][0]["id"].as_str().expect("an id").to_owned();
    all.run(&place, "replay ID", &["replay", &sheet]).await;
    for (name, answer) in &all.0 {
        assert!(*answer != json!([]) && *answer != json!({}), "{name} shows nothing");
    }
    // The cache of all tests must stay.
    let own_cache = place.path("cache").display().to_string();
    place.set("XDG_CACHE_HOME", &own_cache);
    all.run(&place, "provider cache --clear", &["provider", "cache", "--clear"]).await;
    std::fs::remove_file(place.path("scoresheet.toml")).expect("it was there");
    all.run(&place, "init", &["init"]).await;

    let schemas = views::schemas();
    assert_eq!(all.0.keys().collect::<Vec<_>>(), schemas.keys().collect::<Vec<_>>());
    let mut wrong = Vec::new();
    for (name, schema) in &schemas {
        let validator = jsonschema::draft202012::new(schema).expect("a schema");
        let errors = validator.iter_errors(&all.0[name]);
        wrong.extend(errors.map(|error| format!("{name}: {} at {}", error, error.instance_path())));
        // A schema that accepts anything would say nothing.
        assert!(!validator.is_valid(&json!("text")), "{name}");
    }
    assert_eq!(wrong, Vec::<String>::new());
}
