//! Generate: from the store to a scoresheet. A pure function of store, configuration and `as_of`.

mod cells;
mod finish;
mod group;
mod layout;
mod load;
mod past;
mod plan;
mod problems;
mod score;

use std::{collections::BTreeMap, sync::Arc};

use scoresheet_domain::{
    Client, ClientId, Digest, Instant, Problem, ProviderName, benchmark,
    digest::Hasher,
    review,
    sheet::{ClientRow, SCHEMA, Scoresheet},
};
use tokio_util::sync::CancellationToken;

pub(crate) use self::layout::in_order;
use self::{
    load::{ProviderView, Reading, Resolver, WindowData, lay_out},
    past::KnownPast,
    plan::Plan,
    score::Scoring,
};
use crate::{
    definition::ProviderInstance,
    engine::{Engine, find_client},
    error::EngineError,
    ports::RunContext,
};

/// What to generate.
#[derive(Clone, Debug)]
pub struct GenerateRequest {
    /// The wall clock; only to refuse an `as_of` in the future.
    pub now: Instant,
    /// Where every metric's window ends.
    pub as_of: Instant,
    /// Instead of every metric's own lookback, in days.
    pub lookback_days: Option<u32>,
    /// Only this client's row.
    pub client: Option<String>,
}

impl GenerateRequest {
    /// Every client, as of now.
    #[must_use]
    pub const fn all(now: Instant) -> Self {
        Self { now, as_of: now, lookback_days: None, client: None }
    }
}

impl Engine {
    /// Computes the sheet from what is stored. Asks no source, writes nothing.
    ///
    /// # Errors
    /// [`EngineError`] where there can be no sheet: an unknown client, a future `as_of`, a store
    /// that fails. What a provider fails at is on the sheet.
    #[tracing::instrument(name = "generate", skip_all, fields(as_of = %request.as_of))]
    pub async fn generate(
        &self,
        request: &GenerateRequest,
        cancel: &CancellationToken,
    ) -> Result<Scoresheet, EngineError> {
        if request.as_of > request.now {
            return Err(EngineError::Future { as_of: request.as_of, now: request.now });
        }
        let roster = self.roster().await?;
        let clients = asked(&roster.clients, request)?;
        let used: Vec<(&ProviderName, &ProviderInstance)> = self
            .providers
            .iter()
            .filter(|(name, _)| self.sheet.metrics.iter().any(|metric| metric.provider() == Some(name)))
            .collect();
        let plan = self.plan(request, &used)?;
        // A provider is read while the clients are mapped, and the next one while it is scored; of some clients only,
        // what there is to read is known after the mapping.
        let every = request.client.is_none();
        let begin = |at: usize, only| {
            let (span, _) = &plan.sources[at];
            Reading::begin(&self.facts, &used[at].1.scope, span.clone(), only)
        };
        let mut ahead = (every && !used.is_empty()).then(|| begin(0, None));
        let mut views: Vec<ProviderView> = Vec::with_capacity(used.len());
        for (name, instance) in &used {
            views.push(ProviderView::load(self, name, instance, &roster).await?);
        }
        let mut rows = self.rows(&plan, &clients);
        let run = RunContext { now: request.as_of, cancel: cancel.clone() };
        let mut hasher = self.begin_identity(request, &clients);
        let mut problems = Vec::new();
        let mut windows: Vec<(usize, WindowData)> = Vec::new();
        for (at, (span, groups)) in plan.sources.iter().enumerate() {
            let view = &views[at];
            let provider = &view.instance.provider;
            let resolver = Resolver::new(&view.mapping, &clients);
            let reading = ahead.take().unwrap_or_else(|| begin(at, (!every).then(|| resolver.refs())));
            let mut stored = reading.end().await?;
            ahead = (every && at + 1 < used.len()).then(|| begin(at + 1, None));
            let (data, layout) = lay_out(&mut stored, span, provider.description(), &resolver, clients.len());
            let layout = Arc::new(layout);
            for (group, mut data) in groups.iter().zip(data) {
                let asked = group.settle(view, &mut data, &mut rows, &mut hasher);
                let past = group.past.as_ref().map(|past| past.known(&stored, &mut hasher));
                let scoring = Scoring {
                    run: run.clone(),
                    provider: Arc::clone(provider),
                    window: group.window,
                    past: past.as_ref().map(KnownPast::periods),
                    metrics: group.metrics.iter().map(|metric| metric.input(provider.description())).collect(),
                    layout: Arc::clone(&layout),
                };
                let mut failures: Vec<Option<Problem>> = vec![None; group.metrics.len()];
                let take = |scored| group.take(view, past.as_ref(), scored, &mut rows, &mut hasher, &mut failures);
                scoring.all(&clients, &asked, take).await?;
                if cancel.is_cancelled() {
                    return Err(EngineError::Cancelled);
                }
                problems.extend(failures.into_iter().flatten());
                problems.extend(problems::of_window(view, &data));
                windows.push((at, data));
            }
        }
        for (at, view) in views.iter().enumerate() {
            problems.extend(problems::of_provider(view, &roster).into_iter().filter(|it| self.concerns(it, &clients)));
            if every {
                let windows = windows.iter().filter(|(of, _)| *of == at).map(|(_, data)| data);
                problems.extend(problems::lost(view, windows));
            }
        }
        let entries = self.facts.entries(false).await?;
        problems.extend(self.put_entries(&mut rows, &entries, request.as_of, &mut hasher));
        self.compose_rows(&mut rows);
        if let Some(client) = &request.client {
            rows.retain(|row| row.id.as_str() == client);
        }
        let problems = problems::tidy(problems, request.client.as_deref());
        for problem in &problems {
            hasher.field(problem.kind.as_str()).field(&problem.message);
        }
        let id: Digest = hasher.finish();
        tracing::info!(clients = rows.len(), problems = problems.len(), %id, "the sheet is made");
        Ok(Scoresheet {
            schema: SCHEMA,
            id: id.to_string(),
            sheet: self.sheet.name.clone(),
            as_of: request.as_of,
            stub: views.iter().any(|view| view.instance.provider.description().stub),
            review: review::review(&rows),
            clients: rows,
            problems,
        })
    }

    /// The sheet's rows before anything is known of a client.
    fn rows(&self, plan: &Plan<'_>, clients: &[&Client]) -> Vec<ClientRow> {
        let engagement = self.sheet.composition.compose([]);
        clients
            .iter()
            .map(|client| ClientRow {
                id: client.id.clone(),
                name: client.name.clone(),
                kind: client.kind.clone(),
                engagement,
                metrics: plan.cells.clone(),
                groups: Vec::new(),
                benchmark: None,
                target: None,
            })
            .collect()
    }

    /// What the sheet's id digests before the figures: definition, time and roster.
    fn begin_identity(&self, request: &GenerateRequest, clients: &[&Client]) -> Hasher {
        let mut hasher = Hasher::new();
        let composition = &self.sheet.composition;
        hasher
            .field(SCHEMA)
            .field(&self.sheet.name)
            .float(composition.min_coverage)
            .float(composition.healthy)
            .float(composition.watch)
            .number(i64::from(self.sheet.trend.months))
            .number(i64::from(self.sheet.trend.min_samples))
            .number(request.as_of.millis())
            .number(clients.len() as i64);
        for group in &self.sheet.groups {
            hasher.field(&group.id).field(&group.name).float(group.weight);
        }
        identify_targets(&mut hasher, &self.sheet.targets);
        for client in clients {
            hasher.field(client.id.as_str()).field(&client.name).field(client.kind.as_deref().unwrap_or_default());
            hasher.number(client.attributes.len() as i64);
            for (name, value) in &client.attributes {
                hasher.field(name).field(value);
            }
        }
        hasher.number(self.sheet.metrics.len() as i64);
        for metric in &self.sheet.metrics {
            hasher.field(metric.id.as_str()).field(&metric.name).float(metric.weight);
            hasher.field(metric.group.as_deref().unwrap_or_default()).number(metric.client_types.len() as i64);
            for kind in &metric.client_types {
                hasher.field(kind);
            }
            identify_targets(&mut hasher, &metric.targets);
        }
        hasher
    }
}

fn identify_targets(hasher: &mut Hasher, targets: &BTreeMap<String, f64>) {
    hasher.number(targets.len() as i64);
    for (kind, target) in targets {
        hasher.field(kind).float(*target);
    }
}

/// Whose figures are needed: every active client's; for one client alone, also those it is compared with.
fn asked<'a>(clients: &'a [Client], request: &GenerateRequest) -> Result<Vec<&'a Client>, EngineError> {
    let active = || clients.iter().filter(|client| client.active);
    let Some(id) = &request.client else { return Ok(active().collect()) };
    let client = find_client(clients, id)?;
    if !client.active {
        return Err(EngineError::InactiveClient(client.id.clone()));
    }
    let peers: Vec<&Client> = active().filter(|peer| client.kind.is_some() && peer.kind == client.kind).collect();
    Ok(if peers.len() < benchmark::MIN_CLIENTS { vec![client] } else { peers })
}

/// The position of every client, by id.
fn positions<'a>(clients: &[&'a Client]) -> std::collections::HashMap<&'a ClientId, usize> {
    clients.iter().enumerate().map(|(at, client)| (&client.id, at)).collect()
}
