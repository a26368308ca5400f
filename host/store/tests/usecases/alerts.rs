//! Alerts from the sheet to the courier: fired once, told once, resolved once, and tried again where a channel fails.

use scoresheet_domain::{
    ChannelName, Failure, Instant, RuleId,
    alert::{AlertId, Condition, Connection, DeliveryEvent, DeliveryState, Filter, Floor, FloorOf, Rule},
};
use scoresheet_engine::{DeliveryError, Engine, EngineError, FakeCourier};

use crate::fake::*;

/// Everybody has a 4.
fn low() -> Rule {
    rule("low", Condition::Floor(Floor { of: FloorOf::Metrics, at: 4.0, clears_above: 4.0 }), &["ops"])
}

fn rule(id: &str, condition: Condition, channels: &[&str]) -> Rule {
    Rule {
        id: RuleId::new(id).expect("an id"),
        condition,
        filter: Filter::default(),
        channels: channels.iter().map(|name| ChannelName::new(*name).expect("a name")).collect(),
    }
}

/// How many are fired and resolved, and how many are open then.
async fn check(engine: &Engine, rules: &[Rule], now: i64) -> (usize, usize, usize) {
    let report = engine.alert(&sheet(engine, now).await, rules, day(now)).await.expect("a report");
    (report.fired.len(), report.resolved.len(), report.open)
}

fn later(why: &str) -> Option<DeliveryError> {
    Some(DeliveryError::Later { why: why.into(), after_secs: None })
}

fn minutes(from: i64, minutes: i64) -> Instant {
    day(from).plus_millis(minutes * 60_000)
}

#[tokio::test]
async fn each_is_fired_once_told_once_and_resolved_once() {
    let world = World::new();
    let engine = world.imported().await;
    sync(&engine, 1_000).await;
    let (rules, courier) = ([low()], FakeCourier::default());
    assert_eq!(check(&engine, &rules, 1_000).await, (2, 0, 2));
    assert_eq!(check(&engine, &rules, 1_000).await, (0, 0, 2), "no news");
    let report = engine.deliver_due(&courier, day(1_000)).await.expect("a report");
    assert_eq!((report.sent, report.problems, report.waiting), (2, vec![], 0));
    let told = courier.take();
    assert_eq!(told[0].message, "Acme: Satisfaction is 4, at or under the floor of 4");
    assert_eq!((told[0].sheet.as_str(), told[0].channel.as_str(), told[0].resolved.clone()), ("Sheet", "ops", None));
    assert_eq!(engine.deliver_due(&courier, day(1_001)).await.expect("a report").sent, 0);
    assert_eq!(courier.take(), []);

    // With another floor they stand above it: over, and told once.
    let higher =
        [Rule { condition: Condition::Floor(Floor { of: FloorOf::Metrics, at: 1.0, clears_above: 1.0 }), ..low() }];
    assert_eq!(check(&engine, &higher, 1_000).await, (0, 2, 0));
    assert_eq!(check(&engine, &higher, 1_000).await, (0, 0, 0));
    engine.deliver_due(&courier, day(1_001)).await.expect("a report");
    let over: Vec<_> = courier.take().into_iter().map(|notice| (notice.event, notice.resolved)).collect();
    let words = "Acme: Satisfaction is 4, above the floor of 1".to_owned();
    assert_eq!(over[0], (DeliveryEvent::Resolved, Some((day(1_000), words))));
    assert_eq!(over.len(), 2);
    assert_eq!(engine.alerts(false).await.expect("alerts"), []);
    assert_eq!(engine.alerts(true).await.expect("alerts").len(), 2);
    let told: Vec<String> = actions(&world).await.into_iter().filter(|action| action.starts_with("alert")).collect();
    assert_eq!(told, ["alert-fired", "alert-fired", "alert-resolved", "alert-resolved"]);
}

#[tokio::test]
async fn a_channel_that_is_down_costs_one_try_and_stands_in_no_others_way() {
    let world = World::new();
    let engine = world.imported().await;
    sync(&engine, 1_000).await;
    let courier = FakeCourier::default();
    check(&engine, &[low()], 1_000).await;
    courier.refuse(later("503"));
    let report = engine.deliver_due(&courier, day(1_000)).await.expect("a report");
    assert_eq!((report.sent, report.waiting, courier.take().len()), (0, 1, 1));
    let problem = &report.problems[0];
    assert_eq!((problem.why.as_str(), problem.again), ("503", Some(minutes(1_000, 1))));
    // The one that waited is due, the one that failed is not yet; both are told in the end, each once.
    courier.refuse(None);
    assert_eq!(engine.deliver_due(&courier, day(1_000)).await.expect("a report").sent, 1);
    assert_eq!(engine.deliver_due(&courier, minutes(1_000, 1)).await.expect("a report").sent, 1);
    let ids: Vec<i64> = courier.take().into_iter().map(|notice| notice.alert.0).collect();
    assert_eq!(ids, [2, 1]);
}

#[tokio::test]
async fn a_channel_that_takes_so_many_at_a_time_is_waited_for() {
    let world = World::new();
    let engine = world.imported().await;
    sync(&engine, 1_000).await;
    let courier = FakeCourier::default();
    check(&engine, &[low()], 1_000).await;
    let asked = |secs| DeliveryError::Later { why: "429".into(), after_secs: Some(secs) };
    courier.refuse_once(asked(0));
    let report = engine.deliver_due(&courier, day(1_000)).await.expect("a report");
    assert_eq!((report.sent, report.problems, courier.take().len()), (2, vec![], 3));
    let tries: Vec<u32> =
        engine.alerts(true).await.expect("alerts").iter().map(|it| it.deliveries[0].attempts).collect();
    assert_eq!(tries, [1, 2], "each try counts");

    // For longer than a while nobody waits.
    check(&engine, &[rule("other", low().condition, &["ops"])], 1_000).await;
    courier.refuse_once(asked(600));
    let report = engine.deliver_due(&courier, day(1_000)).await.expect("a report");
    assert_eq!(report.problems[0].again, Some(minutes(1_000, 10)));
}

#[tokio::test]
async fn tries_end_and_what_is_refused_for_good_is_not_tried_again() {
    let world = World::new();
    let engine = world.imported().await;
    sync(&engine, 1_000).await;
    let courier = FakeCourier::default();
    let failing = |name: &str| rule(name, Condition::Connection(Connection), &["ops"]);
    world.change(|source| source.fails = Some((0, Failure::Unauthorized("401".into()))));
    sync(&engine, 1_001).await;
    check(&engine, &[failing("connection")], 1_001).await;
    courier.refuse(later("no route"));
    let mut now = day(1_001);
    let mut waits = Vec::new();
    while let Some(problem) = engine.deliver_due(&courier, now).await.expect("a report").problems.pop() {
        let Some(again) = problem.again else { break };
        waits.push((again.millis() - now.millis()) / 60_000);
        now = again;
    }
    assert_eq!(waits, [1, 5, 30, 120, 720, 720, 720]);
    let tried = courier.take();
    assert!(tried.len() == 8 && tried.iter().all(|notice| notice.id == tried[0].id), "one id for every try");
    let delivery = engine.alerts(true).await.expect("alerts").remove(0).deliveries.remove(0);
    assert_eq!((delivery.state, delivery.attempts), (DeliveryState::GivenUp, 8));

    courier.refuse(Some(DeliveryError::Never("404".into())));
    check(&engine, &[failing("connection"), failing("another")], 1_001).await;
    let report = engine.deliver_due(&courier, day(1_001)).await.expect("a report");
    assert_eq!((report.problems.len(), report.problems[0].again), (1, None));
    assert_eq!(engine.deliver_due(&courier, day(1_100)).await.expect("a report").problems, []);
}

#[tokio::test]
async fn an_outage_resolves_nothing_about_scores() {
    let world = World::new();
    let engine = world.imported().await;
    sync(&engine, 1_000).await;
    let higher =
        Rule { condition: Condition::Floor(Floor { of: FloorOf::Metrics, at: 4.0, clears_above: 1.0 }), ..low() };
    assert_eq!(check(&engine, std::slice::from_ref(&higher), 1_000).await.0, 2);
    world.change(|source| source.fails = Some((0, Failure::Unavailable("it is down".into()))));
    sync(&engine, 1_005).await;
    let stale = sheet(&engine, 1_005).await;
    assert!(cell(&stale, "acme").stale);
    let raised =
        [Rule { condition: Condition::Floor(Floor { of: FloorOf::Metrics, at: 1.0, clears_above: 1.0 }), ..low() }];
    assert_eq!(check(&engine, &raised, 1_005).await, (0, 0, 2), "the figures are stale");
    world.change(|source| source.fails = None);
    sync(&engine, 1_005).await;
    assert_eq!(check(&engine, &raised, 1_005).await, (0, 2, 0));
}

#[tokio::test]
async fn a_person_acknowledges_in_one_line() {
    let world = World::new();
    let engine = world.imported().await;
    sync(&engine, 1_000).await;
    check(&engine, &[low()], 1_000).await;
    let seen = engine.acknowledge(AlertId(1), Some(" called\n them "), day(1_000)).await.expect("kept").acknowledged;
    let seen = seen.expect("seen");
    assert_eq!((seen.by.as_str(), seen.note.as_deref()), ("anna@here", Some("called them")));
    let error = engine.acknowledge(AlertId(9), None, day(1_000)).await.expect_err("there is none");
    assert!(matches!(error, EngineError::UnknownAlert(AlertId(9))), "{error}");
    assert_eq!(check(&engine, &[low()], 1_000).await, (0, 0, 2), "it is open as it was");
}
