//! The same reading as serde_json's, several times as fast for what nearly all pages are: rows of the same fields in
//! the same order, texts without escapes, short whole numbers.
//!
//! Only the outline is read here: objects, lists, and where a text or a number ends. What a token means is left to
//! serde_json wherever it is more than that, and so is the whole page where its outline is anything unusual, a wrong
//! one included: then this gives up, and has nothing to say about why.

use serde::de::IgnoredAny;

use super::{Rows, Scalar};

/// Deeper lists and objects are left to serde_json, which knows how deep is too deep.
const MAX_DEPTH: u32 = 30;

/// Longer numbers are left to serde_json; so many digits fit whatever they are.
const MAX_DIGITS: usize = 18;

/// Reads the rows of a page into `rows` and gives the fields of its `pagination`, in the order of `pagination`; none
/// where it says nothing about it. `None` where the page is not as usual, and then `rows` hold anything.
pub(super) fn read<'a>(
    json: &'a str,
    pagination: &'static [&'static str],
    rows: &mut dyn Rows,
) -> Option<Vec<Scalar<'a>>> {
    let mut reader = Reader { json, bytes: json.as_bytes(), at: 0 };
    let mut told = Vec::new();
    match reader.next()? {
        b'[' => reader.rows(rows)?,
        b'{' => {
            let (mut has_rows, mut more) = (false, reader.opens(b'}')?);
            while more {
                match reader.name()? {
                    "data" => {
                        // Twice is a mistake, and anything but a list is another.
                        if std::mem::replace(&mut has_rows, true) || reader.next()? != b'[' {
                            return None;
                        }
                        reader.rows(rows)?;
                    }
                    "pagination" => {
                        reader.row(pagination, &mut Vec::new(), &mut told)?;
                    }
                    _ => reader.skip(0)?,
                }
                more = reader.goes_on(b'}')?;
            }
            if !has_rows {
                return None;
            }
        }
        _ => return None,
    }
    (reader.peek().is_none()).then_some(told)
}

/// What the rows before this one had, place by place.
type Layout<'a> = Vec<Place<'a>>;

struct Place<'a> {
    /// The name as it is written, with what follows it up to the value.
    written: &'a [u8],
    /// Its first eight bytes, or all of them, and which bits of those are meant.
    first: u64,
    mask: u64,
    /// Which of the fields it is.
    field: Option<usize>,
}

impl<'a> Place<'a> {
    fn new(written: &'a [u8], field: Option<usize>) -> Self {
        let mut first = [0; 8];
        let len = written.len().min(8);
        first[..len].copy_from_slice(&written[..len]);
        Self { written, first: u64::from_le_bytes(first), mask: u64::MAX >> (64 - 8 * len.max(1)), field }
    }

    /// Whether these bytes begin in this way. Looping costs more than looking at some bytes twice, which is why a name
    /// of up to sixteen is looked at without; `false` also where there are fewer than eight bytes.
    #[inline]
    fn begins(&self, bytes: &[u8]) -> bool {
        let Some(eight) = bytes.first_chunk() else { return false };
        if (u64::from_le_bytes(*eight) ^ self.first) & self.mask != 0 {
            return false;
        }
        match self.written.len() {
            0..=8 => true,
            9..=16 => {
                bytes.get(..self.written.len()).and_then(<[u8]>::last_chunk::<8>) == self.written.last_chunk::<8>()
            }
            _ => bytes.starts_with(self.written),
        }
    }
}

struct Reader<'a> {
    json: &'a str,
    bytes: &'a [u8],
    /// The next byte.
    at: usize,
}

impl<'a> Reader<'a> {
    /// The next byte that is no white space; it stays.
    #[inline]
    fn peek(&mut self) -> Option<u8> {
        match *self.bytes.get(self.at)? {
            byte if byte > b' ' => Some(byte),
            _ => self.peek_behind_spaces(),
        }
    }

    #[inline(never)]
    fn peek_behind_spaces(&mut self) -> Option<u8> {
        loop {
            match *self.bytes.get(self.at)? {
                b' ' | b'\n' | b'\t' | b'\r' => self.at += 1,
                byte => return Some(byte),
            }
        }
    }

    /// The same, and goes on behind it.
    #[inline]
    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    /// Whether there is a first member, or this list or object closes at once.
    #[inline]
    fn opens(&mut self, close: u8) -> Option<bool> {
        let is_empty = self.peek()? == close;
        self.at += usize::from(is_empty);
        Some(!is_empty)
    }

    /// Whether there is a further member, or this list or object closes.
    #[inline]
    fn goes_on(&mut self, close: u8) -> Option<bool> {
        match self.next()? {
            b',' => Some(true),
            byte => (byte == close).then_some(false),
        }
    }

    /// A member's name, and the colon behind it.
    fn name(&mut self) -> Option<&'a str> {
        if self.next()? != b'"' {
            return None;
        }
        let start = self.at;
        let end = self.end_of_plain_text()?;
        (self.next()? == b':').then(|| &self.json[start..end])
    }

    /// The list's rows, from behind its bracket.
    fn rows(&mut self, rows: &mut dyn Rows) -> Option<()> {
        let names = rows.fields();
        let (mut layout, mut fields) = (Layout::new(), Vec::new());
        let mut more = self.opens(b']')?;
        while more {
            let is_object = self.row(names, &mut layout, &mut fields)?;
            rows.take(is_object.then_some(fields.as_mut_slice()));
            more = self.goes_on(b']')?;
        }
        Some(())
    }

    /// One row's fields, in the order of their names, and whether it is an object.
    fn row(
        &mut self,
        names: &'static [&'static str],
        layout: &mut Layout<'a>,
        fields: &mut Vec<Scalar<'a>>,
    ) -> Option<bool> {
        fields.clear();
        fields.resize(names.len(), Scalar::Absent);
        if self.peek()? != b'{' {
            return self.skip(0).map(|()| false);
        }
        self.at += 1;
        let mut more = self.opens(b'}')?;
        let mut place = 0;
        while more {
            let field = match layout.get(place) {
                Some(known) if self.peek() == Some(b'"') && known.begins(&self.bytes[self.at..]) => {
                    self.at += known.written.len();
                    known.field
                }
                _ => {
                    self.peek()?;
                    let start = self.at;
                    let name = self.name()?;
                    let field = names.iter().position(|known| *known == name);
                    layout.truncate(place);
                    layout.push(Place::new(&self.bytes[start..self.at], field));
                    field
                }
            };
            match field.and_then(|field| fields.get_mut(field)) {
                Some(field) => *field = self.scalar()?,
                None => self.skip(0)?,
            }
            place += 1;
            more = self.goes_on(b'}')?;
        }
        Some(true)
    }

    /// A value that somebody asks for.
    #[inline]
    fn scalar(&mut self) -> Option<Scalar<'a>> {
        match self.peek()? {
            b'"' => {
                let opening = self.at;
                self.at += 1;
                match self.end_of_plain_text() {
                    Some(end) => Some(Scalar::Text(self.json[opening + 1..end].into())),
                    None => serde_json::from_str(self.rest_of_text(opening)?).ok(),
                }
            }
            b'0'..=b'9' | b'-' => match self.number() {
                Number::Natural(number) => Some(Scalar::Natural(number)),
                Number::Other(token) => serde_json::from_str(token).ok(),
            },
            b'{' | b'[' => self.skip(0).map(|()| Scalar::Compound),
            b'n' => self.word("null").map(|()| Scalar::Null),
            b't' => self.word("true").map(|()| Scalar::Bool(true)),
            b'f' => self.word("false").map(|()| Scalar::Bool(false)),
            _ => None,
        }
    }

    /// A value that nobody asks for.
    fn skip(&mut self, depth: u32) -> Option<()> {
        match self.peek()? {
            b'"' => {
                let opening = self.at;
                self.at += 1;
                if self.end_of_plain_text().is_none() {
                    is_json(self.rest_of_text(opening)?)?;
                }
                Some(())
            }
            b'0'..=b'9' | b'-' => match self.number() {
                Number::Natural(_) => Some(()),
                Number::Other(token) => is_json(token),
            },
            open @ (b'{' | b'[') if depth < MAX_DEPTH => {
                self.at += 1;
                let close = if open == b'{' { b'}' } else { b']' };
                let mut more = self.opens(close)?;
                while more {
                    if open == b'{' {
                        self.name()?;
                    }
                    self.skip(depth + 1)?;
                    more = self.goes_on(close)?;
                }
                Some(())
            }
            b'n' => self.word("null"),
            b't' => self.word("true"),
            b'f' => self.word("false"),
            _ => None,
        }
    }

    fn word(&mut self, word: &str) -> Option<()> {
        let is_here = self.bytes[self.at..].starts_with(word.as_bytes());
        self.at += word.len();
        is_here.then_some(())
    }

    /// From behind a text's opening quote to behind the closing one; gives where that stands. `None` where there is
    /// none, or an escape or a control character before it: then this reader stands there.
    #[inline]
    fn end_of_plain_text(&mut self) -> Option<usize> {
        while let Some(eight) = self.bytes[self.at..].first_chunk() {
            let special = special(u64::from_le_bytes(*eight));
            if special != 0 {
                let place = special.trailing_zeros() as usize / 8;
                self.at += place + usize::from(eight[place] == b'"');
                return (eight[place] == b'"').then(|| self.at - 1);
            }
            self.at += 8;
        }
        loop {
            match *self.bytes.get(self.at)? {
                b'"' => {
                    self.at += 1;
                    return Some(self.at - 1);
                }
                b'\\' | ..0x20 => return None,
                _ => self.at += 1,
            }
        }
    }

    /// To behind a text's closing quote, escapes passed over; gives the text with its quotes. What stands in it is
    /// for serde_json to judge.
    fn rest_of_text(&mut self, opening: usize) -> Option<&'a str> {
        loop {
            match *self.bytes.get(self.at)? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        self.json.get(opening..self.at)
    }

    #[inline]
    fn number(&mut self) -> Number<'a> {
        let start = self.at;
        let mut number = 0_u64;
        loop {
            match self.bytes.get(self.at) {
                // What it wraps around to with more digits is not looked at.
                Some(digit @ b'0'..=b'9') => number = number.wrapping_mul(10).wrapping_add(u64::from(digit - b'0')),
                Some(b'+' | b'-' | b'.' | b'e' | b'E') => return self.other_number(start),
                _ => break,
            }
            self.at += 1;
        }
        let digits = self.at - start;
        // A needless zero in front is no JSON.
        if digits > MAX_DIGITS || (digits > 1 && self.bytes[start] == b'0') {
            return self.other_number(start);
        }
        Number::Natural(number)
    }

    #[inline(never)]
    fn other_number(&mut self, start: usize) -> Number<'a> {
        while let Some(b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E') = self.bytes.get(self.at) {
            self.at += 1;
        }
        Number::Other(&self.json[start..self.at])
    }
}

fn is_json(token: &str) -> Option<()> {
    serde_json::from_str(token).ok().map(|IgnoredAny| ())
}

/// A number as it is written.
enum Number<'a> {
    /// A few digits.
    Natural(u64),
    /// Whatever else: serde_json's to judge.
    Other(&'a str),
}

/// Has its lowest bit in the first of eight bytes that is a quote, a backslash or a control character.
#[inline]
fn special(eight: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const TOPS: u64 = 0x80 * ONES;
    // Where a byte is smaller, the subtraction borrows from its top bit. It may also do so from the bytes behind the
    // first one that is, which is why only the lowest bit means anything.
    let smaller = |bytes: u64, bound: u64| bytes.wrapping_sub(bound * ONES) & !bytes & TOPS;
    let equal = |byte: u8| smaller(eight ^ (u64::from(byte) * ONES), 1);
    smaller(eight, 0x20) | equal(b'"') | equal(b'\\')
}

#[cfg(test)]
mod tests;
