//! P7: what an answer costs as there are more of them. A first sync and a generate at every size, as whole processes.

use super::Case;
use crate::{
    Failed,
    args::Wanted,
    data::{DAYS, Ids, Shape},
    measure::median,
    place::{self, ONE_METRIC, Place},
    report::{CaseReport, Goal},
    server::Server,
};

pub(crate) const CASE: Case = Case { id: "P7", what: "growth from 100 k to 1 M answers", run };

/// Answers and clients.
const SIZES: [(u64, u64, Ids); 9] = [
    (10_000, 100, Ids::Counted),
    (100_000, 100, Ids::Counted),
    (100_000, 1_000, Ids::Counted),
    (1_000_000, 100, Ids::Counted),
    (1_000_000, 1_000, Ids::Counted),
    (1_000_000, 10_000, Ids::Counted),
    (1_000_000, 30_000, Ids::Counted),
    (1_000_000, 10_000, Ids::Random),
    (3_000_000, 30_000, Ids::Counted),
];

/// What a size costs.
struct Point {
    answers: u64,
    clients: u64,
    ids: Ids,
    sync_s: Vec<f64>,
    sync_mib: Vec<f64>,
    generate_s: Vec<f64>,
    generate_mib: Vec<f64>,
}

fn run(wanted: &Wanted, report: &mut CaseReport<'_>) -> Result<(), Failed> {
    let end_ms = place::end_ms()?;
    let mut points = Vec::new();
    for (answers, clients, ids) in SIZES {
        let server = Server::start(Shape { answers, clients, end_ms, days: DAYS, ids }, 0)?;
        let place = Place::new(&server.url, clients, ONE_METRIC)?;
        place.run(&["provider", "list"])?;
        let mut point = Point {
            answers,
            clients,
            ids,
            sync_s: Vec::new(),
            sync_mib: Vec::new(),
            generate_s: Vec::new(),
            generate_mib: Vec::new(),
        };
        for _ in 0..wanted.rounds {
            let sync = place.first_sync()?;
            point.sync_s.push(sync.wall_s);
            point.sync_mib.push(sync.peak_mib);
            let generate = place.generate()?;
            point.generate_s.push(generate.wall_s);
            point.generate_mib.push(generate.peak_mib);
        }
        points.push(point);
    }
    growth(&points, report)?;
    for point in &points {
        let ids = if point.ids == Ids::Random { ", random ids" } else { "" };
        let size = format!("{} answers of {} clients{ids}", point.answers, point.clients);
        let each = |seconds: &[f64]| -> Vec<f64> { seconds.iter().map(|s| s * 1e6 / point.answers as f64).collect() };
        let suffix = |what| format!("/{what}/{}/{}{}", point.answers, point.clients, ids.replace(", ", "/"));
        report.figures(
            &suffix("sync"),
            &format!("sync, {size}"),
            "µs an answer",
            &each(&point.sync_s),
            None,
            [("s", median(&point.sync_s)), ("MiB", median(&point.sync_mib))],
        );
        report.figures(
            &suffix("generate"),
            &format!("generate, {size}"),
            "µs an answer",
            &each(&point.generate_s),
            None,
            [("s", median(&point.generate_s)), ("MiB", median(&point.generate_mib))],
        );
    }
    Ok(())
}

/// What the row itself asks: ten times as many answers, of the same clients, and of ten times as many clients too.
fn growth(points: &[Point], report: &mut CaseReport<'_>) -> Result<(), Failed> {
    let point = |answers: u64, clients: u64| {
        points
            .iter()
            .find(|point| (point.answers, point.clients, point.ids) == (answers, clients, Ids::Counted))
            .ok_or("a size is missing")
    };
    let times = |large: &[f64], small: &[f64], by: f64| -> Vec<f64> {
        large.iter().zip(small).map(|(large, small)| large / small / by).collect()
    };
    let small = point(100_000, 1_000)?;
    for (large, of, suffixes) in [
        (point(1_000_000, 1_000)?, "of 1,000 clients", ["a", "b", "c", "d"]),
        (point(1_000_000, 10_000)?, "of 10,000 clients", ["e", "f", "g", "h"]),
    ] {
        let ten = large.answers as f64 / small.answers as f64;
        let figures = [
            ("sync: time per answer", 1.1, times(&large.sync_s, &small.sync_s, ten)),
            ("sync: most memory", 1.2, times(&large.sync_mib, &small.sync_mib, 1.0)),
            ("generate: time per answer", 1.1, times(&large.generate_s, &small.generate_s, ten)),
            ("generate: most memory", 1.2, times(&large.generate_mib, &small.generate_mib, 1.0)),
        ];
        for (suffix, (what, goal, values)) in suffixes.into_iter().zip(figures) {
            let what = format!("{what} at 1 M {of} ÷ at 100 k of 1,000");
            report.figures(suffix, &what, "", &values, Some(Goal::AtMost(goal)), []);
        }
    }
    Ok(())
}
