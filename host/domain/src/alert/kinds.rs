//! The kinds of rules, one file each. A new kind is a file and a line in the list below.

mod connection;
mod decline;
mod drop;
mod floor;
mod mapping;
mod stale;

pub use self::{
    connection::Connection,
    decline::Decline,
    drop::Drop,
    floor::{Floor, FloorOf},
    mapping::Mapping,
    stale::Stale,
};
use super::{
    Filter,
    evaluate::{Asked, Reading, View},
};
use crate::{
    id::ProviderName,
    sheet::{ClientRow, MetricCell},
};

/// What a kind of rule checks. It is asked about every client, metric and provider that the rule's filter has; `None` if
/// the kind is not about such a thing.
pub(super) trait Check {
    /// A client's row.
    fn client(&self, _: &ClientRow, _: Asked) -> Option<Reading> {
        None
    }

    /// A metric of a client.
    fn cell(&self, _: &ClientRow, _: &MetricCell, _: Asked) -> Option<Reading> {
        None
    }

    /// A provider of the sheet.
    fn provider(&self, _: &View<'_>, _: &ProviderName) -> Option<Reading> {
        None
    }

    /// A client at a provider.
    fn client_of_provider(&self, _: &View<'_>, _: &ProviderName, _: &ClientRow) -> Option<Reading> {
        None
    }
}

/// How a kind of rule is configured.
trait Kind: Check + Copy {
    /// The keys that it takes, besides `id`, `kind`, `providers` and `channels`.
    const KEYS: &'static [&'static str];

    /// From what is configured, filling in defaults.
    fn new(given: &mut Parameters<'_>) -> Result<Self, Vec<InvalidParameter>>;
}

/// What is configured for a rule.
#[derive(Clone, Copy, Debug)]
pub struct Parameters<'a> {
    /// `at`
    pub at: Option<f64>,
    /// `clears_above`
    pub clears_above: Option<f64>,
    /// `by`
    pub by: Option<f64>,
    /// Whether `metrics` is given.
    pub names_metrics: bool,
    /// Metrics, clients, types and providers.
    pub filter: &'a Filter,
}

/// Why a rule cannot be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidParameter {
    /// The key at fault.
    pub key: &'static str,
    /// What is wrong, and what would be right.
    pub message: String,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $word:literal),+ $(,)?) => {
        /// What a rule looks for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        pub enum AlertKind {
            $($(#[$doc])* #[serde(rename = $word)] $kind),+
        }

        impl AlertKind {
            /// All kinds.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$kind),+];

            /// The word in the configuration, the store and notifications.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => $word),+
                }
            }

            /// The keys that a rule of this kind takes, besides `id`, `kind`, `providers` and `channels`.
            #[must_use]
            pub const fn keys(self) -> &'static [&'static str] {
                match self {
                    $(Self::$kind => <$kind as Kind>::KEYS),+
                }
            }
        }

        /// What a rule looks for, with its parameters.
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub enum Condition {
            $($(#[$doc])* $kind($kind)),+
        }

        impl Condition {
            /// From what is configured; defaults are filled in there.
            ///
            /// # Errors
            /// Each parameter that is missing or invalid.
            pub fn new(kind: AlertKind, given: &mut Parameters<'_>) -> Result<Self, Vec<InvalidParameter>> {
                match kind {
                    $(AlertKind::$kind => Kind::new(given).map(Self::$kind)),+
                }
            }

            /// Without the parameters.
            #[must_use]
            pub const fn kind(self) -> AlertKind {
                match self {
                    $(Self::$kind(_) => AlertKind::$kind),+
                }
            }

            pub(super) fn check(&self) -> &dyn Check {
                match self {
                    $(Self::$kind(check) => check),+
                }
            }
        }
    };
}

kinds! {
    /// A score at or below a floor.
    Floor = "floor",
    /// A figure that is worse than in the window before by at least `by`.
    Drop = "drop",
    /// A trend that declines.
    Decline = "decline",
    /// Figures that are older than they should be.
    Stale = "stale",
    /// A source that fails.
    Connection = "connection",
    /// A client that has no counterpart at a source, or several.
    Mapping = "mapping",
}

impl AlertKind {
    /// The kind of this word, as [`AlertKind::as_str`] returns it.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}
