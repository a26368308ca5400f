//! `scoresheet config show` and `scoresheet completions`.

use clap_complete::Shell;
use scoresheet::views;

use crate::{
    commands::Context,
    exit::{Done, Outcome},
};

/// The configuration as it is in force, without secrets.
pub(crate) fn show(context: &Context) -> Outcome {
    let config = context.load_config()?;
    if context.output.json {
        context.output.value(&views::config::Effective::from(&config))?;
    } else {
        context.output.data(&config.show())?;
    }
    Ok(Done::Well)
}

/// A completion script.
pub(crate) fn completions(context: &Context, shell: Shell) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut crate::command(), "scoresheet", &mut script);
    context.output.data(&String::from_utf8_lossy(&script))?;
    Ok(Done::Well)
}
