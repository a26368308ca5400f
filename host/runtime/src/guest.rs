//! One call of a component, from the fresh store to the reason it failed.

use std::{sync::Arc, time::Instant as Clock};

use scoresheet_domain::{Failure, Instant};
use scoresheet_gateway::Outbound;
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span, field::Empty};
use wasmtime::{Store, UpdateDeadline};

use crate::{
    limits::Limits,
    refusal,
    runtime::Shared,
    state::{GaveUp, Given, State},
    text,
    ticker::{Running, TICK},
};

/// The most handles of the component model's own in one store.
const MAX_COMPONENT_HANDLES: usize = 10_000;

/// What a call is and what it may use.
pub(crate) struct Call<'a> {
    /// The component's id, for the log.
    pub(crate) provider: &'a str,
    /// The exported function, for the log.
    pub(crate) function: &'static str,
    /// What it may use.
    pub(crate) limits: Limits,
    /// What its clocks show.
    pub(crate) now: Instant,
    /// Where its requests go.
    pub(crate) connection: Option<Arc<dyn Outbound>>,
    /// Ends it early.
    pub(crate) cancel: CancellationToken,
    /// How many slots its component takes.
    pub(crate) weight: u32,
}

/// A fresh store for one call. Dropped after it, whatever happened.
pub(crate) struct Guest {
    /// To instantiate and call in; not to be used once [`Guest::supervise`] has ended the call.
    pub(crate) store: Store<State>,
    supervisor: Supervisor,
    span: Span,
    began: Clock,
    // Given back in this order: first the clock stops, then another call may begin.
    _running: Running,
    _slot: OwnedSemaphorePermit,
}

impl Guest {
    /// Waits for its slots and makes the store.
    pub(crate) async fn enter(shared: &Shared, call: Call<'_>) -> Result<Self, Failure> {
        let slot = tokio::select! {
            biased;
            () = call.cancel.cancelled() => return Err(Failure::Cancelled),
            slot = shared.slots(call.weight) => slot,
        };
        let running = shared.running();
        let limits = call.limits;
        let now = tokio::time::Instant::now();
        let given = Given {
            provider: call.provider,
            now: call.now,
            connection: call.connection,
            http_deadline: now + limits.http_deadline(),
            cancel: call.cancel.clone(),
        };
        let mut store = Store::new(shared.engine(), State::new(given, &limits));
        store.limiter(|state| &mut state.memory);
        store.set_hostcall_fuel(limits.answer_bytes as usize);
        store.set_max_component_handles(MAX_COMPONENT_HANDLES);
        interrupt_after(&mut store, limits.compute_secs);
        Ok(Self {
            store,
            supervisor: Supervisor { limits, deadline: now + limits.deadline(), cancel: call.cancel },
            span: tracing::debug_span!(
                "component.call",
                provider = call.provider,
                function = call.function,
                duration_ms = Empty
            ),
            began: Clock::now(),
            _running: running,
            _slot: slot,
        })
    }

    /// What watches over the call, apart from the store that the call borrows.
    pub(crate) fn supervisor(&self) -> (Supervisor, Span) {
        (self.supervisor.clone(), self.span.clone())
    }

    /// Ends the call: what it gave and why the host gave up on its requests, where it did.
    pub(crate) fn leave<T>(self, result: Result<wasmtime::Result<T>, Failure>) -> Result<(T, Option<GaveUp>), Failure> {
        let _entered = self.span.enter();
        self.span.record("duration_ms", u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX));
        let state = self.store.data();
        if state.log.dropped > 0 {
            tracing::warn!(provider = state.log.provider, dropped = state.log.dropped, "the component logs too much");
        }
        match result {
            Ok(Ok(value)) => Ok((value, state.http.gave_up.clone())),
            Ok(Err(error)) => {
                // With the guest's own names of functions in it, which are no more trusted than the rest.
                let trace = text::line(&format!("{error:?}"), 2_000);
                tracing::debug!(provider = state.log.provider, trace, "the component was stopped");
                Err(Failure::Component(refusal::reason(&error, &state.stderr.text(), &self.supervisor.limits)))
            }
            Err(failure) => Err(failure),
        }
    }
}

/// Ends a call that was cancelled or takes too long.
#[derive(Clone)]
pub(crate) struct Supervisor {
    limits: Limits,
    deadline: tokio::time::Instant,
    cancel: CancellationToken,
}

impl Supervisor {
    /// Runs the call to its end or to the one that it is given.
    pub(crate) async fn watch<T>(
        self,
        span: Span,
        call: impl Future<Output = wasmtime::Result<T>>,
    ) -> Result<wasmtime::Result<T>, Failure> {
        tokio::select! {
            // A result that comes after the cancellation counts no more.
            biased;
            () = self.cancel.cancelled() => Err(Failure::Cancelled),
            () = tokio::time::sleep_until(self.deadline) => {
                Err(Failure::Component(format!("it gave no answer within {} s", self.limits.deadline_secs)))
            }
            result = call.instrument(span) => Ok(result),
        }
    }
}

/// Looks at the guest on every tick: lets others run, and stops it once its time is used up.
/// Time in host calls does not count, as no code of the guest runs that could notice a tick.
fn interrupt_after(store: &mut Store<State>, compute_secs: u32) {
    let mut left = u128::from(compute_secs) * 1_000 / TICK.as_millis();
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(move |_| {
        if left == 0 {
            return Ok(UpdateDeadline::Interrupt);
        }
        left -= 1;
        // tokio's own yield lets timers fire too, so that deadlines and cancellations are seen.
        Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now())))
    });
}
