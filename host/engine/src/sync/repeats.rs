//! Sources that go round in a circle: the same page again and again, or pages without end.

use std::collections::HashMap;

use scoresheet_domain::{
    Digest, Failure, Observation, ObservationPage, Rejection, SourceId,
    digest::Hasher,
    observation::{ClientRef, When},
    time::Instant,
};

/// A page with the same records for the third time in one pull is a source that goes round in a circle.
const SAME_PAGE_LIMIT: usize = 2;

/// No pull needs more pages than this; a source that hands out more never ends.
pub(super) const MAX_PAGES: u64 = 1_000_000;

/// A page, and the digest of its records.
pub(super) type Digested = (ObservationPage, Digest);

/// Notices a source that serves the same page again and again.
#[derive(Default)]
pub(super) struct RepeatGuard(HashMap<Digest, usize>);

impl RepeatGuard {
    pub(super) fn from_seen(digests: &[Digest]) -> Self {
        let mut guard = Self::default();
        for digest in digests {
            *guard.0.entry(*digest).or_default() += 1;
        }
        guard
    }

    /// Lets a page of observations through, unless there is no end to them.
    pub(super) fn pass(&mut self, (page, digest): Digested, before: u64) -> Result<Digested, Failure> {
        // Records without an id may honestly look alike, so they prove nothing.
        if !page.items.is_empty() || page.rejected.iter().any(|rejection| rejection.id.is_some()) {
            self.see(digest, "observations")?;
        }
        if before >= MAX_PAGES { Err(endless("observations")) } else { Ok((page, digest)) }
    }

    pub(super) fn see(&mut self, digest: Digest, what: &str) -> Result<(), Failure> {
        let times = self.0.entry(digest).or_default();
        *times += 1;
        if *times > SAME_PAGE_LIMIT { Err(endless(what)) } else { Ok(()) }
    }
}

pub(crate) fn endless(what: &str) -> Failure {
    Failure::InvalidResponse(format!("it serves the same page of {what} again and again, as if there were no end"))
}

pub(super) fn page_digest(page: &ObservationPage) -> Digest {
    let mut hasher = Hasher::new();
    for Observation { id, client, when, kind, value } in &page.items {
        hasher.field(id).number(i64::from(*kind)).float(*value);
        hash_client(&mut hasher, Some(client));
        hash_when(&mut hasher, *when);
    }
    for Rejection { id, client, at, reason, .. } in &page.rejected {
        hasher.field(id.as_deref().unwrap_or_default()).number(i64::from(*reason));
        hash_client(&mut hasher, client.as_ref());
        hasher.number(at.map_or(i64::MIN, Instant::millis));
    }
    hasher.finish()
}

fn hash_client(hasher: &mut Hasher, client: Option<&ClientRef>) {
    match client {
        None => hasher.number(0),
        Some(client) => {
            let id = client.id().map(SourceId::as_str).unwrap_or_default();
            hasher.number(1).field(id).field(client.name().unwrap_or_default())
        }
    };
}

fn hash_when(hasher: &mut Hasher, when: When) {
    hasher.number(when.start().millis()).number(when.until().millis());
}
