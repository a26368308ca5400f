//! P3: a hundred pages of a source that takes 20 ms for each, eight side by side, against thirteen rounds of 20 ms.
//! From the call of the engine's sync until it returns: clients, pages and SQLite, without the process around it.
//! Beside it stands what merely fetching those pages takes, which is the floor of the machine and of the source.

use super::Case;
use crate::{
    Failed,
    args::Wanted,
    baseline::sync,
    data::{DAYS, Ids, Shape},
    place::{self, ONE_METRIC, Place},
    report::{CaseReport, Goal},
    server::Server,
};

pub(crate) const CASE: Case =
    Case { id: "P3", what: "sync of 100 pages at 20 ms each, 8 in flight ÷ the ideal 260 ms, wall", run };

fn run(wanted: &Wanted, report: &mut CaseReport<'_>) -> Result<(), Failed> {
    let shape = Shape { answers: 100_000, clients: 1_000, end_ms: place::end_ms()?, days: DAYS, ids: Ids::Counted };
    let server = Server::start(shape, 20)?;
    let place = Place::new(&server.url, shape.clients, ONE_METRIC)?;
    let (mut took, mut fetched) = (Vec::new(), Vec::new());
    for _ in 0..wanted.rounds {
        place.forget()?;
        let embedded = place.embed(None)?;
        let (report, time) = embedded.sync()?;
        if report.pages != 100 {
            return Err(format!("{} pages were pulled, not 100", report.pages).into());
        }
        took.push(time.as_secs_f64());
        let began = std::time::Instant::now();
        if sync::only_fetch(&server.url)? != 100 {
            return Err("the source has not 100 pages".into());
        }
        fetched.push(began.elapsed().as_secs_f64());
    }
    let ideal = vec![0.26; took.len()];
    report.ratio(Goal::AtMost(1.35), ("sync s", &took), ("ideal s", &ideal));
    let floor: Vec<f64> = fetched.iter().map(|time| time / 0.26).collect();
    report.figures("f", "those pages fetched by reqwest and thrown away ÷ the ideal", "", &floor, None, []);
    let over: Vec<f64> = took.iter().zip(&fetched).map(|(sync, fetch)| sync / fetch).collect();
    report.figures("o", "that sync ÷ fetching the pages alone", "", &over, None, []);
    Ok(())
}
