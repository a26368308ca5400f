//! Which of CrewHu's APIs a server speaks.

use axum::http::{HeaderMap, HeaderName, header};

/// The dialects that a server speaks. What belongs to another one is 404, whoever asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// The API of CrewHu's integration guide.
    #[default]
    Guide,
    /// CrewHu's Open API.
    Open,
    /// Both.
    Both,
}

/// What stands around the surveys of a page: the Open API's envelope is not documented.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Envelope {
    /// Nothing: a list.
    #[default]
    BareArray,
    /// `{"items": [...]}`
    Items,
    /// `{"data": [...], "total": 2481}`
    DataAndTotal,
    /// `{"surveys": [...], "hasMore": true}`
    SurveysAndHasMore,
}

impl Envelope {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::BareArray, Self::Items, Self::DataAndTotal, Self::SurveysAndHasMore];
}

impl Dialect {
    /// Whether it serves this path at all; what nobody serves is left to the router.
    pub(super) fn serves(self, path: &str) -> bool {
        match self {
            Self::Guide => !is_of_open(path),
            Self::Open => is_of_open(path),
            Self::Both => true,
        }
    }
}

/// Whether this path belongs to the Open API.
pub(super) fn is_of_open(path: &str) -> bool {
    matches!(path, "/api/v1/user" | "/api/v1/survey")
}

/// What a request for this path shows for its authority: a bearer's `Authorization`, or a token.
pub(super) fn credential(path: &str, headers: &HeaderMap) -> Option<String> {
    let name = if is_of_open(path) { TOKEN } else { header::AUTHORIZATION };
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

const TOKEN: HeaderName = HeaderName::from_static("x_crewhu_apitoken");
