//! Builds every bundled component and hands its bytes to the library.
//!
//! A plugin is bundled where its Cargo.toml says so: `[package.metadata.scoresheet] bundled = "name"`. The components
//! are built by a cargo of their own, into a target folder of their own that all profiles share, so that a debug and a
//! release build do it once; and always in the same way, whatever the build around it was asked for.

use std::{
    collections::BTreeMap,
    env,
    ffi::OsString,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

/// What the components are compiled for.
const TARGET: &str = "wasm32-wasip2";

/// The profile of the workspace's Cargo.toml that they are compiled with.
const PROFILE: &str = "component";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            println!("cargo::error={}", message.replace('\n', " "));
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let out = PathBuf::from(variable("OUT_DIR")?);
    let here = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let plugins = here.parent().ok_or("the bundle lies outside of plugins/")?;
    let root = plugins.parent().ok_or("plugins/ lies outside of the workspace")?;

    // A new plugin is a new member of the workspace and so changes Cargo.lock.
    for watched in ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "wit"] {
        rerun_if_changed(&root.join(watched));
    }
    let bundled = find(plugins, &here)?;
    if bundled.is_empty() {
        return Err("no plugin says `[package.metadata.scoresheet] bundled = \"…\"`".to_owned());
    }
    install_target()?;

    let target_folder = components_folder(&out)?;
    let mut table = String::from("&[\n");
    for (name, package) in &bundled {
        let built = build(root, &target_folder, package)?;
        let copy = out.join(format!("{name}.wasm"));
        fs::copy(&built, &copy).map_err(|error| format!("cannot copy {}: {error}", built.display()))?;
        writeln!(table, "    BundledComponent {{ name: {name:?}, bytes: include_bytes!({copy:?}) }},")
            .map_err(|error| error.to_string())?;
    }
    table.push_str("]\n");
    fs::write(out.join("components.rs"), table).map_err(|error| format!("cannot write the table: {error}"))
}

/// The plugins that say they are bundled: the components' names, in order, and the packages behind them.
fn find(plugins: &Path, here: &Path) -> Result<BTreeMap<String, String>, String> {
    let unreadable = |path: &Path, error: &dyn std::fmt::Display| format!("cannot read {}: {error}", path.display());
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(plugins).map_err(|error| unreadable(plugins, &error))? {
        let folder = entry.map_err(|error| unreadable(plugins, &error))?.path();
        let path = folder.join("Cargo.toml");
        if folder == here || !path.is_file() {
            continue;
        }
        rerun_if_changed(&path);
        for watched in [folder.join("src"), folder.join("schema")] {
            // A path that does not exist would rerun this in every build.
            if watched.is_dir() {
                rerun_if_changed(&watched);
            }
        }
        let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
        let manifest: toml::Table = text.parse().map_err(|error| unreadable(&path, &error))?;
        let package = manifest.get("package");
        let text_at = |keys: &[&str]| {
            keys.iter().try_fold(package?, |value, key| value.get(key)).and_then(toml::Value::as_str).map(str::to_owned)
        };
        let Some(name) = text_at(&["metadata", "scoresheet", "bundled"]) else { continue };
        let package = text_at(&["name"]).ok_or_else(|| unreadable(&path, &"the package has no name"))?;
        if let Some(other) = found.insert(name.clone(), package.clone()) {
            return Err(format!("both {other} and {package} are bundled as '{name}'"));
        }
    }
    Ok(found)
}

/// `<target>/components`, whatever the profile and the triple of the build around this one: the folder that cargo
/// marks as a cache is the whole target folder.
fn components_folder(out: &Path) -> Result<PathBuf, String> {
    out.ancestors()
        .find(|folder| folder.join("CACHEDIR.TAG").is_file())
        // <target>/<profile>/build/<package>/out
        .or_else(|| out.ancestors().nth(4))
        .map(|target| target.join("components"))
        .ok_or_else(|| format!("{} lies in no target folder", out.display()))
}

/// rust-toolchain.toml names the target, but where rustup was told not to install by itself, nobody has installed it.
fn install_target() -> Result<(), String> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let asked = Command::new(rustc)
        .args(["--print", "target-libdir", "--target", TARGET])
        .output()
        .map_err(|error| format!("rustc does not run: {error}"))?;
    let libraries = String::from_utf8_lossy(&asked.stdout);
    if asked.status.success() && Path::new(libraries.trim()).is_dir() {
        return Ok(());
    }
    let added = Command::new("rustup").args(["target", "add", TARGET]).status();
    if added.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    Err(format!("the target {TARGET} is not installed: type `rustup target add {TARGET}` and build again"))
}

/// Builds one component and tells where it lies.
pub(crate) fn build(root: &Path, target_folder: &Path, package: &str) -> Result<PathBuf, String> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .current_dir(root)
        .args(["rustc", "--locked", "--quiet", "--package", package, "--lib", "--crate-type", "cdylib"])
        .args(["--target", TARGET, "--profile", PROFILE, "--target-dir"])
        .arg(target_folder)
        // The names of functions are a tenth of it, and nobody reads them: a panic says where it was by itself.
        .args(["--", "-C", "strip=symbols"]);
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(is_of_the_outer_build) {
            cargo.env_remove(name);
        }
    }
    // A library preloaded into the tests (libfaketime) makes cargo hang.
    cargo.env_remove("LD_PRELOAD");
    // Empty, they also undo what a configuration file says.
    cargo.env("RUSTC_WRAPPER", "").env("RUSTC_WORKSPACE_WRAPPER", "");
    cargo.env("CARGO_ENCODED_RUSTFLAGS", remapped_paths());

    let status = cargo.status().map_err(|error| format!("cargo does not run: {error}"))?;
    if !status.success() {
        return Err(format!("the component of {package} was not built: see above"));
    }
    Ok(target_folder.join(TARGET).join(PROFILE).join(format!("{}.wasm", package.replace('-', "_"))))
}

/// What the build around this one has set for itself: flags, wrappers (clippy is one), profiles, targets, folders.
/// The toolchain, the registry and the job server stay.
fn is_of_the_outer_build(name: &str) -> bool {
    let kept = ["CARGO_BUILD_JOBS", "CARGO_BUILD_RUSTC"];
    let names = ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_INCREMENTAL", "CARGO_TARGET_DIR", "OUT_DIR", "TARGET"];
    let prefixes = [
        "CARGO_BUILD_",
        "CARGO_CFG_",
        "CARGO_FEATURE_",
        "CARGO_MANIFEST_",
        "CARGO_PKG_",
        "CARGO_PROFILE_",
        "CARGO_TARGET_WASM32_",
    ];
    !kept.contains(&name) && (names.contains(&name) || prefixes.iter().any(|prefix| name.starts_with(prefix)))
}

/// Flags that keep this machine's folders out of the components, so that every machine makes the same bytes. Paths
/// inside the workspace are relative already.
fn remapped_paths() -> OsString {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| env::home_dir().map(|home| home.join(".cargo"))).unwrap_or_default();
    let mut flags = OsString::new();
    let registries = fs::read_dir(home.join("registry").join("src")).into_iter().flatten().flatten();
    for registry in registries {
        if !flags.is_empty() {
            flags.push("\u{1f}");
        }
        flags.push("--remap-path-prefix=");
        flags.push(registry.path());
        flags.push("=crates");
    }
    flags
}

fn rerun_if_changed(path: &Path) {
    println!("cargo::rerun-if-changed={}", path.display());
}

fn variable(name: &str) -> Result<OsString, String> {
    env::var_os(name).ok_or_else(|| format!("cargo has not set {name}"))
}
