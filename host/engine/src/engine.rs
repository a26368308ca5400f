//! The engine: a store, providers and a sheet, put together.

use std::sync::Arc;

use scoresheet_domain::{Client, ClientId, ProviderName, Window, time::Instant};

use crate::{
    definition::{ProviderInstance, Providers, RetentionPolicy, RosterSource, SheetDefinition, SyncPolicy},
    error::{EngineError, closest},
    ports::{Attendant, Attribution, Facts, Store},
};

/// Who this process is, for the lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The host's name.
    pub host: String,
    /// The process on that host.
    pub pid: u32,
}

/// All use cases over one store and one sheet. Cheap to share; every method takes `&self`.
#[derive(Clone)]
pub struct Engine {
    pub(crate) store: Arc<dyn Store>,
    /// What sheets are made of: the store's, or what was read for a sheet that is made again.
    pub(crate) facts: Arc<dyn Facts>,
    pub(crate) providers: Providers,
    pub(crate) sheet: SheetDefinition,
    pub(crate) roster_source: RosterSource,
    pub(crate) policy: SyncPolicy,
    pub(crate) identity: Identity,
    /// For whom it acts.
    pub(crate) user: String,
    pub(crate) retention: RetentionPolicy,
    pub(crate) attendant: Option<Arc<dyn Attendant>>,
}

/// What an engine is made of.
pub struct Parts {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// The providers; every provider that the sheet names is among them.
    pub providers: Providers,
    /// The sheet.
    pub sheet: SheetDefinition,
    /// Where the roster comes from.
    pub roster: RosterSource,
    /// How much a sync pulls.
    pub policy: SyncPolicy,
    /// Who this process is.
    pub identity: Identity,
}

/// The roster, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roster {
    /// Active and inactive clients, by id.
    pub clients: Vec<Client>,
    /// The provider whose clients these are, where the roster was taken from a source.
    pub own: Option<ProviderName>,
}

impl Engine {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self {
            facts: Arc::clone(&parts.store) as Arc<dyn Facts>,
            store: parts.store,
            providers: parts.providers,
            sheet: parts.sheet,
            roster_source: parts.roster,
            policy: parts.policy,
            identity: parts.identity,
            user: "unknown".to_owned(),
            retention: RetentionPolicy::default(),
            attendant: None,
        }
    }

    /// The same engine, acting for this user: the one to whom the audit log puts down what it changes.
    #[must_use]
    pub fn acting_for(mut self, user: impl Into<String>) -> Self {
        self.user = user.into();
        self
    }

    /// The same engine, removing at the end of every sync what this policy finds too old, instead of the default one.
    ///
    /// # Errors
    /// [`EngineError::Retention`] where the policy keeps less than a metric looks at.
    pub fn retaining(mut self, policy: RetentionPolicy) -> Result<Self, EngineError> {
        self.check_retention(policy)?;
        self.retention = policy;
        Ok(self)
    }

    /// The same engine, with somebody around it who has something to write down at the end of every sync and check.
    #[must_use]
    pub fn attended_by(mut self, attendant: Arc<dyn Attendant>) -> Self {
        self.attendant = Some(attendant);
        self
    }

    /// The same engine, making sheets of these facts instead of the store's.
    #[must_use]
    pub fn reading_from(mut self, facts: Arc<dyn Facts>) -> Self {
        self.facts = facts;
        self
    }

    /// The user it acts for, for the audit log.
    pub(crate) fn attribution(&self, now: Instant) -> Attribution {
        Attribution { actor: format!("{}@{}", self.user, self.identity.host), at: now }
    }

    /// The store: its audit log, its books and what is left of what was pruned.
    #[must_use]
    pub const fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The sheet's definition.
    #[must_use]
    pub const fn sheet(&self) -> &SheetDefinition {
        &self.sheet
    }

    /// The providers, by name.
    #[must_use]
    pub const fn providers(&self) -> &Providers {
        &self.providers
    }

    /// The roster as it stands now.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn roster(&self) -> Result<Roster, EngineError> {
        let (mut clients, own) = match &self.roster_source {
            RosterSource::Given(clients) => (clients.clone(), None),
            RosterSource::StoredOr(provider) => {
                let stored = self.facts.roster().await?;
                match provider {
                    Some(provider) if stored.is_empty() => (self.own_clients(provider).await?, Some(provider.clone())),
                    _ => (stored, None),
                }
            }
        };
        clients.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(Roster { clients, own })
    }

    /// A source's own clients as a roster: their ids serve as client ids.
    async fn own_clients(&self, provider: &ProviderName) -> Result<Vec<Client>, EngineError> {
        let instance = self.provider(provider.as_str())?.1;
        let sources = self.facts.source_clients(&instance.scope).await?;
        Ok(sources
            .into_iter()
            .filter_map(|source| {
                // Both kinds of id hold to the same rules, so none is lost here.
                let id = ClientId::new(source.id.as_str()).ok()?;
                Some(Client {
                    id,
                    name: source.name,
                    kind: None,
                    active: source.active,
                    domains: source.domains,
                    aliases: Vec::new(),
                    attributes: Vec::new(),
                })
            })
            .collect())
    }

    /// The provider of this name, with the name as it is kept.
    ///
    /// # Errors
    /// [`EngineError::UnknownProvider`] with those that there are.
    pub fn provider(&self, name: &str) -> Result<(&ProviderName, &ProviderInstance), EngineError> {
        self.providers.get_key_value(name).ok_or_else(|| EngineError::UnknownProvider {
            name: name.to_owned(),
            known: self.providers.keys().cloned().collect(),
        })
    }

    /// The window of the longest lookback that the sheet asks of a provider.
    pub(crate) fn longest_window(&self, provider: &ProviderName, as_of: Instant, lookback: Option<u32>) -> Window {
        let days = self
            .sheet
            .metrics
            .iter()
            .filter(|metric| metric.provider() == Some(provider))
            .map(|metric| lookback.unwrap_or(metric.lookback_days))
            .max()
            .unwrap_or(0);
        Window::before(as_of, i64::from(days))
    }
}

/// The client of this id, or what looks like it.
pub(crate) fn find_client<'a>(clients: &'a [Client], id: &str) -> Result<&'a Client, EngineError> {
    clients.iter().find(|client| client.id.as_str() == id).ok_or_else(|| EngineError::UnknownClient {
        id: id.to_owned(),
        near: closest(id, clients.iter().map(|client| &client.id)),
    })
}
