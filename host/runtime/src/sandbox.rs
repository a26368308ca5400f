//! What a guest's standard library is linked to: nothing.
//!
//! No environment, arguments, files or sockets; standard input is at its end and standard
//! output goes nowhere. The clocks stand still, randomness comes from a fixed seed. Standard
//! error is kept, because a panic's text goes there.

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use scoresheet_domain::{Digest, Instant};
use tokio::io::AsyncWrite;
use wasmtime_wasi::{
    Deterministic, HostMonotonicClock, HostWallClock, WasiCtx, WasiCtxBuilder,
    cli::{IsTerminal, StdoutStream},
    p2::{OutputStream, Pollable, StreamResult},
};

/// An empty sandbox whose wall clock always gives `now`.
pub(crate) fn sandbox(now: Instant, stderr: StderrTail) -> WasiCtx {
    let mut wasi = WasiCtxBuilder::new();
    wasi.stderr(stderr)
        .allow_tcp(false)
        .allow_udp(false)
        .allow_ip_name_lookup(false)
        .wall_clock(Stopped(Duration::from_millis(u64::try_from(now.millis()).unwrap_or(0))))
        .monotonic_clock(Stopped(Duration::ZERO))
        .secure_random(Deterministic::new(SEED.clone()))
        .insecure_random(Deterministic::new(SEED.clone()))
        .insecure_random_seed(0)
        .max_random_size(1 << 20);
    wasi.build()
}

/// The same 4 KiB of noise for every component, always.
static SEED: LazyLock<Vec<u8>> =
    LazyLock::new(|| (0..128_u32).flat_map(|block| *Digest::of(block.to_le_bytes()).bytes()).collect());

/// A clock that stands still.
struct Stopped(Duration);

impl HostWallClock for Stopped {
    fn resolution(&self) -> Duration {
        Duration::from_millis(1)
    }

    fn now(&self) -> Duration {
        self.0
    }
}

impl HostMonotonicClock for Stopped {
    fn resolution(&self) -> u64 {
        1_000_000
    }

    fn now(&self) -> u64 {
        0
    }
}

/// The last 8 KiB that a guest wrote to standard error: a panic's text comes last.
#[derive(Clone, Default)]
pub(crate) struct StderrTail(Arc<Mutex<VecDeque<u8>>>);

impl StderrTail {
    const BYTES: usize = 8 << 10;

    /// What was kept, invalid UTF-8 replaced.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(self.lock().make_contiguous()).into_owned()
    }

    fn push(&self, bytes: &[u8]) {
        let mut tail = self.lock();
        let bytes = &bytes[bytes.len().saturating_sub(Self::BYTES)..];
        let over = (tail.len() + bytes.len()).saturating_sub(Self::BYTES);
        tail.drain(..over);
        tail.extend(bytes);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl IsTerminal for StderrTail {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for StderrTail {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

impl OutputStream for StderrTail {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.push(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(64 << 10)
    }
}

#[async_trait::async_trait]
impl Pollable for StderrTail {
    async fn ready(&mut self) {}
}

impl AsyncWrite for StderrTail {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        self.push(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_standard_error_is_kept() {
        let tail = StderrTail::default();
        tail.push(b"first ");
        tail.push(&[b'x'; StderrTail::BYTES]);
        tail.push(b"last");
        let text = tail.text();
        assert_eq!(text.len(), StderrTail::BYTES);
        assert!(text.starts_with('x') && text.ends_with("xlast"), "the beginning went, the end stays");
        tail.push(&[b'y'; 3 * StderrTail::BYTES]);
        assert_eq!(tail.text(), "y".repeat(StderrTail::BYTES));
    }

    #[test]
    fn randomness_never_changes() {
        assert_eq!(SEED.len(), 4096);
        let expected = "dc171d3f5761a8d3d80f49d5133cb37b37d3ef86e20f72c02929f59b2e3ad947";
        assert_eq!(Digest::of(&*SEED).hex(), expected, "scores that use it would change");
    }
}
