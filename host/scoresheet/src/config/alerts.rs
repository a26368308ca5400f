//! The sections `[[alerts]]` and `[channels.NAME]`: what persons are told, and where.

mod channel;

use std::collections::{BTreeMap, BTreeSet};

use scoresheet_domain::{
    ChannelName, ClientId, MetricId, ProviderName, RuleId,
    alert::{AlertKind, Condition, Filter, FloorOf, Rule},
};

use super::{
    document::nearest,
    metric::KEBAB,
    section::{Section, Text},
};

pub use channel::{ChannelConfig, EmailConfig, MailLogin, WebhookConfig};
pub(super) use channel::{channel, credentials};

/// What a rule may name.
pub(super) struct Known<'a> {
    /// The sheet's metrics.
    pub(super) metrics: Vec<&'a str>,
    /// The providers, right or wrong.
    pub(super) providers: &'a [&'a str],
    /// The channels, right or wrong.
    pub(super) channels: &'a [&'a str],
}

/// Reads every rule.
pub(super) fn rules(sections: Vec<Section<'_>>, known: &Known<'_>) -> Vec<Rule> {
    let mut lines_by_id: BTreeMap<RuleId, Option<usize>> = BTreeMap::new();
    let mut rules = Vec::new();
    for mut section in sections {
        let id = section.text("id");
        if id.is_none() && !section.has("id") {
            section.problem_here("this alert has no id; give one, as id = \"low-score\"");
        }
        let id = id.and_then(|id| named("id", "rule's id", &section, &id, RuleId::new));
        if let Some(id) = &id {
            if let Some(first) = lines_by_id.get(id) {
                let place = first.map_or_else(String::new, |line| format!(" on line {line}"));
                section
                    .problem("id", format!("the alert{place} has the id '{id}' already; give each an id of its own"));
            } else {
                lines_by_id.insert(id.clone(), section.line);
                section.rename(format!("alerts.{id}"));
            }
        }
        rules.extend(rule(section, id, known));
    }
    rules
}

fn rule(mut section: Section<'_>, id: Option<RuleId>, known: &Known<'_>) -> Option<Rule> {
    let kind = kind(&mut section);
    let filter = filter(&mut section, known);
    let at = section.number("at", "a score from 1 to 5", |at| (1.0..=5.0).contains(&at));
    let clears_above = section.number("clears_above", "a score from 1 to 5", |at| (1.0..=5.0).contains(&at));
    let by = section.number("by", "a number above 0", |by| by > 0.0 && by.is_finite());
    let channels = channels(&mut section, known.channels);
    if let Some(kind) = kind {
        refuse_others(&section, kind);
    }
    let condition = match kind {
        None => None,
        Some(AlertKind::Floor) => floor(&section, at, clears_above, &filter),
        Some(AlertKind::Drop) => {
            if by.is_none() && !section.has("by") {
                section.problem_here("a drop needs by, the least difference that is told, as by = 0.5");
            }
            by.map(|by| Condition::Drop { by })
        }
        Some(AlertKind::Decline) => Some(Condition::Decline),
        Some(AlertKind::Stale) => Some(Condition::Stale),
        Some(AlertKind::Connection) => Some(Condition::Connection),
        Some(AlertKind::Mapping) => Some(Condition::Mapping),
    };
    section.finish();
    Some(Rule { id: id?, condition: condition?, filter, channels })
}

fn kind(section: &mut Section<'_>) -> Option<AlertKind> {
    let words = || AlertKind::ALL.map(AlertKind::as_str);
    let Some(word) = section.text("kind") else {
        if !section.has("kind") {
            section.problem_here(format!("this alert has no kind; give one of {}", words().join(", ")));
        }
        return None;
    };
    let kind = AlertKind::parse(&word.value);
    if kind.is_none() {
        let right = match nearest(&word.value, words()) {
            Some(meant) => format!("did you mean '{meant}'?"),
            None => format!("give one of {}", words().join(", ")),
        };
        section.problem("kind", format!("there is no kind '{}'; {right}", word.written.escape_debug()));
    }
    kind
}

/// What stands in one kind means nothing in another.
fn refuse_others(section: &Section<'_>, kind: AlertKind) {
    let of = |key| match key {
        "at" | "clears_above" => &[AlertKind::Floor][..],
        "by" => &[AlertKind::Drop],
        "metrics" => &[AlertKind::Floor, AlertKind::Drop, AlertKind::Decline, AlertKind::Stale],
        _ => &[AlertKind::Floor, AlertKind::Drop, AlertKind::Decline, AlertKind::Stale, AlertKind::Mapping],
    };
    for key in ["at", "clears_above", "by", "metrics", "clients", "types"] {
        if section.has(key) && !of(key).contains(&kind) {
            section.problem(key, format!("an alert of kind {} has no {key}; take it away", kind.as_str()));
        }
    }
}

/// Of the metrics that are named; of the engagement score where none is.
fn floor(section: &Section<'_>, at: Option<f64>, clears_above: Option<f64>, filter: &Filter) -> Option<Condition> {
    if at.is_none() && !section.has("at") {
        section.problem_here("a floor needs at, the score at or under which it is told, as at = 3");
    }
    let at = at?;
    let clears_above = clears_above.unwrap_or(at);
    if clears_above < at {
        section.problem("clears_above", format!("this lies under the floor itself; give {at} or more"));
        return None;
    }
    if !section.has("metrics") && !filter.providers.is_empty() {
        section.problem("providers", "an engagement score is of no provider; name metrics, or take this away");
    }
    let of = if section.has("metrics") { FloorOf::Metrics } else { FloorOf::Engagement };
    Some(Condition::Floor { of, at, clears_above })
}

fn filter(section: &mut Section<'_>, known: &Known<'_>) -> Filter {
    let metrics = section.texts("metrics", "texts, as [\"support-engagement-satisfaction\"], or [\"*\"] for all");
    let every = metrics.iter().any(|text| text.value == "*");
    let metrics = metrics.into_iter().filter(|_| !every);
    let metrics = metrics.filter_map(|text| {
        known_name(section, "metrics", "metric", &text, &known.metrics).then(|| MetricId::new(text.value).ok())?
    });
    let metrics = metrics.collect();
    let clients = section.texts("clients", "client ids, as [\"acme\"]");
    let clients = clients.into_iter().filter_map(|text| match ClientId::new(text.value) {
        Ok(id) => Some(id),
        Err(error) => {
            section.problem("clients", error.to_string());
            None
        }
    });
    let clients = clients.collect();
    let types = section.texts("types", "types of clients, as [\"legal\"]").into_iter().map(|text| text.value).collect();
    let providers = section.texts("providers", "names of providers, as [\"crewhu\"]");
    let providers = providers.into_iter().filter_map(|text| {
        known_name(section, "providers", "provider", &text, known.providers)
            .then(|| ProviderName::new(text.value).ok())?
    });
    let providers = providers.collect();
    Filter { metrics, clients, types, providers }
}

/// The channels that are named; all of them where none is.
fn channels(section: &mut Section<'_>, known: &[&str]) -> Vec<ChannelName> {
    let given = section.texts("channels", "names of channels, as [\"ops\"]");
    if !section.has("channels") {
        return known.iter().filter_map(|name| ChannelName::new(*name).ok()).collect();
    }
    let mut names = BTreeSet::new();
    for text in given {
        if known_name(section, "channels", "channel", &text, known) {
            names.extend(ChannelName::new(text.value).ok());
        }
    }
    names.into_iter().collect()
}

fn known_name(section: &Section<'_>, key: &'static str, what: &str, text: &Text, known: &[&str]) -> bool {
    if known.contains(&text.value.as_str()) {
        return true;
    }
    let right = match nearest(&text.value, known.iter().copied()) {
        Some(meant) => format!("did you mean '{meant}'?"),
        None if known.is_empty() => "none is configured".to_owned(),
        None => format!("there are: {}", known.join(", ")),
    };
    section.problem(key, format!("there is no {what} '{}'; {right}", text.written.escape_debug()));
    false
}

fn named<T, E>(
    key: &'static str,
    what: &str,
    section: &Section<'_>,
    text: &Text,
    new: impl Fn(String) -> Result<T, E>,
) -> Option<T> {
    let named = new(text.value.clone()).ok();
    if named.is_none() {
        section.problem(key, format!("'{}' is no {what}; {KEBAB}", text.written.escape_debug()));
    }
    named
}
