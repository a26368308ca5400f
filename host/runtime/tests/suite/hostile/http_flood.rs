//! Requests without end: the one above the limit is refused, and so are all that follow.

use std::sync::Arc;

use async_trait::async_trait;
use scoresheet_gateway::{HttpError, Outbound, Request, Response};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Case;
use crate::common::{Guest, image};

pub(super) fn cases() -> Vec<Case> {
    [
        Case::pull("it computed for longer than 0 s", |_| format!("(loop $again {SEND} (br $again)) unreachable")).at_once(),
        Case::pull("more than 64 requests in one call", until_refused),
        Case::pull("more than 9000 bytes over HTTP in one call", until_refused).with(|limits| limits.http_bytes = 9_000),
    ]
    .map(|case| case.connected(Arc::new(Answers)))
    .into()
}

const SEND: &str = "(call $send (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
    (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 64))";

/// Sends until a request fails, then hands on that the host gave up.
fn until_refused(guest: &mut Guest) -> String {
    let cancelled = image::cancelled(&mut guest.image);
    format!("(loop $again {SEND} (br_if $again (i32.eqz (i32.load8_u (i32.const 64))))) i32.const {cancelled}")
}

/// Answers everything at once with 1,000 bytes.
#[derive(Debug)]
struct Answers;

#[async_trait]
impl Outbound for Answers {
    async fn send(&self, _: Request, _: Instant, _: &CancellationToken) -> Result<Response, HttpError> {
        Ok(Response { status: 200, headers: Vec::new(), body: vec![b'x'; 1_000] })
    }

    fn relative(&self, _: &str) -> Result<String, String> {
        Err("no links here".to_owned())
    }
}
