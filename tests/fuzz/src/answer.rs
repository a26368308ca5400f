//! What a component is to answer, written as text, and its layout in the component's memory.

use crate::{
    guest,
    memory::{Memory, Record},
};

/// So many records of a kind are laid out at most.
const MOST: usize = 200;

/// A call and what it is answered.
#[derive(Default)]
pub(crate) struct Answer {
    /// `pull`, `pull-tickets` (the first kind alone), `clients`, `check`, `score`, `score-bare` (without explanations) or
    /// `describe`.
    pub(crate) call: String,
    records: Vec<Vec<Vec<u8>>>,
    pokes: Vec<(usize, u8)>,
}

impl Answer {
    /// Reads the text; what makes no sense is passed over.
    pub(crate) fn read(data: &[u8]) -> Self {
        let mut lines = data.split(|byte| *byte == b'\n');
        let call = String::from_utf8_lossy(lines.next().unwrap_or_default()).trim().to_owned();
        let mut answer = Self { call, ..Self::default() };
        lines.for_each(|line| answer.line(line));
        answer
    }

    /// One record:
    /// - `item|ID|id:C|at:5|KIND|VALUE`; `name:N` for a client without an id, `both:ID:NAME`, `none`; `since:5`,
    ///   `during:5:9`
    /// - `rejected|ID|id:C|AT|REASON|FIELD|VALUE`, where `-` leaves the id, the client or the time out
    /// - `client|ID|NAME|yes|IDENTIFIER;…|DOMAIN;…|ATTRIBUTE:VALUE;…`
    /// - `step|TITLE|DETAIL|CASE|TEXT|REMEDY|METRIC;…`, where the case `ok` is none of a failure
    /// - `measured|SCORE|VALUE|SAMPLES|EFFECTIVE|LOW:HIGH|LINE;…`, `no-data|HAVE|NEED|TEXT`, `not-applicable|TEXT`
    /// - `kind|NAME`, `reason|NAME`, `metric|ID|TITLE|UNIT|KIND;…|SCHEMA`
    /// - `next|CURSOR`, `read|N`, `total|N`, `fail|CASE|TEXT`, with the case's number in the contract
    fn line(&mut self, line: &[u8]) {
        let fields: Vec<Vec<u8>> = line.split(|byte| *byte == b'|').map(unescaped).collect();
        match fields[0].as_slice() {
            b"" => {}
            b"times" => {
                if let Some(record) = self.records.last().cloned() {
                    let times = number(fields.get(1)).clamp(1.0, MOST as f64) as usize;
                    self.records.extend(vec![record; times.saturating_sub(1)]);
                }
            }
            b"poke" => self.pokes.push((number(fields.get(1)).max(0.0) as usize, number(fields.get(2)) as u8)),
            _ => self.records.push(fields),
        }
    }

    /// Whether a record was told under this id.
    pub(crate) fn says(&self, id: &str) -> bool {
        !self.pokes.is_empty() || self.records.iter().any(|record| field(record, 1) == id.as_bytes())
    }

    /// The answer as the component's memory has it.
    pub(crate) fn memory(&self) -> Vec<u8> {
        let mut memory = Memory::with_root(guest::ANSWER, 56);
        let failed = self.all(b"fail").next().map(|record| failure(&mut memory, record, 1));
        let root = match (self.call.as_str(), failed) {
            ("check", _) => {
                let steps = self.lay_out(&mut memory, b"step", step);
                Record::default().list(memory.list(&steps, 8))
            }
            (_, Some(failure)) => Record::default().u8(1).record(&failure, 8),
            ("clients", None) => {
                let items = self.lay_out(&mut memory, b"client", client);
                let items = memory.list(&items, 4);
                let next = self.next(&mut memory);
                self.counts(Record::default().u8(0).align(8).list(items).list(next))
            }
            ("describe", None) => {
                let name = |memory: &mut Memory, record: &[Vec<u8>]| Record::default().text(memory, field(record, 1));
                let kinds = self.lay_out(&mut memory, b"kind", name);
                let kinds = memory.list(&kinds, 4);
                let metrics = self.lay_out(&mut memory, b"metric", metric);
                let metrics = memory.list(&metrics, 4);
                let reasons = self.lay_out(&mut memory, b"reason", name);
                let reasons = memory.list(&reasons, 4);
                Record::default().u8(0).align(8).u8(1).u32(1).list(kinds).list(metrics).list(reasons)
            }
            ("score" | "score-bare", None) => {
                let outcomes: Vec<Record> =
                    self.records.iter().take(MOST).filter_map(|record| outcome(&mut memory, record)).collect();
                Record::default().u8(0).align(8).list(memory.list(&outcomes, 8))
            }
            (_, None) => {
                let items = self.lay_out(&mut memory, b"item", item);
                let items = memory.list(&items, 8);
                let rejected = self.lay_out(&mut memory, b"rejected", rejection);
                let rejected = memory.list(&rejected, 8);
                let next = self.next(&mut memory);
                self.counts(Record::default().u8(0).align(8).list(items).list(rejected).list(next))
            }
        };
        let mut bytes = memory.finish(&root);
        for (at, byte) in &self.pokes {
            if let Some(place) = bytes.get_mut(*at) {
                *place = *byte;
            }
        }
        bytes
    }

    /// A page's `read` and `total`.
    fn counts(&self, page: Record) -> Record {
        let read = self.all(b"read").next().map_or(0.0, |read| number(read.get(1)));
        let page = page.u32(read as u32).align(8);
        match self.all(b"total").next() {
            Some(total) => page.u8(1).i64(number(total.get(1)) as i64),
            None => page.u8(0).i64(0),
        }
    }

    fn all(&self, kind: &'static [u8]) -> impl Iterator<Item = &Vec<Vec<u8>>> {
        self.records.iter().filter(move |record| record[0] == kind).take(MOST)
    }

    fn lay_out(
        &self,
        memory: &mut Memory,
        kind: &'static [u8],
        one: impl Fn(&mut Memory, &[Vec<u8>]) -> Record,
    ) -> Vec<Record> {
        self.all(kind).map(|record| one(memory, record)).collect()
    }

    fn next(&self, memory: &mut Memory) -> (u32, u32) {
        let cursors = self.lay_out(memory, b"next", |memory, record| Record::default().text(memory, field(record, 1)));
        memory.list(&cursors, 4)
    }
}

fn item(memory: &mut Memory, record: &[Vec<u8>]) -> Record {
    let laid = Record::default().text(memory, field(record, 1));
    let laid = laid.record(&client_ref(memory, field(record, 2)), 4).align(8);
    let laid = match split(field(record, 3)) {
        (b"since", at) => laid.u8(1).i64(whole(at)).i64(0),
        (b"during", both) => {
            let (start, end) = split(both);
            laid.u8(2).i64(whole(start)).i64(whole(end))
        }
        (_, at) => laid.u8(0).i64(whole(at)).i64(0),
    };
    laid.u16(number(record.get(4)) as u16).f64(number(record.get(5)))
}

fn rejection(memory: &mut Memory, record: &[Vec<u8>]) -> Record {
    let laid = match field(record, 1) {
        b"-" => Record::default().u8(0).up_to(12),
        id => Record::default().u8(1).text(memory, id),
    };
    let laid = match field(record, 2) {
        b"-" => laid.u8(0).up_to(40),
        client => laid.u8(1).record(&client_ref(memory, client), 4),
    };
    let laid = match field(record, 3) {
        b"-" => laid.align(8).u8(0).i64(0),
        at => laid.align(8).u8(1).i64(whole(at)),
    };
    let laid = laid.text(memory, field(record, 4));
    let shown = |at: usize| Some(field(record, at)).filter(|text| !text.is_empty());
    let laid = optional(memory, laid, shown(5));
    optional(memory, laid, shown(6))
}

fn client_ref(memory: &mut Memory, text: &[u8]) -> Record {
    let (id, name) = match split(text) {
        (b"name", name) => (None, Some(name)),
        (b"both", both) => {
            let (id, name) = split(both);
            (Some(id), Some(name))
        }
        (_, b"none") => (None, None),
        (_, id) => (Some(id), None),
    };
    let laid = optional(memory, Record::default(), id);
    optional(memory, laid, name)
}

/// Adds an `option<string>`.
fn optional(memory: &mut Memory, record: Record, text: Option<&[u8]>) -> Record {
    match text {
        Some(text) => record.align(4).u8(1).text(memory, text),
        None => record.align(4).u8(0).list((0, 0)),
    }
}

fn metric(memory: &mut Memory, record: &[Vec<u8>]) -> Record {
    let laid = Record::default().text(memory, field(record, 1)).text(memory, field(record, 2));
    let laid = laid.text(memory, field(record, 3));
    let kinds: Vec<Record> = parts(field(record, 4)).map(|kind| Record::default().u16(float(kind) as u16)).collect();
    let kinds = memory.list(&kinds, 2);
    laid.list(kinds).text(memory, field(record, 5))
}

fn client(memory: &mut Memory, record: &[Vec<u8>]) -> Record {
    let laid = Record::default().text(memory, field(record, 1)).text(memory, field(record, 2));
    let laid = laid.u8(u8::from(field(record, 3) == b"yes"));
    let (identifiers, domains) = (texts(memory, field(record, 4)), texts(memory, field(record, 5)));
    let attributes: Vec<Record> = parts(field(record, 6))
        .map(|attribute| {
            let (name, value) = split(attribute);
            Record::default().text(memory, name).text(memory, value)
        })
        .collect();
    laid.list(identifiers).list(domains).list(memory.list(&attributes, 4))
}

fn step(memory: &mut Memory, record: &[Vec<u8>]) -> Record {
    let laid = Record::default().text(memory, field(record, 1)).text(memory, field(record, 2));
    let laid = match field(record, 3) {
        b"ok" => laid.u8(0).up_to(48),
        _ => laid.u8(1).record(&failure(memory, record, 3), 8).up_to(48),
    };
    let laid = optional(memory, laid, Some(field(record, 5)).filter(|remedy| !remedy.is_empty()));
    let costs = texts(memory, field(record, 6));
    laid.list(costs)
}

fn outcome(memory: &mut Memory, record: &[Vec<u8>]) -> Option<Record> {
    let of_field = |at: usize| number(record.get(at));
    let laid = match field(record, 0) {
        b"measured" => {
            let laid =
                Record::default().u8(0).f64(of_field(1)).f64(of_field(2)).u32(of_field(3) as u32).f64(of_field(4));
            let laid = match split(field(record, 5)) {
                (b"", _) => laid.u8(0).f64(0.0).f64(0.0),
                (low, high) => laid.u8(1).f64(float(low)).f64(float(high)),
            };
            let explanation = texts(memory, field(record, 6));
            laid.list(explanation)
        }
        b"no-data" => Record::default()
            .u8(1)
            .align(8)
            .u32(of_field(1) as u32)
            .u32(of_field(2) as u32)
            .text(memory, field(record, 3)),
        b"not-applicable" => Record::default().u8(2).align(8).text(memory, field(record, 1)),
        _ => return None,
    };
    Some(laid.up_to(72))
}

/// A failure whose case stands in field `at`, and its text in the one behind.
fn failure(memory: &mut Memory, record: &[Vec<u8>], at: usize) -> Record {
    let case = number(record.get(at)) as u8;
    let text = field(record, at + 1);
    let laid = Record::default().u8(case).align(8);
    match case {
        0 => {
            let problem = Record::default().text(memory, text).text(memory, text);
            laid.list(memory.list(&[problem], 4)).up_to(24)
        }
        4 => laid.u8(1).i64(whole(text)),
        _ => laid.text(memory, text).up_to(24),
    }
}

fn texts(memory: &mut Memory, joined: &[u8]) -> (u32, u32) {
    let laid: Vec<Record> = parts(joined).map(|part| Record::default().text(memory, part)).collect();
    memory.list(&laid, 4)
}

fn parts(joined: &[u8]) -> impl Iterator<Item = &[u8]> {
    joined.split(|byte| *byte == b';').filter(|part| !part.is_empty()).take(MOST)
}

fn field(record: &[Vec<u8>], at: usize) -> &[u8] {
    record.get(at).map_or(&[], Vec::as_slice)
}

fn split(text: &[u8]) -> (&[u8], &[u8]) {
    match text.iter().position(|byte| *byte == b':') {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (&[], text),
    }
}

fn number(field: Option<&Vec<u8>>) -> f64 {
    field.map_or(0.0, |text| float(text))
}

fn float(text: &[u8]) -> f64 {
    std::str::from_utf8(text).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0.0)
}

fn whole(text: &[u8]) -> i64 {
    std::str::from_utf8(text).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

/// `%41` is a byte; `%*300x` is so many of the character behind the number.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let (mut plain, mut at) = (Vec::with_capacity(text.len()), 0);
    while at < text.len() {
        let rest = &text[at + 1..];
        match (text[at], rest.first()) {
            (b'%', Some(b'*')) => {
                let digits = rest[1..].iter().take(5).take_while(|byte| byte.is_ascii_digit()).count();
                let times = whole(&rest[1..=digits]).clamp(0, 70_000) as usize;
                let repeated = rest.get(digits + 1).copied().unwrap_or(b'x');
                plain.resize((plain.len() + times).min(guest::MAX_ANSWER), repeated);
                at += digits + 3;
            }
            (b'%', Some(_)) if digit(rest.first()).is_some() && digit(rest.get(1)).is_some() => {
                let byte = digit(rest.first()).unwrap_or(0) * 16 + digit(rest.get(1)).unwrap_or(0);
                plain.push(byte as u8);
                at += 3;
            }
            (byte, _) => {
                plain.push(byte);
                at += 1;
            }
        }
    }
    plain
}
