//! Channels, as an operator sets them.

use std::{fmt, sync::Arc};

use schemars::JsonSchema;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// A secret that may change while the program runs.
pub trait Secret: Send + Sync {
    /// As it is now.
    ///
    /// # Errors
    /// Why it cannot be had, in words without a part of it.
    fn current(&self) -> Result<SecretString, String>;
}

impl Secret for SecretString {
    fn current(&self) -> Result<SecretString, String> {
        Ok(self.clone())
    }
}

/// Where alerts are told.
#[derive(Clone, Debug)]
pub enum Channel {
    /// A POST of JSON.
    Webhook(Webhook),
    /// A mail.
    Email(Email),
}

/// A POST of JSON to an address.
#[derive(Clone)]
pub struct Webhook {
    /// The address, http or https, query and all; a slash at its end is not sent.
    pub url: Arc<dyn Secret>,
    /// What is sent.
    pub shape: Shape,
    /// Whether plain http may go to another machine.
    pub allow_insecure: bool,
    /// Whether the host's name may lead to a private address.
    pub allow_private_addresses: bool,
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook").field("shape", &self.shape).finish_non_exhaustive()
    }
}

/// What a webhook is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// This program's own JSON: `accellis.scoresheet.alert/1.0`.
    #[default]
    Plain,
    /// What a Slack incoming webhook takes.
    Slack,
    /// What a webhook of Teams' Workflows takes: a message with an Adaptive Card.
    Teams,
}

/// A mail by way of a mail server.
#[derive(Clone)]
pub struct Email {
    /// The server's name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the way there is secured.
    pub security: MailSecurity,
    /// Who asks, where the server wants to know.
    pub login: Option<Login>,
    /// `Scoresheet <scoresheet@msp.example>`
    pub from: String,
    /// One at least, each as `from`.
    pub to: Vec<String>,
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Email")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("security", &self.security)
            .finish_non_exhaustive()
    }
}

/// A mail server's user.
#[derive(Clone)]
pub struct Login {
    /// The user.
    pub user: Arc<dyn Secret>,
    /// The password.
    pub password: Arc<dyn Secret>,
}

/// How the way to a mail server is secured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MailSecurity {
    /// In the clear at first; nothing is said before the server has switched to TLS, and one that does not is left.
    #[default]
    Starttls,
    /// TLS from the first byte.
    Implicit,
    /// In the clear: for a server on this machine alone.
    None,
}

impl MailSecurity {
    /// The port that is usual for it.
    #[must_use]
    pub const fn usual_port(self) -> u16 {
        match self {
            Self::Starttls => 587,
            Self::Implicit => 465,
            Self::None => 25,
        }
    }
}
