//! Saving sheets with their inputs, and computing saved ones again.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use scoresheet_domain::{Digest, Instant, ProviderName, sheet::Scoresheet};
use scoresheet_engine::{EngineError, InputsGone, Provider, SavedSheet, SheetInputs, SheetSummary};
use tokio_util::sync::CancellationToken;

use crate::{Limits, facade::Engine, facade::SheetOptions};

/// A sheet that was made again.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// The sheet's id.
    pub id: String,
    /// The instant at which its windows end.
    pub as_of: Instant,
    /// When it was made first.
    pub made: Instant,
    /// What came of it.
    pub outcome: ReplayOutcome,
}

/// What came of making a sheet again.
#[derive(Clone, Debug)]
pub enum ReplayOutcome {
    /// Byte for byte the same.
    Same(Box<Scoresheet>),
    /// Another: this version of the program makes another sheet of the same.
    Differs(Box<Scoresheet>),
    /// It cannot be made again: what it was made from was removed.
    Gone(InputsGone),
}

/// Why a sheet could not be made again.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// No kept sheet has such an id.
    #[error("no sheet that was kept has the id '{0}'; 'scoresheet replay' lists them")]
    Unknown(String),
    /// Several have.
    #[error("'{0}' is the beginning of more than one sheet's id; give more of it")]
    Several(String),
    /// What was kept cannot be read.
    #[error("what was kept of this sheet cannot be read: {0}")]
    Damaged(String),
    /// A component that it was made with cannot be loaded.
    #[error("the component {digest} of {provider}, which it was made with, cannot be loaded: {reason}")]
    Component {
        /// The provider.
        provider: ProviderName,
        /// The digest of its bytes.
        digest: Digest,
        /// Why.
        reason: String,
    },
    /// A use case failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Of all that the sheet's JSON says; how that is laid out over lines is no part of it.
fn digest(sheet: &Scoresheet) -> Digest {
    Digest::of_json(sheet).expect("a sheet has texts for keys")
}

impl Engine {
    /// Computes the sheet as [`Engine::generate`] does and keeps it in the store with all that it was made from, so
    /// that it can be made again. The sheet is given also where it could not be kept, and why.
    ///
    /// # Errors
    /// As [`Engine::generate`].
    pub async fn generate_and_keep(
        &self,
        options: &SheetOptions,
        cancel: &CancellationToken,
    ) -> Result<(Scoresheet, Result<(), EngineError>), EngineError> {
        let (sheet, inputs) = self.inner.generate_with_inputs(&self.request(options), cancel).await?;
        let kept = self.keep(&sheet, &inputs).await;
        Ok((sheet, kept))
    }

    async fn keep(&self, sheet: &Scoresheet, inputs: &SheetInputs) -> Result<(), EngineError> {
        let used: BTreeSet<Digest> = inputs.components().map(|(_, component, _)| component).collect();
        let bytes = |digest| Some((digest, self.components.get(&digest)?.to_vec()));
        let saved = SavedSheet {
            id: sheet.id.clone(),
            as_of: sheet.as_of,
            made: self.now(),
            json: digest(sheet),
            inputs: Ok(serde_json::to_vec(inputs).map_err(|error| EngineError::Inputs(error.to_string()))?),
            components: used.into_iter().filter_map(bytes).collect(),
            since: inputs.since(),
        };
        self.inner.save_sheet(&saved).await
    }

    /// The sheets that were kept, at most `limit`, the newest first.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn kept_sheets(&self, limit: u32) -> Result<Vec<SheetSummary>, EngineError> {
        Ok(self.inner.store().sheets(limit).await?)
    }

    /// Makes a sheet again from what it was made from, with the components it was made with, and compares. `id` may be
    /// the beginning of an id.
    ///
    /// # Errors
    /// [`ReplayError`]; that what it was made from was removed is an outcome.
    pub async fn replay(&self, id: &str, cancel: &CancellationToken) -> Result<Replayed, ReplayError> {
        let mut found = self.inner.store().find_sheet(id).await.map_err(EngineError::from)?;
        let kept = match (found.pop(), found.is_empty()) {
            (None, _) => return Err(ReplayError::Unknown(id.to_owned())),
            (Some(_), false) => return Err(ReplayError::Several(id.to_owned())),
            (Some(kept), true) => kept,
        };
        let told = |outcome| Replayed { id: kept.id.clone(), as_of: kept.as_of, made: kept.made, outcome };
        let written = match &kept.inputs {
            Ok(written) => written,
            Err(gone) => return Ok(told(ReplayOutcome::Gone(*gone))),
        };
        let inputs: SheetInputs =
            serde_json::from_slice(written).map_err(|error| ReplayError::Damaged(error.to_string()))?;
        let components = self.components_of(&inputs, &kept.components).await?;
        let sheet = Box::new(self.inner.recompute(inputs, &components, cancel).await?);
        let same = digest(&sheet) == kept.json;
        Ok(told(if same { ReplayOutcome::Same(sheet) } else { ReplayOutcome::Differs(sheet) }))
    }

    /// The components that computed a sheet, configured, and without a connection.
    async fn components_of(
        &self,
        inputs: &SheetInputs,
        saved: &BTreeMap<Digest, Vec<u8>>,
    ) -> Result<BTreeMap<ProviderName, Arc<dyn Provider>>, ReplayError> {
        let mut components: BTreeMap<ProviderName, Arc<dyn Provider>> = BTreeMap::new();
        for (name, digest, settings) in inputs.components() {
            let problem = |reason: String| ReplayError::Component { provider: name.clone(), digest, reason };
            let bytes: Arc<[u8]> = match (self.components.get(&digest), saved.get(&digest)) {
                (Some(bytes), _) => Arc::clone(bytes),
                (None, Some(bytes)) => Arc::from(bytes.as_slice()),
                (None, None) => return Err(problem("its bytes were not saved".to_owned())),
            };
            let component = self.runtime.load(bytes).await.map_err(|error| problem(error.to_string()))?;
            let configured = component.configure(settings).await.map_err(|error| problem(error.to_string()))?;
            components.insert(name.clone(), Arc::new(configured.instance(None, Limits::default())));
        }
        Ok(components)
    }
}
