//! Channels and rules, as they are shown: of addresses and passwords, that they are set.

use scoresheet_domain::{
    ChannelName,
    alert::{Condition, FloorOf, Rule},
};
use serde_json::{Value, json};

use super::{Entry, Shown};
use crate::config::{ChannelConfig, Config};

pub(super) fn of_channel(config: &Config, name: &ChannelName, channel: &ChannelConfig) -> Vec<Entry> {
    let mut shown = Shown::new(config, &format!("channels.{name}"));
    match channel {
        ChannelConfig::Webhook(webhook) => {
            shown.value("kind", "webhook");
            shown.value("url", webhook.url.shown());
            shown.value("shape", webhook.shape.as_str());
            shown.value("allow_insecure", webhook.allow_insecure);
            shown.value("allow_private_addresses", webhook.allow_private_addresses);
        }
        ChannelConfig::Email(email) => {
            shown.value("kind", "email");
            shown.value("host", email.host.as_str());
            shown.value("port", email.port);
            shown.value("tls", email.tls.as_str());
            if let Some(login) = &email.login {
                shown.value("user", login.user.shown());
                shown.value("password", login.password.shown());
            }
            shown.value("from", email.from.as_str());
            shown.value("to", json!(email.to));
        }
    }
    shown.entries
}

pub(super) fn of_rule(config: &Config, rule: &Rule) -> Vec<Entry> {
    let mut shown = Shown::new(config, &format!("alerts.{}", rule.id));
    shown.value("id", rule.id.as_str());
    shown.value("kind", rule.condition.kind().as_str());
    let mut every_metric = false;
    match rule.condition {
        Condition::Floor { of, at, clears_above } => {
            shown.value("at", at);
            shown.value("clears_above", clears_above);
            every_metric = of == FloorOf::Metrics && rule.filter.metrics.is_empty();
        }
        Condition::Drop { by } => shown.value("by", by),
        Condition::Decline | Condition::Stale | Condition::Connection | Condition::Mapping => {}
    }
    if every_metric {
        shown.value("metrics", json!(["*"]));
    }
    let filter = &rule.filter;
    let mut list = |key: &str, value: Value| {
        if value.as_array().is_some_and(|items| !items.is_empty()) {
            shown.value(key, value);
        }
    };
    list("metrics", json!(filter.metrics));
    list("clients", json!(filter.clients));
    list("types", json!(filter.types));
    list("providers", json!(filter.providers));
    list("channels", json!(rule.channels));
    shown.entries
}
