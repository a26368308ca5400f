//! The sections `[sheet]`, `[[groups]]`, `[sync]`, `[store]` and `[clients]`.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use scoresheet_domain::{MetricId, ProviderName, compose::Composition, trend::TrendPolicy};
use scoresheet_engine::definition::{GroupDefinition, SyncPolicy};

use super::{
    metric::{KEBAB, WEIGHT, in_words, weighs},
    section::Section,
};

/// How many days a metric looks back where nothing says otherwise.
const DEFAULT_LOOKBACK_DAYS: u32 = 30;
/// The bounds of every lookback, in days.
pub(super) const LOOKBACK_DAYS: std::ops::RangeInclusive<u32> = 1..=3650;

/// `[sheet]`: what the sheet is called, and how its metrics make one engagement score.
#[derive(Clone, Debug, PartialEq)]
pub struct SheetConfig {
    /// The name a person reads. Default: "Client engagement".
    pub name: String,
    /// How many days a metric looks back that says nothing of its own: 1 to 3650, default 30.
    pub lookback_days: u32,
    /// `min_coverage` (default 0.5) and `bands` (default healthy 4.0, watch 3.0).
    pub composition: Composition,
    /// `trend_months` (default 12, 0 for none) and `trend_min_responses` (default 5).
    pub trend: TrendPolicy,
    /// `targets`: the engagement score that clients of a type should reach, by type.
    pub targets: BTreeMap<String, f64>,
}

impl Default for SheetConfig {
    fn default() -> Self {
        Self {
            name: "Client engagement".to_owned(),
            lookback_days: DEFAULT_LOOKBACK_DAYS,
            composition: Composition::default(),
            trend: TrendPolicy::default(),
            targets: BTreeMap::new(),
        }
    }
}

/// `[store]`: where the data is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreLocation {
    /// An SQLite file; the path is absolute. Default: `scoresheet.db` beside the configuration.
    pub path: PathBuf,
}

impl StoreLocation {
    /// As `[store] url` takes it: `sqlite://` and the path as it stands.
    #[must_use]
    pub fn url(&self) -> String {
        format!("sqlite://{}", self.path.display())
    }
}

/// `[clients]`: where the roster comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RosterConfig {
    /// This CSV file, read anew each run; the path is absolute.
    File(PathBuf),
    /// What `clients import` keeps in the store; where there is nothing, the active clients of this provider.
    StoredOr(Option<ProviderName>),
}

/// `name`, `lookback_days`, `min_coverage`, `bands = { healthy, watch }`.
pub(super) fn sheet(mut section: Section<'_>) -> SheetConfig {
    let defaults = SheetConfig::default();
    let name = match section.text("name") {
        Some(name) if name.value.trim().is_empty() => {
            section.problem("name", "the name is empty; give what a person should read, or leave it out");
            None
        }
        Some(name) => Some(name.value),
        None => None,
    };
    let lookback_days = section.integer("lookback_days", LOOKBACK_DAYS).unwrap_or(defaults.lookback_days);
    let min_coverage =
        section.number("min_coverage", "a share from 0 to 1, as 0.5 for half", |share| (0.0..=1.0).contains(&share));
    let mut bands = section.table("bands");
    let mut threshold = |key| bands.number(key, "a score from 1 to 5", |score| (1.0..=5.0).contains(&score));
    let (healthy, watch) = (threshold("healthy"), threshold("watch"));
    let composition = Composition {
        min_coverage: min_coverage.unwrap_or(defaults.composition.min_coverage),
        healthy: healthy.unwrap_or(defaults.composition.healthy),
        watch: watch.unwrap_or(defaults.composition.watch),
    };
    if composition.healthy < composition.watch {
        bands.problem_here(format!(
            "healthy ({}) lies below watch ({}); healthy must be the higher of the two",
            composition.healthy, composition.watch
        ));
    }
    bands.finish();
    let trend = TrendPolicy {
        months: section.integer("trend_months", 0..=120).unwrap_or(defaults.trend.months),
        min_samples: section.integer("trend_min_responses", 1..=100_000).unwrap_or(defaults.trend.min_samples),
    };
    let targets = section.figures("targets", "a score from 1 to 5", |score| (1.0..=5.0).contains(&score));
    section.finish();
    SheetConfig { name: name.unwrap_or(defaults.name), lookback_days, composition, trend, targets }
}

/// `[[groups]]`: `id`, `name`, `weight`.
pub(super) fn groups(sections: Vec<Section<'_>>) -> Vec<GroupDefinition> {
    let mut groups: Vec<GroupDefinition> = Vec::new();
    for mut section in sections {
        let Some(id) = section.text("id").map(|id| id.value) else {
            if !section.has("id") {
                section.problem_here("this group has no id; give one, as id = \"service\"");
            }
            continue;
        };
        if MetricId::new(id.as_str()).is_err() {
            section.problem("id", format!("this is no id of a group; {KEBAB}"));
        } else if groups.iter().any(|group| group.id == id) {
            section.problem("id", format!("there is a group '{id}' already; give each an id of its own"));
        } else {
            section.rename(format!("groups.{id}"));
        }
        let name = section.text("name").map(|name| name.value).filter(|name| !name.trim().is_empty());
        let weight = section.number("weight", WEIGHT, weighs);
        section.finish();
        groups.push(GroupDefinition { name: name.unwrap_or_else(|| in_words(&id)), weight: weight.unwrap_or(1.0), id });
    }
    groups
}

/// `backfill_days`, `overlap_days`.
pub(super) fn sync(mut section: Section<'_>) -> SyncPolicy {
    let defaults = SyncPolicy::default();
    let backfill_days = section.integer("backfill_days", 0..=3650).unwrap_or(defaults.backfill_days);
    let overlap_days = section.integer("overlap_days", 0..=365).unwrap_or(defaults.overlap_days);
    section.finish();
    SyncPolicy { backfill_days, overlap_days, ..defaults }
}

/// `url`: `sqlite://PATH`, the path relative to the file.
pub(super) fn store(mut section: Section<'_>, base_dir: &Path) -> StoreLocation {
    let url = section.text("url").map(|url| url.value);
    let path = match url.as_deref().map(|url| url.split_once("://")) {
        None => Some("scoresheet.db"),
        // A '?' begins options, of which there are none.
        Some(Some((scheme, path))) if scheme.eq_ignore_ascii_case("sqlite") => {
            Some(path).filter(|path| !path.is_empty() && !path.contains(['?', '\0']))
        }
        Some(_) => None,
    };
    if path.is_none() {
        // A URL of another kind may carry a password: it is not repeated.
        section.problem(
            "url",
            "this store cannot be used; give sqlite:// and the path of a file, as sqlite://scoresheet.db",
        );
    }
    section.finish();
    StoreLocation { path: base_dir.join(path.unwrap_or_default()) }
}

/// `file`: a CSV, the path relative to the file.
pub(super) fn clients(mut section: Section<'_>, base_dir: &Path) -> RosterConfig {
    let file = match section.text("file") {
        Some(file) if file.value.is_empty() => {
            section.problem("file", "the path is empty; give the path of a CSV file with at least id,name");
            None
        }
        Some(file) => Some(base_dir.join(file.value)),
        None => None,
    };
    section.finish();
    file.map_or(RosterConfig::StoredOr(None), RosterConfig::File)
}
