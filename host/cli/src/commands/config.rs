//! `scoresheet config show`, `scoresheet config schema` and `scoresheet completions`.

use clap_complete::Shell;
use scoresheet::views;

use crate::{
    commands::Context,
    exit::{Done, Outcome},
};

/// Shows the effective configuration, without secrets.
pub(crate) fn show(context: &Context) -> Outcome {
    let config = context.load_config()?;
    if context.output.json {
        context.output.value(&views::config::Effective::from(&config))?;
    } else {
        context.output.data(&config.show())?;
    }
    Ok(Done::Well)
}

/// Prints the JSON Schema of the configuration file.
pub(crate) fn schema(context: &Context) -> Outcome {
    context.output.data(&format!("{:#}", scoresheet::config::schema()))?;
    Ok(Done::Well)
}

/// A completion script.
pub(crate) fn completions(context: &Context, shell: Shell) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut crate::command(), "scoresheet", &mut script);
    context.output.data(&String::from_utf8_lossy(&script))?;
    Ok(Done::Well)
}
