//! What goes in and comes out of a connection. Checking it is left to the modules that use it.

use std::fmt;

/// The methods a caller may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Reads; tried again where that can help.
    Get,
    /// Sent exactly once, whatever happens.
    Post,
}

impl Method {
    /// Whether sending it twice does no harm.
    pub(crate) const fn is_safe(self) -> bool {
        matches!(self, Self::Get)
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<Method> for reqwest::Method {
    fn from(method: Method) -> Self {
        match method {
            Method::Get => Self::GET,
            Method::Post => Self::POST,
        }
    }
}

/// A request, relative to a connection. Nothing in it is trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What to do.
    pub method: Method,
    /// Relative to the base URL, percent-encoded, without a leading slash:
    /// `api/v1/csat/scores`. Empty means the base URL itself.
    pub path: String,
    /// Names and values as they are: the host encodes them, in this order.
    pub query: Vec<(String, String)>,
    /// Names and values. Those that belong to the host or the operator are refused.
    pub headers: Vec<(String, String)>,
    /// Only a POST may have one.
    pub body: Option<Vec<u8>>,
}

/// An answer, whatever its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status code. A redirect comes back as it is.
    pub status: u16,
    /// The headers that a caller may see, names in lower case, in the order of arrival.
    pub headers: Vec<(String, String)>,
    /// The whole body, decompressed, within the connection's cap.
    pub body: Vec<u8>,
}

impl Response {
    /// The first header of that name, which is to be given in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}
