//! P8: a day's sync after a first one, nothing changed in the past: what it asks for and what it is given, against the
//! share of the days that are new or within the overlap. P8t is its time against the first sync's.

use super::Case;
use crate::{
    Failed,
    args::Wanted,
    data::{DAYS, Ids, Shape},
    place::{self, ONE_METRIC, Place},
    report::{CaseReport, Goal},
    server::Server,
};

pub(crate) const CASE: Case = Case {
    id: "P8",
    what: "a day's sync ÷ the first one's rows × the share of days it is for (1 new, 7 of overlap)",
    run,
};

const DAY_MS: u64 = 86_400_000;

/// The overlap that a sync pulls again, as it is set by default.
const OVERLAP_DAYS: u64 = 7;

fn run(wanted: &Wanted, report: &mut CaseReport<'_>) -> Result<(), Failed> {
    let end_ms = place::end_ms()?;
    let shape = Shape { answers: 1_000_000, clients: 10_000, end_ms, days: DAYS, ids: Ids::Counted };
    let server = Server::start(shape, 0)?;
    let place = Place::new(&server.url, shape.clients, ONE_METRIC)?;
    let share = (1 + OVERLAP_DAYS) as f64 / (DAYS - 1) as f64;
    let (mut rows, mut requests, mut times) = (Vec::new(), Vec::new(), Vec::new());
    let (mut first_s, mut second_s) = (Vec::new(), Vec::new());
    for _ in 0..wanted.rounds {
        place.forget()?;
        server.take_counts()?;
        let yesterday = place.embed(Some(end_ms - DAY_MS))?;
        let (first, first_took) = yesterday.sync()?;
        drop(yesterday);
        let before = server.take_counts()?;
        let (second, second_took) = place.embed(Some(end_ms))?.sync()?;
        let after = server.take_counts()?;
        if after.rows != second.observations + second.rejected || before.rows != first.observations + first.rejected {
            return Err("rows were served that the sync does not tell of".into());
        }
        rows.push(after.rows as f64 / before.rows as f64 / share);
        // Its clients are listed anew in every sync: ten requests of each side are for them.
        let pages = |requests: u64| requests as f64 - shape.clients as f64 / 1_000.0;
        requests.push(pages(after.requests) / pages(before.requests) / share);
        first_s.push(first_took.as_secs_f64());
        second_s.push(second_took.as_secs_f64());
        times.push(second_took.as_secs_f64() / first_took.as_secs_f64() / share);
    }
    let proportional = Some(Goal::AtMost(1.1));
    report.figures("", CASE.what, "", &rows, proportional, []);
    report.figures("r", "the same of requests", "", &requests, proportional, []);
    let parts = [("day s", crate::measure::median(&second_s)), ("first s", crate::measure::median(&first_s))];
    report.figures("t", "the same of time", "", &times, None, parts);
    Ok(())
}
