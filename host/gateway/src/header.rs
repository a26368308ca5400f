//! Which headers a caller and an operator may set, and which of the answer's a caller may see.
//!
//! Requests have a list of refusals, since every API has headers of its own; answers have a
//! list of what passes. Attaching the credential's header is left to `credential`.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use crate::redact::Redactor;

/// More than any API asks for.
const MAX_HEADERS: usize = 32;
/// For one value; common servers stop at 8 KiB for all of them.
const MAX_VALUE_BYTES: usize = 4_096;

/// They frame the message or steer the connection: the client writes them, nobody else.
const FRAMING: &[&str] = &[
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// They say who asks: a credential's business.
const CREDENTIALS: &[&str] = &["authorization", "cookie", "cookie2", "proxy-authorization"];

/// They say where a request comes from, or turn it into another one behind a proxy.
const IDENTITY: &[&str] = &[
    "cf-connecting-ip",
    "client-ip",
    "fastly-client-ip",
    "forwarded",
    "from",
    "origin",
    "referer",
    "true-client-ip",
    "user-agent",
    "via",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-forwarded",
    "x-host",
    "x-method-override",
    "x-real-ip",
];
const IDENTITY_PREFIXES: &[&str] =
    &["proxy-", "sec-", "x-forwarded-", "x-http-method", "x-original-", "x-proxy-", "x-rewrite-"];

/// What a caller sees of an answer: how to read it, page it, cache it and how long to wait.
const VISIBLE: &[&str] = &[
    "age",
    "allow",
    "cache-control",
    "content-encoding",
    "content-language",
    "content-length",
    "content-range",
    "content-type",
    "date",
    "etag",
    "expires",
    "last-modified",
    "link",
    "location",
    "ratelimit",
    "ratelimit-policy",
    "retry-after",
    "vary",
    "x-next-page",
    "x-page",
    "x-per-page",
    "x-prev-page",
    "x-request-id",
    "x-total",
    "x-total-count",
    "x-total-pages",
];
const VISIBLE_PREFIXES: &[&str] = &["ratelimit-", "x-rate-limit-", "x-ratelimit-"];

/// The caller's headers, checked. `fixed` are the operator's, which the caller cannot replace.
pub(crate) fn from_caller(given: &[(String, String)], fixed: &HeaderMap) -> Result<HeaderMap, String> {
    if given.len() > MAX_HEADERS {
        return Err(format!("the request has {} headers; the limit is {MAX_HEADERS}", given.len()));
    }
    let mut headers = HeaderMap::with_capacity(given.len());
    for (name, value) in given {
        let refuse = |problem: &str| Err(format!("the header {} {problem}", shown(name)));
        let (parsed, value) = match parse(name, value) {
            Ok(pair) => pair,
            Err(problem) => return refuse(problem),
        };
        let canonical = canonical(parsed.as_str());
        if FRAMING.contains(&canonical.as_str()) {
            return refuse("belongs to the host, which writes it");
        }
        if CREDENTIALS.contains(&canonical.as_str()) {
            return refuse("belongs to the connection's credential, which the host attaches");
        }
        if IDENTITY.contains(&canonical.as_str()) || IDENTITY_PREFIXES.iter().any(|p| canonical.starts_with(p)) {
            return refuse("says who asks or from where: it belongs to the host");
        }
        if is_named_in(fixed, &canonical) {
            return refuse("is fixed by the connection's settings");
        }
        if is_named_in(&headers, &canonical) {
            return refuse("is given twice; join its values by commas");
        }
        headers.insert(parsed, value);
    }
    Ok(headers)
}

/// One of the operator's fixed headers, checked.
pub(crate) fn from_operator(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), &'static str> {
    let (parsed, value) = parse(name, value)?;
    check_fixed_header(name)?;
    Ok((parsed, value))
}

/// Whether an operator may have a connection send this header with every request. What is wrong completes the
/// sentence "the header …".
///
/// # Errors
/// The name is none, or the header is the host's or a credential's to write.
pub fn check_fixed_header(name: &str) -> Result<(), &'static str> {
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| NAME_SYNTAX)?;
    let canonical = canonical(name.as_str());
    if FRAMING.contains(&canonical.as_str()) {
        Err("belongs to the host, which writes it")
    } else if CREDENTIALS.contains(&canonical.as_str()) {
        Err("carries a secret: set it as the connection's credential, so that it is kept out of logs and answers")
    } else {
        Ok(())
    }
}

/// Whether a credential may travel in a header of this name. What is wrong completes the sentence "the header …".
///
/// # Errors
/// The name is none, or the header is the host's to write.
pub fn check_credential_header(name: &str) -> Result<(), &'static str> {
    for_credential(name).map(drop)
}

/// The name of a credential's own header, checked.
pub(crate) fn for_credential(name: &str) -> Result<HeaderName, &'static str> {
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| NAME_SYNTAX)?;
    if FRAMING.contains(&canonical(name.as_str()).as_str()) {
        Err("belongs to the host, which writes it")
    } else {
        Ok(name)
    }
}

/// Whether a header of that name is there, however its words are joined.
pub(crate) fn is_named_in(headers: &HeaderMap, name: &str) -> bool {
    let name = canonical(name);
    headers.keys().any(|key| canonical(key.as_str()) == name)
}

/// What a caller sees of an answer's headers. `body_bytes` is the length of the body handed over.
pub(crate) fn visible(headers: &HeaderMap, body_bytes: usize, redactor: &Redactor) -> Vec<(String, String)> {
    let length = body_bytes.to_string();
    headers
        .iter()
        .filter(|(name, value)| {
            let name = name.as_str();
            let listed = VISIBLE.contains(&name) || VISIBLE_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
            // A length that no longer is the body's would only mislead.
            listed && !redactor.is_in_name(name) && (name != "content-length" || value.as_bytes() == length.as_bytes())
        })
        .map(|(name, value)| {
            let value = redactor.redact(value.as_bytes().to_vec());
            (name.as_str().to_owned(), String::from_utf8_lossy(&value).into_owned())
        })
        .collect()
}

const NAME_SYNTAX: &str = "has a name that no header may have: letters, digits and hyphens";

fn parse(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), &'static str> {
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| NAME_SYNTAX)?;
    if value.len() > MAX_VALUE_BYTES {
        return Err("has a value of more than 4096 bytes");
    }
    Ok((name, parse_value(value)?))
}

/// The library lets bytes beyond ASCII through, which no two servers read alike.
pub(crate) fn parse_value(value: &str) -> Result<HeaderValue, &'static str> {
    let value = HeaderValue::from_str(value).ok().filter(|_| value.is_ascii());
    value.ok_or("has a value that no header may have: visible ASCII characters and spaces, no line breaks")
}

/// Many servers take `_` for `-`, so that `Content_Length` would slip past a plain comparison.
fn canonical(name: &str) -> String {
    name.to_ascii_lowercase().replace('_', "-")
}

/// A name as a message may show it: it is untrusted text.
fn shown(name: &str) -> String {
    format!("{:?}", name.chars().take(60).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(name: &str, value: &str) -> String {
        let mut fixed = HeaderMap::new();
        fixed.insert("clientid", HeaderValue::from_static("x"));
        from_caller(&[(name.to_owned(), value.to_owned())], &fixed).err().unwrap_or_default()
    }

    #[test]
    fn ordinary_headers_pass() {
        for (name, value) in [
            ("Accept", "application/json"),
            ("content-type", "application/json; charset=utf-8"),
            ("If-None-Match", "\"abc\""),
            ("X-Api-Version", "2026-01"),
            ("Notion-Version", "2022-06-28"),
        ] {
            assert_eq!(refusal(name, value), "", "{name}");
        }
    }

    #[test]
    fn the_hosts_and_the_operators_are_refused() {
        for (name, expected) in [
            ("Host", "belongs to the host"),
            ("hOST", "belongs to the host"),
            ("Content-Length", "belongs to the host"),
            ("Content_Length", "belongs to the host"),
            ("Transfer-Encoding", "belongs to the host"),
            ("Connection", "belongs to the host"),
            ("TE", "belongs to the host"),
            ("Trailer", "belongs to the host"),
            ("Upgrade", "belongs to the host"),
            ("Expect", "belongs to the host"),
            ("Keep-Alive", "belongs to the host"),
            ("Accept-Encoding", "belongs to the host"),
            ("Authorization", "credential"),
            ("Proxy-Authorization", "credential"),
            ("Cookie", "credential"),
            ("Proxy-Foo", "who asks"),
            ("Forwarded", "who asks"),
            ("X-Forwarded-For", "who asks"),
            ("X_Forwarded_Host", "who asks"),
            ("X-Real-IP", "who asks"),
            ("X-HTTP-Method-Override", "who asks"),
            ("X-Original-URL", "who asks"),
            ("User-Agent", "who asks"),
            ("ClientId", "fixed by the connection"),
        ] {
            let refusal = refusal(name, "hunter2");
            assert!(refusal.contains(expected), "{name}: {refusal}");
            assert!(!refusal.contains("hunter2"), "a value is never shown");
        }
    }

    #[test]
    fn bad_syntax_is_refused() {
        for (name, value) in [
            ("x", "a\r\nHost: evil.example"),
            ("x", "a\nb"),
            ("x", "a\rb"),
            ("x", "a\0b"),
            ("x", "m\u{fc}ller"),
            ("x\r\nHost", "a"),
            ("x y", "a"),
            ("x:", "a"),
            (":path", "/a"),
            ("", "a"),
            ("\u{ff48}ost", "a"),
        ] {
            let refusal = refusal(name, value);
            assert!(refusal.contains("that no header may have"), "{name:?} {value:?}: {refusal}");
            assert!(!refusal.chars().any(char::is_control), "names are escaped: {refusal}");
        }
        assert!(refusal("x", &"a".repeat(MAX_VALUE_BYTES + 1)).contains("more than 4096"));
        let twice = [("x-a".to_owned(), "1".to_owned()), ("X_A".to_owned(), "2".to_owned())];
        assert!(from_caller(&twice, &HeaderMap::new()).is_err_and(|e| e.contains("given twice")));
        let many: Vec<_> = (0..=MAX_HEADERS).map(|n| (format!("x-{n}"), String::new())).collect();
        assert!(from_caller(&many, &HeaderMap::new()).is_err_and(|e| e.contains("33 headers")));
    }

    #[test]
    fn only_listed_headers_of_an_answer_are_seen() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("content-type", "application/json"),
            ("content-length", "10"),
            ("set-cookie", "session=1"),
            ("www-authenticate", "Bearer"),
            ("x-ratelimit-remaining", "3"),
            ("x-powered-by", "x"),
            ("retry-after", "5"),
            ("link", "</a>; rel=next"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        headers.append("link", HeaderValue::from_static("</b>; rel=last"));
        let redactor = Redactor::default();
        let seen = visible(&headers, 10, &redactor);
        let names: Vec<&str> = seen.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["content-type", "content-length", "x-ratelimit-remaining", "retry-after", "link", "link"]);
        assert!(visible(&headers, 11, &redactor).iter().all(|(name, _)| name != "content-length"));
    }
}
