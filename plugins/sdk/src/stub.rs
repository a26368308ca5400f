//! What stub providers share: a made-up roster, figures that are the same at every call, paging. No network.
//!
//! A stub stands in for a source that nobody has written the provider for yet. It says so in its description
//! (`stub: true`), and the host says so on every sheet that shows it.

mod random;

use std::collections::BTreeSet;

pub use random::Random;

use crate::{
    CheckStep, ClientPage, Cursor, Failure, Instant, Observation, ObservationPage, Outcome, SourceClient, Window,
    numbers::DAY_MS, paging::PageCursor, settings::Settings, text,
};

/// What every stub's explanations say.
pub const NOTE: &str = "stub: these figures are made up";

/// Clients on a page: few, so that small rosters have several pages.
pub const CLIENTS_PER_PAGE: usize = 10;

/// Nothing is made up before 2020 and from 2100 on, however long the window.
pub const ERA: Window = Window { start: 1_577_836_800_000, end: 4_102_444_800_000 };

/// JSON Schema (draft 2020-12) of a stub's provider settings.
pub const SETTINGS_SCHEMA: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Stub: made-up figures",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "clients": {
      "type": "array",
      "items": { "type": "string", "pattern": "\\S" },
      "uniqueItems": true,
      "default": [],
      "description": "The names of the clients to make figures up for."
    },
    "seed": {
      "type": "integer",
      "minimum": 0,
      "default": 1,
      "description": "Another seed makes up other figures."
    }
  }
}"#;

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
pub fn check(settings: &str) -> Vec<CheckStep> {
    let title = "Stub".to_owned();
    vec![match roster(settings) {
        Ok(roster) => {
            let detail = format!("figures are made up for {} clients; no connection is used", roster.len());
            CheckStep { title, detail, outcome: Ok(()), remedy: None }
        }
        Err(failure) => CheckStep {
            title,
            detail: "the settings cannot be used".to_owned(),
            outcome: Err(failure),
            remedy: Some("correct `clients` and `seed` of the provider".to_owned()),
        },
    }]
}

/// A page of the made-up roster: the names of the settings, all active.
///
/// # Errors
/// [`Failure::Settings`]; [`Failure::Other`] for a cursor that was never handed out.
pub fn clients(settings: &str, page: Option<&[u8]>) -> Result<ClientPage, Failure> {
    let (clients, next) = page_of(roster(settings)?, page)?;
    let item = |client: StubClient| SourceClient {
        id: client.id,
        name: client.name,
        active: true,
        identifiers: Vec::new(),
        domains: Vec::new(),
    };
    Ok(ClientPage { items: clients.into_iter().map(item).collect(), next })
}

/// A page of made-up observations: what `make_up` adds for each client of the page. It must depend on the client and
/// on single days or facts alone, so that neighbouring windows give together what the whole gives; what it adds
/// outside the window is left out here.
///
/// # Errors
/// [`Failure::Settings`]; [`Failure::Other`] for a cursor that was never handed out.
pub fn pull(
    settings: &str,
    window: Window,
    client: Option<&str>,
    page: Option<&[u8]>,
    make_up: impl Fn(&StubClient, Window, &mut Vec<Observation>),
) -> Result<ObservationPage, Failure> {
    let mut roster = roster(settings)?;
    if let Some(only) = client {
        roster.retain(|client| client.id == only);
    }
    let (clients, next) = page_of(roster, page)?;
    let mut items = Vec::new();
    for client in &clients {
        make_up(client, window, &mut items);
    }
    items.retain(|item| crate::touches(item.when, window));
    Ok(ObservationPage { items, rejected: Vec::new(), next, total: None })
}

/// Adds [`NOTE`] to what explains a score.
#[must_use]
pub fn noted(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Measured(mut score) => {
            score.explanation.push(NOTE.to_owned());
            Outcome::Measured(score)
        }
        other => other,
    }
}

fn roster(settings: &str) -> Result<Vec<StubClient>, Failure> {
    let mut settings = Settings::parse(settings)?;
    let names = settings.texts("clients");
    let seed = settings.whole("seed", 0..=u64::MAX, 1);
    let mut ids = BTreeSet::new();
    let mut roster = Vec::with_capacity(names.len());
    for name in names {
        if !text::is_usable_name(&name) {
            settings.note("clients", "a name is longer than 1,000 bytes, or nothing in it can be seen");
        }
        let id = id_of(&name);
        if !ids.insert(id.clone()) {
            settings.note("clients", format!("'{name}' has the same id as another one, by chance: change a letter"));
        }
        roster.push(StubClient { id, name, seed });
    }
    settings.finish(roster)
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

fn page_of(roster: Vec<StubClient>, page: Option<&[u8]>) -> Result<(Vec<StubClient>, Vec<Cursor>), Failure> {
    let cursor = PageCursor::decode(page)?;
    let pages = roster.len().div_ceil(CLIENTS_PER_PAGE) as u64;
    let before = usize::try_from(cursor.page() - 1).unwrap_or(usize::MAX).saturating_mul(CLIENTS_PER_PAGE);
    let clients = roster.into_iter().skip(before).take(CLIENTS_PER_PAGE).collect();
    Ok((clients, cursor.following(pages)))
}

#[cfg(test)]
mod tests;
