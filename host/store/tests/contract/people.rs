//! The roster, decisions, source clients and the record of syncs.

use std::sync::Arc;

use scoresheet_domain::{
    Client, ClientId, Digest, ProblemKind, ProviderName, Remedy, SourceClient, SourceId,
    mapping::{Decision, FormerTie, Rule, Verdict},
};
use scoresheet_engine::{Scope, Store, SyncFailure, SyncOutcome, SyncRecord, UserChange};

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
        attributes: Vec::new(),
    }
}

fn decision(client: &str, source: &str, verdict: Verdict) -> Decision {
    Decision { client: ClientId::new(client).expect("an id"), source: SourceId::new(source).expect("an id"), verdict }
}

fn mapping(client: &str, source: &str, rule: Rule) -> FormerTie {
    FormerTie { client: ClientId::new(client).expect("an id"), source: SourceId::new(source).expect("an id"), rule }
}

fn provider(name: &str) -> ProviderName {
    ProviderName::new(name).expect("a name")
}

pub(crate) async fn roster_is_replaced(place: &dyn Place) {
    let store = place.open().await;
    let full = Client {
        name: "Zoë's \"Café\" \u{0}".into(),
        kind: Some("legal".into()),
        active: false,
        domains: vec!["zoe.example".into(), "café.example".into()],
        aliases: vec!["Z;C".into()],
        attributes: vec![("type".into(), "legal".into()), ("seats".into(), "25".into()), ("b".into(), String::new())],
        ..client("zoe")
    };
    replace_roster(&store, &[full.clone(), client("beta"), client("Acme")]).await;
    assert_eq!(place.open().await.roster().await.expect("a roster"), [client("Acme"), client("beta"), full]);

    // More than one statement takes.
    let many: Vec<Client> = (0..1_203).map(|n| client(&format!("{n:04}"))).collect();
    replace_roster(&store, &many).await;
    assert_eq!(store.roster().await.expect("a roster"), many);
    replace_roster(&store, &[]).await;
    assert_eq!(store.roster().await.expect("a roster"), []);
}

async fn decide(store: &Arc<dyn Store>, provider: &ProviderName, decision: Decision) {
    assert_eq!(apply(store, UserChange::Decide(provider.clone(), decision)).await, Some(1));
}

async fn clear(store: &Arc<dyn Store>, client: &str, provider: Option<&ProviderName>) -> u64 {
    let client = ClientId::new(client).expect("an id");
    apply(store, UserChange::ClearDecisions(client, provider.cloned())).await.expect("a count")
}

async fn decisions(store: &Arc<dyn Store>, provider: &ProviderName) -> Vec<Decision> {
    data(store, &scope(provider.as_str())).await.decisions
}

pub(crate) async fn decisions_are_ordered_and_replaced(place: &dyn Place) {
    let store = place.open().await;
    let crewhu = provider("crewhu");
    for decision in [
        decision("beta", "c-1", Verdict::Same),
        decision("acme", "c-2", Verdict::Same),
        decision("acme", "c-1", Verdict::Different),
        decision("acme", "c-2", Verdict::Different),
    ] {
        decide(&store, &crewhu, decision).await;
    }
    decide(&store, &provider("other"), decision("acme", "c-1", Verdict::Same)).await;
    assert_eq!(
        decisions(&place.open().await, &crewhu).await,
        [
            decision("acme", "c-1", Verdict::Different),
            decision("acme", "c-2", Verdict::Different),
            decision("beta", "c-1", Verdict::Same),
        ]
    );
    assert_eq!(decisions(&store, &provider("nobody")).await, []);
}

pub(crate) async fn decisions_are_cleared_by_client(place: &dyn Place) {
    let store = place.open().await;
    let (crewhu, connectwise) = (provider("crewhu"), provider("connectwise"));
    for provider in [&crewhu, &connectwise] {
        for source in ["1", "2"] {
            decide(&store, provider, decision("acme", source, Verdict::Same)).await;
            decide(&store, provider, decision("beta", source, Verdict::Same)).await;
        }
    }
    assert_eq!(clear(&store, "acme", Some(&crewhu)).await, 2);
    assert_eq!(clear(&store, "acme", Some(&crewhu)).await, 0);
    assert_eq!(decisions(&store, &crewhu).await.len(), 2, "beta's stay");
    assert_eq!(decisions(&store, &connectwise).await.len(), 4);
    assert_eq!(clear(&store, "beta", None).await, 4);
    assert_eq!(decisions(&store, &crewhu).await, []);
    assert_eq!(decisions(&store, &connectwise).await.len(), 2, "acme's stay");
}

pub(crate) async fn former_mappings_are_replaced(place: &dyn Place) {
    let (store, crewhu, connectwise) = (place.open().await, scope("crewhu"), scope("connectwise"));
    let replace = async |scope: &Scope, mapped: Option<Vec<FormerTie>>| {
        finish_sync(&store, &SyncOutcome { mapped, ..outcome(scope) }).await;
    };
    let mut all: Vec<FormerTie> = Rule::ALL.into_iter().map(|rule| mapping("acme", rule.as_str(), rule)).collect();
    let other = mapping("acme", "9", Rule::Domain);
    replace(&crewhu, Some(all.clone())).await;
    replace(&connectwise, Some(vec![other.clone()])).await;
    all.sort();
    assert_eq!(data(&place.open().await, &crewhu).await.former, all);
    replace(&crewhu, None).await;
    assert_eq!(data(&store, &crewhu).await.former, all, "a sync that maps nothing keeps them");
    let many: Vec<FormerTie> = (0..1_203).map(|n| mapping(&format!("{n:04}"), "c-1", Rule::Exact)).collect();
    replace(&crewhu, Some(many.clone())).await;
    assert_eq!(data(&store, &crewhu).await.former, many);
    replace(&crewhu, Some(Vec::new())).await;
    assert_eq!(data(&store, &crewhu).await.former, []);
    assert_eq!(data(&store, &connectwise).await.former, [other]);
}

pub(crate) async fn listed_clients_are_replaced(place: &dyn Place) {
    let store = place.open().await;
    let (crewhu, other) = (scope("crewhu"), Scope { settings: Digest::of("other settings"), ..scope("crewhu") });
    let full = SourceClient {
        active: false,
        identifiers: vec!["DE 123".into()],
        domains: vec!["b.example".into()],
        attributes: vec![("seats".into(), "25".into()), ("a".into(), String::new())],
        ..source_client("b")
    };
    let earlier = SourceClient {
        name: "the earlier of two".into(),
        attributes: vec![("seats".into(), "9".into())],
        ..source_client("a")
    };
    list_clients(&store, &other, &[source_client("x")]).await;
    list_clients(&store, &crewhu, &[full.clone(), earlier, source_client("a")]).await;
    let reader = place.open().await;
    assert_eq!(source_clients(&reader, &crewhu).await, [source_client("a"), full]);
    assert_eq!(source_clients(&reader, &other).await, [source_client("x")]);

    let many: Vec<SourceClient> = (0..1_203).map(|n| source_client(&format!("{n:04}"))).collect();
    list_clients(&store, &crewhu, &many).await;
    assert_eq!(source_clients(&reader, &crewhu).await, many);
    assert_eq!(source_clients(&reader, &other).await, [source_client("x")]);
}

pub(crate) async fn last_sync_is_recorded(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    let record = async |record: &SyncRecord| {
        finish_sync(&store, &SyncOutcome { record: record.clone(), ..outcome(&crewhu) }).await;
    };
    assert_eq!(data(&store, &crewhu).await.sync, SyncRecord::default());
    let remedy = Remedy::Wait { provider: provider("crewhu"), until: Some(at(9_000)), requests_per_minute: Some(60) };
    let failed = SyncRecord {
        last_attempt: Some(at(2_000)),
        last_success: Some(at(1_000)),
        failure: Some(SyncFailure { kind: ProblemKind::RateLimited, message: "too many".into(), remedy }),
    };
    record(&failed).await;
    assert_eq!(data(&place.open().await, &crewhu).await.sync, failed);
    assert_eq!(data(&store, &scope("other")).await.sync, SyncRecord::default());

    let succeeded = SyncRecord { last_attempt: Some(at(3_000)), last_success: Some(at(3_000)), failure: None };
    record(&succeeded).await;
    assert_eq!(data(&store, &crewhu).await.sync, succeeded);
}
