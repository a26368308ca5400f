//! The roster, decisions, source clients and the record of syncs.

use scoresheet_domain::{
    Client, ClientId, Digest, ProblemKind, ProviderName, SourceClient, SourceId,
    mapping::{Decision, FormerTie, Rule, Verdict},
};
use scoresheet_engine::{Scope, SyncRecord};

use crate::support::*;

fn client(id: &str) -> Client {
    Client {
        id: ClientId::new(id).expect("an id"),
        name: format!("{id}, Inc."),
        kind: None,
        active: true,
        domains: Vec::new(),
        aliases: Vec::new(),
        attributes: Vec::new(),
    }
}

fn source_client(id: &str) -> SourceClient {
    SourceClient {
        id: SourceId::new(id).expect("an id"),
        name: format!("{id} GmbH"),
        active: true,
        identifiers: Vec::new(),
        domains: Vec::new(),
    }
}

fn decision(client: &str, source: &str, verdict: Verdict) -> Decision {
    Decision { client: ClientId::new(client).expect("an id"), source: SourceId::new(source).expect("an id"), verdict }
}

fn tie(client: &str, source: &str, rule: Rule) -> FormerTie {
    FormerTie { client: ClientId::new(client).expect("an id"), source: SourceId::new(source).expect("an id"), rule }
}

fn provider(name: &str) -> ProviderName {
    ProviderName::new(name).expect("a name")
}

pub(crate) async fn the_roster_is_replaced_whole(place: &dyn Place) {
    let store = place.open_to_write().await;
    let full = Client {
        name: "Zoë's \"Café\" \u{0}".into(),
        kind: Some("legal".into()),
        active: false,
        domains: vec!["zoe.example".into(), "café.example".into()],
        aliases: vec!["Z;C".into()],
        attributes: vec![("type".into(), "legal".into()), ("seats".into(), "25".into()), ("b".into(), String::new())],
        ..client("zoe")
    };
    store.replace_roster(&by(), &[full.clone(), client("beta"), client("Acme")]).await.expect("a write");
    assert_eq!(place.open().await.roster().await.expect("a roster"), [client("Acme"), client("beta"), full]);

    // More than one statement takes.
    let many: Vec<Client> = (0..1_203).map(|n| client(&format!("{n:04}"))).collect();
    store.replace_roster(&by(), &many).await.expect("a write");
    assert_eq!(store.roster().await.expect("a roster"), many);
    store.replace_roster(&by(), &[]).await.expect("a write");
    assert_eq!(store.roster().await.expect("a roster"), []);
}

pub(crate) async fn decisions_are_kept_in_order_and_replaced(place: &dyn Place) {
    let store = place.open_to_write().await;
    let crewhu = provider("crewhu");
    for decision in [
        decision("beta", "c-1", Verdict::Same),
        decision("acme", "c-2", Verdict::Same),
        decision("acme", "c-1", Verdict::Different),
        decision("acme", "c-2", Verdict::Different),
    ] {
        store.decide(&by_at(1), &crewhu, &decision).await.expect("a write");
    }
    store.decide(&by_at(1), &provider("connectwise"), &decision("acme", "9", Verdict::Same)).await.expect("a write");
    assert_eq!(
        place.open().await.decisions(&crewhu).await.expect("decisions"),
        [
            decision("acme", "c-1", Verdict::Different),
            decision("acme", "c-2", Verdict::Different),
            decision("beta", "c-1", Verdict::Same),
        ]
    );
    assert_eq!(store.decisions(&provider("nobody")).await.expect("decisions"), []);
}

pub(crate) async fn decisions_are_cleared_by_client(place: &dyn Place) {
    let store = place.open_to_write().await;
    let (crewhu, connectwise) = (provider("crewhu"), provider("connectwise"));
    for provider in [&crewhu, &connectwise] {
        for source in ["1", "2"] {
            store.decide(&by_at(1), provider, &decision("acme", source, Verdict::Same)).await.expect("a write");
            store.decide(&by_at(1), provider, &decision("beta", source, Verdict::Same)).await.expect("a write");
        }
    }
    let (acme, beta) = (ClientId::new("acme").expect("an id"), ClientId::new("beta").expect("an id"));
    assert_eq!(store.clear_decisions(&by(), &acme, Some(&crewhu)).await.expect("a write"), 2);
    assert_eq!(store.clear_decisions(&by(), &acme, Some(&crewhu)).await.expect("a write"), 0);
    assert_eq!(store.decisions(&crewhu).await.expect("decisions").len(), 2, "beta's stay");
    assert_eq!(store.decisions(&connectwise).await.expect("decisions").len(), 4);
    assert_eq!(store.clear_decisions(&by(), &beta, None).await.expect("a write"), 4);
    assert_eq!(store.decisions(&crewhu).await.expect("decisions"), []);
    assert_eq!(store.decisions(&connectwise).await.expect("decisions").len(), 2, "acme's stay");
}

pub(crate) async fn ties_are_replaced_whole(place: &dyn Place) {
    let store = place.open_to_write().await;
    let (crewhu, connectwise) = (provider("crewhu"), provider("connectwise"));
    let all: Vec<FormerTie> = Rule::ALL.into_iter().map(|rule| tie("acme", rule.as_str(), rule)).collect();
    let sorted = |mut ties: Vec<FormerTie>| {
        ties.sort();
        ties
    };
    store.keep_ties(&crewhu, &all).await.expect("a write");
    store.keep_ties(&connectwise, &[tie("acme", "9", Rule::Domain)]).await.expect("a write");
    assert_eq!(place.open().await.ties(&crewhu).await.expect("ties"), sorted(all));
    let many: Vec<FormerTie> = (0..1_203).map(|n| tie(&format!("{n:04}"), "c-1", Rule::Exact)).collect();
    store.keep_ties(&crewhu, &many).await.expect("a write");
    assert_eq!(store.ties(&crewhu).await.expect("ties"), many);
    store.keep_ties(&crewhu, &[]).await.expect("a write");
    assert_eq!(store.ties(&crewhu).await.expect("ties"), []);
    assert_eq!(store.ties(&connectwise).await.expect("ties"), [tie("acme", "9", Rule::Domain)]);
}

pub(crate) async fn source_clients_are_replaced_whole(place: &dyn Place) {
    let store = place.open_to_write().await;
    let (crewhu, other) = (scope("crewhu"), Scope { settings: Digest::of("other settings"), ..scope("crewhu") });
    let full = SourceClient {
        active: false,
        identifiers: vec!["DE 123".into()],
        domains: vec!["b.example".into()],
        ..source_client("b")
    };
    let earlier = SourceClient { name: "the earlier of two".into(), ..source_client("a") };
    store.replace_source_clients(&other, &[source_client("x")]).await.expect("a write");
    store.replace_source_clients(&crewhu, &[full.clone(), earlier, source_client("a")]).await.expect("a write");
    let reader = place.open().await;
    assert_eq!(reader.source_clients(&crewhu).await.expect("clients"), [source_client("a"), full]);
    assert_eq!(reader.source_clients(&other).await.expect("clients"), [source_client("x")]);

    let many: Vec<SourceClient> = (0..1_203).map(|n| source_client(&format!("{n:04}"))).collect();
    store.replace_source_clients(&crewhu, &many).await.expect("a write");
    assert_eq!(reader.source_clients(&crewhu).await.expect("clients"), many);
    assert_eq!(reader.source_clients(&other).await.expect("clients"), [source_client("x")]);
}

pub(crate) async fn the_last_sync_is_on_record(place: &dyn Place) {
    let (store, crewhu) = (place.open_to_write().await, scope("crewhu"));
    assert_eq!(store.sync_record(&crewhu).await.expect("a record"), SyncRecord::default());
    let failed = SyncRecord {
        last_attempt: Some(at(2_000)),
        last_success: Some(at(1_000)),
        failure: Some((ProblemKind::RateLimited, "too many".into(), "wait".into())),
    };
    store.put_sync_record(&crewhu, &failed, &[]).await.expect("a write");
    assert_eq!(place.open().await.sync_record(&crewhu).await.expect("a record"), failed);
    assert_eq!(store.sync_record(&scope("other")).await.expect("a record"), SyncRecord::default());

    let went_well = SyncRecord { last_attempt: Some(at(3_000)), last_success: Some(at(3_000)), failure: None };
    store.put_sync_record(&crewhu, &went_well, &[]).await.expect("a write");
    assert_eq!(store.sync_record(&crewhu).await.expect("a record"), went_well);
}
