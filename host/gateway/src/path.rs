//! Which paths may follow a base URL. Joining them is left to `base_url`.
//!
//! Two readers may take one path differently: the `url` crate, a proxy in between, the
//! server behind it. So a path is refused unless every reading of it, decoded as often as
//! it can be, stays below the base URL. What is accepted is already in the form in which
//! it is sent: parsing it changes no byte.

use percent_encoding::percent_decode_str;

/// A path relative to a base URL, percent-encoded, without a leading slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RelativePath(String);

/// Longer paths are nobody's; the query has its own limit.
const MAX_PATH_CHARS: usize = 2_000;

impl RelativePath {
    /// Checks a path. The message says what is wrong without repeating the path, which is
    /// untrusted and may hold a query.
    pub(crate) fn parse(path: &str) -> Result<Self, String> {
        if path.len() > MAX_PATH_CHARS {
            return Err(format!("the path has {} bytes; the limit is {MAX_PATH_CHARS}", path.len()));
        }
        if path.starts_with('/') {
            return Err(
                "the path begins with a slash; give it relative to the base URL, such as \"api/v1/items\"".into()
            );
        }
        if path.split('/').next().is_some_and(|first| first.contains(':')) {
            return Err(
                "the path names a scheme or a host; give it relative to the base URL, and write a colon as %3A".into(),
            );
        }
        check_characters(path)?;
        check_segments(path)?;
        Ok(Self(path.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether each character may stand in a path, and each `%` begins an escape.
pub(crate) fn check_characters(path: &str) -> Result<(), String> {
    for (at, c) in path.char_indices() {
        let problem = match c {
            '?' => "the path holds \"?\"; give the query as pairs",
            '#' => "the path holds \"#\"; a fragment is never sent",
            '\\' => "the path holds a backslash; separate its segments by \"/\"",
            '@' => "the path holds \"@\"; write it as %40",
            '%' if !is_escape(&path.as_bytes()[at..]) => {
                "the path holds a \"%\" that begins no escape; write it as %25"
            }
            c if c.is_control() => "the path holds a control character",
            c if !c.is_ascii() => "the path holds a character beyond ASCII; percent-encode its UTF-8 form",
            c if c.is_ascii_alphanumeric() || "%-._~!$&'()*+,;=:/".contains(c) => continue,
            _ => "the path holds a character that must be percent-encoded",
        };
        return Err(format!("{problem} (at byte {at})"));
    }
    Ok(())
}

/// Whether no reading of a segment is empty, climbs, or is more than one segment.
pub(crate) fn check_segments(path: &str) -> Result<(), String> {
    if path.contains("//") {
        return Err("the path holds an empty segment (\"//\")".into());
    }
    path.split('/').try_for_each(check_segment)
}

fn check_segment(segment: &str) -> Result<(), String> {
    let mut reading = segment.to_owned();
    // Each pass shortens the text by two bytes an escape, so this ends.
    loop {
        check_reading(&fold_look_alikes(&reading))?;
        if !holds_escape(&reading) {
            return Ok(());
        }
        // Overlong forms, such as %c0%af for a slash, are not UTF-8.
        reading = percent_decode_str(&reading)
            .decode_utf8()
            .map_err(|_| "the path holds an escape that is not UTF-8".to_owned())?
            .into_owned();
    }
}

fn check_reading(reading: &str) -> Result<(), String> {
    // Some servers cut parameters off (";x") before they look for dots.
    let name = reading.split(';').next().unwrap_or_default();
    if name == "." || name == ".." {
        return Err("the path holds a \".\" or \"..\" segment, which would lead away from the base URL".into());
    }
    if reading.contains(['/', '\\']) {
        return Err("the path holds an encoded slash or backslash".into());
    }
    if reading.chars().any(char::is_control) {
        return Err("the path holds an encoded control character".into());
    }
    Ok(())
}

/// Characters that a server which normalises Unicode reads as part of the syntax.
fn fold_look_alikes(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{2024}' | '\u{fe52}' | '\u{ff0e}' => '.',
            '\u{2044}' | '\u{2215}' | '\u{29f8}' | '\u{ff0f}' => '/',
            '\u{2216}' | '\u{29f5}' | '\u{fe68}' | '\u{ff3c}' => '\\',
            '\u{ff1b}' => ';',
            other => other,
        })
        .collect::<String>()
        .replace('\u{2025}', "..")
}

fn holds_escape(text: &str) -> bool {
    let bytes = text.as_bytes();
    (0..bytes.len()).any(|at| bytes[at] == b'%' && is_escape(&bytes[at..]))
}

fn is_escape(bytes: &[u8]) -> bool {
    matches!(bytes, [b'%', high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_paths_pass_unchanged() {
        for path in [
            "",
            "api/v1/csat/scores",
            "api/v1/clients/",
            "service/tickets/count",
            "users/a%40b.example",
            "clients/M%C3%BCller%20%26%20Co.",
            "items/2026-10-02T14:03:11Z",
            "items;version=2/x",
            "a.b/..c/c../...",
            "rate/100%25",
            "odata/Clients('x')",
        ] {
            assert_eq!(RelativePath::parse(path).as_ref().map(RelativePath::as_str), Ok(path));
        }
        assert!(RelativePath::parse(&"a".repeat(MAX_PATH_CHARS)).is_ok());
    }

    #[test]
    fn what_could_lead_away_is_refused() {
        let cases: &[(&str, &str)] = &[
            ("/api", "begins with a slash"),
            ("//evil.example/x", "begins with a slash"),
            ("http://evil.example/", "names a scheme"),
            ("HTTPS:evil.example", "names a scheme"),
            ("javascript:x", "names a scheme"),
            ("evil.example:8443/x", "names a scheme"),
            ("\\\\evil.example\\x", "backslash"),
            ("api\\..\\x", "backslash"),
            ("@evil.example/x", "\"@\""),
            ("user:pw@evil.example", "names a scheme"),
            ("api//x", "empty segment"),
            ("api/v1?x=1", "\"?\""),
            ("api/v1#x", "\"#\""),
            (".", "\"..\" segment"),
            ("..", "\"..\" segment"),
            ("api/../x", "\"..\" segment"),
            ("api/./x", "\"..\" segment"),
            ("api/%2e%2E/x", "\"..\" segment"),
            ("api/.%2e", "\"..\" segment"),
            ("api/%252e%252e/x", "\"..\" segment"),
            ("api/%25252e/x", "\"..\" segment"),
            ("api/..;/x", "\"..\" segment"),
            ("api/..;a=b/x", "\"..\" segment"),
            ("api/..%3bx/y", "\"..\" segment"),
            ("api/%EF%BC%8E%EF%BC%8E/x", "\"..\" segment"),
            ("api/%E2%80%A5/x", "\"..\" segment"),
            ("api/a%2fb", "encoded slash"),
            ("api/a%2Fb", "encoded slash"),
            ("api/a%5cb", "encoded slash"),
            ("api/a%252Fb", "encoded slash"),
            ("api/a%EF%BC%8Fb", "encoded slash"),
            ("api/%c0%ae%c0%ae/x", "not UTF-8"),
            ("api/%c0%af", "not UTF-8"),
            ("api/%ff", "not UTF-8"),
            ("api/a%00", "encoded control"),
            ("api/a%0d%0aX:%20y", "encoded control"),
            ("api/a%7f", "encoded control"),
            ("api/a%C2%85", "encoded control"),
            ("api/a\tb", "a control character"),
            ("api/a\r\nHost: evil.example", "a control character"),
            ("api/\u{0}", "a control character"),
            ("api/a b", "must be percent-encoded"),
            ("api/<x>", "must be percent-encoded"),
            ("api/{x}", "must be percent-encoded"),
            ("api/[::1]", "must be percent-encoded"),
            ("api/a|b", "must be percent-encoded"),
            ("api/a\"b", "must be percent-encoded"),
            ("api/%", "begins no escape"),
            ("api/%2", "begins no escape"),
            ("api/%zz", "begins no escape"),
            ("api/\u{ff0e}\u{ff0e}/x", "beyond ASCII"),
            ("\u{ff0f}\u{ff0f}evil.example", "beyond ASCII"),
            ("api/\u{202e}x", "beyond ASCII"),
            ("api/m\u{fc}ller", "beyond ASCII"),
        ];
        for (path, expected) in cases {
            let refusal = RelativePath::parse(path).expect_err(path);
            assert!(refusal.contains(expected), "{path:?}: {refusal}");
            assert!(!refusal.contains("evil"), "a refusal does not repeat the path: {refusal}");
        }
        let refusal = RelativePath::parse(&"a".repeat(MAX_PATH_CHARS + 1)).expect_err("too long");
        assert!(refusal.contains("2001 bytes"), "{refusal}");
    }
}
