//! Writes down what passes. Answering from what was written is left to `replayer`.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{FORMAT, Recorded, RecordedRequest, RecordedResponse, RecordingError, file_name};
use crate::error::HttpError;
use crate::message::{Request, Response};
use crate::outbound::Outbound;

/// Hands requests on, and writes each answered one into a folder: one file of its own for each, scrubbed of personal
/// data ([`scrub_body`](super::scrub_body)). The caller is given the answer as it came.
///
/// The same exchanges in the same order make the same files, byte for byte. Requests that brought no answer are not
/// written down.
#[derive(Debug)]
pub struct Recorder {
    inner: Arc<dyn Outbound>,
    folder: PathBuf,
    /// How often each request was answered so far.
    written: Mutex<HashMap<String, usize>>,
}

impl Recorder {
    /// Records into a folder, which is made where it is missing, for its owner alone.
    ///
    /// # Errors
    /// [`RecordingError`] where the folder cannot be made or read, or holds a recording already: two in one folder
    /// would be neither.
    pub fn create(inner: Arc<dyn Outbound>, folder: impl Into<PathBuf>) -> Result<Self, RecordingError> {
        let folder = folder.into();
        let refuse = |error: std::io::Error| RecordingError::new(&folder, error);
        make(&folder).map_err(refuse)?;
        for entry in fs::read_dir(&folder).map_err(refuse)? {
            if Path::new(&entry.map_err(refuse)?.file_name()).extension().is_some_and(|extension| extension == "json") {
                return Err(RecordingError::new(&folder, "it holds a recording already: name an empty folder"));
            }
        }
        Ok(Self { inner, folder, written: Mutex::default() })
    }

    async fn write(&self, request: RecordedRequest, answer: &Response) -> Result<(), String> {
        let digest = request.digest().map_err(|error| error.to_string())?;
        let exchange = Recorded { format: FORMAT, request, response: RecordedResponse::of(answer) };
        let mut text = serde_json::to_vec_pretty(&exchange).map_err(|error| error.to_string())?;
        text.push(b'\n');
        let ordinal = {
            let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
            let count = written.entry(digest.clone()).or_default();
            let ordinal = *count;
            *count += 1;
            ordinal
        };
        let target = self.folder.join(file_name(&digest, ordinal));
        let written = tokio::task::spawn_blocking(move || {
            // Whole or not at all: it gets its name when it is complete.
            let unfinished = target.with_extension("unfinished");
            fs::write(&unfinished, text)?;
            fs::rename(&unfinished, &target)
        });
        written.await.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
    }
}

#[async_trait]
impl Outbound for Recorder {
    fn relative(&self, link: &str) -> Result<String, String> {
        self.inner.relative(link)
    }

    async fn send(
        &self,
        request: Request,
        deadline: Instant,
        cancel: &CancellationToken,
    ) -> Result<Response, HttpError> {
        let recorded = RecordedRequest::of(&request);
        let answer = self.inner.send(request, deadline, cancel).await?;
        let written = tokio::time::timeout_at(deadline, self.write(recorded, &answer));
        match cancel.run_until_cancelled(written).await {
            None => Err(HttpError::Cancelled),
            Some(Err(_)) => Err(HttpError::Timeout),
            // A recording with a hole would be found out only when it is needed.
            Some(Ok(Err(problem))) => Err(HttpError::Denied(format!(
                "the exchange could not be written to {}: {problem}",
                self.folder.display()
            ))),
            Some(Ok(Ok(()))) => Ok(answer),
        }
    }
}

fn make(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.recursive(true).create(folder)
}
