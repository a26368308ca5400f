//! All channels, and which of them a notice goes to.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use scoresheet_domain::{ChannelName, alert::Notice};
use scoresheet_engine::{Courier, DeliveryError};
use scoresheet_gateway::{Gateway, TrustAnchors};

use crate::{
    channel::Channel,
    mail::{self, Roots},
    outcome::later,
    webhook,
};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Brings notices to the channels that are configured.
pub struct Notifier {
    gateway: Gateway,
    roots: Roots,
    channels: BTreeMap<ChannelName, Channel>,
    patience: Duration,
}

impl Notifier {
    /// Webhooks go through the gateway, which should keep no journal that is shown as requests to sources. `trust` is
    /// whom mail servers may be vouched for by.
    #[must_use]
    pub fn new(gateway: Gateway, trust: TrustAnchors, channels: BTreeMap<ChannelName, Channel>) -> Self {
        Self { gateway, roots: Roots::new(trust), channels, patience: PATIENCE }
    }

    /// The same, giving each answer so long: a webhook's, and a mail server's to each command. 20 s unless given.
    #[must_use]
    pub const fn waiting(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }
}

#[async_trait]
impl Courier for Notifier {
    async fn deliver(&self, notice: &Notice) -> Result<(), DeliveryError> {
        match self.channels.get(&notice.channel) {
            Some(Channel::Webhook(webhook)) => webhook::deliver(&self.gateway, webhook, notice, self.patience).await,
            Some(Channel::Email(email)) => mail::deliver(&self.roots, email, notice, self.patience).await,
            // It may have another name for a while, or be in another file.
            None => Err(later(format!("no channel '{}' is configured", notice.channel))),
        }
    }
}
