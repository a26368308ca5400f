//! `base_url` and `headers`: where a provider's requests go, and what goes with each.

use url::{Host, Url};

use super::{CREWHU, CREWHU_BASE_URL, ComponentRef};
use crate::config::{
    secret::SecretSource,
    section::{Section, Text},
};

/// They frame the message or steer the connection: the host writes them.
const FRAMING: [&str; 12] = [
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
const CREDENTIALS: [&str; 4] = ["authorization", "cookie", "cookie2", "proxy-authorization"];

/// Reads `base_url`; the bundled `crewhu` has a default.
pub(super) fn base_url(
    section: &mut Section<'_>,
    component: Option<&ComponentRef>,
    allow_insecure: bool,
) -> Option<Url> {
    let text = match section.text("base_url") {
        Some(text) => text,
        None if section.has("base_url") => return None,
        None if component
            .is_some_and(|component| matches!(component, ComponentRef::Bundled(name) if name == CREWHU)) =>
        {
            let value = section.expand(&section.path("base_url"), None, CREWHU_BASE_URL)?;
            Text { value, written: CREWHU_BASE_URL.to_owned() }
        }
        None => return None,
    };
    match check_base_url(&text.value, allow_insecure) {
        Ok(url) => {
            if allow_insecure && url.scheme() == "http" && !is_loopback(&url) {
                section.warn("allow_insecure", "requests and the credential cross the network in clear");
            }
            Some(url)
        }
        Err(why) => {
            section.problem("base_url", why);
            None
        }
    }
}

/// What cannot be used is not repeated: a URL may carry a password.
fn check_base_url(text: &str, allow_insecure: bool) -> Result<Url, String> {
    // The parser mends much (tabs, backslashes, missing slashes): what it would mend is refused here.
    if text.contains(|c: char| !c.is_ascii_graphic() || c == '\\') {
        return Err(
            "this URL holds a space, a backslash or a letter outside ASCII; give it as https://host/path".to_owned()
        );
    }
    let Some((scheme, rest)) = text.split_once("://") else {
        return Err("this is no URL; give it as https://host/path".to_owned());
    };
    let url = Url::parse(text).map_err(|error| format!("this is no URL: {error}; give it as https://host/path"))?;
    if !["http", "https"].contains(&url.scheme()) || !url.scheme().eq_ignore_ascii_case(scheme) || url.host().is_none()
    {
        return Err("this is no address for HTTP; give it as https://host/path".to_owned());
    }
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    if authority.contains('@') {
        return Err("this URL carries a user or a password; take them out and put them into auth".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("this URL has a '?' or '#'; give it without, as https://host/path".to_owned());
    }
    if path.trim_end_matches('/') != url.path().trim_end_matches('/') {
        return Err(format!("this URL's path would be sent as {}; write it so", url.path()));
    }
    if url.scheme() == "http" && !allow_insecure && !is_loopback(&url) {
        return Err(
            "plain http would show the credential to everybody on the way; use https, or set allow_insecure = true"
                .to_owned(),
        );
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Reads `headers`: names to values, `${NAME}` in the values.
pub(super) fn headers(section: &mut Section<'_>) -> Vec<(String, SecretSource)> {
    let path = section.path("headers");
    let mut headers: Vec<(String, SecretSource)> = Vec::new();
    for entry in section.entries("headers") {
        let path = format!("{path}.{}", entry.name.escape_debug());
        if let Err(why) = check_header_name(&entry.name) {
            section.document.problem(entry.line, &path, why);
        } else if is_one_of(&entry.name, &FRAMING) {
            section.document.problem(entry.line, &path, "the host writes this header itself; take it away");
        } else if is_one_of(&entry.name, &CREDENTIALS) {
            section.document.problem(entry.line, &path, "this header carries a credential; use auth");
        } else if headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(&entry.name)) {
            section.document.problem(entry.line, &path, "this header stands twice; keep one of them");
        } else if let Some(value) = section.secret_of(&entry, &path) {
            headers.push((entry.name, value));
        }
    }
    headers
}

/// A header that may carry a credential: any, but those that frame the request.
pub(super) fn check_credential_header(name: &str) -> Result<(), &'static str> {
    check_header_name(name)?;
    if is_one_of(name, &FRAMING) {
        return Err("the host writes this header itself; give the header that the source's API names");
    }
    Ok(())
}

fn is_one_of(name: &str, names: &[&str]) -> bool {
    names.iter().any(|other| other.eq_ignore_ascii_case(name))
}

/// RFC 9110, section 5.1: a name is a token.
fn check_header_name(name: &str) -> Result<(), &'static str> {
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    if !name.is_empty() && name.bytes().all(token) {
        Ok(())
    } else {
        Err("this is no header's name; use letters, digits and '-', as \"clientId\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_anywhere_and_http_to_this_machine_only() {
        for (text, allow_insecure) in [
            ("https://api.crewhu.com", false),
            ("https://na.myconnectwise.net/v4_6_release/apis/3.0", false),
            ("http://localhost:8080", false),
            ("http://127.0.0.9:1", false),
            ("http://[::1]:8080/api", false),
            ("http://crewhu.internal", true),
        ] {
            assert!(check_base_url(text, allow_insecure).is_ok(), "{text}");
        }
        for (text, begin) in [
            ("http://crewhu.internal", "plain http"),
            ("http://localhost.evil.example", "plain http"),
            ("http://0.0.0.0:80", "plain http"),
            ("http://[::ffff:127.0.0.1]", "plain http"),
            ("https://canary@api.crewhu.com", "this URL carries a user"),
            ("https://:canary@api.crewhu.com", "this URL carries a user"),
            ("https://api.crewhu.com/?key=canary", "this URL has a '?'"),
            ("https://api.crewhu.com/#canary", "this URL has a '?'"),
            ("api.crewhu.com", "this is no URL; give it"),
            ("https:api.crewhu.com", "this is no URL; give it"),
            ("https:///api.crewhu.com", "this URL's path would be sent as /; write it so"),
            ("https://@api.crewhu.com", "this URL carries a user"),
            ("https://api.crewhu.com/a/../b", "this URL's path would be sent as /b; write it so"),
            ("https://crewhü.example", "this URL holds a space"),
            ("file:///etc/passwd", "this is no address for HTTP"),
            ("https://api.crewhu.com\\@canary", "this URL holds a space"),
            ("https://api.crewhu.com/\tcanary", "this URL holds a space"),
            ("", "this is no URL"),
        ] {
            let why = check_base_url(text, false).expect_err(text);
            assert!(why.starts_with(begin) && !why.contains("canary"), "{text}: {why}");
        }
    }

    #[test]
    fn a_header_name_is_a_token() {
        for (name, fits) in [
            ("clientId", true),
            ("X_CREWHU_APITOKEN", true),
            ("", false),
            ("a b", false),
            ("a\r\nb", false),
            ("ä", false),
        ] {
            assert_eq!(check_header_name(name).is_ok(), fits, "{name:?}");
        }
    }
}
