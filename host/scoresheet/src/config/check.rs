//! Checks that a schema cannot express, on the typed sections: references, contradictions, URLs and paths.
//!
//! Fills in the defaults that depend on other settings, and turns the sections into what the engine takes.

use std::{collections::BTreeMap, path::Path};

use scoresheet_domain::{ChannelName, MetricId, ProviderName, alert::Rule};
use scoresheet_engine::definition::{GroupDefinition, MetricDefinition, MetricSource};

use super::{
    document::Document,
    sections::{ChannelSection, MetricSection, Sections},
    settings::words::{did_you_mean, extend},
};

mod alerts;
mod provider;

pub(super) use provider::CREWHU;
pub use provider::{ComponentRef, ProviderConfig};

/// What the sections come to.
pub(super) struct Checked {
    pub(super) providers: BTreeMap<ProviderName, ProviderConfig>,
    pub(super) groups: Vec<GroupDefinition>,
    pub(super) metrics: Vec<MetricDefinition>,
    pub(super) channels: BTreeMap<ChannelName, ChannelSection>,
    pub(super) alerts: Vec<Rule>,
}

/// Checks the sections, and completes them in place.
pub(super) fn check(document: &mut Document<'_>, sections: &mut Sections, base_dir: &Path) -> Checked {
    let bands = sections.sheet.bands;
    if bands.healthy < bands.watch {
        let message =
            format!("healthy ({}) is below watch ({}); give healthy the higher score", bands.healthy, bands.watch);
        document.problem("/sheet/bands", message);
    }
    store(document, &mut sections.store.url, base_dir);
    for path in [&mut sections.clients.file, &mut sections.network.ca_file].into_iter().flatten() {
        *path = base_dir.join(&path);
    }
    let providers = provider::providers(document, &mut sections.providers, base_dir);
    let groups = groups(document, sections);
    let metrics = metrics(document, sections);
    let channels = alerts::channels(document, &mut sections.channels);
    let alerts = alerts::rules(document, sections);
    for name in sections.providers.keys() {
        if !metrics.iter().any(|metric| metric.provider().is_some_and(|provider| provider.as_str() == name)) {
            document.warn(&extend("/providers", name), "no metric uses this provider");
        }
    }
    Checked { providers, groups, metrics, channels, alerts }
}

/// Makes the path of the database absolute.
fn store(document: &mut Document<'_>, url: &mut String, base_dir: &Path) {
    let path = url.split_once("://").filter(|(scheme, _)| scheme.eq_ignore_ascii_case("sqlite")).map(|(_, path)| path);
    // A '?' begins options, of which there are none.
    match path.filter(|path| !path.is_empty() && !path.contains(['?', '\0'])) {
        Some(path) => *url = format!("sqlite://{}", base_dir.join(path).display()),
        // A URL of another kind may carry a password: it is not repeated.
        None => document
            .problem("/store/url", "not a store that can be used; give sqlite://PATH, as sqlite://scoresheet.db"),
    }
}

fn groups(document: &mut Document<'_>, sections: &mut Sections) -> Vec<GroupDefinition> {
    unique_ids(document, "groups", "group", sections.groups.iter().map(|group| group.id.as_str()));
    let mut groups = Vec::new();
    for (index, group) in sections.groups.iter_mut().enumerate() {
        if !group.id.is_empty() && !sections.metrics.iter().any(|metric| metric.group.as_ref() == Some(&group.id)) {
            document.warn(&format!("/groups/{index}"), "no metric is in this group");
        }
        let name = name_or_id(&mut group.name, &group.id);
        groups.push(GroupDefinition { id: group.id.clone(), name, weight: group.weight });
    }
    groups
}

fn metrics(document: &mut Document<'_>, sections: &mut Sections) -> Vec<MetricDefinition> {
    unique_ids(document, "metrics", "metric", sections.metrics.iter().map(|metric| metric.id.as_str()));
    let mut providers = document.names("providers");
    providers.extend(sections.providers.keys().cloned());
    let groups: Vec<&str> = sections.groups.iter().map(|group| group.id.as_str()).collect();
    let mut metrics = Vec::new();
    for (index, metric) in sections.metrics.iter_mut().enumerate() {
        let pointer = format!("/metrics/{index}");
        if let Some(group) = &metric.group
            && !groups.contains(&group.as_str())
        {
            unknown_name(document, &extend(&pointer, "group"), "group", "groups");
        }
        let source = if metric.manual {
            manual(document, metric, &pointer)
        } else {
            provided(document, metric, &pointer, &providers)
        };
        let name = name_or_id(&mut metric.name, &metric.id);
        let lookback_days = *metric.lookback_days.get_or_insert(sections.sheet.lookback_days);
        let Some((id, source)) = MetricId::new(metric.id.as_str()).ok().zip(source) else { continue };
        metrics.push(MetricDefinition {
            id,
            name,
            weight: metric.weight,
            lookback_days,
            group: metric.group.clone(),
            client_types: metric.client_types.clone().unwrap_or_default(),
            targets: metric.targets.clone(),
            source,
        });
    }
    metrics
}

fn manual(document: &mut Document<'_>, metric: &mut MetricSection, pointer: &str) -> Option<MetricSource> {
    for key in ["provider", "metric", "settings", "targets"] {
        let pointer = extend(pointer, key);
        if document.has(&pointer) {
            document.problem(&pointer, "not valid for a manual metric; remove it, or manual = true");
        }
    }
    let stale_after_days = *metric.stale_after_days.get_or_insert(MetricSection::STALE_AFTER_DAYS);
    Some(MetricSource::Manual { stale_after_days })
}

fn provided(
    document: &mut Document<'_>,
    metric: &mut MetricSection,
    pointer: &str,
    providers: &[String],
) -> Option<MetricSource> {
    if metric.stale_after_days.is_some() {
        document.problem(&extend(pointer, "stale_after_days"), "valid for manual metrics only; remove it");
    }
    let place = extend(pointer, "provider");
    let Some(provider) = &metric.provider else {
        document.problem(&place, "missing; give provider = \"…\", or manual = true for a metric that users score");
        return None;
    };
    if !providers.contains(provider) {
        unknown_name(document, &place, "provider", "providers");
    }
    let wanted = metric.metric.get_or_insert_with(|| metric.id.clone());
    Some(MetricSource::Provider {
        provider: ProviderName::new(provider.as_str()).ok()?,
        metric: MetricId::new(wanted.as_str()).ok()?,
        settings: metric.settings.clone().into(),
    })
}

/// Reports each id that an earlier section of the list has.
fn unique_ids<'i>(document: &mut Document<'_>, list: &str, what: &str, ids: impl Iterator<Item = &'i str>) {
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, id) in ids.enumerate().filter(|(_, id)| !id.is_empty()) {
        match first.get(id) {
            None => drop(first.insert(id, index)),
            Some(first) => {
                let line = document.line(&format!("/{list}/{first}"));
                let place = line.map_or_else(String::new, |line| format!(" on line {line}"));
                document.problem(
                    &format!("/{list}/{index}/id"),
                    format!("the {what}{place} has the same id; give each its own"),
                );
            }
        }
    }
}

/// Reports a name that no section of the list has. Shows it as written.
fn unknown_name(document: &mut Document<'_>, pointer: &str, what: &str, list: &str) {
    let shown = document.shown(pointer);
    let known = document.names(list);
    let fix = match did_you_mean(shown.trim_matches('\''), known.iter().map(String::as_str)) {
        Some(meant) => format!("did you mean '{meant}'?"),
        None if known.is_empty() => format!("no {what} is configured"),
        None => format!("give one of {}", known.join(", ")),
    };
    document.problem(pointer, format!("unknown {what} {shown}; {fix}"));
}

/// The name, or else the id in words: `support-engagement-satisfaction` as "Support Engagement Satisfaction".
fn name_or_id(name: &mut Option<String>, id: &str) -> String {
    let capitalised = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    };
    let in_words =
        || id.split(['-', '_']).filter(|word| !word.is_empty()).map(capitalised).collect::<Vec<_>>().join(" ");
    if name.as_ref().is_some_and(|name| name.trim().is_empty()) {
        *name = None;
    }
    name.get_or_insert_with(in_words).clone()
}

#[cfg(test)]
mod tests {
    use super::name_or_id;

    #[test]
    fn name_defaults_to_the_id_in_words() {
        assert_eq!(name_or_id(&mut None, "support-engagement-satisfaction"), "Support Engagement Satisfaction");
        assert_eq!(name_or_id(&mut Some(" ".to_owned()), "gut__instinct-2"), "Gut Instinct 2");
    }
}
