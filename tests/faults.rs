//! Every kind of fault that the simulator plays, one after the other at one source: what a sync says of it, that nothing
//! spoils what is stored, and that the next good sync puts everything right.

use std::fmt::Write as _;

use crate::common::{AS_OF, CANARY, Place, serve, world};
use futures_util::{StreamExt as _, stream};
use scoresheet_test_support::Fault;
use serde_json::Value;

const SCORES: &str = "/api/v1/csat/scores";

/// Pages with new rows without end are pulled until somebody stops the sync: a source may be as large as it likes.
const ENDLESS: &str = "endless-pages";

/// Other faults take their time on purpose; so many are tried side by side.
const SIDE_BY_SIDE: usize = 6;

fn sheet(value: &Value) -> &Value {
    &value["clients"]
}

/// What a sync made of a fault, in a line.
async fn meet(example: &'static str) -> String {
    let fault: Fault = example.parse().expect("a fault");
    let server = serve(world(61, 4, 0.0)).await;
    let place = Place::reaching(&server);
    let generate = ["generate", "--as-of", AS_OF, "--json"];
    // A source that was well yesterday.
    place.run(&["sync"]).await.expect(0);
    let good = place.run(&generate).await.expect(0).json();

    server.set_faults([fault.on(SCORES)]);
    let ran = place.run(&["sync", "--full", "--json"]).await;
    assert!(matches!(ran.code, 0 | 1), "{example}: {ran:?}");
    assert!(!ran.stdout.contains(CANARY) && !ran.stderr.contains(CANARY), "{example}: {ran:?}");
    assert!(!ran.stderr.contains("panicked"), "{example}: {ran:?}");
    let report = &ran.json()["providers"][0];
    let spoilt = place.run(&generate).await.expect(0).json();
    if ran.code == 1 {
        // The last good scores stand.
        for (was, is) in sheet(&good).as_array().expect("rows").iter().zip(sheet(&spoilt).as_array().expect("rows")) {
            assert_eq!(was["metrics"][0]["score"], is["metrics"][0]["score"], "{example}");
        }
    }
    server.set_faults(Vec::<Fault>::new());
    place.run(&["sync", "--full"]).await.expect(0);
    let mended = place.run(&generate).await.expect(0).json();
    assert_eq!(sheet(&mended), sheet(&good), "{example}");
    place.run(&["audit", "--verify"]).await.expect(0);

    let told = match report["problem"]["kind"].as_str() {
        Some(kind) => kind.to_owned(),
        None if report["rejected"] == 0 => "as if nothing had been".to_owned(),
        None => "some answers are rejected and counted".to_owned(),
    };
    format!("{example:34} exit {}, {told}", ran.code)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_fault_is_told_and_spoils_nothing() {
    let examples = Fault::EXAMPLES.into_iter().filter(|example| *example != ENDLESS);
    let met: Vec<String> = stream::iter(examples.map(meet)).buffered(SIDE_BY_SIDE).collect().await;
    assert!(met.len() >= 25, "only {} kinds", met.len());
    let mut table = String::new();
    for line in met {
        // Writing to a String cannot fail.
        let _ = writeln!(table, "{line}");
    }
    insta::assert_snapshot!("every_kind_of_fault", table);
}
