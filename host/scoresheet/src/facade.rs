//! What an embedder calls: the use cases, with the clock and the roster's file filled in.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use scoresheet_domain::{
    Digest, Instant,
    mapping::{Decision, Verdict},
    roster,
    sheet::Scoresheet,
};
use scoresheet_engine::{
    ClientCheck, ConnectionCheck, EngineError, GenerateRequest, MappingOverview, Progress, Roster, SyncReport,
    SyncRequest,
};
use scoresheet_runtime::Runtime;
use tokio_util::sync::CancellationToken;

use crate::{clock::Clock, error::OpenError, info::ProviderInfo};

/// An engine that is ready to work: configuration, providers, store. Cheap to share; every method takes `&self`.
pub struct Engine {
    pub(crate) inner: scoresheet_engine::Engine,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) infos: Vec<ProviderInfo>,
    pub(crate) roster_file: Option<PathBuf>,
    /// What loads the components of a sheet that is made again.
    pub(crate) runtime: Runtime,
    /// The bytes of the configured providers' components, to be kept with the sheets they make.
    pub(crate) components: BTreeMap<Digest, Arc<[u8]>>,
    pub(crate) alerting: crate::alerting::Alerting,
}

/// What to sync. The default: every provider, every client, what a sheet as of now needs.
#[derive(Clone, Debug, Default)]
pub struct SyncOptions {
    /// Only this provider.
    pub provider: Option<String>,
    /// Everything anew; what the sources no longer have goes.
    pub full: bool,
    /// Where the windows of the sheet to be made end, where that is not now.
    pub as_of: Option<Instant>,
    /// Instead of every metric's own lookback, in days.
    pub lookback_days: Option<u32>,
}

/// Which sheet. The default: every client, as of now.
#[derive(Clone, Debug, Default)]
pub struct SheetOptions {
    /// Only this client's row.
    pub client: Option<String>,
    /// Where every metric's window ends, where that is not now.
    pub as_of: Option<Instant>,
    /// Instead of every metric's own lookback, in days.
    pub lookback_days: Option<u32>,
}

/// What an import kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RosterReport {
    /// How many clients.
    pub clients: usize,
    /// How many of them are active.
    pub active: usize,
}

impl Engine {
    /// The current time, to the second.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.clock.now().floor_second()
    }

    /// Pulls what is new from the sources into the store. A provider's failure is in the report, and stops no other.
    ///
    /// # Errors
    /// [`EngineError`] where nothing was done: an unknown name, a store that is in use or fails.
    pub async fn sync(
        &self,
        options: &SyncOptions,
        progress: Progress<'_>,
        cancel: &CancellationToken,
    ) -> Result<SyncReport, EngineError> {
        let now = self.now();
        let request = SyncRequest {
            now,
            as_of: options.as_of.unwrap_or(now),
            lookback_days: options.lookback_days,
            provider: options.provider.clone(),
            full: options.full,
        };
        self.inner.sync(&request, progress, cancel).await
    }

    /// Computes the sheet from what is stored. Asks no source, writes nothing.
    ///
    /// # Errors
    /// [`EngineError`] where there can be no sheet; what a provider fails at is on the sheet.
    pub async fn generate(
        &self,
        options: &SheetOptions,
        cancel: &CancellationToken,
    ) -> Result<Scoresheet, EngineError> {
        self.inner.generate(&self.request(options), cancel).await
    }

    pub(crate) fn request(&self, options: &SheetOptions) -> GenerateRequest {
        let now = self.now();
        GenerateRequest {
            now,
            as_of: options.as_of.unwrap_or(now),
            lookback_days: options.lookback_days,
            client: options.client.clone(),
        }
    }

    /// Tests one provider's connection, or all.
    ///
    /// # Errors
    /// [`EngineError::UnknownProvider`]; a connection that fails is in the result.
    pub async fn check(
        &self,
        provider: Option<&str>,
        cancel: &CancellationToken,
    ) -> Result<Vec<ConnectionCheck>, EngineError> {
        self.inner.check(provider, self.now(), cancel).await
    }

    /// Looks up what one provider's source, or each, has for one client of the roster or of the source, by id or name.
    ///
    /// # Errors
    /// [`EngineError::UnknownProvider`], [`EngineError::UnknownClient`]; a source that fails is in the result.
    pub async fn check_client(
        &self,
        client: &str,
        provider: Option<&str>,
        cancel: &CancellationToken,
    ) -> Result<Vec<ClientCheck>, EngineError> {
        self.inner.check_client(client, provider, self.now(), cancel).await
    }

    /// The roster as it stands.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn roster(&self) -> Result<Roster, EngineError> {
        self.inner.roster().await
    }

    /// Every provider's clients against the roster.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn mapping(&self) -> Result<MappingOverview, EngineError> {
        self.inner.mapping().await
    }

    /// Keeps a person's word on whether a client and a source client are the same.
    ///
    /// # Errors
    /// [`EngineError`]; then nothing was decided.
    pub async fn decide(
        &self,
        client: &str,
        provider: &str,
        source: &str,
        verdict: Verdict,
    ) -> Result<Decision, EngineError> {
        self.inner.decide(client, provider, source, verdict, self.now()).await
    }

    /// Forgets a client's decisions, at one provider or at all; gives how many there were.
    ///
    /// # Errors
    /// [`EngineError`]; then nothing was forgotten.
    pub async fn clear_decisions(&self, client: &str, provider: Option<&str>) -> Result<u64, EngineError> {
        self.inner.clear_decisions(client, provider, self.now()).await
    }

    /// Keeps a roster (CSV) in the store, in the place of the former. `name` is what errors call it.
    ///
    /// # Errors
    /// [`OpenError::Roster`] with every line that is wrong, [`OpenError::Engine`] where the store is in use or
    /// fails; then the former stands.
    pub async fn import_roster(&self, name: &str, csv: &[u8]) -> Result<RosterReport, OpenError> {
        let clients = roster::parse(csv).map_err(|problems| OpenError::Roster { name: name.to_owned(), problems })?;
        self.inner.import_roster(&clients, self.now()).await?;
        let active = clients.iter().filter(|client| client.active).count();
        Ok(RosterReport { clients: clients.len(), active })
    }

    /// The file that the configuration reads the roster from, where it does.
    #[must_use]
    pub fn roster_file(&self) -> Option<&std::path::Path> {
        self.roster_file.as_deref()
    }

    /// Every configured provider, by name.
    #[must_use]
    pub fn provider_infos(&self) -> &[ProviderInfo] {
        &self.infos
    }
}
