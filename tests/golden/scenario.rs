//! What happens in a world of the corpus: two mornings, in some worlds a third, and every command after them.

use scoresheet_test_support::{Fault, FaultRule, FaultySimulator};
use serde_json::{Value, json};

use super::{
    recorder::{PROVIDERS, Recorder, Section},
    setup::{LONELY, METRIC, Spec},
    worlds::{Extra, Roster},
};
use crate::common::AS_OF;

/// The three mornings.
const MORNINGS: [&str; 3] = ["2026-10-18T06:00:00Z", "2026-11-01T06:00:00Z", "2026-12-20T06:00:00Z"];

/// The roster's first legal client: `c-101` at the source.
const LEGAL: &str = "kessler-whitman-roe";

/// The roster's first dental client: `c-102` at the source.
const DENTAL: &str = "saint-marys-dental-group";

/// Plays a world from its first sync to its last command.
pub(crate) async fn play(spec: Spec) -> Vec<Section> {
    let server = spec.serve().await;
    let mut recorder = Recorder::start(&server, spec.has_fault()).await;
    recorder.place.write("scoresheet.toml", &spec.configuration());
    recorder.place.write("clients.csv", &spec.roster_csv());
    let ids = first_morning(&spec, &server, &mut recorder).await;
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    second_morning(&spec, &server, &mut recorder, &ids).await;
    formats(&server, &mut recorder).await;
    lists(&spec, &mut recorder, &ids).await;
    if spec.has(Extra::Retention) {
        third_morning(&mut recorder, &ids).await;
    }
    if spec.has(Extra::Erasure) {
        erasure(&mut recorder, ids[0]).await;
    }
    recorder.json(&["check", "--client", ids[1]]).await;
    recorder.audit().await;
    recorder.json(&["audit", "--verify"]).await;
    recorder.finish()
}

/// The first sync and what people decide and enter after it; gives the ids of the active clients.
async fn first_morning(spec: &Spec, server: &FaultySimulator, recorder: &mut Recorder) -> Vec<String> {
    recorder.set_clock(MORNINGS[0]);
    if spec.roster() == Roster::Imported {
        recorder.json(&["clients", "import", "clients.csv"]).await;
    }
    recorder.json(&["check"]).await;
    recorder.json(&["generate"]).await;
    if spec.has(Extra::BrokenPage) {
        server.set_faults([Fault::TruncatedJson.on(spec.answers_path()).page(2)]);
    }
    if spec.has(Extra::Retention) && spec.has(Extra::Stubs) {
        // Retention prunes providers in the order of their first syncs, so these must not race.
        for provider in PROVIDERS {
            recorder.json(&["sync", "--provider", provider]).await;
        }
    } else {
        recorder.json(&["sync"]).await;
    }
    server.set_faults(Vec::<FaultRule>::new());
    let clients = recorder.json(&["clients", "list"]).await;
    let active = clients.as_array().expect("clients").iter().filter(|client| client["active"] == true);
    let ids: Vec<String> = active.map(|client| client["id"].as_str().expect("an id").to_owned()).collect();
    recorder.json(&["mapping", "list"]).await;
    if spec.roster() != Roster::None {
        recorder.json(&["mapping", "suggest"]).await;
    }
    if spec.has(Extra::Decisions) {
        decisions(spec, recorder).await;
    }
    if spec.has(Extra::Overrides) {
        overrides(recorder, &ids).await;
    }
    if spec.has(Extra::Manual) {
        manual(recorder, &ids).await;
    }
    recorder.json(&["run"]).await;
    ids
}

async fn decisions(spec: &Spec, recorder: &mut Recorder) {
    if spec.has(Extra::Unmapped) {
        recorder.json(&["mapping", "set", LONELY.0, &format!("crewhu:{}", LONELY.1)]).await;
    }
    if spec.has(Extra::Ambiguous) {
        recorder.json(&["mapping", "set", "brandt-and-sons-inc", "crewhu:c-103"]).await;
    }
    recorder.json(&["mapping", "reject", LEGAL, "crewhu:c-101"]).await;
    recorder.json(&["mapping", "reject", DENTAL, "crewhu:c-102"]).await;
    recorder.json(&["mapping", "list"]).await;
    recorder.json(&["mapping", "clear", DENTAL, "crewhu"]).await;
}

async fn overrides(recorder: &mut Recorder, ids: &[String]) {
    let set = ["override", "set"];
    let reason = |text: &'static str| ["--reason", text];
    let (first, second) = (ids[0].as_str(), ids[1].as_str());
    recorder.json(&[&set[..], &[first, METRIC, "1.5"], &reason("they told us")].concat()).await;
    let ended = ["--from", "2026-08-01", "--until", "2026-09-15"];
    recorder.json(&[&set[..], &[first, METRIC, "5"], &reason("a good summer"), &ended].concat()).await;
    recorder.json(&[&set[..], &[second, METRIC, "4"], &reason("once"), &["--from", "2026-01-01"]].concat()).await;
    recorder.json(&["override", "clear", second, METRIC]).await;
    recorder.json(&[&set[..], &[first, METRIC, "3"], &reason("so far"), &["--from", "2026-02-01"]].concat()).await;
    recorder
        .json(&[&set[..], &[first, METRIC, "4"], &reason("from then on"), &["--from", "2027-01-01"]].concat())
        .await;
    let until = ["--until", "2026-11-10"];
    recorder.json(&[&set[..], &[second, METRIC, "2"], &reason("a new team"), &until].concat()).await;
}

async fn manual(recorder: &mut Recorder, ids: &[String]) {
    let set = ["manual", "set"];
    let (first, second) = (ids[0].as_str(), ids[1].as_str());
    recorder.json(&[&set[..], &[first, "gut-instinct", "4", "--note", "a good call"]].concat()).await;
    recorder.json(&[&set[..], &[second, "gut-instinct", "2.5", "--at", "2026-06-30"]].concat()).await;
    recorder.json(&[&set[..], &[LEGAL, "lifecycle", "3", "--at", "2026-09-01"]].concat()).await;
    recorder.json(&[&set[..], &[DENTAL, "lifecycle", "1"]].concat()).await;
    recorder.json(&["manual", "clear", DENTAL, "lifecycle"]).await;
}

/// What the source does meanwhile, and the second run.
async fn second_morning(spec: &Spec, server: &FaultySimulator, recorder: &mut Recorder, ids: &[&str]) {
    recorder.set_clock(MORNINGS[1]);
    if spec.has(Extra::Changed) {
        server.set_world(spec.changed());
    }
    let path = spec.answers_path();
    let faults = [
        (Extra::Unauthorized, Fault::Status(401).on(path)),
        (Extra::RenamedField, Fault::renamed_score().on(path)),
        (Extra::EmptySource, Fault::EmptySuccess.on(path)),
    ];
    let faults = faults.into_iter().filter(|(extra, _)| spec.has(*extra)).map(|(_, fault)| fault);
    server.set_faults(faults.collect::<Vec<_>>());
    recorder.json(&["sync"]).await;
    recorder.json(&["run"]).await;
    recorder.json(&["check"]).await;
    if spec.has(Extra::Alerts) {
        recorder.json(&["alerts", "check"]).await;
        recorder.json(&["alerts", "ack", "1", "--note", "seen"]).await;
        recorder.json(&["alerts", "list"]).await;
        recorder.json(&["alerts", "--all"]).await;
    }
    if spec.has(Extra::EmptySource) {
        recorder.json(&["sync", "--full"]).await;
    }
    server.set_faults(Vec::<FaultRule>::new());
    recorder.json(&["audit", "--scores", "--sample", "3"]).await;
    recorder.json(&["generate", "--client", ids[1]]).await;
    recorder.json(&["generate", "--as-of", "2026-10-01", "--lookback", "60"]).await;
}

/// The sheet in all six formats, and the texts that a person sees.
async fn formats(server: &FaultySimulator, recorder: &mut Recorder) {
    let sheet = recorder.json(&["generate"]).await;
    let clients = recorder.json(&["clients", "list"]).await;
    let providers = json!(PROVIDERS.map(|name| json!({ "id": name })));
    let sources: Vec<Value> =
        server.world().clients().iter().map(|client| json!({ "id": client.id, "name": client.name })).collect();
    recorder.set_vocabulary(&[&sheet, &clients, &providers, &sources.into()]);
    for format in ["table", "json", "csv", "md", "html", "xlsx"] {
        recorder.sheet(format).await;
    }
}

/// Labelled pairs of names.
const PAIRS: &str = "left,right,same\nAcme Inc,ACME,1\nBeta LLC,Gamma LLC,0\nMueller GmbH,Müller,1\n\
                     First Bank,1st Bank,1\nSt. Mary,Saint Mary,1\nOrtiz Roofing,Ortiz Roofers,0\n";

/// Every command that lists or explains something.
async fn lists(spec: &Spec, recorder: &mut Recorder, ids: &[&str]) {
    recorder.text(&["generate", "--client", ids[0]]).await;
    recorder.text(&["trend", ids[0]]).await;
    recorder.json(&["trend", ids[0], "--as-of", AS_OF]).await;
    recorder.json(&["review"]).await;
    recorder.text(&["review"]).await;
    let kept = recorder.json(&["replay"]).await;
    for sheet in kept.as_array().expect("kept sheets") {
        recorder.json(&["replay", sheet["id"].as_str().expect("an id")]).await;
    }
    recorder.json(&["health"]).await;
    // Where a request fails, whether others in flight were cancelled depends on timing.
    if !spec.has_fault() {
        recorder.json_unordered(&["health", "--requests", "crewhu", "--limit", "1000"]).await;
    }
    recorder.json(&["mapping", "list"]).await;
    recorder.json(&["mapping", "suggest"]).await;
    recorder.json(&["mapping", "explain", "The Ridgewood Foundation, Inc.", "Ridgewood Fundation"]).await;
    for (extra, kind) in [(Extra::Overrides, "override"), (Extra::Manual, "manual")] {
        if spec.has(extra) {
            recorder.json(&[kind, "list"]).await;
            recorder.json(&[kind, "list", "--all"]).await;
        }
    }
    match spec.number % 5 {
        1 => {
            recorder.json(&["provider", "list"]).await;
            recorder.place.write("pairs.csv", PAIRS);
            recorder.json(&["mapping", "evaluate", "pairs.csv"]).await;
            recorder.json(&["init", "--config", "new.toml"]).await;
        }
        2 => {
            recorder.json(&["run", "--client", ids[1], "--as-of", AS_OF]).await;
            recorder.json(&["sync", "--provider", "crewhu", "--full", "--record", "exchanges"]).await;
            recorder.json(&["sync", "--provider", "crewhu", "--full", "--replay", "exchanges"]).await;
        }
        _ => {}
    }
    recorder.json(&["provider", "info", "crewhu"]).await;
    recorder.json(&["config", "show"]).await;
    if spec.number.is_multiple_of(3) {
        for arguments in [&["clients", "list"][..], &["mapping", "list"], &["alerts", "--all"]] {
            recorder.text(arguments).await;
        }
    }
    // Refused, with exit code 2.
    recorder.json(&["generate", "--client", "nobody"]).await;
    recorder.json(&["override", "set", ids[0], METRIC, "9", "--reason", "too much"]).await;
}

/// Retention removes more.
async fn third_morning(recorder: &mut Recorder, ids: &[&str]) {
    recorder.set_clock(MORNINGS[2]);
    recorder.json(&["sync"]).await;
    recorder.json(&["generate", "--as-of", AS_OF]).await;
    recorder.json(&["trend", ids[0]]).await;
    recorder.json(&["health"]).await;
    recorder.json(&["replay"]).await;
}

/// A client is erased, stays away through a full sync, and comes back.
async fn erasure(recorder: &mut Recorder, id: &str) {
    recorder.json(&["clients", "erase", id, "--yes"]).await;
    recorder.json(&["sync", "--full"]).await;
    recorder.json(&["generate"]).await;
    recorder.json(&["replay"]).await;
    recorder.json(&["clients", "restore", id]).await;
    recorder.json(&["sync", "--full"]).await;
    recorder.json(&["generate"]).await;
    recorder.json(&["clients", "list"]).await;
}
