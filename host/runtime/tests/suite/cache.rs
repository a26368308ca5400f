//! Compiled code on disk: used where it is unharmed, made anew where it is not.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use crate::common::{Guest, configure, run};
use scoresheet_engine::Provider;
use scoresheet_runtime::{Component, Limits, Runtime, RuntimeOptions};

fn runtime(folder: &Path) -> Runtime {
    Runtime::new(RuntimeOptions { cache_dir: Some(folder.to_owned()), ..crate::common::options() }).expect("a runtime")
}

/// Answers `check` with no steps.
fn component() -> Vec<u8> {
    let mut guest = Guest::new();
    guest.check = "i32.const 64".into();
    guest.build()
}

/// Loads in a runtime of its own, as another process would, and calls what was loaded.
async fn load(folder: &Path, bytes: &[u8]) -> Component {
    let component = runtime(folder).load(bytes.to_vec()).await.expect("it loads");
    let provider = configure(&component).await.instance(None, Limits::default());
    assert_eq!(provider.check(&run()).await, Ok(Vec::new()));
    component
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "cwasm"))
        .collect();
    files.sort();
    files
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let parent = tempfile::tempdir().expect("a folder");
    let folder = parent.path().join("cache").join("code");
    (parent, folder)
}

#[tokio::test]
async fn the_second_load_comes_from_the_cache() {
    let (_parent, folder) = folder();
    let bytes = component();
    let first = load(&folder, &bytes).await;
    assert!(!first.from_cache());
    let second = load(&folder, &bytes).await;
    assert!(second.from_cache());
    assert_eq!(first.spec(), second.spec());
    assert_eq!(first.digest(), second.digest());

    let name = files(&folder)[0].file_name().expect("a name").to_string_lossy().into_owned();
    assert!(name.starts_with(&first.digest().hex()), "{name}");
    assert_eq!(fs::read_dir(&folder).expect("the folder").count(), 2, "one file and the key, nothing half written");
}

#[tokio::test]
async fn everything_there_is_the_owners_alone() {
    let (_parent, folder) = folder();
    load(&folder, &component()).await;
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&folder.join("key")), 0o600);
    assert_eq!(mode(&files(&folder)[0]), 0o600);
}

#[tokio::test]
async fn a_folder_that_others_may_write_to_is_left_alone() {
    let (_parent, folder) = folder();
    load(&folder, &component()).await;
    for (open, used) in [(0o755, true), (0o775, false), (0o777, false), (0o700, true)] {
        fs::set_permissions(&folder, fs::Permissions::from_mode(open)).expect("it is ours");
        assert_eq!(load(&folder, &component()).await.from_cache(), used, "{open:o}");
        assert_eq!(mode(&folder), open, "it may be used for other things");
    }
}

#[tokio::test]
async fn a_harmed_file_is_made_anew() {
    let (_parent, folder) = folder();
    let bytes = component();
    load(&folder, &bytes).await;
    let file = files(&folder).remove(0);
    let whole = fs::read(&file).expect("the file");
    // In the header, in the MAC, at the beginning, in the middle and at the end of the code.
    for index in [0, 15, 16, 47, 48, whole.len() / 2, whole.len() - 1] {
        let mut harmed = whole.clone();
        harmed[index] ^= 1;
        fs::write(&file, &harmed).expect("written");
        assert!(!load(&folder, &bytes).await.from_cache(), "byte {index} was changed");
        assert_eq!(fs::read(&file).expect("the file").len(), whole.len(), "it was put right");
        assert!(load(&folder, &bytes).await.from_cache());
    }
    for len in [0, 10, 16, 48, whole.len() - 1] {
        fs::write(&file, &whole[..len]).expect("written");
        assert!(!load(&folder, &bytes).await.from_cache(), "cut to {len} bytes");
    }
}

#[tokio::test]
async fn another_components_code_is_not_taken() {
    let (_parent, folder) = folder();
    let (one, mut other) = (component(), Guest::new());
    other.check = "i32.const 128".into();
    load(&folder, &one).await;
    let mine = files(&folder).remove(0);
    load(&folder, &other.build()).await;
    let theirs = files(&folder).into_iter().find(|file| *file != mine).expect("two files");
    fs::copy(&theirs, &mine).expect("copied");
    assert!(!load(&folder, &one).await.from_cache());
}

#[tokio::test]
async fn code_under_another_key_is_not_taken() {
    let (_parent, folder) = folder();
    let bytes = component();
    load(&folder, &bytes).await;
    let key = folder.join("key");
    let former = fs::read(&key).expect("the key");

    // Others could have read it: it is replaced, and with it everything under it.
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).expect("it is ours");
    assert!(!load(&folder, &bytes).await.from_cache());
    assert_ne!(fs::read(&key).expect("the key"), former);
    assert_eq!(mode(&key), 0o600);
    assert!(load(&folder, &bytes).await.from_cache());

    for damaged in [Vec::new(), vec![7; 31], vec![7; 33]] {
        fs::write(&key, damaged).expect("written");
        assert!(!load(&folder, &bytes).await.from_cache());
        assert_eq!(fs::read(&key).expect("the key").len(), 32);
    }
}

#[tokio::test]
async fn a_key_is_no_link_to_elsewhere() {
    let (parent, folder) = folder();
    let bytes = component();
    load(&folder, &bytes).await;
    let (key, elsewhere) = (folder.join("key"), parent.path().join("elsewhere"));
    fs::rename(&key, &elsewhere).expect("moved");
    std::os::unix::fs::symlink(&elsewhere, &key).expect("linked");
    assert!(!load(&folder, &bytes).await.from_cache());
    assert!(fs::symlink_metadata(&key).expect("the key").is_file());
}

#[tokio::test]
async fn a_folder_that_cannot_be_used_fails_nothing() {
    let (parent, _) = folder();
    let file = parent.path().join("file");
    fs::write(&file, "in the way").expect("written");
    assert!(!load(&file.join("cache"), &component()).await.from_cache());
    assert!(!load(&file, &component()).await.from_cache());
    assert_eq!(fs::read(&file).expect("the file"), b"in the way");
}

#[tokio::test]
async fn many_processes_agree_on_one_key() {
    let (_parent, folder) = folder();
    let bytes = component();
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let folder = folder.clone();
            std::thread::spawn(move || {
                runtime(&folder);
                fs::read(folder.join("key")).expect("the key")
            })
        })
        .collect();
    let keys: Vec<Vec<u8>> = threads.into_iter().map(|thread| thread.join().expect("no panic")).collect();
    assert!(keys.iter().all(|key| *key == keys[0]));
    load(&folder, &bytes).await;
    assert!(load(&folder, &bytes).await.from_cache());
}

#[tokio::test]
async fn the_oldest_files_go_first() {
    let (_parent, folder) = folder();
    load(&folder, &component()).await;
    let old = std::time::SystemTime::UNIX_EPOCH;
    let (left_behind, under_way) = (folder.join("writing-old"), folder.join("writing-new"));
    fs::File::create(&left_behind).expect("created").set_modified(old).expect("set");
    fs::File::create(&under_way).expect("created");
    for n in 0..64 {
        let path = folder.join(format!("{n:02}.cwasm"));
        let file = fs::File::create(&path).expect("created");
        file.set_modified(old + std::time::Duration::from_secs(n)).expect("set");
    }
    let mut other = Guest::new();
    other.check = "i32.const 128".into();
    load(&folder, &other.build()).await;
    assert_eq!(files(&folder).len(), 64);
    assert!(!folder.join("00.cwasm").exists() && !folder.join("01.cwasm").exists());
    assert!(folder.join("02.cwasm").exists());
    assert!(!left_behind.exists() && under_way.exists(), "only what nobody writes any more goes");
    assert!(load(&folder, &component()).await.from_cache(), "the newest stay");
}

#[tokio::test]
async fn what_is_kept_can_be_seen_and_cleared() {
    let (_parent, folder) = folder();
    let code = scoresheet_runtime::CodeFolder::at(&folder);
    assert!(code.list().expect("no folder").is_empty());
    let component = load(&folder, &component()).await;
    let listed = code.list().expect("readable");
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].component, component.digest());
    let file = fs::metadata(&files(&folder)[0]).expect("it is there");
    assert_eq!(listed[0].bytes, file.len());
    let cleared = code.clear().expect("cleared");
    assert_eq!((cleared.files, cleared.bytes), (1, file.len()));
    assert!(files(&folder).is_empty() && folder.join("key").exists());
    assert!(!load(&folder, &self::component()).await.from_cache(), "it is made anew");
}
