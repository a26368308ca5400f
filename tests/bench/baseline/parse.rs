//! A page read by serde_json: borrowed, streamed through a visitor, nothing built for what is dropped.

use std::{borrow::Cow, fmt};

use hashbrown::HashSet;
use serde::{
    Deserialize,
    de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor},
};

use crate::Failed;

/// The kinds of answers, in the order in which they are counted.
pub(crate) const KINDS: [&str; 4] = ["overall", "resolution", "communication", "timeliness"];

/// An answer that counts, borrowed from its page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer<'a> {
    pub(crate) id: &'a str,
    pub(crate) client: &'a str,
    pub(crate) at_ms: i64,
    pub(crate) kind: u16,
    pub(crate) score: f64,
}

/// A record that does not count: its id, whose it is and when, and why.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refused<'a> {
    pub(crate) id: &'a str,
    pub(crate) client: &'a str,
    pub(crate) at_ms: i64,
    pub(crate) reason: &'static str,
}

/// A page's answers, each id once.
#[derive(Debug, Default)]
pub(crate) struct Page<'a> {
    pub(crate) answers: Vec<Answer<'a>>,
    pub(crate) refused: Vec<Refused<'a>>,
    pub(crate) pages: u64,
}

/// Reads a page of answers.
pub(crate) fn page(body: &[u8]) -> Result<Page<'_>, Failed> {
    let text = std::str::from_utf8(body)?;
    let mut page = Page::default();
    let mut json = serde_json::Deserializer::from_str(text);
    Envelope(&mut page).deserialize(&mut json)?;
    json.end()?;
    let mut seen = HashSet::with_capacity(page.answers.len());
    let mut twice = 0;
    page.answers.retain(|answer| {
        let new = seen.insert(answer.id);
        twice += usize::from(!new);
        new
    });
    if twice > 0 {
        return Err(format!("{twice} ids stand twice on a page, and this data has none such").into());
    }
    Ok(page)
}

#[derive(Deserialize)]
struct Pagination {
    total_pages: u64,
}

/// `{"data": [...], "pagination": {...}}`
struct Envelope<'p, 'a>(&'p mut Page<'a>);

impl<'a> DeserializeSeed<'a> for Envelope<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'a> Visitor<'a> for Envelope<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a page")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<&str>()? {
            match name {
                "data" => map.next_value_seed(Rows(self.0))?,
                "pagination" => self.0.pages = map.next_value::<Pagination>()?.total_pages,
                _ => drop(map.next_value::<serde::de::IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

struct Rows<'p, 'a>(&'p mut Page<'a>);

impl<'a> DeserializeSeed<'a> for Rows<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'a> Visitor<'a> for Rows<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rows")
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut rows: A) -> Result<(), A::Error> {
        while let Some(row) = rows.next_element::<Row<'a>>()? {
            row.judge(self.0);
        }
        Ok(())
    }
}

/// A row as it is on the wire.
#[derive(Deserialize)]
struct Row<'a> {
    id: &'a str,
    client_id: &'a str,
    #[serde(borrow)]
    score: Score<'a>,
    #[serde(rename = "type")]
    kind: &'a str,
    responded_at: &'a str,
    status: &'a str,
}

/// A number, or a text that spells one.
#[derive(Deserialize)]
#[serde(untagged)]
enum Score<'a> {
    Number(f64),
    #[serde(borrow)]
    Text(Cow<'a, str>),
}

impl<'a> Row<'a> {
    fn judge(self, page: &mut Page<'a>) {
        let Self { id, client_id: client, score, kind, responded_at, status } = self;
        let score = match score {
            Score::Number(score) => Some(score),
            Score::Text(text) => text.parse().ok(),
        };
        let at_ms = at_ms(responded_at);
        let known = KINDS.iter().position(|known| *known == kind);
        let reason = match (at_ms, known, status, score) {
            (Some(at_ms), Some(kind), "completed", Some(score)) if (1.0..=5.0).contains(&score) => {
                page.answers.push(Answer { id, client, at_ms, kind: kind as u16, score });
                return;
            }
            (None, ..) => "no-time",
            (_, None, ..) => "unknown-type",
            (_, _, "incomplete", _) => "incomplete",
            (_, _, "completed", _) => "score-out-of-range",
            _ => "invalid-status",
        };
        page.refused.push(Refused { id, client, at_ms: at_ms.unwrap_or_default(), reason });
    }
}

/// `2026-10-02T14:03:11Z` in milliseconds since 1970.
fn at_ms(text: &str) -> Option<i64> {
    let bytes: &[u8; 20] = text.as_bytes().try_into().ok()?;
    let number = |range: std::ops::Range<usize>| -> Option<u32> {
        bytes[range].iter().try_fold(0, |number, digit| Some(number * 10 + (*digit as char).to_digit(10)?))
    };
    if [bytes[4], bytes[7], bytes[10], bytes[13], bytes[16], bytes[19]] != *b"--T::Z" {
        return None;
    }
    let day = chrono::NaiveDate::from_ymd_opt(i32::try_from(number(0..4)?).ok()?, number(5..7)?, number(8..10)?)?;
    let time = day.and_hms_opt(number(11..13)?, number(14..16)?, number(17..19)?)?;
    Some(time.and_utc().timestamp_millis())
}
