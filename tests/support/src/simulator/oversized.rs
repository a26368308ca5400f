//! What is too much: bodies, unpacked, in length, in depth, and heads. Of the bodies none but the deep one is ever held
//! in memory whole.

use std::convert::Infallible;

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderName, HeaderValue},
};
use flate2::{Compress, Compression, Crc, FlushCompress};
use futures_util::{StreamExt as _, stream};

/// `{"data":[`, whitespace, `]}` as gzip (RFC 1952), about a thousandth of its unpacked size.
pub(super) fn gzip_bomb(mebibytes: u32) -> Body {
    let whitespace = whitespace();
    let packed = Bytes::from(deflated(&whitespace, FlushCompress::Full));
    let start = [GZIP_HEADER, &deflated(OPENING, FlushCompress::Full)].concat();
    let mut end = deflated(CLOSING, FlushCompress::Finish);

    let mut sum = Crc::new();
    sum.update(OPENING);
    let mut block = Crc::new();
    block.update(&whitespace);
    for _ in 0..mebibytes {
        sum.combine(&block);
    }
    sum.update(CLOSING);
    end.extend(sum.sum().to_le_bytes());
    end.extend(sum.amount().to_le_bytes());

    Body::from_stream(repeated(start.into(), packed, mebibytes, end.into()))
}

/// `{"data":[`, whitespace, `]}`.
pub(super) fn huge(mebibytes: u32) -> Body {
    Body::from_stream(repeated(OPENING.into(), whitespace().into(), mebibytes, CLOSING.into()))
}

/// `{"data":[` and rows, each with an id of its own, for as long as somebody reads them.
pub(super) fn endless() -> Body {
    let start = stream::once(async { Ok::<_, Infallible>(Bytes::from_static(OPENING)) });
    let rows = stream::iter((1_u64..).map(|number| Ok(Bytes::from(stretch_of_rows(number)))));
    Body::from_stream(start.chain(rows))
}

/// Header lines of so many kibibytes together.
pub(super) fn fill(headers: &mut HeaderMap, kibibytes: u32) {
    let filling = HeaderValue::from_str(&"x".repeat(1000)).expect("letters can stand in a header");
    for number in 0..kibibytes.min(MOST_FILLING) {
        let name = HeaderName::try_from(format!("x-filling-{number:010}")).expect("letters, digits and hyphens");
        headers.insert(name, filling.clone());
    }
}

/// Further header lines than 4 MiB of them hold would break the library's own limit.
const MOST_FILLING: u32 = 4096;

/// So many rows are made at once.
const ROWS_OF_A_STRETCH: u64 = 100;

fn stretch_of_rows(number: u64) -> String {
    let first = (number - 1) * ROWS_OF_A_STRETCH;
    let row = |row: u64| {
        format!(
            "{{\"id\":\"endless-{row}\",\"client_id\":\"c-1\",\"name\":\"Endless {row}\",\"score\":4,\
             \"responded_at\":\"2026-10-02T14:03:11Z\"}},"
        )
    };
    (first..first + ROWS_OF_A_STRETCH).map(row).collect()
}

/// `{"data":[[[…]]]}`.
pub(super) fn deep(depth: usize) -> String {
    format!("{{\"data\":{}{}}}", "[".repeat(depth), "]".repeat(depth))
}

const OPENING: &[u8] = b"{\"data\":[";
const CLOSING: &[u8] = b"]}";

/// Deflate, no flags, no time, no system.
const GZIP_HEADER: &[u8] = &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

fn whitespace() -> Vec<u8> {
    vec![b' '; 1 << 20]
}

/// A stretch of a deflate stream that refers to nothing before it, so that stretches can be repeated and joined.
fn deflated(bytes: &[u8], flush: FlushCompress) -> Vec<u8> {
    let mut packed = Vec::with_capacity(1 << 16);
    Compress::new(Compression::best(), false)
        .compress_vec(bytes, &mut packed, flush)
        .expect("a deflate stream without a dictionary takes any bytes");
    packed
}

fn repeated(
    start: Bytes,
    block: Bytes,
    times: u32,
    end: Bytes,
) -> impl futures_util::Stream<Item = Result<Bytes, Infallible>> {
    let pieces = std::iter::once(start).chain(std::iter::repeat_n(block, times as usize)).chain(std::iter::once(end));
    stream::iter(pieces.map(Ok))
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[tokio::test]
    async fn the_bomb_is_good_gzip() {
        let packed = axum::body::to_bytes(gzip_bomb(3), usize::MAX).await.expect("a body");
        assert!(packed.len() < 8192, "{}", packed.len());
        let mut text = String::new();
        flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut text).expect("gzip with the right check sum");
        assert_eq!(text.len(), (3 << 20) + 11);
        assert_eq!(text.split_whitespace().collect::<Vec<_>>(), ["{\"data\":[", "]}"]);
    }

    #[test]
    fn the_deep_one_balances() {
        assert_eq!(deep(3), r#"{"data":[[[]]]}"#);
    }
}
