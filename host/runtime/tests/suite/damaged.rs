//! Components of which bytes were cut off, changed or put in: refused, or loaded and harmless. Never more than that.

use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use scoresheet_bundle::components;
use scoresheet_engine::Provider;
use scoresheet_runtime::{Limits, LoadError, Runtime};

use crate::common::{Guest, options, run, window};
use serde_json::json;

/// What happens to the bytes.
#[derive(Clone, Debug)]
enum Harm {
    Cut(usize),
    Flip(Vec<(usize, u8)>),
    Insert(usize, Vec<u8>),
    Repeat(usize, usize),
}

impl Harm {
    fn strategy(len: usize) -> impl Strategy<Value = Self> {
        let at = 0..len;
        prop_oneof![
            at.clone().prop_map(Self::Cut),
            prop::collection::vec((at.clone(), 1..=u8::MAX), 1..8).prop_map(Self::Flip),
            (at.clone(), prop::collection::vec(any::<u8>(), 1..64)).prop_map(|(at, bytes)| Self::Insert(at, bytes)),
            (at, 1..4096_usize).prop_map(|(at, len)| Self::Repeat(at, len)),
        ]
    }

    fn done_to(self, whole: &[u8]) -> Vec<u8> {
        let mut bytes = whole.to_vec();
        match self {
            Self::Cut(len) => bytes.truncate(len),
            Self::Flip(flips) => flips.into_iter().for_each(|(at, bits)| bytes[at] ^= bits),
            Self::Insert(at, more) => drop(bytes.splice(at..at, more)),
            Self::Repeat(at, len) => {
                let again = bytes[at..(at + len).min(whole.len())].to_vec();
                drop(bytes.splice(at..at, again));
            }
        }
        bytes
    }
}

/// Loads what is left of a component, and calls it where it loads all the same.
fn survive(cases: u32, whole: &[u8]) {
    let tokio = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let runtime = tokio.block_on(async { Runtime::new(options()).expect("a runtime") });
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&Harm::strategy(whole.len()), |harm| {
        tokio.block_on(async {
            match runtime.load(harm.done_to(whole)).await {
                Ok(component) => {
                    let limits = Limits { compute_secs: 1, deadline_secs: 20, ..Limits::default() };
                    // Whatever it gives was checked; that it gives something, or fails, is enough here.
                    if let Ok(configured) = component.configure(&json!({})).await {
                        let _ = configured.instance(None, limits).pull(&run(), &[0], window(), None).await;
                    }
                    Ok(())
                }
                // A panic while it is loaded is told as this.
                Err(LoadError::Host(why)) => Err(TestCaseError::fail(why)),
                Err(_) => Ok(()),
            }
        })
    });
    outcome.expect("no harm is done");
    tokio.block_on(runtime.load(whole.to_vec())).expect("the whole one loads, after all that");
}

#[test]
fn a_small_component_may_be_harmed_in_any_way() {
    let mut guest = Guest::new();
    guest.check = "i32.const 64".into();
    survive(300, &guest.build());
}

#[test]
fn a_real_component_may_be_harmed_in_any_way() {
    let bundled = components().iter().min_by_key(|bundled| bundled.bytes.len()).expect("bundled");
    survive(40, bundled.bytes);
}
