//! `scoresheet` alone: what to do first.

use crate::{
    commands::{Context, DEFAULT_CONFIG},
    exit::{Done, Outcome},
};

/// Says what to do first, here and now.
pub(crate) fn run(context: &Context) -> Outcome {
    let text = if context.config.is_some() || std::path::Path::new(DEFAULT_CONFIG).exists() {
        format!(
            "scoresheet: engagement scoresheets for an MSP's clients.\n\n\
             There is a {DEFAULT_CONFIG} here. Next:\n  \
             scoresheet check     test each connection\n  \
             scoresheet run       sync, then print the sheet\n  \
             scoresheet --help    everything else\n"
        )
    } else {
        format!("scoresheet: engagement scoresheets for an MSP's clients.\n\n{}", steps())
    };
    context.output.data(&text)?;
    Ok(Done::Well)
}

/// What a command says that finds nothing configured.
pub(crate) fn nothing_configured() -> String {
    format!("nothing is configured: there is no {DEFAULT_CONFIG} here, and CREWHU_API_KEY is not set.\n\n{}", steps())
}

fn steps() -> String {
    "To begin:\n  \
     scoresheet demo      a whole run on simulated data, with nothing to set up\n  \
     export CREWHU_API_KEY=… CREWHU_COMPANY_ID=…\n  \
     scoresheet check     test the connection to CrewHu\n  \
     scoresheet run       the sheet of CrewHu's own active clients\n  \
     scoresheet init      write a commented scoresheet.toml, for your own clients and more metrics\n  \
     scoresheet --help    everything else\n"
        .to_owned()
}
