//! `scoresheet mapping …`: looking at the mapping, and deciding.

use std::collections::BTreeMap;

use scoresheet::{
    ClientId, ClientMapping, MappingOverview, ProviderMapping, Verdict,
    mapping::Suggestion,
    matching::{compare, evaluate, parse_pairs},
    views,
};

use crate::{
    args::MappingCommand,
    commands::Context,
    exit::{Done, Failure, Outcome},
    output::columns,
};

/// One of the mapping commands.
pub(crate) async fn run(context: &Context, command: MappingCommand) -> Outcome {
    match command {
        MappingCommand::Explain { left, right } => explain(context, &left, &right),
        MappingCommand::Evaluate { pairs } => {
            let bytes =
                std::fs::read(&pairs).map_err(|error| Failure::Usage(format!("{}: {error}", pairs.display())))?;
            let labelled = parse_pairs(&bytes).map_err(|problems| {
                let lines: Vec<String> =
                    problems.iter().map(|problem| format!("{}: {problem}", pairs.display())).collect();
                Failure::Usage(lines.join("\n"))
            })?;
            let evaluation = evaluate(&labelled);
            if context.output.json {
                context.output.value(&views::mapping::Evaluation::from(evaluation))?;
            } else {
                context.output.data(&evaluation.to_string())?;
            }
            Ok(Done::Well)
        }
        MappingCommand::List => list(context).await,
        MappingCommand::Suggest { client, provider } => suggest(context, client.as_deref(), provider.as_deref()).await,
        MappingCommand::Set { client, source } => decide(context, &client, &source, Verdict::Same).await,
        MappingCommand::Reject { client, source } => decide(context, &client, &source, Verdict::Different).await,
        MappingCommand::Clear { client, provider } => {
            let app = context.open().await?;
            let cleared = app.clear_decisions(&client, provider.as_deref()).await?;
            if context.output.json {
                context.output.value(&views::mapping::Cleared { client, cleared })?;
            } else {
                let what = if cleared == 1 { "decision" } else { "decisions" };
                context.output.data(&format!("forgot {cleared} {what} on {client}"))?;
            }
            Ok(Done::Well)
        }
    }
}

/// A mapping in a word.
pub(crate) const fn outcome_word(mapping: &ClientMapping) -> &'static str {
    match mapping {
        ClientMapping::Mapped(_) => "mapped",
        ClientMapping::Ambiguous { .. } => "ambiguous",
        ClientMapping::Unmapped => "unmapped",
    }
}

async fn decide(context: &Context, client: &str, (provider, source): &(String, String), verdict: Verdict) -> Outcome {
    let app = context.open().await?;
    let decision = app.decide(client, provider, source, verdict).await?;
    if context.output.json {
        context.output.value(&views::mapping::Decision {
            client: decision.client,
            provider: provider.clone(),
            source: decision.source,
            same: decision.verdict == Verdict::Same,
        })?;
    } else {
        let verb = if verdict == Verdict::Same { "is" } else { "is not" };
        context.output.data(&format!("{} {verb} {provider}:{}", decision.client, decision.source))?;
    }
    Ok(Done::Well)
}

async fn list(context: &Context) -> Outcome {
    let app = context.open().await?;
    let overview = app.mapping().await?;
    if context.output.json {
        context.output.value(&views::mapping::ProviderMapping::all(&overview))?;
    } else {
        let parts: Vec<String> =
            overview.providers.values().map(|provider| provider_text(&overview, provider)).collect();
        context.output.data(&parts.join("\n"))?;
    }
    Ok(Done::Well)
}

async fn suggest(context: &Context, client: Option<&str>, provider: Option<&str>) -> Outcome {
    let app = context.open().await?;
    let overview = app.mapping().await?;
    if let Some(id) = client
        && !overview.clients.iter().any(|client| client.id.as_str() == id)
    {
        return Err(Failure::Usage(format!("there is no client '{id}': 'scoresheet clients list' lists them")));
    }
    if let Some(name) = provider
        && !overview.providers.keys().any(|known| known.as_str() == name)
    {
        return Err(Failure::Usage(format!("there is no provider '{name}': 'scoresheet provider list' lists them")));
    }
    let chosen = overview.providers.values().filter(|of| provider.is_none_or(|name| of.provider.as_str() == name));
    let wanted = |near: &&Suggestion| client.is_none_or(|id| near.client.as_str() == id);
    if context.output.json {
        let providers: BTreeMap<String, Vec<_>> = chosen
            .map(|of| {
                let near = of.mapping.suggestions.iter().filter(wanted).map(|near| named(&overview, of, near));
                (of.provider.to_string(), near.collect())
            })
            .collect();
        context.output.value(&providers)?;
        return Ok(Done::Well);
    }
    let parts: Vec<String> = chosen
        .map(|of| {
            let near: Vec<&Suggestion> = of.mapping.suggestions.iter().filter(wanted).collect();
            suggestions_text(&overview, of, &near)
        })
        .collect();
    context.output.data(&parts.join("\n"))?;
    Ok(Done::Well)
}

fn client_name<'a>(overview: &'a MappingOverview, id: &ClientId) -> &'a str {
    overview.clients.iter().find(|client| client.id == *id).map_or("", |client| client.name.as_str())
}

fn named(overview: &MappingOverview, of: &ProviderMapping, near: &Suggestion) -> views::mapping::NamedSuggestion {
    views::mapping::NamedSuggestion {
        client: near.client.clone(),
        name: client_name(overview, &near.client).to_owned(),
        source: near.source.clone(),
        source_name: of.source(&near.source).map(|source| source.name.clone()),
        score: near.score,
        evidence: near.evidence.clone(),
    }
}

fn suggestions_text(overview: &MappingOverview, of: &ProviderMapping, near: &[&Suggestion]) -> String {
    let stub = if of.stub { " (stub)" } else { "" };
    let Some(first) = near.first() else {
        return format!("{}{stub}\nnothing to suggest\n", of.provider);
    };
    let mut rows = vec![["CLIENT", "SOURCE", "SCORE", "WHY"].map(str::to_owned).to_vec()];
    rows.extend(near.iter().map(|near| {
        vec![near.client.to_string(), near.source.to_string(), near.score.to_string(), near.evidence.clone()]
    }));
    let command = |verb: &str| format!("scoresheet mapping {verb} {} {}:{}", first.client, of.provider, first.source);
    crate::output::harmless(&format!(
        "{}{stub}\n{}to accept one:  {}   ({})\nto refuse it:   {}\n",
        of.provider,
        columns(&rows),
        command("set"),
        client_name(overview, &first.client),
        command("reject"),
    ))
}

fn provider_text(overview: &MappingOverview, provider: &ProviderMapping) -> String {
    let mut rows = vec![["CLIENT", "NAME", "OUTCOME", "SOURCE", "WHY"].map(str::to_owned).to_vec()];
    for client in &overview.clients {
        let Some(mapping) = provider.mapping.clients.get(&client.id) else { continue };
        let row = |source: String, why: String| {
            vec![client.id.to_string(), client.name.clone(), outcome_word(mapping).to_owned(), source, why]
        };
        match mapping {
            ClientMapping::Mapped(links) => {
                rows.extend(links.iter().map(|link| row(link.source.to_string(), link.evidence.clone())));
            }
            ClientMapping::Ambiguous { candidates, .. } => {
                let ids: Vec<&str> = candidates.iter().map(|id| id.as_str()).collect();
                rows.push(row(ids.join(", "), "these fit equally well".to_owned()));
            }
            ClientMapping::Unmapped => {
                let near = provider.mapping.suggestions.iter().find(|near| near.client == client.id);
                let why = near.map_or_else(String::new, |near| format!("perhaps {}: {}", near.source, near.evidence));
                rows.push(row(String::new(), why));
            }
        }
    }
    let stub = if provider.stub { " (stub)" } else { "" };
    let mut text = format!("{}{stub}\n{}", provider.provider, columns(&rows));
    if !provider.mapping.unmapped_sources.is_empty() {
        text.push_str("serving no client: ");
        let names: Vec<String> = provider
            .mapping
            .unmapped_sources
            .iter()
            .map(|id| format!("{id} ({})", provider.source(id).map_or("", |source| source.name.as_str())))
            .collect();
        text.push_str(&names.join(", "));
        text.push('\n');
    }
    crate::output::harmless(&text)
}

fn explain(context: &Context, left: &str, right: &str) -> Outcome {
    let comparison = compare(left, right);
    if context.output.json {
        context.output.value(&views::mapping::Comparison::from(comparison))?;
    } else {
        context.output.data(&comparison.to_string())?;
    }
    Ok(Done::Well)
}
