//! A connection: what an operator sets for it, checked, and what it shares. The life of a request is left to `flight`.

use std::fmt;
use std::sync::Arc;

use reqwest::header::HeaderMap;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, field};

use crate::address;
use crate::base_url::BaseUrl;
use crate::credential::CredentialSource;
use crate::error::{ConnectionError, HttpError};
use crate::gateway::Gateway;
use crate::header;
use crate::limits::ConnectionLimits;
use crate::message::{Request, Response};
use crate::pace::Pace;
use crate::retry::Backoff;
use crate::retry_budget::RetryBudget;

/// What an operator sets for a connection.
#[derive(Clone)]
pub struct ConnectionSpec {
    /// Names it in logs and errors.
    pub name: String,
    /// Where its requests go.
    pub base_url: BaseUrl,
    /// Where its credential comes from.
    pub credential: Arc<dyn CredentialSource>,
    /// Names and values that every request carries, and that the caller cannot replace.
    pub headers: Vec<(String, String)>,
    /// The same, of values that nobody is to see: like the credential they are kept out of logs and taken out of answers.
    pub secret_headers: Vec<(String, SecretString)>,
    /// What it may use.
    pub limits: ConnectionLimits,
    /// Whether the base URL's host may have a private, loopback or link-local address although it does not look so: a
    /// name within the operator's own network, or a link-local address itself. An address that the base URL itself
    /// names, other than a link-local one, and `localhost` need no such leave. Usually false.
    pub allow_private_addresses: bool,
    /// Whether a POST may be sent. Usually false: reading needs none.
    pub allow_post: bool,
}

impl fmt::Debug for ConnectionSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secret = self.secret_headers.iter().map(|(name, _)| name);
        let names: Vec<&String> = self.headers.iter().map(|(name, _)| name).chain(secret).collect();
        f.debug_struct("ConnectionSpec")
            .field("name", &self.name)
            .field("base_url", &self.base_url.to_string())
            .field("headers", &names)
            .field("limits", &self.limits)
            .field("allow_private_addresses", &self.allow_private_addresses)
            .finish_non_exhaustive()
    }
}

/// A way to one server, under one credential and one set of limits. Clones share the limits.
#[derive(Clone)]
pub struct Connection {
    inner: Arc<Inner>,
}

/// What a connection's clones share.
pub(crate) struct Inner {
    pub(crate) name: String,
    pub(crate) base_url: BaseUrl,
    pub(crate) credential: Arc<dyn CredentialSource>,
    pub(crate) fixed: HeaderMap,
    /// What is taken out of answers besides the credential.
    pub(crate) secrets: Vec<SecretString>,
    pub(crate) limits: ConnectionLimits,
    pub(crate) allow_private_addresses: bool,
    pub(crate) allow_post: bool,
    pub(crate) pace: Pace,
    pub(crate) retry_budget: Arc<RetryBudget>,
    pub(crate) backoff: Backoff,
    pub(crate) gateway: Gateway,
}

impl Connection {
    pub(crate) fn open(spec: ConnectionSpec, gateway: &Gateway) -> Result<Self, ConnectionError> {
        // The client asks its resolver for names only, so an address is checked here.
        if let Some(address) = spec.base_url.address() {
            address::check_named(address, spec.allow_private_addresses)
                .map_err(|problem| ConnectionError::Address { connection: spec.name.clone(), problem })?;
        }
        let plain = spec.headers.iter().map(|(name, value)| (name, value.as_str(), false));
        let secret = spec.secret_headers.iter().map(|(name, value)| (name, value.expose_secret(), true));
        let mut fixed = HeaderMap::with_capacity(spec.headers.len() + spec.secret_headers.len());
        for (name, value, is_secret) in plain.chain(secret) {
            let refuse = |problem| ConnectionError::Header {
                connection: spec.name.clone(),
                header: name.chars().take(60).collect(),
                problem,
            };
            let (parsed, mut value) = header::from_operator(name, value).map_err(refuse)?;
            value.set_sensitive(is_secret);
            if header::is_named_in(&fixed, parsed.as_str()) {
                return Err(refuse("is given twice; join its values by commas"));
            }
            fixed.insert(parsed, value);
        }
        // Read now only to find early what could never be sent; each try reads it again.
        if let Ok(credential) = spec.credential.current() {
            credential
                .attach(&mut fixed.clone())
                .map_err(|problem| ConnectionError::Credential { connection: spec.name.clone(), problem })?;
        }
        Ok(Self {
            inner: Arc::new(Inner {
                pace: Pace::new(&spec.limits, Arc::clone(gateway.clock())),
                backoff: Backoff::new(&spec.limits, Arc::clone(gateway.jitter())),
                retry_budget: gateway.retry_budget(&spec.base_url),
                name: spec.name,
                base_url: spec.base_url,
                credential: spec.credential,
                fixed,
                secrets: spec.secret_headers.into_iter().map(|(_, value)| value).collect(),
                limits: spec.limits,
                allow_private_addresses: spec.allow_private_addresses,
                allow_post: spec.allow_post,
                gateway: gateway.clone(),
            }),
        })
    }

    /// Its name, as the operator gave it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// Where its requests go.
    #[must_use]
    pub fn base_url(&self) -> &BaseUrl {
        &self.inner.base_url
    }

    /// Tells its credential from another one without showing either: 16 hexadecimal digits under the caller's own salt
    /// ([`Credential::fingerprint`](crate::Credential::fingerprint)); none where it has no credential.
    ///
    /// # Errors
    /// Why the credential cannot be read, in words without a part of it.
    pub fn credential_fingerprint(&self, salt: &[u8]) -> Result<Option<String>, String> {
        self.inner.credential.fingerprint(salt)
    }

    /// Sends a request and reads the whole answer, whatever its status.
    ///
    /// A GET is retried after 429, 500, 502, 503, 504 and after a transient network failure, as
    /// long as the wait ends before `deadline` and the origin's retry budget lasts; after 401
    /// once, if the credential has changed since. The last answer is returned as it is. Nothing
    /// outlives `deadline` or `cancel`.
    ///
    /// # Errors
    /// [`HttpError`], without the secret, the query or any header's value in it.
    pub async fn send(
        &self,
        request: Request,
        deadline: Instant,
        cancel: &CancellationToken,
    ) -> Result<Response, HttpError> {
        let inner = &*self.inner;
        let span = tracing::info_span!(
            "http.request",
            connection = %inner.name,
            method = %request.method,
            path = field::Empty,
            status = field::Empty,
            attempts = field::Empty,
            duration_ms = field::Empty,
            bytes = field::Empty,
        );
        let work = async {
            let prepared = inner.prepare(request).map_err(HttpError::Denied)?;
            inner.run(&prepared, deadline).await
        };
        cancel.run_until_cancelled(work.instrument(span)).await.unwrap_or(Err(HttpError::Cancelled))
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("name", &self.inner.name)
            .field("base_url", &self.inner.base_url.to_string())
            .field("limits", &self.inner.limits)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{credential::Credential, gateway::GatewayOptions, message::Method};

    /// What the libraries below log of a request is how its headers show themselves.
    #[test]
    fn a_secret_header_does_not_show_its_value() {
        let gateway = Gateway::new(GatewayOptions::default()).expect("a gateway");
        let spec = ConnectionSpec {
            name: "crewhu".into(),
            base_url: BaseUrl::parse("https://api.example", false).expect("a base URL"),
            credential: Arc::new(Credential::None),
            headers: vec![("x-region".into(), "visible".into())],
            secret_headers: vec![("x-second-key".into(), "canary".into())],
            limits: ConnectionLimits::default(),
            allow_private_addresses: false,
            allow_post: false,
        };
        let connection = Connection::open(spec, &gateway).expect("a connection");
        let request =
            Request { method: Method::Get, path: "x".into(), query: Vec::new(), headers: Vec::new(), body: None };
        let shown = format!("{:?}", connection.inner.prepare(request).expect("it may be sent").headers);
        assert!(shown.contains("visible") && shown.contains("x-second-key") && !shown.contains("canary"), "{shown}");
    }
}
