//! What parent and child share: the world that is synced, how a child is started, how a file is looked at.

use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    time::{Duration, Instant as Clock},
};

use rusqlite::Connection;
use scoresheet_domain::{
    ClientRef, Cursor, Digest, Instant, Observation, ObservationPage, ProviderName, SourceId, When, Window,
};
use scoresheet_engine::{Attribution, LOCK_SECS, Scope, SyncLock};

/// Pages of a pull, and records of a page.
pub(crate) const PAGES: usize = 6;
pub(crate) const ITEMS: usize = 20;

/// What the first process takes for the time.
pub(crate) const NOW: i64 = 1_000_000;

/// What the next one takes for the time, by when the lock of the one before has expired.
pub(crate) const LATER: i64 = NOW + LOCK_SECS * 1000;

/// What was asked for on the command line.
pub(crate) struct Options {
    pub(crate) kills: u32,
    pub(crate) seed: u64,
    pub(crate) folder: Option<PathBuf>,
    filters: Vec<String>,
}

impl Options {
    pub(crate) fn read(arguments: &[String]) -> Self {
        let mut options = Self { kills: 25, seed: 1, folder: None, filters: Vec::new() };
        for argument in arguments {
            match argument.split_once('=') {
                Some(("kills", count)) => options.kills = count.parse().expect("a number of kills"),
                Some(("seed", seed)) => options.seed = seed.parse().expect("a seed"),
                Some(("in", folder)) => options.folder = Some(folder.into()),
                _ if argument.starts_with('-') => {}
                _ => options.filters.push(argument.clone()),
            }
        }
        options
    }

    pub(crate) fn chooses(&self, name: &str) -> bool {
        self.filters.is_empty() || self.filters.iter().any(|filter| name.contains(filter.as_str()))
    }

    /// A folder that is gone afterwards.
    pub(crate) fn folder(&self) -> tempfile::TempDir {
        match &self.folder {
            Some(folder) => tempfile::tempdir_in(folder).expect("a folder"),
            None => tempfile::tempdir().expect("a folder"),
        }
    }
}

/// Numbers that look random and are the same for the same seed (SplitMix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit
    }
}

pub(crate) fn at(millis: i64) -> Instant {
    Instant::from_millis(millis)
}

pub(crate) fn window() -> Window {
    Window { start: at(0), end: at(NOW) }
}

pub(crate) fn provider() -> ProviderName {
    ProviderName::new("crewhu").expect("a name")
}

pub(crate) fn scope() -> Scope {
    Scope { provider: provider(), settings: Digest::of("settings") }
}

pub(crate) fn by(millis: i64) -> Attribution {
    Attribution { actor: "anna@here".into(), at: at(millis) }
}

/// This process's lock.
pub(crate) fn lock(now: i64) -> SyncLock {
    SyncLock { provider: provider(), instance: format!("instance-{}", std::process::id()), by: by(now) }
}

/// A page as pull number `value` finds it: the same records at every pull, all with the pull's number as their value.
pub(crate) fn page(number: usize, value: i64) -> ObservationPage {
    let item = |n: usize| Observation {
        id: format!("{number:02}-{n:04}").into(),
        client: ClientRef::from_id(SourceId::new(format!("client-{}", n % 7)).expect("an id")),
        when: When::At(at((number * ITEMS + n) as i64)),
        kind: 0,
        value: value as f64,
    };
    let next = if number + 1 < PAGES { vec![cursor(number + 1)] } else { Vec::new() };
    ObservationPage { items: (0..ITEMS).map(item).collect(), next, ..ObservationPage::default() }
}

pub(crate) fn cursor(number: usize) -> Cursor {
    Cursor(number.to_string().into_bytes())
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

pub(crate) fn connect(path: &Path) -> Connection {
    Connection::open(path).expect("a connection")
}

/// What SQLite says of the whole file.
pub(crate) fn integrity(connection: &Connection) -> String {
    connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("a verdict")
}

/// A process that works on a store, and what it says.
pub(crate) struct Running {
    child: Child,
    lines: Receiver<String>,
}

impl Running {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let this = std::env::current_exe().expect("this binary");
        let mut command = Command::new(this);
        command.arg("child").args(arguments);
        Self::spawn(command)
    }

    /// The same, in which no file may become larger than so many blocks of the shell's.
    pub(crate) fn start_within(blocks: u32, arguments: &[&str]) -> Self {
        let this = std::env::current_exe().expect("this binary");
        let mut command = Command::new("sh");
        // Without the trap the signal would end the process before SQLite sees the error.
        command.arg("-c").arg(format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" child \"$@\""));
        command.arg(this).args(arguments);
        Self::spawn(command)
    }

    /// A shell's script in which a small file system may be mounted that nobody else sees and that goes with the process;
    /// none where this system allows nobody to (a container without that right, or no Linux). `$0` is this binary.
    pub(crate) fn start_with_a_disk(script: &str, arguments: &[&str]) -> Option<Self> {
        let ways: [&[&str]; 2] = [&["--user", "--map-root-user", "--mount"], &["--mount"]];
        let may = |way: &&&[&str]| {
            let tried = "mount -t tmpfs -o size=64k scoresheet /mnt";
            let output = Command::new("unshare").args(**way).args(["sh", "-c", tried]).output();
            output.is_ok_and(|output| output.status.success())
        };
        let way = ways.iter().find(may)?;
        let mut command = Command::new("unshare");
        command.args(*way).args(["sh", "-c", script]);
        command.arg(std::env::current_exe().expect("this binary")).args(arguments);
        Some(Self::spawn(command))
    }

    fn spawn(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("a child");
        let out = BufReader::new(child.stdout.take().expect("its output"));
        let (say, lines) = channel();
        // Ends with the child's output.
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                if say.send(line).is_err() {
                    break;
                }
            }
        });
        Self { child, lines }
    }

    /// The next line; none once the child is gone.
    pub(crate) fn line(&self) -> Option<String> {
        self.lines.recv_timeout(Duration::from_secs(60)).ok()
    }

    /// What it says until then.
    pub(crate) fn lines_until(&self, end: Clock) -> Vec<String> {
        let mut lines = Vec::new();
        while let Ok(line) = self.lines.recv_timeout(end.saturating_duration_since(Clock::now())) {
            lines.push(line);
        }
        lines
    }

    /// SIGKILL; gives what it had said and nobody had read.
    pub(crate) fn kill(mut self) -> Vec<String> {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
        // The channel ends with the child's output, so this ends.
        self.lines.iter().collect()
    }

    /// Waits until it ends by itself; gives whether it went well, and what it said.
    pub(crate) fn end(mut self) -> (bool, Vec<String>) {
        let status = self.child.wait().expect("gone");
        (status.success(), self.lines.iter().collect())
    }
}

impl Drop for Running {
    /// A test that fails leaves nothing running.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
