//! One call of a component, from the fresh store to the reason it failed.

use std::{
    future::poll_fn,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant as Clock},
};

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
    usage::{Meter, Usage},
};

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
    /// Where what it used is kept, where anybody wants to know.
    pub(crate) meter: Option<&'a Arc<Meter>>,
}

/// A fresh store for one call. Dropped after it, whatever happened.
pub(crate) struct Guest {
    /// To instantiate and call in; not to be used once [`Guest::supervise`] has ended the call.
    pub(crate) store: Store<State>,
    supervisor: Supervisor,
    span: Span,
    began: Clock,
    meter: Option<Arc<Meter>>,
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
        store.set_max_component_handles(limits.handles as usize * 10);
        interrupt_after(&mut store, limits.compute_secs);
        Ok(Self {
            store,
            supervisor: Supervisor {
                limits,
                deadline: now + limits.deadline(),
                cancel: call.cancel,
                computed: Arc::default(),
            },
            span: tracing::debug_span!(
                "component.call",
                provider = call.provider,
                function = call.function,
                duration_ms = Empty
            ),
            began: Clock::now(),
            meter: call.meter.cloned(),
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
        let wall = self.began.elapsed();
        self.span.record("duration_ms", u64::try_from(wall.as_millis()).unwrap_or(u64::MAX));
        let state = self.store.data();
        if let Some(meter) = &self.meter {
            meter.add(&self.supervisor.used(state, wall));
        }
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
    /// Nanoseconds in the guest.
    computed: Arc<AtomicU64>,
}

impl Supervisor {
    /// Runs the call to its end or to the one that it is given.
    pub(crate) async fn watch<T>(
        self,
        span: Span,
        call: impl Future<Output = wasmtime::Result<T>>,
    ) -> Result<wasmtime::Result<T>, Failure> {
        let mut call = pin!(call.instrument(span));
        // It is polled once for each wait in a host call and each tick: two looks at the clock cost nothing beside.
        let timed = poll_fn(|context| {
            let began = Clock::now();
            let polled = call.as_mut().poll(context);
            let nanos = u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX);
            self.computed.fetch_add(nanos, Ordering::Relaxed);
            polled
        });
        tokio::select! {
            // A result that comes after the cancellation counts no more.
            biased;
            () = self.cancel.cancelled() => Err(Failure::Cancelled),
            () = tokio::time::sleep_until(self.deadline) => {
                Err(Failure::Component(format!("it gave no answer within {} s", self.limits.deadline_secs)))
            }
            result = timed => Ok(result),
        }
    }

    fn used(&self, state: &State, wall: Duration) -> Usage {
        Usage {
            memory_bytes: state.memory.used() as u64,
            table_elements: state.memory.largest_table() as u64,
            compute: Duration::from_nanos(self.computed.load(Ordering::Relaxed)),
            wall,
            http_calls: state.http.calls.used(),
            http_bytes: state.http.bytes.used(),
            log_lines: state.log.lines.used(),
            log_bytes: state.log.bytes.used(),
            // What a call is of one of, and what it gave, is for others to say.
            ..Usage::default()
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

#[cfg(test)]
mod tests {
    use scoresheet_domain::Instant;
    use wasmtime::{Caller, Engine, Linker, Module, Trap};

    use super::*;

    /// An endless loop in which every turn is a tick, so that no clock is needed. Gives how many ticks it got.
    async fn ticks_until_stopped(compute_secs: u32) -> u64 {
        let engine = crate::engine::engine(false).expect("an engine");
        let module = r#"(module (import "host" "tick" (func $tick))
            (func (export "run") (loop $forever (call $tick) (br $forever))))"#;
        let module = Module::new(&engine, wat::parse_str(module).expect("text that parses")).expect("a module");
        let given = Given {
            provider: "test",
            now: Instant::from_millis(0),
            connection: None,
            http_deadline: tokio::time::Instant::now(),
            cancel: CancellationToken::new(),
        };
        let ticks = Arc::new(AtomicU64::new(0));
        let mut linker: Linker<State> = Linker::new(&engine);
        linker
            .func_wrap("host", "tick", {
                let (ticks, engine): (_, Engine) = (Arc::clone(&ticks), engine.clone());
                move |_: Caller<'_, State>| {
                    ticks.fetch_add(1, Ordering::Relaxed);
                    engine.increment_epoch();
                }
            })
            .expect("a function");
        let mut store = Store::new(&engine, State::new(given, &Limits::default()));
        interrupt_after(&mut store, compute_secs);
        let instance = linker.instantiate_async(&mut store, &module).await.expect("an instance");
        let run = instance.get_typed_func::<(), ()>(&mut store, "run").expect("exported");
        let stopped = run.call_async(&mut store, ()).await.expect_err("it never ends by itself");
        assert_eq!(stopped.downcast_ref(), Some(&Trap::Interrupt));
        ticks.load(Ordering::Relaxed)
    }

    #[tokio::test]
    async fn computing_ends_with_the_tick_after_its_time() {
        for compute_secs in [0, 1, 30] {
            let ticks_of_its_own = u64::from(compute_secs) * 1_000 / u64::try_from(TICK.as_millis()).expect("few");
            assert_eq!(ticks_until_stopped(compute_secs).await, ticks_of_its_own + 1);
        }
    }
}
