//! A mail by SMTP. What is said to the server waits for TLS; who it may be, the system's authorities say.

use std::{
    error::Error as _,
    net::IpAddr,
    time::{Duration, SystemTime},
};

use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{
        Mailbox,
        header::{ContentType, Header, HeaderName, HeaderValue},
    },
    transport::smtp::{
        Error,
        authentication::Credentials,
        client::{Certificate, CertificateStore, Tls, TlsParameters},
    },
};
use scoresheet_domain::alert::{DeliveryEvent, Notice};
use scoresheet_engine::DeliveryError;
use scoresheet_gateway::TrustAnchors;
use secrecy::ExposeSecret as _;
use tokio::sync::OnceCell;

use crate::{
    channel::{Email, Login, MailSecurity},
    outcome::later,
    shape,
};

/// All of it may take so many times as long as one command.
const COMMANDS: u32 = 3;

/// Who may vouch for a mail server, read when the first mail is sent.
pub(crate) struct Roots {
    trust: TrustAnchors,
    read: OnceCell<Vec<Certificate>>,
}

impl Roots {
    pub(crate) fn new(trust: TrustAnchors) -> Self {
        Self { trust, read: OnceCell::new() }
    }

    async fn certificates(&self) -> &[Certificate] {
        self.read
            .get_or_init(|| async {
                let trust = self.trust.clone();
                tokio::task::spawn_blocking(move || certificates(&trust)).await.unwrap_or_default()
            })
            .await
    }
}

fn certificates(trust: &TrustAnchors) -> Vec<Certificate> {
    let mut found = Vec::new();
    if let TrustAnchors::System | TrustAnchors::SystemAnd(_) = trust {
        found.extend(rustls_native_certs::load_native_certs().certs);
    }
    if let TrustAnchors::SystemAnd(given) | TrustAnchors::Only(given) = trust {
        found.extend(given.iter().cloned());
    }
    // A system's collection may hold a certificate of a kind unknown to rustls: the rest still counts.
    found.into_iter().filter_map(|certificate| Certificate::from_der(certificate.to_vec()).ok()).collect()
}

/// Whether a text is an address of a mailbox: `a@b.example` or `Name <a@b.example>`.
///
/// # Errors
/// What would be right.
pub fn check_address(text: &str) -> Result<(), String> {
    let right = || "give an address, as scoresheet@msp.example or \"Scoresheet <scoresheet@msp.example>\"".to_owned();
    if text.chars().any(char::is_control) {
        return Err(right());
    }
    text.parse::<Mailbox>().map(drop).map_err(|_| right())
}

/// Whether a mail server's host is this machine, by its name or address alone.
#[must_use]
pub fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// `patience` is for each command and its answer.
pub(crate) async fn deliver(
    roots: &Roots,
    email: &Email,
    notice: &Notice,
    patience: Duration,
) -> Result<(), DeliveryError> {
    let message = message(email, notice)?;
    let transport = transport(roots, email, patience).await?;
    match tokio::time::timeout(patience * COMMANDS, transport.send(message)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(fault(&email.host, &error)),
        Err(_) => Err(later(format!("{} did not answer in time", email.host))),
    }
}

async fn transport(
    roots: &Roots,
    email: &Email,
    patience: Duration,
) -> Result<AsyncSmtpTransport<Tokio1Executor>, DeliveryError> {
    let tls = match email.security {
        MailSecurity::None if is_loopback(&email.host) => Tls::None,
        MailSecurity::None => {
            let why = format!("mail to {} would go in the clear, which it may on this machine only", email.host);
            return Err(DeliveryError::Never(why));
        }
        MailSecurity::Starttls => Tls::Required(parameters(roots, &email.host).await?),
        MailSecurity::Implicit => Tls::Wrapper(parameters(roots, &email.host).await?),
    };
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(email.host.as_str())
        .port(email.port)
        .timeout(Some(patience))
        .tls(tls);
    if let Some(Login { user, password }) = &email.login {
        let read = |what: &str, why: String| later(format!("the {what} for {} cannot be read: {why}", email.host));
        let user = user.current().map_err(|why| read("user", why))?;
        let password = password.current().map_err(|why| read("password", why))?;
        builder =
            builder.credentials(Credentials::new(user.expose_secret().to_owned(), password.expose_secret().to_owned()));
    }
    Ok(builder.build())
}

async fn parameters(roots: &Roots, host: &str) -> Result<TlsParameters, DeliveryError> {
    let mut builder = TlsParameters::builder(host.to_owned()).certificate_store(CertificateStore::None);
    for certificate in roots.certificates().await {
        builder = builder.add_root_certificate(certificate.clone());
    }
    builder.build_rustls().map_err(|_| later(format!("TLS to {host} cannot be set up")))
}

/// RFC 3834: nobody's absence answers this.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// The same for every try: the id, by which a mailbox tells a repeat, and the time of the event itself.
fn message(email: &Email, notice: &Notice) -> Result<Message, DeliveryError> {
    let mailbox = |text: &str| -> Result<Mailbox, DeliveryError> {
        check_address(text).map_err(later)?;
        text.parse().map_err(|_| later("an address of a mailbox cannot be read"))
    };
    let from = mailbox(&email.from)?;
    let happened = match (&notice.resolved, notice.event) {
        (Some((at, _)), DeliveryEvent::Resolved) => *at,
        _ => notice.fired,
    };
    let date = SystemTime::UNIX_EPOCH + Duration::from_millis(happened.millis().max(0).unsigned_abs());
    let id = format!("<{}@{}>", notice.id, from.email.domain());
    let mut builder = Message::builder()
        .from(from)
        .subject(shape::subject(notice))
        .message_id(Some(id))
        .date(date)
        .header(AutoSubmitted)
        .header(ContentType::TEXT_PLAIN);
    for to in &email.to {
        builder = builder.to(mailbox(to)?);
    }
    builder.body(shape::text(notice)).map_err(|error| later(format!("no mail can be made of it: {error}")))
}

/// Nothing of what the server said but its status: it may repeat the user, or a mailbox.
fn fault(host: &str, error: &Error) -> DeliveryError {
    let code = error.status().map(|code| code.to_string()).unwrap_or_default();
    if error.is_permanent() {
        return DeliveryError::Never(match code.as_str() {
            "530" | "534" | "535" => format!("{host} does not take the user and password ({code})"),
            _ => format!("{host} does not take the mail ({code})"),
        });
    }
    later(if error.is_transient() {
        format!("{host} does not take the mail now ({code})")
    } else if error.is_timeout() {
        format!("{host} did not answer in time")
    } else if error.is_tls() {
        format!("no secure connection to {host}: the certificate or the handshake is not right")
    } else if error.is_client() {
        // In the library's own words: that the server offers no STARTTLS, or no way to log in.
        let what = error.source().map(ToString::to_string).unwrap_or_default();
        format!("no mail to {host}: {what}")
    } else if error.is_response() {
        format!("what answers at {host} does not speak SMTP")
    } else {
        format!("no connection to {host}, or it broke")
    })
}
