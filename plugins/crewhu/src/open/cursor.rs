//! Where a walk through the pages of surveys stands.

use scoresheet_sdk::{Cursor, Failure, json::Value, paging::PageCursor, text};

use super::{SURVEY, SurveyPage};

/// A page's place, and what the page looked like that led to it: a server that ignores `step` gives that one again,
/// and would do so for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SurveyCursor {
    place: PageCursor,
    before: Option<u64>,
}

impl SurveyCursor {
    /// The cursor of a call: the first page where the host gives none.
    pub(super) fn decode(cursor: Option<&[u8]>) -> Result<Self, Failure> {
        let Some(bytes) = cursor else { return Ok(Self { place: PageCursor::decode(None)?, before: None }) };
        let parts = bytes.iter().position(|byte| *byte == b'#').map(|at| (&bytes[..at], &bytes[at + 1..]));
        let read = parts.and_then(|(place, before)| {
            let before =
                std::str::from_utf8(before).ok().filter(|digits| digits.len() == 16 && !digits.starts_with('+'))?;
            Some(Self {
                place: PageCursor::decode(Some(place)).ok()?,
                before: Some(u64::from_str_radix(before, 16).ok()?),
            })
        });
        read.ok_or_else(|| not_ours(bytes))
    }

    /// The page to fetch, from 1.
    pub(super) fn step(self) -> u64 {
        self.place.page()
    }

    /// The cursors that this page adds.
    pub(super) fn following(self, page: &SurveyPage) -> Result<Vec<Cursor>, Failure> {
        let own = fingerprint_of(&page.rows);
        refuse_repetition(self.before, own, page, self.step())?;
        let mut next = self.place.following(page.pages(self.step()));
        for cursor in &mut next {
            cursor.extend_from_slice(format!("#{own:016x}").as_bytes());
        }
        Ok(next)
    }
}

/// Refuses a page that is the same as the one before it.
#[inline(never)]
pub(super) fn refuse_repetition(before: Option<u64>, own: u64, page: &SurveyPage, step: u64) -> Result<(), Failure> {
    if before != Some(own) || page.rows.is_empty() {
        return Ok(());
    }
    let why = "is the same as the one before it: the server goes round in a circle";
    Err(Failure::InvalidResponse(format!("GET {SURVEY}, page {step}: {why}")))
}

/// Rows as a number that other rows hardly have: their ids and when they were changed.
#[inline(never)]
pub(super) fn fingerprint_of(rows: &[Value]) -> u64 {
    rows.iter().flat_map(|row| [row.get("_id"), row.get("_updated_at"), row.get("rating")]).fold(
        START,
        |hash, field| {
            let text = field.and_then(Value::as_str).unwrap_or_default();
            fingerprint(fingerprint(hash, text.as_bytes()), &[0])
        },
    )
}

/// Where a fingerprint begins.
pub(super) const START: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a (draft-eastlake-fnv): nobody gains anything from a collision here, and it is a line of code.
#[inline(never)]
pub(super) fn fingerprint(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// What a cursor is that somebody else made.
pub(super) fn not_ours(bytes: &[u8]) -> Failure {
    Failure::Other(format!("the cursor '{}' is none that this provider handed out", text::excerpt(bytes)))
}
