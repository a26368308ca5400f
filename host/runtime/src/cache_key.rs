//! The folder of compiled code and the key that lies in it, both the owner's alone.

use std::{
    fs::{self, DirBuilder, File},
    io::{self, Read, Write},
    path::Path,
};

use hmac::{Hmac, Mac};
use rand::{TryRngCore, rngs::OsRng};
use sha2::Sha256;

/// How the name of a file begins that is being written.
pub(crate) const WRITING: &str = "writing-";

const KEY_FILE: &str = "key";
const KEY_BYTES: usize = 32;

/// The key under which compiled code is authenticated. Never shown.
pub(crate) struct Key([u8; KEY_BYTES]);

impl Key {
    /// A MAC that has seen nothing yet.
    pub(crate) fn mac(&self) -> Hmac<Sha256> {
        Hmac::new_from_slice(&self.0).expect("HMAC takes a key of any length")
    }
}

/// Makes the folder and the key where they are missing, and gives the key.
pub(crate) fn open(folder: &Path) -> io::Result<Key> {
    make_private_folder(folder)?;
    // Whoever could write here could bring a key of their own.
    let probe = tempfile::Builder::new().prefix(WRITING).tempfile_in(folder)?;
    owned_alike(&fs::metadata(folder)?, &probe.as_file().metadata()?)?;
    let path = folder.join(KEY_FILE);
    for _ in 0..3 {
        match read(&path, probe.as_file())? {
            Found::Key(key) => return Ok(key),
            Found::Nothing => {}
            Found::Unfit => {
                tracing::warn!(file = %path.display(), "the key of compiled code was damaged or readable for others: making another");
                fs::remove_file(&path)?;
            }
        }
        create(folder, &path)?;
    }
    Err(io::Error::other("the key file changes while it is read"))
}

enum Found {
    Key(Key),
    Nothing,
    Unfit,
}

fn read(path: &Path, own: &File) -> io::Result<Found> {
    let entry = match fs::symlink_metadata(path) {
        Ok(entry) => entry,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(error),
    };
    if !entry.is_file() || !is_private(&entry) || owned_alike(&entry, &own.metadata()?).is_err() {
        return Ok(Found::Unfit);
    }
    let mut bytes = Vec::with_capacity(KEY_BYTES + 1);
    match File::open(path) {
        Ok(file) => file.take(KEY_BYTES as u64 + 1).read_to_end(&mut bytes)?,
        // Somebody else found it unfit and is making another.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(error),
    };
    Ok(bytes.try_into().map_or(Found::Unfit, |key| Found::Key(Key(key))))
}

/// Puts a whole key there at once, unless another process was faster; then its key stands.
fn create(folder: &Path, path: &Path) -> io::Result<()> {
    let mut key = [0; KEY_BYTES];
    OsRng.try_fill_bytes(&mut key).map_err(|error| io::Error::other(error.to_string()))?;
    // Temporary files are made with O_EXCL and mode 0600.
    let mut file = tempfile::Builder::new().prefix(WRITING).tempfile_in(folder)?;
    file.write_all(&key)?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.error),
    }
}

#[cfg(unix)]
/// Makes a folder that is the owner's alone, or checks that nobody else writes to the one that is there.
pub(crate) fn make_private_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};

    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    // A folder that was there before is not ours to change: it may be used for other things.
    let mode = fs::metadata(folder)?.permissions().mode();
    if mode & 0o022 == 0 {
        Ok(())
    } else {
        Err(io::Error::new(io::ErrorKind::PermissionDenied, "others may write to it (chmod 700 makes it private)"))
    }
}

#[cfg(unix)]
fn is_private(entry: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;

    entry.permissions().mode() & 0o077 == 0
}

#[cfg(unix)]
fn owned_alike(entry: &fs::Metadata, own: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;

    if entry.uid() == own.uid() {
        Ok(())
    } else {
        Err(io::Error::new(io::ErrorKind::PermissionDenied, "it belongs to another user"))
    }
}

// Elsewhere a user's own folders are private by default.

#[cfg(not(unix))]
pub(crate) fn make_private_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).create(folder)
}

#[cfg(not(unix))]
fn is_private(_: &fs::Metadata) -> bool {
    true
}

#[cfg(not(unix))]
fn owned_alike(_: &fs::Metadata, _: &fs::Metadata) -> io::Result<()> {
    Ok(())
}
