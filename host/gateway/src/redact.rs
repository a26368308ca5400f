//! Takes a credential out of what a server sends back. What the forms of a credential are is left to `credential`.
//!
//! A server that echoes a request (an error page, a debugging header) would hand the
//! credential to the component, and from there to a log. It is searched for as it is, and
//! as JSON, URLs and base64 would write it.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use memchr::memmem;
use percent_encoding::utf8_percent_encode;
use secrecy::{ExposeSecret, SecretSlice};

use crate::base_url::UNRESERVED;

/// What stands where a credential stood.
const REDACTED: &[u8] = b"[redacted]";

/// Shorter ones are left alone: they occur in ordinary data, and to cut them out of it
/// would change a client's name or a number without a word.
const SHORTEST: usize = 6;

/// Knows one request's credential in all the forms in which it could come back.
#[derive(Debug, Default)]
pub(crate) struct Redactor {
    /// The longest first, so that what holds another goes before it.
    needles: Vec<SecretSlice<u8>>,
}

impl Redactor {
    /// For these secret texts.
    pub(crate) fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut needles: Vec<Vec<u8>> = Vec::new();
        for secret in secrets {
            if secret.len() < SHORTEST {
                continue;
            }
            let json = secret.replace('\\', "\\\\").replace('"', "\\\"");
            // Without its padding a base64 text is found with and without it.
            for form in [
                json.replace('/', "\\/"),
                json,
                utf8_percent_encode(secret, UNRESERVED).to_string(),
                STANDARD_NO_PAD.encode(secret),
                URL_SAFE_NO_PAD.encode(secret),
                secret.to_owned(),
            ] {
                if !needles.iter().any(|n| n == form.as_bytes()) {
                    needles.push(form.into_bytes());
                }
            }
        }
        needles.sort_by_key(|needle| std::cmp::Reverse(needle.len()));
        Self { needles: needles.into_iter().map(SecretSlice::from).collect() }
    }

    /// The bytes with every occurrence replaced.
    pub(crate) fn redact(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        for needle in &self.needles {
            let needle = needle.expose_secret();
            let finder = memmem::Finder::new(needle);
            let mut hits = finder.find_iter(&bytes).peekable();
            if hits.peek().is_none() {
                continue;
            }
            let mut clean = Vec::with_capacity(bytes.len());
            let mut from = 0;
            for at in hits {
                clean.extend_from_slice(&bytes[from..at]);
                clean.extend_from_slice(REDACTED);
                from = at + needle.len();
            }
            clean.extend_from_slice(&bytes[from..]);
            bytes = clean;
        }
        bytes
    }

    /// Whether a header's name, which arrives in lower case, holds it.
    pub(crate) fn is_in_name(&self, name: &str) -> bool {
        self.needles
            .iter()
            .any(|needle| memmem::find(name.as_bytes(), &needle.expose_secret().to_ascii_lowercase()).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(secret: &str, text: &str) -> String {
        String::from_utf8(Redactor::new([secret]).redact(text.into())).expect("text")
    }

    #[test]
    fn every_form_is_found() {
        let secret = "Ab/9+\"x\\y=z";
        for form in [
            secret.to_owned(),
            r#"Ab/9+\"x\\y=z"#.to_owned(),
            r#"Ab\/9+\"x\\y=z"#.to_owned(),
            "Ab%2F9%2B%22x%5Cy%3Dz".to_owned(),
            base64::engine::general_purpose::STANDARD_NO_PAD.encode(secret),
            base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(secret),
        ] {
            assert_eq!(redacted(secret, &format!("<{form}|{form}>")), "<[redacted]|[redacted]>", "{form}");
        }
    }

    #[test]
    fn other_text_and_short_secrets_are_left_alone() {
        assert_eq!(redacted("canary-secret", "canary-secre canary"), "canary-secre canary");
        assert_eq!(redacted("demo", "a demo client"), "a demo client");
        assert_eq!(redacted("", "text"), "text");
    }

    #[test]
    fn names_are_compared_in_lower_case() {
        let redactor = Redactor::new(["Canary-Secret"]);
        assert!(redactor.is_in_name("x-ratelimit-canary-secret"));
        assert!(!redactor.is_in_name("x-ratelimit-limit"));
        assert!(!format!("{redactor:?}").contains("anary"));
    }
}
