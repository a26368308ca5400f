//! Outbound HTTP to one connection: origin policy, credentials, retry, rate and caps.
//!
//! A *connection* is what an operator configures for a provider: a base URL, a
//! credential, fixed headers and limits. Whoever holds a [`Connection`] gives it a
//! method, a relative path, query pairs and a few headers, and never learns the
//! credential or reaches another origin:
//!
//! 1. the path is checked and joined to the base URL once ([`BaseUrl`]);
//! 2. the caller's headers are checked, the operator's are added;
//! 3. a slot and the rate limit are waited for;
//! 4. the credential is read and attached, last of all;
//! 5. the answer is read under a cap, its headers are filtered, and what echoes the
//!    credential is redacted;
//! 6. a GET that met an overloaded or failing server is retried, with full jitter, while the
//!    origin's retry budget lasts; after a 401, once, if the credential has changed since;
//! 7. each attempt is noted in the journal, if there is one.
//!
//! There is no HTTP cache: the store is the cache, and the engine requests only what the store does not cover.
//!
//! [`Recorder`] and [`Replayer`] stand before or in the place of a connection, to write down
//! what passes and to answer from it again.
//!
//! Everything ends by the caller's deadline or at its cancellation. Redirects are not
//! followed, no proxy is taken from the environment, no cookies are kept. A name is resolved
//! once for each TCP connection, and leads nowhere but to public addresses unless the
//! operator says otherwise ([`ConnectionSpec::allow_private_addresses`]).
//!
//! The crate knows nothing of components, settings files or the store: [`CredentialSource`]
//! is how a secret gets in, and the runtime maps [`HttpError`] to the contract's own.

mod address;
mod attempt;
mod base_url;
mod clock;
mod connection;
mod credential;
mod error;
mod fault;
mod flight;
#[doc(hidden)]
pub mod fuzzing;
mod gateway;
mod header;
mod jitter;
mod journal;
mod limits;
mod message;
mod outbound;
mod pace;
mod path;
mod recording;
mod redact;
mod resolve;
mod retry;
mod retry_budget;
mod tls;

pub use base_url::{BaseUrl, BaseUrlError};
pub use clock::{Clock, FakeClock, SystemClock};
pub use connection::{Connection, ConnectionSpec};
pub use credential::{Credential, CredentialSource};
pub use error::{ConnectionError, GatewayError, HttpError};
pub use gateway::{Gateway, GatewayOptions};
pub use header::{check_credential_header, check_fixed_header};
pub use jitter::{FixedJitter, Jitter, RandomJitter};
pub use journal::{Exchange, Journal};
pub use limits::ConnectionLimits;
pub use message::{Method, Request, Response};
pub use outbound::Outbound;
pub use recording::{Recorder, RecordingError, Replayer, scrub_body};
pub use resolve::{Resolver, SystemResolver};
pub use tls::{TrustAnchors, certificates_from_pem};
