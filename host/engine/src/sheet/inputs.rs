//! Everything a sheet is computed from, as one value.

use std::collections::{BTreeMap, BTreeSet};

use scoresheet_domain::{
    Client, ClientId, ClientRef, Description, Digest, Entry, Instant, Intervals, MetricId, Problem, ProviderName,
    Samples, Window, benchmark,
};
use serde::{Deserialize, Serialize};

use super::{GenerateRequest, past::Past, problems, resolver::Resolver};
use crate::{
    definition::{MetricDefinition, MetricSource, ProviderInstance, Providers, SheetDefinition},
    engine::{Roster, find_client},
    error::EngineError,
    mapping::{ClientMapping, ProviderMapping},
    ports::{ClientSamples, SheetStore},
};

/// Everything a sheet is computed from, except the components' bytes, which are named by their digests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SheetInputs {
    pub(super) as_of: Instant,
    pub(super) lookback_days: Option<u32>,
    /// The one client whose row is wanted; the others are those it is compared with.
    pub(super) client: Option<ClientId>,
    pub(super) sheet: SheetDefinition,
    /// The clients that are scored, by id.
    pub(super) clients: Vec<Client>,
    pub(super) providers: BTreeMap<ProviderName, ProviderInputs>,
    /// Overrides and manual scores of these clients that were not cleared.
    pub(super) entries: Vec<Entry>,
    /// The providers' settings, to configure their components again. Not part of the identity: those that only tune how
    /// data is fetched change no sheet, and the others are in the scope.
    settings: BTreeMap<ProviderName, serde_json::Value>,
}

/// What is stored of a provider, grouped by client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct ProviderInputs {
    /// The digest of the component's bytes.
    component: Digest,
    /// The digest that the data is stored under: see [`Scope`](crate::ports::Scope).
    scope: Digest,
    /// What the operator calls the credential, for remedies.
    pub(super) credential: Option<String>,
    /// Whether the last sync failed.
    pub(super) failed: bool,
    /// By kind of observation: what was pulled completely.
    pub(super) coverage: BTreeMap<String, Intervals>,
    /// Observations that ended before this were pruned.
    pub(super) pruned_until: Option<Instant>,
    /// What is wrong with the last sync, the mapping and the records' clients.
    #[serde(with = "saved_problems")]
    pub(super) problems: Vec<Problem>,
    /// The windows of its metrics.
    pub(super) windows: Vec<Window>,
    /// One for each client that is scored.
    pub(super) clients: Vec<ClientInputs>,
}

/// What a provider has of one client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct ClientInputs {
    pub(super) mapping: MappingState,
    /// The roster's columns, and attributes of the source that the roster does not have.
    pub(super) attributes: Vec<(String, String)>,
    /// Sorted.
    pub(super) samples: Samples,
    /// For each of the provider's windows: how many records were rejected, by reason.
    pub(super) rejected: Vec<BTreeMap<String, u64>>,
}

/// Whether a provider knows a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum MappingState {
    /// It is mapped.
    Mapped,
    /// So many source clients fit equally well.
    Ambiguous(usize),
    /// It is not mapped.
    Unmapped,
}

impl SheetInputs {
    /// Reads what a sheet needs.
    ///
    /// # Errors
    /// [`EngineError`] for an unknown or inactive client, or a store that fails.
    pub(crate) async fn load(
        store: &dyn SheetStore,
        sheet: &SheetDefinition,
        providers: &Providers,
        roster: &Roster,
        request: &GenerateRequest,
    ) -> Result<Self, EngineError> {
        let needed = || sheet.metrics.iter().filter_map(MetricDefinition::provider);
        if let Some(unknown) = needed().find(|name| !providers.contains_key(*name)) {
            return Err(EngineError::UnknownProvider {
                name: unknown.to_string(),
                known: providers.keys().cloned().collect(),
            });
        }
        let clients = clients(&roster.clients, request.client.as_deref())?;
        let mut inputs = Self {
            as_of: request.as_of,
            lookback_days: request.lookback_days,
            client: match &request.client {
                Some(id) => Some(find_client(&clients, id)?.id.clone()),
                None => None,
            },
            sheet: sheet.clone(),
            clients,
            providers: BTreeMap::new(),
            settings: BTreeMap::new(),
            entries: store.entries(false).await?,
        };
        let ids: BTreeSet<&ClientId> = inputs.clients.iter().map(|client| &client.id).collect();
        inputs.entries.retain(|entry| ids.contains(&entry.client));
        for (name, instance) in providers {
            if needed().any(|needed| needed == name) {
                let loaded = inputs.provider(store, name, instance, roster).await?;
                inputs.providers.insert(name.clone(), loaded);
                inputs.settings.insert(name.clone(), instance.settings.clone());
            }
        }
        Ok(inputs)
    }

    async fn provider(
        &self,
        store: &dyn SheetStore,
        name: &ProviderName,
        instance: &ProviderInstance,
        roster: &Roster,
    ) -> Result<ProviderInputs, EngineError> {
        let description = instance.provider.description();
        let data = store.provider_data(&instance.scope).await?;
        // What was pulled outside of what the sheet looks at changes nothing.
        let span = self.span(name);
        let looked_at = Intervals::new([span]);
        let coverage =
            data.coverage.iter().map(|(kind, covered)| (kind.clone(), covered.intersection(&looked_at))).collect();
        let (pruned_until, failure) = (data.pruned_until, data.sync.failure.clone());
        let mapping = ProviderMapping::new(name, instance, data, roster);
        let resolver = Resolver::new(&mapping, &self.clients);
        let windows: Vec<Window> =
            self.metrics_of(name).map(|metric| self.window(metric)).collect::<BTreeSet<_>>().into_iter().collect();
        let kinds = kinds_in_use(&self.sheet, name, description);
        let names: Vec<String> = kinds.iter().map(|kind| description.kind(*kind).to_owned()).collect();

        let refs: Option<Vec<ClientRef>> = self.client.is_some().then(|| resolver.refs());
        let mut samples = store.samples(&instance.scope, span, &names, refs.as_deref()).await?;
        for client in &mut samples {
            client.samples.kind.iter_mut().for_each(|kind| *kind = kinds[usize::from(*kind)]);
        }
        let lost = if self.client.is_none() { resolver.lost(&samples, &windows) } else { BTreeMap::new() };
        let mut clients: Vec<ClientInputs> = self
            .clients
            .iter()
            .map(|client| ClientInputs {
                mapping: state(&mapping, &client.id),
                attributes: attributes(client, &mapping),
                samples: Samples::default(),
                rejected: vec![BTreeMap::new(); windows.len()],
            })
            .collect();
        spread(samples, &resolver, &mut clients);
        for (at, window) in windows.iter().enumerate() {
            for rejection in store.rejections(&instance.scope, *window).await? {
                let Some(client) = &rejection.client else { continue };
                for position in resolver.resolve(client).positions {
                    *clients[position].rejected[at].entry(rejection.reason.clone()).or_default() += rejection.count;
                }
            }
        }
        let mut problems = problems::of_provider(&mapping, failure.as_ref(), roster);
        problems.retain(|problem| self.concerns(problem));
        problems.extend(problems::of_lost(&mapping, lost));
        Ok(ProviderInputs {
            component: instance.provider.digest(),
            scope: instance.scope.settings,
            credential: instance.credential.clone(),
            failed: failure.is_some(),
            coverage,
            pruned_until,
            problems,
            windows,
            clients,
        })
    }

    /// The digest of all that the sheet depends on.
    pub(super) fn digest(&self) -> Result<Digest, serde_json::Error> {
        let Self { as_of, lookback_days, client, sheet, clients, providers, entries, settings: _ } = self;
        Digest::of_json(&(as_of, lookback_days, client, sheet, clients, providers, entries))
    }

    /// The clients that are scored.
    pub(crate) fn clients(&self) -> impl Iterator<Item = &ClientId> {
        self.clients.iter().map(|client| &client.id)
    }

    /// Replaces a provider's samples, whose kinds are the description's.
    pub(crate) fn replace_samples(
        &mut self,
        name: &ProviderName,
        mapping: &ProviderMapping,
        samples: Vec<ClientSamples>,
    ) {
        let Some(own) = self.providers.get_mut(name) else { return };
        own.clients.iter_mut().for_each(|client| client.samples = Samples::default());
        spread(samples, &Resolver::new(mapping, &self.clients), &mut own.clients);
    }

    /// The components that compute it and their settings, by provider.
    pub fn components(&self) -> impl Iterator<Item = (&ProviderName, Digest, &serde_json::Value)> {
        self.providers.iter().zip(&self.settings).map(|((name, it), (_, settings))| (name, it.component, settings))
    }

    /// The earliest instant that they reach back to.
    #[must_use]
    pub fn since(&self) -> Instant {
        self.providers.keys().map(|name| self.span(name).start).min().unwrap_or(self.as_of)
    }

    /// The metrics of a provider.
    fn metrics_of(&self, name: &ProviderName) -> impl Iterator<Item = &MetricDefinition> {
        self.sheet.metrics.iter().filter(move |metric| metric.provider() == Some(name))
    }

    /// How many days a metric looks back.
    pub(super) fn days(&self, metric: &MetricDefinition) -> u32 {
        self.lookback_days.unwrap_or(metric.lookback_days)
    }

    /// What a metric looks at.
    pub(super) fn window(&self, metric: &MetricDefinition) -> Window {
        Window::before(self.as_of, i64::from(self.days(metric)))
    }

    /// From the earliest instant that any metric of a provider looks at, trends included, to `as_of`.
    pub(crate) fn span(&self, name: &ProviderName) -> Window {
        let start = |metric| {
            let past = Past::new(self.sheet.trend, self.as_of, self.days(metric));
            past.iter().map(Past::start).chain([self.window(metric).start]).min()
        };
        Window { start: self.metrics_of(name).filter_map(start).min().unwrap_or(self.as_of), end: self.as_of }
    }

    /// Whether a problem with a client's mapping is one of this sheet: not if none of the provider's metrics applies to
    /// clients of its type.
    fn concerns(&self, problem: &Problem) -> bool {
        let (Some(provider), Some(id)) = (&problem.provider, &problem.client) else { return true };
        let Some(client) = self.clients.iter().find(|client| client.id == *id) else { return true };
        self.metrics_of(provider).any(|metric| metric.applies_to(client.kind.as_deref()))
    }
}

/// The kinds of observation that some metric of a sheet uses, in ascending order.
pub(crate) fn kinds_in_use(sheet: &SheetDefinition, name: &ProviderName, description: &Description) -> Vec<u16> {
    let used = |metric: &MetricDefinition| -> Option<&[u16]> {
        let MetricSource::Provider { provider, metric, .. } = &metric.source else { return None };
        let of_metric = |metric: &MetricId| description.metric(metric.as_str()).map(|metric| metric.kinds.as_slice());
        if provider == name { of_metric(metric) } else { None }
    };
    let kinds: BTreeSet<u16> = sheet.metrics.iter().filter_map(used).flatten().copied().collect();
    kinds.into_iter().collect()
}

/// Whose figures are needed: every active client's; for one client alone, also those it is compared with.
fn clients(roster: &[Client], only: Option<&str>) -> Result<Vec<Client>, EngineError> {
    let active = || roster.iter().filter(|client| client.active);
    let Some(id) = only else { return Ok(active().cloned().collect()) };
    let client = find_client(roster, id)?;
    if !client.active {
        return Err(EngineError::InactiveClient(client.id.clone()));
    }
    let peers: Vec<Client> =
        active().filter(|peer| client.kind.is_some() && peer.kind == client.kind).cloned().collect();
    Ok(if peers.len() < benchmark::MIN_CLIENTS { vec![client.clone()] } else { peers })
}

fn state(mapping: &ProviderMapping, client: &ClientId) -> MappingState {
    match mapping.mapping.clients.get(client) {
        Some(ClientMapping::Mapped(_)) => MappingState::Mapped,
        Some(ClientMapping::Ambiguous { candidates, .. }) => MappingState::Ambiguous(candidates.len().max(2)),
        Some(ClientMapping::Unmapped) | None => MappingState::Unmapped,
    }
}

/// The roster's columns, then the source's attributes that are not among them.
fn attributes(client: &Client, mapping: &ProviderMapping) -> Vec<(String, String)> {
    let mut attributes = client.attributes.clone();
    for source in mapping.sources_of(&client.id).iter().filter_map(|id| mapping.source(id)) {
        for (name, value) in &source.attributes {
            if !attributes.iter().any(|(known, _)| known == name) {
                attributes.push((name.clone(), value.clone()));
            }
        }
    }
    attributes
}

/// Gives every client its samples, sorted.
fn spread(samples: Vec<ClientSamples>, resolver: &Resolver<'_>, clients: &mut [ClientInputs]) {
    for ClientSamples { client, samples } in samples {
        let positions = resolver.resolve(&client).positions;
        if let [position] = positions[..]
            && clients[position].samples.is_empty()
        {
            clients[position].samples = samples;
            continue;
        }
        for position in positions {
            samples.iter().for_each(|sample| clients[position].samples.push(sample));
        }
    }
    clients.iter_mut().for_each(|client| client.samples.sort());
}

/// Problems with their remedies as data: the JSON contract has them in words.
mod saved_problems {
    use scoresheet_domain::{ClientId, Problem, ProblemKind, ProviderName, Remedy};
    use serde::{Deserialize, Deserializer, Serialize as _, Serializer};

    type Saved = (ProblemKind, Option<ProviderName>, Option<ClientId>, String, Remedy);

    pub(super) fn serialize<S: Serializer>(problems: &[Problem], serializer: S) -> Result<S::Ok, S::Error> {
        let save = |Problem { kind, provider, client, message, remedy }: &Problem| -> Saved {
            (*kind, provider.clone(), client.clone(), message.clone(), remedy.clone())
        };
        problems.iter().map(save).collect::<Vec<_>>().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Problem>, D::Error> {
        let problem = |(kind, provider, client, message, remedy)| Problem { kind, provider, client, message, remedy };
        Ok(Vec::<Saved>::deserialize(deserializer)?.into_iter().map(problem).collect())
    }
}
