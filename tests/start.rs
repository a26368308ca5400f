//! What a start opens: neither the store nor the engine for components where it needs none, and nothing compiled twice.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use crate::common::Place;

/// A place whose code cache is its own, with a provider that is never asked.
fn place() -> Place {
    let mut place = Place::new();
    let cache = place.path("cache").display().to_string();
    place.set("XDG_CACHE_HOME", &cache);
    place.set("CREWHU_API_KEY", "never-sent");
    place.set("CREWHU_COMPANY_ID", "msp-1");
    place
}

/// Every file below a folder, with what tells one that was written anew from one that was left alone.
fn files(folder: &Path) -> BTreeMap<PathBuf, u64> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let inode = fs::metadata(&path).expect("a file").ino();
            found.insert(path, inode);
        }
    }
    found
}

fn compiled(place: &Place) -> BTreeMap<PathBuf, u64> {
    let all = files(&place.path("cache"));
    all.into_iter().filter(|(path, _)| path.extension().is_some_and(|extension| extension == "cwasm")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn help_and_version_open_neither_the_store_nor_the_engine() {
    let place = place();
    for arguments in
        [&["--version"][..], &["--help"], &["generate", "--help"], &["sync", "--help"], &["completions", "bash"]]
    {
        place.run(arguments).await.expect(0);
        assert!(files(place.folder.path()).is_empty(), "{arguments:?} left files");
    }
    // The same look does find what a command leaves that opens both.
    place.run(&["generate"]).await.expect(0);
    let found = files(place.folder.path());
    assert!(found.keys().any(|path| path.ends_with("scoresheet.db")), "{found:?}");
    assert!(!compiled(&place).is_empty(), "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_generate_compiles_nothing() {
    let place = place();
    place.run(&["generate"]).await.expect(0);
    let first = compiled(&place);
    assert_eq!(first.len(), 1, "one component is configured: {first:?}");
    place.run(&["generate"]).await.expect(0);
    assert_eq!(compiled(&place), first, "what is compiled again is written again");
    // And it would be seen: without the file it is compiled, and written to another one.
    let (file, inode) = first.first_key_value().expect("a file");
    let kept = place.path("kept");
    fs::rename(file, &kept).expect("moved away");
    place.run(&["generate"]).await.expect(0);
    assert_ne!(compiled(&place).get(file), Some(inode));
}
