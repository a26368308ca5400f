//! Two processes on one store.

use crate::support::*;

pub(crate) fn second_sync_is_refused(options: &Options) {
    let folder = options.folder();
    let path = folder.path().join("scoresheet.db");
    let file = path.to_str().expect("UTF-8");
    let first = Running::start(&["hold", file]);
    assert_eq!(first.line().as_deref(), Some("held"));
    let second = Running::start(&["sync", file]);
    // One that does not end says something else first, and is not waited for.
    let told = second.line().expect("a line");
    let expected = format!("failed: crewhu is being synced by anna@here since {}; wait for it", at(NOW));
    assert!(told.starts_with(&expected), "{told}");
    let (succeeded, said) = second.end();
    assert!(!succeeded && said.is_empty(), "{said:?}");
    first.kill();
}

pub(crate) fn lock_of_a_killed_process_expires(options: &Options) {
    let folder = options.folder();
    let path = folder.path().join("scoresheet.db");
    let file = path.to_str().expect("UTF-8");
    let hold = |now: i64| Running::start(&["hold", file, &now.to_string()]);
    let first = hold(NOW);
    assert_eq!(first.line().as_deref(), Some("held"));
    first.kill();
    let (succeeded, said) = hold(LATER - 1).end();
    assert!(!succeeded && said[0].starts_with("failed: crewhu is being synced by anna@here"), "{said:?}");
    let second = hold(LATER);
    assert_eq!(second.line().as_deref(), Some("held"));
    second.kill();
}
