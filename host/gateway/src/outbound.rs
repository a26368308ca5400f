//! Where a caller's requests go, whatever it is.

use std::fmt;

use async_trait::async_trait;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::connection::Connection;
use crate::error::HttpError;
use crate::message::{Request, Response};

/// Takes requests and gives answers: a [`Connection`], or what stands in for one where nothing shall be asked.
#[async_trait]
pub trait Outbound: fmt::Debug + Send + Sync {
    /// Sends a request and gives the whole answer, whatever its status. Nothing outlives `deadline` or `cancel`.
    ///
    /// # Errors
    /// [`HttpError`], without a secret in it.
    async fn send(
        &self,
        request: Request,
        deadline: Instant,
        cancel: &CancellationToken,
    ) -> Result<Response, HttpError>;

    /// Path and query, relative to the base URL, of a link that a response holds.
    ///
    /// # Errors
    /// Why the link leads elsewhere.
    fn relative(&self, link: &str) -> Result<String, String>;
}

#[async_trait]
impl Outbound for Connection {
    async fn send(
        &self,
        request: Request,
        deadline: Instant,
        cancel: &CancellationToken,
    ) -> Result<Response, HttpError> {
        Self::send(self, request, deadline, cancel).await
    }

    fn relative(&self, link: &str) -> Result<String, String> {
        self.base_url().relative(link)
    }
}
