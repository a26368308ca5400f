//! A folder with a configuration, where `scoresheet` runs.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

use scoresheet::{Clock as _, SystemClock};
use tempfile::TempDir;

use crate::{
    Failed, data,
    embed::Embedded,
    measure::{self, Cost},
    server::{API_KEY, COMPANY},
};

/// A metric's name and the answers it takes, as JSON.
pub(crate) type Metric = (&'static str, &'static str);

/// One metric of all answers.
pub(crate) const ONE_METRIC: &[Metric] = &[("support", r#"["overall", "resolution", "communication", "timeliness"]"#)];

/// Three metrics that share answers.
pub(crate) const THREE_METRICS: &[Metric] = &[
    ("support", r#"["overall", "resolution", "communication", "timeliness"]"#),
    ("resolution", r#"["overall", "resolution"]"#),
    ("manners", r#"["communication", "timeliness"]"#),
];

/// How far back a sheet looks, and a first sync, in days.
#[derive(Clone, Copy, Debug)]
struct Reach {
    lookback: u64,
    backfill: u64,
}

/// Every answer of the usual account lies in the sheet's window.
const WHOLE: Reach = Reach { lookback: 90, backfill: 90 };

/// A month's sheet of a year's answers: what holds where nothing is configured.
const USUAL: Reach = Reach { lookback: 30, backfill: 400 };

/// The plain sheet: what trends cost is a row of its own.
const WITHOUT_TRENDS: &str = "trend_months = 0";
const WITH_TRENDS: &str = "trend_months = 12";

/// A folder of its own, gone with this value.
pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    /// A folder on the disk that the build is on, with a roster of so many clients and these metrics.
    pub(crate) fn new(url: &str, clients: u64, metrics: &[Metric]) -> Result<Self, Failed> {
        Self::with(url, clients, metrics, "")
    }

    /// The same for answers of a year.
    pub(crate) fn of_a_year(url: &str, clients: u64, metrics: &[Metric]) -> Result<Self, Failed> {
        Self::reaching(USUAL, url, clients, metrics, "")
    }

    /// The same, with more in the configuration.
    pub(crate) fn with(url: &str, clients: u64, metrics: &[Metric], more: &str) -> Result<Self, Failed> {
        Self::reaching(WHOLE, url, clients, metrics, more)
    }

    fn reaching(reach: Reach, url: &str, clients: u64, metrics: &[Metric], more: &str) -> Result<Self, Failed> {
        let Reach { lookback, backfill } = reach;
        let folder = tempfile::Builder::new().prefix("bench-").tempdir_in(scratch()?)?;
        let mut config = format!(
            "[sheet]\nlookback_days = {lookback}\n{WITHOUT_TRENDS}\n[sync]\nbackfill_days = {backfill}\n\
             [clients]\nfile = \"clients.csv\"\n\
             [providers.crewhu]\nbase_url = \"{url}\"\nauth = {{ bearer = \"${{CREWHU_API_KEY}}\" }}\n\
             limits = {{ requests_per_minute = 60000 }}\nsettings = {{ company_id = \"{COMPANY}\" }}\n"
        );
        for (id, types) in metrics {
            writeln!(
                config,
                "[[metrics]]\nid = \"{id}\"\nname = \"{id}\"\nprovider = \"crewhu\"\n\
                 metric = \"support-engagement-satisfaction\"\nsettings = {{ types = {types} }}"
            )?;
        }
        config.push_str(more);
        std::fs::write(folder.path().join("scoresheet.toml"), config)?;
        std::fs::write(folder.path().join("clients.csv"), data::roster(clients))?;
        Ok(Self { folder })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `scoresheet` with these arguments, in this folder, with the compiled code that all runs share.
    pub(crate) fn command(&self, arguments: &[&str]) -> Result<Command, Failed> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scoresheet"));
        command.args(arguments).current_dir(self.folder.path());
        command.env("CREWHU_API_KEY", API_KEY).env("XDG_CACHE_HOME", scratch()?.join("cache"));
        Ok(command)
    }

    /// What `scoresheet` with these arguments costs as a whole process.
    pub(crate) fn run(&self, arguments: &[&str]) -> Result<Cost, Failed> {
        measure::process(&self.command(arguments)?)
    }

    /// From now on with the trends of twelve months, or without.
    pub(crate) fn with_trends(&self, with: bool) -> Result<(), Failed> {
        let path = self.path("scoresheet.toml");
        let (now, then) = if with { (WITHOUT_TRENDS, WITH_TRENDS) } else { (WITH_TRENDS, WITHOUT_TRENDS) };
        let config = std::fs::read_to_string(&path)?.replace(now, then);
        Ok(std::fs::write(path, config)?)
    }

    /// From now on with rules that look at every cell.
    pub(crate) fn with_alerts(&self) -> Result<(), Failed> {
        let mut config = std::fs::read_to_string(self.path("scoresheet.toml"))?;
        for (kind, more) in [("floor", "at = 2"), ("drop", "by = 0.5"), ("decline", ""), ("stale", "")] {
            write!(config, "\n[[alerts]]\nid = \"{kind}\"\nkind = \"{kind}\"\n{more}\n")?;
        }
        Ok(std::fs::write(self.path("scoresheet.toml"), config)?)
    }

    /// Removes the store.
    pub(crate) fn forget(&self) -> Result<(), Failed> {
        for name in ["scoresheet.db", "scoresheet.db-wal", "scoresheet.db-shm"] {
            match std::fs::remove_file(self.path(name)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
        Ok(())
    }

    /// What `scoresheet sync` costs from an empty store.
    pub(crate) fn first_sync(&self) -> Result<Cost, Failed> {
        self.forget()?;
        self.run(&["sync"])
    }

    /// The engine in this process, over this folder; at another time than now, where one is given.
    pub(crate) fn embed(&self, now_ms: Option<u64>) -> Result<Embedded, Failed> {
        Embedded::open(self, now_ms)
    }

    /// How many samples stand behind a metric on the sheet that was last generated.
    pub(crate) fn samples(&self, metric: &str) -> Result<u64, Failed> {
        let sheet: serde_json::Value = serde_json::from_slice(&std::fs::read(self.path("sheet.json"))?)?;
        let cells = sheet["clients"].as_array().ok_or("a sheet without clients")?.iter();
        let of_client = |client: &serde_json::Value| {
            let cells = client["metrics"].as_array()?;
            cells.iter().find(|cell| cell["id"] == metric)?["samples"].as_u64()
        };
        cells.map(|client| of_client(client).ok_or_else(|| "a client without the metric".into())).sum()
    }

    /// What `scoresheet generate` costs, the sheet written to a file as JSON.
    pub(crate) fn generate(&self) -> Result<Cost, Failed> {
        self.run(&["generate", "--format", "json", "--output", "sheet.json"])
    }
}

/// Where a run keeps its files: beside the build, so on a real disk and not in memory.
pub(crate) fn scratch() -> Result<PathBuf, Failed> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// When the data ends: a little before now, because `scoresheet` looks at the clock.
pub(crate) fn end_ms() -> Result<u64, Failed> {
    Ok(u64::try_from(SystemClock.now().millis())? - 60_000)
}
