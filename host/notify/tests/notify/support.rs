//! Notices, and a notifier for one channel.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use scoresheet_domain::{
    ChannelName, ClientId, Instant, MetricId, ProviderName, RuleId,
    alert::{AlertId, AlertKind, DeliveryEvent, Notice, Target},
};
use scoresheet_gateway::{Gateway, GatewayOptions, TrustAnchors};
use scoresheet_notify::{Channel, Notifier};

/// Long enough for a server on this machine, and short for one that never answers.
pub(crate) const SHORT: Duration = Duration::from_millis(500);

pub(crate) fn at(text: &str) -> Instant {
    Instant::parse(text).expect("a time")
}

/// That Acme's satisfaction is low, as the channel `ops` is told.
pub(crate) fn fired(message: &str) -> Notice {
    Notice {
        id: "scoresheet-alert-12-fired-0123456789abcdef".into(),
        event: DeliveryEvent::Fired,
        sheet: "Client engagement".into(),
        alert: AlertId(12),
        rule: RuleId::new("low").expect("an id"),
        kind: AlertKind::Floor,
        target: Target {
            client: Some(ClientId::new("acme").expect("an id")),
            metric: Some(MetricId::new("csat").expect("an id")),
            provider: Some(ProviderName::new("crewhu").expect("a name")),
        },
        message: message.into(),
        fired: at("2026-11-01T08:00:00Z"),
        resolved: None,
        channel: ChannelName::new("ops").expect("a name"),
    }
}

pub(crate) fn resolved(message: &str, words: &str) -> Notice {
    Notice {
        id: "scoresheet-alert-12-resolved-0123456789abcdef".into(),
        event: DeliveryEvent::Resolved,
        resolved: Some((at("2026-11-03T08:00:00Z"), words.into())),
        ..fired(message)
    }
}

pub(crate) fn notifier(channel: Channel) -> Notifier {
    notifier_trusting(channel, TrustAnchors::Only(Vec::new()))
}

pub(crate) fn notifier_trusting(channel: Channel, trust: TrustAnchors) -> Notifier {
    let options = GatewayOptions { trust: trust.clone(), ..GatewayOptions::default() };
    let gateway = Gateway::new(options).expect("a gateway");
    Notifier::new(gateway, trust, BTreeMap::from([(ChannelName::new("ops").expect("a name"), channel)]))
}

/// Everything that is logged while it is there.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("not poisoned")).into_owned()
    }

    /// Takes everything that this thread logs from now on.
    pub(crate) fn listen(&self) -> tracing::subscriber::DefaultGuard {
        let log = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(move || log.clone());
        tracing::subscriber::set_default(subscriber.finish())
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("not poisoned").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
