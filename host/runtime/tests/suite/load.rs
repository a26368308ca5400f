//! What is loaded and configured, and what is refused with which words.

use crate::common::{Guest, VERSION, WIT, configure, configured, encode, image, load, run};
use scoresheet_domain::{Failure, SettingsProblem};
use scoresheet_engine::Provider;
use scoresheet_runtime::{ConfigureError, Limits, LoadError};
use serde_json::json;

async fn refused(bytes: Vec<u8>) -> LoadError {
    load(bytes).await.expect_err("it must be refused")
}

/// Every function of the contract's exports, and nothing in them.
fn bare_module(version: &str) -> String {
    format!(
        r#"(module
        (memory (export "memory") 1)
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
        (func (export "accellis:scoresheet/metrics@{version}#spec") (result i32) unreachable)
        (func (export "accellis:scoresheet/metrics@{version}#describe") (param i32 i32) (result i32) unreachable)
        (func (export "accellis:scoresheet/metrics@{version}#score")
          (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32) unreachable)
        (func (export "accellis:scoresheet/source@{version}#check") (param i32 i32) (result i32) unreachable)
        (func (export "accellis:scoresheet/source@{version}#clients") (param i32 i32 i32 i32 i32) (result i32) unreachable)
        (func (export "accellis:scoresheet/source@{version}#pull")
          (param i32 i32 i32 i32 i64 i64 i32 i32 i32) (result i32) unreachable))"#
    )
}

#[tokio::test]
async fn a_component_describes_itself() {
    let bytes = Guest::new().build();
    let component = load(bytes.clone()).await.expect("it loads");
    assert_eq!((component.spec().id.as_str(), component.spec().version.as_str()), ("by-hand", "0.0.1"));
    assert_eq!(component.spec().settings_schema, json!({"type": "object"}));
    let configured = configure(&component).await;
    assert_eq!(configured.spec(), component.spec());
    let description = configured.description();
    assert_eq!((description.stub, description.data_version), (true, 1));
    assert_eq!(description.metrics[0].id.as_str(), "volume");
    assert_eq!(description.metrics[0].kinds, [0]);
    assert_eq!(description.kinds, ["ticket", "call"]);
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

/// The world of contract 0.1.1, with the types that its functions have.
const WIT_0_1: &str = "package accellis:scoresheet@0.1.1;
interface types {
  type instant = s64;
  record window { start: instant, end: instant }
  record description { id: string, title: string }
  record page { next: list<list<u8>> }
  variant failure { cancelled, other(string) }
}
interface http { send: func(path: string) -> result<list<u8>>; }
interface run { now: func() -> s64; }
interface source {
  use types.{failure, page, window};
  pull: func(settings: string, window: window, client: option<string>, page: option<list<u8>>) -> result<page, failure>;
}
interface metrics { use types.{description}; describe: func() -> description; }
world metric-provider { import http; import run; export source; export metrics; }";

#[tokio::test]
async fn a_component_of_contract_0_1_is_refused_with_the_remedy() {
    let module = r#"(module
        (import "accellis:scoresheet/run@0.1.1" "now" (func $now (result i64)))
        (memory (export "memory") 1)
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
        (func (export "accellis:scoresheet/metrics@0.1.1#describe") (result i32) unreachable)
        (func (export "accellis:scoresheet/source@0.1.1#pull")
          (param i32 i32 i64 i64 i32 i32 i32 i32 i32 i32) (result i32) (drop (call $now)) unreachable))"#;
    let importing = refused(encode(WIT_0_1, "metric-provider", module)).await;
    assert_eq!(
        importing.to_string(),
        "the component was built against accellis:scoresheet@0.1.1 (accellis:scoresheet/run@0.1.1), and this host speaks \
         accellis:scoresheet@0.2.0: rebuild it against 0.2.0 with the matching scoresheet-sdk"
    );
    // The exports alone tell it too.
    let module = module
        .replace(r#"(import "accellis:scoresheet/run@0.1.1" "now" (func $now (result i64)))"#, "")
        .replace("(drop (call $now))", "");
    let message = refused(encode(WIT_0_1, "metric-provider", &module)).await.to_string();
    for part in ["@0.1.1 (accellis:scoresheet/", "speaks accellis:scoresheet@0.2.0", "rebuild it against 0.2.0"] {
        assert!(message.contains(part), "{message}");
    }
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
        [("spec: func() -> provider-spec;", "spec: func() -> string;"), ("-> list<check-step>;", "-> list<u8>;")]
    {
        assert!(WIT.contains(ours), "{ours}");
        let error = refused(encode(&WIT.replace(ours, theirs), "metric-provider", &bare_module(VERSION))).await;
        assert!(matches!(&error, LoadError::Link { .. }), "{error}");
        assert!(error.to_string().contains("does not fit accellis:scoresheet@0.2.0"), "{error}");
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
async fn another_patch_of_the_contract_is_spoken() {
    for version in ["0.2.0", "0.2.7"] {
        let guest = Guest { version, ..Guest::new() };
        let component = load(guest.build()).await.expect("it loads");
        assert_eq!(component.spec().id.as_str(), "by-hand", "{version}");
    }
}

#[tokio::test]
async fn a_further_export_is_borne() {
    let mut guest = Guest::new();
    guest.imports = "export init: func();";
    guest.extra = r#"(func (export "init"))"#.to_owned();
    load(guest.build()).await.expect("it loads");
}

#[tokio::test]
async fn a_wrong_spec_is_refused() {
    let mut guest = Guest::new();
    let spec = image::spec(&mut guest.image, "Not An Id");
    guest.spec = format!("i32.const {spec}");
    let error = refused(guest.build()).await;
    assert!(matches!(error, LoadError::Spec(_)));
    assert!(error.to_string().contains("the component's spec breaks the contract: id is 'Not An Id'"), "{error}");
}

/// Bodies of a pure function without a connection, and what comes of each.
const BAD_BODIES: [(&str, &str); 5] = [
    ("(loop $forever (br $forever)) unreachable", "computed for longer than 1 s"),
    ("unreachable", "panicked without a word"),
    ("(drop (call $now)) unreachable", "called run.now: spec, describe and score are pure"),
    ("i32.const 3", "return pointer not aligned"),
    ("i32.const -8", "pointer"),
];

#[tokio::test]
async fn spec_is_pure_and_bounded() {
    for (body, expected) in BAD_BODIES {
        let mut guest = Guest::new();
        guest.spec = body.to_owned();
        let error = refused(guest.build()).await;
        assert!(matches!(error, LoadError::Describe(_)), "{error}");
        assert!(error.to_string().contains(expected), "{body}: {error}");
    }
}

/// The error of a guest with this body of `describe`.
async fn not_configured(describe: impl FnOnce(&mut Guest) -> String) -> ConfigureError {
    let mut guest = Guest::new();
    guest.describe = describe(&mut guest);
    load(guest.build()).await.expect("it loads").configure(&json!({})).await.expect_err("it must be refused")
}

#[tokio::test]
async fn describe_is_pure_and_bounded() {
    for (body, expected) in BAD_BODIES {
        let error = not_configured(|_| body.to_owned()).await;
        assert!(matches!(error, ConfigureError::Describe(_)), "{error}");
        assert!(error.to_string().contains(expected), "{body}: {error}");
    }
}

#[tokio::test]
async fn settings_that_describe_refuses_are_returned_with_pointers() {
    let error = not_configured(|guest| {
        let problems = [("/api", "no such\ndialect"), ("/page_size", "not with this API")];
        format!("i32.const {}", image::settings_problems(&mut guest.image, &problems))
    })
    .await;
    assert_eq!(error.to_string(), "/api: no such dialect; /page_size: not with this API");
    let ConfigureError::Settings(problems) = error else { panic!("settings: {error}") };
    let problem =
        |pointer: &str, message: &str| SettingsProblem { pointer: pointer.to_owned(), message: message.to_owned() };
    assert_eq!(problems, [problem("/api", "no such dialect"), problem("/page_size", "not with this API")]);
}

#[tokio::test]
async fn another_failure_of_describe_is_kept() {
    let error =
        not_configured(|guest| format!("i32.const {}", image::unauthorized(&mut guest.image, "not without a key")))
            .await;
    let ConfigureError::Describe(failure) = error else { panic!("describe: {error}") };
    assert_eq!(failure, Failure::Unauthorized("not without a key".to_owned()));
}

#[tokio::test]
async fn a_description_that_breaks_the_contract_is_refused() {
    let error = not_configured(|guest| {
        format!("i32.const {}", image::description_of(&mut guest.image, "Not An Id", &["ticket"]))
    })
    .await;
    assert!(matches!(error, ConfigureError::Description(_)), "{error}");
    let message = error.to_string();
    assert!(
        message.starts_with("the component's description breaks the contract: metrics[0].id is 'Not An Id'"),
        "{message}"
    );
}

#[tokio::test]
async fn settings_arrive_as_compact_json() {
    let settings = json!({"b": [1, 2.5], "a": "é"});
    let text = settings.to_string();
    let mut guest = Guest::new();
    let described = image::description(&mut guest.image);
    let expected = guest.image.place(text.as_bytes());
    // Compares the settings byte by byte, in `describe` and in `check`.
    let compare = format!(
        "(local $n i32)
         (if (i32.ne (local.get 1) (i32.const {len})) (then unreachable))
         (loop $next
           (if (i32.ne (i32.load8_u (i32.add (local.get 0) (local.get $n)))
                       (i32.load8_u (i32.add (i32.const {expected}) (local.get $n)))) (then unreachable))
           (br_if $next (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const {len}))))",
        len = text.len()
    );
    guest.describe = format!("{compare} i32.const {described}");
    guest.check = format!("{compare} i32.const 64");
    let component = load(guest.build()).await.expect("it loads");
    let provider = component.configure(&settings).await.expect("the same settings").instance(None, Limits::default());
    assert_eq!(provider.check(&run()).await, Ok(Vec::new()));
    assert!(component.configure(&json!({})).await.is_err(), "other settings");
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
    let provider = configured(guest.build()).await.instance(None, Limits::default());
    assert_eq!(provider.check(&run()).await, Ok(Vec::new()));
}
