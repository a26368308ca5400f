//! `[channels.NAME]` and `[[alerts]]`: where alerts are sent, and what fires them.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use scoresheet_domain::alert::AlertKind;
use scoresheet_notify::{MailSecurity, Shape};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use super::name;
use crate::config::secret::SecretSource;

/// `[channels.NAME]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum ChannelSection {
    /// Webhook that alerts are posted to as JSON.
    Webhook(WebhookSection),
    /// Mail through an SMTP server.
    Email(EmailSection),
}

/// `[channels.NAME]` with `kind = "webhook"`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["url"]))]
pub struct WebhookSection {
    /// URL of the webhook, as `${NAME}`. Anyone who knows it can post there, so the whole URL is a credential.
    #[schemars(extend("format" = "password"), example = &"${OPS_WEBHOOK_URL}")]
    pub url: SecretSource,
    /// Format of the message: `slack`, `teams` (Workflows), or `plain` for the program's own JSON.
    pub shape: Shape,
    /// Allow plain http to another machine.
    pub allow_insecure: bool,
    /// Allow a host name that resolves to a private address.
    pub allow_private_addresses: bool,
}

/// `[channels.NAME]` with `kind = "email"`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["host", "from", "to"], "dependentRequired" = {"user": ["password"], "password": ["user"]}))]
pub struct EmailSection {
    /// Host name of the mail server.
    #[schemars(length(min = 1), example = &"smtp.example.com")]
    pub host: String,
    /// Port of the mail server. Default: 587 for `starttls`, 465 for `implicit`, 25 for `none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 65_535), example = 587)]
    pub port: Option<u16>,
    /// How the connection is secured: `starttls`, `implicit`, or `none` for a mail server on this machine.
    pub tls: MailSecurity,
    /// User on the mail server.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"${SMTP_USER}")]
    pub user: Option<SecretSource>,
    /// Password of the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "password"), example = &"${SMTP_PASSWORD}")]
    pub password: Option<SecretSource>,
    /// Sender.
    #[schemars(length(min = 1), example = &"Scoresheet <scoresheet@example.com>")]
    pub from: String,
    /// Recipients.
    #[schemars(length(min = 1), example = serde_json::json!(["ops@example.com"]))]
    pub to: Vec<String>,
}

/// `[[alerts]]`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["id", "kind"]))]
pub struct AlertSection {
    /// Id of the rule.
    #[schemars(schema_with = "name", example = &"client-at-risk")]
    pub id: String,
    /// What the rule detects: `floor`, `drop`, `decline`, `stale`, `connection` or `mapping`. A floor is a score at or below
    /// `at`; a drop, a figure worse by at least `by` than in the window before; a decline, a declining trend; stale, outdated
    /// data; connection, a source that fails; mapping, a client without a mapping or with an ambiguous one.
    #[serde(deserialize_with = "alert_kind")]
    #[schemars(schema_with = "alert_kinds", example = &"floor")]
    pub kind: Option<AlertKind>,
    /// Score at or below which a floor alert fires.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1.0, max = 5.0), example = 3.0)]
    pub at: Option<f64>,
    /// Score above which a floor alert resolves. Default: `at`. A higher value avoids repeated alerts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1.0, max = 5.0), example = 3.3)]
    pub clears_above: Option<f64>,
    /// Difference at which a drop alert fires, in the metric's unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0), example = 0.5)]
    pub by: Option<f64>,
    /// Metrics that the rule checks, or `["*"]` for all. Without metrics, a floor is that of the engagement score; other
    /// rules check all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = serde_json::json!(["*"]))]
    pub metrics: Option<Vec<String>>,
    /// Clients that the rule checks; all if not set.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(example = serde_json::json!(["acme"]))]
    pub clients: Vec<String>,
    /// Client types that the rule checks; all if not set.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(example = serde_json::json!(["legal"]))]
    pub types: Vec<String>,
    /// Providers that the rule checks; all if not set.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(example = serde_json::json!(["crewhu"]))]
    pub providers: Vec<String>,
    /// Channels that the alert is sent to; all if not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = serde_json::json!(["ops"]))]
    pub channels: Option<Vec<String>>,
}

fn alert_kinds(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "enum": AlertKind::ALL.map(AlertKind::as_str)})
}

fn alert_kind<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<AlertKind>, D::Error> {
    let word = std::borrow::Cow::<str>::deserialize(deserializer)?;
    AlertKind::parse(&word).map(Some).ok_or_else(|| D::Error::custom("unknown kind of alert"))
}
