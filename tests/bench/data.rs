//! The account that is measured on: answers in order of time, made from their number alone.

use std::fmt::Write as _;

use chrono::DateTime;

/// The days that the answers are spread over, evenly: fewer than the lookback, so that every answer lies in the window.
pub(crate) const DAYS: u64 = 88;

/// Thirteen months: as many as a first sync brings where nothing is configured.
pub(crate) const YEAR_DAYS: u64 = 395;

const DAY_MS: u64 = 86_400_000;

/// How many answers of how many clients, and until when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// How many answers.
    pub(crate) answers: u64,
    /// How many clients; the answers are spread over them at random.
    pub(crate) clients: u64,
    /// When the last answer was given, in milliseconds since 1970.
    pub(crate) end_ms: u64,
    /// The days that they are spread over.
    pub(crate) days: u64,
    /// How ids look: counted up, as most databases do, or random, as others.
    pub(crate) ids: Ids,
}

/// How the ids of answers look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ids {
    Counted,
    Random,
}

impl Shape {
    /// When answer `index` was given.
    pub(crate) fn at_ms(&self, index: u64) -> u64 {
        let start = self.end_ms - self.days * DAY_MS;
        start + (self.days * DAY_MS / self.answers.max(1)) * index
    }

    /// The first answer at this time or later.
    pub(crate) fn first_from(&self, at_ms: u64) -> u64 {
        let start = self.end_ms - self.days * DAY_MS;
        let step = (self.days * DAY_MS / self.answers.max(1)).max(1);
        at_ms.saturating_sub(start).div_ceil(step).min(self.answers)
    }

    /// Whose answer `index` is, from 0.
    pub(crate) fn client_of(&self, index: u64) -> u64 {
        noise(index) % self.clients
    }

    /// Writes answer `index` as the API does: about 200 bytes, with fields that nobody asked for.
    pub(crate) fn write_answer(&self, index: u64, out: &mut String) {
        let noise = noise(index ^ 0x5eed);
        let client = self.client_of(index);
        let at = DateTime::from_timestamp_millis(i64::try_from(self.at_ms(index)).unwrap_or(0)).unwrap_or_default();
        let id = match self.ids {
            Ids::Counted => format!("r-{index:09}"),
            Ids::Random => format!("r-{:016x}", self::noise(index ^ 0x1d5)),
        };
        let score = match noise % 40 {
            0 => "\"4.5\"",
            1..=2 => "1",
            3..=5 => "2",
            6..=11 => "3",
            12..=24 => "4",
            _ => "5",
        };
        let kind = ["overall", "overall", "resolution", "communication", "timeliness"][(noise >> 8) as usize % 5];
        let status = if (noise >> 16).is_multiple_of(50) { "incomplete" } else { "completed" };
        let _ = write!(
            out,
            "{{\"id\":\"{id}\",\"client_id\":\"c-{client:05}\",\"client_name\":\"{}\",\"score\":{score},\
             \"type\":\"{kind}\",\"responded_at\":\"{}\",\"status\":\"{status}\",\"ticket\":{},\
             \"comment\":\"{}\"}}",
            client_name(client),
            at.format("%Y-%m-%dT%H:%M:%SZ"),
            index / 2,
            ["Thanks", "Quick and friendly", "Had to ask twice", ""][(noise >> 24) as usize % 4]
        );
    }
}

/// A client's name, at the source and on the roster.
pub(crate) fn client_name(client: u64) -> String {
    const FIRST: [&str; 8] = ["Amber", "Birch", "Cobalt", "Delta", "Ember", "Falcon", "Granite", "Harbor"];
    const SECOND: [&str; 8] = ["Dental", "Freight", "Legal", "Foods", "Systems", "Energy", "Clinic", "Capital"];
    let (first, second) = (FIRST[client as usize % 8], SECOND[client as usize / 8 % 8]);
    format!("{first} {second} {client}, Inc.")
}

/// A roster of all clients, as CSV.
pub(crate) fn roster(clients: u64) -> String {
    let mut csv = String::from("id,name,type\n");
    for client in 0..clients {
        let _ =
            writeln!(csv, "m-{client:05},\"{}\",{}", client_name(client), ["managed", "project"][client as usize % 2]);
    }
    csv
}

/// Splitmix64: a number that looks like chance and never changes. <https://prng.di.unimi.it/splitmix64.c>
fn noise(index: u64) -> u64 {
    let mut z = index.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
