//! Changes that users make, each with its audit entry.

use rusqlite::Connection;
use scoresheet_engine::{Attribution, UserChange};

use super::{alerts, entries, erase, error::Failed, roster};

/// What failed, in an error.
pub(super) const fn doing(change: &UserChange) -> &'static str {
    match change {
        UserChange::ReplaceRoster(_) => "replacing the roster",
        UserChange::Decide(..) => "storing a decision",
        UserChange::ClearDecisions(..) => "clearing decisions",
        UserChange::AddEntry(_) => "storing a score",
        UserChange::ClearEntries(..) => "clearing a score",
        UserChange::AcknowledgeAlert(..) => "acknowledging an alert",
        UserChange::RestoreClient(_) => "restoring an erased client",
    }
}

/// The number is explained at each [`UserChange`].
pub(super) fn apply(connection: &Connection, by: &Attribution, change: &UserChange) -> Result<Option<u64>, Failed> {
    Ok(match change {
        UserChange::ReplaceRoster(clients) => {
            roster::replace(connection, by, clients)?;
            Some(clients.len() as u64)
        }
        UserChange::Decide(provider, decision) => {
            roster::decide(connection, by, provider, decision)?;
            Some(1)
        }
        UserChange::ClearDecisions(client, provider) => {
            Some(roster::clear_decisions(connection, by, client, provider.as_ref())?)
        }
        UserChange::AddEntry(entry) => Some(entries::add(connection, by, entry)?.unsigned_abs()),
        UserChange::ClearEntries(client, metric, kind) => Some(entries::clear(connection, by, client, metric, *kind)?),
        UserChange::AcknowledgeAlert(alert, note) => {
            alerts::acknowledge(connection, by, *alert, note.as_deref())?.then_some(1)
        }
        UserChange::RestoreClient(client) => erase::restore(connection, by, client)?,
    })
}
