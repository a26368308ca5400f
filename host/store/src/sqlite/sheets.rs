//! The sheets that were made, what they were made from, and the components that they were made with.
//!
//! Inputs and components are compressed here and nowhere else: whoever keeps them gives and gets them as they are.

use std::io::{Read as _, Write as _};

use async_trait::async_trait;
use flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder};
use scoresheet_domain::{Digest, Instant};
use scoresheet_engine::{InputsGone, KeptSheet, SheetSummary, Sheets, StoreError};
use sqlx::{Sqlite, SqliteConnection, SqlitePool, Transaction};

use super::{
    SqliteStore,
    error::{damaged, failed},
};

const KEEPING: &str = "keeping a sheet";
const READING: &str = "reading kept sheets";
const READING_COMPONENT: &str = "reading a kept component";

/// What every sheet's id begins with.
const PREFIX: &str = "sha256:";

/// How many of a beginning's sheets are given: more than one is one too many.
const FOUND: i64 = 2;

async fn keep(
    mut transaction: Transaction<'static, Sqlite>,
    sheet: &KeptSheet,
    components: &[(Digest, Vec<u8>)],
) -> Result<bool, StoreError> {
    let failed = failed(KEEPING);
    // Looked for first, because compressing what is there already would be for nothing.
    let known: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM sheet WHERE id = ?)")
        .bind(&sheet.id)
        .fetch_one(&mut *transaction)
        .await
        .map_err(failed)?;
    if known {
        return Ok(false);
    }
    let (inputs, taken) = match &sheet.inputs {
        Ok(inputs) => (Some(packed(inputs.clone()).await?), None),
        Err(gone) => (None, Some(gone.as_str())),
    };
    sqlx::query(
        "INSERT INTO sheet (id, as_of_ms, made_ms, json, inputs, taken, since_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&sheet.id)
    .bind(sheet.as_of.millis())
    .bind(sheet.made.millis())
    .bind(&sheet.json.bytes()[..])
    .bind(inputs)
    .bind(taken)
    .bind(sheet.since.millis())
    .execute(&mut *transaction)
    .await
    .map_err(failed)?;
    // Without its inputs a sheet cannot be made again, so that nobody would ask for its components.
    let components = if sheet.inputs.is_ok() { components } else { &[] };
    for (digest, bytes) in components {
        keep_component(&mut transaction, *digest, bytes).await?;
        sqlx::query("INSERT OR IGNORE INTO sheet_component (sheet, component) VALUES (?, ?)")
            .bind(&sheet.id)
            .bind(&digest.bytes()[..])
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
    }
    transaction.commit().await.map_err(failed)?;
    Ok(true)
}

async fn keep_component(connection: &mut SqliteConnection, digest: Digest, bytes: &[u8]) -> Result<(), StoreError> {
    let failed = failed(KEEPING);
    let known: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM component WHERE digest = ?)")
        .bind(&digest.bytes()[..])
        .fetch_one(&mut *connection)
        .await
        .map_err(failed)?;
    if !known {
        sqlx::query("INSERT INTO component (digest, bytes) VALUES (?, ?)")
            .bind(&digest.bytes()[..])
            .bind(packed(bytes.to_vec()).await?)
            .execute(connection)
            .await
            .map_err(failed)?;
    }
    Ok(())
}

/// Of which sheets the inputs are taken.
#[derive(Clone, Copy, Debug)]
pub(super) enum Taken {
    /// Of all.
    All,
    /// Of those whose inputs reach back before then.
    ReachingBefore(Instant),
    /// Of those that were made before then.
    MadeBefore(Instant),
}

/// Takes the inputs of sheets, and then the components that no sheet with inputs was made with; gives how many sheets
/// those were.
pub(super) async fn take_inputs(
    connection: &mut SqliteConnection,
    of: Taken,
    why: InputsGone,
) -> Result<u64, sqlx::Error> {
    let (reaching, made) = match of {
        Taken::All => (None, None),
        Taken::ReachingBefore(before) => (Some(before.millis()), None),
        Taken::MadeBefore(before) => (None, Some(before.millis())),
    };
    let taken = sqlx::query(
        "UPDATE sheet SET inputs = NULL, taken = ?1
         WHERE inputs IS NOT NULL AND (?2 IS NULL OR since_ms < ?2) AND (?3 IS NULL OR made_ms < ?3)",
    )
    .bind(why.as_str())
    .bind(reaching)
    .bind(made)
    .execute(&mut *connection)
    .await?
    .rows_affected();
    if taken > 0 {
        sqlx::query("DELETE FROM sheet_component WHERE sheet IN (SELECT id FROM sheet WHERE inputs IS NULL)")
            .execute(&mut *connection)
            .await?;
        sqlx::query("DELETE FROM component WHERE digest NOT IN (SELECT component FROM sheet_component)")
            .execute(connection)
            .await?;
    }
    Ok(taken)
}

fn gone(word: &str) -> Result<InputsGone, StoreError> {
    InputsGone::ALL
        .into_iter()
        .find(|gone| gone.as_str() == word)
        .ok_or_else(|| damaged(READING, "a sheet whose inputs are gone for no reason"))
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    as_of_ms: i64,
    made_ms: i64,
    json: Vec<u8>,
    inputs: Option<Vec<u8>>,
    taken: Option<String>,
    since_ms: i64,
}

async fn sheet(row: Row) -> Result<KeptSheet, StoreError> {
    let json: [u8; 32] = row.json.try_into().map_err(|_| damaged(READING, "a digest that has not 32 bytes"))?;
    let inputs = match (row.inputs, row.taken) {
        (Some(inputs), None) => Ok(unpacked(READING, inputs).await?),
        (None, Some(taken)) => Err(gone(&taken)?),
        _ => return Err(damaged(READING, "a sheet whose inputs are both there and gone")),
    };
    Ok(KeptSheet {
        id: row.id,
        as_of: Instant::from_millis(row.as_of_ms),
        made: Instant::from_millis(row.made_ms),
        json: Digest::from(json),
        inputs,
        since: Instant::from_millis(row.since_ms),
    })
}

async fn find(readers: &SqlitePool, begins: &str) -> Result<Vec<KeptSheet>, StoreError> {
    let begins = begins.to_ascii_lowercase();
    let begins =
        if PREFIX.starts_with(&begins) || begins.starts_with(PREFIX) { begins } else { format!("{PREFIX}{begins}") };
    // A range and no pattern: nothing that a person may type stands for anything else. Ids are ASCII.
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, as_of_ms, made_ms, json, inputs, taken, since_ms FROM sheet
         WHERE id >= ?1 AND id < ?2 ORDER BY made_ms DESC, id LIMIT ?3",
    )
    .bind(&begins)
    .bind(format!("{begins}{}", char::MAX))
    .bind(FOUND)
    .fetch_all(readers)
    .await
    .map_err(failed(READING))?;
    let mut sheets = Vec::with_capacity(rows.len());
    for row in rows {
        sheets.push(sheet(row).await?);
    }
    Ok(sheets)
}

#[derive(sqlx::FromRow)]
struct SummaryRow {
    id: String,
    as_of_ms: i64,
    made_ms: i64,
    taken: Option<String>,
    bytes: i64,
}

async fn summaries(readers: &SqlitePool, limit: u32) -> Result<Vec<SheetSummary>, StoreError> {
    let rows: Vec<SummaryRow> = sqlx::query_as(
        "SELECT id, as_of_ms, made_ms, taken, ifnull(length(inputs), 0) AS bytes FROM sheet
         ORDER BY made_ms DESC, id LIMIT ?",
    )
    .bind(i64::from(limit))
    .fetch_all(readers)
    .await
    .map_err(failed(READING))?;
    rows.into_iter()
        .map(|row| {
            Ok(SheetSummary {
                id: row.id,
                as_of: Instant::from_millis(row.as_of_ms),
                made: Instant::from_millis(row.made_ms),
                gone: row.taken.as_deref().map(gone).transpose()?,
                bytes: row.bytes.unsigned_abs(),
            })
        })
        .collect()
}

/// Compresses, on a thread where it holds nobody up: a sheet of many clients has tens of megabytes of inputs. The
/// fastest level, since most of what there is to gain is in its ids, which repeat.
async fn packed(bytes: Vec<u8>) -> Result<Vec<u8>, StoreError> {
    let pack = move || {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&bytes)?;
        encoder.finish()
    };
    on_a_thread(pack).await.map_err(|error| StoreError::Database { doing: KEEPING, message: error.to_string() })
}

async fn unpacked(doing: &'static str, packed: Vec<u8>) -> Result<Vec<u8>, StoreError> {
    let unpack = move || {
        let mut bytes = Vec::new();
        ZlibDecoder::new(&packed[..]).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    on_a_thread(unpack).await.map_err(|error| damaged(doing, format!("what cannot be unpacked ({error})")))
}

async fn on_a_thread(work: impl FnOnce() -> std::io::Result<Vec<u8>> + Send + 'static) -> std::io::Result<Vec<u8>> {
    tokio::task::spawn_blocking(work).await?
}

#[async_trait]
impl Sheets for SqliteStore {
    #[tracing::instrument(name = "store.keep_sheet", level = "debug", skip_all, fields(id = sheet.id))]
    async fn keep_sheet(&self, sheet: &KeptSheet, components: &[(Digest, Vec<u8>)]) -> Result<bool, StoreError> {
        keep(self.write(KEEPING).await?, sheet, components).await
    }

    #[tracing::instrument(name = "store.find_sheet", level = "debug", skip_all)]
    async fn find_sheet(&self, begins: &str) -> Result<Vec<KeptSheet>, StoreError> {
        find(&self.readers, begins).await
    }

    #[tracing::instrument(name = "store.sheets", level = "debug", skip_all)]
    async fn sheets(&self, limit: u32) -> Result<Vec<SheetSummary>, StoreError> {
        summaries(&self.readers, limit).await
    }

    #[tracing::instrument(name = "store.kept_component", level = "debug", skip_all, fields(%digest))]
    async fn kept_component(&self, digest: Digest) -> Result<Option<Vec<u8>>, StoreError> {
        let bytes: Option<Vec<u8>> = sqlx::query_scalar("SELECT bytes FROM component WHERE digest = ?")
            .bind(&digest.bytes()[..])
            .fetch_optional(&self.readers)
            .await
            .map_err(failed(READING_COMPONENT))?;
        match bytes {
            Some(bytes) => Ok(Some(unpacked(READING_COMPONENT, bytes).await?)),
            None => Ok(None),
        }
    }
}
