//! Telling alerts where an operator configured it: webhooks (plain JSON, Slack, Teams) and e-mail.
//!
//! A [`Notifier`] knows the channels and brings one notice to one of them, once. When it is tried again, and what is on
//! record of it, is left to the engine. Webhooks go out through the gateway, so the policy for addresses, TLS and
//! redirects is the same as for sources.
//!
//! **Secrets.** A webhook's address is one as a whole: whoever knows it may write there. It and the password of a mail
//! server are read anew for each notice, and stand in no error and no log. Errors name the host, and nothing that the
//! other side said but its status.
//!
//! **Untrusted text.** A client's name is in every message. It makes no lines, no headers, no links and calls nobody: each
//! shape carries it as plain text, in its own way of doing so.

mod channel;
mod mail;
mod notifier;
mod outcome;
mod shape;
mod webhook;

pub use channel::{Channel, Email, Login, MailSecurity, Secret, Shape, Webhook};
pub use mail::{check_address, is_loopback};
pub use notifier::Notifier;
pub use webhook::check_url;
