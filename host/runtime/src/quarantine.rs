//! Components that are not to be compiled again.
//!
//! A component that brought the compiler down, or that would take more of it than it may, does so each time it is
//! loaded. So its digest is written down, with the reason, and it is refused at once until a person releases it. What
//! is merely wrong (truncated, of another version, with a wrong description) is not: to find that out is cheap, and
//! another try hurts nobody.
//!
//! Only loading is quarantined. A component that runs into its limits while it is *called* is stopped each time, costs
//! no more than its limits, and its failure stands on the sheet; whether to keep it is for the operator to say.
//!
//! A record is a small file in a folder `quarantine` within the folder of compiled code, both the owner's alone.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use scoresheet_domain::{Digest, Instant};
use serde_json::{Value, json};

use crate::{cache_key, text};

const FOLDER: &str = "quarantine";
const EXTENSION: &str = "json";

/// The largest record that is read; one that is written is far smaller.
const MAX_RECORD_BYTES: u64 = 16 << 10;

/// The most characters of a reason.
const MAX_REASON: usize = 600;

/// A component in quarantine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    /// The digest of its bytes.
    pub digest: Digest,
    /// What happened when it was to be compiled, and what would be right; one line.
    pub reason: String,
    /// When that was; none where nobody told the time, or the record is damaged.
    pub since: Option<Instant>,
    /// How many bytes the component has; 0 where the record is damaged.
    pub bytes: u64,
}

/// The components in quarantine. Needs no engine; cheap to make.
#[derive(Clone, Debug)]
pub struct Quarantine {
    folder: PathBuf,
}

impl Quarantine {
    /// The quarantine that belongs to a folder of compiled code, [`crate::RuntimeOptions::cache_dir`]. Touches nothing.
    #[must_use]
    pub fn at(cache_dir: &Path) -> Self {
        Self { folder: cache_dir.join(FOLDER) }
    }

    /// All of them, in order of their digests; none where there is no folder.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    pub fn list(&self) -> io::Result<Vec<Quarantined>> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut all = Vec::new();
        for entry in entries {
            let path = entry?.path();
            let name = path.file_stem().and_then(|stem| stem.to_str()).filter(|_| is_record(&path));
            // Whatever else lies there is nobody's digest.
            if let Some(digest) = name.and_then(|name| name.parse().ok()) {
                all.extend(self.get(digest));
            }
        }
        all.sort_by_key(|one| one.digest);
        Ok(all)
    }

    /// Lets a component be loaded again. Whether it was in quarantine.
    ///
    /// # Errors
    /// Where its record cannot be removed.
    pub fn release(&self, digest: Digest) -> io::Result<bool> {
        match fs::remove_file(self.path(digest)) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The component's record. One that cannot be read counts: somebody had a reason to write it.
    pub(crate) fn get(&self, digest: Digest) -> Option<Quarantined> {
        let damaged = |why: &dyn std::fmt::Display| Quarantined {
            digest,
            reason: format!("its record cannot be read: {why}"),
            since: None,
            bytes: 0,
        };
        let mut record = Vec::new();
        match File::open(self.path(digest)).and_then(|file| file.take(MAX_RECORD_BYTES).read_to_end(&mut record)) {
            Ok(_) => Some(read(digest, &record).unwrap_or_else(|| damaged(&"it is damaged"))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            // There is no folder to have a record in.
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => None,
            Err(error) => Some(damaged(&error)),
        }
    }

    /// Writes a record, or says in the log why it could not.
    pub(crate) fn put(&self, one: &Quarantined) {
        match self.write(one) {
            Ok(()) => tracing::warn!(
                digest = %one.digest, reason = one.reason,
                "a component was put in quarantine and will not be compiled again until it is released"
            ),
            Err(error) => tracing::warn!(
                digest = %one.digest, folder = %self.folder.display(), reason = %error,
                "a component could not be put in quarantine, so the next start compiles it again"
            ),
        }
    }

    fn write(&self, one: &Quarantined) -> io::Result<()> {
        cache_key::make_private_folder(&self.folder)?;
        let record = json!({
            "digest": one.digest.to_string(),
            "reason": text::line(&one.reason, MAX_REASON),
            "since": one.since.map(|since| since.to_string()),
            "bytes": one.bytes,
        });
        // Temporary files are made with mode 0600; a reader finds a whole record or none.
        let mut file = tempfile::Builder::new().prefix(cache_key::WRITING).tempfile_in(&self.folder)?;
        file.write_all(format!("{record:#}\n").as_bytes())?;
        file.persist(self.path(one.digest)).map_err(|error| error.error)?;
        Ok(())
    }

    fn path(&self, digest: Digest) -> PathBuf {
        self.folder.join(format!("{}.{EXTENSION}", digest.hex()))
    }
}

fn is_record(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == EXTENSION)
}

fn read(digest: Digest, record: &[u8]) -> Option<Quarantined> {
    let record: Value = serde_json::from_slice(record).ok()?;
    let text = |name: &str| record.get(name).and_then(Value::as_str);
    (text("digest")? == digest.to_string()).then_some(())?;
    Some(Quarantined {
        digest,
        // Somebody may have edited it, and it goes to a terminal.
        reason: text::line(text("reason")?, MAX_REASON),
        since: text("since").and_then(|since| Instant::parse(since).ok()),
        bytes: record.get("bytes").and_then(Value::as_u64).unwrap_or(0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quarantined(content: &str) -> Quarantined {
        Quarantined {
            digest: Digest::of(content),
            reason: "the compiler crashed".to_owned(),
            since: Some(Instant::parse("2026-11-01T10:00:00Z").expect("a time")),
            bytes: 26_000,
        }
    }

    fn quarantine() -> (tempfile::TempDir, Quarantine) {
        let parent = tempfile::tempdir().expect("a folder");
        let quarantine = Quarantine::at(&parent.path().join("code"));
        (parent, quarantine)
    }

    #[test]
    fn what_is_put_in_is_there_until_it_is_released() {
        let (_parent, quarantine) = quarantine();
        assert_eq!(quarantine.list().expect("no folder"), []);
        assert_eq!(quarantine.get(Digest::of("a")), None);
        let (one, other) = (quarantined("a"), Quarantined { since: None, ..quarantined("b") });
        quarantine.put(&one);
        quarantine.put(&other);
        assert_eq!(quarantine.get(one.digest), Some(one.clone()));
        let mut both = vec![one.clone(), other.clone()];
        both.sort_by_key(|one| one.digest);
        assert_eq!(quarantine.list().expect("readable"), both);
        assert!(quarantine.release(one.digest).expect("released"));
        assert!(!quarantine.release(one.digest).expect("not there"), "once is enough");
        assert_eq!(quarantine.get(one.digest), None);
        assert_eq!(quarantine.list().expect("readable"), [other]);
    }

    #[test]
    fn a_damaged_record_still_counts() {
        let (_parent, quarantine) = quarantine();
        let one = quarantined("a");
        quarantine.put(&one);
        let path = quarantine.path(one.digest);
        let other = fs::read_to_string(&path).expect("a record").replace(&one.digest.hex(), &Digest::of("x").hex());
        for damaged in ["", "{", "[]", "null", &other] {
            fs::write(&path, damaged).expect("written");
            let found = quarantine.get(one.digest).expect("it counts");
            assert_eq!(found.reason, "its record cannot be read: it is damaged", "{damaged}");
            assert_eq!(quarantine.list().expect("readable").len(), 1);
        }
        fs::write(path.with_file_name("notes.json"), "{}").expect("written");
        assert_eq!(quarantine.list().expect("readable").len(), 1, "what is no digest is nobody's");
    }

    #[test]
    fn what_an_edited_record_says_cannot_act_on_a_terminal() {
        let (_parent, quarantine) = quarantine();
        let one = Quarantined { reason: "\u{1b}[31mred\u{1b}[0m\nline".to_owned(), ..quarantined("a") };
        quarantine.put(&one);
        assert_eq!(quarantine.get(one.digest).expect("there").reason, "red line");
        let record =
            r#"{"digest": "DIGEST", "reason": "\u001b[31mred\u202e"}"#.replace("DIGEST", &one.digest.to_string());
        fs::write(quarantine.path(one.digest), record).expect("written");
        assert_eq!(quarantine.get(one.digest).expect("there").reason, "red");
    }

    #[cfg(unix)]
    #[test]
    fn it_is_the_owners_alone() {
        use std::os::unix::fs::PermissionsExt;

        let (_parent, quarantine) = quarantine();
        let one = quarantined("a");
        quarantine.put(&one);
        let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
        assert_eq!(mode(&quarantine.folder), 0o700);
        assert_eq!(mode(&quarantine.path(one.digest)), 0o600);
    }
}
