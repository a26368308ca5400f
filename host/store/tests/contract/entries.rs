//! Overrides and manual scores: stored, cleared, audited, and removed by an erasure alone.

use std::{collections::BTreeMap, sync::Arc};

use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use scoresheet_domain::{Entry, EntryKind, entry::current};
use scoresheet_engine::{Erasure, Store, UserChange};
use serde_json::json;

use crate::support::*;

const KINDS_OF_ENTRY: [EntryKind; 2] = [EntryKind::Override, EntryKind::Manual];

async fn all(store: &Arc<dyn Store>) -> Vec<Entry> {
    store.entries(true).await.expect("entries")
}

/// Not between 1 and 5.
async fn refuse(store: &Arc<dyn Store>, score: f64) {
    let change = UserChange::AddEntry(entry("acme", "gut", EntryKind::Manual, score));
    store.apply(&by(), &change).await.expect_err("no score");
}

pub(crate) async fn entries_are_stored_as_given(place: &dyn Place) {
    let store = place.open().await;
    let odd = Entry {
        id: 99,
        reason: Some("\"Zoë\" said:\u{0}\n5 % _".into()),
        author: "Ünal O'Hara".into(),
        at: at(300),
        from: at(-5),
        until: Some(at(7_000)),
        ..entry("zoe", "csat", EntryKind::Override, 1.0 + f64::EPSILON)
    };
    let plain = Entry { reason: None, ..entry("acme", "gut", EntryKind::Manual, 5.0) };
    let (first, second) = (add_entry(&store, odd.clone()).await, add_entry(&store, plain.clone()).await);
    assert!(first.id < second.id && first.id != 99, "the store numbers them: {} and {}", first.id, second.id);
    assert_eq!(first, Entry { id: first.id, ..odd });
    assert_eq!(second, Entry { id: second.id, ..plain });
    let other = place.open().await;
    assert_eq!(all(&other).await, [first.clone(), second.clone()]);
    assert_eq!(other.entries(false).await.expect("entries"), [first, second]);
    for score in [0.99, 5.01, f64::NAN] {
        refuse(&store, score).await;
    }
    assert_eq!(all(&store).await.len(), 2);
}

pub(crate) async fn cleared_entries_are_listed_on_request(place: &dyn Place) {
    let store = place.open().await;
    let mut added = Vec::new();
    for (client, metric, kind) in [
        ("acme", "csat", EntryKind::Override),
        ("acme", "csat", EntryKind::Override),
        ("acme", "csat", EntryKind::Manual),
        ("acme", "gut", EntryKind::Override),
        ("beta", "csat", EntryKind::Override),
    ] {
        added.push(add_entry(&store, entry(client, metric, kind, 3.0)).await);
    }
    let clear = async || {
        let change = UserChange::ClearEntries(client("acme", "x").id, metric("csat"), EntryKind::Override);
        store.apply(&by_at(5_000), &change).await.expect("a write").expect("a count")
    };
    assert_eq!(clear().await, 2);
    assert_eq!(clear().await, 0, "once");
    let other = place.open().await;
    assert_eq!(other.entries(false).await.expect("entries"), added[2..]);
    let cleared = |entry: &Entry| Entry { cleared: Some(at(5_000)), ..entry.clone() };
    assert_eq!(all(&other).await[..2], [cleared(&added[0]), cleared(&added[1])]);
    assert_eq!(all(&other).await[2..], added[2..]);

    let again = add_entry(&store, entry("acme", "csat", EntryKind::Override, 4.0)).await;
    assert!(again.id > added[4].id, "a later one has a greater number");
    assert_eq!(clear().await, 1);
}

pub(crate) async fn entries_are_recorded_in_the_audit_log(place: &dyn Place) {
    let store = place.open().await;
    add_entry(&store, Entry { until: Some(at(2_000)), ..entry("acme", "csat", EntryKind::Override, 2.5) }).await;
    add_entry(&store, Entry { reason: None, ..entry("acme", "gut", EntryKind::Manual, 4.0) }).await;
    for (metric_id, kind) in [("csat", EntryKind::Override), ("csat", EntryKind::Manual), ("gut", EntryKind::Manual)] {
        clear_entries(&store, "acme", metric_id, kind).await;
    }
    refuse(&store, 9.0).await;
    let entries = place.open().await.audit(None, 10).await.expect("entries");
    let told: Vec<_> = entries
        .iter()
        .map(|entry| (entry.action.as_str(), entry.subject.as_str(), entry.detail.clone().expect("a detail")))
        .collect();
    let (from, until) = ("1970-01-01T00:00:00.100Z", "1970-01-01T00:00:02Z");
    let set = json!({"client": "acme", "score": 2.5, "from": from, "until": until, "reason": "they said so"});
    let entered = json!({"client": "acme", "score": 4.0, "from": from, "until": null, "note": null});
    let cleared = json!({"client": "acme", "entries": 1});
    assert_eq!(
        told,
        [
            ("override-set", "csat", set),
            ("score-entered", "gut", entered),
            ("override-cleared", "csat", cleared.clone()),
            ("score-cleared", "gut", cleared),
        ],
        "and nothing of what did not change anything"
    );
    assert!(entries.iter().all(|entry| entry.actor == "anna@here"), "whoever changed it");
    assert_eq!(store.verify_audit().await.expect("a verdict").broken, None);
}

pub(crate) async fn only_an_erasure_removes_entries(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    let old =
        add_entry(&store, Entry { at: at(0), from: at(0), ..entry("acme", "csat", EntryKind::Override, 3.0) }).await;
    replace_roster(&store, &[client("beta", "Beta")]).await;
    pull(&store, &crewhu, window(0, 1_000), false, items([event("1", 10, 1.0)])).await;
    pull(&store, &crewhu, window(0, 1_000), true, items([])).await;
    prune_before(&store, 900_000).await;
    prune(&store, &limits(900_000)).await;
    apply(&store, UserChange::ClearDecisions(client("acme", "x").id, None)).await;
    erase(&store, &erasure("beta", &["c"])).await;
    assert_eq!(store.entries(false).await.expect("entries"), [old]);
}

pub(crate) async fn erasure_removes_entries_and_blanks_reasons(place: &dyn Place) {
    let store = place.open().await;
    add_entry(&store, entry("acme", "csat", EntryKind::Override, 3.0)).await;
    add_entry(&store, entry("acme", "gut", EntryKind::Manual, 3.0)).await;
    clear_entries(&store, "acme", "gut", EntryKind::Manual).await;
    let reason = |text: &str| Entry { reason: Some(text.into()), ..entry("beta", "csat", EntryKind::Override, 3.0) };
    let named = add_entry(&store, reason("as with Acme, Inc. last year")).await;
    let unnamed = add_entry(&store, reason("acmeist")).await;
    let erasure = Erasure { names: vec!["Acme, Inc.".into()], ..erasure("acme", &[]) };
    let erased = erase(&store, &erasure).await;
    assert_eq!((erased.entries, erased.notes), (2, 1));
    assert_eq!(erased.audit_details, 4, "its three, and the one that names it");
    let blank = Entry { reason: Some("(erased)".into()), ..named };
    assert_eq!(all(&place.open().await).await, [blank, unnamed]);
    let told = store.audit(None, 10).await.expect("entries").pop().expect("an entry").detail.expect("a detail");
    assert_eq!((&told["entries"], &told["sheets"]), (&json!(2), &json!(0)));
    assert_eq!(store.verify_audit().await.expect("a verdict").broken, None);
}

/// Which client, metric and kind.
type Of = (usize, usize, usize);

/// What happens to one of two clients' two metrics.
#[derive(Clone, Debug)]
enum Step {
    Add { client: usize, metric: usize, kind: usize, from: i64, length: Option<i64> },
    Clear { client: usize, metric: usize, kind: usize },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let place = || (0_usize..2, 0_usize..2, 0_usize..2);
    let add = (place(), 0_i64..40, prop::option::of(1_i64..20))
        .prop_map(|((client, metric, kind), from, length)| Step::Add { client, metric, kind, from, length });
    let clear = place().prop_map(|(client, metric, kind)| Step::Clear { client, metric, kind });
    prop::collection::vec(prop_oneof![3 => add, 1 => clear], 0..24)
}

/// Random steps against the simplest thing that could be right: a list for each client, metric and kind, which clearing
/// empties. The score of an entry is told by its place in the sequence.
pub(crate) async fn random_changes_match_a_list(place: &dyn Place) {
    const NAMES: [[&str; 2]; 2] = [["acme", "beta"], ["csat", "gut"]];
    let store = place.open().await;
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &[11; 32]));
    for _ in 0..24 {
        for entry in store.entries(false).await.expect("entries") {
            clear_entries(&store, entry.client.as_str(), entry.metric.as_str(), entry.kind).await;
        }
        let steps = steps().new_tree(&mut runner).expect("steps").current();
        let mut model: BTreeMap<Of, Vec<(i64, i64, f64)>> = BTreeMap::new();
        for (number, step) in steps.iter().enumerate() {
            match *step {
                Step::Add { client, metric, kind, from, length } => {
                    let score = 1.0 + number as f64 / 8.0;
                    let entry = entry(NAMES[0][client], NAMES[1][metric], KINDS_OF_ENTRY[kind], score);
                    let until = length.map(|length| at(from + length));
                    add_entry(&store, Entry { from: at(from), until, ..entry }).await;
                    let end = until.map_or(i64::MAX, |until| until.millis());
                    model.entry((client, metric, kind)).or_default().push((from, end, score));
                }
                Step::Clear { client: who, metric: what, kind } => {
                    let cleared = clear_entries(&store, NAMES[0][who], NAMES[1][what], KINDS_OF_ENTRY[kind]).await;
                    let held = model.remove(&(who, what, kind)).unwrap_or_default();
                    assert_eq!(cleared, held.len() as u64, "{steps:#?}");
                }
            }
        }
        let kept = store.entries(false).await.expect("entries");
        for (client, metric, kind) in (0..8).map(|n| (n & 1, n >> 1 & 1, n >> 2)) {
            let its: Vec<&Entry> = kept
                .iter()
                .filter(|entry| entry.client.as_str() == NAMES[0][client] && entry.metric.as_str() == NAMES[1][metric])
                .filter(|entry| entry.kind == KINDS_OF_ENTRY[kind])
                .collect();
            let held = model.get(&(client, metric, kind)).map_or(&[][..], Vec::as_slice);
            for now in 0..60 {
                let mut expected: Option<(i64, f64)> = None;
                for (from, _, score) in held.iter().filter(|(from, end, _)| (*from..*end).contains(&now)) {
                    if expected.is_none_or(|(since, _)| *from >= since) {
                        expected = Some((*from, *score));
                    }
                }
                let counts = current(its.iter().copied(), at(now)).map(|entry| entry.score);
                assert_eq!(counts, expected.map(|(_, score)| score), "at {now} after {steps:#?}");
            }
        }
    }
}
