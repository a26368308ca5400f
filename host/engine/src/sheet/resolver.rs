//! From what a record says of its client to the clients of a sheet.

use std::collections::{BTreeMap, HashMap, HashSet};

use scoresheet_domain::{Client, ClientRef, SourceId, Window};

use super::positions;
use crate::{
    mapping::{ProviderMapping, SourceNames},
    ports::ClientSamples,
};

/// Finds the clients that a record belongs to.
pub(super) struct Resolver<'a> {
    names: SourceNames<'a>,
    /// Positions on the sheet, by source client.
    known: HashMap<&'a SourceId, Vec<usize>>,
    /// Source clients that belong to a client of the roster, active or not.
    mapped: HashSet<&'a SourceId>,
}

/// Why a record belongs to no client of the roster.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lost {
    /// Its source client is mapped to no client.
    Unmapped(SourceId),
    /// The source's list of clients does not have this id or name, or has the name twice.
    Unknown(String),
}

/// Whose a record is.
#[derive(Clone, Default)]
pub(super) struct Whose {
    /// Positions on the sheet.
    pub(super) positions: Vec<usize>,
    /// Why it is nobody's.
    pub(super) lost: Option<Lost>,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(mapping: &'a ProviderMapping, clients: &'a [Client]) -> Self {
        let positions = positions(clients);
        let by_source = mapping.clients_by_source();
        let of_source = |source: &SourceId| {
            let clients = by_source.get(source).map(Vec::as_slice).unwrap_or_default();
            clients.iter().filter_map(|id| positions.get(*id).copied()).collect()
        };
        Self {
            names: mapping.source_names(),
            known: mapping.sources.iter().map(|source| (&source.id, of_source(&source.id))).collect(),
            mapped: by_source.keys().copied().chain(&mapping.idle).collect(),
        }
    }

    /// Every way in which a record can name a client of the sheet.
    pub(super) fn refs(&self) -> Vec<ClientRef> {
        let on_sheet = |id: &SourceId| self.known.get(id).is_some_and(|positions| !positions.is_empty());
        let ids = self.known.keys().filter(|id| on_sheet(id)).map(|id| ClientRef::from_id((*id).clone()));
        let named = self.names.iter().filter(|(_, id)| on_sheet(id));
        ids.chain(named.map(|(name, _)| ClientRef::from_name(name))).collect()
    }

    pub(super) fn resolve(&self, client: &ClientRef) -> Whose {
        let unknown = |text: &str| Whose { positions: Vec::new(), lost: Some(Lost::Unknown(text.to_owned())) };
        let Some(id) = self.names.find(client) else { return unknown(client.name().unwrap_or_default()) };
        match self.known.get(id) {
            None => unknown(id.as_str()),
            Some(positions) => Whose {
                positions: positions.clone(),
                lost: (!self.mapped.contains(id)).then(|| Lost::Unmapped(id.clone())),
            },
        }
    }

    /// The observations in any of these windows that belong to no client of the roster. Windows of one provider
    /// overlap, so the largest count is reported.
    pub(super) fn lost(&self, samples: &[ClientSamples], windows: &[Window]) -> BTreeMap<Lost, usize> {
        let mut lost: BTreeMap<Lost, usize> = BTreeMap::new();
        for ClientSamples { client, samples } in samples {
            let Some(reason) = self.resolve(client).lost else { continue };
            let count = |window: &Window| samples.iter().filter(|sample| sample.touches(*window)).count();
            let most = windows.iter().map(count).max().unwrap_or(0);
            if most > 0 {
                // An id and a name may mean the same unknown client.
                *lost.entry(reason).or_default() += most;
            }
        }
        lost
    }
}
