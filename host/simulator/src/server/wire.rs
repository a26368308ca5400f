//! The layer between HTTP and TCP: lets an answer break off at a chosen byte, by a close or by a reset.
//!
//! HTTP libraries take care that an answer arrives whole or is never begun; what really happens on a
//! network happens beneath them, and so it does here. Each connection has a [`Wire`], by which the gate
//! says before each answer how it will end. Counts bytes of HTTP/1.1 answers; an HTTP/2 connection,
//! where one answer's bytes stand among another's, is reset at once instead.

use std::{
    future::Future as _,
    io::{self, ErrorKind, IoSlice},
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// How the answer that comes next over a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plan {
    /// As it should.
    Whole,
    /// After so many bytes of its body, if it has as many and more; none: before its head.
    BreakOff(Option<u64>, Ending),
    /// As it should; the connection is reset when more is read from it.
    ResetAtNextRead,
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// TCP FIN, after what was sent has gone out.
    Close,
    /// TCP RST.
    Reset,
}

/// One connection's plan.
#[derive(Clone, Debug)]
pub(super) struct Wire(Arc<Mutex<Progress>>);

#[derive(Clone, Copy, Debug)]
struct Progress {
    plan: Plan,
    head: Head,
}

impl Wire {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(Progress { plan: Plan::Whole, head: Head::default() })))
    }

    /// Says how the next answer ends. The former one has been sent: HTTP/1.1 answers one request at a time.
    pub(super) fn plan(&self, plan: Plan) {
        *self.progress() = Progress { plan, head: Head::default() };
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connected<IncomingStream<'_, WireListener>> for Wire {
    fn connect_info(stream: IncomingStream<'_, WireListener>) -> Self {
        stream.io().wire.clone()
    }
}

/// How much of an answer's head has gone out, and of its body.
#[derive(Clone, Copy, Debug, Default)]
struct Head {
    /// So many bytes of the empty line that ends the head have been seen in a row.
    matched: usize,
    /// Bytes of the body.
    body: u64,
}

impl Head {
    /// Goes on by these bytes, at most so far that `limit` bytes of the body have been seen; gives how many that were.
    fn advance(&mut self, bytes: &[u8], limit: u64) -> usize {
        let mut taken = 0;
        while self.matched < END_OF_HEAD.len() && taken < bytes.len() {
            let byte = bytes[taken];
            self.matched = match byte {
                _ if byte == END_OF_HEAD[self.matched] => self.matched + 1,
                b'\r' => 1,
                _ => 0,
            };
            taken += 1;
        }
        if self.matched == END_OF_HEAD.len() {
            let body = (bytes.len() - taken).min(usize::try_from(limit - self.body).unwrap_or(usize::MAX));
            self.body += body as u64;
            taken += body;
        }
        taken
    }
}

const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// Listens, and gives each connection its wire.
pub(super) struct WireListener {
    listener: TcpListener,
    killed: CancellationToken,
}

impl WireListener {
    /// All connections break when `killed` is cancelled.
    pub(super) const fn new(listener: TcpListener, killed: CancellationToken) -> Self {
        Self { listener, killed }
    }
}

impl Listener for WireListener {
    type Io = WireStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (WireStream, SocketAddr) {
        loop {
            match self.listener.accept().await {
                Ok((stream, address)) => return (WireStream::new(stream, &self.killed), address),
                // The client was gone already, or the process has no descriptor left: the next one may fare better.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// One connection.
pub(super) struct WireStream {
    stream: TcpStream,
    wire: Wire,
    killed: Pin<Box<WaitForCancellationFutureOwned>>,
    dead: bool,
}

impl WireStream {
    fn new(stream: TcpStream, killed: &CancellationToken) -> Self {
        // Head and body may be two writes: without this the second would wait for the first one's
        // acknowledgement. Where it cannot be set, answers are only slower.
        let _ = stream.set_nodelay(true);
        Self { stream, wire: Wire::new(), killed: Box::pin(killed.clone().cancelled_owned()), dead: false }
    }

    /// Fails where the connection is dead, and wakes the task when it dies.
    fn alive(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        if !self.dead && self.killed.as_mut().poll(context).is_pending() {
            return Ok(());
        }
        self.dead = true;
        Err(io::Error::new(ErrorKind::ConnectionAborted, "the simulator ended this connection"))
    }

    /// Ends the connection. The error makes the HTTP layer drop it, which sends what `ending` says.
    fn end(&mut self, ending: Ending, context: &mut Context<'_>) -> io::Error {
        self.dead = true;
        // Where these fail, the peer has ended the connection before.
        match ending {
            Ending::Reset => {
                let _ = self.stream.set_zero_linger();
            }
            // Dropping a socket that holds unread bytes would reset it: the close goes first.
            Ending::Close => {
                let _ = Pin::new(&mut self.stream).poll_shutdown(context);
            }
        }
        io::Error::new(ErrorKind::ConnectionAborted, "a fault ended this connection")
    }
}

impl AsyncRead for WireStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.alive(context)?;
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let stale = self.wire.progress().plan == Plan::ResetAtNextRead;
        if stale && buffer.filled().len() > before {
            return Poll::Ready(Err(self.end(Ending::Reset, context)));
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for WireStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.alive(context)?;
        let Progress { plan, mut head } = *self.wire.progress();
        let Plan::BreakOff(after, ending) = plan else {
            return Pin::new(&mut self.stream).poll_write(context, bytes);
        };
        let allowed = after.map_or(0, |limit| head.advance(bytes, limit));
        if allowed == 0 && !bytes.is_empty() {
            return Poll::Ready(Err(self.end(ending, context)));
        }
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, &bytes[..allowed]))?;
        // TCP may have taken less than it was allowed to.
        self.wire.progress().head.advance(&bytes[..written], after.unwrap_or(0));
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let counting = matches!(self.wire.progress().plan, Plan::BreakOff(..));
        if counting {
            let first = slices.iter().find(|slice| !slice.is_empty()).map_or(&[][..], |slice| slice);
            return self.poll_write(context, first);
        }
        self.alive(context)?;
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A polite close before a reset would hide it: the client would see the end of the stream.
        if self.dead {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_body_however_the_answer_is_cut_into_writes() {
        let answer = b"HTTP/1.1 200 OK\r\na: \r\r\n\r\n{\"data\":[]}";
        let head = answer.len() - 11;
        for first in 0..answer.len() {
            let mut progress = Head::default();
            let mut taken = progress.advance(&answer[..first], 4);
            taken += progress.advance(&answer[taken..], 4);
            assert_eq!((taken, progress.body), (head + 4, 4), "cut after {first}");
        }
    }
}
