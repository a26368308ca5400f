//! What was recorded is replayed, byte for byte and offline, and holds nobody's data.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use scoresheet_gateway::{BaseUrl, Credential, HttpError, Outbound, Recorder, Replayer, Request, Response};
use scoresheet_test_support::{End, ScriptedResponse, ScriptedServer};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::support::{Rig, count, get, pairs, post};

async fn send(outbound: &dyn Outbound, request: Request) -> Result<Response, HttpError> {
    outbound.send(request, Instant::now() + Duration::from_secs(60), &CancellationToken::new()).await
}

fn files(folder: &Path) -> BTreeMap<String, String> {
    let read = |entry: fs::DirEntry| {
        let text = fs::read_to_string(entry.path()).expect("text");
        (entry.file_name().to_string_lossy().into_owned(), text)
    };
    fs::read_dir(folder).expect("a folder").map(|entry| read(entry.expect("an entry"))).collect()
}

fn traffic() -> Vec<Request> {
    let page = |number: &str| Request {
        query: pairs(&[("page", number), ("contact", "jane@acme.example")]),
        headers: pairs(&[("Accept", "application/json")]),
        ..get("api/items")
    };
    vec![
        page("1"),
        page("2"),
        page("1"),
        page("1"),
        post("api/find", "{\"email\":\"jane@acme.example\"}"),
        get("binary"),
    ]
}

fn answers() -> Vec<ScriptedResponse> {
    let json = [("content-type", "application/json"), ("etag", "\"1\"")];
    vec![
        ScriptedResponse::new(200, &json, "{ \"n\" : 1.10, \"id\":\"a\" }"),
        ScriptedResponse::new(
            200,
            &json,
            "[{\"comment\":\"Jane was rude\",\"rating\":\"-5\",\"ip_address\":\"10.1.2.3\"}]",
        ),
        ScriptedResponse::new(503, &[("retry-after", "99999")], "down"),
        ScriptedResponse::new(200, &json, "[3]"),
        ScriptedResponse::new(201, &[], "{\"contact\":{\"name\":\"Jane\",\"id\":7}}"),
        ScriptedResponse::new(200, &[], [0xff, 0x00, 0xfe]),
    ]
}

async fn record(folder: &Path) -> Vec<Result<Response, HttpError>> {
    let mut rig = Rig::new();
    rig.credential = Arc::new(Credential::Bearer("canary-secret".into()));
    rig.limits.max_attempts = count(1);
    let server = ScriptedServer::start(answers()).await;
    let recorder = Recorder::create(Arc::new(rig.connect(&server.base_url)), folder).expect("a recorder");
    let mut given = Vec::new();
    for request in traffic() {
        given.push(send(&recorder, request).await);
    }
    given
}

fn base() -> BaseUrl {
    BaseUrl::parse("https://api.example", false).expect("a base URL")
}

#[tokio::test]
async fn what_was_recorded_is_replayed() {
    let folder = tempfile::tempdir().expect("a folder");
    let given = record(folder.path()).await;
    assert_eq!(
        given[1].as_ref().expect("an answer").body[..20],
        b"[{\"comment\":\"Jane wa"[..],
        "the caller's is as it came"
    );

    let replayer = Replayer::open(folder.path(), base()).expect("a recording");
    let mut replayed = Vec::new();
    for request in traffic() {
        replayed.push(send(&replayer, request).await.expect("recorded"));
    }
    assert_eq!(replayed[0], given[0].clone().expect("an answer"));
    assert_eq!(replayed[0].body, b"{ \"n\" : 1.10, \"id\":\"a\" }", "not a byte of it is written otherwise");
    assert_eq!(
        replayed[1].body,
        b"[{\"comment\":\"removed\",\"rating\":\"-5\",\"ip_address\":\"192.0.2.1\"}]".to_vec(),
        "{}",
        String::from_utf8_lossy(&replayed[1].body)
    );
    assert_eq!(replayed[1].header("content-length"), None, "it is no longer the body's");
    let statuses: Vec<u16> = replayed.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 200, 503, 200, 201, 200], "the same request has its answers in order");
    assert_eq!(replayed[5].body, [0xff, 0x00, 0xfe]);
    assert_eq!(send(&replayer, traffic().swap_remove(0)).await.expect("the last one again").body, b"[3]");
    // A component that was given a scrubbed address asks with it.
    let mut scrubbed = traffic().swap_remove(1);
    scrubbed.query[1].1 = "person@example.invalid".into();
    assert_eq!(send(&replayer, scrubbed).await, Ok(replayed[1].clone()));
}

#[tokio::test]
async fn two_recordings_of_the_same_are_the_same_bytes_and_hold_nobodys_data() {
    let (one, two) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    record(one.path()).await;
    record(two.path()).await;
    let files = files(one.path());
    assert_eq!(files, self::files(two.path()));
    assert_eq!(files.len(), 6);
    for (name, text) in &files {
        let (digest, rest) = name.split_once('-').expect("a digest and an ordinal");
        assert!(digest.len() == 32 && rest.len() == "0000.json".len(), "{name}");
        assert!(text.contains("\"format\": 1") && text.ends_with("}\n"), "{text}");
        for private in ["canary", "Bearer", "authorization", "Jane", "jane", "acme", "10.1.2.3"] {
            assert!(!text.contains(private), "{private} in {text}");
        }
    }
}

#[tokio::test]
async fn what_was_not_recorded_is_an_error_in_words() {
    let folder = tempfile::tempdir().expect("a folder");
    record(folder.path()).await;
    let replayer = Replayer::open(folder.path(), base()).expect("a recording");
    let with = |change: &dyn Fn(&mut Request)| {
        let mut request = traffic().swap_remove(0);
        change(&mut request);
        request
    };
    for request in [
        with(&|r| r.path = "api/other\u{1b}[2J\n".into()),
        with(&|r| r.query[0].1 = "canary".into()),
        with(&|r| r.query.swap(0, 1)),
        with(&|r| r.headers.clear()),
        with(&|r| r.body = Some(Vec::new())),
        post("api/find", "{}"),
    ] {
        let error = send(&replayer, request).await.expect_err("never asked");
        let text = error.to_string();
        assert!(matches!(error, HttpError::Denied(_)) && text.contains("was not recorded in"), "{text}");
        assert!(!text.contains("canary") && !text.chars().any(char::is_control), "{text}");
    }
    let cancel = CancellationToken::new();
    let request = || traffic().swap_remove(0);
    assert_eq!(replayer.send(request(), Instant::now(), &cancel).await, Err(HttpError::Timeout));
    cancel.cancel();
    let later = Instant::now() + Duration::from_secs(60);
    assert_eq!(replayer.send(request(), later, &cancel).await, Err(HttpError::Cancelled));
    assert_eq!(send(&replayer, request()).await.expect("not used up by those").body, b"{ \"n\" : 1.10, \"id\":\"a\" }");
}

#[tokio::test]
async fn a_request_without_an_answer_is_not_written_down() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut rig = Rig::new();
    rig.limits.max_attempts = count(1);
    let server = ScriptedServer::start([ScriptedResponse::raw("", End::Reset)]).await;
    let recorder = Recorder::create(Arc::new(rig.connect(&server.base_url)), folder.path()).expect("a recorder");
    send(&recorder, get("x")).await.expect_err("reset");
    send(&recorder, get("../x")).await.expect_err("refused");
    assert!(files(folder.path()).is_empty());
    fs::remove_dir(folder.path()).expect("empty");
    let server = ScriptedServer::start([ScriptedResponse::ok("x")]).await;
    let folder = tempfile::tempdir().expect("a folder");
    let recorder =
        Recorder::create(Arc::new(rig.connect(&server.base_url)), folder.path().join("in/side")).expect("made");
    fs::remove_dir(folder.path().join("in/side")).expect("empty");
    let error = send(&recorder, get("x")).await.expect_err("nowhere to write");
    assert!(error.to_string().contains("could not be written to"), "{error}");
}

#[tokio::test]
async fn folders_and_files_that_are_no_recording_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let open = |content: &str| {
        fs::write(folder.path().join("a.json"), content).expect("writes");
        Replayer::open(folder.path(), base()).expect_err(content).to_string()
    };
    assert!(Replayer::open(folder.path(), base()).expect_err("empty").to_string().contains("holds no recording"));
    assert!(Replayer::open(folder.path().join("none"), base()).is_err());
    assert!(open("{").contains("no recorded exchange"));
    assert!(open("{}").contains("format is none"));
    assert!(open("{\"format\":2}").contains("format is 2, and 1 can be read"));
    assert!(open("{\"format\":1}").contains("missing field"));
    record(&folder.path().join("good")).await;
    let good = files(&folder.path().join("good")).into_values().next().expect("a file");
    assert!(open(&good.replace("\"status\"", "\"more\": 1, \"status\"")).contains("unknown field"));
    let rig = Rig::new();
    let again = Recorder::create(Arc::new(rig.connect("http://127.0.0.1:1")), folder.path().join("good"));
    assert!(again.expect_err("not empty").to_string().contains("holds a recording already"));
}
