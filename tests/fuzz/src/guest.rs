//! A component that answers with whatever bytes it is told: its settings spell the memory of its answer.

use scoresheet_runtime::{Component, LoadError, Runtime, RuntimeOptions};
use serde_json::{Value, json};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::memory::{Memory, Record};

const WIT: &str = include_str!("../../../wit/scoresheet.wit");

/// Where its spec and its usual description lie, and where its answers lie: up to [`HEAP`], from which on it takes the
/// memory for what it is given.
const SPEC: u32 = 4_096;
const DESCRIPTION: u32 = 8_192;
pub(crate) const ANSWER: u32 = 16_384;
const HEAP: u32 = 131_072;

/// The longest answer, in bytes.
pub(crate) const MAX_ANSWER: usize = (HEAP - ANSWER) as usize;

/// Its kinds of observation, and its reasons for a rejection.
pub(crate) const KINDS: [&str; 2] = ["ticket", "call"];
pub(crate) const REASONS: [&str; 2] = ["incomplete", "odd"];

/// The metric that it usually describes.
pub(crate) const METRIC: &str = "volume";

/// Settings with which `check`, `clients` and `pull` give this answer, and `describe` the usual one.
pub(crate) fn settings(answer: &[u8]) -> Value {
    Value::String(letters(answer))
}

/// Settings with which `describe` gives this answer.
pub(crate) fn settings_to_describe(answer: &[u8]) -> Value {
    json!([letters(answer)])
}

/// Spells an answer, two letters a byte: the settings of a metric with which `score` gives it.
pub(crate) fn letters(answer: &[u8]) -> String {
    let letters = |byte: &u8| [byte >> 4, byte & 15].map(|half| char::from(b'a' + half));
    answer.iter().take(MAX_ANSWER).flat_map(letters).collect()
}

/// A runtime that writes nothing and maps memory as it is asked for.
pub(crate) fn runtime() -> Runtime {
    Runtime::new(RuntimeOptions { pooling: false, ..RuntimeOptions::default() }).expect("a runtime")
}

/// The component, loaded.
pub(crate) async fn load() -> Result<Component, LoadError> {
    runtime().load(bytes()).await
}

/// The component's bytes.
pub(crate) fn bytes() -> Vec<u8> {
    let contract = WIT.replacen("package accellis:scoresheet@0.2.0;", "package accellis:scoresheet@0.2.0 {", 1);
    let wit = format!(
        "package fuzz:guest;\nworld guest {{ include accellis:scoresheet/metric-provider@0.2.0; }}\n{contract}\n}}"
    );
    let mut resolve = Resolve::default();
    let package = resolve.push_str("guest.wit", &wit).expect("WIT that parses");
    let world = resolve.select_world(&[package], Some("fuzz:guest/guest")).expect("the world");
    let mut module = wat::parse_str(module()).expect("text that parses");
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("metadata");
    ComponentEncoder::default().module(&module).expect("a module").encode().expect("a component")
}

fn module() -> String {
    let data = |bytes: Vec<u8>| bytes.iter().map(|byte| format!("\\{byte:02x}")).collect::<String>();
    let (spec, description) = (data(spec()), data(description()));
    // `$answer` reads letters into the place of the answer, and gives the place. `$quoted` leaves out the quotes of a
    // JSON string.
    format!(
        r#"(module
        (memory (export "memory") 4)
        (global $heap (mut i32) (i32.const {HEAP}))
        (func (export "cabi_realloc") (param i32 i32 i32) (param $size i32) (result i32) (local $at i32)
          (local.set $at (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
          (global.set $heap (i32.add (local.get $at) (local.get $size)))
          (block $fits
            (br_if $fits (i32.le_u (global.get $heap) (i32.mul (memory.size) (i32.const 65536))))
            (drop (memory.grow (i32.add (i32.div_u (local.get $size) (i32.const 65536)) (i32.const 1)))))
          (local.get $at))
        (func $answer (param $from i32) (param $len i32) (result i32) (local $to i32) (local $end i32)
          (local.set $to (i32.const {ANSWER}))
          (local.set $end (i32.add (local.get $from) (local.get $len)))
          (block $done (loop $next
            (br_if $done (i32.ge_u (local.get $from) (local.get $end)))
            (i32.store8 (local.get $to) (i32.or
              (i32.shl (i32.sub (i32.load8_u (local.get $from)) (i32.const 97)) (i32.const 4))
              (i32.sub (i32.load8_u offset=1 (local.get $from)) (i32.const 97))))
            (local.set $from (i32.add (local.get $from) (i32.const 2)))
            (local.set $to (i32.add (local.get $to) (i32.const 1)))
            (br $next)))
          (i32.const {ANSWER}))
        (func $quoted (param $from i32) (param $len i32) (result i32)
          (call $answer (i32.add (local.get $from) (i32.const 1)) (i32.sub (local.get $len) (i32.const 2))))
        (func (export "accellis:scoresheet/metrics@0.2.0#spec") (result i32) (i32.const {SPEC}))
        (func (export "accellis:scoresheet/metrics@0.2.0#describe") (param i32 i32) (result i32)
          ;; A list with one string says what to answer.
          (if (result i32) (i32.eq (i32.load8_u (local.get 0)) (i32.const 91))
            (then (call $quoted (i32.add (local.get 0) (i32.const 1)) (i32.sub (local.get 1) (i32.const 2))))
            (else (i32.const {DESCRIPTION}))))
        (func (export "accellis:scoresheet/metrics@0.2.0#score")
            (param i32 i32) (param $settings i32) (param $len i32) (param i32 i32 i32 i32 i32) (result i32)
          (call $answer (local.get $settings) (local.get $len)))
        (func (export "accellis:scoresheet/source@0.2.0#check") (param i32 i32) (result i32)
          (call $quoted (local.get 0) (local.get 1)))
        (func (export "accellis:scoresheet/source@0.2.0#clients") (param i32 i32 i32 i32 i32) (result i32)
          (call $quoted (local.get 0) (local.get 1)))
        (func (export "accellis:scoresheet/source@0.2.0#pull")
            (param i32 i32 i32 i32 i64 i64 i32 i32 i32) (result i32)
          (call $quoted (local.get 0) (local.get 1)))
        (data (i32.const {SPEC}) "{spec}")
        (data (i32.const {DESCRIPTION}) "{description}"))"#
    )
}

/// `spec`.
fn spec() -> Vec<u8> {
    let mut memory = Memory::with_root(SPEC, 32);
    let root = Record::default()
        .text(&mut memory, b"fuzz-guest")
        .text(&mut memory, b"A guest that says what it is told")
        .text(&mut memory, b"0.0.1")
        .text(&mut memory, b"{}");
    memory.finish(&root)
}

/// `describe`: one metric over the two kinds.
fn description() -> Vec<u8> {
    let mut memory = Memory::with_root(DESCRIPTION, 40);
    let kinds = memory.place(&[0, 0, 1, 0]);
    let metric = Record::default()
        .text(&mut memory, METRIC.as_bytes())
        .text(&mut memory, b"Volume")
        .text(&mut memory, b"tickets per 30 days")
        .list((kinds, 2))
        .text(&mut memory, b"{}");
    let metrics = memory.list(&[metric], 4);
    let names = |memory: &mut Memory, names: &[&str]| {
        let names: Vec<Record> = names.iter().map(|name| Record::default().text(memory, name.as_bytes())).collect();
        memory.list(&names, 4)
    };
    let (kinds, reasons) = (names(&mut memory, &KINDS), names(&mut memory, &REASONS));
    // `ok`, then `stub` and `data-version`
    let root = Record::default().u8(0).align(8).u8(0).u32(1).list(kinds).list(metrics).list(reasons);
    memory.finish(&root)
}
