//! Exchanges written down as files, and answered from them again: the format and the names of the files. What is taken
//! out before is left to `scrub`, writing to `recorder`, answering to `replayer`.
//!
//! One file holds one exchange as JSON: what a component asked (method, path, query, headers, body), and what it was
//! given (status, headers, body). Both are scrubbed of personal data. A credential is in neither: a component never
//! has one, and the host takes every echo of it out of an answer.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::message::{Method, Request, Response};

mod recorder;
mod replayer;
mod scrub;

pub use recorder::Recorder;
pub use replayer::Replayer;
pub use scrub::scrub_body;

/// The files' version. Others are refused.
const FORMAT: u32 = 1;

/// Why there is nothing to record into or to replay.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {problem}", path.display())]
pub struct RecordingError {
    /// The file or folder.
    pub path: PathBuf,
    /// What is wrong, and what would be right.
    pub problem: String,
}

impl RecordingError {
    fn new(path: &Path, problem: impl std::fmt::Display) -> Self {
        Self { path: path.to_owned(), problem: problem.to_string() }
    }
}

/// One file.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Recorded {
    format: u32,
    request: RecordedRequest,
    response: RecordedResponse,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordedRequest {
    method: RecordedMethod,
    path: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: Option<Content>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum RecordedMethod {
    Get,
    Post,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordedResponse {
    status: u16,
    headers: Vec<(String, String)>,
    body: Content,
}

/// Bytes: as text where they are text.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Content {
    Text(String),
    Base64(String),
}

impl Content {
    fn of(bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Self::Text(text),
            Err(other) => Self::Base64(STANDARD.encode(other.as_bytes())),
        }
    }

    fn into_bytes(self) -> Result<Vec<u8>, String> {
        match self {
            Self::Text(text) => Ok(text.into_bytes()),
            Self::Base64(text) => STANDARD.decode(text).map_err(|error| format!("the body is not base64: {error}")),
        }
    }
}

impl RecordedRequest {
    /// What is written of a request, and what one is recognised by: a component that was given scrubbed answers asks
    /// with scrubbed values, and means the same.
    fn of(request: &Request) -> Self {
        let pair = |(name, value): &(String, String)| (name.clone(), scrub::named(name, value));
        let header = |(name, value): &(String, String)| {
            let name = name.to_ascii_lowercase();
            let value = scrub::header(&name, value);
            (name, value)
        };
        Self {
            method: match request.method {
                Method::Get => RecordedMethod::Get,
                Method::Post => RecordedMethod::Post,
            },
            path: scrub::text(&request.path),
            query: request.query.iter().map(pair).collect(),
            headers: request.headers.iter().map(header).collect(),
            body: request.body.as_deref().map(|body| Content::of(scrub_body(body))),
        }
    }

    /// The beginning of a file's name: 32 hexadecimal digits, the same for the same request.
    fn digest(&self) -> Result<String, serde_json::Error> {
        let digest = Sha256::digest(serde_json::to_vec(self)?);
        Ok(digest[..16].iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

impl RecordedResponse {
    fn of(response: &Response) -> Self {
        let body = scrub_body(&response.body);
        // A length that no longer is the body's would only mislead.
        let is_length_right = body.len() == response.body.len();
        let headers = response
            .headers
            .iter()
            .filter(|(name, _)| is_length_right || name != "content-length")
            .map(|(name, value)| (name.clone(), scrub::text(value)))
            .collect();
        Self { status: response.status, headers, body: Content::of(body) }
    }
}

/// The name of the n-th file of a request, the first being 0.
fn file_name(digest: &str, ordinal: usize) -> String {
    format!("{digest}-{ordinal:04}.json")
}
