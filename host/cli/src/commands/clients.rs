//! `scoresheet clients list` and `clients import`.

use scoresheet::{ClientMapping, MappingOverview};
use serde_json::json;

use crate::{
    args::ClientsCommand,
    commands::{Context, mapping::outcome_word},
    exit::{Done, Failure, Outcome},
    output::columns,
};

/// The roster.
pub(crate) async fn run(context: &Context, command: ClientsCommand) -> Outcome {
    let app = context.open().await?;
    match command {
        ClientsCommand::List => {
            let overview = app.mapping().await?;
            if context.output.json {
                context.output.value(&to_json(&overview))?;
            } else if overview.clients.is_empty() {
                context.output.note(
                    "no clients yet: run 'scoresheet sync' to take CrewHu's own, or 'scoresheet clients import FILE' for yours",
                );
            } else {
                context.output.data(&to_text(&overview))?;
            }
        }
        ClientsCommand::Import { file } => {
            let bytes = std::fs::read(&file).map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))?;
            let imported = app.import_roster(&file.display().to_string(), &bytes).await?;
            if context.output.json {
                context.output.value(&json!({ "imported": imported.clients, "active": imported.active }))?;
            } else {
                context
                    .output
                    .data(&format!("imported {} clients, {} of them active", imported.clients, imported.active))?;
            }
            if let Some(file) = app.roster_file() {
                context.output.note(&format!(
                    "warning: the configuration reads the roster from {}, so the imported one is not used",
                    file.display()
                ));
            }
        }
    }
    Ok(Done::Well)
}

fn to_text(overview: &MappingOverview) -> String {
    let mut header = vec!["ID".to_owned(), "NAME".to_owned(), "TYPE".to_owned(), "ACTIVE".to_owned()];
    header.extend(overview.providers.values().map(|provider| {
        let stub = if provider.stub { " (STUB)" } else { "" };
        format!("{}{stub}", provider.provider.as_str().to_uppercase())
    }));
    let mut rows = vec![header];
    for client in &overview.clients {
        let mut row = vec![
            client.id.to_string(),
            client.name.clone(),
            client.kind.clone().unwrap_or_default(),
            if client.active { "yes" } else { "no" }.to_owned(),
        ];
        row.extend(overview.providers.values().map(|provider| match provider.mapping.clients.get(&client.id) {
            Some(ClientMapping::Mapped(links)) => {
                links.iter().map(|link| link.source.as_str()).collect::<Vec<_>>().join(", ")
            }
            Some(other) => outcome_word(other).to_owned(),
            None => "-".to_owned(),
        }));
        rows.push(row);
    }
    columns(&rows)
}

fn to_json(overview: &MappingOverview) -> serde_json::Value {
    let clients: Vec<_> = overview
        .clients
        .iter()
        .map(|client| {
            let sources: serde_json::Map<_, _> = overview
                .providers
                .iter()
                .map(|(name, provider)| (name.to_string(), json!(provider.sources_of(&client.id))))
                .collect();
            json!({
                "id": client.id,
                "name": client.name,
                "type": client.kind,
                "active": client.active,
                "domains": client.domains,
                "aliases": client.aliases,
                "sources": sources,
            })
        })
        .collect();
    json!(clients)
}
