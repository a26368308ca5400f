//! P6: the second start. `scoresheet generate` for 40 clients as a whole process, against the same with an empty
//! folder for compiled code.

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

pub(crate) const CASE: Case =
    Case { id: "P6", what: "generate for 40 clients, whole process ÷ the same with an empty code cache, wall", run };

fn run(wanted: &Wanted, report: &mut CaseReport<'_>) -> Result<(), Failed> {
    let shape = Shape { answers: 4_000, clients: 40, end_ms: place::end_ms()?, days: DAYS, ids: Ids::Counted };
    let server = Server::start(shape, 0)?;
    let place = Place::new(&server.url, shape.clients, ONE_METRIC)?;
    place.first_sync()?;
    let (mut second, mut first, mut help) = (Vec::new(), Vec::new(), Vec::new());
    // These are short, so more of them are needed.
    for _ in 0..wanted.rounds * 5 {
        let empty = place.path("cache");
        let _ = std::fs::remove_dir_all(&empty);
        let mut command = place.command(&["generate", "--format", "json", "--output", "sheet.json"])?;
        command.env("XDG_CACHE_HOME", &empty);
        first.push(measure::process(&command)?.wall_s);
        second.push(measure::process(&command)?.wall_s);
        help.push(place.run(&["--version"])?.wall_s);
    }
    report.ratio(Goal::AtMost(0.1), ("second s", &second), ("first s", &first));
    let milliseconds: Vec<f64> = help.iter().map(|seconds| seconds * 1_000.0).collect();
    report.figures("v", "scoresheet --version, whole process", "ms", &milliseconds, None, []);
    Ok(())
}
