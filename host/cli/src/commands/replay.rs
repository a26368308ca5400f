//! `scoresheet replay`: making a sheet again, and comparing.

use scoresheet::{InputsGone, ReplayError, ReplayOutcome, views};

use crate::{
    args::ReplayArgs,
    commands::Context,
    exit::{Done, Failure, Outcome},
    output::columns,
};

/// So many sheets are listed.
const MOST_LISTED: u32 = 100;

/// Makes a sheet again, or lists those that are kept.
pub(crate) async fn run(context: &Context, args: &ReplayArgs) -> Outcome {
    let app = context.open().await?;
    let Some(id) = &args.id else { return list(context, &app).await };
    let replayed = app.replay(id, &context.cancel).await.map_err(|error| match error {
        ReplayError::Unknown(_) | ReplayError::Several(_) => Failure::Usage(error.to_string()),
        ReplayError::Engine(error) => error.into(),
        ReplayError::Damaged(_) | ReplayError::Component { .. } => Failure::Failed(error.to_string()),
    })?;
    let view = views::replay::Replay::from(&replayed);
    let same = view.same;
    if context.output.json {
        context.output.value(&view)?;
    } else {
        let words = match replayed.outcome {
            ReplayOutcome::Same(_) => "the same, byte for byte".to_owned(),
            ReplayOutcome::Differs(_) => {
                "ANOTHER SHEET: this version of the program makes another one of the same figures".to_owned()
            }
            ReplayOutcome::Gone(gone) => format!("cannot be made again: {}", in_words(gone)),
        };
        let line = format!("{} of {}, made {}: {words}", replayed.id, replayed.as_of, replayed.made);
        context.output.data(&line)?;
    }
    Ok(if same == Some(true) { Done::Well } else { Done::WithFailures })
}

async fn list(context: &Context, app: &scoresheet::Engine) -> Outcome {
    let sheets = app.kept_sheets(MOST_LISTED).await?;
    if context.output.json {
        let sheets: Vec<_> = sheets.iter().map(views::replay::StoredSheet::from).collect();
        context.output.value(&sheets)?;
    } else if sheets.is_empty() {
        context.output.data("no sheet is kept yet: 'scoresheet run' keeps each one it makes")?;
    } else {
        let mut rows = vec![["SHEET", "AS OF", "MADE", "INPUTS"].map(str::to_owned).to_vec()];
        for it in sheets {
            let inputs = it.gone.map_or_else(|| format!("{} bytes", it.bytes), |gone| in_words(gone).to_owned());
            rows.push(vec![it.id, it.as_of.to_string(), it.made.to_string(), inputs]);
        }
        context.output.data(&columns(&rows))?;
    }
    Ok(Done::Well)
}

const fn in_words(gone: InputsGone) -> &'static str {
    match gone {
        InputsGone::Retention => "what it was made from was older than [retention] keeps",
        InputsGone::Erasure => "what it was made from went when a client was erased",
    }
}
