//! A page: `{"data": [...], "pagination": {...}}`, or the rows alone as a list.

use std::{borrow::Cow, fmt};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{repair, row::RowSeed, scalar::Scalar};
use crate::{Failure, Request, Response, fetch, text};

/// Where the rows of a page go, one after the other.
///
/// An object behind a reference and no type parameter: the parser is compiled once, not for each kind of row.
pub trait Rows {
    /// The names of the fields to read; all others are skipped.
    fn fields(&self) -> &'static [&'static str];

    /// Takes the next row in: its fields in the order of [`Rows::fields`], or `None` where it is no object. Of a field
    /// that stands twice, the later counts.
    fn take(&mut self, row: Option<&mut [Scalar<'_>]>);
}

/// A page that was read whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<R> {
    /// What became of the rows.
    pub rows: R,
    /// What the source says about its pages; nothing, where the rows came alone.
    pub pagination: Pagination,
}

/// What a source says about its pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pagination {
    /// This page, from 1.
    pub page: Option<u64>,
    /// Rows on a full page.
    pub per_page: Option<u64>,
    /// How many pages there are.
    pub total_pages: Option<u64>,
    /// How many rows there are on all pages.
    pub total: Option<u64>,
}

impl Pagination {
    /// How many pages there are: at least this one. Where a source tells only the rows, they are counted out.
    #[must_use]
    pub fn pages(&self) -> u64 {
        let told = self.total_pages.filter(|pages| *pages > 0);
        let counted = || Some(self.total?.div_ceil(self.per_page.filter(|rows| *rows > 0)?));
        told.or_else(counted).unwrap_or(1).max(1)
    }
}

/// Reads a page. `start` makes the place where the rows go; it is called again for a second reading, where the page
/// would be JSON but for tokens that some servers write: `NaN`, `Infinity`, numbers beyond the range of `f64`, halves
/// of surrogate pairs.
///
/// # Errors
/// [`Failure::InvalidResponse`], which says what came instead of a page, or where it breaks off.
pub fn read_page<R: Rows>(request: &Request, response: &Response, start: impl Fn() -> R) -> Result<Page<R>, Failure> {
    let named = |why: String| Failure::InvalidResponse(format!("{}: the answer {why}", fetch::name(request)));
    let json = text_of(response).map_err(named)?;
    let mut rows = start();
    let read = match parse(json, &mut rows) {
        Ok(read) => read,
        Err(error) => match repair::repair(json) {
            None => Err(broken(&error, offset(json, &error))),
            Some(repaired) => {
                rows = start();
                parse(&repaired.json, &mut rows)
                    .unwrap_or_else(|error| Err(broken(&error, repaired.place(offset(&repaired.json, &error)))))
            }
        },
    };
    Ok(Page { pagination: read.map_err(named)?, rows })
}

/// What looks like an object or a list, as text.
pub(super) fn text_of(response: &Response) -> Result<&str, String> {
    let body = response.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&response.body);
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    if !matches!(first, Some(b'{' | b'[')) {
        return Err(no_page(response));
    }
    std::str::from_utf8(body).map_err(|error| format!("is not UTF-8 at byte {}", error.valid_up_to()))
}

fn no_page(response: &Response) -> String {
    let kind = fetch::header(response, "content-type")
        .map_or("without a content type".to_owned(), |kind| text::excerpt(kind.as_bytes()));
    let shown = text::excerpt(&response.body);
    if shown.is_empty() {
        format!("is empty, not a page of JSON ({kind})")
    } else {
        format!("is not a page of JSON but begins '{shown}' ({kind})")
    }
}

pub(super) fn broken(error: &serde_json::Error, offset: usize) -> String {
    if error.is_eof() {
        return format!("is JSON that breaks off at byte {offset}");
    }
    let message = error.to_string();
    let reason = message.rsplit_once(" at line ").map_or(message.as_str(), |(reason, _)| reason);
    format!("is broken JSON at byte {offset}: {reason}")
}

/// The byte an error stands at: serde_json tells it as line and column.
pub(super) fn offset(json: &str, error: &serde_json::Error) -> usize {
    let line: usize = json.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    (line + error.column()).min(json.len())
}

/// The outer error is about the JSON, the inner one about the page that it spells.
pub(super) fn parse(json: &str, rows: &mut dyn Rows) -> Result<Result<Pagination, String>, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let mut envelope = Envelope::default();
    PageSeed { rows, envelope: &mut envelope }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(envelope.checked())
}

/// What stands around the rows.
#[derive(Default)]
struct Envelope<'a> {
    rows: Found,
    /// The first names in an object without `data`: what the source may have renamed.
    others: Vec<Cow<'a, str>>,
    /// The fields of [`PAGINATION`]; none where the page says nothing about it.
    pagination: Vec<Scalar<'a>>,
}

const PAGINATION: &[&str] = &["page", "per_page", "total_pages", "total"];

#[derive(Default, PartialEq)]
enum Found {
    #[default]
    Nothing,
    List,
    NoList,
    Twice,
}

impl Envelope<'_> {
    fn checked(&self) -> Result<Pagination, String> {
        match self.rows {
            Found::List => {}
            Found::Nothing if self.others.is_empty() => return Err("is an object without `data`: {}".to_owned()),
            Found::Nothing => {
                let names: Vec<String> =
                    self.others.iter().map(|name| format!("`{}`", text::excerpt(name.as_bytes()))).collect();
                return Err(format!("is an object without `data`; it holds {}", names.join(", ")));
            }
            Found::NoList => return Err("is an object whose `data` is not a list".to_owned()),
            Found::Twice => return Err("is an object that holds `data` twice".to_owned()),
        }
        let count = |index: usize| match self.pagination.get(index) {
            Some(field) if !field.is_missing() => field
                .as_natural()
                .map(Some)
                .ok_or_else(|| format!("is a page whose `pagination.{}` is not a whole number", PAGINATION[index])),
            _ => Ok(None),
        };
        Ok(Pagination { page: count(0)?, per_page: count(1)?, total_pages: count(2)?, total: count(3)? })
    }
}

struct PageSeed<'s, 'a> {
    rows: &'s mut dyn Rows,
    envelope: &'s mut Envelope<'a>,
}

impl<'de> DeserializeSeed<'de> for PageSeed<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for PageSeed<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a page: an object with `data`, or a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<(), A::Error> {
        self.envelope.rows = Found::List;
        take_rows(self.rows, list)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key_seed(NameSeed)? {
            match name.as_ref() {
                "data" if self.envelope.rows == Found::Nothing => {
                    let is_list = map.next_value_seed(ListSeed(&mut *self.rows))?;
                    self.envelope.rows = if is_list { Found::List } else { Found::NoList };
                }
                "data" => {
                    map.next_value::<IgnoredAny>()?;
                    self.envelope.rows = Found::Twice;
                }
                "pagination" => {
                    let fields = &mut self.envelope.pagination;
                    map.next_value_seed(RowSeed { names: PAGINATION, fields })?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            if name != "data" && self.envelope.others.len() < 5 {
                self.envelope.others.push(name);
            }
        }
        Ok(())
    }
}

fn take_rows<'de, A: SeqAccess<'de>>(rows: &mut dyn Rows, mut list: A) -> Result<(), A::Error> {
    let names = rows.fields();
    let mut fields = Vec::with_capacity(names.len());
    while let Some(is_object) = list.next_element_seed(RowSeed { names, fields: &mut fields })? {
        rows.take(is_object.then_some(fields.as_mut_slice()));
    }
    Ok(())
}

/// Reads the rows where there is a list, and says whether there was one.
struct ListSeed<'s>(&'s mut dyn Rows);

impl<'de> DeserializeSeed<'de> for ListSeed<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ListSeed<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<bool, A::Error> {
        take_rows(self.0, list).map(|()| true)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(false)
    }

    scalars_are_not_it!();
}

/// A name in the page's object, borrowed where it can be.
struct NameSeed;

impl<'de> DeserializeSeed<'de> for NameSeed {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for NameSeed {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

#[cfg(test)]
mod tests;
