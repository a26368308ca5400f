//! The command `scoresheet`: arguments and output, over the facade.
//!
//! Data goes to stdout, progress and logs to stderr. What a command does is in
//! `commands`, one a file; nothing here knows wasm, SQL or HTTP.

mod args;
mod commands;
mod exit;
mod logging;
mod output;
mod progress;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};
use scoresheet::config::{Environment as _, ProcessEnvironment};
use tokio_util::sync::CancellationToken;

use crate::{
    args::{Cli, Command, ConfigCommand},
    commands::Context,
    exit::{Done, Failure, Outcome},
    output::Output,
};

/// Runs the program on the process's own arguments.
#[must_use]
pub fn main() -> ExitCode {
    // clap prints help, versions and usage errors itself, and ends with 0 or 2.
    let cli = Cli::parse();
    let variable = |name: &str| ProcessEnvironment.var(name);
    let plain = variable("NO_COLOR").is_some_and(|value| !value.is_empty());
    logging::start(cli.global.verbose, cli.global.quiet, variable("RUST_LOG"), plain);
    let output = Output::new(cli.global.json, cli.global.quiet, variable);
    let outcome = run(cli, output);
    if let Err(failure) = &outcome
        && !matches!(failure, Failure::Closed)
    {
        output::tell(failure);
    }
    exit::code(&outcome)
}

/// The command line as clap knows it, for documentation and its tests.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command()
}

fn run(cli: Cli, output: Output) -> Outcome {
    let clock = commands::clock(ProcessEnvironment.var(commands::CLOCK))?;
    let context = Context { output, config: cli.global.config, clock, cancel: CancellationToken::new() };
    // What needs neither the database nor wasmtime starts neither.
    let command = match cli.command {
        None => return commands::first::run(&context),
        Some(Command::Init(args)) => return commands::init::run(&context, &args),
        Some(Command::Config(ConfigCommand::Show)) => return commands::config::show(&context),
        Some(Command::Config(ConfigCommand::Schema)) => return commands::config::schema(&context),
        Some(Command::Completions { shell }) => return commands::config::completions(&context, shell),
        Some(command) => command,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Failed(format!("the asynchronous runtime could not start: {error}")))?;
    let outcome = runtime.block_on(async {
        let interrupt = tokio::spawn(interrupt(context.cancel.clone()));
        let outcome = dispatch(&context, command).await;
        interrupt.abort();
        outcome
    });
    // What is still running was cancelled; nobody waits for it.
    runtime.shutdown_background();
    outcome
}

async fn dispatch(context: &Context, command: Command) -> Outcome {
    match command {
        Command::Demo(args) => commands::demo::run(context, &args).await,
        Command::Run(args) => commands::sheet::run(context, &args).await,
        Command::Generate(args) => commands::sheet::generate(context, &args.sheet).await,
        Command::Sync(args) => commands::sync::run(context, args).await,
        Command::Check(args) => commands::check::run(context, &args).await,
        Command::Clients(command) => commands::clients::run(context, command).await,
        Command::Mapping(command) => commands::mapping::run(context, command).await,
        Command::Override(command) => commands::override_::run(context, command).await,
        Command::Manual(command) => commands::manual::run(context, command).await,
        Command::Trend(args) => commands::trend::run(context, &args).await,
        Command::Review(args) => commands::review::run(context, &args).await,
        Command::Replay(args) => commands::replay::run(context, &args).await,
        Command::Alerts(args) => commands::alerts::run(context, args).await,
        Command::Health(args) => commands::health::run(context, &args).await,
        Command::Audit(args) => commands::audit::run(context, &args).await,
        Command::Provider(command) => commands::provider::run(context, command).await,
        Command::Init(_) | Command::Config(_) | Command::Completions { .. } => Ok(Done::Well),
    }
}

/// The first Ctrl-C (or SIGTERM) asks every command to stop; the second is the system's to carry out.
async fn interrupt(cancel: CancellationToken) {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (Ok(mut interrupted), Ok(mut terminated)) =
            (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
        else {
            return;
        };
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
    }
    #[cfg(not(unix))]
    if tokio::signal::ctrl_c().await.is_err() {
        return;
    }
    cancel.cancel();
}
