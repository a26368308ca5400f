//! The least versions of what speaks to strangers: older ones have holes that are known.

use std::path::Path;

#[test]
fn rustls_and_h2_are_new_enough() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock");
    let lock = std::fs::read_to_string(&path).expect("the lock file");
    for (name, least) in [("rustls", [0, 23, 46]), ("h2", [0, 4, 16])] {
        let found = versions(&lock, name);
        assert!(!found.is_empty(), "{name} is not in the lock file");
        assert!(found.iter().all(|version| *version >= least), "{name} {found:?} is older than {least:?}");
    }
}

/// Every version of a package in the lock file's text.
fn versions(lock: &str, name: &str) -> Vec<[u32; 3]> {
    let package = format!("name = \"{name}\"\nversion = \"");
    let number = |part: &str| part.parse().expect("a number");
    lock.match_indices(&package)
        .map(|(at, _)| {
            let rest = &lock[at + package.len()..];
            let version = rest.split(['"', '-', '+']).next().expect("a version");
            let parts: Vec<u32> = version.split('.').map(number).collect();
            parts.try_into().expect("three numbers")
        })
        .collect()
}

#[test]
fn an_old_version_would_be_seen() {
    let lock = "name = \"h2\"\nversion = \"0.4.20\"\nsource\n\nname = \"h2\"\nversion = \"0.3.26\"\n\nname = \"h2-x\"\nversion = \"1.0.0\"\n";
    assert_eq!(versions(lock, "h2"), [[0, 4, 20], [0, 3, 26]]);
}
