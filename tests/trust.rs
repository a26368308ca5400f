//! Trust, end to end: what is on record, what can be played again, what is forgotten, and that a secret turns up nowhere.

use std::{path::Path, sync::Arc};

use crate::common::{AS_OF, CANARY, Place, Setup, as_of, below, serve, world};
use scoresheet::{CancellationToken, SyncOptions};
use scoresheet_test_support::Fault;

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_turns_up_nowhere() {
    let server = serve(world(51, 4, 0.2)).await;
    let mut place = Place::reaching(&server);
    let cache = tempfile::tempdir().expect("a folder");
    place.set("XDG_CACHE_HOME", &cache.path().display().to_string());
    place.set("RUST_LOG", "trace");
    let mut said = Vec::new();
    let faults = [None, Some(Fault::EchoCredential), Some(Fault::Unauthorized), Some(Fault::HtmlWith200)];
    for (number, fault) in faults.into_iter().enumerate() {
        server.set_faults(fault);
        // Each in a folder of its own: nothing is recorded over what is there.
        let recorded = format!("recorded-{number}");
        for arguments in [
            &["sync", "-vv", "--record", &recorded][..],
            &["run", "-vv", "--as-of", AS_OF],
            &["check", "-vv"],
            &["health", "-vv"],
            &["health", "--requests", "crewhu"],
            &["audit"],
            &["config", "show"],
            &["provider", "info", "crewhu"],
            &["clients", "list"],
            &["mapping", "list", "--json"],
        ] {
            let ran = place.run(arguments).await;
            said.push((format!("{arguments:?}"), ran.stdout.into_bytes()));
            said.push((format!("{arguments:?}"), ran.stderr.into_bytes()));
        }
    }
    below(place.folder.path(), &mut said);
    below(cache.path(), &mut said);
    for number in 0..4 {
        let is_of_it =
            |(what, _): &(String, Vec<u8>)| what.contains(&format!("/recorded-{number}/")) && what.ends_with(".json");
        assert!(said.iter().filter(|one| is_of_it(one)).count() > 1, "nothing was recorded of {number}");
    }
    assert!(said.iter().any(|(what, bytes)| what.ends_with(".db") && holds(bytes, "SQLite")), "there is no store");
    assert!(said.iter().any(|(_, bytes)| holds(bytes, "crewhu")), "nothing was said");
    let leaks: Vec<&String> = said.iter().filter(|(_, bytes)| holds(bytes, CANARY)).map(|(what, _)| what).collect();
    assert!(leaks.is_empty(), "{leaks:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recorded_sync_is_played_again_without_its_source() {
    let server = serve(world(52, 6, 0.2)).await;
    let live = Place::reaching(&server);
    let recorded = live.path("recorded");
    let folder = recorded.display().to_string();
    live.run(&["sync", "--record", &folder]).await.expect(0);
    let sheet = live.run(&["generate", "--as-of", AS_OF, "--json"]).await.expect(0).json();

    // Some other day, and nobody listens.
    std::fs::rename(&recorded, live.path("kept")).expect("moved");
    let folder = live.path("kept").display().to_string();
    let moment = std::fs::read_to_string(live.path("kept/recording.json")).expect("when it was made");
    assert!(moment.contains("\"now\""), "{moment}");
    let mut replayed = Place::reaching(&server);
    replayed.set("CREWHU_BASE_URL", "http://127.0.0.1:9");
    let report = replayed.run(&["sync", "--replay", &folder, "--json"]).await.expect(0).json();
    assert!(report["providers"][0]["observations"].as_u64().expect("a number") > 0, "{report}");
    let again = replayed.run(&["generate", "--as-of", AS_OF, "--json"]).await.expect(0).json();
    assert_eq!(again["clients"], sheet["clients"]);

    let nothing = replayed.run(&["sync", "--replay", "nowhere"]).await.expect(2);
    assert!(nothing.stderr.contains("there is no recording here"), "{}", nothing.stderr);
    let both = replayed.run(&["sync", "--replay", "a", "--record", "b"]).await.expect(2);
    assert!(both.stderr.contains("cannot be used with"), "{}", both.stderr);
}

/// A recording that is kept with the tests: made once with `sync --record` from a simulated source with every oddity.
#[tokio::test(flavor = "multi_thread")]
async fn a_kept_recording_gives_the_same_sheet_for_ever() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/recordings/small");
    let mut place = Place::new();
    place.set("CREWHU_API_KEY", CANARY);
    place.set("CREWHU_COMPANY_ID", crate::common::COMPANY);
    // Nobody listens there.
    place.set("CREWHU_BASE_URL", "http://127.0.0.1:9");
    place.run(&["sync", "--replay", &folder.display().to_string()]).await.expect(0);
    let sheet = place.run(&["generate", "--as-of", AS_OF, "--format", "csv"]).await.expect(0).stdout;
    insta::assert_snapshot!("a_kept_recording", sheet);
    let mut kept = Vec::new();
    below(&folder, &mut kept);
    assert!(kept.len() > 2, "{}", kept.len());
    for (file, bytes) in kept {
        // What stands in for an address of a mailbox is nobody's.
        let text = String::from_utf8(bytes).expect("text").replace("person@example.invalid", "");
        assert!(!text.contains('@') && !text.contains(CANARY), "{file} holds somebody's data");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn health_tells_how_a_connection_does() {
    let server = serve(world(53, 4, 0.0)).await;
    let place = Place::reaching(&server);
    let before = place.run(&["health", "--json"]).await.expect(0).json();
    assert_eq!(before[0]["last_success"], serde_json::Value::Null);
    assert_eq!(before[0]["requests"]["requests"], 0);

    place.run(&["sync"]).await.expect(0);
    let after = place.run(&["health", "--json"]).await.expect(0).json();
    let requests = after[0]["requests"]["requests"].as_u64().expect("a number");
    assert!(requests >= 2, "{after}");
    assert_eq!((&after[0]["requests"]["success_rate"], &after[0]["failure"]), (&1.0.into(), &serde_json::Value::Null));
    assert_eq!(after[0]["key"]["age_days"], 0);
    let memory = after[0]["limits"].as_array().expect("limits").iter().find(|limit| limit["name"] == "memory_mib");
    assert!(memory.expect("a limit")["used"].as_u64().expect("what was used") > 0, "{after}");
    let info = place.run(&["provider", "info", "crewhu"]).await.expect(0).stdout;
    assert!(info.contains("the last run used"), "{info}");

    server.set_faults([Fault::Unauthorized]);
    place.run(&["sync"]).await.expect(1);
    let failed = place.run(&["health"]).await.expect(1).stdout;
    assert!(failed.contains("FAILED") && failed.contains("CREWHU_API_KEY"), "{failed}");
    let log = place.run(&["health", "--requests", "crewhu", "--json"]).await.expect(0).json();
    // Which of the requests under way was refused first, and which were called off for it, is the source's affair.
    let rows = log.as_array().expect("rows");
    assert!(rows.iter().any(|row| row["status"] == 401), "{log}");
    assert!(rows.len() as u64 > requests, "{log}");
    let unknown = place.run(&["health", "--requests", "nobody"]).await.expect(2).stderr;
    assert!(unknown.contains("nobody") && unknown.contains("crewhu"), "{unknown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_is_on_record_and_a_tampered_one_is_named() {
    let server = serve(world(54, 3, 0.0)).await;
    let mut place = Place::reaching(&server);
    place.set("USER", "ada");
    place.run(&["sync"]).await.expect(0);
    let id = server.world().clients()[0].id.clone();
    place.run(&["mapping", "reject", &id, &format!("crewhu:{id}")]).await.expect(0);
    let log = place.run(&["audit", "--json"]).await.expect(0).json();
    let last = log.as_array().expect("entries").last().expect("an entry");
    assert_eq!(last["actor"].as_str().map(|actor| actor.contains("ada")), Some(true), "{last}");
    assert!(last["detail"].to_string().contains(&id) || last["subject"].to_string().contains(&id), "{last}");
    let whole = place.run(&["audit", "--verify"]).await.expect(0).stdout;
    assert!(whole.contains("each as it was written"), "{whole}");

    let file = rusqlite::Connection::open(place.path("scoresheet.db")).expect("the store's file");
    let changed = file.execute("UPDATE audit SET actor = 'eve' WHERE seq = 2", []);
    assert_eq!(changed.expect("an update"), 1);
    drop(file);
    let broken = place.run(&["audit", "--verify"]).await.expect(1).stdout;
    assert!(broken.contains("BROKEN at entry 2"), "{broken}");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn who_changed_something_is_on_record_though_no_variable_says_it() {
    let server = serve(world(58, 1, 0.0)).await;
    // The environment is empty but for the source.
    let place = Place::reaching(&server);
    place.run(&["sync"]).await.expect(0);
    let log = place.run(&["audit", "--json"]).await.expect(0).json();
    let user = nix::unistd::User::from_uid(nix::unistd::getuid()).expect("the system's users").expect("one of them");
    for entry in log.as_array().expect("entries") {
        let actor = entry["actor"].as_str().expect("somebody");
        assert_eq!(actor.split('@').next(), Some(user.name.as_str()), "{entry}");
    }
}

/// Cranelift cannot be interrupted, so the process must not wait for it.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn interrupt_while_compiling_ends_the_process_at_once() {
    use std::os::unix::process::ExitStatusExt as _;

    let place = Place::new();
    // Some six seconds of compiling on one processor: loads, each from the address that the one before it gave.
    let loads = "i32.load ".repeat(200_000);
    let text = format!(
        r#"(component
            (core module (memory 1) (func (param i32) local.get 0 {loads} drop))
            (instance $e)
            (export "accellis:scoresheet/source@0.2.0" (instance $e))
            (export "accellis:scoresheet/metrics@0.2.0" (instance $e)))"#
    );
    std::fs::write(place.path("slow.wasm"), wat::parse_str(text).expect("text that parses")).expect("a file");
    place.write(
        "scoresheet.toml",
        "[runtime]\nmax_compile_secs = 3600\n[providers.slow]\ncomponent = \"slow.wasm\"\n\n[[metrics]]\nid = \"a\"\nprovider = \"slow\"\n",
    );
    let child = place.command(&["run"]).stderr(std::process::Stdio::piped()).spawn().expect("it starts");
    let pid = child.id();
    // Compiling has begun once the process has used a second of processor time.
    let stat = format!("/proc/{pid}/stat");
    loop {
        let stat = std::fs::read_to_string(&stat).expect("it runs");
        let fields = stat.rsplit(')').next().expect("fields").split_whitespace();
        assert!(fields.clone().next().is_none_or(|state| state != "Z"), "it ended before it was interrupted");
        if fields.skip(11).take(2).map(|ticks| ticks.parse::<u64>().expect("ticks")).sum::<u64>() >= 100 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let interrupted = std::time::Instant::now();
    let sent = std::process::Command::new("kill").args(["-INT", &pid.to_string()]).status().expect("it runs");
    assert!(sent.success());
    let output =
        tokio::task::spawn_blocking(move || child.wait_with_output()).await.expect("joined").expect("it ended");
    assert_eq!((output.status.code(), output.status.signal()), (Some(130), None));
    assert!(interrupted.elapsed() < std::time::Duration::from_secs(3), "{:?}", interrupted.elapsed());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "error: interrupted; nothing was changed\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn compiled_code_is_listed_and_cleared() {
    let mut place = Place::new();
    let cache = tempfile::tempdir().expect("a folder");
    place.set("XDG_CACHE_HOME", &cache.path().display().to_string());
    assert!(place.run(&["provider", "cache"]).await.expect(0).stderr.contains("nothing is compiled"));
    place.run(&["provider", "list"]).await.expect(0);
    let compiled = place.run(&["provider", "cache", "--json"]).await.expect(0).json();
    let compiled = compiled.as_array().expect("rows");
    assert_eq!(compiled.len(), scoresheet_bundle::components().len());
    assert!(compiled.iter().all(|row| row["bytes"].as_u64() > Some(1_000)), "{compiled:?}");
    let cleared = place.run(&["provider", "cache", "--clear", "--json"]).await.expect(0).json();
    assert!(cleared["removed"].as_u64() >= Some(compiled.len() as u64), "{cleared}");
    assert_eq!(place.run(&["provider", "cache", "--json"]).await.expect(0).json(), serde_json::json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_client_is_gone_and_stays_gone() {
    let server = serve(world(55, 5, 0.0)).await;
    let place = Place::reaching(&server);
    place.run(&["sync"]).await.expect(0);
    let id = server.world().clients()[1].id.clone();
    let asked = place.run(&["clients", "erase", &id]).await.expect(2).stderr;
    assert!(asked.contains("--yes"), "{asked}");
    place.run(&["clients", "erase", &id, "--yes"]).await.expect(0);
    place.run(&["sync", "--full"]).await.expect(0);
    let sheet = place.run(&["generate", "--as-of", AS_OF, "--json"]).await.expect(0).json();
    let ids: Vec<&str> =
        sheet["clients"].as_array().expect("rows").iter().filter_map(|row| row["id"].as_str()).collect();
    assert!(!ids.is_empty() && !ids.contains(&id.as_str()), "{ids:?}");
    place.run(&["audit", "--verify"]).await.expect(0);
    place.run(&["clients", "erase", "nobody", "--yes"]).await.expect(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_key_is_worth_a_word() {
    let server = serve(world(56, 3, 0.0)).await;
    let mut setup = Setup::new(&server);
    setup.settings = " }\nmax_key_age_days = 90\nheaders = {".to_owned();
    let first = setup.clone().open().await;
    first.sync().await;
    assert!(first.engine.health().await.expect("health")[0].warnings.is_empty());
    let later = Setup { now: as_of().plus_days(91), folder: Some(Arc::clone(&first.folder)), ..setup }.open().await;
    let health = later.engine.health().await.expect("health");
    assert!(health[0].warnings[0].contains("the same for 91 days"), "{health:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_source_spoils_leaves_the_last_good_scores_marked_stale() {
    let server = serve(world(57, 4, 0.0)).await;
    let embedded = Setup::new(&server).open().await;
    embedded.sync().await;
    let good = embedded.sheet().await;
    server.set_faults([Fault::HtmlWith200]);
    let report =
        embedded.engine.sync(&SyncOptions::default(), &|_| (), &CancellationToken::new()).await.expect("a sync");
    assert!(report.problems().next().is_some());
    let stale = embedded.sheet().await;
    for (before, after) in good.clients.iter().zip(&stale.clients) {
        for (before, after) in before.metrics.iter().zip(&after.metrics) {
            assert_eq!((before.score, before.value), (after.score, after.value));
            assert!(after.stale || after.score.is_none(), "{after:?}");
        }
    }
    assert_eq!(good.clients.len(), stale.clients.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_older_than_it_may_be_goes_at_the_end_of_a_sync() {
    let server = serve(world(59, 4, 0.0)).await;
    let mut setup = Setup::new(&server);
    setup.head = "[retention]\nobservations_days = 31\n".to_owned();
    let embedded = setup.open().await;
    embedded.sync().await;
    let log = embedded.engine.audit(None, 100).await.expect("the log");
    let pruned = log.iter().find(|entry| entry.action.contains("prune")).expect("an entry");
    assert!(pruned.detail.as_ref().and_then(|detail| detail["observations"].as_u64()) > Some(0), "{pruned:?}");
    // What a sheet needs is still there.
    let scored =
        |sheet: &scoresheet::Scoresheet| sheet.clients.iter().filter(|row| row.metrics[0].score.is_some()).count();
    assert!(scored(&embedded.sheet().await) > 0);
    // Nothing of it comes back.
    let again = embedded.sync().await;
    assert!(again.problems().next().is_none(), "{again:?}");
    let place = Place::reaching(&server);
    place.run(&["init"]).await.expect(0);
    let text = std::fs::read_to_string(place.path("scoresheet.toml")).expect("a file");
    place.write(
        "scoresheet.toml",
        &text
            .replace("# lookback_days = 30 ", "lookback_days = 90 ")
            .replace("# observations_days = 1100 ", "observations_days = 31 "),
    );
    let refused = place.run(&["sync"]).await.expect(2).stderr;
    assert!(refused.contains("31 days") && refused.contains("90 days"), "{refused}");
}

/// Who was erased by mistake is not out for ever, and whoever lets it in again is on record.
#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_by_mistake_is_lifted() {
    let server = serve(world(60, 5, 0.0)).await;
    let mut place = Place::reaching(&server);
    place.set("USER", "ada");
    place.run(&["sync"]).await.expect(0);
    let sheet = ["generate", "--as-of", AS_OF, "--json"];
    let before = place.run(&sheet).await.expect(0).json();
    let (id, other) = (server.world().clients()[1].id.clone(), server.world().clients()[2].id.clone());
    let unknown = place.run(&["clients", "restore", &id]).await.expect(2).stderr;
    assert!(unknown.contains("no erasure of a client"), "{unknown}");
    place.run(&["clients", "erase", &id, "--yes"]).await.expect(0);
    place.run(&["clients", "erase", &other, "--yes"]).await.expect(0);
    let restored = place.run(&["clients", "restore", &id, "--json"]).await.expect(0).json();
    assert_eq!((&restored["restored"], restored["sources"].as_u64() > Some(0)), (&id.as_str().into(), true));
    let again = place.run(&["clients", "restore", &id]).await.expect(0).stdout;
    assert!(again.contains("nothing of"), "{again}");

    place.run(&["sync", "--full"]).await.expect(0);
    let after = place.run(&sheet).await.expect(0).json();
    let row = |sheet: &serde_json::Value, id: &str| {
        sheet["clients"].as_array().expect("rows").iter().find(|row| row["id"] == id).cloned()
    };
    let (was, is) = (row(&before, &id).expect("a row"), row(&after, &id).expect("it is back"));
    let figures = |row: &serde_json::Value| {
        let metrics = row["metrics"].as_array().expect("metrics").iter();
        metrics.map(|metric| (metric["value"].clone(), metric["samples"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(figures(&was), figures(&is));
    assert_eq!(row(&after, &other), None, "the other one stays erased");
    let log = place.run(&["audit", "--json"]).await.expect(0).json();
    let mut lifted = log.as_array().expect("entries").iter().filter(|entry| entry["action"] == "erasure-lifted");
    let entry = lifted.next().expect("an entry");
    assert!(entry["actor"].as_str().is_some_and(|actor| actor.starts_with("ada@")) && lifted.next().is_none(), "{log}");
    place.run(&["audit", "--verify"]).await.expect(0);
}
