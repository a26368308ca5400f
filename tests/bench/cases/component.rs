//! P1: a million answers in a thousand pages, read and averaged by client; the component behind every check of the
//! host, epochs on, against plain Rust. The pages are in memory on both sides: this is about computing alone.

use std::{fmt::Write as _, sync::Arc};

use hashbrown::HashMap;
use scoresheet::{CancellationToken, Instant};
use scoresheet_domain::{Case as ScoreCase, MetricId, MetricOutcome, Sample, Samples, Subject, Window};
use scoresheet_engine::{Provider as _, RunContext, ScoreRequest};
use scoresheet_gateway::{HttpError, Outbound, Request, Response};
use scoresheet_runtime::{ComponentProvider, Limits, Runtime, RuntimeOptions};

use serde_json::json;

use super::Case;
use crate::{
    Failed,
    args::Wanted,
    baseline::parse,
    data::{DAYS, Ids, Shape},
    measure, place,
    report::{CaseReport, Goal},
};

pub(crate) const CASE: Case =
    Case { id: "P1", what: "component ÷ native, CPU: parse and average 1 M answers, epochs on", run };

const ANSWERS: u64 = 1_000_000;
const CLIENTS: u64 = 10_000;
const PER_PAGE: u64 = 1_000;

fn run(wanted: &Wanted, report: &mut CaseReport<'_>) -> Result<(), Failed> {
    let shape = Shape { answers: ANSWERS, clients: CLIENTS, end_ms: place::end_ms()?, days: DAYS, ids: Ids::Counted };
    let pages = Arc::new(Pages::make(shape));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let provider = runtime.block_on(load(Arc::clone(&pages)))?;
    let (mut component, mut native) = (Vec::new(), Vec::new());
    for _ in 0..wanted.rounds {
        let began = measure::cpu()?;
        let means = runtime.block_on(in_component(&provider, shape))?;
        component.push((measure::cpu()? - began).as_secs_f64());

        let began = measure::cpu()?;
        let plain = natively(&pages.0)?;
        native.push((measure::cpu()? - began).as_secs_f64());
        same(&means, &plain)?;
    }
    report.ratio(Goal::AtMost(4.0), ("component s", &component), ("native s", &native));
    Ok(())
}

/// Every page of the account, as it comes over the wire.
#[derive(Debug)]
struct Pages(Vec<Vec<u8>>);

impl Pages {
    fn make(shape: Shape) -> Self {
        let count = shape.answers.div_ceil(PER_PAGE);
        let page = |number: u64| {
            let mut body = String::from("{\"data\":[");
            for index in (number - 1) * PER_PAGE..(number * PER_PAGE).min(shape.answers) {
                shape.write_answer(index, &mut body);
                body.push(',');
            }
            body.pop();
            let total = shape.answers;
            let _ = write!(
                body,
                "],\"pagination\":{{\"page\":{number},\"per_page\":{PER_PAGE},\"total_pages\":{count},\"total\":{total}}}}}"
            );
            body.into_bytes()
        };
        Self((1..=count).map(page).collect())
    }
}

#[async_trait::async_trait]
impl Outbound for Pages {
    async fn send(
        &self,
        request: Request,
        _: tokio::time::Instant,
        _: &CancellationToken,
    ) -> Result<Response, HttpError> {
        let page = request.query.iter().find(|(name, _)| name == "page").and_then(|(_, page)| page.parse().ok());
        let body = page.and_then(|page: usize| self.0.get(page.checked_sub(1)?)).ok_or(HttpError::Timeout)?;
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Ok(Response { status: 200, headers, body: body.clone() })
    }

    fn relative(&self, _: &str) -> Result<String, String> {
        Err("these pages have no links".to_owned())
    }
}

async fn load(pages: Arc<Pages>) -> Result<ComponentProvider, Failed> {
    let runtime = Runtime::new(RuntimeOptions { cache_dir: None, ..RuntimeOptions::default() })?;
    let bundled = scoresheet_bundle::components().iter().find(|component| component.name == "crewhu");
    let component = runtime.load(bundled.ok_or("crewhu is not bundled")?.bytes).await?;
    let configured = component.configure(&json!({"company_id": "bench", "api": "guide", "page_size": 1000})).await?;
    Ok(configured.instance(Some(pages), Limits::default()))
}

/// The mean of each client, by its number.
type Means = HashMap<u64, f64>;

async fn in_component(provider: &ComponentProvider, shape: Shape) -> Result<Means, Failed> {
    let now = Instant::from_millis(i64::try_from(shape.end_ms)?);
    let window = Window::before(now.plus_millis(1), i64::try_from(DAYS)? + 1);
    let run = RunContext { now, cancel: CancellationToken::new() };
    let kinds: Vec<u16> = (0..).take(provider.description().kinds.len()).collect();
    // Grouped by client as the store does it.
    let mut places = HashMap::with_capacity(CLIENTS as usize);
    let mut clients: Vec<Samples> = Vec::with_capacity(CLIENTS as usize);
    let mut next = vec![None];
    while let Some(cursor) = next.pop() {
        let page = provider.pull(&run, &kinds, window, cursor.as_ref()).await?;
        next.extend(page.next.into_iter().rev().map(Some));
        for item in page.items {
            let (at, until) = (item.when.start(), item.when.until());
            let sample = Sample { at, until, value: item.value, kind: item.kind };
            let place = *places.entry(item.client).or_insert_with(|| {
                clients.push(Samples::default());
                clients.len() - 1
            });
            clients[place].push(sample);
        }
    }
    let case = |samples| ScoreCase { subject: 0, window, samples };
    let request = ScoreRequest {
        metric: MetricId::new("support-engagement-satisfaction")?,
        settings: "{}".to_owned(),
        explain: true,
        subjects: vec![Subject::default()],
        cases: clients.into_iter().map(case).collect(),
    };
    let outcomes = provider.score(&run, request).await?;
    places
        .iter()
        .map(|(client, place)| match (client.id(), &outcomes[*place]) {
            (Some(id), MetricOutcome::Measured(score)) => Ok((number(id.as_str())?, score.value)),
            other => Err(format!("{other:?} is no mean of a client").into()),
        })
        .collect()
}

fn natively(pages: &[Vec<u8>]) -> Result<Means, Failed> {
    let mut sums: HashMap<String, (f64, u32)> = HashMap::with_capacity(CLIENTS as usize);
    for body in pages {
        for answer in parse::page(body)?.answers {
            let (sum, count) = sums.entry_ref(answer.client).or_default();
            *sum += answer.score;
            *count += 1;
        }
    }
    sums.into_iter().map(|(client, (sum, count))| Ok((number(&client)?, sum / f64::from(count)))).collect()
}

fn number(client: &str) -> Result<u64, Failed> {
    Ok(client.strip_prefix("c-").ok_or("an unknown client")?.parse()?)
}

/// Whoever computes something else does less work, or more.
fn same(one: &Means, other: &Means) -> Result<(), Failed> {
    let agrees = |(client, mean): (&u64, &f64)| other.get(client).is_some_and(|other| (mean - other).abs() < 1e-9);
    if one.len() == other.len() && one.iter().all(agrees) {
        Ok(())
    } else {
        Err(format!("the two sides disagree: {} and {} clients, or their means", one.len(), other.len()).into())
    }
}
