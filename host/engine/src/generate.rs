//! Generate: from the store to a scoresheet. A pure function of store, configuration and `as_of`.

mod cells;
mod group;
mod layout;
mod load;
mod problems;
mod score;

use std::sync::Arc;

use scoresheet_domain::{
    Client, ClientId, Digest, Instant, Problem, ProviderName, Window,
    compose::Part,
    digest::Hasher,
    sheet::{ClientRow, MetricCell, SCHEMA, Scoresheet},
};
use tokio_util::sync::CancellationToken;

use self::{
    cells::Computed,
    group::Group,
    load::{ProviderView, Reading, Resolver, WindowData},
    score::Scoring,
};
use crate::{
    definition::{MetricSource, ProviderInstance},
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
        let clients: Vec<&Client> = match &request.client {
            None => roster.clients.iter().filter(|client| client.active).collect(),
            Some(id) => {
                let client = find_client(&roster.clients, id)?;
                if !client.active {
                    return Err(EngineError::InactiveClient(client.id.clone()));
                }
                vec![client]
            }
        };

        let used: Vec<(&ProviderName, &ProviderInstance)> = self
            .providers
            .iter()
            .filter(|(name, _)| self.sheet.metrics.iter().any(|metric| metric.provider() == Some(name)))
            .collect();
        let plan = self.plan(request, &used)?;
        // A window is read while the clients are mapped, and the next one while it is scored; of one client only, what
        // there is to read is known after the mapping.
        let every = request.client.is_none();
        let begin =
            |group: &Group<'_>, only| Reading::begin(&self.store, &used[group.provider].1.scope, group.window, only);
        let mut ahead = plan.groups.first().filter(|_| every).map(|group| begin(group, None));
        let mut views: Vec<ProviderView> = Vec::with_capacity(used.len());
        for (name, instance) in &used {
            views.push(ProviderView::load(self, name, instance, &roster).await?);
        }
        let mut rows = self.rows(&plan, &clients);
        let run = RunContext { now: request.as_of, cancel: cancel.clone() };
        let mut hasher = self.begin_identity(request, &clients);
        let mut problems = Vec::new();
        let mut windows: Vec<(usize, WindowData)> = Vec::new();
        for (at, group) in plan.groups.iter().enumerate() {
            let view = &views[group.provider];
            let provider = &view.instance.provider;
            let resolver = Resolver::new(&view.mapping, &clients);
            let reading = ahead.take().unwrap_or_else(|| begin(group, (!every).then(|| resolver.refs())));
            let stored = reading.end().await?;
            ahead = plan.groups.get(at + 1).filter(|_| every).map(|group| begin(group, None));
            let (mut data, layout) =
                WindowData::of(stored, group.window, provider.description(), &resolver, clients.len());
            let asked = group.settle(view, &mut data, &mut rows, &mut hasher);
            let scoring = Scoring {
                run: run.clone(),
                provider: Arc::clone(provider),
                window: group.window,
                metrics: group.metrics.iter().map(|metric| metric.input(provider.description())).collect(),
                layout,
            };
            let mut failures: Vec<Option<Problem>> = vec![None; group.metrics.len()];
            let take = |scored| group.take(view, scored, &mut rows, &mut hasher, &mut failures);
            scoring.all(&clients, &asked, take).await?;
            if cancel.is_cancelled() {
                return Err(EngineError::Cancelled);
            }
            problems.extend(failures.into_iter().flatten());
            problems.extend(problems::of_window(view, &data));
            windows.push((group.provider, data));
        }
        for (at, view) in views.iter().enumerate() {
            problems.extend(problems::of_provider(view, &roster));
            if request.client.is_none() {
                let windows = windows.iter().filter(|(of, _)| *of == at).map(|(_, data)| data);
                problems.extend(problems::lost(view, windows));
            }
        }
        let problems = problems::tidy(problems, request.client.as_deref());
        for problem in &problems {
            hasher.field(problem.kind.as_str()).field(&problem.message);
        }
        for row in &mut rows {
            let part = |cell: &MetricCell| Part { weight: cell.weight, outcome: cell.outcome, score: cell.score };
            row.engagement = self.sheet.composition.compose(row.metrics.iter().map(part));
        }
        let id: Digest = hasher.finish();
        tracing::info!(clients = rows.len(), problems = problems.len(), %id, "the sheet is made");
        Ok(Scoresheet {
            schema: SCHEMA,
            id: id.to_string(),
            sheet: self.sheet.name.clone(),
            as_of: request.as_of,
            stub: views.iter().any(|view| view.instance.provider.description().stub),
            clients: rows,
            problems,
            review: scoresheet_domain::review::Review::default(),
        })
    }

    /// Which metrics look at the same window of the same provider: what is read for one serves them all.
    fn plan(
        &self,
        request: &GenerateRequest,
        used: &[(&ProviderName, &ProviderInstance)],
    ) -> Result<Plan<'_>, EngineError> {
        let mut plan = Plan { groups: Vec::new(), cells: Vec::with_capacity(self.sheet.metrics.len()) };
        for (column, metric) in self.sheet.metrics.iter().enumerate() {
            let days = request.lookback_days.unwrap_or(metric.lookback_days);
            let window = Window::before(request.as_of, i64::from(days));
            let MetricSource::Provider { provider, metric: provider_metric, settings } = &metric.source else {
                plan.cells.push(cells::manual(metric, window));
                continue;
            };
            self.provider(provider.as_str())?;
            let at = used.iter().position(|(name, _)| *name == provider).expect("every provider of the sheet is used");
            let computed = Computed { column, metric, provider_metric, settings };
            plan.cells.push(computed.cell(provider, used[at].1.provider.description(), window));
            match plan.groups.iter_mut().find(|group| group.provider == at && group.window == window) {
                Some(group) => group.metrics.push(computed),
                None => plan.groups.push(Group { provider: at, window, metrics: vec![computed] }),
            }
        }
        Ok(plan)
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
            .number(request.as_of.millis())
            .number(clients.len() as i64);
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
        }
        hasher
    }
}

/// What is read and scored, in order.
struct Plan<'a> {
    groups: Vec<Group<'a>>,
    /// A cell a metric, before anything is known of a client.
    cells: Vec<MetricCell>,
}

/// The position of every client, by id.
fn positions<'a>(clients: &[&'a Client]) -> std::collections::HashMap<&'a ClientId, usize> {
    clients.iter().enumerate().map(|(at, client)| (&client.id, at)).collect()
}
