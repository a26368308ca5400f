//! The rows of a sheet, some at a time, on every processor: they are nearly all of it.

use std::{
    io::{self, Write},
    num::NonZero,
    sync::mpsc,
    thread,
};

use scoresheet_domain::sheet::ClientRow;

use super::{harmless, layout::Layout, write_text};

/// So many rows are written at a time: a hundred kilobytes, or a megabyte where there are many metrics with trends.
const ROWS_AT_ONCE: usize = 32;

/// Writes what stands between the brackets of a list of rows that is not empty.
pub(super) fn write(rows: &[ClientRow], to: &mut impl Write) -> io::Result<()> {
    let at_once = thread::available_parallelism().map_or(1, NonZero::get);
    write_with(rows, to, at_once)
}

fn write_with(rows: &[ClientRow], to: &mut impl Write, at_once: usize) -> io::Result<()> {
    let pieces = rows.chunks(ROWS_AT_ONCE).enumerate();
    let at_once = at_once.min(pieces.len());
    if at_once < 2 {
        for (at, rows) in pieces {
            to.write_all(&piece(at, rows)?)?;
        }
    } else {
        thread::scope(|scope| {
            let threads = (0..at_once).map(|first| {
                let (give, given) = mpsc::sync_channel(1);
                let own = pieces.clone().skip(first).step_by(at_once);
                scope.spawn(move || {
                    // Where nobody takes it any more, writing has failed.
                    own.map(|(at, rows)| piece(at, rows)).try_for_each(|piece| give.send(piece))
                });
                given
            });
            let given: Vec<_> = threads.collect();
            for (at, _) in pieces.clone() {
                let piece = given[at % at_once].recv().map_err(|_| io::Error::other("a thread ended early"))?;
                to.write_all(&piece?)?;
            }
            Ok::<_, io::Error>(())
        })?;
    }
    to.write_all(b"\n  ")
}

/// Some rows, each with what stands before it.
fn piece(at: usize, rows: &[ClientRow]) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    for (of_piece, row) in rows.iter().enumerate() {
        let first = at == 0 && of_piece == 0;
        text.extend_from_slice(if first { b"\n    " } else { b",\n    " });
        write_text(row, Layout::of_a_row(), &mut text)?;
    }
    Ok(harmless(text))
}

#[cfg(test)]
mod tests {
    use scoresheet_domain::sheet::Scoresheet;

    use super::*;
    use crate::render::{json, tests::fixture::every_outcome};

    fn with_rows(count: usize) -> Scoresheet {
        let sheet = every_outcome();
        let rows = sheet.clients.iter().cycle().take(count).cloned().enumerate();
        let clients = rows.map(|(at, row)| ClientRow { name: format!("{at}: {}\u{202e}", row.name), ..row }).collect();
        Scoresheet { clients, ..sheet }
    }

    #[test]
    fn the_sheet_is_what_it_would_be_in_one_piece() {
        for count in [0, 1, 2, ROWS_AT_ONCE, ROWS_AT_ONCE + 1, 5 * ROWS_AT_ONCE + 3] {
            let sheet = with_rows(count);
            let mut whole = Vec::new();
            write_text(&sheet, Layout::default(), &mut whole).expect("memory");
            whole.push(b'\n');
            let whole = String::from_utf8(harmless(whole)).expect("text");
            assert!(json(&sheet) == whole, "{count} rows");
        }
    }

    #[test]
    fn the_number_of_threads_changes_nothing() {
        let sheet = with_rows(7 * ROWS_AT_ONCE + 5);
        let written = |at_once| {
            let mut text = Vec::new();
            write_with(&sheet.clients, &mut text, at_once).expect("memory");
            text
        };
        for at_once in [2, 3, 8, 50] {
            assert!(written(at_once) == written(1), "{at_once} threads");
        }
    }

    #[test]
    fn what_the_file_refuses_is_told_and_ends_it() {
        let sheet = with_rows(40 * ROWS_AT_ONCE);
        for at_once in [1, 2, 3] {
            let mut room = [0_u8; 300_000];
            let refused = write_with(&sheet.clients, &mut &mut room[..], at_once).expect_err("no room");
            assert_eq!(refused.kind(), io::ErrorKind::WriteZero, "{at_once} threads");
        }
    }
}
