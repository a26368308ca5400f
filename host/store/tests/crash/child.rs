//! The process that is killed: it works on a store and says on its output what is done, line by line.

use std::{io::Write as _, path::Path, process::ExitCode};

use scoresheet_domain::{
    ClientId, Digest, SourceId,
    mapping::{Decision, Verdict},
};
use scoresheet_engine::{
    CommittedPage, MaintenanceStore as _, NewPull, OpenPull, PruneLimits, PullAction, PullEnd, StoreError,
    SyncStore as _, UserChange, UserStore as _,
};
use scoresheet_store::SqliteStore;

use crate::support::*;

pub(crate) fn main(arguments: &[String]) -> ExitCode {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (task, path) = (arguments[0], Path::new(arguments[1]));
    let now = arguments.get(2).map_or(NOW, |now| now.parse().expect("a time"));
    let done = runtime().block_on(async {
        match task {
            "sync" => sync(path, now).await,
            "open" => SqliteStore::open(path).await.map(|_| say("opened")),
            "hold" => hold(path, now).await,
            other => panic!("a child cannot {other}"),
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("failed: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn say(line: &str) {
    // Where the parent is gone, nobody needs to know.
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Syncs for ever. Says `page PULL NUMBER`, `decision PULL` and `finish PULL` once each is committed.
async fn sync(path: &Path, now: i64) -> Result<(), StoreError> {
    let store = SqliteStore::open(path).await?;
    let lock = lock(now);
    store.lock(&lock, at(now)).await?;
    say("held");
    let kinds = ["overall".to_owned()];
    let pull = NewPull { scope: scope(), window: window(), kinds: kinds.to_vec(), all_kinds: true, decides: true };
    loop {
        let open = match store.open_pulls(&scope()).await?.pop() {
            Some(open) => open,
            None => store.begin_pull(&lock, &pull).await?,
        };
        let OpenPull { id, digests, .. } = open;
        for number in digests.len()..PAGES {
            let cursor = (number > 0).then(|| cursor(number));
            let page = CommittedPage { cursor, page: page(number, id.0), digest: Digest::of(number.to_string()) };
            store.commit_pages(&lock, id, vec![page], &kinds, &[]).await?;
            say(&format!("page {} {number}", id.0));
        }
        let decision = Decision {
            client: ClientId::new("acme").expect("an id"),
            source: SourceId::new("client-1").expect("an id"),
            verdict: Verdict::Same,
        };
        store.renew_lock(&lock, at(now)).await?;
        store.apply(&by(id.0), &UserChange::Decide(provider(), decision)).await?;
        say(&format!("decision {}", id.0));
        // So that the log stays short however long this goes on.
        let limits = PruneLimits {
            observations_before: None,
            access_before: at(0),
            access_entries: 100,
            audit_before: Some(at(NOW + id.0 - 10)),
            sheets_before: None,
        };
        store.prune(&by(NOW + id.0), &limits).await?;
        assert_eq!(store.end_pull(&lock, id, PullAction::Finish).await?, PullEnd::Covered { deleted: 0 });
        say(&format!("finish {}", id.0));
        if id.0 % 16 == 0 {
            assert_eq!(store.verify_audit().await?.broken, None);
        }
    }
}

/// Takes the lock, says so, and keeps it.
async fn hold(path: &Path, now: i64) -> Result<(), StoreError> {
    let store = SqliteStore::open(path).await?;
    store.lock(&lock(now), at(now)).await?;
    say("held");
    std::future::pending().await
}
