//! Alerts, as an embedder has them: the rules and channels of the configuration over the engine's use cases.

use std::{collections::BTreeMap, sync::Arc};

use scoresheet_domain::{
    ChannelName,
    alert::{Alert, AlertId, Rule},
    sheet::Scoresheet,
};
use scoresheet_engine::{
    AlertRecord, AlertReport, Courier, DeliveryError, DeliveryReport, EngineError, GenerateRequest,
};
use scoresheet_gateway::{Gateway, GatewayError, GatewayOptions, TrustAnchors};
use scoresheet_notify::{Channel, Email, Login, Notifier, Secret, Webhook};
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use crate::{
    config::{ChannelSection, Config, Environment, SecretSource},
    facade::Engine,
};

/// What of the configuration is needed to tell alerts.
pub(crate) struct Alerting {
    rules: Vec<Rule>,
    courier: Arc<dyn Courier>,
}

/// What a check came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertCheck {
    /// What was fired and resolved.
    pub alerts: AlertReport,
    /// What was told, of this check or of earlier ones.
    pub deliveries: DeliveryReport,
}

impl Alerting {
    pub(crate) fn of(
        config: &Config,
        environment: &Arc<dyn Environment>,
        trust: TrustAnchors,
    ) -> Result<Self, GatewayError> {
        let rules = config.alerts.clone();
        if config.channels.is_empty() {
            return Ok(Self { rules, courier: Arc::new(Nobody) });
        }
        // Apart from that of the sources: what is sent here is no request to a source, and in no log of those.
        let gateway = Gateway::new(GatewayOptions { trust: trust.clone(), ..GatewayOptions::default() })?;
        let channels: BTreeMap<ChannelName, Channel> =
            config.channels.iter().map(|(name, channel)| (name.clone(), made(channel, environment))).collect();
        Ok(Self { rules, courier: Arc::new(Notifier::new(gateway, trust, channels)) })
    }
}

fn made(channel: &ChannelSection, environment: &Arc<dyn Environment>) -> Channel {
    let secret = |source: &SecretSource| -> Arc<dyn Secret> {
        Arc::new(Configured { source: source.clone(), environment: Arc::clone(environment) })
    };
    match channel {
        ChannelSection::Webhook(webhook) => Channel::Webhook(Webhook {
            url: secret(&webhook.url),
            shape: webhook.shape,
            allow_insecure: webhook.allow_insecure,
            allow_private_addresses: webhook.allow_private_addresses,
        }),
        ChannelSection::Email(email) => Channel::Email(Email {
            host: email.host.clone(),
            port: email.port.unwrap_or_else(|| email.tls.usual_port()),
            security: email.tls,
            login: email
                .user
                .as_ref()
                .zip(email.password.as_ref())
                .map(|(user, password)| Login { user: secret(user), password: secret(password) }),
            from: email.from.clone(),
            to: email.to.clone(),
        }),
    }
}

/// A secret as the configuration writes it, read anew for each notice.
struct Configured {
    source: SecretSource,
    environment: Arc<dyn Environment>,
}

impl Secret for Configured {
    fn current(&self) -> Result<SecretString, String> {
        self.source.resolve(self.environment.as_ref()).map_err(|error| error.to_string())
    }
}

/// No channel is configured; what is due is of one that was.
struct Nobody;

#[async_trait::async_trait]
impl Courier for Nobody {
    async fn deliver(&self, notice: &scoresheet_domain::alert::Notice) -> Result<(), DeliveryError> {
        let why = format!("no channel '{}' is configured", notice.channel);
        Err(DeliveryError::Later { why, after_secs: None })
    }
}

impl Engine {
    /// The rules of the configuration.
    #[must_use]
    pub fn alert_rules(&self) -> &[Rule] {
        &self.alerting.rules
    }

    /// Holds the rules against the sheet of every client as of now, keeps what is new and what is over, and tells what
    /// is due. A channel that fails is in the result, and is tried again by a later check.
    ///
    /// # Errors
    /// [`EngineError`] where there can be no sheet, or the store is in use or fails.
    pub async fn check_alerts(&self, cancel: &CancellationToken) -> Result<AlertCheck, EngineError> {
        let now = self.now();
        let sheet = self.inner.generate(&GenerateRequest::all(now), cancel).await?;
        self.check_alerts_on(&sheet).await
    }

    /// The same with a sheet that is there already. It must be of every client and as of now, with each metric's own
    /// lookback: who is not on it counts as gone.
    ///
    /// # Errors
    /// [`EngineError`] where the store is in use or fails.
    pub async fn check_alerts_on(&self, sheet: &Scoresheet) -> Result<AlertCheck, EngineError> {
        let alerts = self.inner.alert(sheet, &self.alerting.rules, self.now()).await?;
        Ok(AlertCheck { alerts, deliveries: self.deliver_alerts().await? })
    }

    /// Tells what is due, without looking for anything new.
    ///
    /// # Errors
    /// [`EngineError`] where the store is in use or fails.
    pub async fn deliver_alerts(&self) -> Result<DeliveryReport, EngineError> {
        self.inner.deliver_due(self.alerting.courier.as_ref(), self.now()).await
    }

    /// The alerts that are open, or the newest of all, newest first.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn alerts(&self, all: bool) -> Result<Vec<AlertRecord>, EngineError> {
        self.inner.alerts(all).await
    }

    /// Keeps that a person has seen an alert.
    ///
    /// # Errors
    /// [`EngineError::UnknownAlert`], or [`EngineError::Store`].
    pub async fn acknowledge_alert(&self, id: AlertId, note: Option<&str>) -> Result<Alert, EngineError> {
        self.inner.acknowledge(id, note, self.now()).await
    }
}
