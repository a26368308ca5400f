//! Which client is which, as a person meets it on the command line: suggestions, reasons, figures, and what breaks.

use crate::common::{Place, serve};
use scoresheet_simulator::{SimClient, World};
use scoresheet_test_support::FaultySimulator;
use serde_json::json;

const ROSTER: &str = "\
id,name,domain,aliases,identifiers
acme,\"Acme, Inc.\",acme.example,,
brook,Brookfield Technologies,,,
kess,Kessler & Wintermoor,,,c-4
sakura,サクラ工業株式会社,,,
wrl,Western Reserve Legal,,,
nobody,Quixotic Zymurgy,,,
";

fn clients(names: &[(&str, &str)]) -> World {
    let one = |(id, name): &(&str, &str)| SimClient { id: (*id).into(), name: (*name).into(), active: true };
    World::from_parts(names.iter().map(one).collect(), Vec::new())
}

/// A place with the roster, synced.
async fn place() -> (FaultySimulator, Place) {
    let server = serve(clients(&[
        ("c-1", "ACME Incorporated"),
        ("c-2", "Brokfield Tech"),
        ("c-3", "WRL"),
        ("c-4", "Something Else Entirely"),
        ("c-5", "Sakura Kogyo"),
        ("c-6", "Harbor Holdings"),
    ]))
    .await;
    let place = Place::reaching(&server);
    place.write("clients.csv", ROSTER);
    place.run(&["clients", "import", "clients.csv"]).await.expect(0);
    place.run(&["sync"]).await.expect(0);
    (server, place)
}

#[tokio::test(flavor = "multi_thread")]
async fn suggestions_have_a_score_evidence_and_the_command_to_accept_one() {
    let (_server, place) = place().await;
    let all = place.run(&["mapping", "suggest", "--json"]).await.expect(0).json();
    let pairs: Vec<(&str, &str)> = all["crewhu"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|near| (near["client"].as_str().expect("an id"), near["source"].as_str().expect("an id")))
        .collect();
    assert_eq!(pairs, [("brook", "c-2"), ("sakura", "c-5"), ("wrl", "c-3")]);
    for near in all["crewhu"].as_array().expect("a list") {
        assert!((50..=100).contains(&near["score"].as_u64().expect("a score")), "{near}");
        assert!(near["evidence"].as_str().is_some_and(|evidence| !evidence.is_empty()), "{near}");
    }
    let one = place.run(&["mapping", "suggest", "--client", "wrl", "--provider", "crewhu"]).await.expect(0).stdout;
    assert!(one.contains("\"WRL\" are the initials of \"Western Reserve Legal\"") && !one.contains("brook"), "{one}");
    let command = one.lines().find_map(|line| line.strip_prefix("to accept one:")).expect("a command");
    let words: Vec<&str> = command.split_whitespace().skip(1).take(4).collect();
    assert_eq!(words, ["mapping", "set", "wrl", "crewhu:c-3"]);
    place.run(&words).await.expect(0);
    let none = place.run(&["mapping", "suggest", "--client", "wrl"]).await.expect(0).stdout;
    assert!(none.contains("nothing to suggest"), "{none}");
    let listed = place.run(&["mapping", "list", "--json"]).await.expect(0).json();
    assert_eq!(
        listed["crewhu"]["clients"]["wrl"]["sources"],
        json!([{"source": "c-3", "rule": "person", "evidence": "a person said so"}])
    );

    // What a person refused is not suggested again.
    place.run(&["mapping", "reject", "brook", "crewhu:c-2"]).await.expect(0);
    let rest = place.run(&["mapping", "suggest", "--json"]).await.expect(0).json();
    assert_eq!(rest["crewhu"].as_array().map(Vec::len), Some(1), "{rest}");

    place.run(&["mapping", "suggest", "--client", "stranger"]).await.expect(2);
    place.run(&["mapping", "suggest", "--provider", "stranger"]).await.expect(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identifier_comes_before_any_name() {
    let (_server, place) = place().await;
    let listed = place.run(&["mapping", "list", "--json"]).await.expect(0).json();
    assert_eq!(
        listed["crewhu"]["clients"]["kess"]["sources"],
        json!([{"source": "c-4", "rule": "identifier", "evidence": "both have the identifier c-4"}])
    );
    assert_eq!(listed["crewhu"]["clients"]["acme"]["sources"][0]["rule"], "without-legal-form");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mapping_that_breaks_is_a_problem_that_says_what_it_was() {
    let (server, place) = place().await;
    let problem = async || {
        let sheet = place.run(&["generate", "--json"]).await.expect(0).json();
        let problems = sheet["problems"].as_array().expect("a list").clone();
        problems.into_iter().find(|problem| problem["client"] == "acme")
    };
    assert_eq!(problem().await, None);
    place.write("clients.csv", &ROSTER.replace("\"Acme, Inc.\",acme.example", "Pumpernickel,"));
    place.run(&["clients", "import", "clients.csv"]).await.expect(0);
    let told = problem().await.expect("a problem");
    assert_eq!(told["kind"], "unmapped");
    let message = told["message"].as_str().expect("a message");
    assert!(message.contains("it was tied to ACME Incorporated (crewhu:c-1)"), "{message}");
    assert_eq!(told["remedy"], "scoresheet mapping set acme crewhu:c-1");
    drop(server);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_explained_and_measured() {
    let place = Place::new();
    let told = place.run(&["mapping", "explain", "Kessler AG", "Kessler GmbH"]).await.expect(0).stdout;
    assert!(told.contains("AG and GmbH are different classes of legal form"), "{told}");
    let told = place.run(&["mapping", "explain", "Western Reserve Legal", "WRL", "--json"]).await.expect(0).json();
    assert_eq!((&told["conclusion"], &told["rule"]), (&json!("suggestion"), &json!(null)));
    assert_eq!(told["similarity"]["evidence"][0], "\"WRL\" are the initials of \"Western Reserve Legal\"");

    let pairs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/company-name-pairs.csv");
    let ran = place.run(&["mapping", "evaluate", pairs.to_str().expect("a path"), "--json"]).await.expect(0);
    let figures = ran.json();
    let keys: Vec<&str> = figures.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(keys, ["pairs", "matched", "precision", "recall", "wrong", "missed", "suggested"]);
    let share = |key: &str| figures[key].as_f64().expect("a share");
    assert!(share("precision") >= 0.99 && share("recall") >= 0.5, "{figures}");
    let right = share("recall") * 71.0 + figures["suggested"].as_f64().expect("a count");
    assert!(right / 71.0 >= 0.9, "{figures}");
}
