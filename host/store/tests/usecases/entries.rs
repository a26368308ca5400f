//! What persons enter, as the use cases know it: what is refused and in which words, what counts, and that no sync
//! takes it away.

use scoresheet_domain::{Client, EntryKind, EntryState, Instant};
use scoresheet_engine::{
    Attribution, Engine, EngineError, EntryRefusal, NewOverride, NewScore, SyncLock, SyncRequest,
    definition::RetentionPolicy, definition::RosterSource,
};
use tokio_util::sync::CancellationToken;

use crate::fake::*;

fn over(client: &str, score: f64) -> NewOverride {
    NewOverride {
        client: client.to_owned(),
        metric: "satisfaction".to_owned(),
        score,
        reason: "they told us".to_owned(),
        from: None,
        until: None,
    }
}

fn by_hand(client: &str, score: f64) -> NewScore {
    NewScore { client: client.to_owned(), metric: "gut".to_owned(), score, note: None, at: None }
}

/// Acme, Beta and Gone, who is inactive; a metric of the provider's and a manual one.
async fn engine(world: &World) -> Engine {
    let gone = Client { active: false, ..client("gone", "Gone") };
    world.engine(RosterSource::Given(vec![client("acme", "Acme"), client("beta", "Beta"), gone])).await
}

/// Another process that writes.
fn lock_of_another() -> SyncLock {
    let by = Attribution { actor: "carol@elsewhere".into(), at: day(1_000) };
    SyncLock { provider: provider(), instance: "another".into(), by }
}

async fn listed(engine: &Engine, all: bool, now: i64) -> Vec<(String, EntryKind, f64, EntryState)> {
    let entries = engine.entries(None, all, day(now)).await.expect("entries");
    entries.into_iter().map(|e| (e.entry.client.to_string(), e.entry.kind, e.entry.score, e.state)).collect()
}

#[tokio::test]
async fn are_kept_with_author_time_and_reason() {
    let world = World::new();
    let engine = engine(&world).await;
    let given = NewOverride {
        reason: "  a word \u{e4}nd a half ".to_owned(),
        from: Some(day(980)),
        until: Some(day(1_100)),
        ..over("acme", 2.5)
    };
    let entry = engine.override_score(&given, day(1_000)).await.expect("entered");
    assert_eq!((entry.client.as_str(), entry.metric.as_str()), ("acme", "satisfaction"));
    assert_eq!((entry.kind, entry.score, entry.author.as_str()), (EntryKind::Override, 2.5, "anna"));
    assert_eq!(entry.reason.as_deref(), Some("a word \u{e4}nd a half"), "without the space around it");
    assert_eq!((entry.at, entry.from, entry.until), (day(1_000), day(980), Some(day(1_100))));
    let plain = engine.override_score(&over("beta", 5.0), day(1_001)).await.expect("entered");
    assert_eq!((plain.from, plain.until), (day(1_001), None), "from now on, until it is taken back");

    let manual = NewScore { note: Some("met them".into()), at: Some(day(990)), ..by_hand("acme", 3.5) };
    let manual = engine.enter_score(&manual, day(1_000)).await.expect("entered");
    assert_eq!((manual.kind, manual.at, manual.from, manual.until), (EntryKind::Manual, day(1_000), day(990), None));
    assert_eq!(manual.reason.as_deref(), Some("met them"));
    let blank = NewScore { note: Some("  ".into()), ..by_hand("beta", 1.0) };
    assert_eq!(engine.enter_score(&blank, day(1_000)).await.expect("entered").reason, None);
    assert_eq!(world.store().await.entries(true).await.expect("entries").len(), 4);
    assert_eq!(actions(&world).await, ["override-set", "override-set", "score-entered", "score-entered"]);
}

#[tokio::test]
async fn what_cannot_be_entered_is_refused_in_words() {
    let world = World::new();
    let engine = engine(&world).await;
    let long = "\u{e4}".repeat(501);
    let reason = |text: &str| NewOverride { reason: text.to_owned(), ..over("acme", 3.0) };
    let metric = |id: &str| NewOverride { metric: id.to_owned(), ..over("acme", 3.0) };
    let times = |from: Option<i64>, until: i64| NewOverride {
        from: from.map(day),
        until: Some(day(until)),
        ..over("acme", 3.0)
    };
    let now = day(1_000);
    for (new, told) in [
        (over("acmee", 3.0), "there is no client 'acmee'; did you mean 'acme'?"),
        (over("gone", 3.0), "client 'gone' is inactive in the roster, so it stands on no sheet"),
        (metric("satisfactoin"), "there is no metric 'satisfactoin' on the sheet; did you mean 'satisfaction'?"),
        (metric("invoices"), "there is no metric 'invoices' on the sheet, which has: satisfaction, gut"),
        (
            metric("gut"),
            "metric 'gut' is entered by hand, so there is no computed score to override: enter it with 'scoresheet manual'",
        ),
        (over("acme", 0.999), "0.999 is no score: give a number from 1 to 5, for example 3.5"),
        (over("acme", 5.1), "5.1 is no score: give a number from 1 to 5, for example 3.5"),
        (over("acme", f64::NAN), "NaN is no score: give a number from 1 to 5, for example 3.5"),
        (over("acme", f64::INFINITY), "inf is no score: give a number from 1 to 5, for example 3.5"),
        (reason(" "), "an override needs a reason: say in a few words why the computed score does not hold"),
        (reason(&long), "the reason is 501 characters long: write 500 at most"),
        (reason("a\nb"), "the reason holds a control character, such as a line break or a tab: write it on one line"),
        (
            times(None, 1_000),
            "an override from 1972-09-27T00:00:00Z cannot end at 1972-09-27T00:00:00Z: let it end later, or begin earlier",
        ),
        (
            times(Some(1_010), 1_005),
            "an override from 1972-10-07T00:00:00Z cannot end at 1972-10-02T00:00:00Z: let it end later, or begin earlier",
        ),
    ] {
        assert_eq!(engine.override_score(&new, now).await.expect_err("refused").to_string(), told);
    }
    let note = |text: &str| NewScore { note: Some(text.to_owned()), ..by_hand("acme", 3.0) };
    let metric = |id: &str| NewScore { metric: id.to_owned(), ..by_hand("acme", 3.0) };
    let at = |at: Instant| NewScore { at: Some(at), ..by_hand("acme", 3.0) };
    for (new, told) in [
        (by_hand("nobody", 3.0), "there is no client 'nobody'; 'scoresheet clients list' shows them"),
        (by_hand("gone", 3.0), "client 'gone' is inactive in the roster, so it stands on no sheet"),
        (metric("guts"), "there is no metric 'guts' on the sheet; did you mean 'gut'?"),
        (
            metric("satisfaction"),
            "the score of metric 'satisfaction' comes from fake, so it is not entered by hand: put one over it with \
             'scoresheet override', which keeps the computed one beside yours",
        ),
        (by_hand("acme", 0.0), "0 is no score: give a number from 1 to 5, for example 3.5"),
        (note(&long), "the note is 501 characters long: write 500 at most"),
        (note("a\tb"), "the note holds a control character, such as a line break or a tab: write it on one line"),
        (
            at(now.plus_millis(1)),
            "a score cannot be entered for 1972-09-27T00:00:00.001Z, which has not come: it is 1972-09-27T00:00:00Z now",
        ),
    ] {
        assert_eq!(engine.enter_score(&new, now).await.expect_err("refused").to_string(), told);
    }
    assert_eq!(world.store().await.entries(true).await.expect("entries"), []);
    assert_eq!(actions(&world).await, [""; 0], "nothing was written");

    // What lies just within.
    engine.override_score(&reason(&"x".repeat(500)), now).await.expect("500 characters");
    engine.override_score(&times(Some(2_000), 2_001), now).await.expect("one that begins later");
    engine.override_score(&times(Some(10), 20), now).await.expect("one of a past time");
    for score in [1.0, 5.0] {
        engine.enter_score(&by_hand("acme", score), now).await.expect("the ends of the scale");
    }
    engine.enter_score(&at(now), now).await.expect("of just now");
}

#[tokio::test]
async fn which_counts_is_told_and_what_is_past_only_where_it_is_asked_for() {
    use EntryKind::{Manual, Override};
    use EntryState::{Cleared, Current, Ended, Later, Superseded};
    let world = World::new();
    let engine = engine(&world).await;
    let at = |score: f64, from: i64, until: Option<i64>| NewOverride {
        from: Some(day(from)),
        until: until.map(day),
        ..over("acme", score)
    };
    engine.override_score(&over("beta", 1.5), day(900)).await.expect("entered");
    for new in [at(1.0, 900, None), at(2.0, 950, Some(1_010)), at(3.0, 960, Some(990)), at(4.0, 1_020, None)] {
        engine.override_score(&new, day(1_000)).await.expect("entered");
    }
    engine.enter_score(&by_hand("acme", 5.0), day(1_000)).await.expect("entered");
    let acme = |kind, score, state| ("acme".to_owned(), kind, score, state);
    let beta = |state| ("beta".to_owned(), Override, 1.5, state);
    let gut = acme(Manual, 5.0, Current);
    assert_eq!(
        listed(&engine, false, 1_000).await,
        [
            gut.clone(),
            acme(Override, 1.0, Superseded),
            acme(Override, 2.0, Current),
            acme(Override, 4.0, Later),
            beta(Current),
        ]
    );
    // When the second has ended, the first counts again.
    assert_eq!(
        listed(&engine, false, 1_015).await,
        [gut.clone(), acme(Override, 1.0, Current), acme(Override, 4.0, Later), beta(Current)]
    );
    assert_eq!(engine.clear_override("beta", "satisfaction", day(1_020)).await.expect("cleared"), 1);
    assert_eq!(
        listed(&engine, true, 1_020).await,
        [
            gut.clone(),
            acme(Override, 1.0, Superseded),
            acme(Override, 2.0, Ended),
            acme(Override, 3.0, Ended),
            acme(Override, 4.0, Current),
            beta(Cleared),
        ]
    );
    let manual = engine.entries(Some(Manual), true, day(1_020)).await.expect("entries");
    assert_eq!(manual.iter().map(|listed| listed.entry.score).collect::<Vec<_>>(), [5.0]);
}

#[tokio::test]
async fn are_taken_back_even_where_client_or_metric_is_gone() {
    let world = World::new();
    let engine = engine(&world).await;
    for score in [1.0, 2.0] {
        engine.override_score(&over("acme", score), day(1_000)).await.expect("entered");
        engine.enter_score(&by_hand("acme", score), day(1_000)).await.expect("entered");
    }
    assert_eq!(engine.clear_override("acme", "satisfaction", day(1_001)).await.expect("cleared"), 2);
    assert_eq!(engine.clear_override("acme", "satisfaction", day(1_001)).await.expect("cleared"), 0);
    assert_eq!(engine.clear_score("beta", "gut", day(1_001)).await.expect("cleared"), 0);
    for (refused, told) in [
        (engine.clear_override("acme", "gut", day(1_001)).await, "is entered by hand"),
        (engine.clear_score("acme", "satisfaction", day(1_001)).await, "comes from fake"),
        (engine.clear_override("nobody", "satisfaction", day(1_001)).await, "there is no client 'nobody'"),
        (engine.clear_score("acme", "nothing", day(1_001)).await, "there is no metric 'nothing'"),
    ] {
        let refused = refused.expect_err("refused").to_string();
        assert!(refused.contains(told), "{refused}");
    }
    assert_eq!(listed(&engine, false, 1_001).await.len(), 2);

    // The roster was replaced, and nobody is in it.
    let engine = world.engine(RosterSource::Given(Vec::new())).await;
    assert_eq!(engine.clear_score("acme", "gut", day(1_002)).await.expect("cleared"), 2);
    assert!(matches!(engine.clear_score("acme", "gut", day(1_002)).await, Err(EngineError::UnknownClient { .. })));
    let told = world.store().await.entries(true).await.expect("entries");
    let cleared: Vec<_> = told.iter().map(|entry| entry.cleared).collect();
    assert_eq!(cleared, [Some(day(1_001)), Some(day(1_002)), Some(day(1_001)), Some(day(1_002))]);
}

#[tokio::test]
async fn no_sync_takes_them_away_and_an_erasure_does() {
    let world = World::new();
    let policy = RetentionPolicy { observations_days: Some(30), ..RetentionPolicy::default() };
    let engine = engine(&world).await.retaining(policy).expect("a policy");
    engine.override_score(&over("acme", 2.0), day(900)).await.expect("entered");
    engine.override_score(&over("beta", 2.0), day(900)).await.expect("entered");
    for full in [false, true] {
        sync_as(&engine, SyncRequest { full, ..SyncRequest::all(day(1_000)) }).await;
        assert_eq!(listed(&engine, false, 1_000).await.len(), 2);
    }
    // The line in the roster was taken out first: what was entered still says who it was.
    let engine = world.engine(RosterSource::Given(vec![client("beta", "Beta")])).await;
    let report = engine.erase_client("acme", day(1_001)).await.expect("erased");
    assert_eq!(report.erased.entries, 1);
    let left = listed(&engine, true, 1_001).await;
    assert_eq!(left.iter().map(|entry| entry.0.as_str()).collect::<Vec<_>>(), ["beta"]);
}

#[tokio::test]
async fn override_is_stored_while_another_process_syncs() {
    let world = World::new();
    let engine = engine(&world).await.acting_for("bob");
    let store = world.store().await;
    store.lock(&lock_of_another(), day(1_000)).await.expect("the lock");
    engine.override_score(&over("acme", 2.0), day(1_000)).await.expect("stored");
    let refused = engine.override_score(&over("acme", 9.0), day(1_000)).await.expect_err("refused");
    assert!(matches!(refused, EngineError::Entry(EntryRefusal::Score(_))), "{refused}");
    let last = store.audit(None, 1).await.expect("entries").remove(0);
    assert_eq!(last.action, "override-set");
    assert!(last.actor.starts_with("bob@"), "its author, not the lock's holder: {}", last.actor);
    assert_eq!(engine.clear_override("acme", "satisfaction", day(1_000)).await.expect("cleared"), 1);

    let refused = engine.sync(&SyncRequest::all(day(1_000)), &|_| (), &CancellationToken::new()).await;
    let refused = refused.expect_err("locked").to_string();
    let until = day(1_000).plus_millis(30_000);
    let expected = format!(
        "fake is being synced by carol@elsewhere since {}; wait for it (its lock expires at {until}",
        day(1_000)
    );
    assert!(refused.starts_with(&expected), "{refused}");
    // Nobody renewed it: whoever held it is gone.
    engine.sync(&SyncRequest::all(day(1_001)), &|_| (), &CancellationToken::new()).await.expect("taken over");
}
