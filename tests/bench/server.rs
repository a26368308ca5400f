//! The source: CrewHu's `guide` dialect over loopback, in a process of its own, with next to no work per request.
//!
//! The simulator checks and logs every request, which costs as much as what is to be measured. Here all rows are one
//! text, made before the first request; a page is a copy of a part of it.

use std::{
    fmt::Write as _,
    io::{BufRead as _, BufReader},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Query, State},
    http::header::CONTENT_TYPE,
    response::IntoResponse,
    routing::get,
};
use chrono::DateTime;
use serde::{Deserialize, Serialize};

use crate::{
    Failed,
    data::{Ids, Shape, client_name},
};

/// The credential, which this server does not look at.
pub(crate) const API_KEY: &str = "bench-key";

/// The company, which it does not look at either.
pub(crate) const COMPANY: &str = "bench";

/// A server in a process of its own. Dropping it ends it.
pub(crate) struct Server {
    child: Child,
    /// Held open: the server ends when it is closed.
    _stdin: Option<ChildStdin>,
    /// `http://127.0.0.1:PORT`.
    pub(crate) url: String,
}

/// What a server was asked for.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Counts {
    /// Requests, of whatever kind.
    pub(crate) requests: u64,
    /// Answers on the pages it served.
    pub(crate) rows: u64,
}

impl Server {
    /// Starts one, and waits until its data is made and it listens.
    pub(crate) fn start(shape: Shape, latency_ms: u64) -> Result<Self, Failed> {
        let ids = if shape.ids == Ids::Random { "random" } else { "counted" };
        let numbers =
            [shape.answers, shape.clients, shape.end_ms, latency_ms, shape.days].map(|number| number.to_string());
        let mut child = Command::new(std::env::current_exe()?)
            .args(["--role", "serve"])
            .args(numbers)
            .arg(ids)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdin = child.stdin.take();
        let mut url = String::new();
        BufReader::new(child.stdout.take().ok_or("the server has no output")?).read_line(&mut url)?;
        let url = url.trim_end().to_owned();
        if url.is_empty() {
            return Err("the server did not start".into());
        }
        Ok(Self { child, _stdin: stdin, url })
    }

    /// What it was asked for since the last call.
    pub(crate) fn take_counts(&self) -> Result<Counts, Failed> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let text = runtime.block_on(async {
            let client = crate::baseline::client()?;
            Ok::<_, Failed>(client.get(format!("{}/counts", self.url)).send().await?.bytes().await?)
        })?;
        Ok(serde_json::from_slice(&text)?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Where it is gone already there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What is served.
struct Account {
    shape: Shape,
    latency: Duration,
    /// All answers, each followed by a comma.
    rows: String,
    /// Where each begins, and the end.
    begins: Vec<usize>,
    /// Each client's answers.
    by_client: Vec<Vec<u32>>,
    requests: AtomicU64,
    served: AtomicU64,
}

/// The role `serve ANSWERS CLIENTS END_MS LATENCY_MS DAYS IDS`: prints its address, and serves until its input ends.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failed> {
    let [answers, clients, end_ms, latency_ms, days, ids] = arguments else {
        return Err("serve wants six arguments".into());
    };
    let shape = Shape {
        answers: answers.parse()?,
        clients: clients.parse()?,
        end_ms: end_ms.parse()?,
        days: days.parse()?,
        ids: if ids == "random" { Ids::Random } else { Ids::Counted },
    };
    let account = Arc::new(Account::make(shape, Duration::from_millis(latency_ms.parse()?)));
    let (over, ended) = tokio::sync::oneshot::channel();
    std::thread::spawn(|| {
        let mut nothing = String::new();
        // Closed or broken, the parent is gone or wants no more.
        let _ = std::io::stdin().read_line(&mut nothing);
        over.send(())
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("http://{}", listener.local_addr()?);
        let router = Router::new()
            .route("/api/v1/clients", get(clients_page))
            .route("/api/v1/csat/scores", get(scores_page))
            .route("/counts", get(counts))
            .with_state(account);
        let listener = axum::serve::ListenerExt::tap_io(listener, |stream| {
            let _ = stream.set_nodelay(true);
        });
        tokio::select! {
            served = async { axum::serve(listener, router).await } => Ok(served?),
            _ = ended => Ok(()),
        }
    })
}

impl Account {
    fn make(shape: Shape, latency: Duration) -> Self {
        let mut rows = String::with_capacity(shape.answers as usize * 230);
        let mut begins = Vec::with_capacity(shape.answers as usize + 1);
        let mut by_client = vec![Vec::new(); shape.clients as usize];
        for index in 0..shape.answers {
            begins.push(rows.len());
            by_client[shape.client_of(index) as usize].push(index as u32);
            shape.write_answer(index, &mut rows);
            rows.push(',');
        }
        begins.push(rows.len());
        Self { shape, latency, rows, begins, by_client, requests: AtomicU64::new(0), served: AtomicU64::new(0) }
    }

    async fn arrive(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        if !self.latency.is_zero() {
            let (latency, began) = (self.latency, Instant::now());
            // A thread that is parked wakes within some hundredths of a millisecond; the runtime's timer counts whole
            // ones and would make a source of 20 ms one of 22.
            let waited = tokio::task::spawn_blocking(move || {
                while let Some(left) = latency.checked_sub(began.elapsed()).filter(|left| !left.is_zero()) {
                    std::thread::park_timeout(left);
                }
            });
            let _ = waited.await;
        }
    }

    fn row(&self, index: u64) -> &str {
        let (begin, end) = (self.begins[index as usize], self.begins[index as usize + 1]);
        &self.rows[begin..end]
    }
}

/// What the two lists take.
#[derive(Deserialize)]
struct Asked {
    page: Option<u64>,
    per_page: Option<u64>,
    from: Option<String>,
    to: Option<String>,
    client_id: Option<String>,
}

impl Asked {
    fn paging(&self) -> (u64, u64) {
        (self.page.unwrap_or(1).max(1), self.per_page.unwrap_or(1000).clamp(1, 1000))
    }
}

/// A page of `total` rows, of which `rows` are given, each followed by a comma.
fn page(rows: &str, page: u64, per_page: u64, total: u64) -> impl IntoResponse + use<> {
    let mut body = String::with_capacity(rows.len() + 120);
    body.push_str("{\"data\":[");
    body.push_str(rows.strip_suffix(',').unwrap_or(rows));
    let pages = total.div_ceil(per_page).max(1);
    let _ = write!(
        body,
        "],\"pagination\":{{\"page\":{page},\"per_page\":{per_page},\"total_pages\":{pages},\"total\":{total}}}}}"
    );
    ([(CONTENT_TYPE, "application/json")], Bytes::from(body))
}

async fn clients_page(State(account): State<Arc<Account>>, Query(asked): Query<Asked>) -> impl IntoResponse {
    account.arrive().await;
    let (number, per_page) = asked.paging();
    let total = account.shape.clients;
    let mut rows = String::new();
    for client in ((number - 1) * per_page).min(total)..(number * per_page).min(total) {
        let _ = write!(rows, "{{\"id\":\"c-{client:05}\",\"name\":\"{}\",\"active\":true}},", client_name(client));
    }
    page(&rows, number, per_page, total)
}

async fn scores_page(State(account): State<Arc<Account>>, Query(asked): Query<Asked>) -> impl IntoResponse {
    account.arrive().await;
    let (number, per_page) = asked.paging();
    let at = |text: &Option<String>, absent: u64| {
        let time = text.as_deref().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
        time.map_or(absent, |time| u64::try_from(time.timestamp_millis()).unwrap_or(0))
    };
    let (first, last) =
        (account.shape.first_from(at(&asked.from, 0)), account.shape.first_from(at(&asked.to, u64::MAX)));
    if let Some(client) = asked.client_id.as_deref().and_then(|id| id.strip_prefix("c-")?.parse::<usize>().ok()) {
        let all = account.by_client.get(client).map(Vec::as_slice).unwrap_or_default();
        let wanted: Vec<u64> =
            all.iter().map(|index| u64::from(*index)).filter(|index| (first..last).contains(index)).collect();
        let here = wanted.chunks(per_page as usize).nth(number as usize - 1).unwrap_or_default();
        account.served.fetch_add(here.len() as u64, Ordering::Relaxed);
        let rows: String = here.iter().map(|index| account.row(*index)).collect();
        return page(&rows, number, per_page, wanted.len() as u64);
    }
    let total = last.saturating_sub(first);
    let (begin, end) = (((number - 1) * per_page).min(total), (number * per_page).min(total));
    account.served.fetch_add(end - begin, Ordering::Relaxed);
    let rows = &account.rows[account.begins[(first + begin) as usize]..account.begins[(first + end) as usize]];
    page(rows, number, per_page, total)
}

async fn counts(State(account): State<Arc<Account>>) -> Json<Counts> {
    Json(Counts {
        requests: account.requests.swap(0, Ordering::Relaxed),
        rows: account.served.swap(0, Ordering::Relaxed),
    })
}
