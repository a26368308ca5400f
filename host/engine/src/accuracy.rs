//! Whether stored scores are the source's: a sample of clients is fetched again and scored beside what is stored.

use std::collections::{BTreeMap, HashMap, VecDeque};

use scoresheet_domain::{
    Client, ClientId, ClientRef, Digest, Failure, Instant, MetricId, MetricOutcome, Observation, ProviderName,
    RecordId, Sample, SourceId, Subject, Window, trend::TrendPolicy,
};
use tokio_util::sync::CancellationToken;

use crate::{
    definition::{MetricSource, ProviderInstance, SheetDefinition},
    engine::Engine,
    error::EngineError,
    generate::{GenerateRequest, in_order},
    ports::RunContext,
};

/// A client's answers are no more pages than this; a source that goes on is going round in a circle.
const MOST_PAGES: usize = 100_000;

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
        // Figures are compared, and what they were is not.
        let trend = TrendPolicy { months: 0, ..self.sheet.trend };
        let plain = Self { sheet: SheetDefinition { trend, ..self.sheet.clone() }, ..self.clone() };
        let mut audits = Vec::new();
        for (name, instance) in &self.providers {
            let Some(synced) = self.facts.sync_record(&instance.scope).await?.last_success else { continue };
            let mapping = self.map_provider(name, instance, &roster).await?;
            let mut clients: Vec<(&Client, Vec<SourceId>)> = roster
                .clients
                .iter()
                .map(|client| (client, mapping.sources_of(&client.id)))
                .filter(|(_, sources)| !sources.is_empty())
                .collect();
            // By chance, but the same all day: who looks again sees the same clients.
            clients.sort_by_key(|(client, _)| Digest::of(format!("{}{}", client.id, now.floor_day())));
            let sheet = plain.generate(&GenerateRequest::all(synced), cancel).await?;
            let by_name = mapping.sources_by_name();
            let run = RunContext { now, cancel: cancel.clone() };
            for (client, sources) in clients.into_iter().take(sample) {
                let Some(row) = sheet.clients.iter().find(|row| row.id == client.id) else { continue };
                let mut pulled: Vec<(Window, Result<Vec<Sample>, Failure>)> = Vec::new();
                for (metric, cell) in self.sheet.metrics.iter().zip(&row.metrics) {
                    let MetricSource::Provider { provider, metric: provider_metric, settings } = &metric.source else {
                        continue;
                    };
                    if provider != name || !metric.applies_to(client.kind.as_deref()) {
                        continue;
                    }
                    let window = Window { start: cell.window.from, end: cell.window.until };
                    let again = Again { instance, sources: &sources, by_name: &by_name, window };
                    // Metrics that look at one window are compared with one pull of it.
                    if !pulled.iter().any(|(known, _)| *known == window) {
                        pulled.push((window, again.fetch(&run).await));
                    }
                    let samples = pulled.iter().find(|(known, _)| *known == window).map(|(_, samples)| samples);
                    let outcome = match samples.expect("it was pulled just now") {
                        Ok(samples) => again.score(&run, client, provider_metric, settings, samples).await,
                        Err(failure) => Err(failure.clone()),
                    };
                    if cancel.is_cancelled() {
                        return Err(EngineError::Cancelled);
                    }
                    audits.push(compare(&client.id, &metric.id, name, synced, cell.value, outcome));
                }
            }
        }
        Ok(audits)
    }
}

fn compare(
    client: &ClientId,
    metric: &MetricId,
    provider: &ProviderName,
    as_of: Instant,
    stored: Option<f64>,
    outcome: Result<MetricOutcome, Failure>,
) -> ScoreAudit {
    let figure = |value: Option<f64>| value.map_or_else(|| "no figure".to_owned(), |value| value.to_string());
    let (source, same, detail) = match outcome {
        Err(failure) => (None, None, format!("the source could not be asked: {failure}")),
        Ok(outcome) => {
            let source = outcome.score().map(|score| score.value);
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

/// A window of one client, asked for again.
struct Again<'a> {
    instance: &'a ProviderInstance,
    sources: &'a [SourceId],
    /// What an answer's name means.
    by_name: &'a HashMap<&'a str, Option<&'a SourceId>>,
    window: Window,
}

impl Again<'_> {
    /// What the source has, page by page, held in memory: a client's window is small.
    async fn fetch(&self, run: &RunContext) -> Result<Vec<Sample>, Failure> {
        let settings = self.instance.settings.to_string();
        let mut samples = Vec::new();
        for source in self.sources {
            let mut standing: BTreeMap<RecordId, Option<Observation>> = BTreeMap::new();
            let mut pages = VecDeque::from([None]);
            let mut seen = 0;
            while let Some(page) = pages.pop_front() {
                seen += 1;
                if seen > MOST_PAGES {
                    return Err(Failure::InvalidResponse("the source gives pages without end".to_owned()));
                }
                let provider = &self.instance.provider;
                let page = provider.pull(run, &settings, self.window, Some(source), page.as_ref()).await?;
                // The later position stands, whether it counts or was rejected.
                for item in page.items {
                    standing.insert(item.id.clone(), Some(item));
                }
                for rejected in page.rejected {
                    if let Some(id) = rejected.id {
                        standing.insert(id, None);
                    }
                }
                pages.extend(page.next.into_iter().map(Some));
            }
            let own = standing.into_values().flatten().filter(|item| self.is_of(&item.client, source));
            let own = own.filter(|item| item.when.touches(self.window));
            samples.extend(own.map(|item| Sample {
                at: item.when.start(),
                until: item.when.until(),
                value: item.value,
                kind: item.kind,
            }));
        }
        in_order(&mut samples);
        Ok(samples)
    }

    fn is_of(&self, client: &ClientRef, source: &SourceId) -> bool {
        match client {
            ClientRef::Id(id) => id == source,
            ClientRef::Name(name) => self.by_name.get(name.as_str()) == Some(&Some(source)),
        }
    }

    async fn score(
        &self,
        run: &RunContext,
        client: &Client,
        metric: &MetricId,
        settings: &serde_json::Value,
        samples: &[Sample],
    ) -> Result<MetricOutcome, Failure> {
        let description = self.instance.provider.description();
        let kinds = description.metric(metric.as_str()).map(|metric| metric.kinds.as_slice()).unwrap_or_default();
        let subject = Subject {
            attributes: client.attributes.clone(),
            samples: samples.iter().filter(|sample| kinds.contains(&sample.kind)).copied().collect(),
        };
        let provider = &self.instance.provider;
        let outcomes = provider.score(run, metric, &settings.to_string(), self.window, vec![subject]).await?;
        outcomes.into_iter().next().ok_or_else(|| Failure::Component("it gave no outcome".to_owned()))
    }
}
