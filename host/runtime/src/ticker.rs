//! The clock by which running components are interrupted.
//!
//! Compiled code compares the engine's epoch with its deadline at every loop and call. A
//! thread moves the epoch on every [`TICK`], but only while a call is under way: an idle
//! process is not woken.

use std::{
    io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use wasmtime::{Engine, EngineWeak};

/// How often a running component is looked at.
pub(crate) const TICK: Duration = Duration::from_millis(10);

/// Moves an engine's epoch on while calls are under way; ends its thread when dropped.
pub(crate) struct Ticker {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    /// Starts the thread.
    pub(crate) fn start(engine: &Engine) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let thread = thread::Builder::new().name("scoresheet-epoch".to_owned()).spawn({
            let (shared, engine) = (Arc::clone(&shared), engine.weak());
            move || shared.run(&engine)
        })?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Keeps the clock running until the guard is dropped.
    pub(crate) fn running(&self) -> Running {
        self.shared.change(|state| state.running += 1);
        Running(Arc::clone(&self.shared))
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.change(|state| state.ended = true);
        if let Some(thread) = self.thread.take() {
            // It ends at once; a panic of it has nothing to tell here.
            let _ = thread.join();
        }
    }
}

/// A call that is under way.
pub(crate) struct Running(Arc<Shared>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.change(|state| state.running -= 1);
    }
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    running: usize,
    ended: bool,
    /// Whether the thread sleeps until it is told of a call.
    idle: bool,
}

impl Shared {
    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        change(&mut state);
        // In the middle of a tick the thread sees for itself; to wake it there would cost each call more than the rest.
        let wakes = state.ended || (state.idle && state.running > 0);
        drop(state);
        if wakes {
            self.changed.notify_all();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while holding the lock, and a count is right whatever happened.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, engine: &EngineWeak) {
        let mut state = self.lock();
        while !state.ended {
            if state.running == 0 {
                state.idle = true;
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                state.idle = false;
                continue;
            }
            // A call that begins or ends meanwhile does not shorten the tick.
            (state, _) = self
                .changed
                .wait_timeout_while(state, TICK, |state| !state.ended)
                .unwrap_or_else(PoisonError::into_inner);
            let Some(engine) = engine.upgrade() else { return };
            engine.increment_epoch();
        }
    }
}

#[cfg(test)]
mod tests {
    use wasmtime::{Config, Module, Store, Trap};

    use super::*;

    fn engine() -> Engine {
        Engine::new(Config::new().epoch_interruption(true)).expect("an engine")
    }

    /// Whether an endless loop is interrupted.
    fn interrupts(engine: &Engine) -> bool {
        let module = wat::parse_str(r#"(module (func (export "run") (loop $l (br $l))))"#).expect("text that parses");
        let module = Module::new(engine, module).expect("a module");
        let mut store = Store::new(engine, ());
        store.set_epoch_deadline(2);
        let instance = wasmtime::Instance::new(&mut store, &module, &[]).expect("an instance");
        let run = instance.get_typed_func::<(), ()>(&mut store, "run").expect("exported");
        run.call(&mut store, ()).expect_err("it never ends by itself").downcast_ref() == Some(&Trap::Interrupt)
    }

    #[test]
    fn ticks_while_a_call_is_under_way_and_again_for_the_next() {
        let engine = engine();
        let ticker = Ticker::start(&engine).expect("a thread");
        for _ in 0..2 {
            let running = ticker.running();
            assert!(interrupts(&engine));
            drop(running);
        }
        assert_eq!(ticker.shared.lock().running, 0);
    }

    #[tokio::test]
    async fn a_call_wakes_the_thread_that_sleeps() {
        let engine = engine();
        let ticker = Ticker::start(&engine).expect("a thread");
        let becomes = async |idle: bool| {
            let change = async {
                while ticker.shared.lock().idle != idle {
                    tokio::time::sleep(TICK).await;
                }
            };
            tokio::time::timeout(Duration::from_secs(10), change).await
        };
        for _ in 0..2 {
            becomes(true).await.expect("without a call the thread sleeps");
            let _running = ticker.running();
            becomes(false).await.expect("a call wakes it");
            assert!(interrupts(&engine));
        }
    }

    #[test]
    fn its_thread_ends_with_it() {
        let engine = engine();
        let ticker = Ticker::start(&engine).expect("a thread");
        let (shared, running) = (Arc::downgrade(&ticker.shared), ticker.running());
        // Dropping waits for the thread, also in the middle of a tick.
        drop(ticker);
        drop(running);
        assert!(shared.upgrade().is_none(), "the thread holds nothing any more");
    }
}
