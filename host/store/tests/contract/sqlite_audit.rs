//! An audit log that was edited in the file.

use scoresheet_domain::AuditAction;
use scoresheet_engine::PruneLimits;

use crate::{sqlite::File, support::*};

/// What verifying finds after this was done to a log of six entries of which the first is pruned.
async fn broken_after(sql: &'static str) -> Option<u64> {
    let file = File::new();
    let store = file.open().await;
    for n in 0..5 {
        store.note(&by_at(n), &[note(AuditAction::SyncBegan, "every provider")]).await.expect("an entry");
    }
    let limits = PruneLimits { audit_before: Some(at(1)), ..limits(0) };
    assert_eq!(prune(&store, &limits).await.audit, 1);
    assert_eq!(store.verify_audit().await.expect("a verdict").broken, None);
    crate::sqlite::execute(&file.connect(), sql);
    let verdict = store.verify_audit().await.expect("a verdict");
    verdict.broken.map(|broken| broken.seq)
}

#[tokio::test]
async fn first_altered_entry_is_named() {
    for (what, sql, expected) in [
        ("nothing", "SELECT 1", None),
        ("edited: who", "UPDATE audit SET actor = 'eve@here' WHERE seq = 3", Some(3)),
        ("edited: when", "UPDATE audit SET at_ms = at_ms + 1 WHERE seq = 3", Some(3)),
        ("edited: what", "UPDATE audit SET action = 'pruned' WHERE seq IN (3, 5)", Some(3)),
        ("edited: to what", "UPDATE audit SET subject = 'crewhu' WHERE seq = 4", Some(4)),
        ("edited: the detail", "UPDATE audit SET detail = '{\"n\":2}' WHERE seq = 4", Some(4)),
        ("blanked", "UPDATE audit SET detail = NULL, nonce = NULL WHERE seq = 4", Some(4)),
        ("edited: the hash", "UPDATE audit SET hash = zeroblob(32) WHERE seq = 4", Some(4)),
        ("taken out", "DELETE FROM audit WHERE seq = 3", Some(3)),
        (
            "taken out, and closed up",
            "DELETE FROM audit WHERE seq = 3; UPDATE audit SET seq = seq - 1 WHERE seq > 3",
            Some(3),
        ),
        ("the beginning", "DELETE FROM audit WHERE seq = 2", Some(2)),
        ("the tail", "DELETE FROM audit WHERE seq >= 5", Some(5)),
        ("everything", "DELETE FROM audit", Some(2)),
        ("everything, with its end", "DELETE FROM audit; DELETE FROM audit_anchor", Some(1)),
        ("where it begins and ends", "DELETE FROM audit_anchor", Some(1)),
        (
            "put in at the end",
            "INSERT INTO audit SELECT 7, at_ms, actor, action, subject, detail, nonce, detail_digest, hash, hash FROM audit WHERE seq = 6",
            Some(7),
        ),
        (
            "put in before the beginning",
            "INSERT INTO audit SELECT 1, at_ms, actor, action, subject, detail, nonce, detail_digest, previous, hash FROM audit WHERE seq = 2",
            Some(1),
        ),
        (
            "a later beginning",
            "UPDATE audit_anchor SET base_seq = 3, base_hash = (SELECT hash FROM audit WHERE seq = 3); DELETE FROM audit WHERE seq <= 3",
            Some(4),
        ),
    ] {
        assert_eq!(broken_after(sql).await, expected, "{what}");
    }
}
