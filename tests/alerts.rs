//! Alerts as a person has them: rules in the configuration, `run`, and a receiver that is told each once.

use std::sync::{Arc, Mutex};

use crate::common::{AS_OF, CANARY, Place, serve, world};
use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use scoresheet_test_support::{Fault, FaultySimulator};
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinHandle};

/// What must turn up nowhere: a part of a webhook's address, and a mail server's password.
const SECRETS: [&str; 3] = [CANARY, "canary-hook-52c1", "canary-mail-93be"];

/// A receiver of webhooks on this machine.
struct Receiver {
    url: String,
    told: Arc<Mutex<Vec<(String, Value)>>>,
    answer: Arc<Mutex<StatusCode>>,
    serving: JoinHandle<()>,
}

type Shared = (Arc<Mutex<Vec<(String, Value)>>>, Arc<Mutex<StatusCode>>);

impl Receiver {
    async fn start() -> Self {
        let told = Arc::<Mutex<Vec<(String, Value)>>>::default();
        let answer = Arc::new(Mutex::new(StatusCode::OK));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/{}?sig={}", listener.local_addr().expect("an address"), SECRETS[1], SECRETS[1]);
        let app = Router::new().fallback(receive).with_state((Arc::clone(&told), Arc::clone(&answer)));
        let serving = tokio::spawn(async move { axum::serve(listener, app).await.expect("it serves") });
        Self { url, told, answer, serving }
    }

    fn answer(&self, status: StatusCode) {
        *self.answer.lock().expect("not poisoned") = status;
    }

    /// Event, alert and the id it came under, since it was last asked.
    fn take(&self) -> Vec<(String, i64, String)> {
        let told = std::mem::take(&mut *self.told.lock().expect("not poisoned"));
        told.into_iter()
            .map(|(key, body)| {
                assert_eq!(
                    (&body["schema"], &body["id"]),
                    (&"accellis.scoresheet.alert/1.0".into(), &key.clone().into())
                );
                (body["event"].as_str().expect("an event").to_owned(), body["alert"].as_i64().expect("an alert"), key)
            })
            .collect()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn receive(State((told, answer)): State<Shared>, headers: HeaderMap, Json(body): Json<Value>) -> StatusCode {
    let key = headers["idempotency-key"].to_str().expect("text").to_owned();
    told.lock().expect("not poisoned").push((key, body));
    *answer.lock().expect("not poisoned")
}

/// A place with these rules, whose sheet is the same at whatever time it is made.
fn place(server: &FaultySimulator, receiver: &Receiver) -> Place {
    let mut place = Place::reaching(server);
    place.set("OPS_WEBHOOK_URL", &receiver.url);
    place.set("SMTP_PASSWORD", SECRETS[2]);
    place
}

fn configure(place: &Place, rules: &str) {
    let head = r#"
[sheet]
lookback_days = 3650

[providers.crewhu]
base_url = "${CREWHU_BASE_URL}"
auth = { bearer = "${CREWHU_API_KEY}" }
settings = { company_id = "${CREWHU_COMPANY_ID}" }

[[metrics]]
id = "support-engagement-satisfaction"
provider = "crewhu"

[channels.ops]
kind = "webhook"
url = "${OPS_WEBHOOK_URL}"
"#;
    place.write("scoresheet.toml", &format!("{head}{rules}"));
}

fn floor(at: f64) -> String {
    format!("[[alerts]]\nid = \"low\"\nkind = \"floor\"\nat = {at:?}\n")
}

const CONNECTION: &str = "[[alerts]]\nid = \"sources\"\nkind = \"connection\"\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_low_score_is_told_once_and_so_is_that_it_is_over() {
    let server = serve(world(21, 8, 0.0)).await;
    let receiver = Receiver::start().await;
    let place = place(&server, &receiver);
    configure(&place, &floor(5.0));
    let ran = place.run(&["run"]).await.expect(0);
    let fired = receiver.take();
    assert!(fired.len() > 3 && fired.iter().all(|(event, _, _)| event == "fired"), "{fired:?}");
    let told = format!("alerts: {0} fired, 0 resolved, {0} open; {0} told", fired.len());
    assert!(ran.stderr.contains(&told), "{}", ran.stderr);

    // Again, of one client, of another day: the rules are about every client as of now, and there is no news.
    for arguments in [&["run"][..], &["run", "--as-of", AS_OF], &["run", "--client", "c-1"], &["alerts", "check"]] {
        let ran = place.run(arguments).await;
        assert!(ran.code == 0 || ran.stderr.contains("there is no client"), "{ran:?}");
        assert_eq!(receiver.take(), [], "{arguments:?}");
    }
    let open = place.run(&["alerts", "--json"]).await.expect(0).json();
    let open = open["alerts"].as_array().expect("alerts").clone();
    assert_eq!(open.len(), fired.len());
    assert_eq!(
        (&open[0]["deliveries"][0]["state"], &open[0]["deliveries"][0]["attempts"]),
        (&"sent".into(), &1.into())
    );

    // What is low is another thing now.
    configure(&place, &floor(1.0));
    place.run(&["run", "--quiet"]).await.expect(0);
    let over = receiver.take();
    let ids = |told: &[(String, i64, String)]| {
        let mut ids: Vec<i64> = told.iter().map(|(_, id, _)| *id).collect();
        ids.sort_unstable();
        ids
    };
    assert!(over.iter().all(|(event, _, _)| event == "resolved"), "{over:?}");
    assert_eq!(ids(&over), ids(&fired), "each once");
    assert!(over.iter().all(|(_, _, key)| fired.iter().all(|(_, _, other)| other != key)));
    place.run(&["run"]).await.expect(0);
    assert_eq!(receiver.take(), []);
    let ran = place.run(&["alerts"]).await.expect(0);
    assert!(ran.stdout.is_empty() && ran.stderr.contains("no alert is open"), "{ran:?}");
    let all = place.run(&["alerts", "list", "--all"]).await.expect(0).stdout;
    assert_eq!(all.lines().count(), fired.len() + 1, "{all}");
    place.run(&["audit", "--verify"]).await.expect(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_of_other_days_is_no_news() {
    let server = serve(world(21, 8, 0.0)).await;
    let receiver = Receiver::start().await;
    let place = place(&server, &receiver);
    configure(&place, &floor(3.0));
    place.run(&["run"]).await.expect(0);
    let before = receiver.take().len();
    // In one week alone other clients are low, and those that were low have no score.
    let week = place.run(&["run", "--as-of", AS_OF, "--lookback", "7", "--json"]).await.expect(0).json();
    let scores: Vec<Option<f64>> =
        week["clients"].as_array().expect("clients").iter().map(|row| row["metrics"][0]["score"].as_f64()).collect();
    let low = scores.iter().filter(|score| score.is_some_and(|score| score <= 3.0)).count();
    assert_ne!(low, before, "the same clients are low: {scores:?}");
    assert_eq!(receiver.take(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_is_told_seen_and_over() {
    let server = serve(world(22, 8, 0.0)).await;
    let receiver = Receiver::start().await;
    let mut place = place(&server, &receiver);
    place.set("USER", "anna");
    configure(&place, CONNECTION);
    server.set_faults(vec![Fault::Status(401).on("/api")]);
    place.run(&["run"]).await.expect(1);
    let fired = receiver.take();
    assert_eq!(fired.iter().map(|(event, id, _)| (event.as_str(), *id)).collect::<Vec<_>>(), [("fired", 1)]);
    place.run(&["run"]).await.expect(1);
    assert_eq!(receiver.take(), [], "it is told once");

    let seen = place.run(&["alerts", "ack", "1", "--note", "renewing the key", "--json"]).await.expect(0).json();
    assert_eq!(seen["acknowledged"]["note"], "renewing the key");
    assert!(seen["acknowledged"]["by"].as_str().expect("who").starts_with("anna@"), "{seen}");
    let told = place.run(&["alerts", "ack", "7"]).await.expect(2);
    assert!(told.stderr.contains("there is no alert 7"), "{}", told.stderr);
    assert!(place.run(&["alerts"]).await.expect(0).stdout.contains("seen by anna@"));

    server.set_faults(Vec::<Fault>::new());
    place.run(&["run"]).await.expect(0);
    let over = receiver.take();
    assert_eq!(over.iter().map(|(event, id, _)| (event.as_str(), *id)).collect::<Vec<_>>(), [("resolved", 1)]);
    place.run(&["run"]).await.expect(0);
    assert_eq!(receiver.take(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_fails_is_a_word_and_one_that_refuses_a_failure() {
    let server = serve(world(23, 8, 0.0)).await;
    let receiver = Receiver::start().await;
    let place = place(&server, &receiver);
    configure(&place, CONNECTION);
    place.run(&["sync"]).await.expect(0);
    server.set_faults(vec![Fault::Status(401).on("/api")]);
    place.run(&["sync"]).await.expect(1);

    receiver.answer(StatusCode::SERVICE_UNAVAILABLE);
    let checked = place.run(&["alerts", "check", "--json"]).await.expect(0).json();
    assert_eq!((&checked["open"], &checked["told"]), (&1.into(), &0.into()));
    assert_eq!(checked["not_told"][0]["why"], "127.0.0.1 answered 503");
    assert!(checked["not_told"][0]["again_at"].is_string(), "{checked}");
    assert_eq!(receiver.take().len(), 1);
    let ran = place.run(&["alerts", "check"]).await.expect(0);
    assert_eq!((receiver.take().len(), ran.stdout.contains("1 open; 0 told")), (0, true), "not before its time");

    receiver.answer(StatusCode::NOT_FOUND);
    let two = format!("{CONNECTION}[[alerts]]\nid = \"again\"\nkind = \"connection\"\n");
    configure(&place, &two);
    let ran = place.run(&["alerts", "check"]).await.expect(1);
    assert!(ran.stderr.contains("it is not tried again"), "{}", ran.stderr);
    assert_eq!(receiver.take().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_of_a_channel_is_told() {
    let server = serve(world(24, 4, 0.0)).await;
    let receiver = Receiver::start().await;
    let place = place(&server, &receiver);
    // Nobody listens there any more.
    let port = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address").port();
    let mail = format!(
        "[channels.mail]\nkind = \"email\"\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\nuser = \"scoresheet\"\n\
         password = \"${{SMTP_PASSWORD}}\"\nfrom = \"a@msp.example\"\nto = [\"b@msp.example\"]\n"
    );
    configure(&place, &format!("{mail}{}", floor(5.0)));
    let mut told = String::new();
    for arguments in [
        &["run", "-vv"][..],
        &["alerts", "check", "-vv"],
        &["alerts", "--all", "--json"],
        &["config", "show"],
        &["audit"],
    ] {
        let ran = place.run(arguments).await.expect(0);
        told.push_str(&ran.stdout);
        told.push_str(&ran.stderr);
    }
    assert!(!receiver.take().is_empty(), "it was told");
    assert!(told.contains("no connection to 127.0.0.1"), "the mail was tried: {told}");
    assert!(told.contains("url = \"(set by OPS_WEBHOOK_URL)\"") && told.contains("(set by SMTP_PASSWORD)"), "{told}");
    receiver.answer(StatusCode::NOT_FOUND);
    configure(&place, &format!("{mail}{}", floor(1.0)));
    let refused = place.run(&["run", "-vv"]).await.expect(1);
    told.push_str(&refused.stderr);
    for secret in SECRETS {
        assert!(!told.contains(secret), "{secret} in {told}");
        for (path, bytes) in place.files() {
            assert!(
                !bytes.windows(secret.len()).any(|part| part == secret.as_bytes()),
                "{secret} in {}",
                path.display()
            );
        }
    }
}
