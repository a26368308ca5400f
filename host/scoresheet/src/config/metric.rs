//! The section `[[metrics]]`: what stands on the sheet, in order.

use std::collections::BTreeMap;

use scoresheet_domain::{MetricId, ProviderName};
use scoresheet_engine::definition::{MetricDefinition, MetricSource};

use super::{
    document::nearest,
    section::{Section, Text},
    sheet::LOOKBACK_DAYS,
};

/// More than this says nothing more, and keeps sums of weights finite.
const MAX_WEIGHT: f64 = 1e6;

/// Reads every metric. `providers` are the names that are configured, right or wrong.
pub(super) fn metrics(sections: Vec<Section<'_>>, lookback_days: u32, providers: &[&str]) -> Vec<MetricDefinition> {
    let mut lines_by_id: BTreeMap<MetricId, Option<usize>> = BTreeMap::new();
    let mut metrics = Vec::new();
    for mut section in sections {
        let id = section.text("id");
        if id.is_none() && !section.has("id") {
            section.problem_here("this metric has no id; give one, as id = \"support-engagement-satisfaction\"");
        }
        let id = id.and_then(|id| metric_id(&section, "id", &id));
        if let Some(id) = &id {
            if let Some(first) = lines_by_id.get(id) {
                let place = first.map_or_else(String::new, |line| format!(" on line {line}"));
                section
                    .problem("id", format!("the metric{place} has the id '{id}' already; give each an id of its own"));
            } else {
                lines_by_id.insert(id.clone(), section.line);
                section.rename(format!("metrics.{id}"));
            }
        }
        metrics.extend(metric(section, id, lookback_days, providers));
    }
    metrics
}

fn metric(
    mut section: Section<'_>,
    id: Option<MetricId>,
    sheet_lookback: u32,
    providers: &[&str],
) -> Option<MetricDefinition> {
    let name = section.text("name").map(|name| name.value).filter(|name| !name.trim().is_empty());
    let weight =
        section.number("weight", "a number above 0, at most 1000000", |weight| weight > 0.0 && weight <= MAX_WEIGHT);
    let lookback_days = section.integer("lookback_days", LOOKBACK_DAYS);
    let manual = section.flag("manual").unwrap_or(false);
    let provider = section.text("provider");
    let metric = section.text("metric");
    let settings = section.settings("settings");
    let source = if manual {
        for key in ["provider", "metric", "settings"] {
            if section.has(key) {
                section.problem(key, format!("a manual metric has no {key}; take away manual = true, or this"));
            }
        }
        Some(MetricSource::Manual)
    } else {
        if provider.is_none() && !section.has("provider") {
            section.problem_here(
                "this metric has no provider; give provider = \"…\", or manual = true where a person enters the score",
            );
        }
        let provider = provider.and_then(|name| provider_name(&section, &name, providers));
        let metric = match metric {
            Some(metric) => metric_id(&section, "metric", &metric),
            None => id.clone(),
        };
        provider.zip(metric).map(|(provider, metric)| MetricSource::Provider { provider, metric, settings })
    };
    section.finish();
    let id = id?;
    Some(MetricDefinition {
        name: name.unwrap_or_else(|| in_words(id.as_str())),
        weight: weight.unwrap_or(1.0),
        lookback_days: lookback_days.unwrap_or(sheet_lookback),
        source: source?,
        id,
    })
}

fn metric_id(section: &Section<'_>, key: &str, text: &Text) -> Option<MetricId> {
    let id = MetricId::new(text.value.as_str()).ok();
    if id.is_none() {
        section.problem(key, format!("'{}' is no metric id; {KEBAB}", text.written.escape_debug()));
    }
    id
}

/// What an id or a name of a provider looks like.
pub(super) const KEBAB: &str =
    "use lower-case letters, digits, '-' and '_', beginning with a letter or digit, at most 256 of them";

fn provider_name(section: &Section<'_>, text: &Text, providers: &[&str]) -> Option<ProviderName> {
    if providers.contains(&text.value.as_str()) {
        return ProviderName::new(text.value.as_str()).ok();
    }
    let right = if let Some(meant) = nearest(&text.value, providers.iter().copied()) {
        format!("did you mean '{meant}'?")
    } else {
        format!("add a section [providers.{}]", text.written.escape_debug())
    };
    section.problem("provider", format!("no provider '{}' is configured; {right}", text.written.escape_debug()));
    None
}

/// `support-engagement-satisfaction` as "Support Engagement Satisfaction".
fn in_words(id: &str) -> String {
    let capitalised = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    };
    id.split(['-', '_']).filter(|word| !word.is_empty()).map(capitalised).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn an_id_in_words() {
        assert_eq!(in_words("support-engagement-satisfaction"), "Support Engagement Satisfaction");
        assert_eq!(in_words("gut__instinct-2"), "Gut Instinct 2");
    }
}
