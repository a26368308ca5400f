//! Removing what is too old, and erasing a client: what may go, and what belongs to whom. The store does the removing.

use std::collections::{BTreeMap, BTreeSet};

use scoresheet_domain::{
    Client, ClientId, Instant, ProviderName, SourceClient, SourceId,
    mapping::{Decision, Verdict},
};

use tokio_util::sync::CancellationToken;

use crate::{
    definition::{RetentionPolicy, RosterSource},
    engine::{Engine, Roster, find_client},
    error::EngineError,
    mapping::{self, ClientMapping},
    ports::{
        ACCESS_ENTRIES, AlertRecord, Erased, Erasure, MaintenanceStore, ProviderData, PruneLimits, Pruned, UserChange,
    },
};

/// A source client that an erasure concerned.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct ErasedSource {
    /// The provider.
    pub provider: ProviderName,
    /// The source's id.
    pub source: SourceId,
}

/// What an erasure did, and what it could not do.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ErasureReport {
    /// What was removed.
    pub erased: Erased,
    /// The source clients that were the client. Where a source still lists one, its records are skipped at every sync;
    /// to be rid of them for good, erase them at the source too.
    pub sources: Vec<ErasedSource>,
    /// Source clients that serve other clients as well: they and their records stay.
    pub shared: Vec<ErasedSource>,
    /// Whether the roster is a file of the operator's that still names the client: take the line out of it.
    pub in_roster_file: bool,
}

impl Engine {
    pub(crate) fn maintenance(&self) -> &dyn MaintenanceStore {
        &*self.store
    }

    /// That a policy removes nothing that a sheet needs.
    pub(crate) fn check_retention(&self, policy: RetentionPolicy) -> Result<(), EngineError> {
        let Some(days) = policy.observations_days else { return Ok(()) };
        match self.sheet.metrics.iter().max_by_key(|metric| metric.lookback_days) {
            Some(longest) if longest.lookback_days > days => {
                Err(EngineError::Retention { days, metric: longest.id.clone(), lookback_days: longest.lookback_days })
            }
            _ => Ok(()),
        }
    }

    /// Removes what is too old, of every provider with whatever settings. A sync does the same at its end if the engine
    /// was made with a policy.
    ///
    /// # Errors
    /// [`EngineError::Retention`] if a metric needs what would be removed, [`EngineError::Store`] if the store fails;
    /// then what was removed before stays removed.
    pub async fn prune(&self, policy: RetentionPolicy, now: Instant) -> Result<Pruned, EngineError> {
        self.check_retention(policy)?;
        let ago = |days: u32| now.plus_days(-i64::from(days));
        let limits = PruneLimits {
            // From midnight on, so that only the first sync of a day has to look for what is too old.
            observations_before: policy.observations_days.map(|days| ago(days).floor_day()),
            access_before: ago(policy.access_days),
            access_entries: ACCESS_ENTRIES,
            audit_before: policy.audit_days.map(ago),
            sheets_before: policy.sheets_days.map(ago),
        };
        Ok(self.maintenance().prune(&self.attribution(now), &limits).await?)
    }

    /// Removes everything that names a client: from the imported roster, mapping decisions, alerts, source clients,
    /// observations, overrides and manual scores, saved inputs of sheets, the access log's paths and the audit log's
    /// details. A client that has left the roster is known by its decisions, overrides, manual scores and alerts.
    ///
    /// # Errors
    /// [`EngineError`] if nobody of this id is known, a provider is being synced, or the store fails; then nothing was
    /// erased.
    pub async fn erase_client(&self, id: &str, now: Instant) -> Result<ErasureReport, EngineError> {
        // Locks first: no sync may bring anything between finding what names the client and erasing it.
        let names: BTreeSet<ProviderName> =
            self.maintenance().scopes().await?.into_iter().map(|scope| scope.provider).collect();
        let mut locked = Vec::with_capacity(names.len());
        let erased = async {
            for name in &names {
                locked.push(self.lock(name, now, &CancellationToken::new()).await?);
            }
            let roster = self.roster().await?;
            let (erasure, report) = self.what_to_erase(&roster, id).await?;
            let erased = self.maintenance().erase(&self.attribution(now), &erasure).await?;
            Ok(ErasureReport { erased, ..report })
        }
        .await;
        for lock in locked {
            lock.release().await;
        }
        erased
    }

    /// Stops skipping an erased client's records at every sync; returns how many ids and names at the sources were
    /// skipped. Nothing is restored by that: the next full sync pulls what the sources still have, and overrides and
    /// manual scores have to be set again.
    ///
    /// # Errors
    /// [`EngineError::NotErased`] if no erasure of this id is on record, [`EngineError::Store`] if the store fails; then
    /// nothing was changed.
    pub async fn restore_client(&self, id: &str, now: Instant) -> Result<u64, EngineError> {
        let not_erased = || EngineError::NotErased(id.to_owned());
        let client = ClientId::new(id).map_err(|_| not_erased())?;
        self.apply(UserChange::RestoreClient(client), now).await?.ok_or_else(not_erased)
    }

    async fn what_to_erase(&self, roster: &Roster, id: &str) -> Result<(Erasure, ErasureReport), EngineError> {
        let found = find_client(&roster.clients, id);
        let mut serves: BTreeMap<ErasedSource, BTreeSet<ClientId>> = BTreeMap::new();
        // A client that has left the roster is known by what persons decided and entered, and what was told of it.
        let told = |record: &AlertRecord| record.alert.target.client.as_ref().is_some_and(|it| it.as_str() == id);
        let mut known = self.sheet_store().entries(true).await?.iter().any(|entry| entry.client.as_str() == id)
            || self.alert_store().alerts(true, u32::MAX).await?.iter().any(told);
        for scope in self.maintenance().scopes().await? {
            let ProviderData { source_clients: sources, decisions, .. } =
                self.sheet_store().provider_data(&scope).await?;
            known |= decisions.iter().any(|decision| decision.client.as_str() == id);
            let own = roster.own.as_ref() == Some(&scope.provider);
            for (source, clients) in served(roster, &sources, &decisions, own) {
                let source = ErasedSource { provider: scope.provider.clone(), source };
                serves.entry(source).or_default().extend(clients);
            }
        }
        let (client, names) = match found {
            Ok(client) => (client.id.clone(), names(client)),
            Err(error) => match ClientId::new(id) {
                Ok(client) if known => (client, Vec::new()),
                _ => return Err(error),
            },
        };
        let its = serves.into_iter().filter(|(_, clients)| clients.contains(&client));
        let (sources, shared): (Vec<_>, Vec<_>) = its.partition(|(_, clients)| clients.len() == 1);
        let alone = |sources: Vec<(ErasedSource, _)>| sources.into_iter().map(|(source, _)| source).collect::<Vec<_>>();
        let (sources, shared) = (alone(sources), alone(shared));
        let in_roster_file =
            matches!(&self.roster_source, RosterSource::Given(clients) if clients.iter().any(|c| c.id == client));
        let of_store = sources.iter().map(|source| (source.provider.clone(), source.source.to_string())).collect();
        let report = ErasureReport { erased: Erased::default(), sources, shared, in_roster_file };
        Ok((Erasure { client, names, sources: of_store }, report))
    }
}

/// Whom each source client serves, inactive clients and clients that have left the roster among them.
fn served(
    roster: &Roster,
    sources: &[SourceClient],
    decisions: &[Decision],
    own: bool,
) -> BTreeMap<SourceId, BTreeSet<ClientId>> {
    let mut served: BTreeMap<SourceId, BTreeSet<ClientId>> = BTreeMap::new();
    // Inactive clients are looked for after the active ones, as everywhere: what serves an active one is not theirs.
    for active in [true, false] {
        let clients: Vec<Client> = roster
            .clients
            .iter()
            .filter(|client| client.active == active)
            .map(|client| Client { active: true, ..client.clone() })
            .collect();
        let free: Vec<SourceClient> =
            sources.iter().filter(|source| !served.contains_key(&source.id)).cloned().collect();
        for (client, outcome) in mapping::map(&clients, &free, decisions, own).clients {
            if let ClientMapping::Mapped(links) = outcome {
                for link in links {
                    served.entry(link.source).or_default().insert(client.clone());
                }
            }
        }
    }
    for decision in decisions.iter().filter(|decision| decision.verdict == Verdict::Same) {
        served.entry(decision.source.clone()).or_default().insert(decision.client.clone());
    }
    served
}

/// All that a client is called.
fn names(client: &Client) -> Vec<String> {
    let mut names = vec![client.name.clone()];
    names.extend(client.aliases.iter().chain(&client.domains).cloned());
    names
}
