//! What `cargo bench -- …` takes.

use std::path::PathBuf;

use crate::Failed;

/// What `--help` prints.
pub(crate) const HELP: &str = "\
cargo bench [-- [ROW...] [--rounds N] [--save FILE]]

  ROW          only these rows, for example P1 P5; all of them otherwise
  --rounds N   how often each side of a row is measured; the median counts (default 3)
  --save FILE  writes the results as JSON there too, for tests/bench/compare

The results of the last run are in target/tmp/bench/latest.json.
";

/// What is wanted of this program.
pub(crate) enum Asked {
    Help,
    Bench(Wanted),
    /// This program as one of its own helpers, with that one's arguments.
    Role(String, Vec<String>),
}

/// Which rows, and how.
pub(crate) struct Wanted {
    rows: Vec<String>,
    /// How often each side is measured.
    pub(crate) rounds: usize,
    /// Where the results go, besides the usual place.
    pub(crate) save: Option<PathBuf>,
}

impl Wanted {
    pub(crate) fn includes(&self, row: &str) -> bool {
        self.rows.is_empty() || self.rows.iter().any(|wanted| wanted.eq_ignore_ascii_case(row))
    }
}

pub(crate) fn read() -> Result<Asked, Failed> {
    let mut arguments = std::env::args().skip(1);
    let mut wanted = Wanted { rows: Vec::new(), rounds: 3, save: None };
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--role" => {
                let role = arguments.next().ok_or("--role wants a name")?;
                // cargo puts its own word behind ours.
                return Ok(Asked::Role(role, arguments.filter(|argument| argument != "--bench").collect()));
            }
            "--help" | "-h" => return Ok(Asked::Help),
            // Cargo says so to every benchmark.
            "--bench" => {}
            "--rounds" => {
                let given = arguments.next().unwrap_or_default();
                wanted.rounds = match given.parse() {
                    Ok(rounds) if rounds > 0 => rounds,
                    _ => return Err(format!("--rounds '{given}': give a whole number from 1").into()),
                };
            }
            "--save" => wanted.save = Some(arguments.next().ok_or("--save wants a file")?.into()),
            row if crate::cases::ALL.iter().any(|case| case.id.eq_ignore_ascii_case(row)) => {
                wanted.rows.push(row.to_owned());
            }
            other => return Err(format!("there is no row '{other}'\n\n{HELP}").into()),
        }
    }
    Ok(Asked::Bench(wanted))
}
