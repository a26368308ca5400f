//! What the end-to-end tests share: the program as a person runs it, and an engine as an embedder does.
#![expect(unreachable_pub, reason = "shared by the modules of the test binary")]

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use scoresheet::{
    CancellationToken, Engine, FixedClock, Instant, Scoresheet, SheetOptions, SyncOptions, SyncReport,
    config::{Config, ConfigSource, FixedEnvironment},
};
use scoresheet_simulator::{SimulatorOptions, World, WorldOptions};
use scoresheet_test_support::FaultySimulator;
use tempfile::TempDir;

/// A credential that must turn up nowhere.
pub const CANARY: &str = "canary-7f3a9c51e8d2";

/// The company that every simulator here serves.
pub const COMPANY: &str = "msp-1";

/// Where every sheet of these tests ends.
pub const AS_OF: &str = "2026-11-01T00:00:00Z";

/// What the program takes for the current time in these tests.
pub const NOW: &str = "2026-11-20T12:00:00Z";

/// [`AS_OF`] as an instant.
pub fn as_of() -> Instant {
    Instant::parse(AS_OF).expect("a time")
}

/// [`AS_OF`] as chrono has it.
pub fn as_of_chrono() -> DateTime<Utc> {
    chrono_of(as_of())
}

/// An instant as chrono has it.
pub fn chrono_of(instant: Instant) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(instant.millis()).expect("a time")
}

/// Compiled components are shared by all tests, as they would be by all runs of one person.
pub fn cache_dir() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache")
}

/// A generated world whose answers end at [`AS_OF`].
pub fn world(seed: u64, clients: usize, dirty_share: f64) -> World {
    World::generate(WorldOptions {
        seed,
        clients,
        days: 120,
        dirty_share,
        mean_responses_per_client_per_30_days: 6.0,
        ..WorldOptions::new(as_of_chrono())
    })
}

/// A simulator with the canary as its key.
pub async fn serve(world: impl Into<Arc<World>>) -> FaultySimulator {
    let options =
        SimulatorOptions { api_key: CANARY.to_owned(), company_id: COMPANY.to_owned(), ..SimulatorOptions::new(world) };
    FaultySimulator::start(options).await.expect("a simulator")
}

/// A folder of its own and the program in it.
pub struct Place {
    /// The folder; gone with this value.
    pub folder: TempDir,
    variables: Vec<(String, String)>,
}

/// What a run of the program gave.
#[derive(Debug)]
pub struct Ran {
    /// The exit code.
    pub code: i32,
    /// Data.
    pub stdout: String,
    /// Everything else.
    pub stderr: String,
}

impl Place {
    /// An empty folder, and an environment with only the time in it.
    pub fn new() -> Self {
        let mut place = Self { folder: tempfile::tempdir().expect("a folder"), variables: Vec::new() };
        place.set("SCORESHEET_CLOCK", NOW);
        place
    }

    /// The environment that reaches a simulator.
    pub fn reaching(server: &FaultySimulator) -> Self {
        let mut place = Self::new();
        place.set("CREWHU_API_KEY", CANARY);
        place.set("CREWHU_COMPANY_ID", COMPANY);
        place.set("CREWHU_BASE_URL", server.base_url());
        place
    }

    /// Sets a variable of the program's environment.
    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Writes a file into the folder.
    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("a file");
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The program, ready to start here.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scoresheet"));
        command.args(arguments).current_dir(self.folder.path()).env_clear();
        command.env("XDG_CACHE_HOME", cache_dir());
        // libfaketime must change the program's clock together with the test's.
        command.envs(std::env::vars_os().filter(|(name, _)| {
            name.to_str().is_some_and(|name| name == "LD_PRELOAD" || name.starts_with("FAKETIME"))
        }));
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs the program to its end, on a thread of its own so that a simulator may answer meanwhile.
    pub async fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = self.command(arguments);
        let output =
            tokio::task::spawn_blocking(move || command.output()).await.expect("a thread").expect("the program");
        ran(&output)
    }

    /// Everything that is in the folder, as bytes.
    pub fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        std::fs::read_dir(self.folder.path())
            .expect("the folder")
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.is_file())
            .map(|path| (path.clone(), std::fs::read(&path).expect("a file")))
            .collect()
    }
}

/// Everything below a folder, as bytes.
pub fn below(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            below(&path, found);
        } else {
            found.push((path.display().to_string(), std::fs::read(&path).unwrap_or_default()));
        }
    }
}

fn ran(output: &Output) -> Ran {
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout.clone()).expect("UTF-8 on stdout"),
        stderr: String::from_utf8(output.stderr.clone()).expect("UTF-8 on stderr"),
    }
}

impl Ran {
    /// What was printed, as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// Checks the exit code, telling all that was said where it is another.
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }
}

/// An engine in this process, with a clock that stands still and a store of its own.
pub struct Embedded {
    /// The engine.
    pub engine: Engine,
    /// The folder of its store; gone with this value.
    pub folder: Arc<TempDir>,
}

/// What an engine of these tests is made from.
#[derive(Clone)]
pub struct Setup {
    /// The provider's base URL.
    pub base_url: String,
    /// TOML before `[providers.crewhu]`: sections like `[sheet]` and `[sync]`.
    pub head: String,
    /// TOML settings of the provider, besides the company: `, page_size = 7`.
    pub settings: String,
    /// What time it is.
    pub now: Instant,
    /// Pages side by side.
    pub in_flight: usize,
    /// The store's folder, where one is to be used again.
    pub folder: Option<Arc<TempDir>>,
}

impl Setup {
    /// CrewHu's own clients, as the environment alone would have it, at [`AS_OF`].
    pub fn new(server: &FaultySimulator) -> Self {
        Self {
            base_url: server.base_url().to_owned(),
            head: String::new(),
            settings: String::new(),
            now: as_of(),
            in_flight: 8,
            folder: None,
        }
    }

    /// Opens the engine.
    pub async fn open(self) -> Embedded {
        let folder = self.folder.unwrap_or_else(|| Arc::new(tempfile::tempdir().expect("a folder")));
        let text = format!(
            r#"{}
[providers.crewhu]
base_url = "{}"
auth = {{ bearer = "${{CREWHU_API_KEY}}" }}
settings = {{ company_id = "{COMPANY}"{} }}

[[metrics]]
id = "support-engagement-satisfaction"
name = "Support Engagement Satisfaction"
provider = "crewhu"
"#,
            self.head, self.base_url, self.settings
        );
        let mut environment = FixedEnvironment::default();
        environment.set("CREWHU_API_KEY", CANARY);
        let source = ConfigSource::Text { name: "test".to_owned(), text, base_dir: folder.path().to_owned() };
        let mut config = Config::load(source, &environment).expect("a configuration");
        config.sync.pages_in_flight = self.in_flight;
        let mut builder = Engine::builder(config)
            .environment(Arc::new(environment))
            .clock(Arc::new(FixedClock(self.now)))
            .cache_dir(cache_dir());
        for component in scoresheet_bundle::components() {
            builder = builder.component(component.name, component.bytes);
        }
        Embedded { engine: builder.open().await.expect("an engine"), folder }
    }
}

impl Embedded {
    /// Syncs everything.
    pub async fn sync(&self) -> SyncReport {
        self.sync_with(&SyncOptions::default()).await
    }

    /// Syncs as asked.
    pub async fn sync_with(&self, options: &SyncOptions) -> SyncReport {
        self.engine.sync(options, &|_| (), &CancellationToken::new()).await.expect("a sync")
    }

    /// The sheet of every client at [`AS_OF`].
    pub async fn sheet(&self) -> Scoresheet {
        let options = SheetOptions { as_of: Some(as_of()), ..SheetOptions::default() };
        self.engine.generate(&options, &CancellationToken::new()).await.expect("a sheet")
    }
}
