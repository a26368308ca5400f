//! `alerts …`, as clap reads it.

use clap::{Args, Subcommand};

/// `alerts`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct AlertsArgs {
    #[command(subcommand)]
    pub(crate) command: Option<AlertsCommand>,
    #[command(flatten)]
    pub(crate) list: AlertsListArgs,
}

/// Which alerts.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct AlertsListArgs {
    /// Those that are over too
    #[arg(long)]
    pub(crate) all: bool,
}

/// `alerts …`
#[derive(Debug, Subcommand)]
pub(crate) enum AlertsCommand {
    /// The alerts that are open, the newest first
    List(AlertsListArgs),
    /// Hold the rules against the sheet as of now, and tell what is new and what is over
    Check,
    /// Say that you have seen an alert
    Ack {
        /// The alert's number, as `alerts` lists it
        id: i64,
        /// What you did about it
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
}
