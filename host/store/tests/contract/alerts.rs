//! Alerts: fired once, resolved once; their deliveries, each attempt counted before it is made.

use std::sync::Arc;

use scoresheet_domain::{
    ChannelName, ClientId, ProviderName, RuleId,
    alert::{AlertId, AlertKind, DeliveryEvent, DeliveryState, Finding, Step, Target},
};
use scoresheet_engine::{AlertChanges, DeliveryUpdate, DueDelivery, Store, UserChange};

use crate::support::*;

/// A rule's finding about a client, told to these channels.
pub(crate) fn finding(rule: &str, client: &str, channels: &[&str]) -> Finding {
    let rule = RuleId::new(rule).expect("an id");
    let target = Target { client: Some(ClientId::new(client).expect("an id")), ..Target::default() };
    Finding {
        kind: AlertKind::Floor,
        key: target.key(&rule),
        rule,
        message: format!("{client}, Inc.: the engagement score is 2"),
        target,
        channels: channels.iter().map(|name| ChannelName::new(*name).expect("a name")).collect(),
    }
}

pub(crate) async fn fire(store: &Arc<dyn Store>, findings: &[Finding], now: i64) -> AlertChanges {
    let step = Step { fire: findings.to_vec(), resolve: Vec::new() };
    store.apply_alerts(&by_at(now), &step).await.expect("applied")
}

async fn resolve(store: &Arc<dyn Store>, id: AlertId, now: i64) -> AlertChanges {
    let step = Step { fire: Vec::new(), resolve: vec![(id, "it is over".into())] };
    store.apply_alerts(&by_at(now), &step).await.expect("applied")
}

async fn due(store: &Arc<dyn Store>, now: i64) -> Vec<DueDelivery> {
    store.due_deliveries(at(now), 100).await.expect("deliveries")
}

fn told(due: &[DueDelivery]) -> Vec<(i64, &'static str, String)> {
    due.iter().map(|it| (it.alert.id.0, it.event.as_str(), it.channel.to_string())).collect()
}

async fn update(store: &Arc<dyn Store>, delivery: &DueDelivery, attempts: u32, update: DeliveryUpdate) -> bool {
    store.update_delivery(delivery.id, attempts, &update).await.expect("an answer")
}

async fn begin_attempt(store: &Arc<dyn Store>, delivery: &DueDelivery, attempts: u32, next: i64) -> bool {
    update(store, delivery, attempts, DeliveryUpdate::Begin { next: at(next) }).await
}

async fn send(store: &Arc<dyn Store>, delivery: &DueDelivery, now: i64) {
    assert!(begin_attempt(store, delivery, 0, now + 60).await);
    assert!(update(store, delivery, 1, DeliveryUpdate::Sent(at(now))).await);
}

async fn acknowledge(store: &Arc<dyn Store>, now: i64, id: AlertId, note: Option<&str>) -> Option<u64> {
    let change = UserChange::AcknowledgeAlert(id, note.map(str::to_owned));
    store.apply(&by_at(now), &change).await.expect("an answer")
}

pub(crate) async fn open_alert_is_not_fired_again(place: &dyn Place) {
    let store = place.open().await;
    let one = finding("low", "acme", &["ops"]);
    let fired = fire(&store, std::slice::from_ref(&one), 5).await.fired;
    assert_eq!((fired.len(), fired[0].fired, fired[0].key.as_str()), (1, at(5), one.key.as_str()));
    assert_eq!(fired[0].target, one.target);
    assert_eq!(fire(&store, &[one.clone(), finding("drop", "acme", &[])], 6).await.fired.len(), 1, "the other rule's");
    assert_eq!(told(&due(&store, 10).await), [(1, "fired", "ops".to_owned())]);
    assert_eq!(resolve(&store, fired[0].id, 7).await.resolved[0].resolved, Some((at(7), "it is over".into())));
    assert_eq!(resolve(&store, fired[0].id, 8).await, AlertChanges::default(), "once");
    // After that it is another occurrence.
    let again = fire(&store, &[one], 9).await.fired;
    assert_ne!(again[0].id, fired[0].id);
    let reader = place.open().await;
    let open = reader.alerts(false, 10).await.expect("alerts");
    assert_eq!(open.iter().map(|record| record.alert.rule.as_str()).collect::<Vec<_>>(), ["low", "drop"]);
    let records = reader.alerts(true, 2).await.expect("alerts");
    assert_eq!(records.iter().map(|record| record.alert.id.0).collect::<Vec<_>>(), [3, 2], "the newest");
    let subjects =
        ["alert-fired", "alert-fired", "alert-resolved", "alert-fired"].map(|it| (it.into(), "alerts".into()));
    assert_eq!(told_actions(&store).await, subjects, "a client stands in no subject");
    assert_eq!(store.verify_audit().await.expect("a verdict").broken, None);
}

pub(crate) async fn failed_step_stores_nothing(place: &dyn Place) {
    let store = place.open().await;
    let twice = finding("low", "acme", &["ops", "ops"]);
    let step = Step { fire: vec![finding("drop", "acme", &["ops"]), twice], resolve: Vec::new() };
    assert!(store.apply_alerts(&by_at(1), &step).await.is_err(), "no channel is told one event twice");
    assert_eq!(store.alerts(true, 10).await.expect("alerts"), []);
    assert_eq!(due(&store, 10).await, []);
    assert_eq!(told_actions(&store).await, []);
}

pub(crate) async fn resolution_goes_where_the_alert_went(place: &dyn Place) {
    let store = place.open().await;
    let fired = fire(&store, &[finding("low", "acme", &["ops", "mail"]), finding("low", "beta", &[])], 1).await.fired;
    let begun = due(&store, 1).await;
    assert_eq!(told(&begun), [(1, "fired", "ops".to_owned()), (1, "fired", "mail".to_owned())]);
    assert_eq!(due(&store, 0).await, [], "not before it came about");
    // One channel takes it, the other one later.
    send(&store, &begun[0], 1).await;
    assert!(begin_attempt(&store, &begun[1], 0, 50).await);
    for alert in fired {
        resolve(&store, alert.id, 2).await;
    }
    assert_eq!(told(&due(&store, 2).await), [(1, "resolved", "ops".to_owned())], "first that it began");
    let then = due(&store, 50).await;
    assert_eq!(
        told(&then),
        [(1, "fired", "mail".to_owned()), (1, "resolved", "ops".to_owned()), (1, "resolved", "mail".to_owned())]
    );
    assert_eq!(told(&store.due_deliveries(at(50), 1).await.expect("deliveries")), [(1, "fired", "mail".to_owned())]);
}

pub(crate) async fn attempt_is_counted_before_it_is_made(place: &dyn Place) {
    let store = place.open().await;
    fire(&store, &[finding("low", "acme", &["ops"])], 1).await;
    let first = due(&store, 1).await.remove(0);
    assert_eq!(first.attempts, 0);
    assert!(begin_attempt(&store, &first, 0, 60).await);
    // Whoever was sending died: another process finds it later, under the same id.
    let reader = place.open().await;
    assert_eq!(due(&reader, 59).await, []);
    let again = due(&reader, 60).await.remove(0);
    assert_eq!((again.attempts, &again.notice), (1, &first.notice));
    assert!(begin_attempt(&store, &first, 1, 100).await);
    assert!(update(&store, &first, 2, DeliveryUpdate::Retry(at(500), "503".into())).await);
    assert_eq!(due(&store, 499).await, []);
    let delivery = store.alerts(false, 1).await.expect("alerts").remove(0).deliveries.remove(0);
    assert_eq!((delivery.state, delivery.attempts, delivery.next), (DeliveryState::Due, 2, at(500)));
    assert_eq!((delivery.event, delivery.sent, delivery.error.as_deref()), (DeliveryEvent::Fired, None, Some("503")));
}

pub(crate) async fn sent_delivery_is_never_due_again(place: &dyn Place) {
    let store = place.open().await;
    fire(&store, &[finding("low", "acme", &["ops"]), finding("low", "beta", &["ops"])], 1).await;
    let both = due(&store, 1).await;
    send(&store, &both[0], 2).await;
    assert!(begin_attempt(&store, &both[1], 0, 9).await);
    assert!(update(&store, &both[1], 1, DeliveryUpdate::GivenUp("404".into())).await);
    for delivery in &both {
        assert!(!begin_attempt(&store, delivery, 1, 3).await);
        assert!(!update(&store, delivery, 1, DeliveryUpdate::Retry(at(3), "late".into())).await);
    }
    assert_eq!(due(&store, 1_000_000).await, []);
    let states: Vec<_> =
        store.alerts(true, 10).await.expect("alerts").into_iter().map(|it| it.deliveries[0].clone()).collect();
    assert_eq!((states[1].state, states[1].sent), (DeliveryState::Sent, Some(at(2))));
    assert_eq!((states[0].state, states[0].error.as_deref()), (DeliveryState::GivenUp, Some("404")));
}

pub(crate) async fn one_of_two_stores_begins_an_attempt(place: &dyn Place) {
    let (first, second) = (place.open().await, place.open().await);
    fire(&first, &[finding("low", "acme", &["ops"])], 1).await;
    let (mine, theirs) = (due(&first, 1).await.remove(0), due(&second, 1).await.remove(0));
    let begin = |store, delivery| begin_attempt(store, delivery, 0, 60);
    let (one, other) = tokio::join!(begin(&first, &mine), begin(&second, &theirs));
    assert_ne!(one, other, "exactly one sends");
    // The one that lost neither ends the attempt nor counts another.
    let stale = |change| update(&second, &theirs, 0, change);
    assert!(!stale(DeliveryUpdate::Begin { next: at(90) }).await);
    assert!(!stale(DeliveryUpdate::Sent(at(2))).await);
    assert!(!stale(DeliveryUpdate::Retry(at(2), "503".into())).await);
    assert!(!stale(DeliveryUpdate::GivenUp("404".into())).await);
    let delivery = first.alerts(false, 1).await.expect("alerts").remove(0).deliveries.remove(0);
    assert_eq!((delivery.state, delivery.attempts, delivery.next), (DeliveryState::Due, 1, at(60)));
    assert!(update(&first, &mine, 1, DeliveryUpdate::Sent(at(2))).await);
}

pub(crate) async fn acknowledgement_keeps_the_alert_open(place: &dyn Place) {
    let store = place.open().await;
    let id = fire(&store, &[finding("low", "acme", &[])], 1).await.fired[0].id;
    let acknowledged = async || {
        let mut open = place.open().await.alerts(false, 10).await.expect("alerts");
        open.remove(0).alert.acknowledged.expect("acknowledged")
    };
    assert_eq!(acknowledge(&store, 2, id, Some("called them")).await, Some(1));
    let first = acknowledged().await;
    assert_eq!((first.at, first.by.as_str(), first.note.as_deref()), (at(2), "anna@here", Some("called them")));
    assert_eq!(acknowledge(&store, 3, id, None).await, Some(1));
    let second = acknowledged().await;
    assert_eq!((second.at, second.note), (at(3), None));
    assert_eq!(acknowledge(&store, 3, AlertId(77), None).await, None);
    let actions: Vec<String> = told_actions(&store).await.into_iter().map(|(action, _)| action).collect();
    assert_eq!(actions, ["alert-fired", "alert-acknowledged", "alert-acknowledged"]);
}

pub(crate) async fn erasure_deletes_alerts_of_the_client(place: &dyn Place) {
    let store = place.open().await;
    let mut near = finding("mapping", "beta", &["ops"]);
    near.message = "beta: perhaps acme, Inc. is the one".into();
    let mut lost = finding("connection", "beta", &["ops"]);
    lost.target = Target { provider: Some(ProviderName::new("crewhu").expect("a name")), ..Target::default() };
    lost.key = lost.target.key(&lost.rule);
    lost.message = "crewhu: it is down".into();
    fire(&store, &[finding("low", "acme", &["ops"]), near, lost], 1).await;
    acknowledge(&store, 1, AlertId(3), Some("acme complained")).await;
    let erased = erase(&store, &erasure("acme", &[])).await;
    assert_eq!((erased.alerts, erased.audit_details), (1, 3), "two that were fired, and a note");
    let left = store.alerts(true, 10).await.expect("alerts");
    let messages: Vec<&str> = left.iter().map(|record| record.alert.message.as_str()).collect();
    assert_eq!(messages, ["crewhu: it is down", "(erased)"]);
    let note = left[0].alert.acknowledged.as_ref().and_then(|seen| seen.note.as_deref());
    assert_eq!(note, Some("(erased)"));
    assert_eq!(due(&store, 10).await.len(), 2, "what was to be told of it is not");
    assert_eq!(store.verify_audit().await.expect("a verdict").broken, None);
}

pub(crate) async fn each_event_has_its_own_notice_id(place: &dyn Place) {
    let store = place.open().await;
    let id = fire(&store, &[finding("low", "acme", &["ops", "mail"])], 1).await.fired[0].id;
    resolve(&store, id, 2).await;
    let first: Vec<String> = due(&store, 2).await.into_iter().map(|it| it.notice).collect();
    assert!(first[0].starts_with("scoresheet-alert-1-fired-") && first[2].starts_with("scoresheet-alert-1-resolved-"));
    assert_eq!((&first[0], &first[2]), (&first[1], &first[3]), "one event, whatever the channel");
    // The number of an erased one is given again, the id is not.
    erase(&store, &erasure("acme", &[])).await;
    let again = fire(&store, &[finding("low", "beta", &["ops"])], 3).await.fired[0].id;
    assert_eq!(again, id);
    assert_ne!(due(&store, 3).await[0].notice, first[0]);
}
