//! `scoresheet init`: a commented configuration to begin with.

use std::{fs::OpenOptions, io::Write as _, path::PathBuf};

use scoresheet::views;

use crate::{
    args::InitArgs,
    commands::{Context, DEFAULT_CONFIG},
    exit::{Done, Failure, Outcome},
};

/// Writes the file where `--config` says, else here. Never over another, unless forced.
pub(crate) fn run(context: &Context, args: &InitArgs) -> Outcome {
    let path = context.config.clone().unwrap_or_else(|| PathBuf::from(DEFAULT_CONFIG));
    let mut options = OpenOptions::new();
    options.write(true);
    if args.force {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    let written =
        options.open(&path).and_then(|mut file| file.write_all(scoresheet::config::init_template().as_bytes()));
    match written {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            return Err(Failure::Usage(format!(
                "{} is there already; nothing was written (--force replaces it)",
                path.display()
            )));
        }
        Err(error) => return Err(Failure::Failed(format!("{}: {error}", path.display()))),
    }
    if context.output.json {
        context.output.value(&views::config::Init { wrote: path.display().to_string() })?;
    } else {
        context.output.data(&format!(
            "wrote {}\n\nNext:\n  export CREWHU_API_KEY=… CREWHU_COMPANY_ID=…\n  scoresheet check\n  scoresheet run",
            path.display()
        ))?;
    }
    Ok(Done::Well)
}
