//! What holds for any roster, any source and any decisions.

use std::collections::{BTreeMap, BTreeSet};

use proptest::{collection::vec, prelude::*, sample::select};

use scoresheet_domain::{
    Client, ClientId, SourceClient, SourceId,
    mapping::{Decision, Rule, Verdict},
};
use scoresheet_matching::{self as matching, MIN_SIMILARITY, NameKeys};

use super::{ClientMapping, MAX_SUGGESTIONS, Mapping, Wanted, evidence::name_rule, map, suggest, testing};

/// Few names, so that they meet.
fn name() -> impl Strategy<Value = &'static str> {
    select(vec![
        "Acme",
        "ACME",
        "acme inc",
        "Acme LLC",
        "Acme GmbH",
        "Acme Co",
        "Bär",
        "Baer",
        "Bar",
        "Bar AG",
        "The Bar",
        "AB Carpentry",
        "ABC",
        "!!!",
        "",
    ])
}

/// Mostly none, so that the names have their say too.
fn domains() -> impl Strategy<Value = Vec<String>> {
    let one = select(vec!["acme.example", "www.ACME.example", "bar.example", "gmail.com", "", "zoo.example"]);
    prop_oneof![3 => Just(Vec::new()), 1 => vec(one.prop_map(str::to_owned), 1..3)]
}

/// "1" and "3" are clients' ids too.
fn identifiers() -> impl Strategy<Value = Vec<String>> {
    let one = select(vec!["DE 1", "de-1", "1", "3", "n/a", "K 7"]);
    prop_oneof![3 => Just(Vec::new()), 1 => vec(one.prop_map(str::to_owned), 1..3)]
}

/// Names, domains, identifiers, and two coins that make it inactive together.
type RowOfClient = (Vec<&'static str>, Vec<String>, Vec<String>, bool, bool);

fn clients() -> impl Strategy<Value = Vec<Client>> {
    let one = (vec(name(), 1..3), domains(), identifiers(), any::<bool>(), any::<bool>());
    vec(one, 0..7).prop_map(|rows| {
        let row = |(at, (names, domains, identifiers, a, b)): (usize, RowOfClient)| Client {
            domains,
            attributes: vec![("identifiers".to_owned(), identifiers.join("; "))],
            ..testing::client(&format!("{}{at}", if a && b { "-" } else { "" }), &names)
        };
        rows.into_iter().enumerate().map(row).collect()
    })
}

fn sources() -> impl Strategy<Value = Vec<SourceClient>> {
    vec((name(), domains(), identifiers(), any::<bool>(), any::<bool>()), 0..7).prop_map(|rows| {
        let row = |(at, (name, domains, identifiers, a, b)): (usize, (&str, _, _, bool, bool))| SourceClient {
            domains,
            identifiers,
            ..testing::source(&format!("{}{at}", if a && b { "-" } else { "" }), name)
        };
        rows.into_iter().enumerate().map(row).collect()
    })
}

/// Whether the two are the same by a rule, by its definition.
fn fits(rule: Rule, client: &Client, source: &SourceClient) -> bool {
    let meet = |ours: Vec<Option<String>>, theirs: Vec<Option<String>>| {
        ours.iter().flatten().any(|key| theirs.iter().flatten().any(|other| key == other))
    };
    match rule {
        Rule::Identifier => meet(
            client.identifiers().chain([client.id.as_str()]).map(matching::identifier).collect(),
            source.identifiers.iter().map(|text| matching::identifier(text)).collect(),
        ),
        Rule::Domain => meet(
            client.domains.iter().map(|text| matching::domain(text)).collect(),
            source.domains.iter().map(|text| matching::domain(text)).collect(),
        ),
        _ => std::iter::once(&client.name).chain(&client.aliases).any(|name| {
            name_rule(rule).is_some_and(|rule| NameKeys::new(name).equal_by(&NameKeys::new(&source.name), rule))
        }),
    }
}

/// One word at most on any pair, as the store keeps them.
fn decisions() -> impl Strategy<Value = Vec<Decision>> {
    vec((0..8_u8, 0..8_u8, any::<bool>()), 0..6).prop_map(|rows| {
        let by_pair: BTreeMap<(u8, u8), bool> =
            rows.into_iter().map(|(client, source, same)| ((client, source), same)).collect();
        by_pair
            .into_iter()
            .map(|((client, source), same)| Decision {
                client: ClientId::new(client.to_string()).expect("an id"),
                source: SourceId::new(source.to_string()).expect("an id"),
                verdict: if same { Verdict::Same } else { Verdict::Different },
            })
            .collect()
    })
}

fn links(mapping: &Mapping) -> Vec<(&ClientId, &SourceId, Rule)> {
    let mapped = mapping.clients.iter().filter_map(|(client, outcome)| match outcome {
        ClientMapping::Mapped(links) => Some(links.iter().map(move |link| (client, &link.source, link.rule))),
        _ => None,
    });
    mapped.flatten().collect()
}

/// The mapping by its definition, pair by pair: slow and plain.
fn by_definition(
    clients: &[Client],
    sources: &[SourceClient],
    decisions: &[Decision],
) -> BTreeMap<ClientId, BTreeSet<SourceId>> {
    let said = |client: &ClientId, source: &SourceId, verdict| {
        decisions.iter().any(|d| d.client == *client && d.source == *source && d.verdict == verdict)
    };
    let mut tied: BTreeMap<ClientId, BTreeSet<SourceId>> = BTreeMap::new();
    let mut open_clients: Vec<&Client> = clients.iter().filter(|client| client.active).collect();
    let mut open_sources: Vec<&SourceClient> = sources.iter().collect();
    for client in &open_clients {
        for source in sources.iter().filter(|source| said(&client.id, &source.id, Verdict::Same)) {
            tied.entry(client.id.clone()).or_default().insert(source.id.clone());
        }
    }
    open_clients.retain(|client| !tied.contains_key(&client.id));
    open_sources.retain(|source| !decisions.iter().any(|d| d.source == source.id && d.verdict == Verdict::Same));
    for rule in [Rule::Identifier, Rule::Domain, Rule::Exact, Rule::Normalised, Rule::WithoutLegalForm] {
        let fits = |client: &Client, source: &SourceClient| {
            !said(&client.id, &source.id, Verdict::Different) && fits(rule, client, source)
        };
        let mut pairs: Vec<(&Client, &SourceClient)> = Vec::new();
        for client in &open_clients {
            let all: Vec<&SourceClient> = open_sources.iter().copied().filter(|source| fits(client, source)).collect();
            let some_active = all.iter().any(|source| source.active);
            pairs
                .extend(all.into_iter().filter(|source| source.active || !some_active).map(|source| (*client, source)));
        }
        for (client, source) in &pairs {
            let alone = pairs.iter().filter(|(c, s)| c.id == client.id || s.id == source.id).count() == 1;
            if alone {
                tied.entry(client.id.clone()).or_default().insert(source.id.clone());
            }
        }
        // What shares an identifier or a domain with several is left to the names.
        let settles = |client: &Client, source: &SourceClient| {
            !matches!(rule, Rule::Identifier | Rule::Domain)
                || tied.get(&client.id).is_some_and(|sources| sources.contains(&source.id))
        };
        open_clients.retain(|client| !pairs.iter().any(|(c, s)| c.id == client.id && settles(c, s)));
        open_sources.retain(|source| !pairs.iter().any(|(c, s)| s.id == source.id && settles(c, s)));
    }
    tied
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn it_is_what_the_definition_says(clients in clients(), sources in sources(), decisions in decisions()) {
        let mapping = map(&clients, &sources, &decisions, false);
        let mut found: BTreeMap<ClientId, BTreeSet<SourceId>> = BTreeMap::new();
        for (client, source, _) in links(&mapping) {
            found.entry(client.clone()).or_default().insert(source.clone());
        }
        prop_assert_eq!(found, by_definition(&clients, &sources, &decisions));
    }

    #[test]
    fn the_order_of_the_slices_does_not_matter(
        (clients, other_clients) in clients().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        (sources, other_sources) in sources().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        (decisions, other_decisions) in decisions().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        own in any::<bool>(),
    ) {
        prop_assert_eq!(
            map(&clients, &sources, &decisions, own),
            map(&other_clients, &other_sources, &other_decisions, own)
        );
    }

    #[test]
    fn every_active_client_and_source_client_is_accounted_for(
        clients in clients(), sources in sources(), decisions in decisions(), own in any::<bool>(),
    ) {
        let mapping = map(&clients, &sources, &decisions, own);
        let active: BTreeSet<&ClientId> = clients.iter().filter(|client| client.active).map(|client| &client.id).collect();
        prop_assert_eq!(mapping.clients.keys().collect::<BTreeSet<_>>(), active);

        let served: BTreeSet<&SourceId> = links(&mapping).into_iter().map(|(_, source, _)| source).collect();
        prop_assert!(mapping.unmapped_sources.is_sorted());
        for source in &mapping.unmapped_sources {
            prop_assert!(!served.contains(source));
            prop_assert!(sources.iter().any(|known| known.id == *source && known.active));
        }
        for outcome in mapping.clients.values() {
            if let ClientMapping::Ambiguous { candidates, .. } = outcome {
                prop_assert!(!candidates.is_empty() && candidates.is_sorted());
                prop_assert!(candidates.iter().all(|c| !served.contains(c) && !mapping.unmapped_sources.contains(c)));
            }
        }
    }

    #[test]
    fn only_a_person_ties_one_source_to_several_clients(
        clients in clients(), sources in sources(), decisions in decisions(), own in any::<bool>(),
    ) {
        let mapping = map(&clients, &sources, &decisions, own);
        let all = links(&mapping);
        for (client, source, rule) in &all {
            let said = |verdict| decisions.iter().any(|d| d.client == **client && d.source == **source && d.verdict == verdict);
            prop_assert!(!said(Verdict::Different));
            prop_assert_eq!(*rule == Rule::Person, said(Verdict::Same));
            if *rule != Rule::Person {
                prop_assert_eq!(all.iter().filter(|(c, s, _)| c == client || s == source).count(), 1);
            }
        }
    }

    #[test]
    fn suggestions_are_among_what_is_unmapped(clients in clients(), sources in sources(), decisions in decisions()) {
        let mapping = testing::mapped(&clients, &sources, &decisions, false);
        for suggestion in &mapping.suggestions {
            prop_assert_eq!(&mapping.clients[&suggestion.client], &ClientMapping::Unmapped);
            prop_assert!(mapping.unmapped_sources.contains(&suggestion.source));
            prop_assert!((MIN_SIMILARITY..=100).contains(&suggestion.score) && !suggestion.evidence.is_empty());
        }
        for pair in mapping.suggestions.windows(2) {
            let (first, second) = (&pair[0], &pair[1]);
            let in_order = (&first.client, 100 - first.score, &first.source) < (&second.client, 100 - second.score, &second.source);
            prop_assert!(in_order, "{:?}", mapping.suggestions);
        }
        for client in &clients {
            prop_assert!(mapping.suggestions.iter().filter(|near| near.client == client.id).count() <= MAX_SUGGESTIONS);
        }
    }

    #[test]
    fn what_a_person_refused_never_comes_back(clients in clients(), sources in sources(), decisions in decisions()) {
        let mapping = testing::mapped(&clients, &sources, &decisions, false);
        for refused in decisions.iter().filter(|decision| decision.verdict == Verdict::Different) {
            prop_assert!(!links(&mapping).iter().any(|(client, source, _)| **client == refused.client && **source == refused.source));
            prop_assert!(!mapping.suggestions.iter().any(|near| near.client == refused.client && near.source == refused.source));
            if let Some(ClientMapping::Ambiguous { candidates, .. }) = mapping.clients.get(&refused.client) {
                prop_assert!(!candidates.contains(&refused.source));
            }
        }
    }

    #[test]
    fn the_order_of_the_slices_changes_no_suggestion(
        (clients, other_clients) in clients().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        (sources, other_sources) in sources().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        decisions in decisions(),
    ) {
        prop_assert_eq!(
            testing::mapped(&clients, &sources, &decisions, false).suggestions,
            testing::mapped(&other_clients, &other_sources, &decisions, false).suggestions
        );
    }

    #[test]
    fn a_client_that_shares_nothing_changes_no_tie(clients in clients(), sources in sources(), decisions in decisions()) {
        let mapping = map(&clients, &sources, &decisions, false);
        let mut more = clients;
        more.push(testing::client("stranger", &["Quixotic Zymurgy"]));
        let mut other = map(&more, &sources, &decisions, false);
        prop_assert_eq!(other.clients.remove("stranger"), Some(ClientMapping::Unmapped));
        prop_assert_eq!(other, mapping);
    }

    #[test]
    fn one_client_is_suggested_what_all_are(clients in clients(), sources in sources(), decisions in decisions()) {
        let mapping = testing::mapped(&clients, &sources, &decisions, false);
        for client in &clients {
            let alone = suggest(&clients, &sources, &decisions, &mapping, Wanted { client: Some(&client.id), ..Wanted::ALL });
            let among: Vec<_> = mapping.suggestions.iter().filter(|near| near.client == client.id).cloned().collect();
            prop_assert_eq!(alone, among);
        }
    }
}
