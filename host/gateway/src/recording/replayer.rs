//! Answers from what was written down. Writing it is left to `recorder`.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{FORMAT, Recorded, RecordedRequest, RecordingError};
use crate::base_url::BaseUrl;
use crate::error::HttpError;
use crate::message::{Request, Response};
use crate::outbound::Outbound;

/// Answers from a folder that a [`Recorder`](super::Recorder) wrote, and asks nobody.
///
/// A request that was answered several times is given its answers in their order, and then the last one again and
/// again.
#[derive(Debug)]
pub struct Replayer {
    folder: PathBuf,
    /// The connection's, for the links in responses.
    base_url: BaseUrl,
    recorded: HashMap<String, Answers>,
}

#[derive(Debug, Default)]
struct Answers {
    in_order: Vec<Response>,
    given: Mutex<usize>,
}

impl Replayer {
    /// Reads a folder as a whole.
    ///
    /// # Errors
    /// [`RecordingError`] where it cannot be read or holds no recording, and where one of its JSON files is none of
    /// this version's.
    pub fn open(folder: impl Into<PathBuf>, base_url: BaseUrl) -> Result<Self, RecordingError> {
        let folder = folder.into();
        let refuse = |error: std::io::Error| RecordingError::new(&folder, error);
        let mut files = Vec::new();
        for entry in fs::read_dir(&folder).map_err(refuse)? {
            let path = entry.map_err(refuse)?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                files.push(path);
            }
        }
        // The ordinal is the end of a name, so this is their order.
        files.sort_unstable();
        let mut recorded: HashMap<String, Answers> = HashMap::new();
        for path in &files {
            let (digest, response) = read(path).map_err(|problem| RecordingError::new(path, problem))?;
            recorded.entry(digest).or_default().in_order.push(response);
        }
        if recorded.is_empty() {
            return Err(RecordingError::new(&folder, "it holds no recording"));
        }
        Ok(Self { folder, base_url, recorded })
    }
}

#[async_trait]
impl Outbound for Replayer {
    fn relative(&self, link: &str) -> Result<String, String> {
        self.base_url.relative(link)
    }

    async fn send(
        &self,
        request: Request,
        deadline: Instant,
        cancel: &CancellationToken,
    ) -> Result<Response, HttpError> {
        if cancel.is_cancelled() {
            return Err(HttpError::Cancelled);
        }
        if Instant::now() >= deadline {
            return Err(HttpError::Timeout);
        }
        let asked = RecordedRequest::of(&request);
        let answers = asked.digest().ok().and_then(|digest| self.recorded.get(&digest)).ok_or_else(|| {
            // The path is untrusted text; the query and the headers are not for a message.
            let path: String = asked.path.chars().take(200).collect();
            HttpError::Denied(format!(
                "{} {path:?}, with {} query pairs and {} headers, was not recorded in {}: record it anew",
                request.method,
                asked.query.len(),
                asked.headers.len(),
                self.folder.display()
            ))
        })?;
        let mut given = answers.given.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = answers.in_order.get(*given).or(answers.in_order.last());
        *given = given.saturating_add(1);
        answer.cloned().ok_or_else(|| HttpError::Denied("the recording is empty".into()))
    }
}

fn read(path: &Path) -> Result<(String, Response), String> {
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    // The version first: another one's fields may be others.
    let version: serde_json::Value =
        serde_json::from_slice(&bytes).map_err(|error| format!("it is no recorded exchange: {error}"))?;
    let version = version.get("format").and_then(serde_json::Value::as_u64);
    if version != Some(FORMAT.into()) {
        let found = version.map_or_else(|| "none".to_owned(), |version| version.to_string());
        return Err(format!("its format is {found}, and {FORMAT} can be read: record it anew"));
    }
    let Recorded { request, response, .. } =
        serde_json::from_slice(&bytes).map_err(|error| format!("it is no recorded exchange: {error}"))?;
    let digest = request.digest().map_err(|error| error.to_string())?;
    let body = response.body.into_bytes()?;
    Ok((digest, Response { status: response.status, headers: response.headers, body }))
}
