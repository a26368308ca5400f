//! What is loaded, and what is refused with which words.

use crate::common::{Guest, VERSION, WIT, encode, image, load};
use scoresheet_runtime::LoadError;

async fn refused(bytes: Vec<u8>) -> LoadError {
    load(bytes).await.expect_err("it must be refused")
}

/// Every function of the contract's exports, and nothing in them.
fn bare_module(version: &str) -> String {
    format!(
        r#"(module
        (memory (export "memory") 1)
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
        (func (export "accellis:scoresheet/metrics@{version}#describe") (result i32) unreachable)
        (func (export "accellis:scoresheet/metrics@{version}#score")
          (param i32 i32 i32 i32 i64 i64 i32 i32) (result i32) unreachable)
        (func (export "accellis:scoresheet/source@{version}#check") (param i32 i32) (result i32) unreachable)
        (func (export "accellis:scoresheet/source@{version}#clients") (param i32 i32 i32 i32 i32) (result i32) unreachable)
        (func (export "accellis:scoresheet/source@{version}#pull")
          (param i32 i32 i64 i64 i32 i32 i32 i32 i32 i32) (result i32) unreachable))"#
    )
}

#[tokio::test]
async fn a_component_describes_itself() {
    let bytes = Guest::new().build();
    let component = load(bytes.clone()).await.expect("it loads");
    let description = component.description();
    assert_eq!((description.id.as_str(), description.stub), ("by-hand", true));
    assert_eq!(description.metrics[0].id.as_str(), "volume");
    assert_eq!(description.metrics[0].kinds, [0]);
    assert_eq!(description.kinds, ["ticket"]);
    assert_eq!(description.rejections, ["incomplete"]);
    assert_eq!(component.digest(), scoresheet_domain::Digest::of(&bytes));
    assert!(!component.from_cache());
}

#[tokio::test]
async fn what_is_no_component_is_refused() {
    assert!(matches!(refused(Vec::new()).await, LoadError::NotWasm));
    assert!(matches!(refused(b"#!/bin/sh".to_vec()).await, LoadError::NotWasm));
    let module = wat::parse_str("(module)").expect("a module");
    let error = refused(module).await;
    assert!(matches!(error, LoadError::CoreModule));
    assert!(error.to_string().contains("wasm32-wasip2"), "{error}");
    let large = [b"\0asm".as_slice(), &vec![0; 64 << 20]].concat();
    assert!(matches!(refused(large).await, LoadError::TooLarge { .. }));
}

#[tokio::test]
async fn another_version_is_named_beside_ours() {
    let wit = WIT.replace(VERSION, "0.9.0");
    let error = refused(encode(&wit, "metric-provider", &bare_module("0.9.0"))).await;
    assert!(matches!(error, LoadError::WrongVersion { .. }));
    let message = error.to_string();
    assert!(
        message.contains("0.9.0") && message.contains(VERSION) && message.contains("use a newer scoresheet"),
        "{message}"
    );
}

#[tokio::test]
async fn missing_exports_are_named() {
    let wit = format!("{WIT}\nworld half {{ export metrics; }}");
    let module = bare_module(VERSION);
    let message = refused(encode(&wit, "half", &module)).await.to_string();
    assert!(message.contains(&format!("does not export accellis:scoresheet/source@{VERSION}")), "{message}");
}

#[tokio::test]
async fn other_types_than_the_contracts_are_refused() {
    for (ours, theirs) in
        [("describe: func() -> description;", "describe: func() -> string;"), ("-> list<check-step>;", "-> list<u8>;")]
    {
        assert!(WIT.contains(ours), "{ours}");
        let error = refused(encode(&WIT.replace(ours, theirs), "metric-provider", &bare_module(VERSION))).await;
        assert!(matches!(&error, LoadError::Link { .. }), "{error}");
        assert!(error.to_string().contains("does not fit accellis:scoresheet@0.1.1"), "{error}");
    }
}

#[tokio::test]
async fn what_a_component_is_not_given_is_named() {
    let mut guest = Guest::new();
    guest.imports = "import a:b/evil@1.0.0;";
    guest.packages = "package a:b@1.0.0 { interface evil { open: func(); } }";
    guest.extra = r#"(import "a:b/evil@1.0.0" "open" (func $open))"#.to_owned();
    guest.check = "call $open unreachable".to_owned();
    let message = refused(guest.build()).await.to_string();
    assert!(message.contains("imports 'a:b/evil@1.0.0', which no component is given"), "{message}");
}

#[tokio::test]
async fn an_older_patch_of_the_contract_is_spoken() {
    for version in ["0.1.0", "0.1.7"] {
        let guest = Guest { version, ..Guest::new() };
        let component = load(guest.build()).await.expect("it loads");
        assert_eq!(component.description().id.as_str(), "by-hand", "{version}");
    }
}

#[tokio::test]
async fn another_history_than_the_contracts_is_refused() {
    let (ours, theirs) = ("weight: f64,", "weight: f32,");
    assert!(WIT.contains(ours));
    let module = bare_module(VERSION);
    let figures = r#"(func (export "accellis:scoresheet/history@0.1.1#figures") (param i32 i32 i32 i32 i32 i32) (result i32) unreachable))"#;
    let module = format!("{}\n{figures}", module.trim_end().strip_suffix(')').expect("a module"));
    let bytes = |wit: &str| encode(wit, "metric-provider-with-history", &module);
    let error = refused(bytes(&WIT.replace(ours, theirs))).await;
    assert!(matches!(&error, LoadError::Link { .. }), "{error}");
    assert!(error.to_string().contains("does not fit accellis:scoresheet@0.1.1"), "{error}");
    // The right one gets as far as describing itself.
    assert!(matches!(refused(bytes(WIT)).await, LoadError::Describe(_)));
}

#[tokio::test]
async fn a_further_export_is_borne() {
    let mut guest = Guest::new();
    guest.imports = "export init: func();";
    guest.extra = r#"(func (export "init"))"#.to_owned();
    load(guest.build()).await.expect("it loads");
}

#[tokio::test]
async fn a_wrong_description_is_refused() {
    let mut guest = Guest::new();
    let described = image::description(&mut guest.image, "Not An Id");
    guest.describe = format!("i32.const {described}");
    let error = refused(guest.build()).await;
    assert!(matches!(error, LoadError::Description(_)));
    assert!(error.to_string().contains("id is 'Not An Id'"), "{error}");
}

#[tokio::test]
async fn describing_is_pure_and_bounded() {
    for (describe, expected) in [
        ("(loop $forever (br $forever)) unreachable", "computed for longer than 1 s"),
        ("unreachable", "panicked without a word"),
        ("(drop (call $now)) unreachable", "called run.now: describe, score and figures are pure"),
        ("i32.const 3", "return pointer not aligned"),
        ("i32.const -8", "pointer"),
    ] {
        let mut guest = Guest::new();
        guest.describe = describe.to_owned();
        let error = refused(guest.build()).await;
        assert!(matches!(error, LoadError::Describe(_)), "{error}");
        assert!(error.to_string().contains(expected), "{describe}: {error}");
    }
}

#[tokio::test]
async fn vectors_may_be_used() {
    let mut guest = Guest::new();
    guest.check = "(if (i32.ne (i32x4.extract_lane 2 (i32x4.add (v128.const i32x4 1 2 3 4) (v128.const i32x4 5 6 7 8))) (i32.const 10))
        (then unreachable)) i32.const 64"
        .into();
    // What is relaxed gives the same on every machine: a fused multiplication is none, or is on all of them.
    guest.extra = "(func (export \"relaxed\") (param i32) (result i32)
        (i32x4.extract_lane 0 (i32x4.relaxed_trunc_f32x4_s (f32x4.splat (f32.convert_i32_s (local.get 0))))))"
        .into();
    guest.imports = "export relaxed: func(a: u32) -> u32;";
    let component = load(guest.build()).await.expect("it loads");
    let provider = component.instance(None, scoresheet_runtime::Limits::default());
    assert_eq!(scoresheet_engine::Provider::check(&provider, &crate::common::run(), "{}").await, Ok(Vec::new()));
}
