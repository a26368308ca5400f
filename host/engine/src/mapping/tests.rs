//! What is tied to what, case by case.

use scoresheet_domain::{Client, SourceClient, SourceId, mapping::Rule};

use super::{
    ClientMapping, MAX_CANDIDATES, map,
    testing::{check, client, different, mapped, source},
};

#[test]
fn each_rule_says_on_what_text() {
    check(
        &[
            client("a", &["Acme"]),
            client("b", &["Beta Inc."]),
            client("c", &["Ceta", "Old Ceta"]),
            client("d", &["Delta", "Déjà Vu"]),
            client("e", &["Epsilon", "The Eps Company"]),
            client("f", &["Foe"]),
        ],
        &[
            source("1", " Acme "),
            source("2", "BETA, Inc"),
            source("3", "Old Ceta"),
            source("4", "Deja Vu"),
            source("5", "Eps LLC"),
            source("6", "Friend"),
        ],
        &[],
        &[
            "a = 1 (Exact: the same name)",
            "b = 2 (Normalised: \"Beta Inc.\" and \"BETA, Inc\" are the same once normalised)",
            "c = 3 (Exact: the alias \"Old Ceta\" is the same name)",
            "d = 4 (Normalised: the alias \"Déjà Vu\" and \"Deja Vu\" are the same once normalised)",
            "e = 5 (WithoutLegalForm: the alias \"The Eps Company\" and \"Eps LLC\" are the same without legal form)",
            "f -",
            "- 6",
        ],
    );
}

#[test]
fn an_earlier_rule_takes_its_pair_away_from_later_ones() {
    check(
        &[client("a", &["Acme Inc"]), client("b", &["Acme"])],
        &[source("1", "Acme"), source("2", "ACME INC"), source("3", "Acme Corp")],
        &[],
        &[
            "a = 2 (Normalised: \"Acme Inc\" and \"ACME INC\" are the same once normalised)",
            "b = 1 (Exact: the same name)",
            "- 3",
        ],
    );
}

#[test]
fn equal_candidates_are_ambiguous_on_either_side() {
    check(
        &[client("a", &["Acme"])],
        &[source("1", "Acme"), source("2", "Acme"), source("3", "Acme Inc")],
        &[],
        &["a ? 1 2 (Exact)", "- 3"],
    );
    check(
        &[client("a", &["Acme Inc"]), client("b", &["Acme Corp"])],
        &[source("1", "Acme")],
        &[],
        &["a ? 1 (WithoutLegalForm)", "b ? 1 (WithoutLegalForm)"],
    );
}

#[test]
fn all_who_take_part_in_an_ambiguity_stop_there() {
    // "b" has only "1" to choose from, yet "1" is wanted by "a" too; and "2" stops with them, so that no later
    // rule gives it to "c".
    check(
        &[client("a", &["Acme", "Acme West"]), client("b", &["Acme"]), client("c", &["acme west"])],
        &[source("1", "Acme"), source("2", "Acme West"), source("3", "ACME  WEST Inc.")],
        &[],
        &[
            "a ? 1 2 (Exact)",
            "b ? 1 (Exact)",
            "c = 3 (WithoutLegalForm: \"acme west\" and \"ACME  WEST Inc.\" are the same without legal form)",
        ],
    );
}

#[test]
fn two_names_of_one_client_are_one_candidate() {
    check(
        &[client("a", &["Acme", "ACME", "Acme Inc"])],
        &[source("1", "acme")],
        &[],
        &["a = 1 (Normalised: \"Acme\" and \"acme\" are the same once normalised)"],
    );
    check(
        &[client("a", &["Müller", "Bär"])],
        &[source("1", "Baer"), source("2", "Bar")],
        &[],
        &["a ? 1 2 (Normalised)"],
    );
}

#[test]
fn legal_forms_that_contradict_are_suggestions() {
    check(
        &[client("a", &["Acme AG", "Akme AG"]), client("b", &["Beta", "Beta Inc"])],
        &[source("1", "Acme GmbH"), source("2", "AKME LLC"), source("-3", "Acme LLC"), source("4", "Beta LLC")],
        &[],
        &[
            "a -",
            "b = 4 (WithoutLegalForm: \"Beta\" and \"Beta LLC\" are the same without legal form)",
            "- 1",
            "- 2",
            "a ~ 1 (95: \"Acme AG\" and \"Acme GmbH\": the same ignoring the legal form, \
             but AG and GmbH are different classes of legal form)",
            "a ~ 2 (95: the alias \"Akme AG\" and \"AKME LLC\": the same ignoring the legal form, \
             but AG and LLC are different classes of legal form)",
        ],
    );
    check(&[client("a", &["Acme AG"])], &[source("1", "Acme GmbH")], &[different("a", "1")], &["a -", "- 1"]);
    // The client with the agreeing form takes the source, so there is nothing left to suggest.
    check(
        &[client("a", &["Acme AG"]), client("b", &["ACME G.m.b.H."])],
        &[source("1", "Acme GmbH")],
        &[],
        &["a -", "b = 1 (Normalised: \"ACME G.m.b.H.\" and \"Acme GmbH\" are the same once normalised)"],
    );
}

#[test]
fn a_bare_name_between_two_forms_is_ambiguous() {
    check(
        &[client("a", &["Acme"])],
        &[source("1", "Acme AG"), source("2", "Acme GmbH")],
        &[],
        &["a ? 1 2 (WithoutLegalForm)"],
    );
    check(
        &[client("a", &["Acme Aktiengesellschaft"]), client("b", &["Acme UG"])],
        &[source("1", "Acme AG"), source("2", "Acme GmbH")],
        &[],
        &[
            "a = 1 (WithoutLegalForm: \"Acme Aktiengesellschaft\" and \"Acme AG\" are the same without legal form)",
            "b -",
            "- 2",
            "b ~ 2 (95: \"Acme UG\" and \"Acme GmbH\": the same ignoring the legal form, \
             but UG and GmbH are different classes of legal form)",
        ],
    );
}

#[test]
fn an_inactive_source_client_gives_way() {
    check(
        &[client("a", &["Acme"]), client("b", &["Beta"]), client("c", &["Ceta"])],
        &[
            source("-1", "Acme"),
            source("2", "Acme"),
            source("-3", "Beta"),
            source("4", "BETA"),
            source("-5", "Ceta"),
            source("-6", "Ceta"),
        ],
        &[],
        &["a = 2 (Exact: the same name)", "b = 3 (Exact: the same name)", "c ? 5 6 (Exact)", "- 4"],
    );
}

#[test]
fn an_inactive_client_stands_on_no_sheet_and_takes_nothing() {
    check(
        &[client("-a", &["Acme"]), client("b", &["ACME"])],
        &[source("1", "Acme")],
        &[],
        &["b = 1 (Normalised: \"ACME\" and \"Acme\" are the same once normalised)"],
    );
}

#[test]
fn a_name_of_punctuation_is_tied_by_its_letters_alone() {
    check(
        &[client("a", &["!!!"]), client("b", &["???", "", " "])],
        &[source("1", "!!!"), source("2", "..."), source("3", "")],
        &[],
        &["a = 1 (Exact: the same name)", "b -", "- 2", "- 3"],
    );
}

#[test]
fn ten_thousand_clients_of_one_name_are_told_in_short() {
    let names = |start: &str| -> Vec<String> { (0..10_000).map(|n| format!("{start}{n:05}")).collect() };
    let clients: Vec<Client> = names("c").iter().map(|id| client(id, &["Acme"])).collect();
    let sources: Vec<SourceClient> = names("s").iter().map(|id| source(id, "Acme")).collect();
    let mapping = map(&clients, &sources, &[], false);
    assert!(mapping.unmapped_sources.is_empty());
    assert_eq!(mapping.clients.len(), 10_000);
    let expected: Vec<SourceId> = sources[..MAX_CANDIDATES].iter().map(|source| source.id.clone()).collect();
    for outcome in mapping.clients.values() {
        assert_eq!(outcome, &ClientMapping::Ambiguous { rule: Rule::Exact, candidates: expected.clone() });
    }
}

#[test]
fn a_client_gets_a_handful_of_suggestions() {
    let sources: Vec<SourceClient> = (0..50).map(|n| source(&format!("{n:02}"), "Acme GmbH")).collect();
    let mapping = mapped(&[client("a", &["Acme AG"])], &sources, &[], false);
    let suggested: Vec<&str> = mapping.suggestions.iter().map(|suggestion| suggestion.source.as_str()).collect();
    assert_eq!(suggested, ["00", "01", "02", "03", "04", "05", "06", "07", "08", "09"]);
    assert_eq!(mapping.unmapped_sources.len(), 50);
}
