//! Generate: from the store to a scoresheet. A pure function of store, configuration and `as_of`.

mod cells;
mod load;
mod problems;

use scoresheet_domain::{
    Client, ClientId, Digest, Instant, Window,
    compose::Part,
    digest::Hasher,
    sheet::{ClientRow, MetricCell, SCHEMA, Scoresheet},
};
use tokio_util::sync::CancellationToken;

use self::{
    cells::CellMaker,
    load::{ProviderView, WindowData},
};
use crate::{
    definition::MetricSource,
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

        // A metric's windows may be shared, and so is what was read for them.
        let mut views: Vec<ProviderView> = Vec::new();
        for (name, instance) in &self.providers {
            if self.sheet.metrics.iter().any(|metric| metric.provider() == Some(name)) {
                views.push(ProviderView::load(self, name, instance, &roster).await?);
            }
        }
        let run = RunContext { now: request.as_of, cancel: cancel.clone() };
        let mut hasher = self.begin_identity(request, &clients);
        let mut columns: Vec<Vec<MetricCell>> = Vec::with_capacity(self.sheet.metrics.len());
        let mut problems = Vec::new();
        let mut read: Vec<((usize, Window), WindowData)> = Vec::new();
        for metric in &self.sheet.metrics {
            let days = request.lookback_days.unwrap_or(metric.lookback_days);
            let window = Window::before(request.as_of, i64::from(days));
            let column = match &metric.source {
                MetricSource::Manual => cells::manual(metric, window, clients.len()),
                MetricSource::Provider { provider, metric: provider_metric, settings } => {
                    self.provider(provider.as_str())?;
                    let at =
                        views.iter().position(|view| view.name == provider).expect("a view of every provider used");
                    let view = &views[at];
                    let key = (at, window);
                    let found = match read.iter().position(|(known, _)| *known == key) {
                        Some(found) => found,
                        None => {
                            read.push((key, WindowData::load(self, view, window, &clients).await?));
                            read.len() - 1
                        }
                    };
                    let maker = CellMaker { metric, provider_metric, settings, view, data: &read[found].1, window };
                    let (cells, failure) = maker.cells(&run, &clients, &mut hasher).await;
                    if cancel.is_cancelled() {
                        return Err(EngineError::Cancelled);
                    }
                    problems.extend(failure);
                    cells
                }
            };
            columns.push(column);
        }
        for ((at, _), data) in &read {
            problems.extend(problems::of_window(&views[*at], data));
        }
        for (at, view) in views.iter().enumerate() {
            let windows = read.iter().filter(|((of, _), _)| *of == at).map(|(_, data)| data);
            problems.extend(problems::of_provider(view, &roster));
            if request.client.is_none() {
                problems.extend(problems::lost(view, windows));
            }
        }
        let problems = problems::tidy(problems, request.client.as_deref());
        for problem in &problems {
            hasher.field(problem.kind.as_str()).field(&problem.message);
        }

        let mut columns: Vec<_> = columns.into_iter().map(Vec::into_iter).collect();
        let rows: Vec<ClientRow> = clients
            .iter()
            .map(|client| {
                let metrics: Vec<MetricCell> = columns.iter_mut().filter_map(Iterator::next).collect();
                let parts =
                    metrics.iter().map(|cell| Part { weight: cell.weight, outcome: cell.outcome, score: cell.score });
                ClientRow {
                    id: client.id.clone(),
                    name: client.name.clone(),
                    kind: client.kind.clone(),
                    engagement: self.sheet.composition.compose(parts),
                    metrics,
                }
            })
            .collect();
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
        })
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
        hasher
    }
}

/// The position of every client, by id.
fn positions<'a>(clients: &[&'a Client]) -> std::collections::HashMap<&'a ClientId, usize> {
    clients.iter().enumerate().map(|(at, client)| (&client.id, at)).collect()
}
