//! Environment variables behind a trait. Nothing else in this crate reads the process environment.
//!
//! A variable `NAME` may be given as `NAME_FILE`, the path of a file with the value.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

/// A larger `*_FILE` is not a credential or setting.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// Source of environment variables.
pub trait Environment: Send + Sync {
    /// The value of the variable, if it is set.
    fn var(&self, name: &str) -> Option<String>;
}

/// The environment of this process.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProcessEnvironment;

impl Environment for ProcessEnvironment {
    /// A variable that is not UTF-8 counts as not set.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the process's environment")]
    fn var(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }
}

/// A fixed set of variables, for tests and embedders.
#[derive(Clone, Default)]
pub struct FixedEnvironment(BTreeMap<String, String>);

impl FixedEnvironment {
    /// Sets a variable.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.insert(name.into(), value.into());
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for FixedEnvironment {
    fn from_iter<T: IntoIterator<Item = (N, V)>>(variables: T) -> Self {
        Self(variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl std::fmt::Debug for FixedEnvironment {
    /// Names only: a value may be a credential.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Environment for FixedEnvironment {
    fn var(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }
}

/// A variable's value, and the file it was read from.
pub(super) struct Variable {
    pub(super) value: String,
    pub(super) file: Option<PathBuf>,
}

/// Why a variable has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VariableError {
    /// Neither the variable nor its file is set.
    #[error(
        "the environment variable {name} is not set, or empty; set it, or {name}_FILE to the path of a file that holds it"
    )]
    Unset {
        /// The variable.
        name: String,
    },
    /// The file of `NAME_FILE` gives no value.
    #[error("{name}_FILE names {}, which {why}", path.display())]
    File {
        /// The variable, without `_FILE`.
        name: String,
        /// The value of `NAME_FILE`.
        path: PathBuf,
        /// What is wrong with the file.
        why: String,
    },
}

/// Looks a variable up: `NAME`, or else the content of the file `NAME_FILE` without trailing line breaks.
///
/// An empty variable counts as not set: service managers and containers pass an omitted one so.
pub(super) fn lookup(env: &dyn Environment, name: &str) -> Result<Variable, VariableError> {
    let set = |name: &str| env.var(name).filter(|value| !value.is_empty());
    if let Some(value) = set(name) {
        return Ok(Variable { value, file: None });
    }
    let Some(path) = set(&format!("{name}_FILE")).map(PathBuf::from) else {
        return Err(VariableError::Unset { name: name.to_owned() });
    };
    let failed = |why: String| VariableError::File { name: name.to_owned(), path: path.clone(), why };
    let bytes = read(&path, MAX_FILE_BYTES).map_err(|error| failed(format!("cannot be read: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|_| failed("is not UTF-8".to_owned()))?;
    let value = text.trim_end_matches(['\r', '\n']);
    if value.is_empty() {
        return Err(failed("is empty".to_owned()));
    }
    Ok(Variable { value: value.to_owned(), file: Some(path) })
}

/// Reads a whole file, unless it is larger than `max_bytes`.
pub(super) fn read(path: &Path, max_bytes: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(max_bytes + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max_bytes {
        return Err(io::Error::other(format!("it is larger than {max_bytes} bytes")));
    }
    Ok(bytes)
}

/// Whether every user can read the file.
#[cfg(unix)]
pub(super) fn world_readable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o004 != 0)
}

/// Not known on this system.
#[cfg(not(unix))]
pub(super) fn world_readable(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_is_read_if_variable_is_unset_or_empty() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key");
        std::fs::write(&path, "from-file\r\n").expect("written");
        let mut env = FixedEnvironment::from_iter([("KEY_FILE", path.to_str().expect("UTF-8"))]);
        assert_eq!(lookup(&env, "KEY").expect("a value").value, "from-file");
        env.set("KEY", "");
        assert_eq!(lookup(&env, "KEY").expect("a value").file.as_deref(), Some(path.as_path()));
        env.set("KEY", "direct");
        assert_eq!(lookup(&env, "KEY").expect("a value").value, "direct");
    }

    #[test]
    fn unusable_file_is_reported_without_its_content() {
        let folder = tempfile::tempdir().expect("a folder");
        let told = |content: &[u8]| {
            let path = folder.path().join("key");
            std::fs::write(&path, content).expect("written");
            let env = FixedEnvironment::from_iter([("KEY_FILE", path.to_str().expect("UTF-8"))]);
            let error = lookup(&env, "KEY").err().expect("an error").to_string();
            error.replace(folder.path().to_str().expect("UTF-8"), "")
        };
        assert_eq!(told(b"\n"), "KEY_FILE names /key, which is empty");
        assert_eq!(told(b"\xff\xfe"), "KEY_FILE names /key, which is not UTF-8");
        let long = told(&vec![b'x'; 70_000]);
        assert_eq!(long, "KEY_FILE names /key, which cannot be read: it is larger than 65536 bytes");
        let none = FixedEnvironment::from_iter([("KEY_FILE", "/nowhere/at/all")]);
        let error = lookup(&none, "KEY").err().expect("an error").to_string();
        assert!(error.starts_with("KEY_FILE names /nowhere/at/all, which cannot be read: "), "{error}");
    }

    #[test]
    fn debug_shows_no_values() {
        let env = FixedEnvironment::from_iter([("KEY", "canary")]);
        assert_eq!(format!("{env:?}"), r#"{"KEY"}"#);
    }
}
