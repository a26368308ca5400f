//! Removing everything that names one client, down to the bytes of the file; remembering it by hashes alone, so that
//! its records are skipped from then on; and taking that back.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use hmac::{Hmac, Mac as _};
use rusqlite::{Connection, params};
use scoresheet_domain::{AuditAction, ClientId, ClientRef, Digest, ProviderName, Remedy};
use scoresheet_engine::{Attribution, Erased, Erasure, InputsGone};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{
    audit,
    error::{Failed, damaged},
    naming::Needles,
    query::{all, column, execute, one, tuple},
    series::Owner,
    sheets::{self, Taken},
    source::{id_of_name, to_json},
    usage::salt,
};
use crate::sql;

/// Replaces a text that named an erased client.
const BLANK: &str = "(erased)";

/// The erased source clients of one provider, by hash.
#[derive(Default)]
pub(super) struct Forgotten {
    salt: [u8; 32],
    hashes: HashSet<[u8; 32]>,
}

impl Forgotten {
    pub(super) fn read(connection: &Connection, provider: &ProviderName) -> Result<Self, Failed> {
        let hashes: HashSet<[u8; 32]> =
            all(connection, sql::ERASED, params![provider.as_str()], column)?.into_iter().collect();
        if hashes.is_empty() {
            return Ok(Self::default());
        }
        Ok(Self { salt: salt(connection)?, hashes })
    }

    /// Whether its id or its name was erased.
    pub(super) fn has_client(&self, client: &ClientRef) -> bool {
        client.id().is_some_and(|id| self.has(Owner::Id(id.as_str())))
            || client.name().is_some_and(|name| self.has(Owner::Name(name)))
    }

    pub(super) fn has(&self, owner: Owner<'_>) -> bool {
        !self.hashes.is_empty() && hash(&self.salt, owner).is_some_and(|hash| self.hashes.contains(&hash))
    }
}

/// What is remembered of a source client; nothing of a record without a client.
fn hash(salt: &[u8; 32], owner: Owner<'_>) -> Option<[u8; 32]> {
    match owner {
        Owner::Id(id) => Some(keyed(salt, b"id:", id)),
        Owner::Name(name) => Some(keyed(salt, b"name:", name)),
        Owner::Nobody => None,
    }
}

/// An erased client's name in the audit log.
fn hash_of_client(salt: &[u8; 32], client: &ClientId) -> String {
    Digest::from(keyed(salt, b"client:", client.as_str())).hex()
}

fn keyed(salt: &[u8; 32], what: &[u8], text: &str) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(salt).expect("HMAC takes keys of any length");
    mac.update(what);
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

/// One of the provider's scopes, and the client's ids and names in it.
struct Part {
    scope: i64,
    provider: String,
    ids: Vec<String>,
    names: Vec<String>,
}

impl Part {
    fn owners(&self) -> impl Iterator<Item = Owner<'_>> {
        let names = self.names.iter().map(|name| Owner::Name(name));
        self.ids.iter().map(|id| Owner::Id(id)).chain(names)
    }
}

pub(super) fn erase(connection: &Connection, by: &Attribution, erasure: &Erasure) -> Result<Erased, Failed> {
    let salt = salt(connection)?;
    let mut erased = Erased::default();
    let parts = parts(connection, erasure)?;
    let mut words: Vec<&str> = vec![erasure.client.as_str()];
    words.extend(erasure.names.iter().map(String::as_str));
    for part in &parts {
        words.extend(part.ids.iter().chain(&part.names).map(String::as_str));
    }
    let needles = Needles::new(words);
    let mut remembered = Vec::new();

    for part in &parts {
        remove_records(connection, part, &mut erased)?;
        for owner in part.owners() {
            let Some(hash) = hash(&salt, owner) else { continue };
            remembered.push(Digest::from(hash).hex());
            execute(connection, sql::PUT_ERASED, params![part.provider, hash, by.at.millis()])?;
        }
        for id in &part.ids {
            erased.decisions += execute(connection, sql::DELETE_SOURCE_DECISIONS, params![part.provider, id])?;
            execute(connection, sql::DELETE_SOURCE_FORMER_MAPPINGS, params![part.provider, id])?;
        }
    }
    let client = params![erasure.client.as_str()];
    erased.roster = execute(connection, sql::DELETE_CLIENT, client)? > 0;
    erased.decisions += execute(connection, sql::DELETE_CLIENT_DECISIONS, client)?;
    erased.entries = execute(connection, sql::DELETE_CLIENT_ENTRIES, client)?;
    erased.notes = blank_reasons(connection, &needles)?;
    erased.sheets = sheets::take_inputs(connection, Taken::All, InputsGone::Erasure)?;
    execute(connection, sql::DELETE_CLIENT_FORMER_MAPPINGS, client)?;
    erased.alerts = execute(connection, sql::DELETE_CLIENT_ALERTS, client)?;
    blank_alerts(connection, &needles)?;
    erased.paths = blank_paths(connection, &needles)?;
    blank_failures(connection, &needles)?;
    let blanked = blank_details(connection, &needles)?;
    erased.audit_details = blanked.len() as u64;
    let detail = json!({
        "client": hash_of_client(&salt, &erasure.client),
        "decisions": erased.decisions,
        "entries": erased.entries,
        "sheets": erased.sheets,
        "source_clients": erased.source_clients,
        "observations": erased.observations,
        "rejected": erased.rejected,
        "alerts": erased.alerts,
        "blanked": blanked,
        // `restore` deletes these.
        "remembered": remembered,
    });
    audit::append(connection, by, AuditAction::ClientErased, "client", &detail)?;
    execute(connection, sql::PUT_WIPE_DUE, [])?;
    Ok(erased)
}

/// The source clients to erase in each scope, under every name they have there, unless another has it too.
fn parts(connection: &Connection, erasure: &Erasure) -> Result<Vec<Part>, Failed> {
    let mut by_provider: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (provider, source) in &erasure.sources {
        by_provider.entry(provider.as_str()).or_default().push(source);
    }
    let mut parts = Vec::new();
    for (provider, ids) in by_provider {
        for scope in all(connection, sql::SCOPES_OF, params![provider], column)? {
            let clients: Vec<(String, String, bool)> =
                all(connection, sql::SOURCE_CLIENT_NAMES, params![scope], tuple)?;
            let its = |id: &str| ids.contains(&id);
            // One that records only name is no other: it is the one source client of that name.
            let others: HashSet<&str> = clients
                .iter()
                .filter(|(id, name, listed)| !its(id) && (*listed || *id != id_of_name(name)))
                .map(|(_, name, _)| name.as_str())
                .collect();
            let names = clients
                .iter()
                .filter(|(id, name, _)| its(id) && !others.contains(name.as_str()))
                .map(|(_, name, _)| name.clone())
                .collect();
            let ids = ids.iter().map(|id| (*id).to_owned()).collect();
            parts.push(Part { scope, provider: provider.to_owned(), ids, names });
        }
    }
    Ok(parts)
}

fn remove_records(connection: &Connection, part: &Part, erased: &mut Erased) -> Result<(), Failed> {
    // A pull's cursors may name the client, in a form that only the component knows.
    execute(connection, sql::DELETE_PULLS_OF, params![part.scope])?;
    for owner in part.owners() {
        let (client_by, client) = owner.columns();
        let owned = params![part.scope, client_by, client];
        let values = all(connection, sql::DELETE_RECORDS_OF, owned, column::<Option<f64>>)?;
        let observations = values.iter().flatten().count() as u64;
        let without_id = all(connection, sql::DELETE_WITHOUT_ID_OF, owned, column::<i64>)?;
        erased.observations += observations;
        erased.rejected += values.len() as u64 - observations + without_id.iter().sum::<i64>().unsigned_abs();
        execute(connection, sql::DELETE_SERIES_OF, owned)?;
    }
    for id in &part.ids {
        // It may be there twice: as listed, and as records name it.
        let rows = execute(connection, sql::DELETE_SOURCE_CLIENT, params![part.scope, id])?;
        erased.source_clients += u64::from(rows > 0);
    }
    for name in &part.names {
        execute(connection, sql::DELETE_UNLISTED_CLIENT, params![part.scope, id_of_name(name)])?;
    }
    Ok(())
}

/// Blanks reasons of other clients' overrides and manual scores that name this one.
fn blank_reasons(connection: &Connection, needles: &Needles) -> Result<u64, Failed> {
    let reasons: Vec<(i64, String)> = all(connection, sql::REASONS, [], tuple)?;
    let mut blanked = 0;
    for (id, _) in reasons.iter().filter(|(_, reason)| needles.stand_in(reason)) {
        blanked += execute(connection, sql::BLANK_REASON, params![BLANK, id])?;
    }
    Ok(blanked)
}

fn blank_paths(connection: &Connection, needles: &Needles) -> Result<u64, Failed> {
    let paths: Vec<String> = all(connection, sql::PATHS, [], column)?;
    let mut blanked = 0;
    for path in paths.iter().filter(|path| needles.stand_in_path(path)) {
        blanked += execute(connection, sql::BLANK_PATH, params![BLANK, path])?;
    }
    Ok(blanked)
}

fn blank_failures(connection: &Connection, needles: &Needles) -> Result<(), Failed> {
    let failures: Vec<(i64, String, String, String)> = all(connection, sql::FAILURES, [], tuple)?;
    for (scope, provider, message, remedy) in failures {
        if needles.stand_in(&message) || needles.stand_in_json(&remedy) {
            let message = format!("{BLANK}: it named a client");
            let remedy = to_json(&Remedy::Sync { provider: ProviderName::new(provider).map_err(damaged)? })?;
            execute(connection, sql::BLANK_FAILURE, params![message, remedy, scope])?;
        }
    }
    Ok(())
}

/// An alert about another client or a provider may name this one too, as a suggestion.
fn blank_alerts(connection: &Connection, needles: &Needles) -> Result<(), Failed> {
    let alerts: Vec<(i64, String, Option<String>, Option<String>)> = all(connection, sql::ALERT_TEXTS, [], tuple)?;
    for (id, message, resolution, note) in alerts {
        let blanked = |text: String| if needles.stand_in(&text) { BLANK.to_owned() } else { text };
        let texts = [Some(&message), resolution.as_ref(), note.as_ref()];
        if texts.into_iter().flatten().any(|text| needles.stand_in(text)) {
            let row = params![blanked(message), resolution.map(blanked), note.map(blanked), id];
            execute(connection, sql::BLANK_ALERT, row)?;
        }
    }
    Ok(())
}

/// Blanks audit details that name the client; returns the numbers of the entries.
fn blank_details(connection: &Connection, needles: &Needles) -> Result<Vec<i64>, Failed> {
    // Those that account for deleted rows name no client, and have to stay.
    let actions = params![AuditAction::ClientErased.as_str(), AuditAction::AuditPruned.as_str()];
    let details: Vec<(i64, String)> = all(connection, sql::AUDIT_DETAILS_EXCEPT, actions, tuple)?;
    let named: Vec<i64> =
        details.iter().filter(|(_, detail)| needles.stand_in_json(detail)).map(|(seq, _)| *seq).collect();
    for seq in &named {
        execute(connection, sql::BLANK_AUDIT_DETAIL, params![seq])?;
    }
    Ok(named)
}

/// Whether the bytes of something erased may still be in the file.
pub(super) fn is_wipe_due(connection: &Connection) -> Result<bool, Failed> {
    one(connection, sql::IS_WIPE_DUE, [], column)
}

/// Rewrites the file without free pages, and truncates the log beside it; returns whether no byte is left, which may be
/// false where somebody is reading.
pub(super) fn wipe(connection: &Connection) -> Result<bool, Failed> {
    // VACUUM makes a copy of the whole store, too large for memory.
    connection.execute_batch("PRAGMA temp_store = FILE; VACUUM; PRAGMA temp_store = MEMORY")?;
    let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if busy == 0 {
        execute(connection, sql::DELETE_WIPE_DUE, [])?;
    }
    Ok(busy == 0)
}

/// Forgets what the client's erasures remembered; returns how many ids and names those were, none where no erasure of
/// it is on record. The audit log has a hash of each erased client, and the hashes of what is skipped.
pub(super) fn restore(connection: &Connection, by: &Attribution, client: &ClientId) -> Result<Option<u64>, Failed> {
    let client = hash_of_client(&salt(connection)?, client);
    let actions = params![AuditAction::ClientErased.as_str(), AuditAction::ErasureLifted.as_str()];
    let entries: Vec<(String, String)> = all(connection, sql::AUDIT_DETAILS_OF, actions, tuple)?;
    let mut remembered = remembered(&entries);
    let Some(its) = remembered.remove(&client) else { return Ok(None) };
    let mut sources = 0;
    // What another erased client is known by too stays skipped.
    for hash in its.iter().filter(|hash| !remembered.values().any(|others| others.contains(*hash))) {
        let Ok(hash) = hash.parse::<Digest>() else { continue };
        sources += execute(connection, sql::DELETE_ERASED, params![hash.bytes()])?;
    }
    if !its.is_empty() {
        let detail = json!({"client": client, "sources": sources});
        audit::append(connection, by, AuditAction::ErasureLifted, "client", &detail)?;
    }
    Ok(Some(sources))
}

/// What is remembered of each client, by the audit log: nothing, once its erasure was lifted.
fn remembered(entries: &[(String, String)]) -> BTreeMap<String, BTreeSet<String>> {
    let mut remembered: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (action, detail) in entries {
        let detail: Value = serde_json::from_str(detail).unwrap_or_default();
        let Some(client) = detail["client"].as_str() else { continue };
        let of_client = remembered.entry(client.to_owned()).or_default();
        if action == AuditAction::ErasureLifted.as_str() {
            of_client.clear();
        } else {
            let hashes = detail["remembered"].as_array().into_iter().flatten();
            of_client.extend(hashes.filter_map(Value::as_str).map(str::to_owned));
        }
    }
    remembered
}
