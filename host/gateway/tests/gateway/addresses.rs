//! Where names may lead: a resolver with a script, and a server on this machine that must not be reached.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use scoresheet_gateway::{BaseUrl, ConnectionError, HttpError, Resolver};
use scoresheet_test_support::{End, ScriptedResponse, ScriptedServer};

use crate::support::{Rig, count, get, wall};

/// Gives each question for a name the next of its answers, and the last one again and again.
#[derive(Debug, Default)]
struct Script {
    answers: HashMap<String, Vec<Vec<IpAddr>>>,
    asked: Mutex<Vec<String>>,
}

impl Script {
    fn with(names: &[(&str, &[&[&str]])]) -> Arc<Self> {
        let parse = |answer: &&[&str]| answer.iter().map(|text| text.parse().expect(text)).collect();
        let answers = names.iter().map(|(name, all)| ((*name).to_owned(), all.iter().map(parse).collect())).collect();
        Arc::new(Self { answers, asked: Mutex::default() })
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("not poisoned").clone()
    }
}

#[async_trait]
impl Resolver for Script {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let mut asked = self.asked.lock().expect("not poisoned");
        let times = asked.iter().filter(|name| *name == host).count();
        asked.push(host.to_owned());
        let answers = self.answers.get(host).ok_or(io::ErrorKind::NotFound)?;
        Ok(answers[times.min(answers.len() - 1)].clone())
    }
}

fn rig(script: &Arc<Script>) -> Rig {
    let resolver = Arc::clone(script);
    Rig::with_options(scoresheet_gateway::FakeClock::at(wall()), move |options| options.resolver = resolver)
}

/// A server's base URL under another name.
fn under(name: &str, server: &ScriptedServer) -> String {
    let port = server.base_url.rsplit(':').next().expect("a port");
    format!("http://{name}:{port}/")
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused_and_says_what_to_set() {
    let server = ScriptedServer::start([ScriptedResponse::ok("inside")]).await;
    for (address, class) in [
        ("127.0.0.1", "a loopback address"),
        ("::ffff:127.0.0.1", "a loopback address"),
        ("10.0.0.1", "a private address"),
        ("100.64.0.1", "a shared address"),
        ("169.254.169.254", "a cloud's metadata service"),
        ("fe80::1", "a link-local address"),
        ("fd00::1", "a unique local address"),
        ("64:ff9b::7f00:1", "a loopback address"),
    ] {
        let rig = rig(&Script::with(&[("api.example", &[&[address]])]));
        let error = rig.send(&under("api.example", &server), get("x")).await.expect_err(address);
        let HttpError::Denied(text) = &error else { panic!("{error:?}") };
        assert!(text.contains("the name api.example resolves to") && text.contains(class), "{text}");
        assert!(text.contains("set allow_private_addresses = true"), "{text}");
        assert!(rig.slept().is_empty(), "another try would find the same");
    }
    assert_eq!(server.count(), 0);
}

#[tokio::test]
async fn the_exception_is_one_connections_and_not_its_neighbours() {
    let server =
        ScriptedServer::start([ScriptedResponse::raw("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", End::Hang)])
            .await;
    let mut rig = rig(&Script::with(&[("intranet.example", &[&["127.0.0.1"]])]));
    let base = under("intranet.example", &server);
    rig.allow_private_addresses = true;
    assert_eq!(rig.send(&base, get("x")).await.expect("allowed").body, b"ok");
    // The connection that was opened is idle now: it is not there for this one, to the same name.
    rig.allow_private_addresses = false;
    let error = rig.send(&base, get("x")).await.expect_err("not allowed");
    assert!(matches!(error, HttpError::Denied(_)), "{error:?}");
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn what_was_checked_is_what_is_connected_to() {
    let server = ScriptedServer::start([ScriptedResponse::ok("ok")]).await;
    // A second question would be answered otherwise; and what may not be reached is left out of the first.
    let script = Script::with(&[("api.example", &[&["192.0.2.1", "0.0.0.0", "127.0.0.1"], &["192.0.2.1"]])]);
    let mut rig = rig(&script);
    rig.allow_private_addresses = true;
    rig.limits.max_attempts = count(1);
    assert_eq!(rig.send(&under("api.example", &server), get("x")).await.expect("an answer").body, b"ok");
    assert_eq!(script.asked(), ["api.example"]);
    // The server closed the connection: for the next the name is asked for, and checked, again.
    let error = rig.send(&under("api.example", &server), get("x")).await.expect_err("elsewhere by now");
    assert_eq!(
        error,
        HttpError::Denied(
            "the name api.example resolves to an address for documentation only, where no server can be reached".into()
        )
    );
    assert_eq!((script.asked().len(), server.count()), (2, 1));
}

#[tokio::test]
async fn localhost_and_addresses_need_no_leave() {
    let server = ScriptedServer::start([ScriptedResponse::ok("ok")]).await;
    let script = Script::with(&[("localhost", &[&["127.0.0.1"], &["10.0.0.1"]])]);
    let rig = rig(&script);
    assert_eq!(rig.send(&server.base_url, get("x")).await.expect("an address").body, b"ok");
    assert_eq!(rig.send(&under("localhost", &server), get("x")).await.expect("this machine").body, b"ok");
    let error = rig.send(&under("localhost", &server), get("x")).await.expect_err("another machine");
    assert!(matches!(&error, HttpError::Denied(text) if text.contains("and not to this machine")), "{error:?}");
}

#[tokio::test]
async fn an_unknown_name_is_tried_again() {
    let rig = rig(&Script::with(&[]));
    let error = rig.send("http://nowhere.example", get("x")).await.expect_err("nobody knows it");
    assert_eq!(error, HttpError::Network("the name nowhere.example could not be resolved (tried 3 times)".into()));
}

#[test]
fn metadata_addresses_are_no_base_url() {
    let rig = Rig::new();
    let open = |base: &str, allow_private_addresses| {
        rig.gateway.connect(scoresheet_gateway::ConnectionSpec {
            name: "crewhu".into(),
            base_url: BaseUrl::parse(base, true).expect(base),
            credential: Arc::new(scoresheet_gateway::Credential::None),
            headers: Vec::new(),
            secret_headers: Vec::new(),
            limits: rig.limits.clone(),
            allow_private_addresses,
            allow_post: false,
        })
    };
    for base in [
        "http://169.254.169.254/latest",
        "http://169.254.169.254:8080",
        "http://0xa9fea9fe",
        "http://2852039166",
        "http://169.254.43518",
        "http://169.254.169.254.",
        "https://[fe80::1]",
        "https://[fd00:ec2::254]",
        "https://[::ffff:169.254.169.254]",
        "https://[64:ff9b::a9fe:a9fe]",
    ] {
        let error = open(base, false).expect_err(base);
        assert!(matches!(error, ConnectionError::Address { .. }), "{base}: {error}");
        assert!(error.to_string().contains("allow_private_addresses = true"), "{error}");
        assert!(open(base, true).is_ok(), "{base}");
    }
    for base in ["http://0.0.0.0:80", "http://[::]", "http://0", "https://224.0.0.1", "https://255.255.255.255"] {
        assert!(matches!(open(base, true), Err(ConnectionError::Address { .. })), "{base}");
    }
    for base in ["http://127.0.0.1:1", "https://[::1]", "https://10.0.0.1", "https://192.168.0.1", "https://8.8.8.8"] {
        assert!(open(base, false).is_ok(), "{base}");
    }
}
