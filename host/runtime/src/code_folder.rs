//! The folder of compiled code, for whoever wants to see or empty it. Needs no engine.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use scoresheet_domain::{Digest, Instant};

use crate::cache::EXTENSION;

/// A folder of compiled code, [`crate::RuntimeOptions::cache_dir`].
#[derive(Clone, Debug)]
pub struct CodeFolder {
    folder: PathBuf,
}

/// The compiled form of a component, as it lies in the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompiledCode {
    /// The digest of the component's bytes.
    pub component: Digest,
    /// How many bytes the file has.
    pub bytes: u64,
    /// When it was written; its age is the time since.
    pub written: Instant,
}

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cleared {
    /// How many files.
    pub files: u64,
    /// How many bytes they had.
    pub bytes: u64,
}

impl CodeFolder {
    /// The folder at this path, which need not be there. Touches nothing.
    #[must_use]
    pub fn at(cache_dir: &Path) -> Self {
        Self { folder: cache_dir.to_owned() }
    }

    /// What is compiled, the newest first. One component may stand there several times: for several versions of this
    /// program.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    pub fn list(&self) -> io::Result<Vec<CompiledCode>> {
        let mut all: Vec<CompiledCode> = self.files()?.into_iter().map(|(_, code)| code).collect();
        all.sort_by_key(|code| (std::cmp::Reverse(code.written), code.component));
        Ok(all)
    }

    /// Removes all compiled code; it is made anew when it is wanted. The key stays.
    ///
    /// # Errors
    /// Where the folder cannot be read, or a file cannot be removed.
    pub fn clear(&self) -> io::Result<Cleared> {
        let mut cleared = Cleared::default();
        for (path, code) in self.files()? {
            match fs::remove_file(path) {
                Ok(()) => {
                    cleared.files += 1;
                    cleared.bytes += code.bytes;
                }
                // Another process was faster.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(cleared)
    }

    fn files(&self) -> io::Result<Vec<(PathBuf, CompiledCode)>> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut files = Vec::new();
        for entry in entries {
            let path = entry?.path();
            let Some(component) = component(&path) else { continue };
            match fs::symlink_metadata(&path) {
                Ok(entry) if entry.is_file() => {
                    let written = instant(entry.modified()?);
                    files.push((path, CompiledCode { component, bytes: entry.len(), written }));
                }
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(files)
    }
}

/// The component whose code a file is: its name is the digest and what the code depends on.
fn component(path: &Path) -> Option<Digest> {
    let name = path.file_name()?.to_str()?.strip_suffix(EXTENSION)?.strip_suffix('.')?;
    name.split_once('-')?.0.parse().ok()
}

fn instant(time: SystemTime) -> Instant {
    let millis = |duration: std::time::Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
    Instant::from_millis(match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => millis(since),
        Err(before) => -millis(before.duration()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_compiled_code_is_listed_and_cleared() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = CodeFolder::at(folder.path());
        let (one, other) = (Digest::of("one"), Digest::of("other"));
        let write = |name: String, bytes: usize, secs: u64| {
            let path = folder.path().join(name);
            fs::write(&path, vec![0; bytes]).expect("written");
            let time = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(secs);
            fs::File::options().write(true).open(path).and_then(|file| file.set_modified(time)).expect("set");
        };
        write(format!("{}-0123.cwasm", one.hex()), 100, 5);
        write(format!("{}-0123.cwasm", other.hex()), 20, 9);
        for kept in
            ["key".to_owned(), "notes.cwasm".to_owned(), format!("{}-0123.txt", one.hex()), "0-1.cwasm".to_owned()]
        {
            write(kept, 7, 1);
        }
        fs::create_dir(folder.path().join(format!("{}-45.cwasm", one.hex()))).expect("created");
        let code =
            |component, bytes, secs: i64| CompiledCode { component, bytes, written: Instant::from_millis(secs * 1000) };
        assert_eq!(at.list().expect("readable"), [code(other, 20, 9), code(one, 100, 5)]);
        assert_eq!(at.clear().expect("cleared"), Cleared { files: 2, bytes: 120 });
        assert_eq!(at.list().expect("readable"), []);
        assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 5, "nothing else was touched");
        assert_eq!(at.clear().expect("nothing"), Cleared::default());
        assert_eq!(CodeFolder::at(&folder.path().join("gone")).list().expect("no folder"), []);
    }
}
