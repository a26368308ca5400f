//! The bytes of a kept answer: versioned, with a checksum, and read strictly. A cache may lie on a disk that loses or
//! turns bits, or where somebody else wrote: bytes of which anything is odd are no answer.
//!
//! ```text
//! "SCRESP" · version 1 (1 byte) · SHA-256 of the rest (32 bytes) · requested, received (ms since 1970, 8 bytes each)
//! · number of headers (2) · for each: length (2), name, length (4), value · length (8), body
//! ```
//! Numbers are big-endian. The status is always 200.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::header::HeaderName;
use sha2::{Digest, Sha256};

use crate::message::Response;

/// A kept answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Envelope {
    /// When its request went out.
    pub(crate) requested: SystemTime,
    /// When it had arrived.
    pub(crate) received: SystemTime,
    /// As the caller saw them.
    pub(crate) headers: Vec<(String, String)>,
    /// As the caller saw it.
    pub(crate) body: Vec<u8>,
}

const MAGIC: &[u8; 7] = b"SCRESP\x01";
const CHECKSUM_BYTES: usize = 32;

impl Envelope {
    /// None where it cannot be written down so that it comes back the same.
    pub(crate) fn to_bytes(&self) -> Option<Vec<u8>> {
        let mut bytes = Vec::with_capacity(self.body.len() + 1_024);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&[0; CHECKSUM_BYTES]);
        let payload = bytes.len();
        for time in [self.requested, self.received] {
            let millis = time.duration_since(UNIX_EPOCH).ok()?.as_millis();
            bytes.extend_from_slice(&u64::try_from(millis).ok()?.to_be_bytes());
        }
        bytes.extend_from_slice(&u16::try_from(self.headers.len()).ok()?.to_be_bytes());
        for (name, value) in &self.headers {
            bytes.extend_from_slice(&u16::try_from(name.len()).ok()?.to_be_bytes());
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(&u32::try_from(value.len()).ok()?.to_be_bytes());
            bytes.extend_from_slice(value.as_bytes());
        }
        bytes.extend_from_slice(&u64::try_from(self.body.len()).ok()?.to_be_bytes());
        bytes.extend_from_slice(&self.body);
        let checksum = Sha256::digest(&bytes[payload..]);
        bytes[MAGIC.len()..payload].copy_from_slice(&checksum);
        Some(bytes)
    }

    /// # Errors
    /// What is odd about the bytes, as the end of "the kept answer …".
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, &'static str> {
        let rest = bytes.strip_prefix(MAGIC).ok_or("is of another version, or none at all")?;
        let (checksum, payload) = rest.split_at_checked(CHECKSUM_BYTES).ok_or(CUT)?;
        if Sha256::digest(payload).as_slice() != checksum {
            return Err("does not match its checksum");
        }
        let mut reader = Reader(payload);
        let (requested, received) = (reader.time()?, reader.time()?);
        let count = u16::from_be_bytes(reader.array()?);
        let mut headers = Vec::new();
        for _ in 0..count {
            let length = u16::from_be_bytes(reader.array()?);
            let name = reader.text(length.into())?;
            // Any other spelling than the library's own would not be found again.
            if !HeaderName::from_bytes(name.as_bytes()).is_ok_and(|parsed| parsed.as_str() == name) {
                return Err("has a header whose name is none");
            }
            let length = u32::from_be_bytes(reader.array()?);
            let value = reader.text(length.into())?;
            if value.chars().any(|c| c.is_control() && c != '\t') {
                return Err("has a header whose value is none");
            }
            headers.push((name.to_owned(), value.to_owned()));
        }
        let length = u64::from_be_bytes(reader.array()?);
        let body = reader.take(length)?.to_vec();
        if reader.0.is_empty() { Ok(Self { requested, received, headers, body }) } else { Err("goes on after its end") }
    }

    /// The answer, as old as that.
    pub(crate) fn into_response(mut self, age: Option<Duration>) -> Response {
        if let Some(age) = age {
            self.headers.retain(|(name, _)| name != "age");
            self.headers.push(("age".into(), age.as_secs().to_string()));
        }
        Response { status: 200, headers: self.headers, body: self.body }
    }
}

const CUT: &str = "is cut short";

/// What is left to read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: u64) -> Result<&'a [u8], &'static str> {
        let length = usize::try_from(length).map_err(|_| CUT)?;
        let (taken, rest) = self.0.split_at_checked(length).ok_or(CUT)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], &'static str> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or(CUT)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn text(&mut self, length: u64) -> Result<&'a str, &'static str> {
        std::str::from_utf8(self.take(length)?).map_err(|_| "has a header that is not UTF-8")
    }

    fn time(&mut self) -> Result<SystemTime, &'static str> {
        let millis = u64::from_be_bytes(self.array()?);
        UNIX_EPOCH.checked_add(Duration::from_millis(millis)).ok_or("is from a time that no clock can name")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn example() -> Envelope {
        Envelope {
            requested: UNIX_EPOCH + Duration::from_millis(784_111_777_001),
            received: UNIX_EPOCH + Duration::from_millis(784_111_777_250),
            headers: vec![
                ("etag".into(), "\"1\"".into()),
                ("link".into(), "<a>".into()),
                ("link".into(), String::new()),
            ],
            body: b"{\"a\":1}\0\xff".to_vec(),
        }
    }

    #[test]
    fn it_comes_back_as_it_was() {
        let bytes = example().to_bytes().expect("can be kept");
        assert_eq!(Envelope::parse(&bytes), Ok(example()));
        let empty = Envelope { headers: Vec::new(), body: Vec::new(), ..example() };
        assert_eq!(Envelope::parse(&empty.to_bytes().expect("can be kept")), Ok(empty));
    }

    #[test]
    fn no_bit_may_turn_and_no_byte_be_missing() {
        let bytes = example().to_bytes().expect("can be kept");
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut turned = bytes.clone();
                turned[at] ^= 1 << bit;
                assert!(Envelope::parse(&turned).is_err(), "byte {at}, bit {bit}");
            }
            assert!(Envelope::parse(&bytes[..at]).is_err(), "the first {at} bytes");
        }
        let mut longer = bytes;
        longer.push(0);
        assert!(Envelope::parse(&longer).is_err());
    }

    /// The payload with a checksum that is right, as somebody who means harm would write it.
    fn sealed(payload: &[u8]) -> Vec<u8> {
        [MAGIC.as_slice(), &Sha256::digest(payload), payload].concat()
    }

    #[test]
    fn a_right_checksum_is_not_enough() {
        let bytes = example().to_bytes().expect("can be kept");
        let payload = &bytes[MAGIC.len() + CHECKSUM_BYTES..];
        assert_eq!(Envelope::parse(&sealed(payload)), Ok(example()));
        assert_eq!(Envelope::parse(&sealed(&[payload, b"x"].concat())), Err("goes on after its end"));
        assert_eq!(Envelope::parse(&sealed(&payload[..payload.len() - 1])), Err(CUT));
        let with = |name: &str, value: &str| Envelope { headers: vec![(name.into(), value.into())], ..example() };
        for (odd, expected) in [
            (with("ETag", "x"), "whose name is none"),
            (with("e tag", "x"), "whose name is none"),
            (with("", "x"), "whose name is none"),
            (with("etag", "a\r\nb: c"), "whose value is none"),
        ] {
            let refusal = Envelope::parse(&odd.to_bytes().expect("written")).expect_err(expected);
            assert!(refusal.contains(expected), "{refusal}");
        }
        let huge = [&[0_u8; 16][..], &[0, 0], &[0xff; 8]].concat();
        assert_eq!(Envelope::parse(&sealed(&huge)), Err(CUT));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whatever_is_read_is_written_the_same(
            turned in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
            cut in 0_usize..3,
            more in prop::collection::vec(any::<u8>(), 0..3),
        ) {
            let bytes = example().to_bytes().expect("can be kept");
            let mut payload = bytes[MAGIC.len() + CHECKSUM_BYTES..].to_vec();
            for (at, byte) in turned {
                *at.get_mut(&mut payload) = byte;
            }
            payload.truncate(payload.len() - cut);
            payload.extend(more);
            let bytes = sealed(&payload);
            if let Ok(envelope) = Envelope::parse(&bytes) {
                prop_assert_eq!(envelope.to_bytes(), Some(bytes));
            }
        }
    }
}
