//! P4: the integration guide's Python, a call per client, against the whole `scoresheet sync` of the same answers.

use std::{path::PathBuf, process::Command};

use super::Case;
use crate::{
    Failed,
    args::Wanted,
    data::{DAYS, Ids, Shape},
    measure,
    place::{self, ONE_METRIC, Place},
    report::{CaseReport, Goal},
    server::{API_KEY, COMPANY, Server},
};

pub(crate) const CASE: Case = Case {
    id: "P4",
    what: "the guide's Python (requests, a call per client) ÷ our whole sync into SQLite, wall; 1,000 clients × 100 answers, 20 ms",
    run,
};

fn run(wanted: &Wanted, report: &mut CaseReport<'_>) -> Result<(), Failed> {
    let shape = Shape { answers: 100_000, clients: 1_000, end_ms: place::end_ms()?, days: DAYS, ids: Ids::Counted };
    let server = Server::start(shape, 20)?;
    let place = Place::new(&server.url, shape.clients, ONE_METRIC)?;
    place.run(&["provider", "list"])?;
    let mut ours = Vec::new();
    for _ in 0..wanted.rounds {
        ours.push(place.first_sync()?.wall_s);
    }
    let mut guide = Command::new(python()?);
    guide
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/bench/guide.py"))
        .arg((DAYS + 1).to_string())
        .arg(shape.clients.to_string())
        .env("CREWHU_BASE_URL", &server.url)
        .env("CREWHU_API_KEY", API_KEY)
        .env("CREWHU_COMPANY_ID", COMPANY);
    // Once: it takes half a minute, nearly all of it spent waiting for one answer after the other.
    let theirs = vec![measure::process(&guide)?.wall_s; ours.len()];
    report.ratio(Goal::AtLeast(60.0), ("guide s", &theirs), ("sync s", &ours));
    Ok(())
}

/// A Python with requests, in a virtual environment beside the build that is made once.
fn python() -> Result<PathBuf, Failed> {
    let folder = place::scratch()?.join("venv");
    let python = folder.join("bin/python");
    let has_requests = Command::new(&python).args(["-c", "import requests"]).output();
    if !has_requests.is_ok_and(|output| output.status.success()) {
        eprintln!("P4: installing requests into {}", folder.display());
        let done = |mut command: Command| -> Result<(), Failed> {
            let output = command.output().map_err(|error| format!("{:?}: {error}", command.get_program()))?;
            if output.status.success() {
                return Ok(());
            }
            Err(format!("{command:?} failed: {}", String::from_utf8_lossy(&output.stderr).trim_end()).into())
        };
        let mut make = Command::new("python3");
        make.args(["-m", "venv"]).arg(&folder);
        done(make)?;
        let mut install = Command::new(&python);
        install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "requests==2.32.5"]);
        done(install)?;
    }
    Ok(python)
}
