//! Facts from a source, and what a metric sees of them.

use crate::{
    id::{RecordId, SourceId},
    provider::Cursor,
    time::{Instant, Window},
};

/// Whose an observation is, where the source gives an id; or else the name it gives.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClientRef {
    /// The source's id of the client.
    Id(SourceId),
    /// The provider's one source client of exactly this name.
    Name(String),
}

/// When an observation holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Happened then: a survey answer, a ticket.
    At(Instant),
    /// Holds since then: an agreement in force.
    Since(Instant),
    /// Held from the one to the other.
    During(Window),
}

impl When {
    /// The first instant at which it holds.
    #[must_use]
    pub const fn start(self) -> Instant {
        match self {
            Self::At(at) | Self::Since(at) => at,
            Self::During(window) => window.start,
        }
    }

    /// The instant it ends: its start for an event, [`Instant::MAX`] for a state that still holds.
    #[must_use]
    pub const fn until(self) -> Instant {
        match self {
            Self::At(at) => at,
            Self::Since(_) => Instant::MAX,
            Self::During(window) => window.end,
        }
    }

    /// Whether it is an event inside the window, or a state that overlaps it.
    #[must_use]
    pub fn touches(self, window: Window) -> bool {
        match self {
            Self::At(at) => window.contains(at),
            Self::Since(at) => at < window.end,
            Self::During(own) => own.start < window.end && window.start < own.end,
        }
    }
}

/// One fact about one client. The same id again replaces the former.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// The source's id of the record.
    pub id: RecordId,
    /// Whose it is.
    pub client: ClientRef,
    /// When it holds.
    pub when: When,
    /// Index into the description's kinds.
    pub kind: u16,
    /// The figure, in the kind's unit; finite.
    pub value: f64,
}

/// A record that the source sent and the provider will not use. It withdraws an earlier observation of the same id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The source's id of the record, where it has one.
    pub id: Option<RecordId>,
    /// Whose it is, where it says.
    pub client: Option<ClientRef>,
    /// When it happened, where it says.
    pub at: Option<Instant>,
    /// Index into the description's rejections.
    pub reason: u16,
}

/// One page of a pull, checked against the description and the window.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ObservationPage {
    /// What counts.
    pub items: Vec<Observation>,
    /// What does not, and why.
    pub rejected: Vec<Rejection>,
    /// Further pages, to be applied in this order.
    pub next: Vec<Cursor>,
    /// Of how many records in all, where the source says.
    pub total: Option<u64>,
}

/// What a metric sees of an observation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// When it happened or began.
    pub at: Instant,
    /// When it ended: `at` for an event, [`Instant::MAX`] for a state that still holds.
    pub until: Instant,
    /// The figure.
    pub value: f64,
    /// Index into the description's kinds.
    pub kind: u16,
}

/// One client, as a metric sees it: no name, no id.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Subject {
    /// The client's columns in the roster.
    pub attributes: Vec<(String, String)>,
    /// Events inside the window and states that overlap it, by time.
    pub samples: Vec<Sample>,
}
