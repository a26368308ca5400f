//! The sheets that were made: kept once with what they were made from, found, and what takes that away.

use std::sync::Arc;

use scoresheet_domain::Digest;
use scoresheet_engine::{BooksLimits, InputsGone, KeptSheet, Store};
use serde_json::json;

use crate::support::*;

fn component(text: &str) -> (Digest, Vec<u8>) {
    let bytes = text.repeat(5_000).into_bytes();
    (Digest::of(&bytes), bytes)
}

async fn keep(store: &Arc<dyn Store>, sheet: &KeptSheet, components: &[&str]) -> bool {
    let components: Vec<_> = components.iter().map(|text| component(text)).collect();
    store.keep_sheet(sheet, &components).await.expect("kept")
}

/// Which of these components are kept, as they were given.
async fn components(store: &Arc<dyn Store>, texts: &[&str]) -> Vec<bool> {
    let mut kept = Vec::new();
    for text in texts {
        let (digest, bytes) = component(text);
        let found = store.kept_component(digest).await.expect("a look");
        assert!(found.as_ref().is_none_or(|found| *found == bytes), "{text} is another");
        kept.push(found.is_some());
    }
    kept
}

async fn found(store: &Arc<dyn Store>, begins: &str) -> Vec<KeptSheet> {
    store.find_sheet(begins).await.expect("a look")
}

pub(crate) async fn are_kept_with_what_they_were_made_from(place: &dyn Place) {
    let store = place.open_to_write().await;
    // What compresses well, what does not, and nothing at all.
    let noise: Vec<u8> = (0..1_000_u32).flat_map(|n| *Digest::of(n.to_le_bytes()).bytes()).collect();
    let sheets = [kept("ab", 1, &b"the same again ".repeat(100_000)), kept("cd", 2, &noise), kept("ef", 3, b"")];
    assert!(keep(&store, &sheets[0], &["x", "y", "x"]).await);
    assert!(keep(&store, &sheets[1], &["x"]).await);
    assert!(keep(&store, &sheets[2], &[]).await);
    // One whose inputs were gone when it was brought here, as from another store: nobody can use its components.
    let without = KeptSheet { inputs: Err(InputsGone::Retention), ..kept("12", 4, b"") };
    assert!(keep(&store, &without, &["z"]).await);
    let other = place.open().await;
    for sheet in sheets.iter().chain([&without]) {
        assert_eq!(found(&other, &sheet.id).await, std::slice::from_ref(sheet));
    }
    assert_eq!(components(&other, &["x", "y", "z"]).await, [true, true, false]);
    let listed = other.sheets(10).await.expect("sheets");
    let bytes: Vec<u64> = listed.iter().map(|sheet| sheet.bytes).collect();
    // What does not compress grows by a few per cent, more or fewer with the compressor that is linked.
    assert!(bytes[0] == 0 && bytes[2] < 35_000 && (1..50_000).contains(&bytes[3]), "compressed: {bytes:?}");
    assert_eq!(told_actions(&store).await, [], "a sheet changes nothing");
}

pub(crate) async fn are_kept_once(place: &dyn Place) {
    let store = place.open_to_write().await;
    let sheet = kept("ab", 1, b"inputs");
    assert!(keep(&store, &sheet, &["x"]).await);
    let again = KeptSheet { made: at(9), json: Digest::of("other"), since: at(9), ..kept("ab", 9, b"other") };
    assert!(!keep(&store, &again, &["y"]).await);
    assert_eq!(found(&store, "").await, std::slice::from_ref(&sheet));
    assert_eq!(components(&store, &["x", "y"]).await, [true, false]);
    // What was taken does not come back with it.
    store.erase(&erasure("acme", &[])).await.expect("erased");
    assert!(!keep(&store, &sheet, &["x"]).await);
    assert_eq!(found(&store, "").await, [KeptSheet { inputs: Err(InputsGone::Erasure), ..sheet }]);
    assert_eq!(components(&store, &["x"]).await, [false]);
}

pub(crate) async fn are_found_by_how_their_id_begins(place: &dyn Place) {
    let store = place.open_to_write().await;
    for (digits, made) in [("ab", 1), ("abc", 3), ("ac", 2), ("0", 4)] {
        keep(&store, &kept(digits, made, b""), &[]).await;
    }
    let ids = async |begins: &str| -> Vec<String> {
        found(&store, begins).await.iter().map(|sheet| sheet.id["sha256:".len()..][..3].to_owned()).collect()
    };
    for (begins, expected) in [
        ("sha256:aba", &["aba"][..]),
        ("aba", &["aba"]),
        ("ABA", &["aba"]),
        ("SHA256:ac", &["aca"]),
        ("ab", &["abc", "aba"]),
        ("a", &["abc", "aca"]),
        ("", &["000", "abc"]),
        ("sha256:", &["000", "abc"]),
        ("sha", &["000", "abc"]),
        ("ad", &[]),
        ("b", &[]),
        ("a%", &[]),
        ("_b", &[]),
        ("%", &[]),
        ("a*", &[]),
        ("[a]b", &[]),
        ("\u{0}", &[]),
        ("a\u{0}", &[]),
        ("sha256:sha256:ab", &[]),
        ("' OR 1 --", &[]),
        ("\u{10ffff}", &[]),
    ] {
        assert_eq!(ids(begins).await, expected, "{begins:?}");
    }
    let whole = kept("ab", 1, b"").id;
    assert_eq!(ids(&whole).await, ["aba"]);
    assert_eq!(ids(&format!("{whole}0")).await, [""; 0], "longer than any");
}

pub(crate) async fn are_listed_the_newest_first(place: &dyn Place) {
    let store = place.open_to_write().await;
    assert_eq!(store.sheets(10).await.expect("sheets"), []);
    for (digits, made) in [("a", 5), ("c", 9), ("b", 9), ("d", -1)] {
        keep(&store, &kept(digits, made, digits.repeat(3).as_bytes()), &[]).await;
    }
    let listed = async |limit: u32| -> Vec<(char, i64)> {
        let sheets = place.open().await.sheets(limit).await.expect("sheets");
        sheets.iter().map(|sheet| (sheet.id.chars().last().expect("an id"), sheet.made.millis())).collect()
    };
    assert_eq!(listed(10).await, [('b', 9), ('c', 9), ('a', 5), ('d', -1)], "those of one time by their ids");
    assert_eq!(listed(2).await, [('b', 9), ('c', 9)]);
    assert_eq!(listed(0).await, []);
    let first = store.sheets(1).await.expect("sheets").remove(0);
    assert_eq!((first.as_of, first.gone), (at(1_000), None));
    assert!(first.bytes > 0);
}

pub(crate) async fn retention_takes_what_they_were_made_from(place: &dyn Place) {
    let (store, crewhu) = (place.open_to_write().await, scope("crewhu"));
    pull(&store, &crewhu, window(0, 1_000), false, items([event("1", 10, 1.0), event("2", 500, 1.0)])).await;
    pull(&store, &scope("other"), window(0, 1_000), false, items([])).await;
    let reaching = |digits: &str, since: i64| KeptSheet { since: at(since), ..kept(digits, 1, digits.as_bytes()) };
    keep(&store, &reaching("a", 99), &["old", "both"]).await;
    keep(&store, &reaching("b", 100), &["new", "both"]).await;
    keep(&store, &KeptSheet { inputs: Err(InputsGone::Erasure), ..reaching("c", 0) }, &[]).await;

    let pruned = store.prune(None, at(100)).await.expect("pruned");
    assert_eq!((pruned.observations, pruned.sheets), (1, 1));
    let other = place.open().await;
    let gone = KeptSheet { inputs: Err(InputsGone::Retention), ..reaching("a", 99) };
    assert_eq!(found(&other, "a").await, [gone]);
    assert_eq!(found(&other, "b").await, [reaching("b", 100)]);
    assert_eq!(found(&other, "c").await[0].inputs, Err(InputsGone::Erasure), "what was gone stays as it went");
    assert_eq!(components(&other, &["old", "both", "new"]).await, [false, true, true]);
    let told = store.audit(None, 1).await.expect("entries").remove(0);
    assert_eq!((told.action.as_str(), &told.detail.expect("a detail")["sheets"]), ("pruned", &json!(1)));

    // Where nothing else is too old, the sheets are.
    assert_eq!(store.prune(None, at(100)).await.expect("pruned").sheets, 0);
    let pruned = store.prune(Some(&scope("other")), at(101)).await.expect("pruned");
    assert_eq!((pruned.observations, pruned.sheets), (0, 1));
    assert_eq!(components(&store, &["both", "new"]).await, [false, false]);
    let told = store.sheets(10).await.expect("sheets");
    assert!(told.iter().all(|sheet| sheet.gone.is_some() && sheet.bytes == 0), "{told:?}");
    assert_eq!(store.verify_audit().await.expect("a verdict").broken, None);
}

pub(crate) async fn age_takes_what_they_were_made_from(place: &dyn Place) {
    let store = place.open_to_write().await;
    keep(&store, &kept("a", 99, b"a"), &["old", "both"]).await;
    keep(&store, &kept("b", 100, b"b"), &["new", "both"]).await;
    assert_eq!(store.prune_books(&books(0)).await.expect("pruned").sheets, 0, "without a limit they stay");
    let limits = BooksLimits { sheets_before: Some(at(100)), ..books(0) };
    assert_eq!(store.prune_books(&limits).await.expect("pruned").sheets, 1);
    let other = place.open().await;
    assert_eq!(found(&other, "a").await[0].inputs, Err(InputsGone::Retention));
    assert_eq!(found(&other, "b").await, [kept("b", 100, b"b")]);
    assert_eq!(components(&other, &["old", "both", "new"]).await, [false, true, true]);
    let told = store.audit(None, 1).await.expect("entries").remove(0);
    assert_eq!((told.action.as_str(), told.subject.as_str()), ("pruned", "sheets"));
    assert_eq!(told.detail.expect("a detail")["sheets"], 1);
    assert_eq!(store.prune_books(&limits).await.expect("pruned").sheets, 0, "and once only");
    assert_eq!(store.verify_audit().await.expect("a verdict").broken, None);
}

pub(crate) async fn an_erasure_takes_what_all_were_made_from(place: &dyn Place) {
    let store = place.open_to_write().await;
    keep(&store, &kept("a", 1, b"a"), &["x"]).await;
    keep(&store, &KeptSheet { since: at(900), ..kept("b", 2, b"b") }, &["x", "y"]).await;
    keep(&store, &KeptSheet { inputs: Err(InputsGone::Retention), ..kept("c", 3, b"c") }, &[]).await;
    let erased = store.erase(&erasure("acme", &[])).await.expect("erased");
    assert_eq!(erased.sheets, 2);
    let gone: Vec<_> = place.open().await.sheets(10).await.expect("sheets").iter().map(|sheet| sheet.gone).collect();
    assert_eq!(gone, [Some(InputsGone::Retention), Some(InputsGone::Erasure), Some(InputsGone::Erasure)]);
    assert_eq!(components(&store, &["x", "y"]).await, [false, false]);
    // One that is made later is kept again, with components that were there before.
    assert!(keep(&store, &kept("d", 4, b"d"), &["x"]).await);
    assert_eq!(components(&store, &["x"]).await, [true]);
    assert_eq!(store.erase(&erasure("beta", &[])).await.expect("erased").sheets, 1);
}
