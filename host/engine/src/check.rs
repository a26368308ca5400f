//! Testing connections, step by step.

use std::time::{Duration, Instant as Clock};

use scoresheet_domain::{
    CheckStep, ClientRef, Failure, Instant, Problem, ProviderName, Remedy, SourceClient, SourceId, Window,
};
use tokio_util::sync::CancellationToken;

use crate::{
    definition::ProviderInstance,
    engine::Engine,
    error::{EngineError, closest},
    mapping::ProviderMapping,
    memory_pull::Pulled,
    ports::{ProviderData, RunContext},
    remedy,
    sheet::kinds_in_use,
    sync::{RejectedValue, RejectedValues},
};

/// How a provider's connection does.
#[derive(Clone, Debug)]
pub struct ConnectionCheck {
    /// The provider.
    pub provider: ProviderName,
    /// Whether its figures are made up.
    pub stub: bool,
    /// What was tried, in order.
    pub steps: Vec<CheckStep>,
    /// How long it took in all.
    pub took: Duration,
}

impl ConnectionCheck {
    /// Whether every step went well.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.steps.iter().all(|step| step.outcome.is_ok())
    }
}

impl Engine {
    /// Tests one provider's connection, or all. Reads the source; of the store it writes nothing but which requests
    /// there were, where nobody else is writing.
    ///
    /// # Errors
    /// [`EngineError::UnknownProvider`]. A connection that fails is in the result.
    pub async fn check(
        &self,
        provider: Option<&str>,
        now: Instant,
        cancel: &CancellationToken,
    ) -> Result<Vec<ConnectionCheck>, EngineError> {
        let chosen = self.chosen(provider)?;
        let mut checks = Vec::with_capacity(chosen.len());
        // One after the other, so that the times told are each connection's own.
        for (name, instance) in chosen {
            let began = Clock::now();
            let run = RunContext { now, cancel: cancel.clone() };
            let mut steps = match instance.provider.check(&run).await {
                Ok(steps) => steps,
                Err(Failure::Cancelled) if cancel.is_cancelled() => return Err(EngineError::Cancelled),
                Err(failure) => vec![CheckStep {
                    title: "Provider".to_owned(),
                    detail: "the provider could not carry out its check".to_owned(),
                    remedy: Some(Remedy::for_failure(name, &failure, instance.credential.as_deref()).to_string()),
                    outcome: Err(failure),
                    costs: Vec::new(),
                }],
            };
            let took = began.elapsed();
            let at = remedy::after(now, took);
            for step in &mut steps {
                // The provider knows neither the time nor what the operator allows.
                let wait = step.outcome.as_ref().err().and_then(|failure| remedy::wait(name, instance, failure, at));
                if let (Some(wait), Some(remedy)) = (wait, &mut step.remedy) {
                    *remedy = wait.to_string();
                }
            }
            let stub = instance.provider.description().stub;
            checks.push(ConnectionCheck { provider: name.clone(), stub, steps, took });
        }
        self.run_hook(now).await;
        Ok(checks)
    }

    /// Looks up what the sources have for one client, in as many days as the sheet looks back. `client` is a client of
    /// the roster, or a source client, by id or by name. Stores nothing but the requests.
    ///
    /// # Errors
    /// [`EngineError::UnknownProvider`], and [`EngineError::UnknownClient`] if no source knows the client. A source that
    /// fails is in the result.
    pub async fn check_client(
        &self,
        client: &str,
        provider: Option<&str>,
        now: Instant,
        cancel: &CancellationToken,
    ) -> Result<Vec<ClientCheck>, EngineError> {
        let chosen = self.chosen(provider)?;
        let roster = self.roster().await?;
        let same = |id: &str, name: &str| id == client || name.to_lowercase() == client.to_lowercase();
        let known = roster.clients.iter().find(|it| same(it.id.as_str(), &it.name));
        let run = RunContext { now, cancel: cancel.clone() };
        let mut checks = Vec::with_capacity(chosen.len());
        let mut found = known.is_some();
        for (name, instance) in chosen {
            let window = self.longest_window(name, now, None);
            let kinds = kinds_in_use(&self.sheet, name, instance.provider.description());
            let mut check = ClientCheck::new(name, instance, window);
            match look_up(instance, &run, &kinds, window).await {
                Err(Failure::Cancelled) if cancel.is_cancelled() => return Err(EngineError::Cancelled),
                Err(failure) => {
                    check.problem = Some(remedy::problem_at(name, instance, &failure, now));
                    found = true;
                }
                Ok((sources, pulled)) => {
                    let stored = self.sheet_store().provider_data(&instance.scope).await?;
                    let mapping = ProviderMapping::new(
                        name,
                        instance,
                        ProviderData { source_clients: sources, ..stored },
                        &roster,
                    );
                    let ids: Vec<SourceId> = match known {
                        Some(known) => mapping.sources_of(&known.id),
                        None => {
                            let its = mapping.sources.iter().filter(|it| same(it.id.as_str(), &it.name));
                            its.map(|it| it.id.clone()).collect()
                        }
                    };
                    found |= !ids.is_empty();
                    check.count(instance, &mapping, &ids, &kinds, &pulled);
                }
            }
            checks.push(check);
        }
        self.run_hook(now).await;
        if !found {
            let near = closest(client, roster.clients.iter().map(|client| &client.id));
            return Err(EngineError::UnknownClient { id: client.to_owned(), near });
        }
        Ok(checks)
    }
}

/// The source's clients, by list or else by its records, and what it has in a window.
async fn look_up(
    instance: &ProviderInstance,
    run: &RunContext,
    kinds: &[u16],
    window: Window,
) -> Result<(Vec<SourceClient>, Pulled), Failure> {
    let mut sources = instance.list_clients(run).await?;
    let pulled = if kinds.is_empty() { Pulled::default() } else { instance.pull_window(run, kinds, window).await? };
    if sources.is_empty() {
        sources = pulled.clients();
    }
    Ok((sources, pulled))
}

/// What a source has for one client.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientCheck {
    /// The provider.
    pub provider: ProviderName,
    /// Whether its figures are invented.
    pub stub: bool,
    /// The window that was looked up.
    pub window: Window,
    /// The source clients that the client is mapped to, or that have the name: id and name. None: the source does not
    /// know it.
    pub sources: Vec<(SourceId, String)>,
    /// By kind of observation.
    pub kinds: Vec<KindCheck>,
    /// Rejected records of the client, by reason, field and value.
    pub rejected: Vec<RejectedValue>,
    /// Why the source could not be asked.
    pub problem: Option<Problem>,
}

/// Observations of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct KindCheck {
    /// The kind.
    pub kind: String,
    /// How many there are.
    pub count: u64,
    /// When the first one happened or began.
    pub first: Option<Instant>,
    /// When the last one happened or began.
    pub last: Option<Instant>,
}

impl ClientCheck {
    fn new(name: &ProviderName, instance: &ProviderInstance, window: Window) -> Self {
        Self {
            provider: name.clone(),
            stub: instance.provider.description().stub,
            window,
            sources: Vec::new(),
            kinds: Vec::new(),
            rejected: Vec::new(),
            problem: None,
        }
    }

    fn count(
        &mut self,
        instance: &ProviderInstance,
        mapping: &ProviderMapping,
        ids: &[SourceId],
        kinds: &[u16],
        pulled: &Pulled,
    ) {
        let names = mapping.source_names();
        let is_its = |client: &ClientRef| names.find(client).is_some_and(|id| ids.contains(id));
        let description = instance.provider.description();
        self.sources =
            ids.iter().filter_map(|id| mapping.source(id)).map(|it| (it.id.clone(), it.name.clone())).collect();
        let own: Vec<_> = pulled.observations.iter().filter(|it| is_its(&it.client)).collect();
        self.kinds = kinds
            .iter()
            .map(|kind| {
                let times = || own.iter().filter(|it| it.kind == *kind).map(|it| it.when.start());
                KindCheck {
                    kind: description.kind(*kind).to_owned(),
                    count: times().count() as u64,
                    first: times().min(),
                    last: times().max(),
                }
            })
            .collect();
        let mut rejected = RejectedValues::default();
        let its: Vec<_> = pulled.rejected.iter().filter(|it| it.client.as_ref().is_some_and(is_its)).cloned().collect();
        rejected.add(&its);
        self.rejected = rejected.most_frequent(&description.rejections);
    }
}
