//! What persons and ids decide before any rule on names, case by case.

use super::{
    map,
    testing::{check, client, different, same, source, told},
};

#[test]
fn a_person_is_above_all() {
    let clients = [client("a", &["Acme"]), client("b", &["Beta"]), client("c", &["Ceta"])];
    let sources = [source("1", "Acme"), source("2", "Beta"), source("-3", "Zeta"), source("4", "Ceta")];
    check(
        &clients,
        &sources,
        &[same("a", "2"), same("a", "3"), same("c", "3"), different("b", "1")],
        &[
            "a = 2 (Person: a person said so)",
            "a = 3 (Person: a person said so)",
            "b -",
            "c = 3 (Person: a person said so)",
            "- 1",
            "- 4",
        ],
    );
}

#[test]
fn what_a_person_rejected_is_no_candidate() {
    check(
        &[client("a", &["Acme"])],
        &[source("1", "Acme"), source("2", "Acme")],
        &[different("a", "1")],
        &["a = 2 (Exact: the same name)", "- 1"],
    );
    check(
        &[client("a", &["Acme"]), client("b", &["Acme"])],
        &[source("1", "Acme"), source("2", "Acme")],
        &[different("a", "1"), different("b", "2")],
        &["a = 2 (Exact: the same name)", "b = 1 (Exact: the same name)"],
    );
    check(
        &[client("a", &["Acme"])],
        &[source("1", "Acme"), source("-2", "Acme")],
        &[different("a", "1")],
        &["a = 2 (Exact: the same name)", "- 1"],
    );
    // Two contradicting words on one pair: the cautious one holds.
    check(&[client("a", &["Acme"])], &[source("1", "Acme")], &[same("a", "1"), different("a", "1")], &["a -", "- 1"]);
}

#[test]
fn decisions_reach_beyond_what_is_at_hand() {
    // "1" was given to a client that is inactive, "2" to one that has left, and "9" is no longer there.
    check(
        &[client("-old", &["Acme"]), client("a", &["Acme"]), client("b", &["Beta"]), client("c", &["Ceta"])],
        &[source("1", "Acme"), source("2", "Beta"), source("3", "Ceta")],
        &[same("old", "1"), same("gone", "2"), same("c", "9")],
        &["a -", "b -", "c = 3 (Exact: the same name)", "- 2"],
    );
}

#[test]
fn where_the_roster_is_the_sources_own_ids_decide() {
    let clients = [client("1", &["Acme"]), client("2", &["Acme"]), client("3", &["Ceta"]), client("4", &["Delta"])];
    let sources =
        [source("1", "Acme"), source("2", "Acme"), source("3", "Other"), source("4", "D"), source("5", "Ceta")];
    assert_eq!(
        told(&map(&clients, &sources, &[different("3", "3"), same("4", "5")], true)),
        [
            "1 = 1 (Own: the roster was taken from this source)",
            "2 = 2 (Own: the roster was taken from this source)",
            "3 -",
            "4 = 5 (Person: a person said so)",
            "- 3",
            "- 4",
        ]
    );
    let by_name = map(&clients[..2], &sources[..2], &[], false);
    assert_eq!(told(&by_name), ["1 ? 1 2 (Exact)", "2 ? 1 2 (Exact)"]);
}
