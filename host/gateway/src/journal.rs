//! What was asked of whom and how it went, for whoever wants to show or keep it. Writing it down is left to them.

use std::fmt;
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use crate::clock::Clock;
use crate::message::Method;

/// One attempt of a request. It holds no secret, no query and no body.
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
    /// Why there is no whole answer: `cancelled`, `denied`, `network`, `timeout` or `too-large`.
    pub fault: Option<&'static str>,
    /// The number of the attempt, from 1.
    pub attempt: u32,
    /// When it began.
    pub at: SystemTime,
    /// How long it took.
    pub duration: Duration,
    /// The bytes of the request's body.
    pub bytes_sent: u64,
    /// The bytes of the answer's body that came, decompressed.
    pub bytes_received: u64,
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
    at: SystemTime,
    began: Instant,
    pub(crate) progress: Progress,
    fault: Option<&'static str>,
}

impl<'a> Subject<'a> {
    pub(crate) fn begin(self, attempt: u32) -> Entry<'a> {
        let (at, began) = (self.clock.wall(), self.clock.now());
        Entry { subject: self, attempt, at, began, progress: Progress::default(), fault: Some("cancelled") }
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
        let Subject { journal: Some(journal), clock, .. } = self.subject else { return };
        journal.note(Exchange {
            connection: self.subject.connection.to_owned(),
            method: self.subject.method,
            path: self.subject.path.to_owned(),
            status: self.progress.status,
            fault: self.fault,
            attempt: self.attempt,
            at: self.at,
            duration: clock.now().saturating_duration_since(self.began),
            bytes_sent: self.subject.bytes_sent,
            bytes_received: self.progress.received,
        });
    }
}
