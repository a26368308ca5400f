//! Where the providers' requests go: to their sources, to their sources and into a recording, or to a recording alone.
//!
//! What a sync asks for depends on what time it is. So a recording knows when it was made, and both it and its replay
//! run at that one moment.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use scoresheet_domain::Instant;
use serde::{Deserialize, Serialize};

use crate::{
    clock::{Clock, FixedClock},
    error::OpenError,
};

/// Beside the providers' folders, what they have in common.
const FILE: &str = "recording.json";

/// The file's version. Others are refused.
const FORMAT: u32 = 1;

/// Where the providers' requests go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Traffic {
    /// To their sources.
    #[default]
    Live,
    /// To their sources, and each exchange into a file of this folder.
    Record(PathBuf),
    /// To nobody: what this folder holds is given again.
    Replay(PathBuf),
}

/// When a recording was made.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Recording {
    format: u32,
    /// RFC 3339.
    now: String,
}

impl Traffic {
    /// What time it is throughout: the recording's, where there is one to be made or played.
    pub(crate) fn clock(&self, clock: &Arc<dyn Clock>) -> Result<Arc<dyn Clock>, OpenError> {
        Ok(match self {
            Self::Live => Arc::clone(clock),
            Self::Record(_) => Arc::new(FixedClock(clock.now())),
            Self::Replay(folder) => Arc::new(FixedClock(read(folder)?)),
        })
    }

    /// Writes down when a recording is made, once everything else is right.
    pub(crate) fn begin(&self, now: Instant) -> Result<(), OpenError> {
        let Self::Record(folder) = self else { return Ok(()) };
        let recording = Recording { format: FORMAT, now: now.to_string() };
        let text = serde_json::to_string_pretty(&recording).map_err(|error| problem(folder, error.to_string()))?;
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(folder.join(FILE), text + "\n"))
            .map_err(|error| problem(folder, error.to_string()))
    }
}

fn read(folder: &Path) -> Result<Instant, OpenError> {
    let bytes = std::fs::read(folder.join(FILE)).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            problem(folder, format!("there is no recording here ({FILE} is missing); 'sync --record DIR' makes one"))
        }
        _ => problem(folder, error.to_string()),
    })?;
    let recording: Recording =
        serde_json::from_slice(&bytes).map_err(|error| problem(folder, format!("{FILE}: {error}")))?;
    if recording.format != FORMAT {
        return Err(problem(
            folder,
            format!("{FILE} is of format {}, and this version reads {FORMAT}", recording.format),
        ));
    }
    Instant::parse(&recording.now).map_err(|error| problem(folder, format!("{FILE}: {error}")))
}

fn problem(folder: &Path, reason: String) -> OpenError {
    OpenError::Recording { path: folder.to_owned(), reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replay_runs_at_the_recordings_time() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |millis| Arc::new(FixedClock(Instant::from_millis(millis))) as Arc<dyn Clock>;
        let record = Traffic::Record(folder.path().join("a"));
        let clock = record.clock(&at(5_000)).expect("a clock");
        record.begin(clock.now()).expect("written down");
        let replay = Traffic::Replay(folder.path().join("a"));
        assert_eq!(replay.clock(&at(9_000)).expect("a clock").now(), Instant::from_millis(5_000));
        assert_eq!(Traffic::Live.clock(&at(9_000)).expect("a clock").now(), Instant::from_millis(9_000));
    }

    #[test]
    fn what_is_no_recording_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let replay = Traffic::Replay(folder.path().to_owned());
        let clock: Arc<dyn Clock> = Arc::new(FixedClock(Instant::from_millis(0)));
        let told = |text: Option<&str>| {
            if let Some(text) = text {
                std::fs::write(folder.path().join(FILE), text).expect("a file");
            }
            replay.clock(&clock).err().expect("no recording").to_string()
        };
        assert!(told(None).contains("sync --record DIR"));
        assert!(told(Some("{")).contains("recording.json"));
        assert!(told(Some(r#"{"format": 2, "now": "2026-11-01T00:00:00Z"}"#)).contains("format 2"));
        assert!(told(Some(r#"{"format": 1, "now": "soon"}"#)).contains("soon"));
    }
}
