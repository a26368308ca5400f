//! What stub providers share: an invented roster, figures that are the same in every call, paging. No network.
//!
//! A stub stands in for a source whose provider is not written yet. It says so in its description (`stub: true`), and
//! the host says so on every sheet that shows it.

mod random;

use std::collections::BTreeSet;

pub use random::Random;
use serde::Deserialize;

use crate::{
    Case, CheckStep, ClientPage, ClientRef, Instant, Kind, Observation, ObservationPage, Problem, Settings,
    SourceClient, Window, numbers::DAY_MS, paging::PageCursor, text,
};

/// What every stub's explanations say.
pub const NOTE: &str = "stub: these figures are made up";

/// Clients per page: few, so that small rosters have several pages.
pub const CLIENTS_PER_PAGE: usize = 10;

/// Nothing is invented before 2020 or from 2100 on, however long the window.
pub const ERA: Window = Window { start: 1_577_836_800_000, end: 4_102_444_800_000 };

/// Settings of a stub.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize, schemars::JsonSchema), schemars(title = "Stub: made-up figures"))]
#[serde(default, deny_unknown_fields)]
pub struct StubSettings {
    /// The names of the clients to make figures up for.
    #[cfg_attr(test, schemars(inner(regex(pattern = r"\S")), extend("uniqueItems" = true)))]
    pub clients: Vec<String>,
    /// Another seed makes up other figures.
    pub seed: u64,
}

impl Default for StubSettings {
    fn default() -> Self {
        Self { clients: Vec::new(), seed: 1 }
    }
}

impl Settings for StubSettings {
    const SCHEMA: &'static str = include_str!("../schema/stub.json");

    fn problems(&self) -> Vec<Problem> {
        let mut ids = BTreeSet::new();
        let mut problems = Vec::new();
        for (index, name) in self.clients.iter().enumerate() {
            let pointer = format!("/clients/{index}");
            if !text::is_usable_name(name) {
                problems.push(Problem::new(&pointer, "must be at most 1,000 bytes long and have a visible character"));
            }
            if !ids.insert(id_of(name)) {
                problems.push(Problem::new(&pointer, format!("'{name}' has the id of another name; change a letter")));
            }
        }
        problems
    }
}

/// A client of the made-up source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StubClient {
    /// Made from the name alone, so that it outlives any change of the other settings.
    pub id: String,
    /// The name, as the settings give it.
    pub name: String,
    seed: u64,
}

impl StubClient {
    /// Whose an observation is.
    #[must_use]
    pub fn client_ref(&self) -> ClientRef {
        ClientRef { id: Some(self.id.clone()), name: Some(self.name.clone()) }
    }

    /// The source of everything that holds for this client at all times; `what` keeps different things apart.
    #[must_use]
    pub fn random(&self, what: &str) -> Random {
        Random::keyed(&[&self.seed.to_le_bytes(), self.name.as_bytes(), what.as_bytes()])
    }

    /// The source of everything that happens to this client on this day, in days since 1970.
    #[must_use]
    pub fn random_on(&self, what: &str, day: i64) -> Random {
        Random::keyed(&[&self.seed.to_le_bytes(), self.name.as_bytes(), what.as_bytes(), &day.to_le_bytes()])
    }
}

/// The days since 1970 that a window touches, within [`ERA`].
pub fn days(window: Window) -> impl Iterator<Item = i64> {
    let (start, end) = (window.start.max(ERA.start), window.end.min(ERA.end));
    let last = if start < end { (end - 1).div_euclid(DAY_MS) } else { i64::MIN };
    start.div_euclid(DAY_MS)..=last
}

/// A moment within office hours (08:00 to 18:00 UTC) of a day since 1970.
pub fn office_hour(day: i64, random: &mut Random) -> Instant {
    const HOUR_MS: i64 = 3_600_000;
    let into = i64::try_from(random.below(10 * HOUR_MS.unsigned_abs())).unwrap_or_default();
    day * DAY_MS + 8 * HOUR_MS + into
}

/// The connection test of a stub: there is no connection.
#[must_use]
pub fn check(settings: &StubSettings) -> Vec<CheckStep> {
    vec![CheckStep {
        title: "Stub".to_owned(),
        detail: format!("figures are made up for {} clients; no connection is used", settings.clients.len()),
        outcome: Ok(()),
        remedy: None,
        costs: Vec::new(),
    }]
}

/// A page of the invented roster: the names of the settings, all active.
#[must_use]
pub fn clients(settings: &StubSettings, page: Option<PageCursor>) -> ClientPage<PageCursor> {
    let (clients, next) = page_of(settings, page);
    let item = |client: StubClient| SourceClient {
        id: client.id,
        name: client.name,
        active: true,
        identifiers: Vec::new(),
        domains: Vec::new(),
        attributes: Vec::new(),
    };
    let items: Vec<SourceClient> = clients.into_iter().map(item).collect();
    ClientPage { read: count(items.len()), items, next, total: Some(settings.clients.len() as u64) }
}

/// A page of invented observations: what `make_up` adds for each client of the page. It must depend on the client and on
/// single days or facts alone, so that adjacent windows give together what the whole gives. What it adds outside the
/// window or of other kinds is dropped here.
#[must_use]
pub fn pull<K: Kind>(
    settings: &StubSettings,
    kinds: &[K],
    window: Window,
    page: Option<PageCursor>,
    make_up: impl Fn(&StubClient, Window, &mut Vec<Observation>),
) -> ObservationPage<PageCursor> {
    let (clients, next) = page_of(settings, page);
    let mut items = Vec::new();
    for client in &clients {
        make_up(client, window, &mut items);
    }
    items.retain(|item| crate::touches(item.when, window) && kinds.iter().any(|kind| kind.index() == item.kind));
    ObservationPage { read: count(items.len()), items, rejected: Vec::new(), next, total: None }
}

/// The explanation of a score: this line and [`NOTE`].
pub fn explanation<K: Kind>(case: &Case<'_, K>, line: impl FnOnce() -> String) -> Vec<String> {
    case.explain(|| vec![line(), NOTE.to_owned()])
}

/// "cw-", something to recognise the name by, and eight digits that keep similar names apart.
fn id_of(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars() {
        if slug.len() == 40 {
            break;
        }
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let digest = Random::keyed(&[name.as_bytes()]).next() >> 32;
    let dash = if slug.is_empty() || slug.ends_with('-') { "" } else { "-" };
    format!("cw-{slug}{dash}{digest:08x}")
}

fn page_of(settings: &StubSettings, page: Option<PageCursor>) -> (Vec<StubClient>, Vec<PageCursor>) {
    let cursor = page.unwrap_or_default();
    let pages = settings.clients.len().div_ceil(CLIENTS_PER_PAGE) as u64;
    let before = usize::try_from(cursor.page() - 1).unwrap_or(usize::MAX).saturating_mul(CLIENTS_PER_PAGE);
    let names = settings.clients.iter().skip(before).take(CLIENTS_PER_PAGE);
    let client = |name: &String| StubClient { id: id_of(name), name: name.clone(), seed: settings.seed };
    (names.map(client).collect(), cursor.following(pages))
}

fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
