//! Makes a world's clients, roster and rows from its options.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{
    cast::{self, CAST_LEN, Profile, Story},
    dirt::{self, Spot},
    names,
    random::Random,
    roster::{self, RosterClient},
    row::{ResponseType, Row},
    world::{SimClient, WorldOptions},
};

/// Clients, roster and rows, the rows in the order in which they were entered.
pub(super) fn world(options: &WorldOptions) -> (Vec<SimClient>, Vec<RosterClient>, Vec<Row>) {
    let profiles: Vec<Profile> = (0..options.clients)
        .map(|index| cast::member(index).unwrap_or_else(|| names::invented(options.seed, index - CAST_LEN)))
        .collect();
    let clients: Vec<SimClient> = profiles
        .iter()
        .enumerate()
        .map(|(index, profile)| SimClient {
            id: format!("c-{}", 101 + index),
            name: profile.source.clone(),
            active: !matches!(profile.story, Story::Left(_)),
        })
        .collect();
    let rows = rows(options, &profiles, &clients);
    let roster = roster(&profiles, &clients);
    (clients, roster, rows)
}

const DAY_SECS: i64 = 86_400;

/// An answer before it has an id.
struct Draft {
    /// Seconds since the epoch.
    at: i64,
    client: usize,
    about: ResponseType,
    score: f64,
}

fn roster(profiles: &[Profile], clients: &[SimClient]) -> Vec<RosterClient> {
    let mut roster: Vec<RosterClient> = profiles
        .iter()
        .zip(clients)
        .enumerate()
        .filter_map(|(index, (profile, client))| {
            let name = profile.roster.as_deref()?;
            Some(RosterClient {
                kind: profile.kind.clone(),
                active: client.active,
                aliases: profile.aliases.clone(),
                seats: profile.seats,
                source_id: Some(client.id.clone()),
                tie: profile.tie,
                ..RosterClient::named(name, 101 + index)
            })
        })
        .collect();
    roster.extend(roster::roster_only(clients.len()));
    roster
}

fn rows(options: &WorldOptions, profiles: &[Profile], clients: &[SimClient]) -> Vec<Row> {
    let mut drafts: Vec<Draft> = Vec::new();
    for (index, profile) in profiles.iter().enumerate() {
        draft(options, index, profile.story, &mut drafts);
    }
    drafts.sort_by_key(|draft| (draft.at, draft.client));

    let ids: Vec<Arc<str>> = clients.iter().map(|client| client.id.as_str().into()).collect();
    let mut random = Random::new(options.seed, DIRT_STREAM);
    let mut soiled = 0;
    let mut rows = Vec::with_capacity(drafts.len());
    for (number, draft) in drafts.iter().enumerate() {
        let name = &clients[draft.client].name;
        let id = format!("r-{}", 100_001 + number);
        // A draft's time lies less than `days` before a valid time, so it is one.
        let at = DateTime::<Utc>::from_timestamp(draft.at, 0).unwrap_or(options.until);
        let row = Row::of(&id, ids[draft.client].clone(), Some(name), at, draft.about, draft.score);
        if random.chance(options.dirty_share) {
            let former_name = profiles[draft.client].roster.as_deref().unwrap_or(name);
            let spot = Spot { former_name, at, score: draft.score, until: options.until };
            rows.extend(dirt::soil(soiled, row, &spot));
            soiled += 1;
        } else {
            rows.push(row);
        }
    }
    rows
}

/// Names the streams of random numbers, apart from those of the names and of each other.
const ANSWER_STREAM: u64 = 0x616e_7377_6572;
const DIRT_STREAM: u64 = 0x6469_7274;

/// One client's answers, in no order.
fn draft(options: &WorldOptions, client: usize, story: Story, drafts: &mut Vec<Draft>) {
    let mut random = Random::new(options.seed, ANSWER_STREAM ^ ((client as u64) << 8));
    let busy = 0.5 + random.unit();
    // A course that nobody answers about cannot be seen.
    let busy = if matches!(story, Story::Declining | Story::Improving) { busy.max(1.2) } else { busy };
    let count = options.mean_responses_per_client_per_30_days * f64::from(options.days) / 30.0 * busy;
    let count = count.max(0.0) as u64 + u64::from(random.chance(count.fract()));
    let end = options.until.timestamp();
    for _ in 0..count {
        let at = moment(&mut random, end, i64::from(options.days) * DAY_SECS);
        let about = about(&mut random);
        let noise = (random.unit() + random.unit() - 1.0) * 1.7;
        let days_ago = (end - at) as f64 / DAY_SECS as f64;
        if let Some(mean) = story.mean(days_ago) {
            drafts.push(Draft { at, client, about, score: (mean + noise).round().clamp(1.0, 5.0) });
        }
    }
}

/// A second in `[end − span, end)`, most often on a working day between 7 and 19 o'clock UTC.
fn moment(random: &mut Random, end: i64, span: i64) -> i64 {
    let mut at = end - 1;
    for _ in 0..4 {
        at = end - 1 - random.below(span.unsigned_abs()) as i64;
        let hour = at.rem_euclid(DAY_SECS) / 3600;
        // The epoch began on a Thursday: day 0 is the fourth of the week.
        let weekday = (at.div_euclid(DAY_SECS) + 3).rem_euclid(7);
        if weekday < 5 && (7..19).contains(&hour) {
            break;
        }
    }
    at
}

fn about(random: &mut Random) -> ResponseType {
    match random.below(100) {
        0..55 => ResponseType::Overall,
        55..70 => ResponseType::Resolution,
        70..85 => ResponseType::Communication,
        _ => ResponseType::Timeliness,
    }
}
