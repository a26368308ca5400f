//! The imported roster, and users' decisions about clients and source clients.

use std::collections::HashSet;

use rusqlite::{Connection, params};
use scoresheet_domain::{
    AuditAction, Client, ClientId, ProviderName, SourceId,
    mapping::{Decision, Verdict},
};
use scoresheet_engine::Attribution;
use serde_json::json;

use super::{
    audit,
    error::{Failed, damaged},
    query::{all, column, execute},
    source::{from_json, to_json},
};
use crate::sql;

/// By id.
pub(super) fn clients(connection: &Connection) -> Result<Vec<Client>, Failed> {
    all(connection, sql::CLIENTS, [], |row| {
        Ok(Client {
            id: ClientId::new(row.get::<_, String>(0)?).map_err(damaged)?,
            name: row.get(1)?,
            kind: row.get(2)?,
            active: row.get(3)?,
            domains: from_json(&row.get::<_, String>(4)?)?,
            aliases: from_json(&row.get::<_, String>(5)?)?,
            attributes: from_json(&row.get::<_, String>(6)?)?,
        })
    })
}

pub(super) fn replace(connection: &Connection, by: &Attribution, clients: &[Client]) -> Result<(), Failed> {
    let former: HashSet<String> = all(connection, sql::TAKE_CLIENTS, [], column)?.into_iter().collect();
    for client in clients {
        execute(
            connection,
            sql::ADD_CLIENT,
            params![
                client.id.as_str(),
                client.name,
                client.kind,
                client.active,
                to_json(&client.domains)?,
                to_json(&client.aliases)?,
                to_json(&client.attributes)?
            ],
        )?;
    }
    let kept = clients.iter().filter(|client| former.contains(client.id.as_str())).count();
    let detail = json!({"clients": clients.len(), "new": clients.len() - kept, "gone": former.len() - kept});
    audit::append(connection, by, AuditAction::RosterReplaced, "roster", &detail)
}

/// In order of client and source client.
pub(super) fn decisions(connection: &Connection, provider: &ProviderName) -> Result<Vec<Decision>, Failed> {
    all(connection, sql::DECISIONS, params![provider.as_str()], |row| {
        Ok(Decision {
            client: ClientId::new(row.get::<_, String>(0)?).map_err(damaged)?,
            source: SourceId::new(row.get::<_, String>(1)?).map_err(damaged)?,
            verdict: match row.get::<_, String>(2)?.as_str() {
                "same" => Verdict::Same,
                "different" => Verdict::Different,
                other => return Err(damaged(format!("a decision with verdict {other}"))),
            },
        })
    })
}

pub(super) fn decide(
    connection: &Connection,
    by: &Attribution,
    provider: &ProviderName,
    decision: &Decision,
) -> Result<(), Failed> {
    let verdict = match decision.verdict {
        Verdict::Same => "same",
        Verdict::Different => "different",
    };
    let row = params![provider.as_str(), decision.client.as_str(), decision.source.as_str(), verdict, by.at.millis()];
    execute(connection, sql::PUT_DECISION, row)?;
    let detail = json!({"client": decision.client, "source": decision.source, "verdict": verdict});
    audit::append(connection, by, AuditAction::DecisionSet, provider.as_str(), &detail)
}

pub(super) fn clear_decisions(
    connection: &Connection,
    by: &Attribution,
    client: &ClientId,
    provider: Option<&ProviderName>,
) -> Result<u64, Failed> {
    let cleared =
        execute(connection, sql::DELETE_DECISIONS, params![client.as_str(), provider.map(ProviderName::as_str)])?;
    if cleared > 0 {
        let subject = provider.map_or("every provider", ProviderName::as_str);
        let detail = json!({"client": client, "decisions": cleared});
        audit::append(connection, by, AuditAction::DecisionsCleared, subject, &detail)?;
    }
    Ok(cleared)
}
