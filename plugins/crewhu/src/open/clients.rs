//! The clients of an API without a list of them: whoever has answered a survey.

use std::collections::HashMap;

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

/// Clients as surveys show them, in the order in which they were first seen.
#[derive(Default)]
struct Found {
    with_id: Vec<Known>,
    /// Where each id stands in it.
    places: HashMap<String, usize>,
    names: Vec<String>,
    /// Where each name stands in that.
    name_places: HashMap<String, usize>,
}

/// A client with an id, and the name that the survey has which was answered last.
struct Known {
    id: String,
    answered: Option<Instant>,
    name: String,
}

impl Found {
    fn see(&mut self, row: &Value) {
        let survey = Survey(row);
        let name = survey.client_name().map(str::trim);
        let Some(id) = survey.client_id() else {
            if let Some(name) = name.filter(|name| !self.name_places.contains_key(*name)) {
                self.name_places.insert(name.to_owned(), self.names.len());
                self.names.push(name.to_owned());
            }
            return;
        };
        let answered = survey.closed().ok();
        let name = name.unwrap_or(&id);
        match self.places.get(&*id).and_then(|place| self.with_id.get_mut(*place)) {
            // Which survey comes first is the server's business: the later answer's name is the client's.
            Some(known) if answered > known.answered => (known.answered, known.name) = (answered, name.to_owned()),
            Some(_) => {}
            None => {
                self.places.insert(id.clone().into_owned(), self.with_id.len());
                self.with_id.push(Known { name: name.to_owned(), id: id.into_owned(), answered });
            }
        }
    }

    /// Those that no earlier call has listed.
    fn list(self, walk: &mut Walk) -> Vec<SourceClient> {
        let client = |id: String, name: String| SourceClient {
            id,
            name,
            active: true,
            identifiers: Vec::new(),
            domains: Vec::new(),
        };
        let mut listed = Vec::new();
        for Known { id, name, .. } in self.with_id {
            walk.remember("name", &name);
            if walk.remember("id", &id) {
                listed.push(client(id, name));
            }
        }
        for name in self.names {
            // One that a client with an id has, on these pages or earlier ones, is remembered, and so not new.
            if walk.remember("name", &name) {
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
    listed: Vec<[u8; 6]>,
}

impl Walk {
    fn decode(cursor: Option<&[u8]>) -> Result<Self, Failure> {
        let Some(bytes) = cursor else { return Ok(Self { step: 1, before: None, listed: Vec::new() }) };
        let number = |bytes: &[u8]| Some(u64::from_be_bytes(bytes.try_into().ok()?));
        let read = bytes.split_at_checked(16).and_then(|(head, listed)| {
            let (listed, []) = listed.as_chunks() else { return None };
            let step = number(&head[..8]).filter(|step| (2..u64::MAX).contains(step))?;
            Some(Self { step, before: Some(number(&head[8..])?), listed: listed.to_vec() })
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
        let is_new = !self.listed.contains(&first);
        if is_new && self.listed.len() < MOST_REMEMBERED {
            self.listed.push(first);
        }
        is_new
    }
}
