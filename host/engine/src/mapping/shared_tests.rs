//! Identifiers and domains, case by case.

use scoresheet_domain::{Client, SourceClient};

use super::testing::{check, client, different, source};

fn at(domains: &[&str], client: Client) -> Client {
    Client { domains: domains.iter().map(|domain| (*domain).to_owned()).collect(), ..client }
}

fn known_as(identifiers: &str, client: Client) -> Client {
    Client { attributes: vec![("identifiers".to_owned(), identifiers.to_owned())], ..client }
}

fn from(domains: &[&str], identifiers: &[&str], source: SourceClient) -> SourceClient {
    let all = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    SourceClient { domains: all(domains), identifiers: all(identifiers), ..source }
}

#[test]
fn identifiers_come_before_domains_and_these_before_names() {
    check(
        &[
            known_as("DE 123; X-9", client("a", &["Acme"])),
            at(&["beta.example"], client("b", &["Beta"])),
            client("K-17", &["Ceta"]),
            client("d", &["Delta"]),
        ],
        &[
            from(&["beta.example"], &["de123"], source("1", "Delta")),
            from(&["HTTPS://www.Beta.example/"], &[], source("2", "Acme")),
            from(&[], &["k17"], source("3", "Beta")),
            source("4", "Ceta"),
        ],
        &[],
        &[
            "K-17 = 3 (Identifier: both have the identifier k17)",
            "a = 1 (Identifier: both have the identifier de123)",
            "b = 2 (Domain: both have the domain HTTPS://www.Beta.example/)",
            "d -",
            "- 4",
        ],
    );
}

#[test]
fn a_roster_may_list_the_sources_own_id() {
    check(
        &[
            known_as("crew-0017", client("a", &["Acme"])),
            known_as("17", client("b", &["Beta"])),
            client("crew-0018", &["Ceta"]),
        ],
        &[source("crew-0017", "Zeta"), source("17", "Eta"), source("crew-0018", "Theta")],
        &[],
        // A short number is a counter; and the roster's own id is no id of the source's.
        &[
            "a = crew-0017 (Identifier: both have the identifier crew-0017)",
            "b -",
            "crew-0018 -",
            "- 17",
            "- crew-0018",
        ],
    );
}

#[test]
fn what_anybody_may_have_ties_nobody() {
    check(
        &[known_as("n/a", at(&["gmail.com"], client("a", &["Acme"])))],
        &[from(&["gmail.com", "someone@gmail.com"], &["N/A", "0000"], source("1", "Zeta"))],
        &[],
        &["a -", "- 1"],
    );
}

#[test]
fn what_several_share_is_left_to_their_names() {
    check(
        &[
            at(&["holding.example"], client("a", &["Acme"])),
            at(&["holding.example"], client("b", &["Beta"])),
            at(&["holding.example"], client("c", &["Ceta"])),
        ],
        &[
            from(&["holding.example"], &[], source("1", "Acme Inc")),
            from(&["holding.example"], &[], source("2", "Beta")),
            from(&["holding.example"], &[], source("3", "Zeta")),
        ],
        &[],
        &[
            "a = 1 (WithoutLegalForm: \"Acme\" and \"Acme Inc\" are the same without legal form)",
            "b = 2 (Exact: the same name)",
            "c ? 3 (Domain)",
        ],
    );
    check(
        &[at(&["acme.example"], client("a", &["Acme"]))],
        &[from(&["acme.example"], &[], source("1", "North")), from(&["acme.example"], &[], source("2", "South"))],
        &[different("a", "2")],
        &["a = 1 (Domain: both have the domain acme.example)", "- 2"],
    );
    check(
        &[at(&["acme.example"], client("a", &["Acme"]))],
        &[from(&["acme.example"], &[], source("1", "North")), from(&["acme.example"], &[], source("2", "South"))],
        &[],
        &["a ? 1 2 (Domain)"],
    );
}

#[test]
fn one_domain_twice_is_one() {
    check(
        &[at(&["acme.example", "www.acme.example"], client("a", &["Acme"]))],
        &[from(&["acme.example", "info@acme.example"], &[], source("1", "Zeta"))],
        &[],
        &["a = 1 (Domain: both have the domain acme.example)"],
    );
}
