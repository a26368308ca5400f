//! Recognising a server that returns the same page of surveys again.

use scoresheet_sdk::{Failure, json::Value};

use super::{SURVEY, SurveyPage};
use crate::Cursor;

/// The cursors that this page adds. A page that is the same as the one before it is an error.
pub(super) fn following(cursor: Cursor, page: &SurveyPage) -> Result<Vec<Cursor>, Failure> {
    let own = fingerprint_of(&page.rows);
    if cursor.before() == Some(own) && !page.rows.is_empty() {
        let why = "is the same as the one before it: the server goes round in a circle";
        return Err(Failure::InvalidResponse(format!("GET {SURVEY}, page {}: {why}", cursor.page())));
    }
    Ok(cursor.following(page.pages(cursor.page()), Some(own)))
}

/// A hash of the rows' ids, ratings and times of change.
fn fingerprint_of(rows: &[Value]) -> u64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    let fields = rows.iter().flat_map(|row| [row.get("_id"), row.get("_updated_at"), row.get("rating")]);
    fields.fold(OFFSET, |hash, field| {
        let text = field.and_then(Value::as_str).unwrap_or_default();
        fnv(fnv(hash, text.as_bytes()), &[0])
    })
}

/// FNV-1a (draft-eastlake-fnv): a collision gains nobody anything here.
fn fnv(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
