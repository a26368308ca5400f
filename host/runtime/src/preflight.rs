//! What can be said of a component's bytes without compiling them.
//!
//! wasmtime's own message for a component of another version is that a matching
//! implementation was not found. Here the names are compared first, so that the error can
//! name both versions and the remedy. Validation proper is the compiler's.

use wasmparser::{ComponentExternalKind, ComponentTypeRef, Encoding, Parser, Payload, TypeBounds};

use crate::{error::LoadError, text};

/// The version of the contract that this host speaks, as `wit/scoresheet.wit` has it.
pub(crate) const CONTRACT: &str = "0.2.0";

/// How many imports an error names.
const MAX_NAMED: usize = 10;

const PACKAGE: &str = "accellis:scoresheet";
const EXPORTS: [&str; 2] = ["source", "metrics"];
const WASI: [&str; 6] = ["wasi:cli", "wasi:clocks", "wasi:filesystem", "wasi:io", "wasi:random", "wasi:sockets"];

/// Checks that the bytes are a component which asks for nothing but what a component is
/// given, and offers what the contract asks for.
pub(crate) fn check(bytes: &[u8], max_mib: u32) -> Result<(), LoadError> {
    if bytes.len() as u64 > u64::from(max_mib) << 20 {
        return Err(LoadError::TooLarge { bytes: bytes.len(), max_mib });
    }
    if !bytes.starts_with(b"\0asm") {
        return Err(LoadError::NotWasm);
    }
    let Surface { imports, exports } = surface(bytes)?;
    check_imports(&imports)?;
    check_exports(&exports)
}

/// The names at a component's outside.
#[derive(Default)]
struct Surface {
    imports: Vec<String>,
    exports: Vec<String>,
}

fn surface(bytes: &[u8]) -> Result<Surface, LoadError> {
    let invalid = |error: wasmparser::BinaryReaderError| LoadError::Invalid(text::line(&error.to_string(), 300));
    let mut surface = Surface::default();
    // Components and modules lie within one another; only the outermost one's names count.
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(invalid)? {
            Payload::Version { encoding: Encoding::Module, .. } if depth == 0 => return Err(LoadError::CoreModule),
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::ComponentImportSection(section) if depth == 1 => {
                for import in section {
                    let import = import.map_err(invalid)?;
                    // A type that equals another one is a name, and asks for nothing.
                    if !matches!(import.ty, ComponentTypeRef::Type(TypeBounds::Eq(_))) {
                        surface.imports.push(import.name.name.to_owned());
                    }
                }
            }
            Payload::ComponentExportSection(section) if depth == 1 => {
                for export in section {
                    let export = export.map_err(invalid)?;
                    if export.kind == ComponentExternalKind::Instance {
                        surface.exports.push(export.name.name.to_owned());
                    }
                }
            }
            _ => {}
        }
    }
    Ok(surface)
}

fn check_imports(imports: &[String]) -> Result<(), LoadError> {
    for interface in imports.iter().filter_map(|name| Interface::parse(name)) {
        if interface.package == PACKAGE && !speaks(interface.version) {
            return Err(wrong_version(&interface));
        }
    }
    let known = |name: &String| {
        Interface::parse(name).is_some_and(|interface| {
            interface.package == PACKAGE
                || (WASI.contains(&interface.package) && minor(interface.version) == Some((0, 2)))
        })
    };
    let mut foreign: Vec<String> = imports.iter().filter(|name| !known(name)).map(|name| text::quoted(name)).collect();
    let more = foreign.len().saturating_sub(MAX_NAMED);
    if more > 0 {
        foreign.truncate(MAX_NAMED);
        foreign.push(format!("and {more} more"));
    }
    if foreign.is_empty() { Ok(()) } else { Err(LoadError::ForeignImports { imports: foreign }) }
}

fn check_exports(exports: &[String]) -> Result<(), LoadError> {
    let exports: Vec<Interface<'_>> = exports.iter().filter_map(|name| Interface::parse(name)).collect();
    let mut missing = Vec::new();
    for wanted in EXPORTS {
        let mut versions = exports.iter().filter(|e| e.package == PACKAGE && e.name == wanted).peekable();
        let other = versions.peek().copied();
        if versions.any(|export| speaks(export.version)) {
            continue;
        }
        match other {
            Some(other) => return Err(wrong_version(other)),
            None => missing.push(format!("{PACKAGE}/{wanted}@{CONTRACT}")),
        }
    }
    if missing.is_empty() { Ok(()) } else { Err(LoadError::MissingExports { missing, supported: CONTRACT }) }
}

/// `package/name@version`.
#[derive(Clone, Copy)]
struct Interface<'a> {
    full: &'a str,
    package: &'a str,
    name: &'a str,
    version: &'a str,
}

impl<'a> Interface<'a> {
    fn parse(full: &'a str) -> Option<Self> {
        let (path, version) = full.split_once('@').unwrap_or((full, ""));
        let (package, name) = path.split_once('/')?;
        Some(Self { full, package, name, version })
    }
}

/// Major and minor of a released version.
fn minor(version: &str) -> Option<(u64, u64)> {
    let mut parts = version.split('.');
    let (major, minor) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let patch: u64 = parts.next()?.parse().ok()?;
    let _ = patch;
    parts.next().is_none().then_some((major, minor))
}

/// Below 1.0 a minor is a version of its own; its patches fit each other.
fn speaks(version: &str) -> bool {
    minor(version).is_some() && minor(version) == minor(CONTRACT)
}

fn wrong_version(interface: &Interface<'_>) -> LoadError {
    let newer = minor(interface.version) > minor(CONTRACT);
    let rebuild = format!("rebuild it against {CONTRACT} with the matching scoresheet-sdk");
    LoadError::WrongVersion {
        found: text::line(if interface.version.is_empty() { "no version" } else { interface.version }, 40),
        supported: CONTRACT,
        interface: text::line(interface.full, 120),
        remedy: if newer { format!("use a newer scoresheet, or {rebuild}") } else { rebuild },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contract_is_the_one_in_the_wit_file() {
        let wit = include_str!("../../../wit/scoresheet.wit");
        assert!(wit.starts_with(&format!("package {PACKAGE}@{CONTRACT};")));
    }

    #[test]
    fn patches_of_a_minor_fit_and_nothing_else() {
        for fits in ["0.2.0", "0.2.7"] {
            assert!(speaks(fits), "{fits}");
        }
        for other in ["", "0", "0.2", "0.1.0", "0.1.1", "0.3.0", "1.2.0", "0.2.0-rc", "0.2.0.0", "x.2.0"] {
            assert!(!speaks(other), "{other}");
        }
    }

    fn message(result: Result<(), LoadError>) -> String {
        result.expect_err("refused").to_string()
    }

    #[test]
    fn another_version_is_named_beside_ours() {
        let newer = message(check_imports(&["accellis:scoresheet/http@0.9.0".to_owned()]));
        assert_eq!(
            newer,
            "the component was built against accellis:scoresheet@0.9.0 (accellis:scoresheet/http@0.9.0), and this host \
             speaks accellis:scoresheet@0.2.0: use a newer scoresheet, or rebuild it against 0.2.0 with the matching \
             scoresheet-sdk"
        );
        let older = message(check_exports(&["accellis:scoresheet/source@0.1.1".to_owned()]));
        assert!(older.contains("@0.1.1 (") && older.contains("@0.2.0: rebuild it against 0.2.0"), "{older}");
    }

    #[test]
    fn what_a_component_is_not_given_is_named() {
        let imports =
            ["wasi:cli/environment@0.2.3", "wasi:http/types@0.2.3", "wasi:io/poll@0.3.0", "env"].map(str::to_owned);
        let refused = message(check_imports(&imports));
        assert!(refused.contains("imports 'wasi:http/types@0.2.3', 'wasi:io/poll@0.3.0', 'env', which"), "{refused}");
        let many: Vec<String> = (0..12).map(|n| n.to_string()).collect();
        assert!(message(check_imports(&many)).contains("'9', and 2 more, which"));
        let fine = ["wasi:sockets/tcp@0.2.11", "accellis:scoresheet/types@0.2.4"].map(str::to_owned);
        assert!(check_imports(&fine).is_ok());
    }

    #[test]
    fn missing_exports_are_named() {
        let refused = message(check_exports(&["accellis:scoresheet/metrics@0.2.2".to_owned()]));
        assert!(refused.contains("does not export accellis:scoresheet/source@0.2.0:"), "{refused}");
        // Another interface beside the two is nobody's business.
        let fine =
            ["accellis:scoresheet/metrics@0.2.0", "accellis:scoresheet/source@0.2.0", "a:b/c"].map(str::to_owned);
        assert!(check_exports(&fine).is_ok());
    }
}
