//! What was read for one sheet: written down while the sheet is made, and read again instead of a store.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use scoresheet_domain::{
    Client, ClientRef, Entry, Instant, Intervals, ProviderName, SourceClient, Window,
    mapping::{Decision, FormerTie},
};
use serde::{Deserialize, Serialize};

use super::{Facts, RejectionCount, Samples, Scope, StoreError, SyncRecord};

/// All that was read for one sheet, by what was asked for. It answers the same questions again, and no others.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct KeptFacts {
    roster: Vec<((), Vec<Client>)>,
    entries: Vec<(bool, Vec<Entry>)>,
    decisions: Vec<(ProviderName, Vec<Decision>)>,
    ties: Vec<(ProviderName, Vec<FormerTie>)>,
    source_clients: Vec<(Scope, Vec<SourceClient>)>,
    coverage: Vec<(Scope, Intervals)>,
    sync_records: Vec<(Scope, SyncRecord)>,
    pruned_until: Vec<(Scope, Option<Instant>)>,
    rejections: Vec<((Scope, Window), Vec<RejectionCount>)>,
    samples: Vec<((Scope, Window), Samples)>,
}

impl KeptFacts {
    /// The earliest instant that observations were asked for from; none where none were.
    #[must_use]
    pub fn since(&self) -> Option<Instant> {
        self.samples.iter().map(|((_, window), _)| window.start).min()
    }
}

/// A store's facts, written down as they are read.
pub(crate) struct Recording {
    facts: Arc<dyn Facts>,
    kept: Mutex<KeptFacts>,
}

impl Recording {
    pub(crate) fn of(facts: Arc<dyn Facts>) -> Self {
        Self { facts, kept: Mutex::default() }
    }

    /// What was read so far.
    pub(crate) fn take(&self) -> KeptFacts {
        std::mem::take(&mut *self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Writes down an answer; what was asked for before is written down already.
    fn keep<K: PartialEq, V: Clone>(&self, list: fn(&mut KeptFacts) -> &mut Vec<(K, V)>, key: K, answer: &V) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let list = list(&mut kept);
        if !list.iter().any(|(known, _)| *known == key) {
            list.push((key, answer.clone()));
        }
    }
}

#[async_trait]
impl Facts for Recording {
    async fn roster(&self) -> Result<Vec<Client>, StoreError> {
        let answer = self.facts.roster().await?;
        self.keep(|kept| &mut kept.roster, (), &answer);
        Ok(answer)
    }

    async fn decisions(&self, provider: &ProviderName) -> Result<Vec<Decision>, StoreError> {
        let answer = self.facts.decisions(provider).await?;
        self.keep(|kept| &mut kept.decisions, provider.clone(), &answer);
        Ok(answer)
    }

    async fn ties(&self, provider: &ProviderName) -> Result<Vec<FormerTie>, StoreError> {
        let answer = self.facts.ties(provider).await?;
        self.keep(|kept| &mut kept.ties, provider.clone(), &answer);
        Ok(answer)
    }

    async fn source_clients(&self, scope: &Scope) -> Result<Vec<SourceClient>, StoreError> {
        let answer = self.facts.source_clients(scope).await?;
        self.keep(|kept| &mut kept.source_clients, scope.clone(), &answer);
        Ok(answer)
    }

    async fn coverage(&self, scope: &Scope) -> Result<Intervals, StoreError> {
        let answer = self.facts.coverage(scope).await?;
        self.keep(|kept| &mut kept.coverage, scope.clone(), &answer);
        Ok(answer)
    }

    async fn sync_record(&self, scope: &Scope) -> Result<SyncRecord, StoreError> {
        let answer = self.facts.sync_record(scope).await?;
        self.keep(|kept| &mut kept.sync_records, scope.clone(), &answer);
        Ok(answer)
    }

    async fn samples(
        &self,
        scope: &Scope,
        window: Window,
        clients: Option<&[ClientRef]>,
    ) -> Result<Samples, StoreError> {
        let answer = self.facts.samples(scope, window, clients).await?;
        self.keep(|kept| &mut kept.samples, (scope.clone(), window), &answer);
        Ok(answer)
    }

    async fn rejections(&self, scope: &Scope, window: Window) -> Result<Vec<RejectionCount>, StoreError> {
        let answer = self.facts.rejections(scope, window).await?;
        self.keep(|kept| &mut kept.rejections, (scope.clone(), window), &answer);
        Ok(answer)
    }

    async fn pruned_until(&self, scope: &Scope) -> Result<Option<Instant>, StoreError> {
        let answer = self.facts.pruned_until(scope).await?;
        self.keep(|kept| &mut kept.pruned_until, scope.clone(), &answer);
        Ok(answer)
    }

    async fn entries(&self, cleared: bool) -> Result<Vec<Entry>, StoreError> {
        let answer = self.facts.entries(cleared).await?;
        self.keep(|kept| &mut kept.entries, cleared, &answer);
        Ok(answer)
    }
}

/// What was answered then; a question that was not asked then means that the sheet is made in another way now.
fn answer<K: PartialEq, V: Clone>(list: &[(K, V)], key: &K) -> Result<V, StoreError> {
    list.iter().find(|(known, _)| known == key).map(|(_, answer)| answer.clone()).ok_or_else(|| StoreError::Database {
        doing: "making a sheet again",
        message: "this version of the program asks for more than was kept for it".to_owned(),
    })
}

#[async_trait]
impl Facts for KeptFacts {
    async fn roster(&self) -> Result<Vec<Client>, StoreError> {
        answer(&self.roster, &())
    }

    async fn decisions(&self, provider: &ProviderName) -> Result<Vec<Decision>, StoreError> {
        answer(&self.decisions, provider)
    }

    async fn ties(&self, provider: &ProviderName) -> Result<Vec<FormerTie>, StoreError> {
        answer(&self.ties, provider)
    }

    async fn source_clients(&self, scope: &Scope) -> Result<Vec<SourceClient>, StoreError> {
        answer(&self.source_clients, scope)
    }

    async fn coverage(&self, scope: &Scope) -> Result<Intervals, StoreError> {
        answer(&self.coverage, scope)
    }

    async fn sync_record(&self, scope: &Scope) -> Result<SyncRecord, StoreError> {
        answer(&self.sync_records, scope)
    }

    async fn samples(&self, scope: &Scope, window: Window, _: Option<&[ClientRef]>) -> Result<Samples, StoreError> {
        answer(&self.samples, &(scope.clone(), window))
    }

    async fn rejections(&self, scope: &Scope, window: Window) -> Result<Vec<RejectionCount>, StoreError> {
        answer(&self.rejections, &(scope.clone(), window))
    }

    async fn pruned_until(&self, scope: &Scope) -> Result<Option<Instant>, StoreError> {
        answer(&self.pruned_until, scope)
    }

    async fn entries(&self, cleared: bool) -> Result<Vec<Entry>, StoreError> {
        answer(&self.entries, &cleared)
    }
}
