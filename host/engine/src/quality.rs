//! How good a provider's data is: what was pulled, what of it counts, for whom there is any, and how fresh it is.

use std::collections::{BTreeMap, HashSet};

use scoresheet_domain::{Instant, ProviderName, Window, time::DAY_MS};

use crate::{
    definition::ProviderInstance,
    engine::{Engine, Roster},
    error::EngineError,
    mapping::{ClientMapping, ProviderMapping},
    ports::ClientSamples,
};

/// So far back it looks for the last observation.
const LOOKS_BACK_DAYS: i64 = 365;

/// One provider's data.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct DataQuality {
    /// How many days the figures below look back: as far as the sheet's longest metric of this provider.
    pub days: u32,
    /// Observations that count, in those days.
    pub observations: u64,
    /// Rejected records, in those days, by reason.
    pub rejected: BTreeMap<String, u64>,
    /// Active clients with an observation in those days.
    pub clients_with_data: usize,
    /// Active clients that are mapped and have none.
    pub clients_without_data: usize,
    /// Active clients that the provider does not know, or knows several times.
    pub clients_unmapped: usize,
    /// The source's clients that serve nobody.
    pub sources_unmapped: usize,
    /// Observations in those days that belong to nobody on the sheet.
    pub observations_unmapped: u64,
    /// When the last observation of the last 365 days was made; null where there is none.
    pub last_observation: Option<Instant>,
    /// For how many whole days nothing new has come; null where nothing ever came in 365 days.
    pub days_without_new: Option<i64>,
    /// For how many hours nothing has been synced; null where nothing ever was.
    pub hours_since_sync: Option<i64>,
}

impl Engine {
    /// How good each provider's data is, by provider.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn quality(&self, now: Instant) -> Result<BTreeMap<ProviderName, DataQuality>, EngineError> {
        let roster = self.roster().await?;
        let mut all = BTreeMap::new();
        for (name, instance) in &self.providers {
            all.insert(name.clone(), self.quality_of(name, instance, &roster, now).await?);
        }
        Ok(all)
    }

    async fn quality_of(
        &self,
        name: &ProviderName,
        instance: &ProviderInstance,
        roster: &Roster,
        now: Instant,
    ) -> Result<DataQuality, EngineError> {
        let window = self.longest_window(name, now, None);
        let data = self.sheet_store().provider_data(&instance.scope).await?;
        let last_success = data.sync.last_success;
        let mapping = ProviderMapping::new(name, instance, data, roster);
        let year = Window { start: window.start.min(now.plus_days(-LOOKS_BACK_DAYS)), end: now };
        let kinds = &instance.provider.description().kinds;
        let samples = self.sheet_store().samples(&instance.scope, year, kinds, None).await?;
        let mut rejected: BTreeMap<String, u64> = BTreeMap::new();
        for rejection in self.sheet_store().rejections(&instance.scope, window).await? {
            *rejected.entry(rejection.reason).or_default() += rejection.count;
        }
        let found = Found::new(&samples, &mapping, window);
        let last_observation = samples.iter().flat_map(|client| client.samples.at.iter().copied()).max();
        let since = |at: Instant, unit: i64| (now.millis() - at.millis()).max(0) / unit;
        let mapped = |outcome: &&ClientMapping| matches!(outcome, ClientMapping::Mapped(_));
        let mapped = mapping.mapping.clients.values().filter(mapped).count();
        Ok(DataQuality {
            days: u32::try_from((window.end.millis() - window.start.millis()) / DAY_MS).unwrap_or(u32::MAX),
            observations: found.observations,
            rejected,
            clients_with_data: found.clients,
            clients_without_data: mapped - found.clients,
            clients_unmapped: mapping.mapping.clients.len() - mapped,
            sources_unmapped: mapping.mapping.unmapped_sources.len(),
            observations_unmapped: found.of_nobody,
            last_observation,
            days_without_new: last_observation.map(|at| since(at, DAY_MS)),
            hours_since_sync: last_success.map(|at| since(at, 3_600_000)),
        })
    }
}

/// Whose the observations of a window are.
#[derive(Default)]
struct Found {
    observations: u64,
    of_nobody: u64,
    clients: usize,
}

impl Found {
    fn new(samples: &[ClientSamples], mapping: &ProviderMapping, window: Window) -> Self {
        let (by_source, names) = (mapping.clients_by_source(), mapping.source_names());
        let mut found = Self::default();
        let mut clients = HashSet::new();
        for ClientSamples { client, samples } in samples {
            let count = samples.iter().filter(|sample| sample.touches(window)).count() as u64;
            if count == 0 {
                continue;
            }
            found.observations += count;
            let source = names.find(client);
            match source.and_then(|source| by_source.get(source)) {
                Some(served) => clients.extend(served.iter().copied()),
                None if source.is_some_and(|source| mapping.idle.contains(source)) => {}
                None => found.of_nobody += count,
            }
        }
        found.clients = clients.len();
        found
    }
}
