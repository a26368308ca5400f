//! The database's file, before SQLite sees it: found or created, never read.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use scoresheet_engine::StoreError;

/// Makes sure that there is a file SQLite can open, and gives its absolute path; a new file is
/// empty and belongs to this user alone.
///
/// The path is absolute because SQLite reads meaning into some relative ones (`file:…`,
/// `:memory:`). A file that exists is looked at from outside only: closing a descriptor of it
/// would drop the locks that this process's other connections hold on it (POSIX).
///
/// # Errors
/// [`StoreError::Address`] says what is there instead.
pub(super) fn prepare(path: &Path) -> Result<PathBuf, StoreError> {
    let path = std::path::absolute(path)
        .map_err(|error| StoreError::Address(format!("the store's path {} is no path: {error}", path.display())))?;
    let refuse = |why: &str| Err(StoreError::Address(format!("the store's file {} {why}", path.display())));
    match fs::metadata(&path) {
        Ok(found) if found.is_dir() => refuse("is a folder: give a file in it, as in sqlite://FOLDER/scoresheet.db"),
        Ok(found) if !found.is_file() => refuse("is no regular file: give another path"),
        Ok(found) if found.permissions().readonly() => refuse("is read-only: make it writable, or give another path"),
        Ok(_) => Ok(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => match create(&path) {
            Ok(()) => Ok(path),
            Err(why) => refuse(&why),
        },
        Err(error) => refuse(&format!("cannot be reached: {error}")),
    }
}

fn create(path: &Path) -> Result<(), String> {
    let folder = path.parent().unwrap_or(path);
    if !folder.is_dir() {
        return Err(format!("cannot be created: there is no folder {}; create it first", folder.display()));
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        // Another process was faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(format!("cannot be created in {}: {error}", folder.display())),
    }
}
