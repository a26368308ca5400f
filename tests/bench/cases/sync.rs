//! P2: a first sync of a million answers over loopback into SQLite, `scoresheet sync` as a whole process, against a
//! program that knows this one source and does the same inserts. P2m is the sync's memory.

use std::process::Command;

use super::Case;
use crate::{
    Failed,
    args::Wanted,
    data::{DAYS, Ids, Shape},
    measure,
    place::{self, ONE_METRIC, Place},
    report::{CaseReport, Goal},
    server::Server,
};

pub(crate) const CASE: Case = Case {
    id: "P2",
    what: "sync of 1 M answers of 10,000 clients into SQLite ÷ native reqwest + serde_json + the same inserts, wall",
    run,
};

fn run(wanted: &Wanted, report: &mut CaseReport<'_>) -> Result<(), Failed> {
    let shape = Shape { answers: 1_000_000, clients: 10_000, end_ms: place::end_ms()?, days: DAYS, ids: Ids::Counted };
    let server = Server::start(shape, 0)?;
    let place = Place::new(&server.url, shape.clients, ONE_METRIC)?;
    // The first start of a new build compiles the component, which is another row's matter.
    place.run(&["provider", "list"])?;
    let (mut ours, mut native, mut peaks) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..wanted.rounds {
        let cost = place.first_sync()?;
        ours.push(cost.wall_s);
        peaks.push(cost.peak_mib);
        let file = place.path("native.db");
        for suffix in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(place.path(&format!("native.db{suffix}")));
        }
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["--role", "native-sync", &server.url]).arg(file);
        native.push(measure::process(&command)?.wall_s);
    }
    report.ratio(Goal::AtMost(0.8), ("sync s", &ours), ("native s", &native));
    let what = "the most memory of that sync, whole process";
    report.figures("m", what, "MiB", &peaks, Some(Goal::AtMost(100.0)), []);
    Ok(())
}
