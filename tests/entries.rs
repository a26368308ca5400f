//! Scores that persons enter, on the command line: set, listed, cleared, refused in words, on record, kept by syncs.

use crate::common::{AS_OF, Place, Ran, serve, world};
use scoresheet_test_support::FaultySimulator;
use serde_json::{Value, json};

const COMPUTED: &str = "support-engagement-satisfaction";
const BY_HAND: &str = "gut-instinct";

/// A place with a metric of CrewHu's and a manual one, and the clients `acme`, `beta` and, inactive, `gone`.
fn place(server: &FaultySimulator) -> Place {
    let mut place = Place::reaching(server);
    place.set("USER", "ada");
    place.write(
        "scoresheet.toml",
        r#"[clients]
file = "clients.csv"

[providers.crewhu]
base_url = "${CREWHU_BASE_URL}"
auth = { bearer = "${CREWHU_API_KEY}" }
settings = { company_id = "${CREWHU_COMPANY_ID}" }

[[metrics]]
id = "support-engagement-satisfaction"
provider = "crewhu"
weight = 2.0

[[metrics]]
id = "gut-instinct"
name = "Gut Instinct"
manual = true
"#,
    );
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let clients = server.world().clients().to_vec();
    place.write(
        "clients.csv",
        &format!(
            "id,name,active\nacme,{},yes\nbeta,{},yes\ngone,Gone,no\n",
            quoted(&clients[0].name),
            quoted(&clients[1].name)
        ),
    );
    place
}

async fn run(place: &Place, arguments: &[&str]) -> Ran {
    place.run(arguments).await.expect(0)
}

async fn json_of(place: &Place, arguments: &[&str]) -> Value {
    let mut arguments = arguments.to_vec();
    arguments.push("--json");
    run(place, &arguments).await.json()
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

/// Client, score and state of each.
fn told(list: &Value) -> Vec<(&str, f64, &str)> {
    list.as_array()
        .expect("a list")
        .iter()
        .map(|entry| {
            let text = |key: &str| entry[key].as_str().expect("a text");
            (text("client"), entry["score"].as_f64().expect("a score"), text("state"))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_override_is_set_listed_and_cleared() {
    let server = serve(world(81, 4, 0.0)).await;
    let place = place(&server);
    let set = |client: &'static str, score: &'static str| ["override", "set", client, COMPUTED, score, "--reason"];
    let with = |set: [&'static str; 6], more: &[&'static str]| [&set[..], more].concat();

    let first = json_of(&place, &with(set("acme", "2"), &["they told us"])).await;
    let expected = ["id", "client", "metric", "score", "author", "reason", "at", "from", "until", "cleared", "state"];
    assert_eq!(keys(&first), expected);
    assert_eq!(
        (&first["client"], &first["metric"], &first["score"], &first["author"], &first["reason"]),
        (&json!("acme"), &json!(COMPUTED), &json!(2), &json!("ada"), &json!("they told us"))
    );
    assert_eq!((&first["from"], &first["until"]), (&first["at"], &Value::Null), "from now on, without an end");
    assert_eq!((&first["cleared"], &first["state"]), (&Value::Null, &json!("current")));

    let past =
        run(&place, &with(set("acme", "3.5"), &["audit", "--from", "2020-01-01", "--until", "2020-02-01"])).await;
    assert_eq!(
        past.stdout,
        format!(
            "{COMPUTED} of acme is 3.5 over the computed score, from 2020-01-01T00:00:00Z until 2020-02-01T00:00:00Z\n"
        )
    );
    assert!(past.stderr.contains("its end is past"), "{}", past.stderr);
    let earlier = run(&place, &with(set("acme", "1"), &["once", "--from", "2020-01-01"])).await;
    assert!(earlier.stderr.contains("another that holds since later counts now"), "{}", earlier.stderr);
    let later = run(&place, &with(set("beta", "5"), &["a new team", "--from", "9990-01-01"])).await;
    assert_eq!(later.stderr, "");

    let list = json_of(&place, &["override", "list"]).await;
    assert_eq!(told(&list), [("acme", 2.0, "current"), ("acme", 1.0, "superseded"), ("beta", 5.0, "later")]);
    assert_eq!(list[0], first);
    let cleared = json_of(&place, &["override", "clear", "acme", COMPUTED]).await;
    assert_eq!(cleared, json!({"client": "acme", "metric": COMPUTED, "cleared": 3}));
    assert_eq!(told(&json_of(&place, &["override", "list"]).await), [("beta", 5.0, "later")]);
    let all = json_of(&place, &["override", "list", "--all"]).await;
    assert_eq!(told(&all)[..3], [("acme", 2.0, "cleared"), ("acme", 3.5, "cleared"), ("acme", 1.0, "cleared")]);
    assert!(all[0]["cleared"].is_string());
    assert_eq!(json_of(&place, &["manual", "list", "--all"]).await, json!([]), "of the other kind there is none");

    // For a person: a table, in which nothing acts on the terminal.
    run(&place, &with(set("acme", "4"), &["a \u{202e}turned word"])).await;
    let table = run(&place, &["override", "list"]).await.stdout;
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[0].starts_with("CLIENT  METRIC") && lines[0].ends_with("REASON"), "{table}");
    assert!(lines[1].contains("  4  ") && lines[1].contains("  ada  ") && lines[1].contains("turned word"), "{table}");
    assert!(!table.contains('\u{202e}') && lines.len() == 3, "{table}");
    let again = run(&place, &["override", "clear", "beta", COMPUTED]).await.stdout;
    assert_eq!(again, format!("took back 1 score of {COMPUTED} of beta\n"));
    let again = run(&place, &["override", "clear", "beta", COMPUTED]).await.stdout;
    assert_eq!(again, format!("took back 0 scores of {COMPUTED} of beta\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manual_score_is_set_listed_and_cleared() {
    let server = serve(world(82, 4, 0.0)).await;
    let place = place(&server);
    let nothing = run(&place, &["manual", "list"]).await;
    assert_eq!(
        (nothing.stdout.as_str(), nothing.stderr.as_str()),
        ("", "no score was entered by hand; --all shows also what has ended or was taken back\n")
    );
    let first = json_of(&place, &["manual", "set", "acme", BY_HAND, "4", "--note", "a good call"]).await;
    assert_eq!(keys(&first), ["id", "client", "metric", "score", "author", "note", "at", "from", "cleared", "state"]);
    assert_eq!((&first["score"], &first["author"], &first["note"]), (&json!(4), &json!("ada"), &json!("a good call")));
    assert_eq!((&first["from"], &first["state"]), (&first["at"], &json!("current")));
    let dated = run(&place, &["manual", "set", "beta", BY_HAND, "2.5", "--at", "2026-01-31"]).await;
    assert_eq!(dated.stdout, format!("{BY_HAND} of beta is 2.5 from 2026-01-31T00:00:00Z until another is entered\n"));
    let list = json_of(&place, &["manual", "list"]).await;
    assert_eq!(told(&list), [("acme", 4.0, "current"), ("beta", 2.5, "current")]);
    assert_eq!((&list[1]["from"], &list[1]["note"]), (&json!("2026-01-31T00:00:00Z"), &Value::Null));
    assert_ne!(list[1]["at"], list[1]["from"], "when it was entered is kept beside the day that it is of");
    let cleared = json_of(&place, &["manual", "clear", "acme", BY_HAND]).await;
    assert_eq!(cleared["cleared"], 1);
    assert_eq!(told(&json_of(&place, &["manual", "list"]).await), [("beta", 2.5, "current")]);
    assert_eq!(told(&json_of(&place, &["manual", "list", "--all"]).await).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_entered_is_refused_with_a_word_and_nothing_is_kept() {
    let server = serve(world(83, 4, 0.0)).await;
    let place = place(&server);
    let long = "x".repeat(501);
    let over = |client: &str, metric: &str, score: &str, more: &[&str]| -> Vec<String> {
        let mut arguments = vec!["override", "set", client, metric, score];
        arguments.extend(more);
        arguments.into_iter().map(str::to_owned).collect()
    };
    let by_hand = |client: &str, metric: &str, score: &str, more: &[&str]| -> Vec<String> {
        let mut arguments = vec!["manual", "set", client, metric, score];
        arguments.extend(more);
        arguments.into_iter().map(str::to_owned).collect()
    };
    let why = ["--reason", "x"];
    for (arguments, word) in [
        (over("acmee", COMPUTED, "3", &why), "there is no client 'acmee'; did you mean 'acme'?"),
        (over("gone", COMPUTED, "3", &why), "client 'gone' is inactive in the roster"),
        (over("acme", "gut-feeling", "3", &why), "there is no metric 'gut-feeling' on the sheet"),
        (over("acme", BY_HAND, "3", &why), "is entered by hand, so there is no computed score to override"),
        (over("acme", COMPUTED, "0", &why), "0 is no score: give a number from 1 to 5"),
        (over("acme", COMPUTED, "-1", &why), "-1 is no score: give a number from 1 to 5"),
        (over("acme", COMPUTED, "NaN", &why), "NaN is no score: give a number from 1 to 5"),
        (over("acme", COMPUTED, "3,5", &why), "give a number from 1 to 5, for example 3.5"),
        (over("acme", COMPUTED, "3", &[]), "--reason <TEXT>"),
        (over("acme", COMPUTED, "3", &["--reason", " "]), "an override needs a reason"),
        (over("acme", COMPUTED, "3", &["--reason", &long]), "the reason is 501 characters long: write 500 at most"),
        (over("acme", COMPUTED, "3", &["--reason", "a\u{1b}[2Jb"]), "the reason holds a control character"),
        (over("acme", COMPUTED, "3", &["--reason", "x", "--until", "soon"]), "'soon' is not a time"),
        (
            over("acme", COMPUTED, "3", &["--reason", "x", "--until", "2020-01-01"]),
            "cannot end at 2020-01-01T00:00:00Z",
        ),
        (by_hand("nobody", BY_HAND, "3", &[]), "there is no client 'nobody'"),
        (by_hand("acme", COMPUTED, "3", &[]), "comes from crewhu, so it is not entered by hand"),
        (by_hand("acme", BY_HAND, "6", &[]), "6 is no score: give a number from 1 to 5"),
        (by_hand("acme", BY_HAND, "3", &["--note", &long]), "the note is 501 characters long: write 500 at most"),
        (by_hand("acme", BY_HAND, "3", &["--at", "9990-01-01"]), "for 9990-01-01T00:00:00Z, which has not come"),
    ] {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let ran = place.run(&arguments).await.expect(2);
        assert!(ran.stderr.contains(word), "{arguments:?} said {}", ran.stderr);
        assert_eq!(ran.stdout, "");
    }
    for (arguments, word) in [
        (["override", "clear", "acme", BY_HAND], "is entered by hand"),
        (["manual", "clear", "acme", COMPUTED], "comes from crewhu"),
        (["override", "clear", "nobody", COMPUTED], "there is no client 'nobody'"),
        (["manual", "clear", "acme", "nothing"], "there is no metric 'nothing'"),
    ] {
        let ran = place.run(&arguments).await.expect(2);
        assert!(ran.stderr.contains(word), "{arguments:?} said {}", ran.stderr);
    }
    for kind in ["override", "manual"] {
        assert_eq!(json_of(&place, &[kind, "list", "--all"]).await, json!([]));
    }
    assert_eq!(json_of(&place, &["audit"]).await, json!([]), "nothing was done");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_entry_is_on_record_and_no_sync_takes_one_away() {
    let server = serve(world(84, 4, 0.0)).await;
    let place = place(&server);
    run(&place, &["override", "set", "acme", COMPUTED, "2", "--reason", "they told us", "--from", "2026-01-01"]).await;
    run(&place, &["manual", "set", "beta", BY_HAND, "4.5"]).await;
    let lists = async || (json_of(&place, &["override", "list"]).await, json_of(&place, &["manual", "list"]).await);
    let before = lists().await;
    assert_eq!((told(&before.0), told(&before.1)), (vec![("acme", 2.0, "current")], vec![("beta", 4.5, "current")]));
    for arguments in [&["sync"][..], &["sync", "--full"], &["run"]] {
        run(&place, arguments).await;
        assert_eq!(lists().await, before, "{arguments:?}");
    }
    run(&place, &["override", "clear", "acme", COMPUTED]).await;
    run(&place, &["manual", "clear", "beta", BY_HAND]).await;

    let audit = json_of(&place, &["audit", "--limit", "10000"]).await;
    let of = |action: &str| -> Vec<&Value> {
        audit.as_array().expect("a list").iter().filter(|entry| entry["action"] == action).collect()
    };
    for (action, subject, client) in [
        ("override-set", COMPUTED, "acme"),
        ("override-cleared", COMPUTED, "acme"),
        ("score-entered", BY_HAND, "beta"),
        ("score-cleared", BY_HAND, "beta"),
    ] {
        let [entry] = of(action)[..] else { panic!("{action} once, in {audit:#}") };
        assert_eq!((&entry["subject"], &entry["detail"]["client"]), (&json!(subject), &json!(client)));
        assert!(entry["actor"].as_str().expect("an actor").starts_with("ada@"), "{entry}");
    }
    assert_eq!(of("override-set")[0]["detail"]["reason"], "they told us");
    run(&place, &["audit", "--verify"]).await;

    // With the client goes what was entered for it, and the log's word on it.
    let erased = json_of(&place, &["clients", "erase", "acme", "--yes"]).await;
    assert_eq!(erased["erased"]["entries"], 1);
    assert_eq!(json_of(&place, &["override", "list", "--all"]).await, json!([]));
    assert_eq!(json_of(&place, &["manual", "list", "--all"]).await.as_array().expect("a list").len(), 1);
    run(&place, &["audit", "--verify"]).await;
    for (path, bytes) in place.files() {
        let there = bytes.windows(12).any(|part| part == b"they told us");
        assert!(!there, "{} holds what was said of an erased client", path.display());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_shows_what_persons_entered() {
    let server = serve(world(85, 4, 0.0)).await;
    let place = place(&server);
    run(&place, &["sync"]).await;
    let sheet = async |as_of: &str| json_of(&place, &["generate", "--as-of", as_of]).await;
    let row = |sheet: &Value, client: &str| -> Value {
        let rows = sheet["clients"].as_array().expect("clients");
        rows.iter().find(|row| row["id"] == client).expect("a row").clone()
    };
    let plain = sheet(AS_OF).await;
    let computed = row(&plain, "acme")["metrics"][0].clone();
    assert_eq!((&computed["outcome"], &computed["override"]), (&json!("measured"), &Value::Null));
    let by_hand = &row(&plain, "acme")["metrics"][1];
    assert_eq!((&by_hand["outcome"], &by_hand["entered"]), (&json!("no-data"), &Value::Null));

    let set = ["override", "set", "acme", COMPUTED, "1.5", "--reason", "they told us"];
    let set = json_of(&place, &[&set[..], &["--from", "2026-10-01", "--until", "2026-11-15"]].concat()).await;
    run(&place, &["manual", "set", "acme", BY_HAND, "5", "--note", "a good call", "--at", "2026-10-20"]).await;
    let entered = sheet(AS_OF).await;
    assert_ne!(entered["id"], plain["id"], "it was made from other things");
    let acme = row(&entered, "acme");
    let cell = &acme["metrics"][0];
    assert_eq!((&cell["outcome"], &cell["score"]), (&json!("overridden"), &json!(1.5)));
    assert_eq!((&cell["value"], &cell["samples"]), (&computed["value"], &computed["samples"]), "it stays beside it");
    assert_eq!(
        cell["override"],
        json!({"score": 1.5, "author": "ada", "reason": "they told us", "at": set["at"],
            "until": "2026-11-15T00:00:00Z", "computed": computed["score"], "from": "2026-10-01T00:00:00Z"})
    );
    let cell = &acme["metrics"][1];
    assert_eq!((&cell["outcome"], &cell["score"]), (&json!("manual"), &json!(5)));
    assert_eq!(cell["entered"], json!({"author": "ada", "at": "2026-10-20T00:00:00Z", "note": "a good call"}));
    let score = acme["engagement"]["score"].as_f64().expect("a score");
    assert!((score - (2.0 * 1.5 + 5.0) / 3.0).abs() < 1e-12, "{score}");
    assert_eq!(acme["engagement"]["coverage"], 1.0);
    assert_eq!(row(&entered, "beta"), row(&plain, "beta"));

    // On the day that it ends, and on one before it began, the computed score stands.
    for as_of in ["2026-11-15", "2026-09-30"] {
        assert_eq!(row(&sheet(as_of).await, "acme")["metrics"][0]["override"], Value::Null, "{as_of}");
    }
    run(&place, &["override", "clear", "acme", COMPUTED]).await;
    run(&place, &["manual", "clear", "acme", BY_HAND]).await;
    assert_eq!(sheet(AS_OF).await, plain, "what was taken back holds for no day");
}
