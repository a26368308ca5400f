//! Whether what is stored is what the sources have: clients chosen at random are pulled again and scored.

use std::{collections::BTreeMap, sync::Arc};

use scoresheet_domain::{
    ClientId, Digest, Failure, Instant, MetricId, ProviderName, Sample, Samples, sheet::Scoresheet, trend::TrendPolicy,
};
use tokio_util::sync::CancellationToken;

use crate::{
    definition::{ProviderInstance, SheetDefinition},
    engine::{Engine, Roster},
    error::EngineError,
    mapping::ProviderMapping,
    memory_pull::Pulled,
    ports::{ClientSamples, Provider, RunContext},
    sheet::{GenerateRequest, SheetInputs, compute, kinds_in_use},
};

/// One metric of one client, as it is stored and as its source has it.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct ScoreAudit {
    /// The client.
    pub client: ClientId,
    /// The sheet's id of the metric.
    pub metric: MetricId,
    /// The provider.
    pub provider: ProviderName,
    /// Where the window ends that was compared: when the provider was last synced.
    pub as_of: Instant,
    /// The figure from what is stored.
    pub stored: Option<f64>,
    /// The figure from what the source has now.
    pub source: Option<f64>,
    /// Whether both are the same, to the last bit; null where the source could not be asked.
    pub same: Option<bool>,
    /// What was seen, in words.
    pub detail: String,
}

impl Engine {
    /// Fetches `sample` mapped clients of each provider again and compares every figure with the stored one. Which
    /// clients changes from day to day. Writes nothing to the store.
    ///
    /// # Errors
    /// [`EngineError`] where nothing could be compared; that a source fails is in the result.
    pub async fn audit_scores(
        &self,
        sample: usize,
        now: Instant,
        cancel: &CancellationToken,
    ) -> Result<Vec<ScoreAudit>, EngineError> {
        let roster = self.roster().await?;
        let mut audits = Vec::new();
        for (name, instance) in &self.providers {
            audits.extend(self.audit_provider(name, instance, &roster, sample, now, cancel).await?);
        }
        Ok(audits)
    }

    async fn audit_provider(
        &self,
        name: &ProviderName,
        instance: &ProviderInstance,
        roster: &Roster,
        sample: usize,
        now: Instant,
        cancel: &CancellationToken,
    ) -> Result<Vec<ScoreAudit>, EngineError> {
        let data = self.sheet_store().provider_data(&instance.scope).await?;
        let Some(synced) = data.sync.last_success else { return Ok(Vec::new()) };
        // A sheet of this provider's metrics alone, without trends.
        let metrics = self.sheet.metrics.iter().filter(|metric| metric.provider() == Some(name)).cloned().collect();
        let trend = TrendPolicy { months: 0, ..self.sheet.trend };
        let sheet = SheetDefinition { metrics, trend, ..self.sheet.clone() };
        let request = GenerateRequest::all(synced);
        let stored = SheetInputs::load(self.sheet_store(), &sheet, &self.providers, roster, &request).await?;
        let mapping = ProviderMapping::new(name, instance, data, roster);
        let mut clients: Vec<&ClientId> = stored.clients().filter(|id| !mapping.sources_of(id).is_empty()).collect();
        // At random, but the same all day: a second look sees the same clients.
        clients.sort_by_key(|client| Digest::of(format!("{client}{}", now.floor_day())));
        let chosen: Vec<ClientId> = clients.into_iter().take(sample).cloned().collect();
        if chosen.is_empty() || sheet.metrics.is_empty() {
            return Ok(Vec::new());
        }
        let run = RunContext { now, cancel: cancel.clone() };
        let kinds = kinds_in_use(&sheet, name, instance.provider.description());
        let pulled = instance.pull_window(&run, &kinds, stored.span(name)).await;
        if cancel.is_cancelled() {
            return Err(EngineError::Cancelled);
        }
        let mut fresh = stored.clone();
        let pulled = pulled.map(|pulled| fresh.replace_samples(name, &mapping, by_client(pulled)));
        let providers = BTreeMap::from([(name.clone(), Arc::clone(&instance.provider))]);
        let before = figures(stored, &providers, cancel).await?;
        let after = figures(fresh, &providers, cancel).await?;
        let mut audits = Vec::new();
        let rows = before.clients.iter().zip(&after.clients).map(|rows| (&rows.0.id, rows));
        let rows: BTreeMap<_, _> = rows.collect();
        for client in &chosen {
            let (row, source) = rows[client];
            for (metric, (stored, source)) in sheet.metrics.iter().zip(row.metrics.iter().zip(&source.metrics)) {
                if metric.applies_to(row.kind.as_deref()) {
                    let outcome = pulled.clone().map(|()| source.value);
                    audits.push(compare(client, &metric.id, name, synced, stored.value, outcome));
                }
            }
        }
        Ok(audits)
    }
}

async fn figures(
    inputs: SheetInputs,
    providers: &BTreeMap<ProviderName, Arc<dyn Provider>>,
    cancel: &CancellationToken,
) -> Result<Scoresheet, EngineError> {
    compute(&Arc::new(inputs), providers, cancel).await
}

fn by_client(pulled: Pulled) -> Vec<ClientSamples> {
    let mut clients = BTreeMap::<_, Samples>::new();
    for observation in pulled.observations {
        let (at, until) = (observation.when.start(), observation.when.until());
        let sample = Sample { at, until, value: observation.value, kind: observation.kind };
        clients.entry(observation.client).or_default().push(sample);
    }
    clients.into_iter().map(|(client, samples)| ClientSamples { client, samples }).collect()
}

fn compare(
    client: &ClientId,
    metric: &MetricId,
    provider: &ProviderName,
    as_of: Instant,
    stored: Option<f64>,
    source: Result<Option<f64>, Failure>,
) -> ScoreAudit {
    let figure = |value: Option<f64>| value.map_or_else(|| "no figure".to_owned(), |value| value.to_string());
    let (source, same, detail) = match source {
        Err(failure) => (None, None, format!("the source could not be asked: {failure}")),
        Ok(source) => {
            let same = source.map(f64::to_bits) == stored.map(f64::to_bits);
            let detail = if same {
                format!("{} at the source too", figure(source))
            } else {
                format!(
                    "{} is stored, {} at the source now: 'scoresheet sync --provider {provider} --full' brings it over",
                    figure(stored),
                    figure(source)
                )
            };
            (source, Some(same), detail)
        }
    };
    ScoreAudit {
        client: client.clone(),
        metric: metric.clone(),
        provider: provider.clone(),
        as_of,
        stored,
        source,
        same,
        detail,
    }
}
