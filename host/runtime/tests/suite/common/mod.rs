//! Components written by hand: WebAssembly text against the real contract.

pub(crate) mod image;
pub(crate) mod stderr;
pub(crate) mod timers;

use image::{BASE, Image};
use scoresheet_domain::{Case, Instant, MetricId, Samples, Subject, Window};
use scoresheet_engine::{RunContext, ScoreRequest};
use scoresheet_runtime::{Component, Configured, Limits, LoadError, Runtime, RuntimeOptions};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// The contract as it stands.
pub(crate) const WIT: &str = include_str!("../../../../../wit/scoresheet.wit");

/// Its version.
pub(crate) const VERSION: &str = "0.2.0";

/// The window that the tests pull and score.
pub(crate) fn window() -> Window {
    Window { start: Instant::from_millis(0), end: Instant::from_millis(1_000_000) }
}

/// A run in 2026.
pub(crate) fn run() -> RunContext {
    RunContext { now: Instant::parse("2026-11-01").expect("a date"), cancel: CancellationToken::new() }
}

/// A runtime that writes nothing and maps memory as it is asked for.
pub(crate) fn runtime() -> Runtime {
    Runtime::new(options()).expect("a runtime")
}

pub(crate) fn options() -> RuntimeOptions {
    RuntimeOptions {
        describe_limits: Limits { compute_secs: 1, deadline_secs: 20, ..Limits::default() },
        ..RuntimeOptions::default()
    }
}

pub(crate) async fn load(bytes: Vec<u8>) -> Result<Component, LoadError> {
    runtime().load(bytes).await
}

/// A component with empty settings.
pub(crate) async fn configure(component: &Component) -> Configured {
    component.configure(&json!({})).await.expect("it can be configured")
}

/// Loads and configures on a runtime of its own.
pub(crate) async fn configured(bytes: Vec<u8>) -> Configured {
    configure(&load(bytes).await.expect("it loads")).await
}

/// Asks for the metric "volume" of these cases: each of a subject, in [`window`], without samples.
pub(crate) fn score_request(cases: usize) -> ScoreRequest {
    ScoreRequest {
        metric: MetricId::new("volume").expect("an id"),
        settings: "{}".to_owned(),
        explain: true,
        subjects: vec![Subject::default()],
        cases: vec![Case { subject: 0, window: window(), samples: Samples::default() }; cases],
    }
}

/// A component whose functions are WebAssembly text, and give the address of what they answer.
pub(crate) struct Guest {
    /// What `spec` and `describe` give and the others may give.
    pub(crate) image: Image,
    /// Pages of memory at the beginning.
    pub(crate) pages: u64,
    /// Imports, globals, functions and tables beside the exported functions.
    pub(crate) extra: String,
    /// Bodies.
    pub(crate) spec: String,
    pub(crate) describe: String,
    pub(crate) check: String,
    pub(crate) clients: String,
    pub(crate) pull: String,
    pub(crate) score: String,
    /// The version of the contract that it was built against.
    pub(crate) version: &'static str,
    /// Further imports of the world, in WIT.
    pub(crate) imports: &'static str,
    /// Further packages, in WIT.
    pub(crate) packages: &'static str,
}

impl Guest {
    /// Describes itself, and does nothing else that makes sense.
    pub(crate) fn new() -> Self {
        let mut image = Image::default();
        let (spec, described) = (image::spec(&mut image, "by-hand"), image::description(&mut image));
        let unreachable = || "unreachable".to_owned();
        Self {
            image,
            pages: 4,
            extra: String::new(),
            spec: format!("i32.const {spec}"),
            describe: format!("i32.const {described}"),
            check: unreachable(),
            clients: unreachable(),
            pull: unreachable(),
            score: unreachable(),
            version: VERSION,
            imports: "",
            packages: "",
        }
    }

    /// The component's bytes.
    pub(crate) fn build(&self) -> Vec<u8> {
        encode(&self.wit(), "test:guest/guest", &self.module())
    }

    fn wit(&self) -> String {
        let Self { version, imports, packages, .. } = self;
        let package = format!("package accellis:scoresheet@{version} {{");
        let contract = WIT.replacen(&format!("package accellis:scoresheet@{VERSION};"), &package, 1);
        format!(
            "package test:guest;\nworld guest {{ include accellis:scoresheet/metric-provider@{version};\n{imports} }}\n\
             {contract}\n}}\n{packages}"
        )
    }

    fn module(&self) -> String {
        let Self { image, pages, extra, spec, describe, check, clients, pull, score, version, .. } = self;
        let (data, heap) = (image.wat(), image.end());
        format!(
            r#"(module
            (import "accellis:scoresheet/http@{version}" "send" (func $send
              (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
            (import "accellis:scoresheet/http@{version}" "relative" (func $relative (param i32 i32 i32)))
            (import "accellis:scoresheet/run@{version}" "log" (func $log (param i32 i32 i32)))
            (import "accellis:scoresheet/run@{version}" "now" (func $now (result i64)))
            {extra}
            (memory (export "memory") {pages})
            (global $heap (mut i32) (i32.const {heap}))
            (func $realloc (export "cabi_realloc") (param $old i32) (param $old_size i32) (param $align i32) (param $size i32)
                (result i32) (local $at i32)
              (local.set $at (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
              (global.set $heap (i32.add (local.get $at) (local.get $size)))
              (block $fits
                (br_if $fits (i32.le_u (global.get $heap) (i32.mul (memory.size) (i32.const 65536))))
                (drop (memory.grow (i32.add (i32.div_u (local.get $size) (i32.const 65536)) (i32.const 1)))))
              (local.get $at))
            (func (export "accellis:scoresheet/metrics@{version}#spec") (result i32) {spec})
            (func (export "accellis:scoresheet/metrics@{version}#describe") (param i32 i32) (result i32) {describe})
            (func (export "accellis:scoresheet/metrics@{version}#score")
                (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32) {score})
            (func (export "accellis:scoresheet/source@{version}#check") (param i32 i32) (result i32) {check})
            (func (export "accellis:scoresheet/source@{version}#clients") (param i32 i32 i32 i32 i32) (result i32) {clients})
            (func (export "accellis:scoresheet/source@{version}#pull")
                (param i32 i32 i32 i32 i64 i64 i32 i32 i32) (result i32) {pull})
            (data (i32.const {BASE}) "{data}"))"#
        )
    }
}

/// Makes a component of a core module in WebAssembly text and a world.
pub(crate) fn encode(wit: &str, world: &str, module: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("test.wit", wit).expect("WIT that parses");
    let world = resolve.select_world(&[package], Some(world)).expect("the world");
    let mut module = wat::parse_str(module).expect("text that parses");
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("metadata");
    ComponentEncoder::default().module(&module).expect("a module").validate(true).encode().expect("a component")
}
