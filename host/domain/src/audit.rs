//! The audit log's chain: what an entry is, what its hash covers, and how a reader finds the first one that was touched.
//!
//! Pure. Whoever keeps the entries, and in which transaction, is the store's business; who they name, the caller's.
//!
//! Each hash covers the entry and the hash before it, so an entry that is edited, taken out or put in shows at that
//! place. The newest sequence number and hash stand a second time, apart from the entries (the [`Anchor`]), so a tail
//! that is cut off shows too. **What this cannot show:** somebody who may write to the whole file and computes every
//! later hash and the anchor anew. For that, keep a copy of a verdict's last hash where that person cannot write.
//!
//! The hash covers a digest of the detail, not the detail: an erasure can blank what names a client, and the chain
//! still holds. The digest is over a random nonce too, which goes with the detail, so nobody can guess what stood there.

use std::collections::BTreeSet;

use crate::{
    digest::{Digest, Hasher},
    time::Instant,
};

/// What was done. Part of the stored data: a word that was released never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AuditAction {
    /// A roster took the place of the former.
    RosterReplaced,
    /// A person said whether a client and a source client are the same.
    DecisionSet,
    /// A client's decisions were forgotten.
    DecisionsCleared,
    /// A person put a score over the computed one.
    OverrideSet,
    /// The scores over a computed one were taken back.
    OverrideCleared,
    /// A person entered a score of a manual metric.
    ScoreEntered,
    /// The scores that were entered of a manual metric were taken back.
    ScoreCleared,
    /// A sync began.
    SyncBegan,
    /// A sync of everything anew began (`--full`).
    FullSyncBegan,
    /// A provider's sync ended, with its counts.
    SyncFinished,
    /// What a provider delivered was refused at the door.
    BatchRejected,
    /// Observations that the source no longer has were withdrawn.
    Withdrawn,
    /// Too many would have been withdrawn: nothing was.
    WithdrawalRefused,
    /// A pull was given up; its pages stay.
    PullAbandoned,
    /// Observations were removed because of their age.
    Pruned,
    /// The oldest entries of this log were removed because of their age.
    AuditPruned,
    /// A client's data were removed everywhere.
    ClientErased,
    /// An erased client's records are skipped no more.
    ErasureLifted,
    /// A provider's credential is another one.
    CredentialChanged,
    /// A provider's component is another one.
    ComponentChanged,
    /// A provider's settings are other ones, so its data start anew.
    SettingsChanged,
    /// A rule found something that persons are to be told.
    AlertFired,
    /// What an alert told of is over.
    AlertResolved,
    /// A person has seen an alert.
    AlertAcknowledged,
}

impl AuditAction {
    /// The word that the store keeps.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RosterReplaced => "roster-replaced",
            Self::DecisionSet => "decision-set",
            Self::DecisionsCleared => "decisions-cleared",
            Self::OverrideSet => "override-set",
            Self::OverrideCleared => "override-cleared",
            Self::ScoreEntered => "score-entered",
            Self::ScoreCleared => "score-cleared",
            Self::SyncBegan => "sync-began",
            Self::FullSyncBegan => "full-sync-began",
            Self::SyncFinished => "sync-finished",
            Self::BatchRejected => "batch-rejected",
            Self::Withdrawn => "withdrawn",
            Self::WithdrawalRefused => "withdrawal-refused",
            Self::PullAbandoned => "pull-abandoned",
            Self::Pruned => "pruned",
            Self::AuditPruned => "audit-pruned",
            Self::ClientErased => "client-erased",
            Self::ErasureLifted => "erasure-lifted",
            Self::CredentialChanged => "credential-changed",
            Self::ComponentChanged => "component-changed",
            Self::SettingsChanged => "settings-changed",
            Self::AlertFired => "alert-fired",
            Self::AlertResolved => "alert-resolved",
            Self::AlertAcknowledged => "alert-acknowledged",
        }
    }
}

/// An entry, as it is read back.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct AuditEntry {
    /// Its number, from 1, without gaps.
    pub seq: u64,
    /// When.
    pub at: Instant,
    /// Who: `user@host`.
    pub actor: String,
    /// What was done: a word of [`AuditAction`].
    pub action: String,
    /// To what; never a client: a provider, a metric, "roster", "store".
    pub subject: String,
    /// The circumstances; none where an erasure blanked them.
    pub detail: Option<serde_json::Value>,
    /// The entry's hash, in hexadecimal.
    pub hash: String,
}

/// Whether the log is whole.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct AuditVerdict {
    /// How many entries were found to be as they were written.
    pub entries: u64,
    /// The last of them, in hexadecimal: note it elsewhere to hold the log against it later.
    pub last_hash: String,
    /// The first place that is not as it was written.
    pub broken: Option<AuditBreak>,
}

/// Where a log is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct AuditBreak {
    /// The entry that is wrong, or is missing.
    pub seq: u64,
    /// What is wrong with it.
    pub why: String,
}

/// What an entry's hash covers, besides the hash before it.
#[derive(Clone, Copy, Debug)]
pub struct Link<'a> {
    /// The entry's number.
    pub seq: u64,
    /// When, in milliseconds since the epoch.
    pub at_ms: i64,
    /// Who.
    pub actor: &'a str,
    /// What.
    pub action: &'a str,
    /// To what.
    pub subject: &'a str,
    /// The digest of the detail and its nonce.
    pub detail: Digest,
}

impl Link<'_> {
    /// The entry's hash.
    #[must_use]
    pub fn hash(&self, previous: &Digest) -> Digest {
        let mut hasher = Hasher::new();
        hasher.field(self.seq.to_le_bytes()).number(self.at_ms);
        hasher.field(self.actor).field(self.action).field(self.subject);
        hasher.field(self.detail.bytes()).field(previous.bytes());
        hasher.finish()
    }
}

/// What stands for a detail in the chain.
#[must_use]
pub fn detail_digest(nonce: &[u8], detail: &str) -> Digest {
    let mut hasher = Hasher::new();
    hasher.field(nonce).field(detail);
    hasher.finish()
}

/// A place in the chain: an entry's number and hash; [`Anchor::BEGINNING`] before the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// The entry's number; 0 before the first.
    pub seq: u64,
    /// Its hash.
    pub hash: Digest,
}

impl Anchor {
    /// Before the first entry.
    pub const BEGINNING: Self = Self { seq: 0, hash: Digest::ZERO };
}

/// An entry, as it is stored.
#[derive(Clone, Copy, Debug)]
pub struct StoredEntry<'a> {
    /// What its hash covers.
    pub link: Link<'a>,
    /// The hash it says the one before has.
    pub previous: Digest,
    /// Its own.
    pub hash: Digest,
    /// Nonce and text of the detail, where it was not blanked.
    pub detail: Option<(&'a [u8], &'a str)>,
}

/// Goes along the chain.
#[derive(Clone, Debug)]
pub struct Verifier {
    base: Anchor,
    last: Anchor,
    /// Entries without their detail, and those of which a later entry says so.
    blanked: BTreeSet<u64>,
    announced: BTreeSet<u64>,
    /// Up to where entries say that the log was pruned.
    pruned: BTreeSet<u64>,
    broken: Option<AuditBreak>,
}

impl Verifier {
    /// Begins after `base`: [`Anchor::BEGINNING`], or where a log that was pruned now begins.
    #[must_use]
    pub const fn new(base: Anchor) -> Self {
        Self {
            base,
            last: base,
            blanked: BTreeSet::new(),
            announced: BTreeSet::new(),
            pruned: BTreeSet::new(),
            broken: None,
        }
    }

    /// Takes the next entry, in the order of their numbers; false once something is wrong.
    pub fn step(&mut self, entry: &StoredEntry<'_>) -> bool {
        if self.broken.is_some() {
            return false;
        }
        if let Err(broken) = self.check(entry) {
            self.broken = Some(broken);
            return false;
        }
        self.last = Anchor { seq: entry.link.seq, hash: entry.hash };
        match entry.detail {
            None => {
                self.blanked.insert(entry.link.seq);
            }
            Some((_, detail)) => self.note_announcements(entry.link.action, detail),
        }
        true
    }

    fn check(&self, entry: &StoredEntry<'_>) -> Result<(), AuditBreak> {
        let (seq, expected) = (entry.link.seq, self.last.seq + 1);
        let broken = |seq, why: &str| Err(AuditBreak { seq, why: why.to_owned() });
        if seq > expected {
            return broken(expected, "it is missing: the entry was removed");
        }
        if seq < expected {
            return broken(seq, "it was put in: the log begins after it");
        }
        if entry.link.hash(&entry.previous) != entry.hash {
            return broken(seq, "it was edited: its hash is another entry's");
        }
        if entry.previous != self.last.hash {
            return broken(seq, "it does not follow from the entry before: one of the two was put in or rewritten");
        }
        if entry.detail.is_some_and(|(nonce, detail)| detail_digest(nonce, detail) != entry.link.detail) {
            return broken(seq, "its detail was edited");
        }
        Ok(())
    }

    fn note_announcements(&mut self, action: &str, detail: &str) {
        let read = || serde_json::from_str::<serde_json::Value>(detail).unwrap_or_default();
        if action == AuditAction::ClientErased.as_str() {
            let seqs = read().get("blanked").and_then(|seqs| seqs.as_array().cloned()).unwrap_or_default();
            self.announced.extend(seqs.iter().filter_map(serde_json::Value::as_u64));
        } else if action == AuditAction::AuditPruned.as_str() {
            self.pruned.extend(read().get("through").and_then(serde_json::Value::as_u64));
        }
    }

    /// The verdict, against where the log should end.
    #[must_use]
    pub fn finish(self, head: Anchor) -> AuditVerdict {
        let last = self.last;
        let broken = self.broken.or_else(|| {
            let broken = |seq, why: String| Some(AuditBreak { seq, why });
            // First the end: of a log that was cut off, the entries that account for what is missing may be gone too.
            if last.seq < head.seq {
                return broken(last.seq + 1, format!("it is missing: the log should reach entry {}", head.seq));
            }
            if last.seq > head.seq {
                return broken(head.seq + 1, "it was put in: the log should end before it".to_owned());
            }
            if last.hash != head.hash {
                return broken(last.seq, "it was rewritten: the log should end with another hash".to_owned());
            }
            if self.base.seq > 0 && !self.pruned.contains(&self.base.seq) {
                let why = "what stood before it was removed, and no entry says so".to_owned();
                return broken(self.base.seq + 1, why);
            }
            if let Some(seq) = self.blanked.difference(&self.announced).next() {
                return broken(*seq, "its detail was removed, and no erasure says so".to_owned());
            }
            None
        });
        AuditVerdict { entries: last.seq - self.base.seq, last_hash: last.hash.hex(), broken }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug)]
    struct Row {
        seq: u64,
        actor: String,
        action: &'static str,
        detail: Option<String>,
        digest: Digest,
        previous: Digest,
        hash: Digest,
    }

    impl Row {
        fn link(&self) -> Link<'_> {
            Link {
                seq: self.seq,
                at_ms: 7,
                actor: &self.actor,
                action: self.action,
                subject: "store",
                detail: self.digest,
            }
        }

        fn seal(&mut self) -> Anchor {
            self.hash = self.link().hash(&self.previous);
            Anchor { seq: self.seq, hash: self.hash }
        }
    }

    fn append(rows: &mut Vec<Row>, action: AuditAction, detail: &str) -> Anchor {
        let last = rows.last().map_or(Anchor::BEGINNING, |row| Anchor { seq: row.seq, hash: row.hash });
        let mut row = Row {
            seq: last.seq + 1,
            actor: "anna@here".into(),
            action: action.as_str(),
            detail: Some(detail.into()),
            digest: detail_digest(b"nonce", detail),
            previous: last.hash,
            hash: Digest::ZERO,
        };
        let head = row.seal();
        rows.push(row);
        head
    }

    fn log() -> (Vec<Row>, Anchor) {
        let mut rows = Vec::new();
        for n in 1..6 {
            append(&mut rows, AuditAction::SyncFinished, &format!("{{\"pages\":{n}}}"));
        }
        let head = append(&mut rows, AuditAction::SyncFinished, "{}");
        (rows, head)
    }

    fn verdict(base: Anchor, rows: &[Row], head: Anchor) -> (u64, Option<u64>) {
        let mut verifier = Verifier::new(base);
        for row in rows {
            let detail = row.detail.as_deref().map(|detail| (&b"nonce"[..], detail));
            verifier.step(&StoredEntry { link: row.link(), previous: row.previous, hash: row.hash, detail });
        }
        let verdict = verifier.finish(head);
        (verdict.entries, verdict.broken.map(|broken| broken.seq))
    }

    #[test]
    fn a_log_as_it_was_written_is_whole() {
        let (rows, head) = log();
        assert_eq!(verdict(Anchor::BEGINNING, &rows, head), (6, None));
        assert_eq!(verdict(Anchor::BEGINNING, &[], Anchor::BEGINNING), (0, None));
    }

    #[test]
    fn the_first_entry_that_was_touched_is_named() {
        let (rows, head) = log();
        let broken = |touch: &dyn Fn(&mut Vec<Row>)| {
            let mut touched = rows.clone();
            touch(&mut touched);
            verdict(Anchor::BEGINNING, &touched, head).1
        };
        assert_eq!(broken(&|rows| rows[2].actor.push('x')), Some(3), "edited");
        assert_eq!(broken(&|rows| rows[2].detail = Some("{}".into())), Some(3), "its detail edited");
        assert_eq!(broken(&|rows| rows[2].detail = None), Some(3), "its detail removed");
        assert_eq!(broken(&|rows| drop(rows.remove(2))), Some(3), "removed from the middle");
        assert_eq!(broken(&|rows| drop(rows.remove(0))), Some(1), "removed from the beginning");
        assert_eq!(broken(&|rows| rows.truncate(4)), Some(5), "cut off");
        assert_eq!(broken(&Vec::clear), Some(1), "all of it cut off");
        // With hashes that were computed anew, but only for the entry itself.
        let rewritten = |rows: &mut Vec<Row>| {
            rows[2].actor.push('x');
            rows[2].seal();
        };
        assert_eq!(broken(&rewritten), Some(4), "the next one does not follow");
        let last = |rows: &mut Vec<Row>| {
            rows[5].actor.push('x');
            rows[5].seal();
        };
        assert_eq!(broken(&last), Some(6), "the last one has no next, but the anchor");
        let added = |rows: &mut Vec<Row>| {
            append(rows, AuditAction::Pruned, "{}");
        };
        assert_eq!(broken(&added), Some(7), "put in at the end");
        let inserted = |rows: &mut Vec<Row>| {
            let mut new = rows[2].clone();
            new.actor.push('x');
            new.seal();
            rows.insert(3, new);
        };
        assert_eq!(broken(&inserted), Some(3), "put in");
    }

    #[test]
    fn a_blank_detail_needs_an_erasure_that_says_so() {
        let (mut rows, head) = log();
        rows[1].detail = None;
        assert_eq!(verdict(Anchor::BEGINNING, &rows, head), (6, Some(2)));
        let head = append(&mut rows, AuditAction::ClientErased, "{\"blanked\":[2]}");
        assert_eq!(verdict(Anchor::BEGINNING, &rows, head), (7, None));
        rows[3].detail = None;
        assert_eq!(verdict(Anchor::BEGINNING, &rows, head), (7, Some(4)));
    }

    #[test]
    fn a_later_beginning_needs_an_entry_that_says_so() {
        let (mut rows, head) = log();
        let base = Anchor { seq: 2, hash: rows[1].hash };
        rows.drain(..2);
        assert_eq!(verdict(base, &rows, head), (4, Some(3)));
        let head = append(&mut rows, AuditAction::AuditPruned, "{\"through\":2}");
        assert_eq!(verdict(base, &rows, head), (5, None));
    }
}
