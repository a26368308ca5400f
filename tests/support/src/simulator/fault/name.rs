//! Faults as texts: `cut-body=700`. What a fault does is left to the other modules.

use std::{fmt, str::FromStr};

use scoresheet_simulator::Permission;

use super::{EchoedPage, Fault, NameForm};

/// A text that names no fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnknownFault {
    /// There is no kind of this name.
    #[error("there is no fault '{0}'; there are {all}", all = names().collect::<Vec<_>>().join(", "))]
    Name(String),
    /// What the kind takes cannot be read.
    #[error("the fault '{given}' cannot be read; write it as '{example}'")]
    Parameter {
        /// The text.
        given: String,
        /// One that can be read.
        example: &'static str,
    },
}

impl Fault {
    /// One fault of each kind, as a text.
    pub const EXAMPLES: [&'static str; 36] = [
        "status=404",
        "unauthorized",
        "forbidden=date-ranges",
        "rate-limited=120",
        "storm",
        "redirect-to=https://elsewhere.example/login",
        "refused",
        "reset-connection=20",
        "cut-body=700",
        "cut-connection=40",
        "stale-keep-alive",
        "not-http",
        "slow=500",
        "slow-head=1,20",
        "drip=100,5",
        "clock-ahead=600",
        "wrong-length=-5",
        "huge-head=512",
        "gzip-bomb=1024",
        "huge-body=10240",
        "endless-body",
        "deep-json=100000",
        "truncated-json",
        "html-with-200",
        "wrong-content-type=text/plain",
        "echo-credential",
        "same-page-forever=asked",
        "repeat-rows-of-previous-page=3",
        "endless-pages",
        "drifting-pages=-1",
        "empty-success",
        "wrong-total-pages=40",
        "renamed-field=score,rating",
        "future-dates=30",
        "scores=\"5\"",
        "names=nfd",
    ];

    /// The name of its kind.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Status(_) => "status",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden(_) => "forbidden",
            Self::RateLimited { .. } => "rate-limited",
            Self::Storm => "storm",
            Self::RedirectTo(_) => "redirect-to",
            Self::Refused => "refused",
            Self::ResetConnection { .. } => "reset-connection",
            Self::CutBody { .. } => "cut-body",
            Self::CutConnection { .. } => "cut-connection",
            Self::StaleKeepAlive => "stale-keep-alive",
            Self::NotHttp => "not-http",
            Self::Slow { .. } => "slow",
            Self::SlowHead { .. } => "slow-head",
            Self::Drip { .. } => "drip",
            Self::ClockAhead { .. } => "clock-ahead",
            Self::WrongLength { .. } => "wrong-length",
            Self::HugeHead { .. } => "huge-head",
            Self::GzipBomb { .. } => "gzip-bomb",
            Self::HugeBody { .. } => "huge-body",
            Self::EndlessBody => "endless-body",
            Self::DeepJson { .. } => "deep-json",
            Self::TruncatedJson => "truncated-json",
            Self::HtmlWith200 => "html-with-200",
            Self::WrongContentType(_) => "wrong-content-type",
            Self::EchoCredential => "echo-credential",
            Self::SamePageForever { .. } => "same-page-forever",
            Self::RepeatRowsOfPreviousPage { .. } => "repeat-rows-of-previous-page",
            Self::EndlessPages => "endless-pages",
            Self::DriftingPages { .. } => "drifting-pages",
            Self::EmptySuccess => "empty-success",
            Self::WrongTotalPages(_) => "wrong-total-pages",
            Self::RenamedField { .. } => "renamed-field",
            Self::FutureDates { .. } => "future-dates",
            Self::Scores(_) => "scores",
            Self::Names(_) => "names",
        }
    }

    fn parse(name: &str, text: &str) -> Option<Self> {
        Some(match name {
            "status" => Self::Status(text.parse().ok()?),
            "unauthorized" => Self::Unauthorized,
            "forbidden" => Self::Forbidden(one_of(text, &PERMISSIONS)?),
            "rate-limited" => Self::RateLimited { retry_after: text.to_owned() },
            "storm" => Self::Storm,
            "redirect-to" => Self::RedirectTo(text.to_owned()),
            "refused" => Self::Refused,
            "reset-connection" if text.is_empty() => Self::ResetConnection { after_body_bytes: None },
            "reset-connection" => Self::ResetConnection { after_body_bytes: Some(text.parse().ok()?) },
            "cut-body" => Self::CutBody { at_byte: text.parse().ok()? },
            "cut-connection" => Self::CutConnection { at_byte: text.parse().ok()? },
            "stale-keep-alive" => Self::StaleKeepAlive,
            "not-http" => Self::NotHttp,
            "slow" => Self::Slow { millis: text.parse().ok()? },
            "slow-head" => {
                let (bytes, millis) = two(text)?;
                Self::SlowHead { bytes: bytes.parse().ok()?, millis: millis.parse().ok()? }
            }
            "drip" => {
                let (bytes, millis) = two(text)?;
                Self::Drip { bytes: bytes.parse().ok()?, millis: millis.parse().ok()? }
            }
            "clock-ahead" => Self::ClockAhead { seconds: text.parse().ok()? },
            "wrong-length" => Self::WrongLength { off_by: text.parse().ok()? },
            "huge-head" => Self::HugeHead { kibibytes: text.parse().ok()? },
            "gzip-bomb" => Self::GzipBomb { mebibytes: text.parse().ok()? },
            "huge-body" => Self::HugeBody { mebibytes: text.parse().ok()? },
            "endless-body" => Self::EndlessBody,
            "deep-json" => Self::DeepJson { depth: text.parse().ok()? },
            "truncated-json" => Self::TruncatedJson,
            "html-with-200" => Self::HtmlWith200,
            "wrong-content-type" => Self::WrongContentType(text.to_owned()),
            "echo-credential" => Self::EchoCredential,
            "same-page-forever" => Self::SamePageForever { echo: one_of(text, &ECHOES)? },
            "repeat-rows-of-previous-page" if text.is_empty() => Self::RepeatRowsOfPreviousPage { rows: None },
            "repeat-rows-of-previous-page" => Self::RepeatRowsOfPreviousPage { rows: Some(text.parse().ok()?) },
            "endless-pages" => Self::EndlessPages,
            "drifting-pages" => Self::DriftingPages { rows: text.parse().ok()? },
            "empty-success" => Self::EmptySuccess,
            "wrong-total-pages" => Self::WrongTotalPages(text.parse().ok()?),
            "renamed-field" => {
                let (from, to) = two(text)?;
                Self::RenamedField { from: from.to_owned(), to: to.to_owned() }
            }
            "future-dates" => Self::FutureDates { days: text.parse().ok()? },
            "scores" => Self::Scores(serde_json::from_str(text).ok()?),
            "names" => Self::Names(one_of(text, &NAME_FORMS)?),
            _ => return None,
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Self::Status(status) => write!(f, "={status}"),
            Self::Forbidden(permission) => write!(f, "={}", word(permission, &PERMISSIONS)),
            Self::RateLimited { retry_after: text } | Self::RedirectTo(text) | Self::WrongContentType(text) => {
                write!(f, "={text}")
            }
            Self::ResetConnection { after_body_bytes: Some(bytes) }
            | Self::CutBody { at_byte: bytes }
            | Self::CutConnection { at_byte: bytes } => write!(f, "={bytes}"),
            Self::Slow { millis } => write!(f, "={millis}"),
            Self::SlowHead { bytes, millis } | Self::Drip { bytes, millis } => write!(f, "={bytes},{millis}"),
            Self::ClockAhead { seconds: number } | Self::WrongLength { off_by: number } => write!(f, "={number}"),
            Self::HugeHead { kibibytes: size }
            | Self::GzipBomb { mebibytes: size }
            | Self::HugeBody { mebibytes: size } => write!(f, "={size}"),
            Self::DeepJson { depth } => write!(f, "={depth}"),
            Self::SamePageForever { echo } => write!(f, "={}", word(echo, &ECHOES)),
            Self::RepeatRowsOfPreviousPage { rows: Some(rows) } => write!(f, "={rows}"),
            Self::DriftingPages { rows } => write!(f, "={rows}"),
            Self::WrongTotalPages(pages) => write!(f, "={pages}"),
            Self::RenamedField { from, to } => write!(f, "={from},{to}"),
            Self::FutureDates { days } => write!(f, "={days}"),
            Self::Scores(score) => write!(f, "={score}"),
            Self::Names(form) => write!(f, "={}", word(form, &NAME_FORMS)),
            Self::Unauthorized
            | Self::Storm
            | Self::Refused
            | Self::ResetConnection { after_body_bytes: None }
            | Self::StaleKeepAlive
            | Self::NotHttp
            | Self::EndlessBody
            | Self::TruncatedJson
            | Self::HtmlWith200
            | Self::EchoCredential
            | Self::RepeatRowsOfPreviousPage { rows: None }
            | Self::EndlessPages
            | Self::EmptySuccess => Ok(()),
        }
    }
}

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, UnknownFault> {
        let (name, parameter) = text.split_once('=').unwrap_or((text, ""));
        let example = Self::EXAMPLES.into_iter().zip(names()).find(|(_, known)| *known == name);
        let Some((example, _)) = example else { return Err(UnknownFault::Name(name.to_owned())) };
        Self::parse(name, parameter)
            // What takes nothing is given nothing.
            .filter(|fault| fault.to_string() == text || (!parameter.is_empty() && example.contains('=')))
            .ok_or_else(|| UnknownFault::Parameter { given: text.to_owned(), example })
    }
}

const PERMISSIONS: [(&str, Permission); 3] =
    [("csat", Permission::Csat), ("clients", Permission::Clients), ("date-ranges", Permission::DateRanges)];

const ECHOES: [(&str, EchoedPage); 2] = [("first", EchoedPage::First), ("asked", EchoedPage::Asked)];

const NAME_FORMS: [(&str, NameForm); 7] = [
    ("nfc", NameForm::Nfc),
    ("nfd", NameForm::Nfd),
    ("nul", NameForm::Nul),
    ("html", NameForm::Html),
    ("formula", NameForm::Formula),
    ("ansi", NameForm::Ansi),
    ("rtl", NameForm::Rtl),
];

fn names() -> impl Iterator<Item = &'static str> {
    Fault::EXAMPLES.into_iter().map(|example| example.split_once('=').map_or(example, |(name, _)| name))
}

fn one_of<T: Copy>(text: &str, words: &[(&str, T)]) -> Option<T> {
    words.iter().find(|(word, _)| *word == text).map(|(_, meant)| *meant)
}

fn word<T: PartialEq>(meant: &T, words: &[(&'static str, T)]) -> &'static str {
    words.iter().find(|(_, other)| other == meant).map_or("", |(word, _)| word)
}

fn two(text: &str) -> Option<(&str, &str)> {
    text.split_once(',')
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_kind_is_read_as_it_is_written() {
        for example in Fault::EXAMPLES {
            let fault: Fault = example.parse().expect(example);
            assert_eq!(fault.to_string(), example);
        }
        let kinds: BTreeSet<&str> = names().collect();
        assert_eq!(kinds.len(), Fault::EXAMPLES.len(), "each kind once");
        assert!(kinds.len() >= 25);
        for text in [
            "reset-connection",
            "repeat-rows-of-previous-page",
            "rate-limited=",
            "rate-limited=Wed, 21 Oct 2015 07:28:00 GMT",
            "scores=null",
            "same-page-forever=first",
            "forbidden=csat",
            "names=html",
            "wrong-length=7",
        ] {
            assert_eq!(text.parse::<Fault>().expect(text).to_string(), text);
        }
    }

    /// A kind that is added to the enum and not to the examples is found here: its name stands in this file alone.
    #[test]
    fn the_examples_and_the_crates_table_leave_no_kind_out() {
        let this = include_str!("name.rs");
        let of_name = this.split_once("const fn name").and_then(|(_, rest)| rest.split_once("fn parse"));
        let arms = of_name.map_or(0, |(arms, _)| arms.matches(" => \"").count());
        assert_eq!(arms, Fault::EXAMPLES.len());
        let table = include_str!("../../lib.rs");
        for name in names() {
            assert!(table.contains(&format!("//! | `{name}")), "{name} has no line in the crate's table");
        }
    }

    #[test]
    fn what_is_no_fault_says_what_would_be() {
        let message = |text: &str| text.parse::<Fault>().expect_err(text).to_string();
        assert!(message("gremlin=1").starts_with("there is no fault 'gremlin'; there are status, unauthorized, "));
        for (text, example) in [
            ("status", "status=404"),
            ("status=x", "status=404"),
            ("storm=5", "storm"),
            ("drip=100", "drip=100,5"),
            ("scores=", "scores=\"5\""),
            ("names=upper", "names=nfd"),
            ("wrong-length=", "wrong-length=-5"),
        ] {
            assert_eq!(message(text), format!("the fault '{text}' cannot be read; write it as '{example}'"));
        }
    }
}
