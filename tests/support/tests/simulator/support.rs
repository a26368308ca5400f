//! What the tests share: a small world, a client, a raw connection.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use scoresheet_simulator::{Row, SimClient, SimulatorOptions, World};
use scoresheet_test_support::{FaultRule, FaultySimulator};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

pub(crate) const KEY: &str = "canary-key-123";
pub(crate) const SCORES: &str = "/api/v1/csat/scores";
pub(crate) const CLIENTS: &str = "/api/v1/clients";
pub(crate) const HEALTH: &str = "/api/v1/health";

/// Bytes of the small world's one page of answers.
pub(crate) const PAGE_BYTES: usize = 894;

pub(crate) fn time(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

pub(crate) fn client(id: &str, name: &str) -> SimClient {
    SimClient { id: id.into(), name: name.into(), active: true }
}

/// Two clients, and seven answers an hour apart: r-1 to r-7, with the scores 1, 2, 3, 4, 5, 1, 2.
pub(crate) fn small_world() -> World {
    let rows = (0..7_u8)
        .map(|n| {
            let owner = if n % 2 == 0 { "c-1" } else { "c-2" };
            let at = time("2026-10-01T00:00:00Z") + TimeDelta::hours(n.into());
            Row::rating(&format!("r-{}", n + 1), owner, at, f64::from(n % 5) + 1.0)
        })
        .collect();
    World::from_parts(vec![client("c-1", "Acme, Inc."), client("c-2", "Brandt & Sons")], rows)
}

pub(crate) fn options(world: impl Into<Arc<World>>) -> SimulatorOptions {
    SimulatorOptions { api_key: KEY.into(), company_id: "acc".into(), ..SimulatorOptions::new(world) }
}

pub(crate) async fn start(options: SimulatorOptions) -> FaultySimulator {
    FaultySimulator::start(options).await.expect("a free port")
}

/// The small world with these faults.
pub(crate) async fn faulty(faults: impl IntoIterator<Item = impl Into<FaultRule>>) -> FaultySimulator {
    let server = start(options(small_world())).await;
    server.set_faults(faults);
    server
}

pub(crate) fn http() -> reqwest::Client {
    http_builder().build().expect("a client")
}

pub(crate) fn http_builder() -> reqwest::ClientBuilder {
    // Another test of this process may have installed it before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none())
}

/// A GET with the right key and company.
pub(crate) fn get(
    http: &reqwest::Client,
    server: &FaultySimulator,
    path: &str,
    query: &[(&str, &str)],
) -> reqwest::RequestBuilder {
    let pairs = [("company_id", "acc")].iter().chain(query);
    let url = reqwest::Url::parse_with_params(&format!("{}{path}", server.base_url()), pairs).expect("a URL");
    http.get(url).bearer_auth(KEY)
}

/// The JSON of a GET that goes well.
pub(crate) async fn json(server: &FaultySimulator, path: &str, query: &[(&str, &str)]) -> Value {
    let response = get(&http(), server, path, query).send().await.expect("an answer");
    assert_eq!(response.status(), 200, "{path} {query:?}");
    serde_json::from_slice(&response.bytes().await.expect("a body")).expect("JSON")
}

/// The ids of a page's rows.
pub(crate) fn ids(page: &Value) -> Vec<&str> {
    let rows = if page.is_array() { page } else { &page["data"] };
    rows.as_array().expect("rows").iter().map(|row| row["id"].as_str().unwrap_or("-")).collect()
}

/// A connection that hides nothing.
pub(crate) struct Raw(TcpStream);

impl Raw {
    pub(crate) async fn connect(server: &FaultySimulator) -> Self {
        let address = server.base_url().trim_start_matches("http://");
        Self(TcpStream::connect(address).await.expect("a connection"))
    }

    /// Sends a GET and reads until the server ends the connection: what arrived, and the error if it was one.
    pub(crate) async fn get_to_the_end(&mut self, path: &str) -> (Vec<u8>, Option<std::io::ErrorKind>) {
        self.send(path).await.expect("the request goes out");
        self.read_to_the_end().await
    }

    /// Reads until the server ends the connection.
    pub(crate) async fn read_to_the_end(&mut self) -> (Vec<u8>, Option<std::io::ErrorKind>) {
        let mut arrived = Vec::new();
        let end = self.0.read_to_end(&mut arrived).await;
        (arrived, end.err().map(|error| error.kind()))
    }

    /// Sends a GET and reads one whole answer.
    pub(crate) async fn get(&mut self, path: &str) -> std::io::Result<String> {
        self.send(path).await?;
        let mut arrived = Vec::new();
        loop {
            if self.0.read_buf(&mut arrived).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            let text = String::from_utf8_lossy(&arrived).into_owned();
            if let Some((head, body)) = split(&text)
                && body.len() >= content_length(head)
            {
                return Ok(text);
            }
        }
    }

    /// Sends a GET.
    pub(crate) async fn send(&mut self, path: &str) -> std::io::Result<()> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: simulator\r\nAuthorization: Bearer {KEY}\r\n\r\n");
        self.0.write_all(request.as_bytes()).await
    }
}

/// Head and body.
pub(crate) fn split(answer: &str) -> Option<(&str, &str)> {
    answer.split_once("\r\n\r\n")
}

pub(crate) fn content_length(head: &str) -> usize {
    head.lines()
        .find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned))
        .expect("an announced length")
        .parse()
        .expect("a number")
}
