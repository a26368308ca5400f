//! `scoresheet clients list`, `clients import`, `clients erase` and `clients restore`.

use std::fmt::Write as _;

use scoresheet::{ClientMapping, ErasureReport, MappingOverview, views};

use crate::{
    args::ClientsCommand,
    commands::{Context, mapping::outcome_word},
    exit::{Done, Failure, Outcome},
    output::{columns, harmless},
};

/// The roster.
pub(crate) async fn run(context: &Context, command: ClientsCommand) -> Outcome {
    let app = context.open().await?;
    match command {
        ClientsCommand::List => {
            let overview = app.mapping().await?;
            if context.output.json {
                context.output.value(&views::clients::Client::all(&overview))?;
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
                context.output.value(&views::clients::Import::from(imported))?;
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
        ClientsCommand::Erase { id, yes } => {
            if !yes {
                // Nothing brings it back, and a script that means it can say so.
                return Err(Failure::Usage(format!(
                    "this removes everything that names '{id}' from the store for good; add --yes to do it"
                )));
            }
            let report = app.erase_client(&id).await?;
            let wiped = report.erased.wiped;
            if context.output.json {
                context.output.value(&views::clients::Erasure::from(report))?;
            } else {
                context.output.data(&harmless(&erased(&id, &report)))?;
            }
            if !wiped {
                return Ok(Done::WithFailures);
            }
        }
        ClientsCommand::Restore { id } => {
            let sources = app.restore_client(&id).await?;
            if context.output.json {
                context.output.value(&views::clients::Restore { restored: id, sources })?;
            } else if sources == 0 {
                context.output.data(&harmless(&format!("nothing of {id} is skipped")))?;
            } else {
                context.output.data(&harmless(&format!(
                    "{id} is no longer skipped: {sources} of its ids and names at the sources were\n  \
                     'scoresheet sync --full' pulls what they have of it; its line of the roster, decisions and entered scores are to be given again"
                )))?;
            }
        }
    }
    Ok(Done::Well)
}

fn erased(id: &str, report: &ErasureReport) -> String {
    let gone = &report.erased;
    let mut text = format!(
        "erased {id}: {} observations, {} rejected records, {} source clients, {} decisions, {} entered scores, \
         {} paths of requests, {} details of the audit log{}\n",
        gone.observations,
        gone.rejected,
        gone.source_clients,
        gone.decisions,
        gone.entries,
        gone.paths,
        gone.audit_details,
        if gone.roster { ", its line of the roster" } else { "" }
    );
    // Writing to a String cannot fail.
    if gone.sheets > 0 {
        let _ = writeln!(text, "  {} kept sheets cannot be replayed any more, because any may name it", gone.sheets);
    }
    if gone.notes > 0 {
        let _ = writeln!(text, "  {} notes beside other clients' scores named it and are blank now", gone.notes);
    }
    for source in &report.sources {
        let _ = writeln!(
            text,
            "  {}:{} is skipped at every sync from now on; erase it at the source too",
            source.provider, source.source
        );
    }
    for source in &report.shared {
        let _ = writeln!(text, "  {}:{} serves other clients as well and stays", source.provider, source.source);
    }
    if report.in_roster_file {
        text.push_str("  the roster's file still names it: take its line out\n");
    }
    if !gone.wiped {
        text.push_str("  its bytes are still in the file, because somebody was reading; run the command again\n");
    }
    text
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
