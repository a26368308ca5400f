//! What all requests share.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use scoresheet_simulator::Api;
use tokio_util::sync::CancellationToken;

use super::{
    fault::{ActiveFaults, FaultRule},
    log::Log,
    wire::Port,
};

/// The state of a simulator.
pub(super) struct Shared {
    pub(super) api: Api,
    pub(super) stopping: CancellationToken,
    pub(super) port: Arc<Port>,
    faults: Mutex<ActiveFaults>,
    log: Mutex<Log>,
    in_flight: AtomicUsize,
    max_in_flight: AtomicUsize,
}

impl Shared {
    pub(super) fn new(api: Api, stopping: CancellationToken, port: Arc<Port>) -> Self {
        Self {
            api,
            stopping,
            port,
            faults: Mutex::default(),
            log: Mutex::default(),
            in_flight: AtomicUsize::new(0),
            max_in_flight: AtomicUsize::new(0),
        }
    }

    pub(super) fn set_faults(&self, rules: Vec<FaultRule>) {
        let refuses = rules.iter().any(FaultRule::refuses_at_once);
        *self.faults() = ActiveFaults::new(rules);
        if refuses { self.port.close() } else { self.port.reopen() }
    }

    // What a lock guards is complete after every line that changes it: a panic elsewhere leaves it valid.

    pub(super) fn faults(&self) -> MutexGuard<'_, ActiveFaults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn max_in_flight(&self) -> usize {
        self.max_in_flight.load(Ordering::SeqCst)
    }

    /// Counts a request as in flight for as long as the guard lives.
    pub(super) fn begin_request(self: &Arc<Self>) -> InFlight {
        let now = self.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
        self.max_in_flight.fetch_max(now, Ordering::SeqCst);
        InFlight(Arc::clone(self))
    }
}

/// Waits, or less if the server stops meanwhile.
pub(super) async fn pause(time: Duration, stopping: &CancellationToken) {
    if !time.is_zero() {
        tokio::select! {
            () = tokio::time::sleep(time) => {}
            () = stopping.cancelled() => {}
        }
    }
}

/// A request in flight.
pub(super) struct InFlight(Arc<Shared>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::SeqCst);
    }
}
