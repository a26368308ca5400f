//! Every bundled component is one, is small, and asks for nothing but the contract and an empty WASI.

use std::{fs, path::Path};

use scoresheet_bundle::{BundledComponent, components};
use wasmparser::{Encoding, Parser, Payload, Validator, WasmFeatures};

/// More than this is a dependency too many: it has to be compiled before the first run.
const MAX_BYTES: usize = 400_000;

/// The names that a component imports and exports.
fn imports_and_exports(component: &BundledComponent) -> (Vec<String>, Vec<String>) {
    let (mut imports, mut exports, mut depth) = (Vec::new(), Vec::new(), 0_u32);
    for payload in Parser::new(0).parse_all(component.bytes) {
        match payload.expect("a component that parses") {
            Payload::Version { encoding, .. } => {
                assert!(depth > 0 || encoding == Encoding::Component, "{} is a core module", component.name);
                depth += 1;
            }
            Payload::End(_) => depth -= 1,
            Payload::ComponentImportSection(section) if depth == 1 => {
                imports.extend(section.into_iter().map(|import| import.expect("an import").name.name.to_owned()));
            }
            Payload::ComponentExportSection(section) if depth == 1 => {
                exports.extend(section.into_iter().map(|export| export.expect("an export").name.name.to_owned()));
            }
            _ => {}
        }
    }
    (imports, exports)
}

#[test]
fn every_plugin_that_says_so_is_bundled() {
    let plugins = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("plugins/");
    let mut said: Vec<String> = fs::read_dir(plugins)
        .expect("plugins/ can be read")
        .filter_map(|entry| fs::read_to_string(entry.expect("an entry").path().join("Cargo.toml")).ok())
        .filter_map(|manifest| Some(manifest.split_once("\nbundled = \"")?.1.split_once('"')?.0.to_owned()))
        .collect();
    said.sort();
    let bundled: Vec<&str> = components().iter().map(|component| component.name).collect();
    assert_eq!(bundled, said);
    assert!(bundled.contains(&"crewhu"), "{bundled:?}");
}

#[test]
fn each_is_a_valid_component() {
    for component in components() {
        assert_eq!(component.bytes[..8], *b"\0asm\x0d\0\x01\0", "{}", component.name);
        Validator::new_with_features(WasmFeatures::default())
            .validate_all(component.bytes)
            .unwrap_or_else(|error| panic!("{}: {error}", component.name));
    }
}

#[test]
fn each_keeps_to_the_contract() {
    for component in components() {
        let (imports, exports) = imports_and_exports(component);
        for import in &imports {
            let known = import.starts_with("accellis:scoresheet/") || import.starts_with("wasi:");
            assert!(known, "{} imports {import}", component.name);
            let reaches_out = ["wasi:http", "wasi:sockets", "wasi:filesystem"];
            assert!(
                !reaches_out.iter().any(|package| import.starts_with(package)),
                "{} imports {import}",
                component.name
            );
        }
        for half in ["accellis:scoresheet/source@", "accellis:scoresheet/metrics@"] {
            assert!(exports.iter().any(|export| export.starts_with(half)), "{}: {exports:?}", component.name);
        }
    }
}

#[test]
fn each_is_small_and_names_no_folder_of_this_machine() {
    let home = std::env::home_dir().expect("a home");
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the workspace");
    let folders = [home.join(".cargo"), workspace.to_owned()];
    for component in components() {
        assert!(component.bytes.len() <= MAX_BYTES, "{component:?}");
        for folder in &folders {
            let folder = folder.to_str().expect("UTF-8").as_bytes();
            let found = component.bytes.windows(folder.len()).any(|window| window == folder);
            assert!(!found, "{} names a folder of this machine", component.name);
        }
    }
}
