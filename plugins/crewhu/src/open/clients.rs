//! The clients of an API without a list of them: whoever has answered a survey.

use std::collections::{BTreeMap, BTreeSet};

use scoresheet_sdk::{ClientPage, Cursor, Failure, Host, Instant, SourceClient, json::Value, text};

use super::{
    Open, Survey,
    cursor::{START, fingerprint, fingerprint_of, not_ours, refuse_repetition},
};

/// A call goes through so many pages, and then hands a cursor to the next one: half of what the host lets a call ask
/// for, and a few seconds each are still within its deadline.
const PAGES_A_CALL: u64 = 20;

/// Longer answers end a call sooner; the host lets it have 64 MiB.
const BYTES_A_CALL: usize = 24 << 20;

/// A cursor holds at most 64 KiB. A client that was forgotten is listed again, which changes nothing.
const MOST_REMEMBERED: usize = 10_000;

/// The clients that some pages of surveys name and no earlier call has listed.
///
/// A client has an id where any survey gives one. A name for which none does is a client of its own, whose id is made
/// of the name; a name that a client with an id has too is that client, which is what the host makes of it.
pub(crate) fn clients(host: &dyn Host, page_size: u64, page: Option<&[u8]>) -> Result<ClientPage, Failure> {
    let mut walk = Walk::decode(page)?;
    let mut found = Found::default();
    let mut bytes = 0;
    for _ in 0..PAGES_A_CALL {
        let page = Open::new(host).surveys(walk.step, page_size)?;
        let own = fingerprint_of(&page.rows);
        refuse_repetition(walk.before, own, &page, walk.step)?;
        page.rows.iter().for_each(|row| found.see(row));
        if page.pages(walk.step) <= walk.step {
            return Ok(ClientPage { items: found.list(&mut walk), next: Vec::new() });
        }
        (walk.step, walk.before) = (walk.step + 1, Some(own));
        bytes += page.bytes;
        if bytes > BYTES_A_CALL {
            break;
        }
    }
    let items = found.list(&mut walk);
    Ok(ClientPage { items, next: vec![walk.encode()] })
}

/// Clients as surveys show them.
#[derive(Default)]
struct Found {
    /// By id, with the name of the survey that was answered last.
    with_id: BTreeMap<String, (Option<Instant>, String)>,
    names: BTreeSet<String>,
}

impl Found {
    fn see(&mut self, row: &Value) {
        let survey = Survey(row);
        let name = survey.client_name().map(str::trim);
        let Some(id) = survey.client_id() else {
            self.names.extend(name.map(str::to_owned));
            return;
        };
        let answered = (survey.closed().ok(), name.unwrap_or(&id).to_owned());
        let known = self.with_id.entry(id.into_owned()).or_insert_with(|| answered.clone());
        // Which survey comes first is the server's business: the later answer's name is the client's.
        if answered.0 > known.0 {
            *known = answered;
        }
    }

    /// Those that no earlier call has listed, by id.
    fn list(self, walk: &mut Walk) -> Vec<SourceClient> {
        let client = |id: String, name: String| SourceClient {
            id,
            name,
            active: true,
            identifiers: Vec::new(),
            domains: Vec::new(),
        };
        let mut listed = Vec::new();
        let mut has_id = BTreeSet::new();
        for (id, (_, name)) in self.with_id {
            has_id.insert(name.clone());
            walk.remember("name", &name);
            if walk.remember("id", &id) {
                listed.push(client(id, name));
            }
        }
        for name in self.names {
            // One that a client with an id had on an earlier page is remembered, and so not new.
            if !has_id.contains(&name) && walk.remember("name", &name) {
                listed.push(client(id_of_name(&name), name));
            }
        }
        listed
    }
}

/// The id of a client that goes by its name alone.
fn id_of_name(name: &str) -> String {
    let id = format!("name:{name}");
    if text::is_usable_id(&id) { id } else { format!("name:#{:016x}", fingerprint(START, name.as_bytes())) }
}

/// How far the walk has come, and whom it has listed.
struct Walk {
    step: u64,
    /// What the page before looked like.
    before: Option<u64>,
    /// Fingerprints of ids and names.
    listed: BTreeSet<[u8; 6]>,
}

impl Walk {
    fn decode(cursor: Option<&[u8]>) -> Result<Self, Failure> {
        let Some(bytes) = cursor else { return Ok(Self { step: 1, before: None, listed: BTreeSet::new() }) };
        let number = |bytes: &[u8]| Some(u64::from_be_bytes(bytes.try_into().ok()?));
        let read = bytes.split_at_checked(16).and_then(|(head, listed)| {
            let (listed, []) = listed.as_chunks() else { return None };
            let step = number(&head[..8]).filter(|step| (2..u64::MAX).contains(step))?;
            Some(Self { step, before: Some(number(&head[8..])?), listed: listed.iter().copied().collect() })
        });
        read.ok_or_else(|| not_ours(bytes))
    }

    fn encode(&self) -> Cursor {
        let mut cursor = Vec::with_capacity(16 + self.listed.len() * 6);
        cursor.extend(self.step.to_be_bytes());
        cursor.extend(self.before.unwrap_or_default().to_be_bytes());
        cursor.extend(self.listed.iter().flatten());
        cursor
    }

    /// Whether this one is new.
    fn remember(&mut self, what: &str, text: &str) -> bool {
        let hash = fingerprint(fingerprint(START, what.as_bytes()), format!(":{text}").as_bytes());
        let [first @ .., _, _] = hash.to_be_bytes();
        if self.listed.len() < MOST_REMEMBERED { self.listed.insert(first) } else { !self.listed.contains(&first) }
    }
}
