//! The mapping use cases: compute it for each provider, and store users' decisions.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use scoresheet_domain::{
    Client, ClientId, ClientRef, Instant, ProviderName, SourceClient, SourceId,
    mapping::{Decision, FormerTie, Verdict},
};

use super::{ClientMapping, Mapping, Suggestion, Wanted, map, suggest, ties_to_keep};

use crate::{
    definition::ProviderInstance,
    engine::{Engine, Roster, find_client},
    error::{EngineError, closest},
    ports::{ProviderData, UserChange},
};

/// A provider's clients against the roster.
#[derive(Clone, Debug)]
pub struct ProviderMapping {
    /// The provider.
    pub provider: ProviderName,
    /// Whether its figures are made up.
    pub stub: bool,
    /// The source's clients, by id.
    pub sources: Vec<SourceClient>,
    /// Persons' decisions.
    pub decisions: Vec<Decision>,
    /// What became of each active client. Suggestions are in it where the whole overview was asked for.
    pub mapping: Mapping,
    /// What rules had tied clients to that are tied to nothing now, and no person refused.
    pub former: Vec<FormerTie>,
    /// Source clients that belong to inactive clients of the roster: known, and on no sheet.
    pub idle: BTreeSet<SourceId>,
}

impl ProviderMapping {
    /// Maps what is stored of a provider to a roster, without suggestions.
    pub(crate) fn new(name: &ProviderName, instance: &ProviderInstance, data: ProviderData, roster: &Roster) -> Self {
        let ProviderData { source_clients: sources, decisions, mut former, .. } = data;
        let own = roster.own.as_ref() == Some(name);
        let mut mapping = map(&roster.clients, &sources, &decisions, own);
        let idle = idle(roster, &sources, &decisions, own, &mapping);
        mapping.unmapped_sources.retain(|source| !idle.contains(source));
        let refused: BTreeSet<(&ClientId, &SourceId)> = decisions
            .iter()
            .filter(|decision| decision.verdict == Verdict::Different)
            .map(|decision| (&decision.client, &decision.source))
            .collect();
        let unmapped = |client: &ClientId| {
            mapping.clients.get(client).is_some_and(|outcome| !matches!(outcome, ClientMapping::Mapped(_)))
        };
        former.retain(|tie| unmapped(&tie.client) && !refused.contains(&(&tie.client, &tie.source)));
        Self {
            provider: name.clone(),
            stub: instance.provider.description().stub,
            sources,
            decisions,
            mapping,
            former,
            idle,
        }
    }

    /// The source clients that serve a client.
    #[must_use]
    pub fn sources_of(&self, client: &ClientId) -> Vec<SourceId> {
        match self.mapping.clients.get(client) {
            Some(ClientMapping::Mapped(links)) => links.iter().map(|link| link.source.clone()).collect(),
            _ => Vec::new(),
        }
    }

    /// The source client of this id.
    #[must_use]
    pub fn source(&self, id: &SourceId) -> Option<&SourceClient> {
        self.sources.binary_search_by(|source| source.id.cmp(id)).ok().map(|at| &self.sources[at])
    }

    /// The source clients by name.
    #[must_use]
    pub fn source_names(&self) -> SourceNames<'_> {
        let mut by_name = HashMap::new();
        for source in &self.sources {
            by_name.entry(source.name.as_str()).and_modify(|id| *id = None).or_insert(Some(&source.id));
        }
        SourceNames(by_name)
    }

    /// What a person might tie. It takes time where much is unmapped: seconds for 10,000 clients against as many.
    #[must_use]
    pub fn suggest(&self, clients: &[Client], wanted: Wanted<'_>) -> Vec<Suggestion> {
        suggest(clients, &self.sources, &self.decisions, &self.mapping, wanted)
    }

    /// The source client that a person tied a client to, where the source no longer has it.
    #[must_use]
    pub fn gone(&self, client: &ClientId) -> Option<&SourceId> {
        let said = |decision: &&Decision| decision.client == *client && decision.verdict == Verdict::Same;
        self.decisions.iter().filter(said).map(|decision| &decision.source).find(|source| self.source(source).is_none())
    }

    /// The clients that each source client serves.
    #[must_use]
    pub fn clients_by_source(&self) -> HashMap<&SourceId, Vec<&ClientId>> {
        let mut served: HashMap<&SourceId, Vec<&ClientId>> = HashMap::new();
        for (client, mapping) in &self.mapping.clients {
            if let ClientMapping::Mapped(links) = mapping {
                for link in links {
                    served.entry(&link.source).or_default().push(client);
                }
            }
        }
        served
    }
}

/// The source clients by name; none where two have the same name, since then the name identifies neither.
pub struct SourceNames<'a>(HashMap<&'a str, Option<&'a SourceId>>);

impl<'a> SourceNames<'a> {
    /// The source client that a record means: its id, or else the only one of its name.
    #[must_use]
    pub fn find(&self, client: &'a ClientRef) -> Option<&'a SourceId> {
        client.id().or_else(|| self.0.get(client.name()?).copied().flatten())
    }

    /// Every name that identifies a source client.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, &'a SourceId)> {
        self.0.iter().filter_map(|(name, id)| Some((*name, (*id)?)))
    }
}

/// The roster and every provider's mapping.
#[derive(Clone, Debug)]
pub struct MappingOverview {
    /// The roster.
    pub clients: Vec<Client>,
    /// A provider each.
    pub providers: BTreeMap<ProviderName, ProviderMapping>,
}

impl Engine {
    /// Every provider's clients against the roster, with all there is to suggest.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn mapping(&self) -> Result<MappingOverview, EngineError> {
        let roster = self.roster().await?;
        let mut providers = BTreeMap::new();
        for (name, instance) in &self.providers {
            let mut provider = self.map_provider(name, instance, &roster).await?;
            provider.mapping.suggestions = provider.suggest(&roster.clients, Wanted::ALL);
            providers.insert(name.clone(), provider);
        }
        Ok(MappingOverview { clients: roster.clients, providers })
    }

    /// One provider's, without suggestions.
    pub(crate) async fn map_provider(
        &self,
        name: &ProviderName,
        instance: &ProviderInstance,
        roster: &Roster,
    ) -> Result<ProviderMapping, EngineError> {
        let store = self.sheet_store();
        Ok(ProviderMapping::new(name, instance, store.provider_data(&instance.scope).await?, roster))
    }

    /// What rules map now, so that mappings lost later can be reported; none if nothing has changed.
    pub(crate) async fn mapped_by_rules(
        &self,
        name: &ProviderName,
        instance: &ProviderInstance,
    ) -> Result<Option<Vec<FormerTie>>, EngineError> {
        let roster = self.roster().await?;
        if roster.own.as_ref() == Some(name) {
            return Ok(None);
        }
        let store = self.sheet_store();
        let data = store.provider_data(&instance.scope).await?;
        let former = data.former.clone();
        let mapped = ProviderMapping::new(name, instance, data, &roster);
        let kept = ties_to_keep(&roster.clients, &mapped.mapping, &former);
        Ok((kept != former).then_some(kept))
    }

    /// Keeps a person's word on whether a client and a source client are the same.
    ///
    /// # Errors
    /// [`EngineError`] where a name is unknown, or the store fails; then nothing was decided.
    pub async fn decide(
        &self,
        client: &str,
        provider: &str,
        source: &str,
        verdict: Verdict,
        now: Instant,
    ) -> Result<Decision, EngineError> {
        let (provider, instance) = self.provider(provider)?;
        let roster = self.roster().await?;
        let client = find_client(&roster.clients, client)?.id.clone();
        let store = self.sheet_store();
        let sources = store.provider_data(&instance.scope).await?.source_clients;
        let source = sources
            .iter()
            .find(|candidate| candidate.id.as_str() == source)
            .ok_or_else(|| EngineError::UnknownSourceClient {
                provider: provider.clone(),
                id: source.to_owned(),
                synced: !sources.is_empty(),
                near: closest(source, sources.iter().map(|candidate| &candidate.id)),
            })?
            .id
            .clone();
        let decision = Decision { client, source, verdict };
        self.apply(UserChange::Decide(provider.clone(), decision.clone()), now).await?;
        Ok(decision)
    }

    /// Forgets a client's decisions, at one provider or at all; gives how many there were.
    ///
    /// # Errors
    /// [`EngineError`] where a name is unknown, or the store fails; then nothing was forgotten.
    pub async fn clear_decisions(
        &self,
        client: &str,
        provider: Option<&str>,
        now: Instant,
    ) -> Result<u64, EngineError> {
        let provider = provider.map(|name| self.provider(name)).transpose()?.map(|(name, _)| name);
        let roster = self.roster().await?;
        let client = find_client(&roster.clients, client)?;
        let change = UserChange::ClearDecisions(client.id.clone(), provider.cloned());
        Ok(self.apply(change, now).await?.unwrap_or_default())
    }

    /// Puts this roster in the place of the one imported before.
    ///
    /// # Errors
    /// [`EngineError`] where the store fails; then the former stands.
    pub async fn import_roster(&self, clients: &[Client], now: Instant) -> Result<(), EngineError> {
        self.apply(UserChange::ReplaceRoster(clients.to_vec()), now).await?;
        Ok(())
    }
}

/// The source clients, of those that serve no active client, which belong to inactive ones.
fn idle(
    roster: &Roster,
    sources: &[SourceClient],
    decisions: &[Decision],
    own: bool,
    mapping: &Mapping,
) -> BTreeSet<SourceId> {
    let clients: Vec<Client> = roster
        .clients
        .iter()
        .filter(|client| !client.active)
        .map(|client| Client { active: true, ..client.clone() })
        .collect();
    if clients.is_empty() {
        return BTreeSet::new();
    }
    let taken = links(mapping);
    let free: Vec<SourceClient> = sources.iter().filter(|source| !taken.contains(&source.id)).cloned().collect();
    links(&map(&clients, &free, decisions, own))
}

fn links(mapping: &Mapping) -> BTreeSet<SourceId> {
    mapping
        .clients
        .values()
        .filter_map(|outcome| match outcome {
            ClientMapping::Mapped(links) => Some(links),
            _ => None,
        })
        .flatten()
        .map(|link| link.source.clone())
        .collect()
}
