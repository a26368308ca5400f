//! A world: clients, rows in the order in which they are served, the roster, and the truth.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt,
    sync::Arc,
};

use chrono::{DateTime, Utc};

use super::{
    expected::Expected,
    generate,
    roster::{self, RosterClient, Tie},
    row::{Meaning, ResponseType, Row},
    selection::Selection,
};

/// A client as CrewHu knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimClient {
    /// CrewHu's id.
    pub id: String,
    /// CrewHu's spelling of the name.
    pub name: String,
    /// Whether CrewHu counts it as current.
    pub active: bool,
}

/// What a generated world is made from: the same options give the same bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WorldOptions {
    /// Other seeds give other answers; the first 40 clients are the same in every world.
    pub seed: u64,
    /// How many clients CrewHu has.
    pub clients: usize,
    /// How many days back the answers reach.
    pub days: u32,
    /// The exclusive end: the moment that the world takes for now.
    pub until: DateTime<Utc>,
    /// The share of rows that are odd or wrong, 0 to 1. From about a thousand rows on, 0.05 shows every way there is.
    pub dirty_share: f64,
    /// How many answers a client gives in 30 days, on average over the clients that answer.
    pub mean_responses_per_client_per_30_days: f64,
}

impl WorldOptions {
    /// Two dozen clients over the 400 days that a first sync asks for, without dirt.
    #[must_use]
    pub const fn new(until: DateTime<Utc>) -> Self {
        Self { seed: 1, clients: 24, days: 400, until, dirty_share: 0.0, mean_responses_per_client_per_30_days: 8.0 }
    }
}

/// Everything that one CrewHu account holds.
#[derive(Clone, PartialEq)]
pub struct World {
    clients: Vec<SimClient>,
    roster: Vec<RosterClient>,
    /// First those with a time, by time; then those that every window has.
    rows: Vec<Row>,
    /// So many rows have a time.
    timed: usize,
    /// Positions of a client's rows, ascending.
    by_owner: HashMap<Arc<str>, Vec<u32>>,
}

impl World {
    /// A made-up account.
    #[must_use]
    pub fn generate(options: WorldOptions) -> Self {
        let (clients, roster, rows) = generate::world(&options);
        Self::assemble(clients, roster, rows)
    }

    /// A world made by hand. Rows are served by time, those of one time in the order given, those
    /// without a usable time last; the MSP's roster has every client under the source's own id and name.
    #[must_use]
    pub fn from_parts(clients: Vec<SimClient>, rows: Vec<Row>) -> Self {
        let roster = clients
            .iter()
            .map(|client| RosterClient {
                id: client.id.clone(),
                active: client.active,
                source_id: Some(client.id.clone()),
                tie: Tie::Exact,
                ..RosterClient::named(&client.name, 0)
            })
            .collect();
        Self::assemble(clients, roster, rows)
    }

    /// The source's clients.
    #[must_use]
    pub fn clients(&self) -> &[SimClient] {
        &self.clients
    }

    /// The source's answers, in the order in which they are served.
    #[must_use]
    pub fn responses(&self) -> &[Row] {
        &self.rows
    }

    /// The MSP's own view of the clients.
    #[must_use]
    pub fn roster(&self) -> &[RosterClient] {
        &self.roster
    }

    /// The roster as the CSV that the MSP would give: `id,name,type,active,domain,aliases,seats`.
    #[must_use]
    pub fn roster_csv(&self) -> String {
        roster::csv(&self.roster)
    }

    /// What one source client's answers in `[from, until)` amount to, as those meant it who made the rows.
    ///
    /// A row whose id comes again at a later position counts as the later one, wherever that lies: the
    /// truth for a sync that has read the whole world.
    #[must_use]
    pub fn expected(
        &self,
        client_id: &str,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
        types: &[ResponseType],
    ) -> Expected {
        let positions = self.by_owner.get(client_id).map_or(&[][..], Vec::as_slice);
        tally(positions.iter().map(|position| &self.rows[*position as usize]), from, until, types)
    }

    /// The rejected rows in `[from, until)` that belong to no client at all, by reason.
    #[must_use]
    pub fn rejected_without_client(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> BTreeMap<&'static str, u64> {
        tally(self.rows.iter().filter(|row| row.owner().is_none()), from, until, &[]).rejected
    }

    /// The rows that a request asks for: half-open, every row without a usable time, and with a
    /// client's id only those that carry it.
    pub(crate) fn select(
        &self,
        from: Option<DateTime<Utc>>,
        until: Option<DateTime<Utc>>,
        client_id: Option<&str>,
    ) -> Selection {
        let inside = |row: &Row| match row.at() {
            Some(at) if !row.in_every_window() => {
                from.is_none_or(|from| from <= at) && until.is_none_or(|until| at < until)
            }
            _ => true,
        };
        if let Some(client_id) = client_id {
            let positions = self.by_owner.get(client_id).map_or(&[][..], Vec::as_slice);
            let wanted = |position: &u32| {
                let row = &self.rows[*position as usize];
                !row.name_only() && inside(row)
            };
            return Selection::Listed(positions.iter().copied().filter(wanted).collect());
        }
        let timed = &self.rows[..self.timed];
        let before = |bound: DateTime<Utc>| timed.partition_point(|row| row.at().is_some_and(|at| at < bound));
        let start = from.map_or(0, before);
        let end = until.map_or(self.timed, before).max(start);
        Selection::Stretches(start..end, self.timed..self.rows.len())
    }

    fn assemble(clients: Vec<SimClient>, roster: Vec<RosterClient>, mut rows: Vec<Row>) -> Self {
        // Stable: rows of one time, and those without, keep the order in which they were made.
        rows.sort_by_key(|row| (row.in_every_window(), row.at().filter(|_| !row.in_every_window())));
        let timed = rows.partition_point(|row| !row.in_every_window());

        let mut later = HashSet::with_capacity(rows.len());
        let superseded: Vec<bool> = rows.iter().rev().map(|row| row.id().is_some_and(|id| !later.insert(id))).collect();
        for (row, superseded) in rows.iter_mut().zip(superseded.into_iter().rev()) {
            row.superseded = superseded;
        }

        let mut by_owner: HashMap<Arc<str>, Vec<u32>> = HashMap::new();
        for (position, row) in rows.iter().enumerate() {
            if let Some(owner) = row.owner() {
                let position = u32::try_from(position).expect("a world holds fewer rows than a u32 counts");
                match by_owner.get_mut(owner) {
                    Some(positions) => positions.push(position),
                    None => {
                        by_owner.insert(owner.into(), vec![position]);
                    }
                }
            }
        }
        Self { clients, roster, rows, timed, by_owner }
    }
}

impl fmt::Debug for World {
    /// Counts alone: a world may hold a million rows.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World")
            .field("clients", &self.clients.len())
            .field("roster", &self.roster.len())
            .field("responses", &self.rows.len())
            .finish()
    }
}

fn tally<'a>(
    rows: impl Iterator<Item = &'a Row>,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    types: &[ResponseType],
) -> Expected {
    let mut expected = Expected::default();
    for row in rows.filter(|row| !row.superseded()) {
        let inside = row.at().is_some_and(|at| from <= at && at < until);
        match row.meaning() {
            Meaning::Rating { about, score } => {
                if inside && types.contains(&about) {
                    expected.ratings.push(score);
                }
            }
            Meaning::Rejected(reason) => {
                if row.in_every_window() {
                    *expected.timeless.entry(reason.as_str()).or_default() += 1;
                }
                if row.in_every_window() || inside {
                    *expected.rejected.entry(reason.as_str()).or_default() += 1;
                }
            }
        }
    }
    expected
}
