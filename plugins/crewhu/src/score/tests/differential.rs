//! The score against a Python transcription of the guide's formula, bit for bit.

use std::process::Command;

use super::*;

/// What `tests/differential/guide.py 1 2000` printed: a machine without Python compares with these.
const KEPT: &str = include_str!("../../../tests/differential/cases.txt");

/// Python's cases, of another seed.
const LIVE_SEED: &str = "2";
const LIVE_CASES: usize = 100_000;

/// Compares each line's ratings with what Python made of them; gives how many lines there were, and how many means
/// lay midway between two scores.
fn compare(lines: &str) -> (usize, usize) {
    let (mut cases, mut ties) = (0, 0);
    for line in lines.lines() {
        let (ratings, told) = line.split_once('|').expect("ratings and what they amount to");
        let number = |text: &str| text.parse::<f64>().expect("a number");
        let ratings: Vec<f64> = ratings.split_whitespace().map(number).collect();
        let told: Vec<&str> = told.split_whitespace().collect();
        match (outcome("{}", &overall(&ratings)), told.as_slice()) {
            (Outcome::NoData(_), ["none"]) => {}
            (Outcome::Measured(found), [mean, score]) => {
                assert_eq!((found.value, found.score), (number(mean), number(score)), "{line}");
                assert_eq!(found.value.to_bits(), number(mean).to_bits(), "{line}");
                ties += usize::from((found.value * 2.0).fract() == 0.0 && found.value.fract() != 0.0);
            }
            (found, _) => panic!("{line}\nis {found:?} here"),
        }
        cases += 1;
    }
    (cases, ties)
}

#[test]
fn kept_cases_are_scored_as_python_scores_them() {
    let (cases, ties) = compare(KEPT);
    assert_eq!(cases, 2_000);
    assert!(ties > 300, "{ties} ties show little");
}

#[test]
fn a_hundred_thousand_cases_are_scored_as_python_scores_them() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/differential/guide.py");
    let ran = Command::new("python3").args([script, LIVE_SEED, &LIVE_CASES.to_string()]).output();
    let output = match ran {
        Ok(output) => output,
        // The kept cases stand in for it; CI has it, or is to be told.
        Err(error) if std::env::var_os("CI").is_none() && error.kind() == std::io::ErrorKind::NotFound => return,
        Err(error) => panic!("python3 does not start: {error}"),
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (cases, ties) = compare(std::str::from_utf8(&output.stdout).expect("UTF-8"));
    assert_eq!(cases, LIVE_CASES);
    assert!(ties > 15_000, "{ties} ties show little");
}
