//! Compiled code, kept on disk.
//!
//! wasmtime runs what it deserialises, so a file that somebody else wrote, or that a disk
//! changed, is worse than none. The folder is the owner's alone; a file's name is made of the
//! component's digest and of what the compiled code depends on; its content carries an HMAC
//! under a key that lies in the same folder. Only bytes that were read whole into memory and
//! verified there are used. Whatever is wrong with the cache costs a compilation, never an
//! error.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use hmac::{Hmac, Mac};
use scoresheet_domain::Digest;
use sha2::Sha256;
use wasmtime::{Engine, component::Component};

use crate::{
    cache_key::{self, Key},
    code, engine,
};

/// Changes with the layout of a file.
const MAGIC: &[u8; 16] = b"scoresheet-code1";
const MAC_BYTES: usize = 32;
/// How the name of a file of compiled code ends.
pub(crate) const EXTENSION: &str = "cwasm";

/// The largest file that is read: a component of the largest size, compiled.
const MAX_FILE_BYTES: u64 = 1 << 30;

/// How many files are kept; the ones written longest ago go first.
const MAX_FILES: usize = 64;

/// After so long nobody writes a file any more.
const ABANDONED: Duration = Duration::from_secs(3600);

/// A folder of compiled components.
pub(crate) struct CodeCache {
    folder: PathBuf,
    key: Key,
    /// What compiled code depends on: wasmtime's version, its settings, this machine's processor.
    engine: String,
}

impl CodeCache {
    /// Opens the folder, makes it and its key where they are missing, or says in the log why
    /// there is no cache.
    pub(crate) fn open(folder: &Path, engine: &Engine) -> Option<Self> {
        match cache_key::open(folder) {
            Ok(key) => Some(Self { folder: folder.to_owned(), key, engine: engine::compatibility(engine) }),
            Err(reason) => {
                tracing::warn!(
                    folder = %folder.display(), %reason,
                    "compiled components cannot be kept, so each start compiles them: make the folder writable for this user alone"
                );
                None
            }
        }
    }

    /// The compiled form of the component with this digest, where it is there and unharmed.
    pub(crate) fn load(&self, engine: &Engine, component: Digest) -> Option<Component> {
        let name = self.name(component);
        let path = self.folder.join(&name);
        let warn = |reason: &dyn std::fmt::Display| {
            tracing::warn!(file = %path.display(), %reason, "a file of compiled code is not what was written: compiling again");
        };
        let content = match read(&path) {
            Ok(content) => content,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => {
                warn(&error);
                return None;
            }
        };
        let Some(code) = self.verified(&name, &content) else {
            warn(&"it was cut short, changed, or written under another key");
            return None;
        };
        code::deserialize(engine, code).map_err(|error| warn(&error)).ok()
    }

    /// Keeps a compiled component, or says in the log why it could not.
    pub(crate) fn store(&self, component: Digest, code: &[u8]) {
        let name = self.name(component);
        if let Err(error) = self.write(&name, code) {
            tracing::warn!(file = %self.folder.join(&name).display(), reason = %error, "compiled code could not be kept");
        }
    }

    fn name(&self, component: Digest) -> String {
        format!("{}-{}.{EXTENSION}", component.hex(), self.engine)
    }

    fn mac(&self, name: &str, code: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.key.mac();
        mac.update(&(name.len() as u64).to_le_bytes());
        mac.update(name.as_bytes());
        mac.update(code);
        mac
    }

    /// The code within a file's content, if the content is what was written under that name.
    fn verified<'a>(&self, name: &str, content: &'a [u8]) -> Option<&'a [u8]> {
        let (mac, code) = content.strip_prefix(MAGIC)?.split_at_checked(MAC_BYTES)?;
        // Compares in constant time.
        self.mac(name, code).verify_slice(mac).ok()?;
        Some(code)
    }

    /// Whole or not at all: a reader finds the former file or this one.
    fn write(&self, name: &str, code: &[u8]) -> io::Result<()> {
        let mut file = tempfile::Builder::new().prefix(cache_key::WRITING).tempfile_in(&self.folder)?;
        file.write_all(MAGIC)?;
        file.write_all(&self.mac(name, code).finalize().into_bytes())?;
        file.write_all(code)?;
        file.persist(self.folder.join(name)).map_err(|error| error.error)?;
        self.prune()
    }

    /// Takes away the oldest files, and what a process that was killed had begun to write.
    fn prune(&self) -> io::Result<()> {
        let mut files: Vec<(SystemTime, PathBuf)> = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let (path, written) = (entry.path(), entry.metadata()?.modified()?);
            if path.extension().is_some_and(|extension| extension == EXTENSION) {
                files.push((written, path));
            } else if entry.file_name().to_string_lossy().starts_with(cache_key::WRITING)
                && written.elapsed().is_ok_and(|age| age > ABANDONED)
            {
                fs::remove_file(path)?;
            }
        }
        files.sort();
        for (_, path) in files.iter().rev().skip(MAX_FILES) {
            fs::remove_file(path)?;
        }
        Ok(())
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    File::open(path)?.take(MAX_FILE_BYTES).read_to_end(&mut content)?;
    Ok(content)
}
