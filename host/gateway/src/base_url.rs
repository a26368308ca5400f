//! A connection's base URL, and the only place where a path is joined to it.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::{Host, Url};

use crate::path::{self, RelativePath};

/// Where a connection's requests go: an origin, and a path that all of them begin with.
///
/// Shown without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BaseUrl {
    /// The origin and the path prefix, parsed; without query, fragment and userinfo.
    url: Url,
    /// Empty, or begins with a slash and does not end with one.
    prefix: String,
}

/// Why a text is no base URL. The text is not repeated: it may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaseUrlError {
    /// Not `http://` or `https://`.
    #[error("a base URL begins with https:// (or http:// for a server on this machine)")]
    Scheme,
    /// A space, a control character, a backslash, or one beyond ASCII.
    #[error(
        "a base URL holds visible ASCII characters only and no backslash; write an international host name in its xn-- form"
    )]
    Character,
    /// A user name or password before the host.
    #[error("a base URL names no user and no password: they belong in the connection's credential")]
    Userinfo,
    /// A `?`.
    #[error("a base URL has no query (\"?\"): the provider gives it with each request")]
    Query,
    /// A `#`.
    #[error("a base URL has no fragment (\"#\")")]
    Fragment,
    /// The host or the port cannot be read.
    #[error("the base URL cannot be read: {0}")]
    Host(String),
    /// The path prefix is not in the form in which it would be sent.
    #[error("the base URL's path cannot be used: {0}")]
    Path(String),
    /// Plain http to another machine.
    #[error("plain http to another machine sends the credential unencrypted; use https, or set allow_insecure = true")]
    Insecure,
}

/// Everything but what RFC 3986 leaves unreserved; a space becomes `%20`, which every server reads.
pub(crate) const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The request line as a whole; common servers stop at 8 KiB.
const MAX_URL_BYTES: usize = 8_000;

impl BaseUrl {
    /// Reads a base URL such as `https://api.crewhu.com` or `https://x/v4_6_release/apis/3.0`.
    ///
    /// Plain http is for `127.0.0.0/8`, `::1` and `localhost`, unless `allow_insecure`.
    ///
    /// # Errors
    /// [`BaseUrlError`] says which part is wrong and what would be right.
    pub fn parse(text: &str, allow_insecure: bool) -> Result<Self, BaseUrlError> {
        // The parser forgives much (tabs, backslashes, missing slashes): what it would mend is refused here.
        if text.contains(|c: char| !c.is_ascii_graphic() || c == '\\') {
            return Err(BaseUrlError::Character);
        }
        let (scheme, rest) = text.split_once("://").ok_or(BaseUrlError::Scheme)?;
        if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
            return Err(BaseUrlError::Scheme);
        }
        if rest.split(['/', '?', '#']).next().is_some_and(|authority| authority.contains('@')) {
            return Err(BaseUrlError::Userinfo);
        }
        if text.contains('#') {
            return Err(BaseUrlError::Fragment);
        }
        if text.contains('?') {
            return Err(BaseUrlError::Query);
        }
        let (authority, prefix) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if authority.is_empty() {
            return Err(BaseUrlError::Host("it names no host".into()));
        }
        path::check_characters(prefix).and_then(|()| path::check_segments(prefix)).map_err(BaseUrlError::Path)?;
        let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
        let url =
            Url::parse(&format!("{scheme}://{authority}{prefix}")).map_err(|e| BaseUrlError::Host(e.to_string()))?;
        if url.path().strip_suffix('/').unwrap_or(url.path()) != prefix {
            return Err(BaseUrlError::Path("it is not in the form in which it would be sent".into()));
        }
        let base = Self { prefix: prefix.to_owned(), url };
        if !base.is_https() && !allow_insecure && !base.is_loopback() {
            return Err(BaseUrlError::Insecure);
        }
        Ok(base)
    }

    /// The host, an IPv6 address in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// The port, named or the scheme's own.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.url.port_or_known_default().unwrap_or_default()
    }

    /// Whether it is encrypted.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Whether the host is this machine, by its name or address alone.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match self.url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => Ipv4Addr::is_loopback(&address),
            Some(Host::Ipv6(address)) => Ipv6Addr::is_loopback(&address),
            None => false,
        }
    }

    /// Scheme, host and port.
    pub(crate) fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// The host's address, where it is one and no name.
    pub(crate) fn address(&self) -> Option<IpAddr> {
        match self.url.host()? {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
        }
    }

    /// Path and query, relative to this base URL, of a link that a response holds: an absolute URL, or one that begins
    /// with a slash. A request of that path and query goes to exactly the link.
    ///
    /// # Errors
    /// What is wrong with the link, without repeating it.
    pub fn relative(&self, link: &str) -> Result<String, String> {
        if link.contains(|c: char| !c.is_ascii_graphic() || c == '\\') {
            return Err("the link holds a space, a backslash, a control character or one beyond ASCII".to_owned());
        }
        if link.contains('#') {
            return Err("the link has a fragment".to_owned());
        }
        let text = match link.strip_prefix("//") {
            Some(rest) => format!("{}://{rest}", self.url.scheme()),
            None if link.starts_with('/') => format!("{}{link}", self.origin()),
            None if link.contains("://") => link.to_owned(),
            None => return Err("the link is neither absolute nor does it begin with a slash".to_owned()),
        };
        let url = Url::parse(&text).map_err(|error| format!("the link cannot be read: {error}"))?;
        if !url.username().is_empty() || url.password().is_some() || url.origin() != self.url.origin() {
            return Err("the link leads to another server than the base URL".to_owned());
        }
        // As it is written: the parser resolves dots and more.
        let (_, rest) = text.split_once("://").unwrap_or_default();
        let rest = &rest[rest.find(['/', '?']).unwrap_or(rest.len())..];
        let (path, query) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
        let below = path.strip_prefix(self.prefix.as_str()).and_then(|below| match below {
            "" => Some(""),
            below => below.strip_prefix('/'),
        });
        let below = below.ok_or("the link leads outside the base URL's path")?;
        let below = RelativePath::parse(below)?;
        Ok(query.map_or_else(|| below.as_str().to_owned(), |query| format!("{}?{query}", below.as_str())))
    }

    /// The URL of a request. What comes out has this origin, and exactly the prefix and the
    /// path as its path.
    pub(crate) fn join(&self, path: &RelativePath, query: &[(String, String)]) -> Result<Url, String> {
        let full_path = match (self.prefix.as_str(), path.as_str()) {
            ("", path) => format!("/{path}"),
            (prefix, "") => prefix.to_owned(),
            (prefix, path) => format!("{prefix}/{path}"),
        };
        let mut text = format!("{}{full_path}", self.origin());
        for (index, (name, value)) in query.iter().enumerate() {
            text.push(if index == 0 { '?' } else { '&' });
            text.extend(utf8_percent_encode(name, UNRESERVED));
            text.push('=');
            text.extend(utf8_percent_encode(value, UNRESERVED));
        }
        if text.len() > MAX_URL_BYTES {
            return Err(format!("the path and the query come to {} bytes; the limit is {MAX_URL_BYTES}", text.len()));
        }
        let joined = Url::parse(&text).map_err(|e| format!("the path cannot be joined to the base URL: {e}"))?;
        let same_place = joined.origin() == self.url.origin()
            && joined.path() == full_path
            && joined.username().is_empty()
            && joined.password().is_none()
            && joined.fragment().is_none();
        if same_place { Ok(joined) } else { Err("the path leads away from the base URL".into()) }
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin(), self.prefix)
    }
}

#[cfg(test)]
mod tests;
