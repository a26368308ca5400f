//! `[channels.NAME]` and `[[alerts]]`: addresses, and what a rule names.

use std::collections::{BTreeMap, BTreeSet};

use scoresheet_domain::{
    ChannelName, ClientId, MetricId, ProviderName, RuleId,
    alert::{AlertKind, Condition, Filter, InvalidParameter, Parameters, Rule},
};
use scoresheet_notify::{MailSecurity, check_address, check_url, is_loopback};
use secrecy::SecretString;

use super::{unique_ids, unknown_name};
use crate::config::{
    document::Document,
    sections::{AlertSection, ChannelSection, EmailSection, Sections, WebhookSection},
    settings::words::extend,
};

/// Checks every channel, and fills in the port.
pub(super) fn channels(
    document: &mut Document<'_>,
    sections: &mut BTreeMap<String, ChannelSection>,
) -> BTreeMap<ChannelName, ChannelSection> {
    let mut channels = BTreeMap::new();
    for (name, section) in sections {
        let pointer = extend("/channels", name);
        match section {
            ChannelSection::Webhook(webhook) => check_webhook(document, webhook, &pointer),
            ChannelSection::Email(email) => check_email(document, email, &pointer),
        }
        if let Ok(name) = ChannelName::new(name.as_str()) {
            channels.insert(name, section.clone());
        }
    }
    channels
}

fn check_webhook(document: &mut Document<'_>, webhook: &WebhookSection, pointer: &str) {
    let Ok(url) = webhook.url.expand(document.env) else { return };
    if let Err(why) = check_url(&SecretString::from(url.text), webhook.allow_insecure) {
        document.problem(&extend(pointer, "url"), format!("not a valid webhook URL: {why}"));
    }
}

fn check_email(document: &mut Document<'_>, email: &mut EmailSection, pointer: &str) {
    // An empty host is one that was reported.
    if email.tls == MailSecurity::None && !email.host.is_empty() && !is_loopback(&email.host) {
        let message = "mail may be unencrypted to this machine only; give starttls or implicit";
        document.problem(&extend(pointer, "tls"), message);
    }
    email.port.get_or_insert(email.tls.usual_port());
    let recipients = email.to.iter().enumerate().map(|(index, to)| (format!("{pointer}/to/{index}"), to));
    for (place, address) in std::iter::once((extend(pointer, "from"), &email.from)).chain(recipients) {
        if let Err(valid) = check_address(address) {
            let shown = document.shown(&place);
            document.problem(&place, format!("{shown} is not a mail address; {valid}"));
        }
    }
}

/// Checks every rule; completes `clears_above` and `channels`.
pub(super) fn rules(document: &mut Document<'_>, sections: &mut Sections) -> Vec<Rule> {
    unique_ids(document, "alerts", "alert", sections.alerts.iter().map(|alert| alert.id.as_str()));
    let known = Known {
        metrics: sections.metrics.iter().map(|metric| metric.id.clone()).collect(),
        providers: document.names("providers"),
        channels: document.names("channels"),
    };
    let mut rules = Vec::new();
    for (index, alert) in sections.alerts.iter_mut().enumerate() {
        let pointer = format!("/alerts/{index}");
        let filter = filter(document, alert, &pointer, &known);
        let channels = channels_of(document, alert, &pointer, &known);
        let Some(kind) = alert.kind else { continue };
        reject_other_kinds(document, kind, &pointer);
        let condition = condition(document, alert, kind, &pointer, &filter);
        if let Some((id, condition)) = RuleId::new(alert.id.as_str()).ok().zip(condition) {
            rules.push(Rule { id, condition, filter, channels });
        }
    }
    rules
}

/// What a rule may name, valid or not.
struct Known {
    metrics: Vec<String>,
    providers: Vec<String>,
    channels: Vec<String>,
}

fn condition(
    document: &mut Document<'_>,
    alert: &mut AlertSection,
    kind: AlertKind,
    pointer: &str,
    filter: &Filter,
) -> Option<Condition> {
    let names_metrics = alert.metrics.is_some();
    let (at, clears_above, by) = (alert.at, alert.clears_above, alert.by);
    let mut given = Parameters { at, clears_above, by, names_metrics, filter };
    let condition = Condition::new(kind, &mut given);
    (alert.at, alert.clears_above, alert.by) = (given.at, given.clears_above, given.by);
    match condition {
        Ok(condition) => Some(condition),
        Err(problems) => {
            for InvalidParameter { key, message } in problems {
                document.problem(&extend(pointer, key), message);
            }
            None
        }
    }
}

/// Reports settings that belong to other kinds of alerts.
fn reject_other_kinds(document: &mut Document<'_>, kind: AlertKind, pointer: &str) {
    let mut keys: Vec<&str> = Vec::new();
    for key in AlertKind::ALL.iter().flat_map(|kind| kind.keys()) {
        if !kind.keys().contains(key) && !keys.contains(key) {
            keys.push(key);
        }
    }
    for key in keys {
        let place = extend(pointer, key);
        if document.has(&place) {
            document.problem(&place, format!("not valid for an alert of kind {}; remove it", kind.as_str()));
        }
    }
}

fn filter(document: &mut Document<'_>, alert: &mut AlertSection, pointer: &str, known: &Known) -> Filter {
    if alert.metrics.as_ref().is_some_and(|metrics| metrics.iter().any(|id| id == "*")) {
        alert.metrics = Some(vec!["*".to_owned()]);
    }
    let metrics = alert.metrics.iter().flatten().filter(|id| *id != "*");
    let metrics: Vec<MetricId> = metrics
        .enumerate()
        .filter_map(|(index, id)| {
            if !known.metrics.contains(id) {
                unknown_name(document, &format!("{pointer}/metrics/{index}"), "metric", "metrics");
            }
            MetricId::new(id.as_str()).ok()
        })
        .collect();
    let mut clients = Vec::new();
    for (index, client) in alert.clients.iter().enumerate() {
        match ClientId::new(client.as_str()) {
            Ok(id) => clients.push(id),
            // The message would repeat the value of a variable.
            Err(_) => {
                let place = format!("{pointer}/clients/{index}");
                let shown = document.shown(&place);
                let valid = "give at most 256 bytes without control characters, and without spaces at either end";
                document.problem(&place, format!("{shown} is not a client id; {valid}"));
            }
        }
    }
    let providers = alert.providers.iter().enumerate().filter_map(|(index, name)| {
        if !known.providers.contains(name) {
            unknown_name(document, &format!("{pointer}/providers/{index}"), "provider", "providers");
        }
        ProviderName::new(name.as_str()).ok()
    });
    Filter { metrics, clients, providers: providers.collect(), types: alert.types.clone() }
}

/// The channels that are named, or all of them.
fn channels_of(
    document: &mut Document<'_>,
    alert: &mut AlertSection,
    pointer: &str,
    known: &Known,
) -> Vec<ChannelName> {
    for (index, name) in alert.channels.iter().flatten().enumerate() {
        if !known.channels.contains(name) {
            unknown_name(document, &format!("{pointer}/channels/{index}"), "channel", "channels");
        }
    }
    let names: Vec<String> = match &alert.channels {
        None => known.channels.clone(),
        Some(given) => given.iter().collect::<BTreeSet<_>>().into_iter().cloned().collect(),
    };
    alert.channels = Some(names.clone()).filter(|names| !names.is_empty());
    names.into_iter().filter_map(|name| ChannelName::new(name).ok()).collect()
}
