//! Stored sheets, their saved inputs, and the components that they were made with.
//!
//! Inputs and components are compressed here and nowhere else.

use std::{
    collections::{BTreeMap, HashSet},
    io::{self, Read as _, Write as _},
};

use flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder};
use rusqlite::{Connection, Row, params};
use scoresheet_domain::{Digest, Instant};
use scoresheet_engine::{InputsGone, SavedSheet, SheetSummary};

use super::{
    error::{Failed, damaged},
    query::{all, column, execute, one, tuple},
};
use crate::sql;

/// What every sheet's id begins with.
const PREFIX: &str = "sha256:";

/// How many sheets of one prefix are returned: more than one is ambiguous.
const FOUND: i64 = 2;

/// A sheet's inputs and components, compressed.
pub(super) struct Packed {
    inputs: Option<Vec<u8>>,
    components: Vec<(Digest, Option<Vec<u8>>)>,
}

/// Whether the sheet is stored already; otherwise, which of its components are.
pub(super) fn known(connection: &Connection, sheet: &SavedSheet) -> Result<Option<HashSet<Digest>>, Failed> {
    if one(connection, sql::HAS_SHEET, params![sheet.id], column)? {
        return Ok(None);
    }
    let mut known = HashSet::new();
    for digest in sheet.components.keys() {
        if one(connection, sql::HAS_COMPONENT, params![digest.bytes()], column)? {
            known.insert(*digest);
        }
    }
    Ok(Some(known))
}

/// Compresses what is not stored yet. Outside of any transaction: it may be tens of megabytes.
pub(super) fn pack(sheet: &SavedSheet, known: &HashSet<Digest>) -> Result<Packed, Failed> {
    let Ok(inputs) = &sheet.inputs else { return Ok(Packed { inputs: None, components: Vec::new() }) };
    let component = |(digest, bytes): (&Digest, &Vec<u8>)| {
        let bytes = if known.contains(digest) { None } else { Some(packed(bytes)?) };
        Ok((*digest, bytes))
    };
    let components = sheet.components.iter().map(component).collect::<io::Result<_>>();
    let components = components.map_err(|error| Failed::Message(error.to_string()))?;
    let inputs = packed(inputs).map_err(|error| Failed::Message(error.to_string()))?;
    Ok(Packed { inputs: Some(inputs), components })
}

/// False where it is stored already.
pub(super) fn save(connection: &Connection, sheet: &SavedSheet, packed: &Packed) -> Result<bool, Failed> {
    let added = execute(
        connection,
        sql::ADD_SHEET,
        params![
            sheet.id,
            sheet.as_of.millis(),
            sheet.made.millis(),
            sheet.json.bytes(),
            packed.inputs,
            sheet.inputs.as_ref().err().map(|gone| gone.as_str()),
            sheet.since.millis()
        ],
    )?;
    if added == 0 {
        return Ok(false);
    }
    for (digest, bytes) in &packed.components {
        if let Some(bytes) = bytes {
            execute(connection, sql::ADD_COMPONENT, params![digest.bytes(), bytes])?;
        }
        execute(connection, sql::ADD_SHEET_COMPONENT, params![sheet.id, digest.bytes()])?;
    }
    Ok(true)
}

/// Of which sheets the inputs are deleted.
#[derive(Clone, Copy, Debug)]
pub(super) enum Taken {
    All,
    /// Those whose inputs reach back before then.
    ReachingBefore(Instant),
    /// Those made before then.
    MadeBefore(Instant),
}

/// Deletes the inputs of sheets, and then the components that no sheet with inputs was made with; returns how many
/// sheets those were.
pub(super) fn take_inputs(connection: &Connection, of: Taken, why: InputsGone) -> Result<u64, Failed> {
    let (reaching, made) = match of {
        Taken::All => (None, None),
        Taken::ReachingBefore(before) => (Some(before.millis()), None),
        Taken::MadeBefore(before) => (None, Some(before.millis())),
    };
    let taken = execute(connection, sql::TAKE_INPUTS, params![why.as_str(), reaching, made])?;
    if taken > 0 {
        execute(connection, sql::DELETE_SHEET_COMPONENTS, [])?;
        execute(connection, sql::DELETE_COMPONENTS, [])?;
    }
    Ok(taken)
}

fn gone(word: &str) -> Result<InputsGone, Failed> {
    InputsGone::ALL
        .into_iter()
        .find(|gone| gone.as_str() == word)
        .ok_or_else(|| damaged(format!("inputs removed for {word}")))
}

/// Without its components.
fn sheet(row: &Row<'_>) -> Result<SavedSheet, Failed> {
    let inputs = match (row.get::<_, Option<Vec<u8>>>(4)?, row.get::<_, Option<String>>(5)?) {
        (Some(inputs), None) => Ok(unpacked(&inputs)?),
        (None, Some(taken)) => Err(gone(&taken)?),
        _ => return Err(damaged("a sheet whose inputs are both there and removed")),
    };
    Ok(SavedSheet {
        id: row.get(0)?,
        as_of: Instant::from_millis(row.get(1)?),
        made: Instant::from_millis(row.get(2)?),
        json: Digest::from(row.get::<_, [u8; 32]>(3)?),
        inputs,
        components: BTreeMap::new(),
        since: Instant::from_millis(row.get(6)?),
    })
}

/// The sheets whose id has this prefix, the newest first, at most two. Only a single one has its components.
pub(super) fn find(connection: &Connection, prefix: &str) -> Result<Vec<SavedSheet>, Failed> {
    let start = prefix.to_ascii_lowercase();
    let start =
        if PREFIX.starts_with(&start) || start.starts_with(PREFIX) { start } else { format!("{PREFIX}{start}") };
    // A range and no LIKE pattern: no character that a user may type is special. Ids are ASCII.
    let end = format!("{start}{}", char::MAX);
    let mut found = all(connection, sql::FIND_SHEETS, params![start, end, FOUND], sheet)?;
    if let [only] = &mut found[..] {
        let components: Vec<([u8; 32], Vec<u8>)> = all(connection, sql::SHEET_COMPONENTS, params![only.id], tuple)?;
        for (digest, bytes) in components {
            only.components.insert(Digest::from(digest), unpacked(&bytes)?);
        }
    }
    Ok(found)
}

/// The newest first.
pub(super) fn summaries(connection: &Connection, limit: u32) -> Result<Vec<SheetSummary>, Failed> {
    all(connection, sql::SHEETS, params![limit], |row| {
        Ok(SheetSummary {
            id: row.get(0)?,
            as_of: Instant::from_millis(row.get(1)?),
            made: Instant::from_millis(row.get(2)?),
            gone: row.get::<_, Option<String>>(3)?.as_deref().map(gone).transpose()?,
            bytes: row.get::<_, i64>(4)?.unsigned_abs(),
        })
    })
}

/// At the fastest level: most of what compression gains is in the ids, which repeat.
fn packed(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes)?;
    encoder.finish()
}

fn unpacked(packed: &[u8]) -> Result<Vec<u8>, Failed> {
    let mut bytes = Vec::new();
    match ZlibDecoder::new(packed).read_to_end(&mut bytes) {
        Ok(_) => Ok(bytes),
        Err(error) => Err(damaged(format!("compressed bytes ({error})"))),
    }
}
