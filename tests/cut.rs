//! A connection that is cut after every single byte of an answer, seen from the other end: what a whole sync makes of it,
//! and what is in the store afterwards. What the gateway alone makes of it is tried there, in every form of an answer.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use crate::common::{Embedded, Setup, as_of_chrono, serve};
use scoresheet::{OutcomeKind, SyncOptions, SyncReport, sheet::MetricCell};
use scoresheet_simulator::{Row, SimClient, World};
use scoresheet_test_support::{Fault, FaultySimulator, Times};

const SCORES: &str = "/api/v1/csat/scores";

/// Answers of the one page.
const ANSWERS: usize = 3;

/// So many sources, each with a store of its own, are asked side by side: most of the time passes in waits for them.
const LANES: usize = 4;

/// What the origin's budget has for retries at the beginning.
const BUDGET: u64 = 10;

/// One client and its answers, all with this score.
fn world(score: f64) -> World {
    let client = SimClient { id: "c-1".to_owned(), name: "Acme".to_owned(), active: true };
    let row = |n: usize| Row::rating(&format!("r-{n}"), "c-1", as_of_chrono() - chrono::Duration::days(3), score);
    World::from_parts(vec![client], (0..ANSWERS).map(row).collect())
}

/// A source whose one page says something else each time, and a store that is synced from it.
struct Lane {
    server: FaultySimulator,
    embedded: Embedded,
    /// What the answers say by now, and what the store holds; none at the beginning.
    said: f64,
    held: Option<f64>,
}

impl Lane {
    async fn new() -> Self {
        let server = serve(world(2.0)).await;
        let mut setup = Setup::new(&server);
        // The rate is no part of this.
        setup.settings =
            format!(", page_size = {ANSWERS} }}\nlimits = {{ requests_per_minute = 60000 }}\nheaders = {{");
        Self { embedded: setup.open().await, server, said: 2.0, held: None }
    }

    /// Syncs everything anew while the page is cut after so many bytes, and holds what is stored against what must be:
    /// the page that the sync brought, whole, or else what was there before it. Says whether it went well.
    async fn cut(&mut self, at_byte: u64, times: Times) -> bool {
        self.said = 6.0 - self.said;
        self.server.set_world(world(self.said));
        self.server.set_faults([Fault::CutConnection { at_byte }.on(SCORES).times(times)]);
        let report = self.sync().await;
        let went_well = report.problems().next().is_none();
        if went_well {
            self.held = Some(self.said);
        }
        self.holds(&format!("cut after {at_byte} bytes: {report:?}")).await;
        went_well
    }

    async fn sync(&self) -> SyncReport {
        self.embedded.sync_with(&SyncOptions { full: true, ..SyncOptions::default() }).await
    }

    /// Nothing of the page, or all of it.
    async fn holds(&self, what: &str) {
        let sheet = self.embedded.sheet().await;
        let cell: Option<&MetricCell> = sheet.clients.first().map(|row| &row.metrics[0]);
        match self.held {
            Some(score) => {
                let cell = cell.expect("the client's row");
                assert_eq!((cell.value, cell.samples as usize), (Some(score), ANSWERS), "{what}");
            }
            None => assert!(cell.is_none_or(|cell| cell.outcome != OutcomeKind::Measured), "{what}: {cell:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_cut_at_any_byte_is_stored_whole_or_not_at_all() {
    let next = Arc::new(AtomicU64::new(0));
    let lanes = (0..LANES).map(|number| {
        let next = Arc::clone(&next);
        tokio::spawn(async move {
            let mut lane = Lane::new().await;
            assert!(!lane.cut(40, Times::Always).await, "there is nothing yet");
            // Cut once, it is asked for again, for as long as the origin's budget lasts. Once it is spent there are no
            // more waits, but for the few that the answers to other requests pay for.
            for n in 2..BUDGET {
                assert!(lane.cut(n * 60 + number as u64, Times::Count(1)).await, "the second try is whole");
            }
            // Cut always, until so many bytes are the whole of it.
            let whole = loop {
                let at_byte = next.fetch_add(1, Ordering::Relaxed);
                if lane.cut(at_byte, Times::Always).await {
                    break at_byte;
                }
            };
            // And without any of this.
            lane.server.set_faults(Vec::<Fault>::new());
            assert_eq!(lane.sync().await.problems().count(), 0);
            lane.held = Some(lane.said);
            lane.holds("nothing is cut").await;
            whole
        })
    });
    let mut whole = Vec::new();
    for lane in lanes.collect::<Vec<_>>() {
        whole.push(lane.await.expect("no panic"));
    }
    // Each lane ends at the first offset that is beyond the answer, and they are given out one by one.
    let (least, most) = (whole.iter().min().expect("lanes"), whole.iter().max().expect("lanes"));
    assert!(*least > 300 && most - least < LANES as u64, "the answer has {whole:?} bytes");
}
