//! A sheet and all that it was made from, so that it can be made again.

use std::{collections::BTreeMap, sync::Arc};

use scoresheet_domain::{Digest, Instant, ProviderName, sheet::Scoresheet};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::{
    definition::{ProviderInstance, Providers, RosterSource, SheetDefinition},
    engine::Engine,
    error::EngineError,
    generate::GenerateRequest,
    ports::{Facts, KeptFacts, KeptSheet, Provider, Recording, Scope},
};

/// All that a sheet was made from, but for the components' bytes, which are named by their digests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SheetInputs {
    as_of: Instant,
    lookback_days: Option<u32>,
    client: Option<String>,
    sheet: SheetDefinition,
    roster: RosterSource,
    providers: BTreeMap<ProviderName, KeptProvider>,
    facts: KeptFacts,
}

/// A provider, as it was set up when a sheet was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptProvider {
    /// The digest of the component's bytes.
    pub component: Digest,
    settings: serde_json::Value,
    credential: Option<String>,
    scope: Scope,
}

impl SheetInputs {
    /// The providers, by name.
    #[must_use]
    pub const fn providers(&self) -> &BTreeMap<ProviderName, KeptProvider> {
        &self.providers
    }

    /// The earliest instant that they reach back to.
    #[must_use]
    pub fn since(&self) -> Instant {
        self.facts.since().unwrap_or(self.as_of)
    }
}

impl Engine {
    /// Computes the sheet as [`Engine::generate`] does, and gives all that it was made from.
    ///
    /// # Errors
    /// As [`Engine::generate`].
    pub async fn generate_with_inputs(
        &self,
        request: &GenerateRequest,
        cancel: &CancellationToken,
    ) -> Result<(Scoresheet, SheetInputs), EngineError> {
        let recording = Arc::new(Recording::of(Arc::clone(&self.facts)));
        let sheet =
            self.clone().reading_from(Arc::clone(&recording) as Arc<dyn Facts>).generate(request, cancel).await?;
        let used = self.providers.iter().filter(|(name, _)| {
            let own = self.roster_source == RosterSource::StoredOr(Some((*name).clone()));
            own || self.sheet.metrics.iter().any(|metric| metric.provider() == Some(name))
        });
        let kept = |instance: &ProviderInstance| KeptProvider {
            component: instance.provider.digest(),
            settings: instance.settings.clone(),
            credential: instance.credential.clone(),
            scope: instance.scope.clone(),
        };
        let inputs = SheetInputs {
            as_of: request.as_of,
            lookback_days: request.lookback_days,
            client: request.client.clone(),
            sheet: self.sheet.clone(),
            roster: self.roster_source.clone(),
            providers: used.map(|(name, instance)| (name.clone(), kept(instance))).collect(),
            facts: recording.take(),
        };
        Ok((sheet, inputs))
    }

    /// Keeps a sheet and the components it was made with; one that is kept already stays as it is.
    ///
    /// # Errors
    /// [`EngineError::Store`], then nothing was kept.
    pub async fn keep_sheet(&self, sheet: &KeptSheet, components: &[(Digest, Vec<u8>)]) -> Result<(), EngineError> {
        self.store.keep_sheet(sheet, components).await?;
        Ok(())
    }

    /// Makes a sheet again from what it was made from. `components` gives each provider, from the component of the
    /// digest that its inputs name; only its `describe` and `score` are called.
    ///
    /// # Errors
    /// [`EngineError`] where these inputs make no sheet any more.
    pub async fn replay(
        &self,
        inputs: SheetInputs,
        components: &BTreeMap<ProviderName, Arc<dyn Provider>>,
        cancel: &CancellationToken,
    ) -> Result<Scoresheet, EngineError> {
        let mut providers = Providers::new();
        for (name, kept) in inputs.providers {
            let provider = components.get(&name).ok_or_else(|| EngineError::UnknownProvider {
                name: name.to_string(),
                known: components.keys().cloned().collect(),
            })?;
            let instance = ProviderInstance {
                provider: Arc::clone(provider),
                settings: kept.settings,
                credential: kept.credential,
                requests_per_minute: None,
                scope: kept.scope,
            };
            providers.insert(name, instance);
        }
        let then = Self { providers, sheet: inputs.sheet, roster_source: inputs.roster, ..self.clone() };
        let request = GenerateRequest {
            now: inputs.as_of,
            as_of: inputs.as_of,
            lookback_days: inputs.lookback_days,
            client: inputs.client,
        };
        then.reading_from(Arc::new(inputs.facts)).generate(&request, cancel).await
    }
}
