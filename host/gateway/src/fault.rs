//! Why a try brought no answer: the client's errors in plain words, without URLs, and whether another try can help.

use std::error::Error;
use std::io;

use rustls::CertificateError;

use crate::base_url::BaseUrl;
use crate::error::HttpError;
use crate::resolve::AddressRefused;

/// What happened to one try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Never sent.
    Denied(String),
    /// The try ran out of time.
    Timeout,
    /// The network's doing; may pass.
    Passing(String),
    /// Stays as it is until somebody acts.
    Lasting(String),
    /// The body went beyond the cap.
    TooLarge(u64),
}

impl Fault {
    pub(crate) const fn is_retryable(&self) -> bool {
        matches!(self, Self::Timeout | Self::Passing(_))
    }

    /// What the caller is told after this many tries.
    pub(crate) fn into_error(self, attempts: u32) -> HttpError {
        match self {
            Self::Denied(text) => HttpError::Denied(text),
            Self::Timeout => HttpError::Timeout,
            Self::Passing(text) if attempts > 1 => HttpError::Network(format!("{text} (tried {attempts} times)")),
            Self::Passing(text) | Self::Lasting(text) => HttpError::Network(text),
            Self::TooLarge(cap) => HttpError::TooLarge(cap),
        }
    }

    /// In a word, for the journal.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Denied(_) => "denied",
            Self::Timeout => "timeout",
            Self::Passing(_) | Self::Lasting(_) => "network",
            Self::TooLarge(_) => "too-large",
        }
    }

    /// In a few words, for the log.
    pub(crate) fn label(&self) -> &str {
        match self {
            Self::Denied(_) => "denied",
            Self::Timeout => "timeout",
            Self::Passing(text) | Self::Lasting(text) => text,
            Self::TooLarge(_) => "too large",
        }
    }
}

/// Reads the client's error. Nothing of its text is handed on: it may hold the URL.
pub(crate) fn classify(error: reqwest::Error, base: &BaseUrl) -> Fault {
    let error = error.without_url();
    let host = base.host();
    let place = format!("{host}:{}", base.port());
    if error.is_builder() {
        return Fault::Lasting("the request could not be built".into());
    }
    if let Some(refused) = causes(&error).find_map(|cause| cause.downcast_ref::<AddressRefused>()) {
        return Fault::Denied(refused.to_string());
    }
    if error.is_dns() {
        return Fault::Passing(format!("the name {host} could not be resolved"));
    }
    let mut io_kind = None;
    for cause in causes(&error) {
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return from_tls(tls, host);
        }
        if let Some(http) = cause.downcast_ref::<hyper::Error>() {
            if http.is_incomplete_message() {
                return Fault::Passing(cut_short(host));
            }
            if http.is_parse() {
                return Fault::Lasting(format!("what answers at {place} does not speak HTTP"));
            }
        }
        if let Some(io) = cause.downcast_ref::<io::Error>() {
            io_kind = io_kind.or(Some(io.kind()));
        }
    }
    match io_kind {
        Some(io::ErrorKind::ConnectionRefused) => Fault::Passing(format!("{place} refused the connection")),
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe) => {
            Fault::Passing(format!("{host} reset the connection"))
        }
        Some(io::ErrorKind::UnexpectedEof) => Fault::Passing(cut_short(host)),
        _ if error.is_timeout() && error.is_connect() => {
            Fault::Passing(format!("{place} did not accept a connection in time"))
        }
        _ if error.is_timeout() => Fault::Timeout,
        Some(io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable) => {
            Fault::Passing(format!("there is no route to {host}"))
        }
        Some(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::Other) if error.is_decode() => {
            Fault::Lasting(format!("the answer from {host} could not be decompressed"))
        }
        _ if error.is_connect() => Fault::Passing(format!("no connection to {place}")),
        _ => Fault::Passing(format!("the connection to {host} broke")),
    }
}

fn cut_short(host: &str) -> String {
    format!("the answer from {host} was cut short")
}

fn from_tls(error: &rustls::Error, host: &str) -> Fault {
    let rustls::Error::InvalidCertificate(problem) = error else {
        return Fault::Lasting(format!("no secure connection to {host}: the TLS handshake failed"));
    };
    let problem = match problem {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "has expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "is not valid yet; is this machine's clock right?"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => "is for another name",
        CertificateError::UnknownIssuer => {
            "was issued by nobody whom this machine trusts (self-signed, or a private authority)"
        }
        CertificateError::Revoked => "was revoked",
        _ => "is not valid",
    };
    Fault::Lasting(format!("certificate problem: the certificate of {host} {problem}"))
}

/// An error and what lies behind it. `io::Error` hides what it wraps from `source`.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error: &&'a (dyn Error + 'static)| {
        match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}
