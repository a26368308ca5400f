//! kill −9 at random, again and again, on one store that goes on from where it is.

use std::{
    collections::BTreeMap,
    io::Write as _,
    path::Path,
    time::{Duration, Instant as Clock},
};

use rusqlite::Connection;
use scoresheet_engine::{LOCK_SECS, MaintenanceStore as _};
use scoresheet_store::SqliteStore;

use crate::support::*;

/// A child is killed so long after its first step at the latest; some pulls fit in.
const LONGEST: Duration = Duration::from_millis(12);

/// What children said is done.
#[derive(Default)]
struct Acknowledged {
    /// By page: the last pull that committed it.
    pages: BTreeMap<i64, i64>,
    /// By pull: how many of its pages.
    of_pull: BTreeMap<i64, i64>,
    decided: i64,
    finished: i64,
    lines: u64,
}

impl Acknowledged {
    fn take(&mut self, lines: Vec<String>) {
        for line in lines {
            let mut words = line.split(' ');
            let what = words.next().unwrap_or_default();
            let numbers: Vec<i64> = words.filter_map(|word| word.parse().ok()).collect();
            match (what, &numbers[..]) {
                ("page", [pull, page]) => {
                    self.pages.insert(*page, *pull);
                    *self.of_pull.entry(*pull).or_default() = page + 1;
                }
                ("decision", [pull]) => self.decided = *pull,
                ("finish", [pull]) => self.finished = *pull,
                ("held", []) => {}
                _ => panic!("a child said: {line}"),
            }
            self.lines += 1;
        }
    }
}

pub(crate) fn at_random_lose_nothing_that_was_acknowledged(options: &Options) {
    let folder = options.folder();
    let path = folder.path().join("scoresheet.db");
    let file = path.to_str().expect("a path in UTF-8");
    let mut random = Random(options.seed);
    let mut known = Acknowledged::default();
    let (mut before_the_first_line, began) = (0, Clock::now());
    let runtime = runtime();
    for round in 0..options.kills {
        // By when the lock of the one before has expired.
        let now = NOW + i64::from(round) * LOCK_SECS * 1000;
        let child = Running::start(&["sync", file, &now.to_string()]);
        let micros = u64::try_from(LONGEST.as_micros()).expect("small");
        // Every fourth is killed while it may still be opening.
        let read = if random.below(4) == 0 {
            child.lines_until(Clock::now() + Duration::from_micros(random.below(micros)))
        } else {
            let held = child.line().expect("it takes over the lock of the one that was killed");
            let first = child.line().expect("it resumes what that one had begun");
            let wait = Duration::from_micros(random.below(micros));
            [held, first].into_iter().chain(child.lines_until(Clock::now() + wait)).collect()
        };
        let rest = child.kill();
        before_the_first_line += u32::from(read.is_empty() && rest.is_empty());
        known.take(read);
        known.take(rest);
        if path.exists() {
            check(&path, &known, round);
            runtime.block_on(verify(&path, round));
        }
    }
    // That it works at all: nothing acknowledged would mean nothing lost.
    assert!(known.lines > u64::from(options.kills), "only {} lines were said", known.lines);
    writeln!(
        std::io::stdout(),
        "{} kills in {:.1} s (seed {}): {} steps were acknowledged and none was lost; {} came before the first; {} pulls",
        options.kills,
        began.elapsed().as_secs_f64(),
        options.seed,
        known.lines,
        before_the_first_line,
        known.finished,
    )
    .expect("somebody reads");
}

/// Before the store is opened, which would repair what can be repaired.
fn check(path: &Path, known: &Acknowledged, round: u32) {
    let connection = connect(path);
    assert_eq!(integrity(&connection), "ok", "round {round}");
    if has_tables(&connection) {
        check_rows(&connection, known, round);
    }
}

async fn verify(path: &Path, round: u32) {
    if has_tables(&connect(path)) {
        let verdict = SqliteStore::open(path).await.expect("a store").verify_audit().await.expect("a verdict");
        assert_eq!(verdict.broken, None, "round {round}");
    }
}

fn has_tables(connection: &Connection) -> bool {
    scalar(connection, "SELECT count(*) FROM sqlite_schema", []) > 0
}

fn check_rows(connection: &Connection, known: &Acknowledged, round: u32) {
    let sql =
        "SELECT CAST(substr(id, 1, 2) AS INTEGER), count(*), CAST(min(value) AS INTEGER), CAST(max(value) AS INTEGER)
         FROM record GROUP BY 1";
    let mut statement = connection.prepare(sql).expect("a statement");
    let rows = statement.query_map([], |row| <(i64, i64, i64, i64)>::try_from(row)).expect("rows");
    let pages: Vec<(i64, i64, i64, i64)> = rows.collect::<Result<_, _>>().expect("pages");
    let stored: BTreeMap<i64, i64> = pages.iter().map(|(page, _, pull, _)| (*page, *pull)).collect();
    for (page, records, least, most) in pages {
        assert_eq!((records, least), (ITEMS as i64, most), "round {round}: page {page} is there by halves");
    }
    for (page, pull) in &known.pages {
        let stored = stored.get(page).copied().unwrap_or_default();
        assert!(stored >= *pull, "round {round}: page {page} of pull {pull} is lost: there is that of {stored}");
    }
    for (pull, pages) in known.of_pull.iter().filter(|(pull, _)| **pull > known.finished) {
        if scalar(connection, "SELECT count(*) FROM pull WHERE id = ?1", [pull]) == 0 {
            // It was finished, and the process killed before it could say so.
            assert_eq!(stored.len(), PAGES, "round {round}");
            assert!(stored.values().all(|stored| stored >= pull), "round {round}: pull {pull} is gone, not finished");
            continue;
        }
        let committed = scalar(connection, "SELECT count(*) FROM pull_page WHERE pull = ?1", [pull]);
        let pending = scalar(connection, "SELECT count(*) FROM pull_cursor WHERE pull = ?1", [pull]);
        // Of several processes in a row that were killed, each may have committed one that nobody heard of.
        assert!((*pages..=PAGES as i64).contains(&committed), "round {round}: {committed} of pull {pull}, not {pages}");
        assert_eq!(pending, i64::from(committed < PAGES as i64), "round {round}: a page and its cursor are one");
    }
    let decided = scalar(connection, "SELECT coalesce(max(at_ms), 0) FROM decision", []);
    assert!(decided >= known.decided, "round {round}: the decision of {} is lost", known.decided);
    let covered = scalar(connection, "SELECT count(*) FROM coverage", []);
    assert!(covered == 1 || known.finished == 0, "round {round}: what was finished is covered");
    let finished = scalar(connection, "SELECT count(*) FROM pull WHERE id <= ?1", [known.finished]);
    assert_eq!(finished, 0, "round {round}: what was finished stays so");
}

fn scalar(connection: &Connection, sql: &str, params: impl rusqlite::Params) -> i64 {
    connection.query_row(sql, params, |row| row.get(0)).expect(sql)
}
