//! The command line, as clap reads it. One command a variant; what it does is in `commands/`.

mod alerts;

use std::path::PathBuf;

use clap::{
    Args, Parser, Subcommand,
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser},
};
use clap_complete::Shell;
use scoresheet::{Instant, config::MAX_LOOKBACK_DAYS, report::Format};

pub(crate) use alerts::{AlertsArgs, AlertsCommand};

/// Engagement scoresheets for an MSP's clients, from metric providers that run in a sandbox.
#[derive(Debug, Parser)]
#[command(
    name = "scoresheet",
    version,
    about = "Engagement scoresheets for an MSP's clients, from metric providers that run in a sandbox",
    after_help = "Exit codes: 0 done; 1 something failed (what could be made is still printed); 2 usage or configuration; 130 interrupted.\n\
                  New here? 'scoresheet demo' shows a whole run on simulated data, with nothing to set up.",
    disable_help_subcommand = true
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Options that every command takes.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// The configuration file [default: ./scoresheet.toml where it exists, else the environment alone]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Everywhere")]
    pub(crate) config: Option<PathBuf>,
    /// Print JSON for a program to read
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub(crate) json: bool,
    /// Say nothing on stderr but errors
    #[arg(long, short, global = true, conflicts_with = "verbose", help_heading = "Everywhere")]
    pub(crate) quiet: bool,
    /// More of the log on stderr: -v the steps, -vv every request
    #[arg(long, short, global = true, action = clap::ArgAction::Count, help_heading = "Everywhere")]
    pub(crate) verbose: u8,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show a whole run on simulated sources in this process; nothing to set up
    Demo(DemoArgs),
    /// Write a commented scoresheet.toml to begin with
    Init(InitArgs),
    /// Sync, then generate: the main job
    Run(RunArgs),
    /// Pull what is new from the sources into the store
    Sync(SyncArgs),
    /// Compute the sheet from what is stored, asking no source
    Generate(GenerateArgs),
    /// Test each connection: reachable, authorised, which data, how fast
    Check(CheckArgs),
    /// The roster: the clients that stand on the sheet
    #[command(subcommand)]
    Clients(ClientsCommand),
    /// Which client of a source is which client of yours
    #[command(subcommand)]
    Mapping(MappingCommand),
    /// Scores that a person puts over computed ones
    #[command(subcommand)]
    Override(OverrideCommand),
    /// Scores of metrics that no provider computes
    #[command(subcommand)]
    Manual(ManualCommand),
    /// A client's metrics month by month, where they are heading, and how they compare
    Trend(TrendArgs),
    /// Whom to call first, and why; and who is doing well
    Review(ReviewArgs),
    /// Make a sheet again from what it was made from, and compare; without ID, the sheets that are kept
    Replay(ReplayArgs),
    /// What slips: the alerts that are open
    Alerts(AlertsArgs),
    /// How each provider does: last sync, requests, key, use of its limits
    Health(HealthArgs),
    /// Who changed what, and when
    Audit(AuditArgs),
    /// The metric providers that are configured
    #[command(subcommand)]
    Provider(ProviderCommand),
    /// The configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// `demo`
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// How many clients to make up
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=2000))]
    pub(crate) clients: u32,
}

/// `init`
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// Replace a scoresheet.toml that is there
    #[arg(long)]
    pub(crate) force: bool,
}

/// Parses the name of an output format; help and completions list [`Format::ALL`].
fn format_parser() -> impl TypedValueParser<Value = Format> {
    let values = Format::ALL.iter().map(|format| PossibleValue::new(format.name()).help(format.help()));
    PossibleValuesParser::new(values).try_map(|name| Format::from_name(&name).ok_or("no such format"))
}

/// Which sheet, and where to.
#[derive(Debug, Args)]
pub(crate) struct SheetArgs {
    /// Only this client's row
    #[arg(long, value_name = "ID")]
    pub(crate) client: Option<String>,
    /// Where every window ends: RFC 3339, or a date for midnight UTC [default: now]
    #[arg(long, value_name = "TIME", value_parser = Instant::parse)]
    pub(crate) as_of: Option<Instant>,
    /// Days to look back, for every metric
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_LOOKBACK_DAYS)))]
    pub(crate) lookback: Option<u32>,
    /// The form [default: table, or json with --json]
    #[arg(long, value_parser = format_parser())]
    pub(crate) format: Option<Format>,
    /// Write the sheet to a file instead of stdout
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// Where the requests of a sync go.
#[derive(Debug, Default, Args)]
pub(crate) struct TrafficArgs {
    /// Write every exchange with a source into this folder, without credentials and personal data
    #[arg(long, value_name = "DIR", conflicts_with = "replay")]
    pub(crate) record: Option<PathBuf>,
    /// Ask no source: give the answers that --record wrote into this folder, at the time when it did
    #[arg(long, value_name = "DIR")]
    pub(crate) replay: Option<PathBuf>,
}

/// `run`
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) sheet: SheetArgs,
    #[command(flatten)]
    pub(crate) traffic: TrafficArgs,
}

/// `generate`
#[derive(Debug, Args)]
pub(crate) struct GenerateArgs {
    #[command(flatten)]
    pub(crate) sheet: SheetArgs,
}

/// `sync`
#[derive(Debug, Args)]
pub(crate) struct SyncArgs {
    /// Only this provider
    #[arg(long, value_name = "P")]
    pub(crate) provider: Option<String>,
    /// Everything anew; what the sources no longer have goes
    #[arg(long)]
    pub(crate) full: bool,
    #[command(flatten)]
    pub(crate) traffic: TrafficArgs,
}

/// `trend`
#[derive(Debug, Args)]
pub(crate) struct TrendArgs {
    /// The client's id
    #[arg(value_name = "CLIENT")]
    pub(crate) client: String,
    /// Only this metric, by the sheet's id
    #[arg(value_name = "METRIC")]
    pub(crate) metric: Option<String>,
    /// The last instant that is looked at: RFC 3339, or a date for midnight UTC [default: now]
    #[arg(long, value_name = "TIME", value_parser = Instant::parse)]
    pub(crate) as_of: Option<Instant>,
}

/// `review`
#[derive(Debug, Args)]
pub(crate) struct ReviewArgs {
    /// Where every window ends: RFC 3339, or a date for midnight UTC [default: now]
    #[arg(long, value_name = "TIME", value_parser = Instant::parse)]
    pub(crate) as_of: Option<Instant>,
}

/// `replay`
#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    /// The sheet's id, or the beginning of it
    #[arg(value_name = "ID")]
    pub(crate) id: Option<String>,
}

/// `health`
#[derive(Debug, Args)]
pub(crate) struct HealthArgs {
    /// Instead: this provider's last requests, the newest first
    #[arg(long, value_name = "PROVIDER")]
    pub(crate) requests: Option<String>,
    /// How many of them
    #[arg(long, value_name = "N", default_value_t = 50, requires = "requests", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) limit: u32,
}

/// `audit`
#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    /// Check that no entry was changed, taken out or put in, and name the first that was
    #[arg(long)]
    pub(crate) verify: bool,
    /// Instead: fetch some clients again from their sources and compare every figure with the stored one
    #[arg(long, conflicts_with_all = ["verify", "since", "limit"])]
    pub(crate) scores: bool,
    /// How many clients of each provider
    #[arg(long, value_name = "N", default_value_t = 5, requires = "scores", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) sample: u32,
    /// Only what was done from then on: RFC 3339, or a date for midnight UTC
    #[arg(long, value_name = "TIME", value_parser = Instant::parse, conflicts_with = "verify")]
    pub(crate) since: Option<Instant>,
    /// The newest so many
    #[arg(long, value_name = "N", default_value_t = 100, conflicts_with = "verify", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) limit: u32,
}

/// `check`
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Only this provider
    #[arg(value_name = "PROVIDER")]
    pub(crate) provider: Option<String>,
    /// Look up what the source has for one client: a client or source client, by id or name
    #[arg(long, value_name = "NAME")]
    pub(crate) client: Option<String>,
}

/// `clients …`
#[derive(Debug, Subcommand)]
pub(crate) enum ClientsCommand {
    /// The roster, and which sources know each client
    List,
    /// Keep a roster in the store, in the place of the former
    Import {
        /// CSV with the columns id,name and perhaps type,active,domain,aliases,seats
        file: PathBuf,
    },
    /// Remove everything that names a client from the store, for good
    Erase {
        /// The client's id
        id: String,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
    /// Skip an erased client no longer; `sync --full` pulls what the sources still have of it
    Restore {
        /// The client's id, as it was erased
        id: String,
    },
}

/// `mapping …`
#[derive(Debug, Subcommand)]
pub(crate) enum MappingCommand {
    /// Every client at every source: mapped by which rule, ambiguous, unmapped
    List,
    /// What might be tied: unmapped clients, and the source's clients that look like them, the likeliest first
    Suggest {
        /// Only for this client
        #[arg(long, value_name = "ID")]
        client: Option<String>,
        /// Only at this provider
        #[arg(long, value_name = "PROVIDER")]
        provider: Option<String>,
    },
    /// Say that a client and a source's client are the same
    Set {
        /// The client's id
        client: String,
        /// The source's client, as PROVIDER:SOURCE
        #[arg(value_name = "PROVIDER:SOURCE", value_parser = provider_and_source)]
        source: (String, String),
    },
    /// Say that a client and a source's client are not the same
    Reject {
        /// The client's id
        client: String,
        /// The source's client, as PROVIDER:SOURCE
        #[arg(value_name = "PROVIDER:SOURCE", value_parser = provider_and_source)]
        source: (String, String),
    },
    /// Forget what was decided for a client
    Clear {
        /// The client's id
        client: String,
        /// Only at this provider
        provider: Option<String>,
    },
    /// Say by which rule two names are the same, or why they are not
    Explain {
        /// A name
        left: String,
        /// Another
        right: String,
    },
    /// Measure the rules on labelled pairs of names
    Evaluate {
        /// CSV of left, right, 0/1, with a header
        #[arg(value_name = "PAIRS.csv")]
        pairs: PathBuf,
    },
}

/// `override …`
#[derive(Debug, Subcommand)]
pub(crate) enum OverrideCommand {
    /// Put a score over the computed one, which stays visible beside it
    Set {
        /// The client's id
        client: String,
        /// The sheet's id of the metric
        metric: String,
        /// 1 to 5, for example 3.5
        #[arg(allow_negative_numbers = true, value_parser = score)]
        score: f64,
        /// Why the computed score does not hold
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// From when on it holds: RFC 3339, or a date for midnight UTC [default: now]
        #[arg(long, value_name = "TIME", value_parser = Instant::parse)]
        from: Option<Instant>,
        /// When it ends, a date at midnight UTC as it begins [default: when it is cleared]
        #[arg(long, value_name = "TIME", value_parser = Instant::parse)]
        until: Option<Instant>,
    },
    /// Let the computed score count again
    Clear {
        /// The client's id
        client: String,
        /// The sheet's id of the metric
        metric: String,
    },
    /// Who put which score where, and why
    List {
        /// Also what has ended or was taken back
        #[arg(long)]
        all: bool,
    },
}

/// `manual …`
#[derive(Debug, Subcommand)]
pub(crate) enum ManualCommand {
    /// Enter a client's score of a manual metric
    Set {
        /// The client's id
        client: String,
        /// The sheet's id of the metric
        metric: String,
        /// 1 to 5, for example 3.5
        #[arg(allow_negative_numbers = true, value_parser = score)]
        score: f64,
        /// What there is to say beside it
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
        /// The day that it is of: RFC 3339, or a date for midnight UTC [default: now]
        #[arg(long, value_name = "TIME", value_parser = Instant::parse)]
        at: Option<Instant>,
    },
    /// Take a client's scores of a manual metric back
    Clear {
        /// The client's id
        client: String,
        /// The sheet's id of the metric
        metric: String,
    },
    /// Who entered which score, and when
    List {
        /// Also what was taken back
        #[arg(long)]
        all: bool,
    },
}

/// `provider …`
#[derive(Debug, Subcommand)]
pub(crate) enum ProviderCommand {
    /// The configured providers, and those that come with the program
    List,
    /// What a provider measures, its settings and its limits
    Info {
        /// The provider, as the configuration or the program names it
        #[arg(value_name = "PROVIDER")]
        provider: String,
    },
    /// The compiled components that are kept so that a start compiles nothing
    Cache {
        /// Remove them all; they are made anew when they are needed
        #[arg(long)]
        clear: bool,
    },
}

/// `config …`
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Show the effective configuration, without secrets
    Show,
    /// Print the JSON Schema of scoresheet.toml, for editors
    Schema,
}

/// Whether it lies on the scale, the engine says.
fn score(text: &str) -> Result<f64, String> {
    text.parse().map_err(|_| "give a number from 1 to 5, for example 3.5".to_owned())
}

fn provider_and_source(text: &str) -> Result<(String, String), String> {
    match text.split_once(':') {
        Some((provider, source)) if !provider.is_empty() && !source.is_empty() => {
            Ok((provider.to_owned(), source.to_owned()))
        }
        _ => Err("give PROVIDER:SOURCE, for example crewhu:c-17".to_owned()),
    }
}
