//! P5y: what a sheet of 10,000 clients with trends, benchmarks and the review list costs beside the plain one where a
//! million answers are spread over thirteen months and a sheet looks at the last thirty days, as it does where nothing is
//! configured: the plain sheet scores a thirteenth of the answers, the trends all of them. Both are made in turn. P5ym is
//! its memory, and P5ya looks at such a sheet with rules of alerts.

use super::Case;
use crate::{
    Failed,
    args::Wanted,
    data::{Ids, Shape, YEAR_DAYS},
    measure,
    place::{self, Place, THREE_METRICS},
    report::{CaseReport, Goal},
    server::Server,
};

pub(crate) const CASE: Case = Case {
    id: "P5y",
    what: "generate with twelve months' trends, benchmarks and the review list for 10,000 clients × 3 metrics over 1 M \
           answers of thirteen months ÷ without, wall",
    run,
};

fn run(wanted: &Wanted, report: &mut CaseReport<'_>) -> Result<(), Failed> {
    let shape =
        Shape { answers: 1_000_000, clients: 10_000, end_ms: place::end_ms()?, days: YEAR_DAYS, ids: Ids::Counted };
    let place = {
        let server = Server::start(shape, 0)?;
        let place = Place::of_a_year(&server.url, shape.clients, THREE_METRICS)?;
        place.first_sync()?;
        place
    };
    place.with_alerts()?;
    let (mut plain, mut trends, mut peaks, mut alerts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    place.generate()?;
    place.with_trends(true)?;
    // What is new fires once and is written down then.
    place.run(&["alerts", "check"])?;
    for _ in 0..wanted.rounds {
        place.with_trends(false)?;
        plain.push(place.generate()?.wall_s);
        place.with_trends(true)?;
        let cost = place.generate()?;
        trends.push(cost.wall_s);
        peaks.push(cost.peak_mib);
        alerts.push(place.run(&["alerts", "check"])?.wall_s);
    }
    report.ratio(Goal::AtMost(3.0), ("with trends s", &trends), ("plain s", &plain));
    let what = "the most memory of that generate with trends, whole process";
    report.figures("m", what, "MiB", &peaks, Some(Goal::AtMost(300.0)), []);
    let times: Vec<f64> = alerts.iter().zip(&plain).map(|(alerts, plain)| alerts / plain).collect();
    let what = "the same sheet made and the rules of alerts checked on it, nothing printed ÷ the plain generate, wall";
    report.figures("a", what, "", &times, Some(Goal::AtMost(2.0)), [("checked s", measure::median(&alerts))]);
    Ok(())
}
