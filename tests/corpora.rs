//! The fuzz targets of `tests/fuzz` over their corpora, and over so many mutations of them, on the stable toolchain.
//!
//! A long run is libFuzzer's: see CONTRIBUTING.md. `FUZZ_RUNS=1000000 cargo test --release --test corpora mutations` is
//! what can be had without it.

use std::{fs, panic, path::Path};

use scoresheet::config::{Environment as _, ProcessEnvironment};

#[path = "fuzz/src/answer.rs"]
mod answer;
#[path = "fuzz/src/component_bytes.rs"]
mod component_bytes;
#[path = "fuzz/src/configuration.rs"]
mod configuration;
#[path = "fuzz/src/crewhu_page.rs"]
mod crewhu_page;
#[path = "fuzz/src/csv.rs"]
mod csv;
#[path = "fuzz/src/guest.rs"]
mod guest;
#[path = "fuzz/src/guest_output.rs"]
mod guest_output;
#[path = "fuzz/src/loopback.rs"]
mod loopback;
#[path = "fuzz/src/memory.rs"]
mod memory;
#[path = "fuzz/src/path.rs"]
mod path;
#[path = "fuzz/src/retry_after.rs"]
mod retry_after;

type Target = fn(&[u8]);

/// Every target, by the name of its corpus.
const TARGETS: [(&str, Target); 7] = [
    ("component_bytes", component_bytes::component_bytes),
    ("configuration", configuration::configuration),
    ("crewhu_page", crewhu_page::crewhu_page),
    ("csv", csv::csv),
    ("guest_output", guest_output::guest_output),
    ("path", path::path),
    ("retry_after", retry_after::retry_after),
];

/// So many mutations of each corpus are tried where `FUZZ_RUNS` does not say.
const RUNS: u64 = 300;

/// The files of a corpus, by name.
fn corpus(name: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz/corpus").join(name);
    let mut cases: Vec<(String, Vec<u8>)> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| {
            let entry = entry.expect("an entry");
            (entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path()).expect("a file"))
        })
        .collect();
    cases.sort();
    cases
}

/// Runs a target, and says which case it failed at.
fn run(name: &str, target: Target, case: &str, data: &[u8]) {
    if let Err(cause) = panic::catch_unwind(|| target(data)) {
        let shown: String = data.iter().take(4_000).flat_map(|byte| byte.escape_ascii()).map(char::from).collect();
        panic!("{name} fails at {case}: {}\nb\"{shown}\"", said(&*cause));
    }
}

fn said(cause: &(dyn std::any::Any + Send)) -> &str {
    cause.downcast_ref::<String>().map_or_else(|| cause.downcast_ref().copied().unwrap_or("a panic"), String::as_str)
}

#[test]
fn every_case_of_every_corpus_holds() {
    for (name, target) in TARGETS {
        let cases = corpus(name);
        assert!(cases.len() >= 8, "{name} has {} cases", cases.len());
        for (case, data) in cases {
            run(name, target, &case, &data);
        }
    }
}

#[test]
fn mutations_of_every_corpus_hold() {
    let runs = ProcessEnvironment.var("FUZZ_RUNS").map_or(RUNS, |text| text.parse().expect("FUZZ_RUNS is a number"));
    let only = ProcessEnvironment.var("FUZZ_TARGET");
    for (name, target) in TARGETS {
        if only.as_ref().is_some_and(|only| only != name) {
            continue;
        }
        let cases: Vec<Vec<u8>> = corpus(name).into_iter().map(|(_, data)| data).collect();
        let mut chance = Chance::seeded(ProcessEnvironment.var("FUZZ_SEED").and_then(|text| text.parse().ok()));
        for number in 0..runs {
            let data = mutated(&cases, &mut chance);
            run(name, target, &format!("mutation {number}"), &data);
        }
    }
}

/// Each target has a folder of cases, a binary for libFuzzer, and a line above.
#[test]
fn no_target_is_left_out() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz");
    let names = |folder: &str| {
        let mut names: Vec<String> = fs::read_dir(fuzz.join(folder))
            .expect("a folder")
            .map(|entry| entry.expect("an entry").path().file_stem().expect("a name").to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    };
    let expected = TARGETS.map(|(name, _)| name.to_owned());
    assert_eq!(names("corpus"), expected);
    assert_eq!(names("fuzz_targets"), expected);
    let manifest = fs::read_to_string(fuzz.join("Cargo.toml")).expect("the manifest");
    assert!(expected.iter().all(|name| manifest.contains(&format!("name = \"{name}\""))));
}

/// Chance that is the same at every run (xorshift64*).
struct Chance(u64);

impl Chance {
    fn seeded(seed: Option<u64>) -> Self {
        Self(seed.unwrap_or(1).wrapping_mul(0x9E37_79B9_7F4A_7C15).max(1))
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
    }

    /// Less than `bound`; 0 where that is 0.
    fn below(&mut self, bound: usize) -> usize {
        (self.next() as usize).checked_rem(bound).unwrap_or(0)
    }

    /// A stretch of so many bytes, mostly a short one.
    fn stretch(&mut self, len: usize) -> std::ops::Range<usize> {
        let start = self.below(len + 1);
        let most = if self.below(4) == 0 { len } else { 8 };
        start..(start + self.below(most + 1)).min(len)
    }
}

/// What text formats are made of.
const PIECES: [&[u8]; 36] = [
    b"\n",
    b"\r\n",
    b"\0",
    b"\t",
    b" ",
    b"\"",
    b"\\",
    b"%2e",
    b"%2f",
    b"%25",
    b"..",
    b"/",
    b"@",
    b":",
    b";",
    b",",
    b"|",
    b"=",
    b"[",
    b"]",
    b"{",
    b"}",
    b"null",
    b"true",
    b"-1",
    b"0",
    b"1e999",
    b"NaN",
    b"18446744073709551616",
    b"\xff",
    b"\xc0\xae",
    b"\xe2\x80\xae",
    b"\\ud800",
    b"${",
    b"\x1b[31m",
    b"#",
];

/// One to five changes to a case.
fn mutated(cases: &[Vec<u8>], chance: &mut Chance) -> Vec<u8> {
    let mut data = cases[chance.below(cases.len())].clone();
    for _ in 0..=chance.below(5) {
        let at = chance.below(data.len() + 1);
        match chance.below(8) {
            0 if at < data.len() => data[at] ^= 1 << chance.below(8),
            1 if at < data.len() => data[at] = chance.next() as u8,
            2 => drop(data.splice(at..at, PIECES[chance.below(PIECES.len())].iter().copied())),
            3 => drop(data.drain(chance.stretch(data.len()))),
            4 => {
                let again = data[chance.stretch(data.len())].to_vec();
                drop(data.splice(at..at, again));
            }
            5 => {
                let other = &cases[chance.below(cases.len())];
                drop(data.splice(at..at, other[chance.stretch(other.len())].iter().copied()));
            }
            6 => {
                let other = &cases[chance.below(cases.len())];
                data.truncate(at);
                data.extend(&other[chance.below(other.len() + 1)..]);
            }
            _ => {
                let place = chance.stretch(data.len());
                drop(data.splice(place, PIECES[chance.below(PIECES.len())].iter().copied()));
            }
        }
        // Cases that only grow say nothing new.
        data.truncate(100_000);
    }
    data
}
