//! The layer between HTTP and TCP: lets an answer break off at a chosen byte, by a close or by a reset; lets its head
//! come slowly, or with a wrong header.
//!
//! HTTP libraries take care that an answer arrives whole or is never begun; what really happens on a
//! network happens beneath them, and so it does here. Each connection has a [`Wire`], by which the gate
//! says before each answer how it will fare. Looks at HTTP/1.1 answers; an HTTP/2 connection,
//! where one answer's bytes stand among another's, is reset at once instead.

mod head;
mod port;

use std::{
    future::Future as _,
    io::{self, ErrorKind, IoSlice},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{extract::connect_info::Connected, serve::IncomingStream};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::Sleep,
};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

pub(super) use head::ChangedHeader;
use head::Head;
pub(super) use port::{Port, WireListener};

/// How the answer that comes next over a connection fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plan {
    /// As it should.
    Whole,
    /// It ends there, if it reaches that far.
    BreakOff(Place, Ending),
    /// As it should; the connection is reset when more is read from it.
    ResetAtNextRead,
    /// Its head comes in morsels of so many bytes, with a pause after each.
    SlowHead(usize, Duration),
    /// One header has another value; all else is as it should be.
    ChangeHeader(ChangedHeader),
    /// Another protocol's greeting comes in its place, and a close.
    Greeting,
}

impl Plan {
    /// Whether a byte of the response arrives.
    pub(super) fn sends_response(self) -> bool {
        !matches!(self, Self::Greeting | Self::BreakOff(Place::BeforeHead, _))
    }
}

/// A place within an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Before its first byte.
    BeforeHead,
    /// After so many bytes of its body.
    InBody(u64),
    /// After so many bytes of all of it.
    InAnswer(u64),
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

    /// Says how the next answer fares. The former one has been sent: HTTP/1.1 answers one request at a time.
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

/// What an SSH server begins with.
const GREETING: &[u8] = b"SSH-2.0-OpenSSH_9.2\r\n";

/// One connection.
pub(super) struct WireStream {
    stream: TcpStream,
    wire: Wire,
    killed: Pin<Box<WaitForCancellationFutureOwned>>,
    dead: bool,
    /// The part of a head that has been written so far, while a header is to be changed.
    held: Vec<u8>,
    /// What has to go out before anything else does.
    ahead: Vec<u8>,
    /// The pause that is being made.
    rest: Option<Pin<Box<Sleep>>>,
}

impl WireStream {
    fn new(stream: TcpStream, killed: CancellationToken) -> Self {
        // Head and body may be two writes: without this the second would wait for the first one's
        // acknowledgement. Where it cannot be set, answers are only slower.
        let _ = stream.set_nodelay(true);
        Self {
            stream,
            wire: Wire::new(),
            killed: Box::pin(killed.cancelled_owned()),
            dead: false,
            held: vec![],
            ahead: vec![],
            rest: None,
        }
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

    fn poll_stream(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    /// Sends what has to go out first.
    fn poll_ahead(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.ahead.is_empty() {
            let written = ready!(Pin::new(&mut self.stream).poll_write(context, &self.ahead))?;
            self.ahead.drain(..written);
        }
        Poll::Ready(Ok(()))
    }

    fn poll_until(
        &mut self,
        context: &mut Context<'_>,
        bytes: &[u8],
        place: Place,
        ending: Ending,
    ) -> Poll<io::Result<usize>> {
        let mut head = self.wire.progress().head;
        let allowed = head.advance(bytes, place);
        if allowed == 0 && !bytes.is_empty() {
            return Poll::Ready(Err(self.end(ending, context)));
        }
        let written = ready!(self.poll_stream(context, &bytes[..allowed]))?;
        // TCP may have taken less than it was allowed to.
        self.wire.progress().head.advance(&bytes[..written], place);
        Poll::Ready(Ok(written))
    }

    fn poll_slowly(
        &mut self,
        context: &mut Context<'_>,
        bytes: &[u8],
        morsel: usize,
        pause: Duration,
    ) -> Poll<io::Result<usize>> {
        if let Some(rest) = &mut self.rest {
            ready!(rest.as_mut().poll(context));
            self.rest = None;
        }
        let morsel = &bytes[..morsel.clamp(1, bytes.len())];
        let mut head = self.wire.progress().head;
        let of_head = head.advance(morsel, Place::InBody(0));
        if of_head == 0 {
            return self.poll_stream(context, bytes);
        }
        let written = ready!(self.poll_stream(context, &morsel[..of_head]))?;
        self.wire.progress().head.advance(&morsel[..written], Place::InBody(0));
        self.rest = Some(Box::pin(tokio::time::sleep(pause)));
        Poll::Ready(Ok(written))
    }

    fn poll_changed(
        &mut self,
        context: &mut Context<'_>,
        bytes: &[u8],
        change: ChangedHeader,
    ) -> Poll<io::Result<usize>> {
        let taken = self.wire.progress().head.advance(bytes, Place::InBody(0));
        if taken == 0 {
            return self.poll_stream(context, bytes);
        }
        self.held.extend(&bytes[..taken]);
        if self.wire.progress().head.is_whole() {
            self.ahead = change.apply(&std::mem::take(&mut self.held));
        }
        Poll::Ready(Ok(taken))
    }

    fn poll_greeting(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let begun = self.wire.progress().head.begin();
        if begun {
            self.ahead = GREETING.to_vec();
        }
        ready!(self.poll_ahead(context))?;
        Poll::Ready(Err(self.end(Ending::Close, context)))
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
        ready!(self.poll_ahead(context))?;
        let plan = self.wire.progress().plan;
        match plan {
            _ if bytes.is_empty() => Poll::Ready(Ok(0)),
            Plan::Whole | Plan::ResetAtNextRead => self.poll_stream(context, bytes),
            Plan::BreakOff(place, ending) => self.poll_until(context, bytes, place, ending),
            Plan::SlowHead(morsel, pause) => self.poll_slowly(context, bytes, morsel, pause),
            Plan::ChangeHeader(change) => self.poll_changed(context, bytes, change),
            Plan::Greeting => self.poll_greeting(context),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let plain = matches!(self.wire.progress().plan, Plan::Whole | Plan::ResetAtNextRead);
        if !plain {
            let first = slices.iter().find(|slice| !slice.is_empty()).map_or(&[][..], |slice| slice);
            return self.poll_write(context, first);
        }
        self.alive(context)?;
        ready!(self.poll_ahead(context))?;
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_ahead(context))?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A polite close before a reset would hide it: the client would see the end of the stream.
        if self.dead {
            return Poll::Ready(Ok(()));
        }
        ready!(self.poll_ahead(context))?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
