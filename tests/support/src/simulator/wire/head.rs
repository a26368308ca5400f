//! Where an answer's head ends, how much of the answer has gone by, and headers with wrong values.

use chrono::{DateTime, TimeDelta};

use super::Place;

/// How much of an answer has gone out.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Head {
    /// So many bytes of the empty line that ends the head have been seen in a row.
    matched: usize,
    /// Bytes of the body.
    body: u64,
    /// Bytes of all of it.
    all: u64,
}

impl Head {
    /// Goes on by these bytes, at most so far as `place`; gives how many that were.
    pub(super) fn advance(&mut self, bytes: &[u8], place: Place) -> usize {
        let up_to = |limit: u64, seen: u64| usize::try_from(limit.saturating_sub(seen)).unwrap_or(usize::MAX);
        let (bytes, body_limit) = match place {
            Place::BeforeHead => return 0,
            Place::InBody(limit) => (bytes, limit),
            Place::InAnswer(limit) => (&bytes[..bytes.len().min(up_to(limit, self.all))], u64::MAX),
        };
        let mut taken = 0;
        while !self.is_whole() && taken < bytes.len() {
            let byte = bytes[taken];
            self.matched = match byte {
                _ if byte == END_OF_HEAD[self.matched] => self.matched + 1,
                b'\r' => 1,
                _ => 0,
            };
            taken += 1;
        }
        if self.is_whole() {
            let body = (bytes.len() - taken).min(up_to(body_limit, self.body));
            self.body += body as u64;
            taken += body;
        }
        self.all += taken as u64;
        taken
    }

    /// Whether the head has gone by.
    pub(super) const fn is_whole(self) -> bool {
        self.matched == END_OF_HEAD.len()
    }

    /// Whether nothing has gone by yet; from now on something has.
    pub(super) fn begin(&mut self) -> bool {
        self.all += 1;
        self.all == 1
    }
}

const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// A header with a wrong value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator) enum ChangedHeader {
    /// `Content-Length` is off by so many bytes.
    Length(i64),
    /// `Date` is off by so many seconds.
    Date(i64),
}

impl ChangedHeader {
    /// The head with its one header changed; as it is where that header is not there, or cannot be changed so far.
    pub(super) fn apply(self, head: &[u8]) -> Vec<u8> {
        let text = String::from_utf8_lossy(head);
        let changed: String =
            text.split_inclusive("\r\n").map(|line| self.line(line).unwrap_or(line.to_owned())).collect();
        changed.into_bytes()
    }

    fn line(self, line: &str) -> Option<String> {
        let (name, value) = line.split_once(':')?;
        let value = value.trim();
        let changed = match self {
            Self::Length(off_by) if name.eq_ignore_ascii_case("content-length") => {
                value.parse::<u64>().ok()?.saturating_add_signed(off_by).to_string()
            }
            Self::Date(seconds) if name.eq_ignore_ascii_case("date") => {
                let date = DateTime::parse_from_rfc2822(value).ok()?;
                let date = date.checked_add_signed(TimeDelta::try_seconds(seconds)?)?;
                date.to_utc().format("%a, %d %b %Y %H:%M:%S GMT").to_string()
            }
            Self::Length(_) | Self::Date(_) => return None,
        };
        Some(format!("{name}: {changed}\r\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\na: \r\r\n\r\n{\"data\":[]}";

    #[test]
    fn finds_the_body_however_the_answer_is_cut_into_writes() {
        let head = ANSWER.len() - 11;
        for first in 0..ANSWER.len() {
            let mut progress = Head::default();
            let mut taken = progress.advance(&ANSWER[..first], Place::InBody(4));
            taken += progress.advance(&ANSWER[taken..], Place::InBody(4));
            assert_eq!((taken, progress.body), (head + 4, 4), "cut after {first}");
        }
    }

    #[test]
    fn counts_the_whole_answer_however_it_is_cut_into_writes() {
        for first in 0..ANSWER.len() {
            for limit in 0..=ANSWER.len() {
                let mut progress = Head::default();
                let mut taken = progress.advance(&ANSWER[..first], Place::InAnswer(limit as u64));
                taken += progress.advance(&ANSWER[taken..], Place::InAnswer(limit as u64));
                assert_eq!((taken, progress.all), (limit, limit as u64), "cut after {first}");
            }
        }
    }

    #[test]
    fn one_header_is_changed() {
        let head = "HTTP/1.1 200 OK\r\ncontent-length: 40\r\ndate: Wed, 21 Oct 2015 23:59:59 GMT\r\n\r\n";
        let changed = |change: ChangedHeader| String::from_utf8(change.apply(head.as_bytes())).expect("text");
        assert_eq!(changed(ChangedHeader::Length(-5)), head.replace("40", "35"));
        assert_eq!(changed(ChangedHeader::Length(-50)), head.replace("40", "0"));
        assert_eq!(
            changed(ChangedHeader::Date(1)),
            head.replace("Wed, 21 Oct 2015 23:59:59", "Thu, 22 Oct 2015 00:00:00")
        );
        assert_eq!(changed(ChangedHeader::Date(i64::MAX)), head);
    }
}
