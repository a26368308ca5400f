//! A component that answers with whatever bytes it is told: the settings of each call spell the memory of its answer.

use scoresheet_runtime::{Component, LoadError, Runtime, RuntimeOptions};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::memory::{Memory, Record};

const WIT: &str = include_str!("../../../wit/scoresheet.wit");

/// Where the component describes itself, and where its answers lie: up to [`HEAP`], from which on it takes the memory for
/// what it is given.
const DESCRIPTION: u32 = 4_096;
pub(crate) const ANSWER: u32 = 16_384;
const HEAP: u32 = 131_072;

/// The longest answer, in bytes.
pub(crate) const MAX_ANSWER: usize = (HEAP - ANSWER) as usize;

/// Its kinds of observation, and its reasons for a rejection.
pub(crate) const KINDS: [&str; 2] = ["ticket", "call"];
pub(crate) const REASONS: [&str; 2] = ["incomplete", "odd"];

/// Settings that spell an answer: two letters a byte.
pub(crate) fn settings(answer: &[u8]) -> String {
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
    let contract = WIT.replacen("package accellis:scoresheet@0.1.1;", "package accellis:scoresheet@0.1.1 {", 1);
    let wit = format!(
        "package fuzz:guest;\nworld guest {{ include accellis:scoresheet/metric-provider-with-history@0.1.1; }}\n{contract}\n}}"
    );
    let mut resolve = Resolve::default();
    let package = resolve.push_str("guest.wit", &wit).expect("WIT that parses");
    let world = resolve.select_world(&[package], Some("fuzz:guest/guest")).expect("the world");
    let mut module = wat::parse_str(module()).expect("text that parses");
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("metadata");
    ComponentEncoder::default().module(&module).expect("a module").encode().expect("a component")
}

fn module() -> String {
    let description: String = description().iter().map(|byte| format!("\\{byte:02x}")).collect();
    // `$answer` reads the settings into the place of the answer, and gives the place.
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
        (func (export "accellis:scoresheet/metrics@0.1.1#describe") (result i32) (i32.const {DESCRIPTION}))
        (func (export "accellis:scoresheet/metrics@0.1.1#score")
            (param i32 i32) (param $settings i32) (param $len i32) (param i64 i64 i32 i32) (result i32)
          (call $answer (local.get $settings) (local.get $len)))
        (func (export "accellis:scoresheet/source@0.1.1#check") (param i32 i32) (result i32)
          (call $answer (local.get 0) (local.get 1)))
        (func (export "accellis:scoresheet/source@0.1.1#clients") (param i32 i32 i32 i32 i32) (result i32)
          (call $answer (local.get 0) (local.get 1)))
        (func (export "accellis:scoresheet/source@0.1.1#pull")
            (param i32 i32 i64 i64 i32 i32 i32 i32 i32 i32) (result i32)
          (call $answer (local.get 0) (local.get 1)))
        (func (export "accellis:scoresheet/history@0.1.1#figures") (param $asks i32) (param i32 i32 i32 i32 i32) (result i32)
          ;; The settings of the first metric.
          (call $answer (i32.load offset=8 (local.get $asks)) (i32.load offset=12 (local.get $asks))))
        (data (i32.const {DESCRIPTION}) "{description}"))"#
    )
}

/// One metric "volume" over the two kinds.
fn description() -> Vec<u8> {
    // The root comes first: 60 bytes.
    let mut memory = Memory::with_root(DESCRIPTION, 64);
    let kinds = memory.place(&[0, 0, 1, 0]);
    let metric = Record::default()
        .text(&mut memory, b"volume")
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
    let root = Record::default()
        .text(&mut memory, b"fuzz-guest")
        .text(&mut memory, b"A guest that says what it is told")
        .text(&mut memory, b"0.0.1")
        .u8(0)
        .list(metrics)
        .list(kinds)
        .list(reasons)
        .text(&mut memory, br#"{"type":"object"}"#);
    memory.finish(&root)
}
