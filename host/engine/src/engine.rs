//! The engine: a store, providers and a sheet, put together.

use std::sync::Arc;

use scoresheet_domain::{Client, ClientId, ProviderName, Window, time::Instant};

use crate::{
    definition::{ProviderInstance, Providers, RetentionPolicy, RosterSource, SheetDefinition, SyncPolicy},
    error::{EngineError, closest},
    ports::{Attribution, PostSyncHook, SheetStore, Store, UserChange, UserStore},
};

/// All use cases over one store and one sheet. Cheap to share; every method takes `&self`.
#[derive(Clone)]
pub struct Engine {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) providers: Providers,
    pub(crate) sheet: SheetDefinition,
    pub(crate) roster_source: RosterSource,
    pub(crate) policy: SyncPolicy,
    /// The host's name, for the audit log.
    pub(crate) host: String,
    /// For whom it acts.
    pub(crate) user: String,
    pub(crate) retention: RetentionPolicy,
    pub(crate) hook: Option<Arc<dyn PostSyncHook>>,
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
    /// The host's name, for the audit log.
    pub host: String,
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
            store: parts.store,
            providers: parts.providers,
            sheet: parts.sheet,
            roster_source: parts.roster,
            policy: parts.policy,
            host: parts.host,
            user: "unknown".to_owned(),
            retention: RetentionPolicy::default(),
            hook: None,
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

    /// The same engine, running a hook at the end of every sync and check.
    #[must_use]
    pub fn with_hook(mut self, hook: Arc<dyn PostSyncHook>) -> Self {
        self.hook = Some(hook);
        self
    }

    /// The user it acts for, for the audit log.
    pub(crate) fn attribution(&self, now: Instant) -> Attribution {
        Attribution { actor: format!("{}@{}", self.user, self.host), at: now }
    }

    pub(crate) fn sheet_store(&self) -> &dyn SheetStore {
        &*self.store
    }

    /// Makes a user's change.
    pub(crate) async fn apply(&self, change: UserChange, now: Instant) -> Result<Option<u64>, EngineError> {
        let store: &dyn UserStore = &*self.store;
        Ok(store.apply(&self.attribution(now), &change).await?)
    }

    /// The store.
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
                let stored = self.sheet_store().roster().await?;
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
        let sources = self.sheet_store().provider_data(&instance.scope).await?.source_clients;
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

    /// The provider of this name, or all.
    pub(crate) fn chosen(&self, name: Option<&str>) -> Result<Vec<(&ProviderName, &ProviderInstance)>, EngineError> {
        match name {
            Some(name) => Ok(vec![self.provider(name)?]),
            None => Ok(self.providers.iter().collect()),
        }
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
