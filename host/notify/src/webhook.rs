//! A POST to a webhook, through the gateway.
//!
//! The address is a secret as a whole, its path as much as its query. So all of its path goes into the connection's base
//! URL, of which the gateway logs and notes nothing, and none into the request's own.

use std::{sync::Arc, time::Duration};

use scoresheet_domain::alert::Notice;
use scoresheet_engine::DeliveryError;
use scoresheet_gateway::{BaseUrl, ConnectionLimits, ConnectionSpec, Credential, Gateway, Method, Request};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{
    channel::Webhook,
    outcome::{self, later},
    shape,
};

/// Webhooks answer with a word.
const MAX_ANSWER_BYTES: u64 = 256 * 1024;

/// An address, as the gateway takes it.
struct Address {
    base: BaseUrl,
    query: Vec<(String, String)>,
}

/// Whether a text is the address of a webhook. What is wrong completes no sentence and holds nothing of it.
///
/// # Errors
/// What is wrong, and what would be right.
pub fn check_url(url: &SecretString, allow_insecure: bool) -> Result<(), String> {
    parse(url, allow_insecure).map(drop)
}

fn parse(url: &SecretString, allow_insecure: bool) -> Result<Address, String> {
    let (base, query) = match url.expose_secret().split_once('?') {
        Some((base, query)) => (base, Some(query)),
        None => (url.expose_secret(), None),
    };
    let base = BaseUrl::parse(base, allow_insecure).map_err(|error| error.to_string())?;
    if query.is_some_and(|query| query.contains('#')) {
        return Err("a webhook's address has no fragment (\"#\")".to_owned());
    }
    let query = query.map(|query| url::form_urlencoded::parse(query.as_bytes()).into_owned().collect());
    Ok(Address { base, query: query.unwrap_or_default() })
}

/// `patience` is from sending to the end of the answer.
pub(crate) async fn deliver(
    gateway: &Gateway,
    webhook: &Webhook,
    notice: &Notice,
    patience: Duration,
) -> Result<(), DeliveryError> {
    let url = webhook.url.current().map_err(|why| later(format!("its address cannot be read: {why}")))?;
    let Address { base, query } = parse(&url, webhook.allow_insecure).map_err(later)?;
    let host = base.host().to_owned();
    let connection = gateway
        .connect(ConnectionSpec {
            name: format!("channel {}", notice.channel),
            base_url: base,
            credential: Arc::new(Credential::None),
            headers: Vec::new(),
            secret_headers: Vec::new(),
            limits: ConnectionLimits {
                max_body_bytes: MAX_ANSWER_BYTES,
                request_timeout: patience,
                ..ConnectionLimits::default()
            },
            allow_private_addresses: webhook.allow_private_addresses,
            allow_post: true,
        })
        .map_err(|error| later(error.to_string()))?;
    let request = Request {
        method: Method::Post,
        path: String::new(),
        query,
        headers: vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            ("idempotency-key".to_owned(), notice.id.clone()),
        ],
        body: Some(shape::body(webhook.shape, notice).to_string().into_bytes()),
    };
    let sent = connection.send(request, Instant::now() + patience, &CancellationToken::new()).await;
    match sent {
        Ok(answer) => outcome::of_answer(&host, &answer),
        Err(error) => Err(outcome::of_fault(&host, error)),
    }
}
