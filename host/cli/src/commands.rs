//! The commands: one a file, and what they share.

pub(crate) mod alerts;
pub(crate) mod audit;
pub(crate) mod check;
pub(crate) mod clients;
pub(crate) mod config;
pub(crate) mod demo;
mod entered;
pub(crate) mod first;
pub(crate) mod health;
pub(crate) mod init;
pub(crate) mod manual;
pub(crate) mod mapping;
pub(crate) mod override_;
pub(crate) mod provider;
pub(crate) mod replay;
pub(crate) mod review;
pub(crate) mod sheet;
pub(crate) mod sync;
pub(crate) mod trend;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use scoresheet::{
    Clock, Components, Engine, FixedClock, Instant, SystemClock,
    config::{Config, ConfigErrors, ConfigSource, Environment as _, ProcessEnvironment},
};
use tokio_util::sync::CancellationToken;

use crate::{args::TrafficArgs, exit::Failure, output::Output};

/// What every command is given.
pub(crate) struct Context {
    /// Where output goes.
    pub(crate) output: Output,
    /// `--config`.
    pub(crate) config: Option<PathBuf>,
    /// The time.
    pub(crate) clock: Arc<dyn Clock>,
    /// Pulled by Ctrl-C.
    pub(crate) cancel: CancellationToken,
}

/// The file that is read where `--config` is not given.
pub(crate) const DEFAULT_CONFIG: &str = scoresheet::config::FILE_NAME;

impl Context {
    /// The configuration: `--config`, else `./scoresheet.toml`, else the environment alone.
    pub(crate) fn load_config(&self) -> Result<Config, Failure> {
        let source = ConfigSource::find(self.config.as_deref(), Path::new(""));
        let config = Config::load(source, &ProcessEnvironment).map_err(|errors| match errors {
            ConfigErrors::NothingConfigured => Failure::Usage(first::nothing_configured()),
            other => other.into(),
        })?;
        for warning in &config.warnings {
            self.output.note(&format!("warning: {warning}"));
        }
        Ok(config)
    }

    /// Everything put together, ready to work.
    pub(crate) async fn open(&self) -> Result<Engine, Failure> {
        self.open_with(&TrafficArgs::default()).await
    }

    /// The same for a sync, whose requests may be recorded, or answered from a recording.
    pub(crate) async fn open_with(&self, traffic: &TrafficArgs) -> Result<Engine, Failure> {
        let builder = self.builder(self.load_config()?);
        let builder = match (&traffic.record, &traffic.replay) {
            (Some(folder), _) => builder.record(folder),
            (None, Some(folder)) => builder.replay(folder),
            (None, None) => builder,
        };
        self.unless_interrupted(builder.open()).await
    }

    /// Waits for work that has nothing to finish when it is interrupted. A component's compilation cannot be stopped:
    /// its thread is left behind and ends with the process.
    pub(crate) async fn unless_interrupted<T, E: Into<Failure>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Failure> {
        match self.cancel.run_until_cancelled(work).await {
            Some(result) => result.map_err(Into::into),
            None => Err(Failure::Interrupted("interrupted; nothing was changed".to_owned())),
        }
    }

    /// A builder that knows the bundled components and the usual cache folder.
    pub(crate) fn builder(&self, config: Config) -> scoresheet::Builder {
        let mut builder = Engine::builder(config).components(bundled()).clock(Arc::clone(&self.clock));
        // A service often has neither.
        if let Some(user) =
            ["USER", "LOGNAME"].iter().find_map(|name| ProcessEnvironment.var(name)).or_else(user_of_process)
        {
            builder = builder.acting_for(user);
        }
        match scoresheet::default_cache_dir(&ProcessEnvironment) {
            Some(folder) => builder.cache_dir(folder),
            None => builder,
        }
    }
}

/// The environment variable that sets the time, so that tests of the binary give the same result on any day.
pub(crate) const CLOCK: &str = "SCORESHEET_CLOCK";

/// The system's clock, or one fixed at the time in [`CLOCK`].
pub(crate) fn clock(fixed: Option<String>) -> Result<Arc<dyn Clock>, Failure> {
    let Some(time) = fixed else { return Ok(Arc::new(SystemClock)) };
    let now = Instant::parse(&time).map_err(|error| Failure::Usage(format!("{CLOCK}: {error}")))?;
    Ok(Arc::new(FixedClock(now)))
}

/// The components that come with the program.
pub(crate) fn bundled() -> Components {
    scoresheet_bundle::components()
        .iter()
        .fold(Components::new(), |all, component| all.bytes(component.name, component.bytes))
}

/// The name of the user whose process this is, as the system has it.
#[cfg(unix)]
fn user_of_process() -> Option<String> {
    use nix::unistd::{User, getuid};

    User::from_uid(getuid()).ok().flatten().map(|user| user.name)
}

#[cfg(not(unix))]
fn user_of_process() -> Option<String> {
    None
}
