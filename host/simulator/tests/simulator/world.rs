//! Generated worlds and worlds made by hand: the same for ever, as realistic as asked for, and true.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use scoresheet_simulator::{
    Meaning, Reason, ResponseType, Row, SimClient, Tie, World, WorldOptions, data::PERSONAL_DATA_MARK,
};
use serde_json::{Value, json};

const ALL: &[ResponseType] = &ResponseType::ALL;

fn time(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

fn client(id: &str, name: &str) -> SimClient {
    SimClient { id: id.into(), name: name.into(), active: true }
}

fn until() -> DateTime<Utc> {
    time("2026-11-01T00:00:00Z")
}

fn dirty() -> WorldOptions {
    WorldOptions { seed: 7, clients: 45, dirty_share: 0.25, ..WorldOptions::new(until()) }
}

fn text(world: &World) -> String {
    world.responses().iter().map(|row| format!("{}\n", row.json())).collect()
}

#[test]
fn the_same_options_give_the_same_bytes() {
    let (one, two) = (World::generate(dirty()), World::generate(dirty()));
    assert_eq!(one, two);
    assert_eq!(text(&one), text(&two));
    assert_eq!(one.roster_csv(), two.roster_csv());
    assert_ne!(text(&one), text(&World::generate(WorldOptions { seed: 8, ..dirty() })));
}

#[test]
fn one_more_client_changes_no_other_client() {
    let world = |clients| World::generate(WorldOptions { clients, dirty_share: 0.0, ..dirty() });
    let (few, many) = (world(44), world(45));
    assert_eq!(few.clients(), &many.clients()[..44]);
    for client in few.clients() {
        let ratings = |world: &World| world.expected(&client.id, DateTime::UNIX_EPOCH, until(), ALL).ratings;
        assert_eq!(ratings(&few), ratings(&many), "{}", client.name);
    }
}

#[test]
fn a_clean_world_is_clean_and_of_the_size_asked_for() {
    let world = World::generate(WorldOptions { dirty_share: 0.0, ..dirty() });
    let from = until() - TimeDelta::days(400);
    for row in world.responses() {
        assert!(matches!(row.meaning(), Meaning::Rating { .. }), "{}", row.json());
        assert!(row.at().is_some_and(|at| from <= at && at < until()), "{}", row.json());
        let wire: Value = serde_json::from_str(row.json()).expect("JSON");
        let fields: Vec<&String> = wire.as_object().expect("an object").keys().collect();
        assert_eq!(fields, ["id", "client_id", "client_name", "score", "type", "responded_at", "status"]);
    }
    // 45 clients with 8 answers in 30 days over 400 days, less those who are silent, left or paused.
    let per_client = world.responses().len() as f64 / 45.0 / (400.0 / 30.0);
    assert!((6.0..9.0).contains(&per_client), "{per_client}");
}

#[test]
fn every_kind_of_client_occurs() {
    let world = World::generate(dirty());
    let expected = |id: &str, days_ago: i64| {
        let end = until() - TimeDelta::days(days_ago);
        world.expected(id, end - TimeDelta::days(30), end, ALL)
    };
    let silent = |id: &str, from: i64, to: i64| (from..to).step_by(30).all(|day| expected(id, day).ratings.is_empty());
    let ids: Vec<&str> = world.clients().iter().map(|client| client.id.as_str()).collect();

    assert!(world.clients().iter().any(|client| !client.active), "an inactive one");
    assert!(ids.iter().any(|id| silent(id, 0, 400)), "one without any answer");
    assert!(ids.iter().any(|id| silent(id, 0, 90) && !silent(id, 150, 400)), "one that fell silent");
    assert!(ids.iter().any(|id| silent(id, 100, 200) && !silent(id, 0, 60)), "one with a gap");
    let change = |id: &&str| Some(expected(id, 0).mean()? - expected(id, 90).mean()?);
    assert!(ids.iter().filter_map(change).any(|change| change < -1.0), "one that declines");
    assert!(ids.iter().filter_map(change).any(|change| change > 1.0), "one that improves");

    let ties: BTreeSet<Tie> = world.roster().iter().map(|client| client.tie).collect();
    assert_eq!(ties.len(), 5, "every way to spell a client");
    assert!(world.roster().iter().any(|client| client.source_id.is_none()), "one that only the roster has");
    let known: BTreeSet<&str> = world.roster().iter().filter_map(|client| client.source_id.as_deref()).collect();
    assert_eq!(world.clients().len() - known.len(), 1, "one that only the source has");
}

#[test]
fn ids_and_names_are_unique() {
    let world = World::generate(WorldOptions { clients: 2000, days: 0, ..dirty() });
    let unique = |texts: Vec<&String>| assert_eq!(texts.iter().collect::<BTreeSet<_>>().len(), texts.len());
    unique(world.clients().iter().map(|client| &client.id).collect());
    unique(world.clients().iter().map(|client| &client.name).collect());
    unique(world.roster().iter().map(|client| &client.id).collect());
    unique(world.roster().iter().map(|client| &client.name).collect());
    assert_eq!(world.responses().len(), 0);
}

#[test]
fn the_roster_reads_as_csv() {
    let world = World::generate(WorldOptions { clients: 12, ..dirty() });
    let csv = world.roster_csv();
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("id,name,type,active,domain,aliases,seats"));
    assert_eq!(
        lines.next(),
        Some("kessler-whitman-roe,\"Kessler, Whitman & Roe\",legal,true,kessler-whitman-roe.example,,38")
    );
    assert_eq!(lines.count(), 12, "twelve of the source's, and one of its own");
}

#[test]
fn a_dirty_world_has_every_reason_and_tells_the_truth_about_each_row() {
    let world = World::generate(dirty());
    let labelled = world.responses().iter().filter(|row| !row.superseded());
    let mut by_owner: BTreeMap<&str, (Vec<f64>, u64)> = BTreeMap::new();
    let mut reasons = BTreeSet::new();
    let mut nobody = 0;
    for row in labelled {
        match (row.meaning(), row.owner()) {
            (Meaning::Rating { score, .. }, Some(owner)) => by_owner.entry(owner).or_default().0.push(score),
            (Meaning::Rejected(reason), owner) => {
                reasons.insert(reason);
                match owner {
                    Some(owner) => by_owner.entry(owner).or_default().1 += 1,
                    None => nobody += 1,
                }
            }
            (Meaning::Rating { .. }, None) => panic!("a rating of nobody: {}", row.json()),
        }
    }
    assert_eq!(reasons.len(), 9);
    let standing = |former: &Row| {
        world.responses().iter().find(|row| row.id() == former.id() && !row.superseded()).expect("one stands").meaning()
    };
    let (mut same, mut edited, mut withdrawn) = (0, 0, 0);
    for former in world.responses().iter().filter(|row| row.superseded()) {
        match standing(former) {
            now if now == former.meaning() => same += 1,
            Meaning::Rating { .. } => edited += 1,
            Meaning::Rejected(_) => withdrawn += 1,
        }
    }
    assert!(same > 0 && edited > 0 && withdrawn > 0, "{same} twice, {edited} edited, {withdrawn} withdrawn");
    let from = DateTime::UNIX_EPOCH;
    for (owner, (ratings, rejected)) in by_owner {
        let expected = world.expected(owner, from, until(), ALL);
        assert_eq!(expected.ratings, ratings, "{owner}");
        assert_eq!(expected.rejected.values().sum::<u64>(), rejected, "{owner}");
    }
    assert_eq!(world.rejected_without_client(from, until()).values().sum::<u64>(), nobody);
    assert!(nobody > 0);
}

/// Labels are checked once against an independent reading of the wire, so that neither can be wrong alone.
#[test]
fn labels_agree_with_the_api_as_documented() {
    let world = World::generate(dirty());
    for row in world.responses() {
        let wire: Value = serde_json::from_str(row.json()).expect("JSON");
        assert_eq!(row.meaning(), reading(&wire), "{}", row.json());
    }
}

/// The rules of the API's description, in their order, over untyped JSON.
fn reading(row: &Value) -> Meaning {
    let says = |field: &str| !row[field].is_null();
    let at = row["responded_at"].as_str().and_then(|text| {
        let text = if text.ends_with('Z') || text.contains('+') { text.to_owned() } else { format!("{text}Z") };
        DateTime::parse_from_rfc3339(&text).ok()
    });
    let about = ALL.iter().find(|about| row["type"].as_str().unwrap_or("overall") == about.as_str());
    let score = match &row["score"] {
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse().ok().or(Some(f64::NAN)),
        _ => Some(f64::NAN),
    };
    let reason = match (at, about, row["status"].as_str().unwrap_or("completed"), score) {
        _ if !says("id") => Reason::NoId,
        _ if !says("client_id") && !says("client_name") => Reason::NoClient,
        (None, ..) => Reason::NoTime,
        (Some(at), ..) if at > until() => Reason::Future,
        (_, None, ..) => Reason::UnknownType,
        (_, _, "incomplete", _) => Reason::Incomplete,
        (_, Some(about), "completed", Some(score)) if (1.0..=5.0).contains(&score) => {
            return Meaning::Rating { about: *about, score };
        }
        (_, _, "completed", None) => Reason::ScoreMissing,
        (_, _, "completed", Some(_)) => Reason::ScoreOutOfRange,
        _ => Reason::InvalidStatus,
    };
    Meaning::Rejected(reason)
}

#[test]
fn personal_data_stand_in_dirty_worlds_alone() {
    assert!(text(&World::generate(dirty())).contains(PERSONAL_DATA_MARK));
    assert!(!text(&World::generate(WorldOptions { dirty_share: 0.0, ..dirty() })).contains(PERSONAL_DATA_MARK));
}

#[test]
fn expected_counts_a_world_made_by_hand() {
    let at = |day: u32| time(&format!("2026-10-{day:02}T12:00:00Z"));
    let world = World::from_parts(
        vec![client("c-1", "Acme"), client("c-2", "Brandt")],
        vec![
            Row::rating("r-1", "c-1", at(1), 5.0),
            Row::rating("r-2", "c-1", at(2), 2.0).about(ResponseType::Timeliness),
            Row::rating("r-3", "c-1", at(3), 4.0).scored("4.5", 4.5),
            // Edited later, withdrawn later: the later row of an id stands.
            Row::rating("r-4", "c-1", at(4), 1.0),
            Row::rating("r-4", "c-1", at(4), 3.0),
            Row::rating("r-5", "c-1", at(5), 1.0),
            Row::rating("r-5", "c-1", at(5), 1.0).with("status", "invalid").rejected(Reason::InvalidStatus),
            // On the bounds of the window: the first belongs to it, the second does not.
            Row::rating("r-6", "c-1", time("2026-10-01T00:00:00Z"), 5.0),
            Row::rating("r-7", "c-1", time("2026-10-06T00:00:00Z"), 1.0),
            Row::rating("r-8", "c-1", at(3), 1.0).with("responded_at", json!(null)).untimed().rejected(Reason::NoTime),
            Row::rating("r-9", "c-2", at(3), 1.0),
            Row::rating("r-10", "c-2", at(3), 1.0).without("client_id").owned_by(None).rejected(Reason::NoClient),
        ],
    );
    let (from, until) = (time("2026-10-01T00:00:00Z"), time("2026-10-06T00:00:00Z"));
    let acme = world.expected("c-1", from, until, ALL);
    assert_eq!(acme.ratings, [5.0, 5.0, 2.0, 4.5, 3.0]);
    assert_eq!(acme.rejected, BTreeMap::from([("invalid-status", 1), ("no-time", 1)]));
    assert_eq!(acme.timeless, BTreeMap::from([("no-time", 1)]));
    assert_eq!((acme.mean(), acme.guide_score()), (Some(3.9), Some(4.0)));

    let overall = world.expected("c-1", from, until, &[ResponseType::Overall]);
    assert_eq!(overall.ratings, [5.0, 5.0, 4.5, 3.0]);
    assert_eq!(overall.rejected, acme.rejected);

    let later = world.expected("c-1", until, time("2027-01-01T00:00:00Z"), ALL);
    assert_eq!((later.ratings, later.rejected), (vec![1.0], BTreeMap::from([("no-time", 1)])));
    assert_eq!(world.rejected_without_client(from, until), BTreeMap::from([("no-client", 1)]));
    assert_eq!(world.expected("c-9", from, until, ALL).guide_score(), None);
}
