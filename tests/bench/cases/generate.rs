//! P5: `scoresheet generate` for 10,000 clients and three metrics over a million stored answers, against reading those
//! rows from SQLite alone. Whole processes both. P5i is the same against SQLite's own sum over them, where no row is handed
//! to anybody; P5m is its memory. P5t sets trends, benchmarks
//! and the review list beside the plain sheet; P5tm is their memory, and P5ta looks at such a sheet with rules of alerts.

use std::process::Command;

use super::Case;
use crate::{
    Failed,
    args::Wanted,
    data::{DAYS, Ids, Shape},
    measure,
    place::{self, Place, THREE_METRICS},
    report::{CaseReport, Goal},
    server::Server,
};

pub(crate) const CASE: Case = Case {
    id: "P5",
    what: "generate for 10,000 clients × 3 metrics over 1 M stored answers ÷ reading those rows from SQLite alone, wall",
    run,
};

fn run(wanted: &Wanted, report: &mut CaseReport<'_>) -> Result<(), Failed> {
    let shape = Shape { answers: 1_000_000, clients: 10_000, end_ms: place::end_ms()?, days: DAYS, ids: Ids::Counted };
    let place = {
        let server = Server::start(shape, 0)?;
        let place = Place::new(&server.url, shape.clients, THREE_METRICS)?;
        place.first_sync()?;
        place
    };
    place.generate()?;
    let read = place.samples("support")?;
    let (mut ours, mut native, mut inside, mut peaks) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..wanted.rounds {
        let cost = place.generate()?;
        ours.push(cost.wall_s);
        peaks.push(cost.peak_mib);
        for (how, times) in [("rows", &mut native), ("inside", &mut inside)] {
            let mut command = Command::new(std::env::current_exe()?);
            command.args(["--role", "native-read", how]).arg(place.path("scoresheet.db")).arg(read.to_string());
            times.push(measure::process(&command)?.wall_s);
        }
    }
    let harder: Vec<f64> = ours.iter().zip(&inside).map(|(ours, inside)| ours / inside).collect();
    report.ratio(Goal::AtMost(0.8), ("generate s", &ours), ("reading s", &native));
    let parts = [("SQLite's own sum s", measure::median(&inside))];
    report.figures("i", "that generate ÷ SQLite's own sum over those rows, wall", "", &harder, None, parts);
    let what = "the most memory of that generate, whole process";
    report.figures("m", what, "MiB", &peaks, Some(Goal::AtMost(300.0)), []);
    place.with_trends(true)?;
    place.generate()?;
    let (mut trends, mut peaks) = (Vec::new(), Vec::new());
    for _ in 0..wanted.rounds {
        let cost = place.generate()?;
        trends.push(cost.wall_s);
        peaks.push(cost.peak_mib);
    }
    let times: Vec<f64> = trends.iter().zip(&ours).map(|(trends, ours)| trends / ours).collect();
    let what = "that generate with twelve months' trends, benchmarks and the review list ÷ without, wall";
    report.figures("t", what, "", &times, Some(Goal::AtMost(3.0)), [("with trends s", measure::median(&trends))]);
    let what = "the most memory of that, whole process";
    report.figures("tm", what, "MiB", &peaks, Some(Goal::AtMost(300.0)), []);
    place.with_alerts()?;
    place.run(&["alerts", "check"])?;
    let mut alerts = Vec::new();
    for _ in 0..wanted.rounds {
        alerts.push(place.run(&["alerts", "check"])?.wall_s);
    }
    let times: Vec<f64> = alerts.iter().zip(&ours).map(|(alerts, ours)| alerts / ours).collect();
    let what = "the same sheet made and the rules of alerts checked on it, nothing printed ÷ the plain generate, wall";
    report.figures("ta", what, "", &times, Some(Goal::AtMost(2.0)), [("checked s", measure::median(&alerts))]);
    Ok(())
}
