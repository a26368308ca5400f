//! What was asked of whom and how it went, for whoever wants to show or keep it. Writing it down is left to them.

use std::fmt;
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use crate::clock::Clock;
use crate::message::Method;

/// One try, one answer from the cache, or one request that was not let out. It holds no secret, no query and no body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The connection's name.
    pub connection: String,
    /// What was to be done.
    pub method: Method,
    /// The path below the base URL, without the query.
    pub path: String,
    /// The status, where the answer's head arrived.
    pub status: Option<u16>,
    /// Why there is no whole answer: `cancelled`, `circuit-open`, `denied`, `network`, `timeout` or `too-large`.
    pub fault: Option<&'static str>,
    /// The number of the try, the first being 1; 0 where nothing was sent.
    pub attempt: u32,
    /// When it began.
    pub at: SystemTime,
    /// How long it took.
    pub duration: Duration,
    /// The bytes of the request's body.
    pub bytes_sent: u64,
    /// The bytes of the answer's body that came, decompressed.
    pub bytes_received: u64,
    /// Whether the cache answered, and nobody was asked.
    pub from_cache: bool,
}

/// Takes notes. Called from within requests, so it should hand them on and not wait.
pub trait Journal: Send + Sync + fmt::Debug {
    /// Takes a note.
    fn note(&self, exchange: Exchange);
}

/// Whom a request's notes go to, and what they all say.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) journal: Option<&'a dyn Journal>,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) connection: &'a str,
    pub(crate) method: Method,
    pub(crate) path: &'a str,
    pub(crate) bytes_sent: u64,
}

/// How far an answer has come.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Progress {
    pub(crate) status: Option<u16>,
    pub(crate) received: u64,
}

/// One try's note, taken when the try ends, also where it is given up.
pub(crate) struct Entry<'a> {
    subject: Subject<'a>,
    attempt: u32,
    began: Option<(SystemTime, Instant)>,
    pub(crate) progress: Progress,
    fault: Option<&'static str>,
}

impl<'a> Subject<'a> {
    pub(crate) fn begin(self, attempt: u32) -> Entry<'a> {
        let began = self.journal.map(|_| (self.clock.wall(), self.clock.now()));
        Entry { subject: self, attempt, began, progress: Progress::default(), fault: Some("cancelled") }
    }

    /// A request that was not let out.
    pub(crate) fn note_refusal(self, fault: &'static str) {
        self.note(0, None, Progress::default(), Some(fault), false);
    }

    /// An answer from the cache.
    pub(crate) fn note_cached(self, status: u16, bytes: u64) {
        self.note(0, None, Progress { status: Some(status), received: bytes }, None, true);
    }

    fn note(
        self,
        attempt: u32,
        began: Option<(SystemTime, Instant)>,
        progress: Progress,
        fault: Option<&'static str>,
        from_cache: bool,
    ) {
        let Some(journal) = self.journal else { return };
        let now = self.clock.now();
        let (at, began) = began.unwrap_or_else(|| (self.clock.wall(), now));
        journal.note(Exchange {
            connection: self.connection.to_owned(),
            method: self.method,
            path: self.path.to_owned(),
            status: progress.status,
            fault,
            attempt,
            at,
            duration: now.saturating_duration_since(began),
            bytes_sent: if attempt == 0 { 0 } else { self.bytes_sent },
            bytes_received: progress.received,
            from_cache,
        });
    }
}

impl Entry<'_> {
    /// Ends it: with a fault, or with a whole answer.
    pub(crate) fn finish(mut self, fault: Option<&'static str>) {
        self.fault = fault;
    }
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        self.subject.note(self.attempt, self.began, self.progress, self.fault, false);
    }
}
