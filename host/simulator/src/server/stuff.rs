//! Bodies that are too much: unpacked, in length, in depth. None of them is ever held in memory whole
//! but the deep one.

use std::convert::Infallible;

use axum::body::{Body, Bytes};
use flate2::{Compress, Compression, Crc, FlushCompress};
use futures_util::stream;

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
