//! Sheets: [`SheetInputs::load`] reads everything that one needs, [`compute`](compute::compute) computes it from that
//! value alone. Saved inputs computed again give the same sheet.

mod cells;
mod compute;
mod coverage;
mod finish;
mod inputs;
mod past;
mod problems;
mod resolver;
mod score;

use std::{collections::BTreeMap, sync::Arc};

use scoresheet_domain::{ClientId, Instant, ProviderName, sheet::Scoresheet};
use tokio_util::sync::CancellationToken;

pub use self::inputs::SheetInputs;
pub(crate) use self::{compute::compute, inputs::kinds_in_use};
use crate::{
    engine::Engine,
    error::EngineError,
    ports::{Provider, SavedSheet},
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
    /// [`EngineError`] if there can be no sheet: an unknown client, a future `as_of`, a store
    /// that fails. What a provider fails at is on the sheet.
    pub async fn generate(
        &self,
        request: &GenerateRequest,
        cancel: &CancellationToken,
    ) -> Result<Scoresheet, EngineError> {
        Ok(self.generate_with_inputs(request, cancel).await?.0)
    }

    /// Computes the sheet as [`Engine::generate`] does, and returns its inputs with it.
    ///
    /// # Errors
    /// As [`Engine::generate`].
    #[tracing::instrument(name = "generate", skip_all, fields(as_of = %request.as_of))]
    pub async fn generate_with_inputs(
        &self,
        request: &GenerateRequest,
        cancel: &CancellationToken,
    ) -> Result<(Scoresheet, Arc<SheetInputs>), EngineError> {
        if request.as_of > request.now {
            return Err(EngineError::Future { as_of: request.as_of, now: request.now });
        }
        let store = self.sheet_store();
        let roster = self.roster().await?;
        let inputs = Arc::new(SheetInputs::load(store, &self.sheet, &self.providers, &roster, request).await?);
        let providers = self.providers.iter().map(|(name, it)| (name.clone(), Arc::clone(&it.provider))).collect();
        let sheet = compute(&inputs, &providers, cancel).await?;
        Ok((sheet, inputs))
    }

    /// Computes a sheet again from its saved inputs. `components` has each of [`SheetInputs::components`], configured
    /// with its settings; only `score` is called.
    ///
    /// # Errors
    /// [`EngineError`] if a component is missing or the caller gave up.
    pub async fn recompute(
        &self,
        inputs: SheetInputs,
        components: &BTreeMap<ProviderName, Arc<dyn Provider>>,
        cancel: &CancellationToken,
    ) -> Result<Scoresheet, EngineError> {
        compute(&Arc::new(inputs), components, cancel).await
    }

    /// Saves a sheet; one that is saved already stays as it is.
    ///
    /// # Errors
    /// [`EngineError::Store`], then nothing was saved.
    pub async fn save_sheet(&self, sheet: &SavedSheet) -> Result<(), EngineError> {
        let store = self.sheet_store();
        store.save_sheet(sheet).await?;
        Ok(())
    }
}

/// The position of every client, by id.
fn positions(clients: &[scoresheet_domain::Client]) -> std::collections::HashMap<&ClientId, usize> {
    clients.iter().enumerate().map(|(at, client)| (&client.id, at)).collect()
}
