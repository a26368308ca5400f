//! The engine in this process, where a row is about the engine and not about the process around it.

use std::{
    sync::Arc,
    time::{Duration, Instant as Clock},
};

use scoresheet::{
    CancellationToken, Engine, FixedClock, Instant, ProviderSync, SyncOptions, SystemClock,
    config::{Config, ConfigSource, FixedEnvironment},
};
use tokio::runtime::Runtime;

use crate::{
    Failed,
    place::{Place, scratch},
    server::API_KEY,
};

/// An engine over a place's configuration and store, and what it runs on.
pub(crate) struct Embedded {
    engine: Engine,
    runtime: Runtime,
}

impl Embedded {
    /// Opens it, at this time or at the real one.
    pub(crate) fn open(place: &Place, now_ms: Option<u64>) -> Result<Self, Failed> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let mut environment = FixedEnvironment::default();
        environment.set("CREWHU_API_KEY", API_KEY);
        let config = Config::load(ConfigSource::Path(place.path("scoresheet.toml")), &environment)?;
        let mut builder =
            Engine::builder(config).environment(Arc::new(environment)).cache_dir(scratch()?.join("cache"));
        builder = match now_ms {
            Some(ms) => builder.clock(Arc::new(FixedClock(Instant::from_millis(i64::try_from(ms)?)))),
            None => builder.clock(Arc::new(SystemClock)),
        };
        for component in scoresheet_bundle::components() {
            builder = builder.component(component.name, component.bytes);
        }
        let engine = runtime.block_on(builder.open())?;
        Ok(Self { engine, runtime })
    }

    /// Syncs, and says how it went and how long it took.
    pub(crate) fn sync(&self) -> Result<(ProviderSync, Duration), Failed> {
        let began = Clock::now();
        let (options, cancel) = (SyncOptions::default(), CancellationToken::new());
        let sync = self.engine.sync(&options, &|_| (), &cancel);
        let report = self.runtime.block_on(sync)?;
        let took = began.elapsed();
        let provider = report.providers.into_iter().next().ok_or("nothing was synced")?;
        match provider.problem {
            Some(problem) => Err(problem.message.into()),
            None => Ok((provider, took)),
        }
    }
}
