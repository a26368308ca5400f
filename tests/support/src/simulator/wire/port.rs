//! The port: open, or closed so that connections are refused while no other process can take it.

use std::{
    future::poll_fn,
    io, mem,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

use axum::serve::Listener;
use tokio::{
    net::{TcpListener, TcpSocket},
    runtime::Handle,
};
use tokio_util::sync::CancellationToken;

use super::WireStream;

/// A port that can be closed and reopened.
pub(in crate::simulator) struct Port {
    address: SocketAddr,
    runtime: Handle,
    /// Ends every connection there ever was.
    killed: CancellationToken,
    now: Mutex<Now>,
}

struct Now {
    state: State,
    /// Ends the connections that were made since the port was last opened.
    connections: CancellationToken,
    /// Who waits for a connection.
    waiting: Option<Waker>,
}

enum State {
    Open(TcpListener),
    /// Bound, and not listening: the kernel refuses whoever comes, and gives the port to nobody else.
    Closed(TcpSocket),
    /// Closed, and the port could not be kept bound.
    Lost,
    /// For good.
    Gone,
}

impl Port {
    /// Connections break when `killed` is cancelled. Needs a tokio runtime.
    pub(in crate::simulator) fn open(listener: TcpListener, killed: CancellationToken) -> io::Result<Self> {
        Ok(Self {
            address: listener.local_addr()?,
            runtime: Handle::current(),
            now: Mutex::new(Now { state: State::Open(listener), connections: killed.child_token(), waiting: None }),
            killed,
        })
    }

    /// Refuses new connections, and breaks those that there are.
    pub(in crate::simulator) fn close(&self) {
        let mut now = self.now();
        if matches!(now.state, State::Open(_)) {
            // The listener goes first: a port that is listened on cannot be bound again.
            now.state = State::Lost;
            now.state = self.bound().map_or(State::Lost, State::Closed);
            now.connections.cancel();
        }
    }

    /// Takes connections again.
    pub(in crate::simulator) fn reopen(&self) {
        let mut now = self.now();
        let socket = match mem::replace(&mut now.state, State::Lost) {
            State::Closed(socket) => Ok(socket),
            // Where the port went to somebody else meanwhile, it stays shut.
            State::Lost => self.bound(),
            other => {
                now.state = other;
                return;
            }
        };
        let _runtime = self.runtime.enter();
        if let Ok(listener) = socket.and_then(|socket| socket.listen(BACKLOG)) {
            now.state = State::Open(listener);
            now.connections = self.killed.child_token();
            if let Some(waiting) = now.waiting.take() {
                waiting.wake();
            }
        }
    }

    fn bound(&self) -> io::Result<TcpSocket> {
        let socket = TcpSocket::new_v4()?;
        // Connections that were made over the port may still be closing.
        socket.set_reuseaddr(true)?;
        socket.bind(self.address)?;
        Ok(socket)
    }

    fn poll_accept(&self, context: &mut Context<'_>) -> Poll<io::Result<(WireStream, SocketAddr)>> {
        let mut now = self.now();
        now.waiting = Some(context.waker().clone());
        let State::Open(listener) = &now.state else { return Poll::Pending };
        let (stream, from) = ready!(listener.poll_accept(context))?;
        Poll::Ready(Ok((WireStream::new(stream, now.connections.clone()), from)))
    }

    // What the lock guards is whole after every line that changes it: a panic elsewhere does not spoil it.
    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// So many connections may wait to be taken.
const BACKLOG: u32 = 1024;

/// Listens on a port, and gives each connection its wire.
pub(in crate::simulator) struct WireListener(Arc<Port>);

impl WireListener {
    pub(in crate::simulator) const fn new(port: Arc<Port>) -> Self {
        Self(port)
    }
}

impl Listener for WireListener {
    type Io = WireStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (WireStream, SocketAddr) {
        loop {
            match poll_fn(|context| self.0.poll_accept(context)).await {
                Ok(connection) => return connection,
                // The client was gone already, or the process has no descriptor left: the next one may fare better.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.0.address)
    }
}

impl Drop for WireListener {
    /// Who serves no more does not listen either.
    fn drop(&mut self) {
        self.0.now().state = State::Gone;
    }
}
