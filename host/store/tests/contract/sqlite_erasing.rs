//! After an erasure no byte of the client is left: not in the file, not in the log beside it.

use std::fs;

use scoresheet_domain::{
    Entry, EntryKind, Observation, ObservationPage, ProblemKind,
    mapping::{Decision, Verdict},
};
use scoresheet_engine::{AccessEntry, ClientScope, Erasure, SyncRecord};

use crate::{
    alerts::{finding, fire},
    sqlite::File,
    support::*,
};

/// Found nowhere else; the second is how it stands in an escaped path.
const CANARY: &str = "Canary & Söhne 7f3a";
const CANARIES: [&str; 3] = ["Canary & S", "canary-7f3a", "Canary%20%26%20S"];

fn bytes_of(file: &File) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(file.folder()).expect("a folder");
    let mut files: Vec<(String, Vec<u8>)> = entries
        .map(|entry| entry.expect("an entry").path())
        .map(|path| (path.display().to_string(), fs::read(&path).expect("a file")))
        .collect();
    files.sort();
    files
}

fn found(file: &File) -> Vec<String> {
    let holds = |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
    let mut found = Vec::new();
    for (name, bytes) in bytes_of(file) {
        found.extend(CANARIES.iter().filter(|text| holds(&bytes, text)).map(|text| format!("{text} in {name}")));
    }
    found
}

#[tokio::test]
async fn no_byte_of_an_erased_client_is_left() {
    let file = File::new();
    let (store, crewhu) = (file.open_to_write().await, scope("crewhu"));
    let mut named = client("canary-7f3a", CANARY);
    named.aliases = vec![format!("{CANARY} too")];
    named.attributes = vec![("note".into(), CANARY.into())];
    store.replace_roster(&by(), &[named, client("beta", "Beta")]).await.expect("a write");
    // Many, so that what is removed lies on pages of its own too.
    let sources = [source_client("src-canary-7f3a", CANARY), source_client("d", "Beta")];
    store.replace_source_clients(&crewhu, &sources).await.expect("a write");
    let decision = Decision {
        client: client("canary-7f3a", "x").id,
        source: source_client("src-canary-7f3a", "x").id,
        verdict: Verdict::Same,
    };
    store.decide(&by_at(0), &provider("crewhu"), &decision).await.expect("a write");
    let items = (0..3_000).map(|n| {
        let client = if n % 3 == 0 { by_name(CANARY) } else { by_id(["src-canary-7f3a", "d"][n as usize % 3 - 1]) };
        Observation { client, ..event(&format!("r-{n}"), n, 1.0) }
    });
    let page = ObservationPage { items: items.collect(), ..ObservationPage::default() };
    pull(&store, &crewhu, window(0, 5_000), false, page).await;
    store.prune(None, at(500)).await.expect("pruned");
    for (who, reason) in [("canary-7f3a", CANARY.to_owned()), ("beta", format!("as with {CANARY} before"))] {
        let entered = Entry { reason: Some(reason), ..entry(who, "gut", EntryKind::Manual, 3.0) };
        store.add_entry(&by(), &entered).await.expect("a write");
    }
    for path in ["/clients/src-canary-7f3a/scores".to_owned(), "/find/Canary%20%26%20S%C3%B6hne%207f3a".to_owned()] {
        store.note_access(&[AccessEntry { path, ..access(0, 200) }]).await.expect("a write");
    }
    let failure = (ProblemKind::Component, format!("client '{CANARY}' twice"), "x".to_owned());
    let record = SyncRecord { failure: Some(failure), ..SyncRecord::default() };
    let mut told = note(scoresheet_domain::AuditAction::BatchRejected, "crewhu");
    told.detail = serde_json::json!({"reason": format!("client '{CANARY}' twice")});
    store.put_sync_record(&crewhu, &record, &[told]).await.expect("a write");
    let one = ClientScope::One(source_client("src-canary-7f3a", "x").id);
    store.begin_pull(&crewhu, window(0, 100), &one, false, at(0)).await.expect("a pull");
    let mut alert = finding("low", "canary-7f3a", &["ops"]);
    alert.message = format!("{CANARY}: the engagement score is 2");
    fire(&store, &[alert], 0).await;
    store.release_lease(&holder("writer")).await.expect("given back");
    assert!(!found(&file).is_empty(), "it is there before");

    let store = file.open_to_write().await;
    // Reading before it leaves connections open, as a server's would be.
    assert_eq!(store.roster().await.expect("a roster").len(), 2);
    let erasure = Erasure {
        client: client("canary-7f3a", "x").id,
        names: vec![CANARY.into(), format!("{CANARY} too")],
        sources: vec![(provider("crewhu"), "src-canary-7f3a".into())],
    };
    let erased = store.erase(&erasure).await.expect("erased");
    assert!(erased.wiped);
    assert_eq!(found(&file), Vec::<String>::new(), "while it is still open");
    store.release_lease(&holder("writer")).await.expect("given back");
    drop(store);
    assert_eq!(found(&file), Vec::<String>::new());
    let store = file.open().await;
    assert_eq!(values(&store, &crewhu, ever()).await.len(), 834, "Beta's are there");
    assert_eq!(store.verify_audit().await.expect("a verdict").broken, None);
}

/// They are compressed, so that no name could be found in them in any case: what is looked for is what was stored.
#[tokio::test]
async fn no_byte_of_a_kept_sheets_inputs_is_left() {
    let file = File::new();
    let store = file.open_to_write().await;
    let noise: Vec<u8> = (0..3_000_u32).flat_map(|n| *scoresheet_domain::Digest::of(n.to_le_bytes()).bytes()).collect();
    store.keep_sheet(&kept("ab", 1, &noise), &[]).await.expect("kept");
    store.release_lease(&holder("writer")).await.expect("given back");
    let stored: Vec<u8> =
        file.connect().query_row("SELECT inputs FROM sheet", [], |row| row.get(0)).expect("the inputs");
    // Every 4,000 bytes, so that most pages of the file that hold any are looked for.
    let parts: Vec<&[u8]> = stored.chunks(4_000).map(|part| &part[..part.len().min(24)]).collect();
    let left = || {
        let files = bytes_of(&file);
        let holds = |part: &[u8]| files.iter().any(|(_, bytes)| bytes.windows(part.len()).any(|there| there == part));
        parts.iter().filter(|part| holds(part)).count()
    };
    assert!(parts.len() > 20 && left() > 20, "it is there before: {} of {}", left(), parts.len());
    let store = file.open_to_write().await;
    let erased = store.erase(&erasure("acme", &[])).await.expect("erased");
    assert!(erased.wiped);
    assert_eq!(left(), 0);
}
