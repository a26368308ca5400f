//! Pulling a window into memory, for whoever compares with the store or looks at the source without storing anything.

use std::collections::{BTreeMap, VecDeque};

use scoresheet_domain::{Cursor, Failure, Observation, RecordId, Rejection, SourceClient, SourceId, Window};

use crate::{
    definition::ProviderInstance,
    ports::RunContext,
    sync::{endless, short},
};

/// Pages per pull, at most; a source that goes on repeats itself.
const MAX_PAGES: usize = 100_000;

/// What a source has in a window.
#[derive(Default)]
pub(crate) struct Pulled {
    /// The observations, each id once.
    pub(crate) observations: Vec<Observation>,
    /// The rejected records.
    pub(crate) rejected: Vec<Rejection>,
}

/// Rows read against the smallest total that the source gives.
#[derive(Default)]
struct Rows {
    pages: usize,
    read: u64,
    total: Option<u64>,
}

impl Rows {
    fn add(&mut self, what: &str, read: u32, total: Option<u64>) -> Result<(), Failure> {
        self.pages += 1;
        self.read += u64::from(read);
        self.total = self.total.into_iter().chain(total).min();
        if self.pages > MAX_PAGES { Err(endless(what)) } else { Ok(()) }
    }

    fn check(&self, what: &str) -> Result<(), Failure> {
        match self.total {
            Some(total) if self.read < total => Err(short(what, self.read, total)),
            _ => Ok(()),
        }
    }
}

impl ProviderInstance {
    /// The source's list of clients.
    pub(crate) async fn list_clients(&self, run: &RunContext) -> Result<Vec<SourceClient>, Failure> {
        let mut clients: BTreeMap<SourceId, SourceClient> = BTreeMap::new();
        let mut pages: VecDeque<Option<Cursor>> = VecDeque::from([None]);
        let mut rows = Rows::default();
        while let Some(cursor) = pages.pop_front() {
            let page = self.provider.clients(run, cursor.as_ref()).await?;
            rows.add("clients", page.read, page.total)?;
            clients.extend(page.items.into_iter().map(|client| (client.id.clone(), client)));
            pages.extend(page.next.into_iter().map(Some));
        }
        rows.check("clients")?;
        Ok(clients.into_values().collect())
    }

    /// What the source has in a window, of these kinds.
    pub(crate) async fn pull_window(&self, run: &RunContext, kinds: &[u16], window: Window) -> Result<Pulled, Failure> {
        // The later position counts, accepted or rejected.
        let mut latest: BTreeMap<RecordId, Result<Observation, Rejection>> = BTreeMap::new();
        let mut without_id = Vec::new();
        let mut pages: VecDeque<Option<Cursor>> = VecDeque::from([None]);
        let mut rows = Rows::default();
        while let Some(cursor) = pages.pop_front() {
            let page = self.provider.pull(run, kinds, window, cursor.as_ref()).await?;
            rows.add("observations", page.read, page.total)?;
            for item in page.items {
                latest.insert(item.id.clone(), Ok(item));
            }
            for rejected in page.rejected {
                match rejected.id.clone() {
                    Some(id) => drop(latest.insert(id, Err(rejected))),
                    None => without_id.push(rejected),
                }
            }
            pages.extend(page.next.into_iter().map(Some));
        }
        rows.check("observations")?;
        let mut pulled = Pulled { observations: Vec::with_capacity(latest.len()), rejected: without_id };
        for record in latest.into_values() {
            match record {
                Ok(observation) => pulled.observations.push(observation),
                Err(rejection) => pulled.rejected.push(rejection),
            }
        }
        Ok(pulled)
    }
}

impl Pulled {
    /// The clients that the observations name, for a source that has no list.
    pub(crate) fn clients(&self) -> Vec<SourceClient> {
        let mut clients: BTreeMap<SourceId, SourceClient> = BTreeMap::new();
        for client in self.observations.iter().map(|observation| &observation.client) {
            let named = || client.name().and_then(|name| SourceId::new(name).ok());
            let Some(id) = client.id().cloned().or_else(named) else { continue };
            let name = client.name().unwrap_or(id.as_str()).to_owned();
            clients.entry(id.clone()).or_insert(SourceClient {
                id,
                name,
                active: true,
                identifiers: Vec::new(),
                domains: Vec::new(),
                attributes: Vec::new(),
            });
        }
        clients.into_values().collect()
    }
}
