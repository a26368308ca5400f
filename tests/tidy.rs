//! Checks the direction of dependencies, which crates know a library, minimum versions and the layout of the root.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, semver::Version};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the workspace's root")
}

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .other_options(vec!["--locked".to_owned()])
        .exec()
        .expect("cargo metadata")
}

/// What a crate of this workspace may depend on, besides crates from the registry.
/// A crate that is not named here is a plugin, and may depend on the sdk alone.
const MAY_USE: [(&str, &[&str]); 13] = [
    ("scoresheet-domain", &[]),
    ("scoresheet-gateway", &[]),
    ("scoresheet-matching", &[]),
    ("scoresheet-simulator", &[]),
    ("scoresheet-engine", &["scoresheet-domain", "scoresheet-matching"]),
    ("scoresheet-report", &["scoresheet-domain"]),
    ("scoresheet-store", &["scoresheet-domain", "scoresheet-engine"]),
    ("scoresheet-notify", &["scoresheet-domain", "scoresheet-engine", "scoresheet-gateway"]),
    ("scoresheet-runtime", &["scoresheet-domain", "scoresheet-engine", "scoresheet-gateway"]),
    (
        "scoresheet",
        &[
            "scoresheet-domain",
            "scoresheet-engine",
            "scoresheet-gateway",
            "scoresheet-matching",
            "scoresheet-report",
            "scoresheet-notify",
            "scoresheet-runtime",
            "scoresheet-store",
        ],
    ),
    ("scoresheet-cli", &["scoresheet", "scoresheet-bundle", "scoresheet-simulator"]),
    ("scoresheet-bundle", &[]),
    ("scoresheet-test-support", &["scoresheet-simulator"]),
];

/// Crates that only one place knows.
const KNOWN_BY: [(&str, &[&str]); 11] = [
    ("wasmtime", &["scoresheet-runtime"]),
    ("wasmtime-wasi", &["scoresheet-runtime"]),
    ("wasmparser", &["scoresheet-runtime", "scoresheet-bundle"]),
    ("rusqlite", &["scoresheet-store"]),
    ("reqwest", &["scoresheet-gateway"]),
    ("axum", &["scoresheet-simulator", "scoresheet-test-support"]),
    ("lettre", &["scoresheet-notify"]),
    ("wit-bindgen", &["scoresheet-sdk"]),
    ("clap", &["scoresheet-cli"]),
    ("askama", &["scoresheet-report"]),
    ("rust_xlsxwriter", &["scoresheet-report"]),
];

/// Crates without I/O, clocks or threads.
const PURE: [&str; 2] = ["scoresheet-domain", "scoresheet-matching"];

/// Dependencies that a pure crate must not have.
const IMPURE: [&str; 9] =
    ["tokio", "reqwest", "rusqlite", "wasmtime", "axum", "async-trait", "tracing", "futures-util", "rand"];

fn normal_dependencies(package: &Package) -> BTreeSet<&str> {
    package
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind == DependencyKind::Normal)
        .map(|dependency| dependency.name.as_str())
        .collect()
}

#[test]
fn dependencies_point_one_way() {
    let metadata = metadata();
    let ours: BTreeSet<String> = metadata.workspace_packages().iter().map(|p| p.name.to_string()).collect();
    let rules: BTreeMap<&str, &[&str]> = MAY_USE.into_iter().collect();
    let mut wrong = Vec::new();
    for package in metadata.workspace_packages() {
        let may: &[&str] = match rules.get(package.name.as_str()) {
            Some(may) => may,
            None if package.name == "scoresheet-sdk" => &[],
            None => &["scoresheet-sdk"],
        };
        for dependency in normal_dependencies(package) {
            if ours.contains(dependency) && !may.contains(&dependency) {
                wrong.push(format!("{} must not depend on {dependency}", package.name));
            }
            for (name, knowers) in KNOWN_BY {
                if dependency == name && !knowers.contains(&package.name.as_str()) {
                    wrong.push(format!("{} must not know {name}: only {} do", package.name, knowers.join(", ")));
                }
            }
            if PURE.contains(&package.name.as_str()) && IMPURE.contains(&dependency) {
                wrong.push(format!("{} is pure, and {dependency} is not", package.name));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    // A rule for a crate that is gone checks nothing.
    for name in rules.keys() {
        assert!(ours.contains(*name), "a rule names {name}, which is no crate of this workspace");
    }
}

/// The least versions of what speaks to strangers and of what runs what they wrote.
const LEAST: [(&str, &str); 4] =
    [("rustls", "0.23.46"), ("h2", "0.4.16"), ("wasmtime", "48.0.8"), ("wasmtime-wasi", "48.0.8")];

/// Which of them are older, or not there at all.
fn too_old<'a>(packages: impl Iterator<Item = (&'a str, &'a Version)> + Clone) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, least) in LEAST {
        let minimum: Version = least.parse().expect("a version");
        let mut found = packages.clone().filter(|(package, _)| *package == name).peekable();
        if found.peek().is_none() {
            wrong.push(format!("{name} is not in the lock file"));
        }
        let old = found.filter(|(_, version)| **version < minimum);
        wrong.extend(old.map(|(_, version)| format!("{name} {version} is older than {least}")));
    }
    wrong
}

#[test]
fn minimum_versions_hold() {
    let metadata = metadata();
    let packages = metadata.packages.iter().map(|package| (package.name.as_str(), &package.version));
    assert_eq!(too_old(packages), Vec::<String>::new());
}

#[test]
fn an_old_version_of_any_of_them_would_be_seen() {
    for (old, expected) in
        [("rustls", "0.23.45"), ("h2", "0.4.15"), ("wasmtime", "48.0.7"), ("wasmtime-wasi", "47.0.99")]
    {
        // Beside one that is new enough, as a lock file may have both.
        let all = LEAST.into_iter().chain([(old, expected)]);
        let all: Vec<(&str, Version)> = all.map(|(name, version)| (name, version.parse().expect("one"))).collect();
        let told = too_old(all.iter().map(|(name, version)| (*name, version)));
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with(&format!("{old} {expected} is older than ")), "{told:?}");
        let without = all.iter().filter(|(name, _)| *name != old).map(|(name, version)| (*name, version));
        assert_eq!(too_old(without), [format!("{old} is not in the lock file")]);
    }
}

#[test]
fn the_root_holds_what_it_should() {
    let allowed: BTreeSet<&str> = [
        ".ci",
        ".git",
        ".gitignore",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE",
        "README.md",
        "clippy.toml",
        "deny.toml",
        "docs",
        "host",
        "plugins",
        "rust-toolchain.toml",
        "rustfmt.toml",
        "target",
        "tests",
        "wit",
    ]
    .into();
    let found: Vec<String> = fs::read_dir(root())
        .expect("the root")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        // What the program itself writes where it is run is not part of the repository.
        .filter(|name| !name.starts_with("scoresheet.") && !allowed.contains(name.as_str()))
        .collect();
    assert_eq!(found, Vec::<String>::new());
}
