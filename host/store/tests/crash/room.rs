//! No more room: the file may not grow, the disk is full, or nobody may write to it any more.

use std::{io::Write as _, path::Path};

use scoresheet_store::SqliteStore;

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
    is_there(&path, last_page(&said));

    // With room again it goes on.
    goes_on(Running::start(&["sync", file, &LATER.to_string()]));
}

/// The same on a disk that is full, as the system tells it.
pub(crate) fn a_disk_that_is_full(options: &Options) {
    const SCRIPT: &str = r#"
        mount -t tmpfs -o size=1500k scoresheet "$1" || exit
        "$0" child open "$1/scoresheet.db"
        "$0" child sync "$1/scoresheet.db"
        cp "$1"/scoresheet.db* "$2" && echo copied
        mount -o remount,size=64m "$1"
        exec "$0" child sync "$1/scoresheet.db" "$3"
    "#;
    let (disk, copy) = (options.folder(), options.folder());
    let folder = |folder: &tempfile::TempDir| folder.path().to_str().expect("UTF-8").to_owned();
    let Some(child) = Running::start_with_a_disk(SCRIPT, &[&folder(&disk), &folder(&copy), &LATER.to_string()]) else {
        return skipped();
    };
    assert_eq!(child.line().as_deref(), Some("opened"));
    let mut said = Vec::new();
    loop {
        match child.line().expect("it says when it is full").as_str() {
            "copied" => break,
            line => said.push(line.to_owned()),
        }
    }
    let failure = said.last().expect("a line");
    assert!(failure.starts_with("failed: the store failed while "), "{failure}");
    assert!(failure.contains("the disk is full; nothing of this step was kept"), "{failure}");
    is_there(&copy.path().join("scoresheet.db"), last_page(&said));
    goes_on(child);
}

/// A store on a disk that cannot be written any more, not even by the one who may do everything: it is told as such, and
/// is as it was once the disk can be written again.
pub(crate) fn a_disk_that_became_read_only(options: &Options) {
    const SCRIPT: &str = r#"
        mount -t tmpfs -o size=8m scoresheet "$1" || exit
        "$0" child open "$1/scoresheet.db"
        mount -o remount,ro "$1"
        "$0" child sync "$1/scoresheet.db"
        mount -o remount,rw "$1"
        exec "$0" child sync "$1/scoresheet.db" "$3"
    "#;
    let disk = options.folder();
    let folder = disk.path().to_str().expect("UTF-8");
    let Some(child) = Running::start_with_a_disk(SCRIPT, &[folder, "", &LATER.to_string()]) else { return skipped() };
    assert_eq!(child.line().as_deref(), Some("opened"));
    let failure = child.line().expect("it says that it cannot");
    assert!(failure.starts_with("failed: "), "{failure}");
    assert!(failure.contains("scoresheet.db") && failure.contains("its folder"), "{failure}");
    goes_on(child);
}

fn skipped() {
    writeln!(std::io::stdout(), "nobody may mount a file system here: not tried").expect("somebody reads");
}

/// A process that syncs takes the lock and makes progress.
fn goes_on(child: Running) {
    assert_eq!(child.line().as_deref(), Some("held"));
    let next = child.line().expect("a line");
    assert!(["page ", "decision ", "finish "].iter().any(|what| next.starts_with(what)), "{next}");
    child.kill();
}

/// The last page that a process said is committed: of which pull, and which. It went well for a while before it did not.
fn last_page(said: &[String]) -> (i64, i64) {
    let pages: Vec<&str> = said.iter().filter_map(|line| line.strip_prefix("page ")).collect();
    assert!(pages.len() > PAGES, "it went well for a while: {said:?}");
    let (pull, page) = pages.last().and_then(|numbers| numbers.split_once(' ')).expect("two numbers");
    (pull.parse().expect("a number"), page.parse().expect("a number"))
}

fn is_there(path: &Path, (pull, page): (i64, i64)) {
    let connection = connect(path);
    assert_eq!(integrity(&connection), "ok");
    let sql = "SELECT count(*) FROM record WHERE id LIKE ?1 AND value >= ?2";
    let records: i64 = connection.query_row(sql, (format!("{page:02}-%"), pull), |row| row.get(0)).expect("a count");
    assert_eq!(records, ITEMS as i64);
}
