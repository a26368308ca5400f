//! The section `[[metrics]]`: what stands on the sheet, in order.

use std::collections::BTreeMap;

use scoresheet_domain::{MetricId, ProviderName};
use scoresheet_engine::definition::{GroupDefinition, MetricDefinition, MetricSource};

use super::{
    document::nearest,
    section::{Section, Text},
    sheet::LOOKBACK_DAYS,
};

/// More than this says nothing more, and keeps sums of weights finite.
const MAX_WEIGHT: f64 = 1e6;

/// Which weights there are, in words.
pub(super) const WEIGHT: &str = "a number above 0, at most 1000000";

/// Whether this can be a weight.
pub(super) fn weighs(weight: f64) -> bool {
    weight > 0.0 && weight <= MAX_WEIGHT
}

/// After so many days what was entered for a metric is old, where nothing says otherwise.
const STALE_AFTER_DAYS: u32 = 90;

/// What a metric may refer to.
#[derive(Clone, Copy)]
pub(super) struct Known<'k> {
    /// The sheet's lookback, in days.
    pub(super) lookback_days: u32,
    /// The names of the providers that are configured, right or wrong.
    pub(super) providers: &'k [&'k str],
    /// The groups.
    pub(super) groups: &'k [GroupDefinition],
}

/// Reads every metric.
pub(super) fn metrics(sections: Vec<Section<'_>>, known: Known<'_>) -> Vec<MetricDefinition> {
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
        metrics.extend(metric(section, id, known));
    }
    metrics
}

fn metric(mut section: Section<'_>, id: Option<MetricId>, known: Known<'_>) -> Option<MetricDefinition> {
    let name = section.text("name").map(|name| name.value).filter(|name| !name.trim().is_empty());
    let weight = section.number("weight", WEIGHT, weighs);
    let lookback_days = section.integer("lookback_days", LOOKBACK_DAYS);
    let manual = section.flag("manual").unwrap_or(false);
    let provider = section.text("provider");
    let metric = section.text("metric");
    let settings = section.settings("settings");
    let stale_after_days = section.integer("stale_after_days", 1..=3650);
    let group = section.text("group").and_then(|group| known_group(&section, group, known.groups));
    let client_types = section.texts("client_types", "types of clients, as [\"legal\", \"medical\"]");
    let client_types: Vec<String> = client_types.into_iter().map(|text| text.value).collect();
    if section.has("client_types") && client_types.is_empty() {
        section.problem("client_types", "the list is empty, so the metric would apply to nobody; leave it out for all");
    }
    let targets = section.figures("targets", "a number in the metric's unit", f64::is_finite);
    let source = if manual {
        for key in ["provider", "metric", "settings", "targets"] {
            if section.has(key) {
                section.problem(key, format!("a manual metric has no {key}; take away manual = true, or this"));
            }
        }
        Some(MetricSource::Manual { stale_after_days: stale_after_days.unwrap_or(STALE_AFTER_DAYS) })
    } else {
        if section.has("stale_after_days") {
            section
                .problem("stale_after_days", "this is for manual metrics; a provider's figures are as old as its sync");
        }
        if provider.is_none() && !section.has("provider") {
            section.problem_here(
                "this metric has no provider; give provider = \"…\", or manual = true where a person enters the score",
            );
        }
        let provider = provider.and_then(|name| provider_name(&section, &name, known.providers));
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
        lookback_days: lookback_days.unwrap_or(known.lookback_days),
        group,
        client_types,
        targets,
        source: source?,
        id,
    })
}

fn known_group(section: &Section<'_>, group: Text, groups: &[GroupDefinition]) -> Option<String> {
    if groups.iter().any(|known| known.id == group.value) {
        return Some(group.value);
    }
    let right = match nearest(&group.value, groups.iter().map(|known| known.id.as_str())) {
        Some(meant) => format!("did you mean '{meant}'?"),
        None => format!("add a section [[groups]] with id = \"{}\"", group.written.escape_debug()),
    };
    section.problem("group", format!("there is no group '{}'; {right}", group.written.escape_debug()));
    None
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
pub(super) fn in_words(id: &str) -> String {
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
