//! What can go wrong. To add a fault: a variant here, its name in `name`, its line in the crate's table, and its effect in
//! `effect` or, for the connection, in `wire`. When a fault applies is left to `rule`.

mod name;
mod rule;

pub use name::UnknownFault;
pub(super) use rule::ActiveFaults;
pub use rule::{FaultRule, Times};

use scoresheet_simulator::Permission;
use serde_json::Value;

/// Something that goes wrong with an answer.
///
/// Each kind has a name, and a fault is written as that name and what it takes: `cut-body=700`, `names=nfd`.
/// [`Fault::EXAMPLES`] has one of each kind; [`std::str::FromStr`] reads what [`std::fmt::Display`] writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    // A status in the place of the answer.
    /// This status with a JSON error body; 100 to 999, or else 500.
    Status(u16),
    /// 401 as it comes for a key that has expired: with `WWW-Authenticate`.
    Unauthorized,
    /// 403 as it comes for a key that lacks this permission.
    Forbidden(Permission),
    /// 429 with this `Retry-After`, whatever it says.
    RateLimited {
        /// Seconds, a date, or nonsense; empty: no such header.
        retry_after: String,
    },
    /// 500, 502, 503 and 504 in turn.
    Storm,
    /// 302 to this address.
    RedirectTo(String),

    // The connection.
    /// Nobody listens on the port any more: what is open breaks off, and every new connection is refused, until other
    /// faults are set. At once if the rule names no path, page or count; else from the first matching request on.
    Refused,
    /// The connection is reset (TCP RST): before a byte of the answer, or after so many bytes of its body.
    ResetConnection {
        /// None: before the answer's head.
        after_body_bytes: Option<u64>,
    },
    /// The head announces the whole length, and the connection is closed (TCP FIN) after so many bytes of
    /// the body. A body that is shorter than that arrives whole.
    CutBody {
        /// Bytes of the body that still arrive.
        at_byte: u64,
    },
    /// The connection is closed (TCP FIN) after so many bytes of the answer, its head included. An answer that is
    /// shorter than that arrives whole.
    CutConnection {
        /// Bytes of the answer that still arrive.
        at_byte: u64,
    },
    /// The answer is right, and the connection is reset as soon as another request comes over it.
    StaleKeepAlive,
    /// What answers is no HTTP server: the banner of another protocol, and a close.
    NotHttp,

    // Time.
    /// So many milliseconds pass before the answer's head; then all is well.
    Slow {
        /// Milliseconds.
        millis: u64,
    },
    /// The head comes in morsels, with a pause after each; the body then comes at once.
    SlowHead {
        /// Bytes in a morsel; at least 1 is used.
        bytes: usize,
        /// Milliseconds of a pause.
        millis: u64,
    },
    /// The head comes at once, the body in morsels, with a pause before each.
    Drip {
        /// Bytes in a morsel; at least 1 is used.
        bytes: usize,
        /// Milliseconds of a pause.
        millis: u64,
    },
    /// The server's clock is wrong: `Date` and the rows' times lie so far ahead.
    ClockAhead {
        /// Seconds; negative: behind.
        seconds: i64,
    },

    // Too much, or other than announced.
    /// `Content-Length` is wrong, while the body is whole and the connection stays open: a client waits for bytes that
    /// never come, or finds bytes of this answer before the next one.
    WrongLength {
        /// What is added to the right length.
        off_by: i64,
    },
    /// The right answer behind header lines of so much filling; 4 MiB at most.
    HugeHead {
        /// Kibibytes.
        kibibytes: u32,
    },
    /// 200 with a small gzip body that unpacks to so much whitespace in JSON.
    GzipBomb {
        /// Mebibytes, unpacked.
        mebibytes: u32,
    },
    /// 200 with so much whitespace in JSON, of no announced length (chunked).
    HugeBody {
        /// Mebibytes.
        mebibytes: u32,
    },
    /// 200 with rows that never end, of no announced length (chunked).
    EndlessBody,
    /// 200 with JSON arrays nested so deep.
    DeepJson {
        /// Levels.
        depth: usize,
    },

    // No page of JSON.
    /// A complete HTTP answer whose JSON stops halfway.
    TruncatedJson,
    /// 200 with an HTML page, as a captive portal or a login form answers.
    HtmlWith200,
    /// The right body under this content type.
    WrongContentType(String),
    /// The request's `Authorization` comes back in a header and in the body.
    EchoCredential,

    // Pages.
    /// Every page holds the rows of page 1, and says that there is a next one.
    SamePageForever {
        /// Which page number it claims.
        echo: EchoedPage,
    },
    /// Page n begins with rows of page n − 1 before its own; the page data are those of honest pages.
    RepeatRowsOfPreviousPage {
        /// So many of them, the last ones; none: all.
        rows: Option<u32>,
    },
    /// Every page holds rows with ids of its own, and says that there is a next one.
    EndlessPages,
    /// The list changes between two pages: by each page so many rows have come in front of it, so that rows come again;
    /// or they have gone, so that rows are missed. The page data follow.
    DriftingPages {
        /// Rows that came, fewer than a page has; negative: that went.
        rows: i32,
    },
    /// A list is empty, and says that it is meant to be.
    EmptySuccess,
    /// The page data claim so many pages; the rows are right.
    WrongTotalPages(u64),

    // Rows.
    /// A field of every row has another name.
    RenamedField {
        /// The documented name.
        from: String,
        /// The name it goes by now.
        to: String,
    },
    /// Every row was answered so much later than it was.
    FutureDates {
        /// Days.
        days: u32,
    },
    /// Every row has this score: a number beyond the scale, a text, null, whatever JSON can say.
    Scores(Value),
    /// Every client's name is written in another way.
    Names(NameForm),
}

/// The page number that a page which repeats for ever claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EchoedPage {
    /// Always 1.
    First,
    /// The one that was asked for.
    Asked,
}

/// A way to write a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameForm {
    /// Composed (Unicode's NFC): `ü` is one character.
    Nfc,
    /// Decomposed (NFD): `ü` is a `u` and a mark.
    Nfd,
    /// With a NUL after its first character, escaped as JSON asks for it.
    Nul,
    /// Within HTML that runs a script where it is not escaped.
    Html,
    /// As a spreadsheet's formula.
    Formula,
    /// Coloured by a terminal's escape sequence.
    Ansi,
    /// Behind a mark that has what follows read from right to left.
    Rtl,
}

impl Fault {
    /// The row field `score` goes by the name of `rating`.
    #[must_use]
    pub fn renamed_score() -> Self {
        Self::RenamedField { from: "score".to_owned(), to: "rating".to_owned() }
    }

    /// Only for paths with this prefix: `/api/v1/csat`.
    #[must_use]
    pub fn on(self, path_prefix: &str) -> FaultRule {
        FaultRule::from(self).on(path_prefix)
    }

    /// Only for requests of this page.
    #[must_use]
    pub fn page(self, page: u32) -> FaultRule {
        FaultRule::from(self).page(page)
    }

    /// Only from the nth matching request on, counted from 1.
    #[must_use]
    pub fn from_nth(self, nth: u64) -> FaultRule {
        FaultRule::from(self).from_nth(nth)
    }

    /// Only this often.
    #[must_use]
    pub fn times(self, times: Times) -> FaultRule {
        FaultRule::from(self).times(times)
    }
}
