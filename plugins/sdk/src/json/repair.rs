//! Makes JSON of what some servers write instead, so that one bad figure does not cost its whole page.
//!
//! Python's `json` writes `NaN`, `Infinity` and `-Infinity`: they become `null`. A number beyond the range of `f64`
//! (`1e999`) becomes `1e308`, which is still out of any range that a figure may have. A text cut in the middle of an
//! emoji holds half a surrogate pair (`\ud83d`): it becomes U+FFFD. Nothing else is touched; where nothing was to
//! repair, there is no second reading.

/// The repaired text.
pub(super) struct Repaired {
    pub(super) json: String,
    /// The places in `json` that hold one byte more than was there before, in order. Everything else kept its place.
    pub(super) inserted: Vec<usize>,
}

impl Repaired {
    /// Where a place in the repaired text lies in the one that came.
    pub(super) fn place(&self, offset: usize) -> usize {
        offset - self.inserted.iter().filter(|place| **place < offset).count()
    }
}

/// The repaired text; `None` where there was nothing to repair.
#[cold]
#[inline(never)]
pub(super) fn repair(json: &str) -> Option<Repaired> {
    let bytes = json.as_bytes();
    let mut out = String::with_capacity(json.len() + 16);
    let mut inserted = Vec::new();
    let mut copied = 0;
    let mut at = 0;
    while at < bytes.len() {
        let (length, replacement) = match bytes[at] {
            b'"' => {
                // The text's inside is copied as it stands, but for half pairs.
                at += 1;
                while let Some(&byte) = bytes.get(at) {
                    match byte {
                        b'"' => break,
                        b'\\' => {
                            let (length, half) = escape(&bytes[at..]);
                            if half {
                                out.push_str(&json[copied..at]);
                                out.push_str("\\ufffd");
                                copied = at + length;
                            }
                            at += length;
                        }
                        _ => at += 1,
                    }
                }
                at += 1;
                continue;
            }
            _ => match token(&bytes[at..]) {
                Some(found) => found,
                None => {
                    at += 1;
                    continue;
                }
            },
        };
        if let Some(replacement) = replacement {
            out.push_str(&json[copied..at]);
            out.push_str(replacement);
            // Shorter ones are filled up with spaces, so that places in the text stay what they were.
            out.extend(std::iter::repeat_n(' ', length.saturating_sub(replacement.len())));
            if replacement.len() > length {
                inserted.push(out.len() - 1);
            }
            copied = at + length;
        }
        at += length;
    }
    if copied == 0 {
        return None;
    }
    out.push_str(json.get(copied..).unwrap_or_default());
    Some(Repaired { json: out, inserted })
}

/// The length of the escape at the start, and whether it is half a surrogate pair.
fn escape(bytes: &[u8]) -> (usize, bool) {
    match unit(bytes) {
        Some(0xd800..=0xdbff) => match unit(&bytes[6..]) {
            Some(0xdc00..=0xdfff) => (12, false),
            _ => (6, true),
        },
        Some(0xdc00..=0xdfff) => (6, true),
        // `\"` and its kind; the second byte may be missing or begin a longer character, which the next step skips.
        _ => (2.min(bytes.len()), false),
    }
}

/// The UTF-16 unit of a `\uXXXX` at the start.
fn unit(bytes: &[u8]) -> Option<u16> {
    let digits = bytes.strip_prefix(b"\\u")?.get(..4)?;
    let plain = digits.iter().all(u8::is_ascii_hexdigit);
    std::str::from_utf8(digits).ok().filter(|_| plain).and_then(|digits| u16::from_str_radix(digits, 16).ok())
}

/// A word or a number outside of texts: its length, and what to write for it where it is no JSON.
fn token(rest: &[u8]) -> Option<(usize, Option<&'static str>)> {
    for word in ["NaN", "Infinity", "-Infinity", "-NaN"] {
        if rest.starts_with(word.as_bytes()) {
            return Some((word.len(), Some("null")));
        }
    }
    if !matches!(rest.first(), Some(b'0'..=b'9' | b'-')) {
        return None;
    }
    let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
    let length = rest.iter().take_while(|byte| is_part(byte)).count();
    let is_too_large = |error: &serde_json::Error| error.to_string().starts_with("number out of range");
    let read = std::str::from_utf8(&rest[..length]).map(serde_json::from_str::<f64>);
    let replacement = match read {
        Ok(Err(error)) if is_too_large(&error) => Some(if rest[0] == b'-' { "-1e308" } else { "1e308" }),
        _ => None,
    };
    Some((length, replacement))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repaired(json: &str) -> String {
        repair(json).map(|repaired| repaired.json).expect("something to repair")
    }

    #[test]
    fn repairs_numbers_outside_of_texts() {
        assert_eq!(repaired("[NaN, Infinity,-Infinity]"), "[null, null    ,null     ]");
        assert_eq!(repaired(r#"{"NaN\"NaN":NaN}"#), r#"{"NaN\"NaN":null}"#);
        assert_eq!(repaired("[1e400,2]"), "[1e308,2]");
        assert_eq!(repaired("[-1e400]"), "[-1e308]");
        let long = "9".repeat(400);
        assert_eq!(repaired(&long), format!("1e308{}", " ".repeat(395)));
    }

    #[test]
    fn repairs_half_surrogate_pairs() {
        assert_eq!(repaired(r#"["a\ud83d"]"#), r#"["a\ufffd"]"#);
        assert_eq!(repaired(r#"["\ude00b"]"#), r#"["\ufffdb"]"#);
        assert_eq!(repaired(r#"["\ud83d\u0041\\ud83d"]"#), r#"["\ufffd\u0041\\ud83d"]"#);
    }

    #[test]
    fn leaves_everything_else_alone() {
        for json in [
            "",
            "[1, -2, 3.5e10, 1e-400, true, null]",
            r#"["NaN", "\ud83d\ude00", "Infinity 1e999", "\\ud83d", "é\""]"#,
            "[1, tru",
            "\"open",
            "\"open\\",
            "\"open\\é",
            "\"open\\u00",
            "Nan",
            "--1",
            "é ü",
            "[1é]",
        ] {
            assert!(repair(json).is_none(), "{json}");
        }
    }

    #[test]
    fn tells_where_it_made_the_text_longer() {
        let repaired = repair("[NaN,NaN,x").expect("something to repair");
        assert_eq!(repaired.json, "[null,null,x");
        assert_eq!(repaired.inserted, [4, 9]);
    }
}
