//! Reads a store's address. What lies there is left to the database's own module.

use std::path::Path;

use scoresheet_engine::StoreError;

const SUPPORTED: &str = "this version keeps its data in SQLite: give sqlite://PATH, as in sqlite://scoresheet.db";

/// The path in `sqlite://PATH`.
///
/// # Errors
/// [`StoreError::Address`] for anything else. It repeats nothing of the address but a well-formed
/// scheme, because an address of another database may carry a password.
pub(crate) fn sqlite_path(url: &str) -> Result<&Path, StoreError> {
    let refuse = |why: &str| Err(StoreError::Address(format!("the store's address {why}; {SUPPORTED}")));
    let Some((scheme, path)) = url.split_once("://") else {
        return refuse("names no kind of store");
    };
    if !scheme.eq_ignore_ascii_case("sqlite") {
        let plain = !scheme.is_empty() && scheme.len() <= 20 && scheme.bytes().all(|b| b.is_ascii_alphanumeric());
        return if plain {
            refuse(&format!("begins with {scheme}://, which is not supported"))
        } else {
            refuse("names no kind of store")
        };
    }
    if path.is_empty() {
        return refuse("has no path");
    }
    if path.contains(['?', '\0']) {
        return refuse("has options after its path, and none are known");
    }
    Ok(Path::new(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_relative_and_absolute_paths_as_they_stand() {
        for (url, path) in [
            ("sqlite://scoresheet.db", "scoresheet.db"),
            ("sqlite:///var/lib/scoresheet.db", "/var/lib/scoresheet.db"),
            ("SQLite://a b%20c/ü.db", "a b%20c/ü.db"),
        ] {
            assert_eq!(sqlite_path(url).expect("an address"), Path::new(path));
        }
    }

    #[test]
    fn says_what_is_supported_and_keeps_passwords_to_itself() {
        for (url, why) in [
            ("scoresheet.db", "names no kind of store"),
            ("sqlite:scoresheet.db", "names no kind of store"),
            ("sqlite::memory:", "names no kind of store"),
            ("sqlite://", "has no path"),
            ("sqlite://a.db?mode=ro", "has options"),
            ("postgres://me:hunter2@host/db", "begins with postgres://"),
            ("p w:hunter2://x", "names no kind of store"),
        ] {
            let told = sqlite_path(url).expect_err(url).to_string();
            assert!(told.contains(why), "{url}: {told}");
            assert!(told.contains("give sqlite://PATH"), "{told}");
            assert!(!told.contains("hunter2"), "{told}");
        }
    }
}
