//! A provider that does as it is told, and an engine over it.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use scoresheet_domain::{
    CheckStep, Client, ClientId, ClientPage, ClientRef, Cursor, Description, Digest, Failure, Instant,
    MetricDescription, MetricId, MetricOutcome, Observation, ObservationPage, Period, ProviderName, Score,
    SourceClient, SourceId, Subject, When, Window, sheet::MetricCell, sheet::Scoresheet,
};
use scoresheet_engine::{
    Ask, Engine, Figures, GenerateRequest, Identity, Parts, Provider, ProviderSync, RunContext, Scope, Store,
    SyncRequest,
    definition::{
        MetricDefinition, MetricSource, ProviderInstance, Providers, RosterSource, SheetDefinition, SyncPolicy,
    },
    figures_by_scoring,
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
    /// What asking for figures of the past fails with.
    pub(crate) past_fails: Option<Failure>,
    /// The windows that were asked for.
    pub(crate) asked: Vec<Window>,
    /// What the component's bytes digest to.
    pub(crate) version: &'static str,
}

pub(crate) struct Fake {
    pub(crate) source: Arc<Mutex<Source>>,
    description: Description,
    digest: Digest,
}

#[async_trait]
impl Provider for Fake {
    fn description(&self) -> &Description {
        &self.description
    }

    fn digest(&self) -> Digest {
        self.digest
    }

    async fn check(&self, _: &RunContext, _: &str) -> Result<Vec<CheckStep>, Failure> {
        Ok(Vec::new())
    }

    async fn clients(&self, _: &RunContext, _: &str, _: Option<&Cursor>) -> Result<ClientPage, Failure> {
        let source = self.source.lock().expect("the source");
        Ok(ClientPage {
            items: source.clients.iter().map(|(id, name)| source_client(id, name)).collect(),
            next: Vec::new(),
        })
    }

    async fn pull(
        &self,
        _: &RunContext,
        _: &str,
        window: Window,
        client: Option<&SourceId>,
        page: Option<&Cursor>,
    ) -> Result<ObservationPage, Failure> {
        let mut source = self.source.lock().expect("the source");
        let number = page.map_or(0, |cursor| usize::from(cursor.0[0]));
        if number == 0 {
            source.asked.push(window);
        }
        if let Some((from, failure)) = &source.fails
            && number >= *from
        {
            return Err(failure.clone());
        }
        let its = |of: &str| client.is_none_or(|client| client.as_str() == of);
        let inside: Vec<_> = source.answers.iter().filter(|(_, of, at)| window.contains(day(*at)) && its(of)).collect();
        let items = inside.get(number).map(|(id, of, at)| Observation {
            id: (*id).into(),
            client: ClientRef::Id(SourceId::new(*of).expect("an id")),
            when: When::At(day(*at)),
            kind: 0,
            value: 4.0,
        });
        let next = (number + 1 < inside.len()).then(|| Cursor(vec![number as u8 + 1]));
        Ok(ObservationPage {
            items: items.into_iter().collect(),
            next: next.into_iter().collect(),
            ..ObservationPage::default()
        })
    }

    async fn score(
        &self,
        _: &RunContext,
        _: &MetricId,
        _: &str,
        _: Window,
        subjects: Vec<Subject>,
    ) -> Result<Vec<MetricOutcome>, Failure> {
        let score = |subject: Subject| {
            MetricOutcome::Measured(Score {
                score: 4.0,
                value: 4.0,
                samples: subject.samples.len() as u32,
                effective_samples: subject.samples.len() as f64,
                interval: None,
                explanation: Vec::new(),
            })
        };
        Ok(subjects.into_iter().map(score).collect())
    }

    async fn figures(
        &self,
        run: &RunContext,
        asks: &[Ask],
        periods: &[Period],
        subjects: Vec<Subject>,
    ) -> Vec<Result<Figures, Failure>> {
        let fails = self.source.lock().expect("the source").past_fails.clone();
        match fails {
            Some(failure) => vec![Err(failure); asks.len()],
            None => figures_by_scoring(self, run, asks, periods, subjects).await,
        }
    }
}

pub(crate) fn source_client(id: &str, name: &str) -> SourceClient {
    SourceClient {
        id: SourceId::new(id).expect("an id"),
        name: name.to_owned(),
        active: true,
        identifiers: Vec::new(),
        domains: Vec::new(),
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

    /// An engine as a new process would make it. Its metric looks back 30 days, beside it stands a manual one; 60 are pulled at first, and 7 again.
    pub(crate) async fn engine(&self, roster: RosterSource) -> Engine {
        let metric = MetricId::new("satisfaction").expect("an id");
        let source = self.source.lock().expect("the source").version;
        let description = Description {
            id: "fake".into(),
            title: "Fake".into(),
            version: "1.0.0".into(),
            stub: false,
            metrics: vec![MetricDescription {
                id: metric.clone(),
                title: "Satisfaction".into(),
                unit: "points".into(),
                kinds: vec![0],
                settings_schema: serde_json::json!({}),
            }],
            kinds: vec!["answer".into()],
            rejections: Vec::new(),
            settings_schema: serde_json::json!({}),
        };
        let fake = Fake { source: Arc::clone(&self.source), description, digest: Digest::of(source) };
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
            identity: Identity { host: "here".into(), pid: std::process::id() },
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
