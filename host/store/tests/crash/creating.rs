//! A process that is killed while it creates a store: the file is empty, or has the whole schema.

use std::{
    fs,
    time::{Duration, Instant as Clock},
};

use scoresheet_engine::{MaintenanceStore as _, SheetStore as _};
use scoresheet_store::SqliteStore;

use crate::support::*;

pub(crate) fn killed_at_any_moment(options: &Options) {
    let folder = options.folder();
    let runtime = runtime();
    for round in 0..options.kills {
        let path = folder.path().join(format!("{round}.db"));
        let child = Running::start(&["open", path.to_str().expect("UTF-8")]);
        child.lines_until(Clock::now() + Duration::from_micros(u64::from(round) * 400));
        child.kill();
        if !path.exists() {
            continue;
        }
        assert_eq!(integrity(&connect(&path)), "ok");
        runtime.block_on(async {
            let store = SqliteStore::open(&path).await.expect("a store");
            assert_eq!(store.roster().await.expect("a roster"), []);
            assert_eq!(store.verify_audit().await.expect("a verdict").broken, None);
        });
        fs::remove_file(&path).expect("removed");
    }
}
