//! Two processes on one store.

use crate::support::*;

pub(crate) fn the_second_is_told_who_writes_and_ends(options: &Options) {
    let folder = options.folder();
    let path = folder.path().join("scoresheet.db");
    let file = path.to_str().expect("UTF-8");
    let first = Running::start(&["hold", file]);
    assert_eq!(first.line().as_deref(), Some("held"));
    let second = Running::start(&["sync", file]);
    // One that does not end says something else first, and is not waited for.
    let told = second.line().expect("a line");
    let expected = format!("failed: the store is in use: sync by process {} on here, since ", first.id());
    assert!(told.starts_with(&expected), "{told}");
    let (went_well, said) = second.end();
    assert!(!went_well && said.is_empty(), "{said:?}");
    first.kill();
}

pub(crate) fn the_lease_of_a_killed_process_is_no_obstacle(options: &Options) {
    if !cfg!(target_os = "linux") {
        return;
    }
    let folder = options.folder();
    let path = folder.path().join("scoresheet.db");
    let file = path.to_str().expect("UTF-8");
    for _ in 0..3 {
        let child = Running::start(&["hold", file]);
        assert_eq!(child.line().as_deref(), Some("held"), "at once, not when the lease has run out");
        child.kill();
    }
}
