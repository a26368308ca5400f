//! Saved sheets: saved once with their inputs and components, found, and what removes those.

use std::{collections::BTreeMap, sync::Arc};

use scoresheet_domain::Digest;
use scoresheet_engine::{InputsGone, PruneLimits, SavedSheet, Store};
use serde_json::json;

use crate::support::*;

fn component(text: &str) -> (Digest, Vec<u8>) {
    let bytes = text.repeat(5_000).into_bytes();
    (Digest::of(&bytes), bytes)
}

/// Saves it with these components; returns whether it is new.
async fn save(store: &Arc<dyn Store>, sheet: &SavedSheet, components: &[&str]) -> bool {
    store.save_sheet(&with(sheet, components)).await.expect("saved")
}

/// The sheet with these components.
fn with(sheet: &SavedSheet, components: &[&str]) -> SavedSheet {
    SavedSheet { components: components.iter().map(|text| component(text)).collect(), ..sheet.clone() }
}

/// The sheet with neither inputs nor components.
fn without(sheet: &SavedSheet, why: InputsGone) -> SavedSheet {
    SavedSheet { inputs: Err(why), components: BTreeMap::new(), ..sheet.clone() }
}

async fn found(store: &Arc<dyn Store>, prefix: &str) -> Vec<SavedSheet> {
    store.find_sheet(prefix).await.expect("a look")
}

pub(crate) async fn sheets_are_saved_with_inputs_and_components(place: &dyn Place) {
    let store = place.open().await;
    // What compresses well, what does not, and nothing at all.
    let noise: Vec<u8> = (0..1_000_u32).flat_map(|n| *Digest::of(n.to_le_bytes()).bytes()).collect();
    let sheets = [saved("ab", 1, &b"the same again ".repeat(100_000)), saved("cd", 2, &noise), saved("ef", 3, b"")];
    let sheets = [with(&sheets[0], &["x", "y"]), with(&sheets[1], &["x"]), with(&sheets[2], &["x"])];
    for sheet in &sheets {
        assert!(store.save_sheet(sheet).await.expect("saved"));
    }
    // One whose inputs were removed before it came here: nobody can use its components.
    let gone = without(&saved("12", 4, b""), InputsGone::Retention);
    assert!(save(&store, &gone, &["z"]).await);
    let other = place.open().await;
    for sheet in sheets.iter().chain([&gone]) {
        assert_eq!(found(&other, &sheet.id).await, std::slice::from_ref(sheet));
    }
    // More than one: their components are left out.
    let both = found(&other, "").await;
    assert_eq!(both, [gone, SavedSheet { components: BTreeMap::new(), ..sheets[2].clone() }]);
    let listed = other.sheets(10).await.expect("sheets");
    let bytes: Vec<u64> = listed.iter().map(|sheet| sheet.bytes).collect();
    // What does not compress grows by a few per cent, more or fewer with the compressor that is linked.
    assert!(bytes[0] == 0 && bytes[2] < 35_000 && (1..50_000).contains(&bytes[3]), "compressed: {bytes:?}");
    assert_eq!(told_actions(&store).await, [], "a sheet changes nothing");
}

pub(crate) async fn saved_sheet_is_not_replaced(place: &dyn Place) {
    let store = place.open().await;
    let sheet = with(&saved("ab", 1, b"inputs"), &["x"]);
    assert!(store.save_sheet(&sheet).await.expect("saved"));
    let again = SavedSheet { made: at(9), json: Digest::of("other"), since: at(9), ..saved("ab", 9, b"other") };
    assert!(!save(&store, &again, &["y"]).await);
    assert_eq!(found(&store, "").await, std::slice::from_ref(&sheet));
    // What was removed does not come back with it.
    erase(&store, &erasure("acme", &[])).await;
    assert!(!store.save_sheet(&sheet).await.expect("saved"));
    assert_eq!(found(&store, "").await, [without(&sheet, InputsGone::Erasure)]);
}

pub(crate) async fn sheets_are_found_by_prefix(place: &dyn Place) {
    let store = place.open().await;
    for (digits, made) in [("ab", 1), ("abc", 3), ("ac", 2), ("0", 4)] {
        save(&store, &saved(digits, made, b""), &[]).await;
    }
    let ids = async |prefix: &str| -> Vec<String> {
        found(&store, prefix).await.iter().map(|sheet| sheet.id["sha256:".len()..][..3].to_owned()).collect()
    };
    for (prefix, expected) in [
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
        assert_eq!(ids(prefix).await, expected, "{prefix:?}");
    }
    let whole = saved("ab", 1, b"").id;
    assert_eq!(ids(&whole).await, ["aba"]);
    assert_eq!(ids(&format!("{whole}0")).await, [""; 0], "longer than any");
}

pub(crate) async fn sheets_are_listed_newest_first(place: &dyn Place) {
    let store = place.open().await;
    assert_eq!(store.sheets(10).await.expect("sheets"), []);
    for (digits, made) in [("a", 5), ("c", 9), ("b", 9), ("d", -1)] {
        save(&store, &saved(digits, made, digits.repeat(3).as_bytes()), &[]).await;
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

pub(crate) async fn pruning_observations_removes_inputs(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    pull(&store, &crewhu, window(0, 1_000), false, items([event("1", 10, 1.0), event("2", 500, 1.0)])).await;
    pull(&store, &scope("other"), window(0, 1_000), false, items([])).await;
    let reaching = |digits: &str, since: i64| SavedSheet { since: at(since), ..saved(digits, 1, digits.as_bytes()) };
    let (old, new) = (with(&reaching("a", 99), &["old", "both"]), with(&reaching("b", 100), &["new", "both"]));
    let gone = without(&reaching("c", 0), InputsGone::Erasure);
    for sheet in [&old, &new, &gone] {
        store.save_sheet(sheet).await.expect("saved");
    }
    let pruned = prune_before(&store, 100).await;
    assert_eq!((pruned.observations, pruned.sheets), (1, 1));
    let other = place.open().await;
    assert_eq!(found(&other, "a").await, [without(&old, InputsGone::Retention)]);
    assert_eq!(found(&other, "b").await, std::slice::from_ref(&new));
    assert_eq!(found(&other, "c").await, [gone], "the reason stays");
    let told = store.audit(None, 1).await.expect("entries").remove(0);
    assert_eq!((told.action.as_str(), &told.detail.expect("a detail")["sheets"]), ("pruned", &json!(1)));

    // Where nothing else is too old, the sheets are.
    assert_eq!(prune_before(&store, 100).await.sheets, 0);
    let pruned = prune_before(&store, 101).await;
    assert_eq!((pruned.observations, pruned.sheets), (0, 1));
    assert_eq!(found(&store, "b").await, [without(&new, InputsGone::Retention)]);
    let listed = store.sheets(10).await.expect("sheets");
    assert!(listed.iter().all(|sheet| sheet.gone.is_some() && sheet.bytes == 0), "{listed:?}");
    assert_eq!(store.verify_audit().await.expect("a verdict").broken, None);
}

pub(crate) async fn pruning_old_sheets_removes_inputs(place: &dyn Place) {
    let store = place.open().await;
    let (old, new) = (with(&saved("a", 99, b"a"), &["old", "both"]), with(&saved("b", 100, b"b"), &["new", "both"]));
    for sheet in [&old, &new] {
        store.save_sheet(sheet).await.expect("saved");
    }
    assert_eq!(prune(&store, &limits(0)).await.sheets, 0, "without a limit they stay");
    let limits = PruneLimits { sheets_before: Some(at(100)), ..limits(0) };
    assert_eq!(prune(&store, &limits).await.sheets, 1);
    let other = place.open().await;
    assert_eq!(found(&other, "a").await, [without(&old, InputsGone::Retention)]);
    assert_eq!(found(&other, "b").await, [new]);
    let told = store.audit(None, 1).await.expect("entries").remove(0);
    assert_eq!((told.action.as_str(), told.subject.as_str()), ("pruned", "sheets"));
    assert_eq!(told.detail.expect("a detail")["sheets"], 1);
    assert_eq!(prune(&store, &limits).await.sheets, 0, "and once only");
    assert_eq!(store.verify_audit().await.expect("a verdict").broken, None);
}

pub(crate) async fn erasure_removes_all_inputs(place: &dyn Place) {
    let store = place.open().await;
    let reaching_little = SavedSheet { since: at(900), ..saved("b", 2, b"b") };
    save(&store, &saved("a", 1, b"a"), &["x"]).await;
    save(&store, &reaching_little, &["x", "y"]).await;
    save(&store, &without(&saved("c", 3, b"c"), InputsGone::Retention), &[]).await;
    assert_eq!(erase(&store, &erasure("acme", &[])).await.sheets, 2);
    let gone: Vec<_> = place.open().await.sheets(10).await.expect("sheets").iter().map(|sheet| sheet.gone).collect();
    assert_eq!(gone, [Some(InputsGone::Retention), Some(InputsGone::Erasure), Some(InputsGone::Erasure)]);
    assert_eq!(found(&store, "b").await, [without(&reaching_little, InputsGone::Erasure)]);
    // One that is computed later is saved with components that were there before.
    let later = with(&saved("d", 4, b"d"), &["x"]);
    assert!(store.save_sheet(&later).await.expect("saved"));
    assert_eq!(found(&store, "d").await, [later]);
    assert_eq!(erase(&store, &erasure("beta", &[])).await.sheets, 1);
}
