//! `[channels.NAME]`: where alerts are told. Addresses of webhooks and passwords are credentials.

use std::collections::BTreeSet;

use scoresheet_domain::ChannelName;
use scoresheet_notify::{MailSecurity, Shape, check_address, check_url, is_loopback};
use secrecy::SecretString;
use toml::de::DeTable;

use crate::config::{
    document::nearest,
    metric::KEBAB,
    secret::SecretSource,
    section::{Section, Text},
    template::Template,
};

const KINDS: [&str; 2] = ["webhook", "email"];
const SHAPES: [Shape; 3] = [Shape::Plain, Shape::Slack, Shape::Teams];
const SECURITY: [MailSecurity; 3] = [MailSecurity::Starttls, MailSecurity::Implicit, MailSecurity::None];

/// `[channels.NAME]`.
#[derive(Clone, Debug, PartialEq)]
pub enum ChannelConfig {
    /// `kind = "webhook"`
    Webhook(WebhookConfig),
    /// `kind = "email"`
    Email(EmailConfig),
}

/// A POST of JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct WebhookConfig {
    /// The address, which is a credential as a whole.
    pub url: SecretSource,
    /// What is sent. Default: plain.
    pub shape: Shape,
    /// Whether plain http may go to another machine. Default: no.
    pub allow_insecure: bool,
    /// Whether the host's name may lead to a private address. Default: no.
    pub allow_private_addresses: bool,
}

/// A mail by way of a mail server.
#[derive(Clone, Debug, PartialEq)]
pub struct EmailConfig {
    /// The mail server.
    pub host: String,
    /// Its port, 1 to 65535. Default: the usual one for `tls`: 587, 465 or 25.
    pub port: u16,
    /// How the way there is secured. Default: starttls.
    pub tls: MailSecurity,
    /// Who asks, where the server wants to know.
    pub login: Option<MailLogin>,
    /// Who it is from.
    pub from: String,
    /// Whom it is to; one at least.
    pub to: Vec<String>,
}

/// A mail server's user.
#[derive(Clone, Debug, PartialEq)]
pub struct MailLogin {
    /// The user.
    pub user: SecretSource,
    /// The password.
    pub password: SecretSource,
}

/// Reads one channel; none where something is wrong with it.
pub(in crate::config) fn channel(name: &str, mut section: Section<'_>) -> Option<(ChannelName, ChannelConfig)> {
    let parsed = ChannelName::new(name).ok();
    if parsed.is_none() {
        section.problem_here(format!("'{}' is no channel's name; {KEBAB}", name.escape_debug()));
    }
    if !section.is_given() {
        return None;
    }
    let Some(kind) = section.text("kind") else {
        if !section.has("kind") {
            section.problem_here("this channel has no kind; give kind = \"webhook\" or \"email\"");
        }
        return None;
    };
    let channel = match kind.value.as_str() {
        "webhook" => webhook(&mut section).map(ChannelConfig::Webhook),
        "email" => email(&mut section).map(ChannelConfig::Email),
        _ => {
            // What else stands here belongs to a kind that is not known.
            unknown(&section, "kind", "kind of channel", &kind, &KINDS);
            return None;
        }
    };
    section.finish();
    Some((parsed?, channel?))
}

fn webhook(section: &mut Section<'_>) -> Option<WebhookConfig> {
    let shape = word(section, "shape", "shape", &SHAPES, Shape::as_str, Shape::Plain);
    let allow_insecure = section.flag("allow_insecure").unwrap_or(false);
    let allow_private_addresses = section.flag("allow_private_addresses").unwrap_or(false);
    let url = needed_secret(section, "url", "a webhook needs url, as url = \"${OPS_WEBHOOK_URL}\"")?;
    let text = SecretString::from(url.expand(section.document.env).ok()?.text);
    if let Err(why) = check_url(&text, allow_insecure) {
        section.problem("url", format!("this is no webhook's address: {why}"));
        return None;
    }
    Some(WebhookConfig { url, shape: shape?, allow_insecure, allow_private_addresses })
}

fn email(section: &mut Section<'_>) -> Option<EmailConfig> {
    let host = needed_text(section, "host", "mail needs host, the mail server's name, as host = \"smtp.msp.example\"");
    let tls = word(section, "tls", "way to secure it", &SECURITY, MailSecurity::as_str, MailSecurity::Starttls);
    if tls == Some(MailSecurity::None) && host.as_deref().is_some_and(|host| !is_loopback(host)) {
        section.problem("tls", "mail may go in the clear to this machine only; give \"starttls\" or \"implicit\"");
    }
    let port = section.integer("port", 1..=65_535).and_then(|port| u16::try_from(port).ok());
    let user = section.secret("user", true);
    let password = section.secret("password", false);
    if section.has("user") != section.has("password") {
        section.problem_here("user and password stand together; give both, or neither");
    }
    let from = needed_text(section, "from", "mail needs from, as from = \"scoresheet@msp.example\"");
    let from = from.filter(|from| is_address(section, "from", from));
    let given = section.texts("to", "addresses, as [\"ops@msp.example\"]");
    let nobody = given.is_empty();
    let to: Vec<String> = given.into_iter().map(|to| to.value).filter(|to| is_address(section, "to", to)).collect();
    if !section.has("to") {
        section.problem_here("mail needs to, as to = [\"ops@msp.example\"]");
    } else if nobody {
        section.problem("to", "there is nobody in it; give one address at least");
    }
    let tls = tls?;
    Some(EmailConfig {
        host: host?,
        port: port.unwrap_or_else(|| tls.usual_port()),
        tls,
        login: user.zip(password).map(|(user, password)| MailLogin { user, password }),
        from: from?,
        to,
    })
}

fn is_address(section: &Section<'_>, key: &str, text: &str) -> bool {
    match check_address(text) {
        Ok(()) => true,
        Err(right) => {
            section.problem(key, format!("'{}' is no address of a mailbox; {right}", text.escape_debug()));
            false
        }
    }
}

/// One of some words, or what stands in where none is given.
fn word<T: Copy>(
    section: &mut Section<'_>,
    key: &'static str,
    what: &str,
    all: &[T],
    as_str: impl Fn(T) -> &'static str,
    usual: T,
) -> Option<T> {
    let Some(word) = section.text(key) else { return (!section.has(key)).then_some(usual) };
    let found = all.iter().copied().find(|one| as_str(*one) == word.value);
    if found.is_none() {
        let words: Vec<&str> = all.iter().map(|one| as_str(*one)).collect();
        unknown(section, key, what, &word, &words);
    }
    found
}

fn unknown(section: &Section<'_>, key: &str, what: &str, word: &Text, known: &[&str]) {
    let right = match nearest(&word.value, known.iter().copied()) {
        Some(meant) => format!("did you mean '{meant}'?"),
        None => format!("give one of {}", known.join(", ")),
    };
    section.problem(key, format!("there is no {what} '{}'; {right}", word.written.escape_debug()));
}

fn needed_text(section: &mut Section<'_>, key: &'static str, right: &str) -> Option<String> {
    let text = section.text(key).map(|text| text.value.trim().to_owned()).filter(|text| !text.is_empty());
    if !section.has(key) {
        section.problem_here(right);
    }
    text
}

fn needed_secret(section: &mut Section<'_>, key: &'static str, right: &str) -> Option<SecretSource> {
    let secret = section.secret(key, false);
    if !section.has(key) {
        section.problem_here(right);
    }
    secret
}

/// The variables that hold credentials, of every channel: they may stand nowhere else.
pub(in crate::config) fn credentials(channels: &DeTable<'_>) -> BTreeSet<String> {
    let channels = channels.values().filter_map(|channel| channel.get_ref().as_table());
    let secrets = channels.flat_map(|channel| ["url", "password"].into_iter().filter_map(|key| channel.get(key)));
    let templates = secrets.filter_map(|secret| Template::parse(secret.get_ref().as_str()?).ok());
    templates.flat_map(|template| template.variables().map(str::to_owned).collect::<Vec<_>>()).collect()
}
