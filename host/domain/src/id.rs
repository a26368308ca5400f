//! The names by which clients, providers, metrics and source clients are known.

use std::{borrow::Borrow, fmt, str::FromStr};

use compact_str::CompactString;

/// The source's id of a record. Nearly all are short and stand where they are kept, without a piece of memory of their
/// own: there may be millions.
pub type RecordId = CompactString;

/// A text that cannot be an id, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} '{}' {why}", shortened(text))]
pub struct InvalidId {
    what: &'static str,
    text: String,
    why: &'static str,
}

/// So many characters of a text that is no id are repeated: it may come from outside, and be as long as it likes.
const REPEATED_CHARS: usize = 60;

fn shortened(text: &str) -> String {
    let mut characters = text.chars();
    let mut told: String = characters.by_ref().take(REPEATED_CHARS).flat_map(char::escape_debug).collect();
    if characters.next().is_some() {
        told.push('…');
    }
    told
}

/// At most so many bytes in any id.
pub const MAX_ID_BYTES: usize = 256;

impl InvalidId {
    /// The text that is no id.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// Whether the text is an id that nobody can object to: printable ASCII, at most [`MAX_ID_BYTES`] of it, no space at
/// either end. Most ids are plain, and this is told sooner than what a character of all of Unicode is.
#[must_use]
#[inline]
pub fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let ends = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_graphic);
    if bytes.len() > MAX_ID_BYTES || !ends(bytes.first()) || !ends(bytes.last()) {
        return false;
    }
    match bytes.last_chunk() {
        // Eight at once; the last eight may be looked at twice.
        Some(last) => bytes.as_chunks().0.iter().chain([last]).all(|eight| are_printable(*eight)),
        None => bytes.iter().all(|byte| matches!(byte, b' '..=b'~')),
    }
}

/// Whether each of eight bytes is printable ASCII.
#[inline]
fn are_printable(eight: [u8; 8]) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let eight = u64::from_le_bytes(eight);
    // The top bit of a byte is set where it is no ASCII, where DEL counts up into it, and where taking a space away
    // borrows from it. What is carried into or borrowed from the byte beside comes from one that is refused itself.
    (eight | eight.wrapping_add(ONES) | eight.wrapping_sub(u64::from(b' ') * ONES)) & (0x80 * ONES) == 0
}

fn free_text(what: &'static str, text: &str) -> Result<(), InvalidId> {
    if is_plain(text) {
        return Ok(());
    }
    let why = if text.is_empty() {
        "is empty"
    } else if text.len() > MAX_ID_BYTES {
        "is longer than 256 bytes"
    } else if text.chars().any(char::is_control) {
        "holds a control character"
    } else if text.trim() != text {
        "begins or ends with a space"
    } else {
        return Ok(());
    };
    Err(InvalidId { what, text: text.to_owned(), why })
}

fn kebab(what: &'static str, text: &str) -> Result<(), InvalidId> {
    free_text(what, text)?;
    let fits = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
        && text.as_bytes()[0].is_ascii_alphanumeric();
    if fits {
        Ok(())
    } else {
        Err(InvalidId {
            what,
            text: text.to_owned(),
            why: "must be lower-case letters, digits, '-' and '_', beginning with a letter or digit",
        })
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $check:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, schemars::JsonSchema)]
        #[serde(transparent)]
        pub struct $name(#[schemars(with = "String")] CompactString);

        impl $name {
            /// Checks the text.
            ///
            /// # Errors
            /// [`InvalidId`] says what is wrong with it.
            pub fn new(text: impl Into<CompactString>) -> Result<Self, InvalidId> {
                let text = text.into();
                $check($what, &text)?;
                Ok(Self(text))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::new(CompactString::deserialize(deserializer)?).map_err(serde::de::Error::custom)
            }
        }
    };
}

id! {
    /// A client of the MSP, as the roster names it.
    ClientId, "client id", free_text
}
id! {
    /// A provider, as the configuration names it: `[providers.NAME]`.
    ProviderName, "provider name", kebab
}
id! {
    /// A metric, of a provider or of the sheet.
    MetricId, "metric id", kebab
}
id! {
    /// A client, as a source names it.
    SourceId, "source client id", free_text
}
id! {
    /// A rule that alerts are fired by, as the configuration names it.
    RuleId, "alert rule", kebab
}
id! {
    /// Where alerts are told, as the configuration names it: `[channels.NAME]`.
    ChannelName, "channel name", kebab
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_no_id_is_not_repeated_at_length() {
        let error = SourceId::new("x\n".repeat(100_000)).expect_err("no id").to_string();
        assert!(error.len() < 300 && error.contains('…'), "{error}");
        let error = SourceId::new("a\nb").expect_err("no id").to_string();
        assert!(error.contains("'a\\nb'"), "{error}");
    }

    #[test]
    fn what_is_plain_would_pass_every_check() {
        let longest = "x".repeat(MAX_ID_BYTES);
        for plain in ["a", "a b", "~", longest.as_str()] {
            assert!(is_plain(plain), "{plain:?}");
        }
        let too_long = "x".repeat(MAX_ID_BYTES + 1);
        for other in ["", " ", " a", "a ", "a\nb", "\u{7f}", "a\0", "ä", too_long.as_str()] {
            assert!(!is_plain(other), "{other:?}");
        }
        for place in 0..20 {
            for byte in 0..=0x7f {
                let text: String = (0..20).map(|at| if at == place { char::from(byte) } else { '~' }).collect();
                let objection = byte < b' ' || byte == 0x7f || (byte == b' ' && (place == 0 || place == 19));
                assert_eq!(is_plain(&text), !objection, "{text:?}");
            }
        }
    }

    #[test]
    fn an_error_keeps_the_text() {
        assert_eq!(SourceId::new(" a").expect_err("a space").text(), " a");
    }

    #[test]
    fn refuses_what_is_no_id() {
        for wrong in ["", " a", "a\n", "\u{1b}[31m"] {
            assert!(ClientId::new(wrong).is_err(), "{wrong:?}");
        }
        for wrong in ["Crew Hu", "../x", "-a", "ä"] {
            assert!(ProviderName::new(wrong).is_err(), "{wrong:?}");
        }
        assert_eq!(
            MetricId::new("Gut").expect_err("upper case").to_string(),
            "metric id 'Gut' must be lower-case letters, digits, '-' and '_', beginning with a letter or digit"
        );
        assert!(ClientId::new("Acme, Inc. 2").is_ok());
    }
}
