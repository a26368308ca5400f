//! The command line: help, errors, exit codes.

use std::{
    io::{BufRead as _, BufReader},
    process::Stdio,
};

use crate::common::{AS_OF, CANARY, Place, Ran, Setup, serve, world};
use scoresheet_test_support::Fault;

/// A run as a snapshot: what it printed where, and how it ended.
fn told(ran: &Ran, place: &Place) -> String {
    let folder = place.folder.path().canonicalize().expect("a folder");
    let text = format!("exit {}\n--- stdout\n{}--- stderr\n{}", ran.code, ran.stdout, ran.stderr);
    text.replace(&folder.display().to_string(), "[folder]")
        .replace(&place.folder.path().display().to_string(), "[folder]")
}

#[tokio::test(flavor = "multi_thread")]
async fn help() {
    let place = Place::new();
    for arguments in [
        &["--help"][..],
        &["demo", "--help"],
        &["run", "--help"],
        &["sync", "--help"],
        &["generate", "--help"],
        &["check", "--help"],
        &["clients", "--help"],
        &["mapping", "--help"],
        &["provider", "--help"],
        &["config", "--help"],
    ] {
        let ran = place.run(arguments).await.expect(0);
        insta::assert_snapshot!(format!("help_{}", arguments[..arguments.len() - 1].join("_")), ran.stdout);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_no_arguments_it_says_what_to_do_first() {
    let place = Place::new();
    insta::assert_snapshot!("no_arguments", told(&place.run(&[]).await.expect(0), &place));
    place.run(&["init"]).await.expect(0);
    insta::assert_snapshot!("no_arguments_configured", told(&place.run(&[]).await.expect(0), &place));
}

#[tokio::test(flavor = "multi_thread")]
async fn with_nothing_configured_it_says_so_and_makes_nothing() {
    let place = Place::new();
    insta::assert_snapshot!("nothing_configured", told(&place.run(&["run"]).await.expect(2), &place));
    let mut half = Place::new();
    half.set("CREWHU_API_KEY", CANARY);
    insta::assert_snapshot!("half_configured", told(&half.run(&["run"]).await.expect(2), &half));
    for place in [place, half] {
        assert_eq!(place.files(), vec![]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn init_writes_a_file_that_works_and_never_over_another() {
    let server = serve(world(31, 4, 0.0)).await;
    let place = Place::reaching(&server);
    insta::assert_snapshot!("init", told(&place.run(&["init"]).await.expect(0), &place));
    let ran = place.run(&["run", "--as-of", AS_OF, "--json"]).await.expect(0);
    assert!(!ran.json()["clients"].as_array().expect("clients").is_empty());
    insta::assert_snapshot!("init_again", told(&place.run(&["init"]).await.expect(2), &place));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_problem_of_a_configuration_is_told_together_with_its_line() {
    let mut place = Place::new();
    place.set("SECRET", CANARY);
    place.write(
        "scoresheet.toml",
        r#"[sheet]
nam = "Typo"
lookback_days = 0

[providers.crewhu]
base_url = "http://crewhu.example"
auth = { bearer = "${NOT_SET}" }
settings = { company_id = "x" }

[[metrics]]
id = "a"
provider = "crewhu"
weight = -1.0

[[metrics]]
id = "a"
provider = "nowhere"
weight = "heavy"
"#,
    );
    insta::assert_snapshot!("configuration_problems", told(&place.run(&["run"]).await.expect(2), &place));
    // What only the component can tell, too.
    place.write(
        "scoresheet.toml",
        r#"[providers.crewhu]
base_url = "http://127.0.0.1:9"
auth = { bearer = "${SECRET}" }
settings = { company = "x", page_size = 0 }

[[metrics]]
id = "support-engagement-satisfaction"
provider = "crewhu"
settings = { types = ["speed"], min_responses = 0 }

[[metrics]]
id = "unheard-of"
provider = "crewhu"
"#,
    );
    let ran = place.run(&["run"]).await.expect(2);
    assert!(!ran.stderr.contains(CANARY));
    insta::assert_snapshot!("settings_problems", told(&ran, &place));
    assert_eq!(place.files().len(), 1, "no store was made");
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_names_are_usage_errors() {
    let server = serve(world(32, 4, 0.0)).await;
    let place = Place::reaching(&server);
    place.run(&["sync"]).await.expect(0);
    let roster = place.run(&["clients", "list", "--json"]).await.expect(0).json();
    let id = roster[0]["id"].as_str().expect("an id").to_owned();
    for (name, arguments) in [
        ("unknown_client", &["run", "--client", "nobody"][..]),
        ("unknown_provider", &["sync", "--provider", "crewho"]),
        ("unknown_source", &["mapping", "set", &id, "crewhu:nobody"]),
        ("bad_source", &["mapping", "set", &id, "crewhu"]),
        ("bad_time", &["generate", "--as-of", "yesterday"]),
        ("bad_lookback", &["generate", "--lookback", "0"]),
        ("future", &["generate", "--as-of", "9999-01-01"]),
        ("unknown_command", &["serf"]),
        ("no_such_file", &["clients", "import", "nowhere.csv"]),
        ("no_such_config", &["run", "--config", "nowhere.toml"]),
    ] {
        let ran = place.run(arguments).await.expect(2);
        let text = told(&ran, &place);
        // The clock stands in the message of the future.
        let text = if name == "future" { text.split(": it is ").next().expect("a start").to_owned() } else { text };
        insta::assert_snapshot!(name, text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_cannot_be_loaded_is_a_configuration_error() {
    let place = Place::new();
    place.write("not.wasm", "nonsense");
    std::fs::write(place.path("module.wasm"), b"\0asm\x01\0\0\0").expect("a file");
    for (name, component) in [
        ("component_not_wasm", "./not.wasm"),
        ("component_core_module", "./module.wasm"),
        ("component_unknown", "crewho"),
        ("component_missing", "./gone.wasm"),
    ] {
        place.write(
            "scoresheet.toml",
            &format!("[providers.p]\ncomponent = \"{component}\"\n\n[[metrics]]\nid = \"m\"\nprovider = \"p\"\n"),
        );
        insta::assert_snapshot!(name, told(&place.run(&["run"]).await.expect(2), &place));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_is_found_by_its_path_and_works_as_the_bundled_one_does() {
    let server = serve(world(38, 6, 0.1)).await;
    let place = Place::reaching(&server);
    let bundled = place.run(&["run", "--as-of", AS_OF, "--json"]).await.expect(0).json();
    let crewhu = scoresheet_bundle::components().iter().find(|component| component.name == "crewhu").expect("crewhu");
    std::fs::create_dir(place.path("components")).expect("a folder");
    std::fs::write(place.path("components/mine.wasm"), crewhu.bytes).expect("a component");
    place.write(
        "scoresheet.toml",
        "[providers.mine]\ncomponent = \"components/mine.wasm\"\nbase_url = \"${CREWHU_BASE_URL}\"\n\
         auth = { bearer = \"${CREWHU_API_KEY}\" }\nsettings = { company_id = \"${CREWHU_COMPANY_ID}\" }\n\n\
         [[metrics]]\nid = \"csat\"\nprovider = \"mine\"\nmetric = \"support-engagement-satisfaction\"\n",
    );
    let by_path = place.run(&["run", "--as-of", AS_OF, "--json"]).await.expect(0).json();
    let scores = |sheet: &serde_json::Value| -> Vec<serde_json::Value> {
        sheet["clients"].as_array().expect("clients").iter().map(|row| row["metrics"][0]["value"].clone()).collect()
    };
    assert!(scores(&bundled).iter().any(serde_json::Value::is_number));
    assert_eq!(scores(&bundled), scores(&by_path));
}

#[tokio::test(flavor = "multi_thread")]
async fn check_tells_what_is_wrong_with_a_connection() {
    let server = serve(world(33, 4, 0.0)).await;
    let place = Place::reaching(&server);
    let good = place.run(&["check", "--json"]).await.expect(0).json();
    assert_eq!(good[0]["ok"], true);
    assert_eq!(good[0]["steps"].as_array().expect("steps").len(), 4);

    // What was seen counts from now, and now is another every time.
    let steps = |ran: Ran| {
        let mut steps = ran.json()[0]["steps"].as_array().expect("steps").clone();
        for step in &mut steps {
            let step = step.as_object_mut().expect("a step");
            step.remove("detail");
            step.remove("message");
        }
        steps
    };
    server.set_permissions(scoresheet_simulator::Permissions {
        clients: false,
        ..scoresheet_simulator::Permissions::ALL
    });
    insta::assert_json_snapshot!("check_forbidden", steps(place.run(&["check", "--json"]).await.expect(1)));
    server.set_permissions(scoresheet_simulator::Permissions::ALL);
    server.set_faults([Fault::Status(404)]);
    insta::assert_json_snapshot!("check_not_found", steps(place.run(&["check", "--json"]).await.expect(1)));
    server.set_faults(Vec::<Fault>::new());
    server.set_api_key("rotated");
    insta::assert_json_snapshot!("check_unauthorized", steps(place.run(&["check", "--json"]).await.expect(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_persons_decision_is_kept_listed_and_reversible() {
    let server = serve(world(34, 4, 0.0)).await;
    let place = Place::reaching(&server);
    place.write("clients.csv", "id,name\nmine,Nothing Like It\n");
    place.run(&["clients", "import", "clients.csv"]).await.expect(0);
    place.run(&["sync"]).await.expect(0);
    let source = server.world().clients()[0].id.clone();
    let outcome =
        |ran: Ran| ran.json()["crewhu"]["clients"]["mine"]["outcome"].as_str().expect("an outcome").to_owned();
    assert_eq!(outcome(place.run(&["mapping", "list", "--json"]).await.expect(0)), "unmapped");
    place.run(&["mapping", "set", "mine", &format!("crewhu:{source}")]).await.expect(0);
    let listed = place.run(&["mapping", "list", "--json"]).await.expect(0);
    assert_eq!(listed.json()["crewhu"]["clients"]["mine"]["sources"][0]["rule"], "person");
    place.run(&["mapping", "reject", "mine", &format!("crewhu:{source}")]).await.expect(0);
    assert_eq!(outcome(place.run(&["mapping", "list", "--json"]).await.expect(0)), "unmapped");
    let cleared = place.run(&["mapping", "clear", "mine", "--json"]).await.expect(0).json();
    assert_eq!(cleared["cleared"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn config_show_has_no_secret() {
    let server = serve(world(35, 3, 0.0)).await;
    let place = Place::reaching(&server);
    let ran = place.run(&["config", "show"]).await.expect(0);
    assert!(!ran.stdout.contains(CANARY));
    insta::assert_snapshot!("config_show", told(&ran, &place).replace(server.base_url(), "[base URL]"));
}

#[tokio::test(flavor = "multi_thread")]
async fn config_schema_prints_a_json_schema() {
    let schema = Place::new().run(&["config", "schema"]).await.expect(0).json();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["properties"]["sheet"]["properties"]["lookback_days"]["maximum"], 3650);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_can_be_written_to_a_file() {
    let server = serve(world(36, 3, 0.0)).await;
    let place = Place::reaching(&server);
    let ran = place.run(&["run", "--as-of", AS_OF, "--format", "json", "-o", "sheet.json"]).await.expect(0);
    assert_eq!(ran.stdout, "");
    let text = std::fs::read_to_string(place.path("sheet.json")).expect("the sheet");
    serde_json::from_str::<serde_json::Value>(&text).expect("JSON");
    place.run(&["generate", "--as-of", AS_OF, "-o", "no/such/folder/sheet.txt"]).await.expect(1);
    place.run(&["generate", "--as-of", AS_OF, "-o", "."]).await.expect(1);
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_file_is_written_to_and_never_replaced() {
    use std::os::unix::fs::FileTypeExt as _;

    let server = serve(world(39, 3, 0.0)).await;
    let place = Place::reaching(&server);
    place.run(&["sync"]).await.expect(0);
    // Through a link, so that a program that gets it wrong replaces the link and not the device.
    std::os::unix::fs::symlink("/dev/null", place.path("nowhere")).expect("a link");
    place.run(&["generate", "--as-of", AS_OF, "-o", "nowhere"]).await.expect(0);
    assert!(std::fs::symlink_metadata(place.path("nowhere")).expect("the link").file_type().is_symlink());
    assert!(std::fs::metadata("/dev/null").expect("the device").file_type().is_char_device());
    // A link to a file stays one, and the file has the sheet.
    place.write("real.txt", "old");
    std::os::unix::fs::symlink(place.path("real.txt"), place.path("link.txt")).expect("a link");
    place.run(&["generate", "--as-of", AS_OF, "-o", "link.txt"]).await.expect(0);
    assert!(std::fs::symlink_metadata(place.path("link.txt")).expect("the link").file_type().is_symlink());
    assert!(std::fs::read_to_string(place.path("real.txt")).expect("the sheet").contains("Client engagement"));
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_sync_ends_at_once_with_130_and_the_next_goes_on() {
    let server = serve(world(37, 12, 0.0)).await;
    let place = Place::reaching(&server);
    place.write(
        "scoresheet.toml",
        "[providers.crewhu]\nbase_url = \"${CREWHU_BASE_URL}\"\nauth = { bearer = \"${CREWHU_API_KEY}\" }\n\
         settings = { company_id = \"${CREWHU_COMPANY_ID}\", page_size = 20 }\n\n\
         [[metrics]]\nid = \"support-engagement-satisfaction\"\nprovider = \"crewhu\"\n",
    );
    // The fifth page takes for ever: whoever ends the sync has to end the wait.
    server.set_faults([Fault::Slow { millis: 600_000 }.on("/api/v1/csat/scores").page(5)]);
    let mut child =
        place.command(&["sync", "-v"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program");
    let pid = child.id();
    let waiting = tokio::task::spawn_blocking(move || {
        let mut said = String::new();
        let mut reader = BufReader::new(child.stderr.take().expect("stderr"));
        while reader.read_line(&mut said).expect("a line") > 0 {}
        (child.wait().expect("an end"), said)
    });
    while !server.requests().iter().any(|request| request.parameter("page") == Some("4")) {
        tokio::task::yield_now().await;
    }
    let began = std::time::Instant::now();
    let sent = std::process::Command::new("kill").args(["-INT", &pid.to_string()]).status().expect("kill");
    assert!(sent.success());
    let (status, said) = waiting.await.expect("a thread");
    assert_eq!(status.code(), Some(130), "{said}");
    assert!(began.elapsed() < std::time::Duration::from_secs(10), "it took {:?}", began.elapsed());
    assert!(said.contains("the next sync goes on from there"), "{said}");

    server.set_faults(Vec::<Fault>::new());
    let reference = Setup::new(&server).open().await;
    reference.sync().await;
    let sheet = place.run(&["run", "--as-of", AS_OF, "--json"]).await.expect(0).json();
    let expected = serde_json::to_value(reference.sheet().await).expect("JSON");
    assert_eq!(sheet["clients"], expected["clients"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn demo_runs_with_nothing_set_up() {
    let place = Place::new();
    let ran = place.run(&["demo", "--clients", "8"]).await.expect(0);
    for word in ["STUB", "scoresheet init", "scoresheet check", "scoresheet run"] {
        assert!(ran.stdout.contains(word), "no '{word}' in:\n{}", ran.stdout);
    }
    assert_eq!(place.files(), vec![]);
    let sheet = place.run(&["demo", "--clients", "8", "--json"]).await.expect(0).json();
    assert_eq!(sheet["stub"], true);
    let scored = sheet["clients"]
        .as_array()
        .expect("clients")
        .iter()
        .filter(|row| row["metrics"][0]["outcome"] == "measured")
        .count();
    assert!(scored >= 4, "{scored} clients have a satisfaction score");
}

#[tokio::test(flavor = "multi_thread")]
async fn completions_for_every_shell() {
    let place = Place::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ran = place.run(&["completions", shell]).await.expect(0);
        assert!(ran.stdout.contains("generate"), "{shell}");
    }
}
