//! A provider that does as it is told, and an engine over it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use scoresheet_domain::{
    CheckStep, Client, ClientId, ClientPage, ClientRef, Cursor, Description, Digest, Failure, Instant,
    MetricDescription, MetricId, MetricOutcome, Observation, ObservationPage, ProviderName, ProviderSpec, Rejection,
    Score, SourceClient, SourceId, When, Window, sheet::MetricCell, sheet::Scoresheet,
};
use scoresheet_engine::{
    Engine, GenerateRequest, Parts, Provider, ProviderSync, RunContext, Scope, ScoreRequest, Store, SyncRequest,
    definition::{
        MetricDefinition, MetricSource, ProviderInstance, Providers, RosterSource, SheetDefinition, SyncPolicy,
    },
};
use tokio_util::sync::CancellationToken;

/// Days since the epoch.
pub(crate) fn day(number: i64) -> Instant {
    Instant::from_millis(0).plus_days(number)
}

/// What the source has, and what goes wrong with it.
#[derive(Default)]
pub(crate) struct Source {
    pub(crate) clients: Vec<(&'static str, &'static str)>,
    /// Id, client and day of each answer; a page has one.
    pub(crate) answers: Vec<(&'static str, &'static str, i64)>,
    /// The page from which on every call fails, and how.
    pub(crate) fails: Option<(usize, Failure)>,
    /// What scoring without explanations fails with: that is what trends ask.
    pub(crate) past_fails: Option<Failure>,
    /// The windows that were asked for.
    pub(crate) asked: Vec<Window>,
    /// The kinds that were asked for with each.
    pub(crate) kinds: Vec<Vec<u16>>,
    /// The `type` attribute that the source has of each client.
    pub(crate) size: Option<&'static str>,
    /// Whether records name their clients beside the ids, and the source has no list.
    pub(crate) unlisted: bool,
    /// Rows that the source says it has, for every request.
    pub(crate) total: Option<u64>,
    /// The statuses of rejected records, one on each first page.
    pub(crate) rejected: Option<&'static str>,
    /// The attributes that `score` saw.
    pub(crate) seen: Vec<Vec<(String, String)>>,
    /// What the component's bytes digest to.
    pub(crate) version: &'static str,
}

pub(crate) struct Fake {
    pub(crate) source: Arc<Mutex<Source>>,
    spec: ProviderSpec,
    description: Description,
    digest: Digest,
}

#[async_trait]
impl Provider for Fake {
    fn spec(&self) -> &ProviderSpec {
        &self.spec
    }

    fn description(&self) -> &Description {
        &self.description
    }

    fn digest(&self) -> Digest {
        self.digest
    }

    async fn check(&self, _: &RunContext) -> Result<Vec<CheckStep>, Failure> {
        Ok(Vec::new())
    }

    async fn clients(&self, _: &RunContext, _: Option<&Cursor>) -> Result<ClientPage, Failure> {
        let source = self.source.lock().expect("the source");
        if source.unlisted {
            return Ok(ClientPage::default());
        }
        let size = source.size.map(|size| ("size".to_owned(), size.to_owned()));
        let client = |(id, name): &(&str, &str)| SourceClient {
            attributes: size.clone().into_iter().collect(),
            ..source_client(id, name)
        };
        Ok(ClientPage {
            items: source.clients.iter().map(client).collect(),
            next: Vec::new(),
            read: source.clients.len() as u32,
            total: source.total,
        })
    }

    async fn pull(
        &self,
        _: &RunContext,
        kinds: &[u16],
        window: Window,
        page: Option<&Cursor>,
    ) -> Result<ObservationPage, Failure> {
        let mut source = self.source.lock().expect("the source");
        let number = page.map_or(0, |cursor| usize::from(cursor.0[0]));
        if number == 0 {
            source.asked.push(window);
            source.kinds.push(kinds.to_vec());
        }
        if let Some((from, failure)) = &source.fails
            && number >= *from
        {
            return Err(failure.clone());
        }
        let inside: Vec<_> = source.answers.iter().filter(|(_, _, at)| window.contains(day(*at))).collect();
        let names: HashMap<&str, &str> = source.clients.iter().copied().collect();
        let client = |id: &str| {
            let name = source.unlisted.then(|| names[id].to_owned());
            ClientRef::new(Some(SourceId::new(id).expect("an id")), name).expect("an id")
        };
        let items = inside.get(number).map(|(id, of, at)| Observation {
            id: (*id).into(),
            client: client(of),
            when: When::At(day(*at)),
            kind: kinds[0],
            value: 4.0,
        });
        let rejected = source.rejected.filter(|_| number == 0).map(|status| Rejection {
            id: None,
            client: Some(client("c")),
            at: Some(window.start),
            reason: 0,
            field: Some("status".to_owned()),
            value: Some(status.to_owned()),
        });
        let next = (number + 1 < inside.len()).then(|| Cursor(vec![number as u8 + 1]));
        Ok(ObservationPage {
            read: items.is_some().into(),
            items: items.into_iter().collect(),
            rejected: rejected.into_iter().collect(),
            next: next.into_iter().collect(),
            total: source.total,
        })
    }

    async fn score(&self, _: &RunContext, request: ScoreRequest) -> Result<Vec<MetricOutcome>, Failure> {
        let mut source = self.source.lock().expect("the source");
        if let (Some(failure), false) = (&source.past_fails, request.explain) {
            return Err(failure.clone());
        }
        source.seen.extend(request.subjects.into_iter().map(|subject| subject.attributes));
        let score = |samples: usize| {
            MetricOutcome::Measured(Score {
                score: 4.0,
                value: 4.0,
                samples: samples as u32,
                effective_samples: samples as f64,
                interval: None,
                explanation: Vec::new(),
            })
        };
        Ok(request.cases.iter().map(|case| score(case.samples.len())).collect())
    }
}

pub(crate) fn source_client(id: &str, name: &str) -> SourceClient {
    SourceClient {
        id: SourceId::new(id).expect("an id"),
        name: name.to_owned(),
        active: true,
        identifiers: Vec::new(),
        domains: Vec::new(),
        attributes: Vec::new(),
    }
}

pub(crate) fn client(id: &str, name: &str) -> Client {
    Client {
        id: ClientId::new(id).expect("an id"),
        name: name.to_owned(),
        kind: None,
        active: true,
        domains: Vec::new(),
        aliases: Vec::new(),
        attributes: Vec::new(),
    }
}

/// A store in a folder, engines over it, and the source behind them.
pub(crate) struct World {
    pub(crate) source: Arc<Mutex<Source>>,
    folder: tempfile::TempDir,
}

impl World {
    /// Acme is `c` and Beta is `d`, with an answer each on days 950 to 999.
    pub(crate) fn new() -> Self {
        const IDS: [&str; 10] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
        let answers = (0..10).map(|n| (IDS[n], if n % 2 == 0 { "c" } else { "d" }, 954 + 5 * n as i64)).collect();
        let source = Source { clients: vec![("c", "Acme"), ("d", "Beta")], answers, version: "1", ..Source::default() };
        Self { source: Arc::new(Mutex::new(source)), folder: tempfile::tempdir().expect("a folder") }
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Source)) {
        change(&mut self.source.lock().expect("the source"));
    }

    pub(crate) async fn store(&self) -> Arc<dyn Store> {
        let url = format!("sqlite://{}", self.folder.path().join("scoresheet.db").display());
        scoresheet_store::open(&url).await.expect("a store")
    }

    /// An engine as a new process would make it. Its metric looks back 30 days, beside it stands a manual one; 60 are
    /// pulled at first, and 7 again.
    pub(crate) async fn engine(&self, roster: RosterSource) -> Engine {
        self.engine_with(roster, vec!["answer"], vec![0]).await
    }

    /// The same, with a provider of these kinds and a metric that uses these of them.
    pub(crate) async fn engine_with(&self, roster: RosterSource, kinds: Vec<&str>, used: Vec<u16>) -> Engine {
        let metric = MetricId::new("satisfaction").expect("an id");
        let version = self.source.lock().expect("the source").version;
        let spec = ProviderSpec {
            id: "fake".into(),
            title: "Fake".into(),
            version: "1.0.0".into(),
            settings_schema: serde_json::json!({}),
        };
        let description = Description {
            stub: false,
            data_version: 1,
            metrics: vec![MetricDescription {
                id: metric.clone(),
                title: "Satisfaction".into(),
                unit: "points".into(),
                kinds: used,
                settings_schema: serde_json::json!({}),
            }],
            kinds: kinds.into_iter().map(str::to_owned).collect(),
            rejections: vec!["incomplete".into()],
        };
        let fake = Fake { source: Arc::clone(&self.source), spec, description, digest: Digest::of(version) };
        let instance = ProviderInstance {
            provider: Arc::new(fake),
            settings: serde_json::json!({}),
            credential: None,
            requests_per_minute: None,
            scope: scope(),
        };
        let satisfaction = MetricDefinition {
            id: metric.clone(),
            name: "Satisfaction".into(),
            weight: 1.0,
            lookback_days: 30,
            group: None,
            client_types: Vec::new(),
            targets: std::collections::BTreeMap::new(),
            source: MetricSource::Provider { provider: provider(), metric, settings: serde_json::json!({}) },
        };
        let gut = MetricDefinition {
            id: MetricId::new("gut").expect("an id"),
            name: "Gut Instinct".into(),
            lookback_days: 1,
            source: MetricSource::Manual { stale_after_days: 90 },
            ..satisfaction.clone()
        };
        Engine::new(Parts {
            store: self.store().await,
            providers: Providers::from([(provider(), instance)]),
            sheet: SheetDefinition::new("Sheet", vec![satisfaction, gut]),
            roster,
            policy: SyncPolicy { backfill_days: 60, overlap_days: 7, pages_in_flight: 2 },
            host: "here".into(),
        })
        .acting_for("anna")
    }

    /// With Acme and Beta in the roster that was imported.
    pub(crate) async fn imported(&self) -> Engine {
        let engine = self.engine(RosterSource::StoredOr(None)).await;
        let clients = [client("acme", "Acme"), client("beta", "Beta")];
        engine.import_roster(&clients, day(1)).await.expect("imported");
        engine
    }
}

pub(crate) fn provider() -> ProviderName {
    ProviderName::new("fake").expect("a name")
}

pub(crate) fn scope() -> Scope {
    Scope { provider: provider(), settings: Digest::of("settings") }
}

pub(crate) async fn sync(engine: &Engine, now: i64) -> ProviderSync {
    sync_as(engine, SyncRequest::all(day(now))).await
}

pub(crate) async fn sync_as(engine: &Engine, request: SyncRequest) -> ProviderSync {
    let report = engine.sync(&request, &|_| (), &CancellationToken::new()).await.expect("a report");
    report.providers.into_iter().next().expect("a provider")
}

pub(crate) async fn sheet(engine: &Engine, now: i64) -> Scoresheet {
    engine.generate(&GenerateRequest::all(day(now)), &CancellationToken::new()).await.expect("a sheet")
}

/// A client's cell of the provider's metric.
pub(crate) fn cell<'a>(sheet: &'a Scoresheet, id: &str) -> &'a MetricCell {
    &sheet.clients.iter().find(|row| row.id.as_str() == id).expect("a row").metrics[0]
}

/// What the audit log says was done, in order.
pub(crate) async fn actions(world: &World) -> Vec<String> {
    let store = world.store().await;
    assert_eq!(store.verify_audit().await.expect("a verdict").broken, None);
    store.audit(None, 1_000).await.expect("entries").into_iter().map(|entry| entry.action).collect()
}
