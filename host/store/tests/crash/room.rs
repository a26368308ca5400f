//! No more room: the file may not grow.

use std::path::Path;

use scoresheet_store::SqliteStore;
use sqlx::Connection as _;

use crate::support::*;

/// A process whose files may not become larger goes on until it fails: what it had said is done is there.
pub(crate) fn a_file_that_may_not_grow(options: &Options) {
    let folder = options.folder();
    let path = folder.path().join("scoresheet.db");
    let file = path.to_str().expect("UTF-8");
    // Made without a limit, so that it is no more than the sync that fails.
    runtime().block_on(async { drop(SqliteStore::open(&path).await.expect("a store")) });
    let (went_well, said) = Running::start_within(800, &["sync", file]).end();
    assert!(!went_well, "it would go on for ever: {said:?}");
    let failure = said.last().expect("a line");
    assert!(failure.starts_with("failed: the store failed while "), "{failure}");
    assert!(failure.contains("check the disk") || failure.contains("the disk is full"), "{failure}");
    let pages = said.iter().filter(|line| line.starts_with("page ")).count();
    assert!(pages > PAGES, "it went well for a while: {said:?}");
    let last: Vec<i64> = said
        .iter()
        .rev()
        .find_map(|line| line.strip_prefix("page "))
        .map(|numbers| numbers.split(' ').map(|number| number.parse().expect("a number")).collect())
        .expect("a page");
    runtime().block_on(is_there(&path, last[0], last[1]));

    // With room again it goes on.
    let child = Running::start(&["sync", file]);
    assert_eq!(child.line().as_deref(), Some("held"));
    let next = child.line().expect("a line");
    assert!(["page ", "decision ", "finish "].iter().any(|what| next.starts_with(what)), "{next}");
    child.kill();
}

async fn is_there(path: &Path, pull: i64, page: i64) {
    let mut connection = connect(path).await;
    assert_eq!(integrity(&mut connection).await, "ok");
    let records: i64 = sqlx::query_scalar("SELECT count(*) FROM record WHERE id LIKE ? AND value >= ?")
        .bind(format!("{page:02}-%"))
        .bind(pull)
        .fetch_one(&mut connection)
        .await
        .expect("a count");
    assert_eq!(records, ITEMS as i64);
    connection.close().await.expect("closed");
}
