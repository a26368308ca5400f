//! After an erasure no byte of the client is left: not in the file, not in the log beside it.

use std::fs;

use scoresheet_domain::{
    Entry, EntryKind, Observation, ObservationPage, ProblemKind, Remedy,
    mapping::{Decision, Verdict},
};
use scoresheet_engine::{AccessEntry, Erasure, SyncFailure, SyncOutcome, SyncRecord, UserChange};

use crate::{
    alerts::{finding, fire},
    sqlite::{File, unlock},
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
async fn erased_client_leaves_no_byte() {
    let file = File::new();
    let (store, crewhu) = (file.open().await, scope("crewhu"));
    let mut named = client("canary-7f3a", CANARY);
    named.aliases = vec![format!("{CANARY} too")];
    named.attributes = vec![("note".into(), CANARY.into())];
    replace_roster(&store, &[named, client("beta", "Beta")]).await;
    // Many, so that what is removed lies on pages of its own too.
    let sources = [source_client("src-canary-7f3a", CANARY), source_client("d", "Beta")];
    list_clients(&store, &crewhu, &sources).await;
    let decision = Decision {
        client: client("canary-7f3a", "x").id,
        source: source_client("src-canary-7f3a", "x").id,
        verdict: Verdict::Same,
    };
    apply(&store, UserChange::Decide(provider("crewhu"), decision)).await;
    let items = (0..3_000).map(|n| {
        let client = match n % 3 {
            0 => by_name(CANARY),
            1 => by_both("src-canary-7f3a", CANARY),
            _ => by_id("d"),
        };
        Observation { client, ..event(&format!("r-{n}"), n, 1.0) }
    });
    let page = ObservationPage { items: items.collect(), ..ObservationPage::default() };
    pull(&store, &crewhu, window(0, 5_000), false, page).await;
    prune_before(&store, 500).await;
    for (who, reason) in [("canary-7f3a", CANARY.to_owned()), ("beta", format!("as with {CANARY} before"))] {
        let entered = Entry { reason: Some(reason), ..entry(who, "gut", EntryKind::Manual, 3.0) };
        add_entry(&store, entered).await;
    }
    for path in ["/clients/src-canary-7f3a/scores".to_owned(), "/find/Canary%20%26%20S%C3%B6hne%207f3a".to_owned()] {
        write_access(&store, &[AccessEntry { path, ..access(0, 200) }]).await;
    }
    // The message names nobody, the remedy does.
    let remedy = Remedy::Map {
        client: Some(client("canary-7f3a", "x").id),
        provider: provider("crewhu"),
        source: Some(source_client("src-canary-7f3a", "x").id),
    };
    let failure = SyncFailure { kind: ProblemKind::Component, message: "a client twice".to_owned(), remedy };
    let record = SyncRecord { failure: Some(failure), ..SyncRecord::default() };
    let mut told = note(scoresheet_domain::AuditAction::BatchRejected, "crewhu");
    told.detail = serde_json::json!({"reason": format!("client '{CANARY}' twice")});
    finish_sync(&store, &SyncOutcome { record, notes: vec![told], ..outcome(&crewhu) }).await;
    let open = begin(&store, &crewhu, window(0, 100)).await;
    commit(&store, &crewhu, open.id, None, &then(ObservationPage::default(), &["after=src-canary-7f3a"]))
        .await
        .expect("a page");
    let mut alert = finding("low", "canary-7f3a", &["ops"]);
    alert.message = format!("{CANARY}: the engagement score is 2");
    fire(&store, &[alert], 0).await;
    unlock(&store, &crewhu).await;
    assert!(!found(&file).is_empty(), "it is there before");

    let store = file.open().await;
    // Reading before it leaves connections open, as a server's would be.
    assert_eq!(store.roster().await.expect("a roster").len(), 2);
    let erasure = Erasure {
        client: client("canary-7f3a", "x").id,
        names: vec![CANARY.into(), format!("{CANARY} too")],
        sources: vec![(provider("crewhu"), "src-canary-7f3a".into())],
    };
    let erased = erase(&store, &erasure).await;
    assert!(erased.wiped);
    assert_eq!(found(&file), Vec::<String>::new(), "while it is still open");
    drop(store);
    assert_eq!(found(&file), Vec::<String>::new());
    let store = file.open().await;
    assert_eq!(values(&store, &crewhu, ever()).await.len(), 834, "Beta's are there");
    assert_eq!(store.verify_audit().await.expect("a verdict").broken, None);
}

/// They are compressed, so no name could be found in them in any case: this searches for the stored bytes.
#[tokio::test]
async fn erased_inputs_leave_no_byte() {
    let file = File::new();
    let store = file.open().await;
    let noise: Vec<u8> = (0..3_000_u32).flat_map(|n| *scoresheet_domain::Digest::of(n.to_le_bytes()).bytes()).collect();
    store.save_sheet(&saved("ab", 1, &noise)).await.expect("saved");
    begin(&store, &scope("crewhu"), window(0, 1)).await;
    unlock(&store, &scope("crewhu")).await;
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
    let store = file.open().await;
    let erased = erase(&store, &erasure("acme", &[])).await;
    assert!(erased.wiped);
    assert_eq!(left(), 0);
}
