//! What the store knows, laid out by client.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use scoresheet_domain::{Client, ClientRef, Description, Instant, Intervals, ProviderName, SourceId, Window};
use tokio_util::task::AbortOnDropHandle;

use super::{layout::Layout, positions};
use crate::{
    definition::ProviderInstance,
    engine::{Engine, Roster},
    error::EngineError,
    mapping::ProviderMapping,
    ports::{Facts, RejectionCount, Samples, Scope, StoreError, SyncRecord},
};

/// A daily schedule and two hours of grace: later than that a sync is overdue.
pub(super) const OVERDUE_HOURS: i64 = 26;

/// A provider, as a sheet sees it.
pub(super) struct ProviderView<'a> {
    pub(super) name: &'a ProviderName,
    pub(super) instance: &'a ProviderInstance,
    pub(super) mapping: ProviderMapping,
    pub(super) record: SyncRecord,
}

impl<'a> ProviderView<'a> {
    pub(super) async fn load(
        engine: &'a Engine,
        name: &'a ProviderName,
        instance: &'a ProviderInstance,
        roster: &Roster,
    ) -> Result<Self, EngineError> {
        Ok(Self {
            name,
            instance,
            mapping: engine.map_provider(name, instance, roster).await?,
            record: engine.facts.sync_record(&instance.scope).await?,
        })
    }
}

/// How much of a window has been pulled whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Synced {
    /// Nothing of it.
    Never,
    /// All of it, but for the hours since the last sync that a daily schedule leaves.
    Whole,
    /// Parts of it are missing.
    Partly(Vec<Window>),
}

/// What the store knows of all that a sheet asks of a provider.
pub(super) struct Stored {
    coverage: Intervals,
    /// Up to when the scope was pruned, where anything is missing.
    pruned_until: Option<Instant>,
    /// Of the whole span.
    samples: Samples,
    /// Window by window.
    rejections: Vec<Vec<RejectionCount>>,
}

impl Stored {
    /// Whether anything of a window was ever pulled.
    pub(super) fn knows(&self, window: Window) -> bool {
        self.coverage.touches(window)
    }
}

/// What is read of a provider: of all its windows together, in one pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Span {
    /// From the beginning of the first to the end of the last window that is scored.
    pub(super) whole: Window,
    /// The windows that the sheet's metrics look at.
    pub(super) windows: Vec<Window>,
}

/// A span that is being read, as a task of its own: the store's work goes on beside the engine's.
pub(super) struct Reading(AbortOnDropHandle<Result<Stored, StoreError>>);

impl Reading {
    /// Begins to read a span, of every client or of these.
    pub(super) fn begin(facts: &Arc<dyn Facts>, scope: &Scope, span: Span, only: Option<Vec<ClientRef>>) -> Self {
        let (facts, scope) = (Arc::clone(facts), scope.clone());
        Self(AbortOnDropHandle::new(tokio::spawn(async move {
            let coverage = facts.coverage(&scope).await?;
            let pruned_until = if span.windows.iter().all(|window| synced(&coverage, *window) == Synced::Whole) {
                None
            } else {
                facts.pruned_until(&scope).await?
            };
            if !coverage.touches(span.whole) {
                let rejections = vec![Vec::new(); span.windows.len()];
                return Ok(Stored { coverage, pruned_until, samples: Samples::default(), rejections });
            }
            let rejections = async {
                let mut rejections = Vec::with_capacity(span.windows.len());
                for window in &span.windows {
                    rejections.push(match synced(&coverage, *window) {
                        Synced::Never => Vec::new(),
                        Synced::Whole | Synced::Partly(_) => facts.rejections(&scope, *window).await?,
                    });
                }
                Ok(rejections)
            };
            let (samples, rejections) =
                tokio::try_join!(facts.samples(&scope, span.whole, only.as_deref()), rejections)?;
            Ok(Stored { coverage, pruned_until, samples, rejections })
        })))
    }

    /// What was read.
    pub(super) async fn end(self) -> Result<Stored, EngineError> {
        Ok(outcome(self.0).await??)
    }
}

/// What a task gave. Its panic goes on here; where it was ended from outside, the whole program is ending.
pub(super) async fn outcome<T>(task: AbortOnDropHandle<T>) -> Result<T, EngineError> {
    match task.await {
        Ok(given) => Ok(given),
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(EngineError::Cancelled),
        },
    }
}

/// One window of one provider: all but the samples, which are a [`Layout`] and are gone once they are scored.
pub(super) struct WindowData {
    pub(super) window: Window,
    pub(super) synced: Synced,
    /// Up to when what was known is removed, where anything is missing.
    pub(super) pruned_until: Option<Instant>,
    /// By the client's position on the sheet: how many records were rejected, by reason.
    pub(super) rejected: Vec<BTreeMap<String, u64>>,
    /// Source clients that have observations in the window and serve no client, and how many.
    pub(super) unserved: BTreeMap<SourceId, u64>,
    /// Names that the source's list of clients does not know, and how many observations bear them.
    pub(super) unknown: BTreeMap<String, u64>,
}

impl WindowData {
    /// Nothing is known yet of anybody's observations.
    fn of(stored: &mut Stored, at: usize, window: Window, resolver: &Resolver<'_>, clients: usize) -> Self {
        let mut data = Self {
            window,
            synced: synced(&stored.coverage, window),
            pruned_until: stored.pruned_until,
            rejected: vec![BTreeMap::new(); clients],
            unserved: BTreeMap::new(),
            unknown: BTreeMap::new(),
        };
        for rejection in std::mem::take(&mut stored.rejections[at]) {
            let Some(client) = &rejection.client else { continue };
            for position in &resolver.resolve(client).positions {
                *data.rejected[*position].entry(rejection.reason.clone()).or_default() += rejection.count;
            }
        }
        data
    }

    fn note_lost(&mut self, lost: &Lost, count: u64) {
        if count > 0 {
            let noted = match lost {
                Lost::Unserved(source) => self.unserved.entry(source.clone()).or_default(),
                Lost::Unknown(name) => self.unknown.entry(name.clone()).or_default(),
            };
            *noted += count;
        }
    }
}

/// Finds out whose everything is, of so many clients on the sheet: what there is of each window, and the samples of all.
pub(super) fn lay_out(
    stored: &mut Stored,
    span: &Span,
    description: &Description,
    resolver: &Resolver<'_>,
    clients: usize,
) -> (Vec<WindowData>, Layout) {
    let windows = span.windows.iter().enumerate();
    let mut windows: Vec<WindowData> =
        windows.map(|(at, window)| WindowData::of(stored, at, *window, resolver, clients)).collect();
    let samples = std::mem::take(&mut stored.samples);
    let whose: Vec<Whose> = samples.refs.iter().map(|client| resolver.resolve(client)).collect();
    let kinds: Vec<Option<u16>> = samples
        .kinds
        .iter()
        .map(|name| description.kinds.iter().position(|kind| kind == name).and_then(|at| u16::try_from(at).ok()))
        .collect();
    let mut layout = Layout::of(clients);
    for series in samples.series {
        // A kind that this version of the component no longer has is nothing it could score.
        let Some(kind) = kinds[series.kind as usize] else { continue };
        let whose = &whose[series.client as usize];
        if let Some(lost) = &whose.lost {
            for data in &mut windows {
                data.note_lost(lost, series.count_within(data.window));
            }
        }
        layout.add(&whose.positions, kind, series);
    }
    (windows, layout)
}

fn synced(coverage: &Intervals, window: Window) -> Synced {
    if !coverage.touches(window) {
        return Synced::Never;
    }
    let grace = window.end.plus_millis(-OVERDUE_HOURS * 3_600_000);
    let missing: Vec<Window> =
        coverage.gaps(window).into_iter().filter(|gap| gap.end < window.end || gap.start < grace).collect();
    if missing.is_empty() { Synced::Whole } else { Synced::Partly(missing) }
}

/// Whose a reference is: positions on the sheet, or why it is nobody's.
#[derive(Clone, Default)]
struct Whose {
    positions: Vec<usize>,
    lost: Option<Lost>,
}

#[derive(Clone)]
enum Lost {
    Unserved(SourceId),
    Unknown(String),
}

/// From what an observation says of its client to the clients of the sheet.
pub(super) struct Resolver<'a> {
    by_name: HashMap<&'a str, Option<&'a SourceId>>,
    known: HashMap<&'a SourceId, Vec<usize>>,
    /// Those that belong to a client of the roster, active or not.
    served: HashSet<&'a SourceId>,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(mapping: &'a ProviderMapping, clients: &[&'a Client]) -> Self {
        let positions = positions(clients);
        let by_name = mapping.sources_by_name();
        let by_source = mapping.clients_by_source();
        let served = by_source.keys().copied().chain(&mapping.idle).collect();
        let known = mapping
            .sources
            .iter()
            .map(|source| {
                let at = by_source
                    .get(&source.id)
                    .map(|clients| clients.iter().filter_map(|id| positions.get(*id).copied()).collect())
                    .unwrap_or_default();
                (&source.id, at)
            })
            .collect();
        Self { by_name, known, served }
    }

    /// Every way in which an observation can name a client of the sheet.
    pub(super) fn refs(&self) -> Vec<ClientRef> {
        let on_sheet = |id: &SourceId| self.known.get(id).is_some_and(|positions| !positions.is_empty());
        let ids = self.known.keys().filter(|id| on_sheet(id)).map(|id| ClientRef::Id((*id).clone()));
        let named = self.by_name.iter().filter(|(_, id)| id.is_some_and(on_sheet));
        ids.chain(named.map(|(name, _)| ClientRef::Name((*name).to_owned()))).collect()
    }

    fn resolve(&self, client: &ClientRef) -> Whose {
        let id = match client {
            ClientRef::Id(id) => id,
            ClientRef::Name(name) => match self.by_name.get(name.as_str()) {
                Some(Some(id)) => id,
                _ => return Whose { positions: Vec::new(), lost: Some(Lost::Unknown(name.clone())) },
            },
        };
        match self.known.get(id) {
            None => Whose { positions: Vec::new(), lost: Some(Lost::Unknown(id.to_string())) },
            Some(positions) => Whose {
                positions: positions.clone(),
                lost: (!self.served.contains(id)).then(|| Lost::Unserved(id.clone())),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use scoresheet_domain::time::DAY_MS;

    use super::*;

    fn days(from: i64, until: i64) -> Window {
        Window { start: Instant::from_millis(from * DAY_MS), end: Instant::from_millis(until * DAY_MS) }
    }

    #[test]
    fn a_day_old_sync_is_whole_and_an_older_one_is_not() {
        let window = days(70, 100);
        assert_eq!(synced(&Intervals::default(), window), Synced::Never);
        assert_eq!(synced(&Intervals::new([days(0, 70)]), window), Synced::Never);
        assert_eq!(synced(&Intervals::new([days(0, 100)]), window), Synced::Whole);
        assert_eq!(synced(&Intervals::new([days(0, 99)]), window), Synced::Whole);
        assert_eq!(synced(&Intervals::new([days(0, 98)]), window), Synced::Partly(vec![days(98, 100)]));
        assert_eq!(synced(&Intervals::new([days(80, 100)]), window), Synced::Partly(vec![days(70, 80)]));
    }
}
