//! Any path, query and base URL: whatever is let through arrives at the operator's origin, below the operator's prefix,
//! as exactly the bytes that were let through.
//!
//! A case is text: the base URL's path, or a whole base URL; then the query as `name=value&…`, nothing encoded; then the
//! path, to the end.

use reqwest::Url;
use scoresheet_gateway::{BaseUrl, HttpError};

use crate::loopback::Loopback;

/// Reads a base URL and sends a GET.
pub(crate) fn path(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut parts = text.splitn(3, '\n');
    let [base, query, path] = [(); 3].map(|()| parts.next().unwrap_or_default());
    let path = path.strip_suffix('\n').unwrap_or(path);
    let query: Vec<(String, String)> = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();

    base_url(base);
    Loopback::with(|loopback| {
        let own = |prefix: &str| BaseUrl::parse(&format!("http://{}{prefix}", loopback.address()), false);
        let prefix = if base.starts_with('/') { base } else { "" };
        let (base, prefix) = match own(prefix) {
            // It may be the prefix that is wrong, or a base URL that is another one altogether.
            Ok(base) if base.to_string().starts_with(&format!("http://{}", loopback.address())) => (base, prefix),
            _ => (own("").expect("an origin alone is a base URL"), ""),
        };
        send(loopback, base, prefix.strip_suffix('/').unwrap_or(prefix), path, &query);
    });
}

/// What is taken as a base URL is one place, and is shown as itself.
fn base_url(text: &str) {
    let Ok(base) = BaseUrl::parse(text, false) else { return };
    let shown = base.to_string();
    assert_eq!(BaseUrl::parse(&shown, false).as_ref(), Ok(&base), "{text:?} is shown as {shown:?}");
    let url = Url::parse(&shown).expect("a URL");
    assert_eq!((url.host_str(), url.port_or_known_default()), (Some(base.host()), Some(base.port())), "{text:?}");
    assert!(url.username().is_empty() && url.password().is_none(), "{text:?} holds a user");
    assert!(url.query().is_none() && url.fragment().is_none(), "{text:?} holds more than a path");
    assert!(matches!(url.scheme(), "http" | "https"), "{text:?}");
    assert!(base.is_https() || base.is_loopback(), "{text:?} goes out in the open");
    assert!(!text.contains('@') || url.path().contains('@') || !text.contains("//"), "{text:?} names a user");
}

fn send(loopback: &Loopback, base: BaseUrl, prefix: &str, path: &str, query: &[(String, String)]) {
    let exchange = loopback.get(base, path, query, []);
    match exchange.result {
        Ok(response) => {
            assert_eq!((response.status, exchange.heads.len()), (200, 1));
            let expected = match (prefix, path) {
                ("", path) => format!("/{path}"),
                (prefix, "") => prefix.to_owned(),
                (prefix, path) => format!("{prefix}/{path}"),
            };
            arrived(&exchange.heads[0], loopback.address(), &expected, query);
            stays_below(&expected);
        }
        Err(HttpError::Denied(why)) => {
            assert_eq!(exchange.heads, [""; 0], "denied, and sent all the same");
            assert!(!why.is_empty() && !why.chars().any(char::is_control), "{why:?}");
            assert!(path.len() < 12 || !why.contains(path), "the refusal repeats the path: {why}");
            assert!(!is_plain(path) || query_bytes(query) + path.len() + prefix.len() > 7_000, "{path:?}: {why}");
        }
        Err(other) => panic!("{path:?}: {other}"),
    }
}

/// The request's head says what was asked for, and nothing else.
fn arrived(head: &str, address: &str, expected: &str, query: &[(String, String)]) {
    let mut lines = head.split("\r\n");
    let target = lines.next().and_then(|line| line.strip_prefix("GET ")?.strip_suffix(" HTTP/1.1"));
    let target = target.unwrap_or_else(|| panic!("no GET: {head:?}"));
    let (path, sent) = target.split_once('?').unwrap_or((target, ""));
    assert_eq!(path, expected, "another path arrived");
    assert_eq!(target.contains('?'), !query.is_empty(), "{target}");
    let url = Url::parse(&format!("http://{address}/?{sent}")).expect("a query");
    let pairs: Vec<(String, String)> =
        url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    assert!(query.is_empty() || pairs == query, "another query arrived: {sent}");
    let known = ["host", "accept", "accept-encoding", "user-agent"];
    let names: Vec<String> =
        lines.filter_map(|line| line.split_once(':')).map(|(name, _)| name.to_lowercase()).collect();
    assert!(names.iter().all(|name| known.contains(&name.as_str())), "{head:?}");
    assert!(head.to_lowercase().contains(&format!("\r\nhost: {address}\r\n")), "{head:?}");
}

/// However often a server decodes the path, it does not climb, and has no more segments.
fn stays_below(path: &str) {
    let segments = path.split('/').count();
    let mut reading = path.as_bytes().to_vec();
    loop {
        let text = String::from_utf8_lossy(&reading).into_owned();
        assert_eq!(text.split(['/', '\\']).count(), segments, "{path:?} is read as {text:?}");
        for segment in text.split(['/', '\\']) {
            let name = segment.split(';').next().unwrap_or_default();
            assert!(name != "." && name != "..", "{path:?} is read as {text:?}");
        }
        assert!(!text.chars().any(char::is_control), "{path:?} is read as {text:?}");
        let decoded = decoded(&reading);
        if decoded == reading {
            return;
        }
        reading = decoded;
    }
}

fn decoded(bytes: &[u8]) -> Vec<u8> {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let (mut decoded, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        match (bytes[at], digit(bytes.get(at + 1)), digit(bytes.get(at + 2))) {
            (b'%', Some(high), Some(low)) => {
                decoded.push(u8::try_from(high * 16 + low).expect("two digits"));
                at += 3;
            }
            (byte, ..) => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    decoded
}

/// Whether nobody could object to the path: letters, digits, hyphens, in segments.
fn is_plain(path: &str) -> bool {
    let plain =
        |segment: &str| !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    path.len() <= 2_000 && path.split('/').all(plain)
}

fn query_bytes(query: &[(String, String)]) -> usize {
    query.iter().map(|(name, value)| 3 * (name.len() + value.len()) + 2).sum()
}
