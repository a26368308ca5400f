//! Components that mean harm, one small file for each way. Every case is met alike: it ends in time and with the words
//! that say why, this process lives, and a well-behaved component on the same runtime runs right after.
//!
//! What is wrong with a component before it runs (another version, missing exports, cut or damaged bytes) is in `load`
//! and `damaged`; what a call may see is in `sandbox`, where its requests may go is the gateway's.

mod endless_runs;

use std::{
    sync::Arc,
    time::{Duration, Instant as Clock},
};

use scoresheet_domain::{Cursor, Failure, MetricId};
use scoresheet_engine::{Provider, ScoreRequest};
use scoresheet_gateway::Outbound;
use scoresheet_runtime::{Component, ComponentProvider, Limits, Runtime};
use serde_json::json;

use crate::common::{Guest, configure, image, run, score_request, window};

/// How long anything may take beyond its own deadline. The clock that interrupts has ticks of 10 ms, and two of them
/// would do; the rest is for a machine that does other things too. That no tick is lost is tried in `guest`, against
/// ticks instead of a clock.
const SLACK: Duration = Duration::from_secs(15);

/// One hostile component, and what must come of it.
pub(crate) struct Case {
    attack: Attack,
    limits: Limits,
    connection: Option<Arc<dyn Outbound>>,
    /// What the failure says.
    says: &'static str,
}

/// Where it does harm.
enum Attack {
    /// As it is loaded.
    Load(Vec<u8>),
    /// When it is configured.
    Configure(Vec<u8>),
    /// When a page of the first of its two kinds is pulled.
    Pull(Vec<u8>),
    /// When it scores that metric.
    Score(&'static str, Vec<u8>),
}

impl Attack {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Load(bytes) | Self::Configure(bytes) | Self::Pull(bytes) | Self::Score(_, bytes) => bytes,
        }
    }
}

impl Case {
    fn new(attack: Attack, says: &'static str) -> Self {
        let limits = Limits { compute_secs: 5, deadline_secs: 20, ..Limits::default() };
        Self { attack, limits, connection: None, says }
    }

    /// Bytes that must not load.
    pub(crate) fn load(bytes: Vec<u8>, says: &'static str) -> Self {
        Self::new(Attack::Load(bytes), says)
    }

    /// A body of `pull`, after the guest was changed to fit it.
    pub(crate) fn pull(says: &'static str, change: impl FnOnce(&mut Guest) -> String) -> Self {
        Self::new(Attack::Pull(pulling(change)), says)
    }

    /// A body of `describe`.
    pub(crate) fn describe(says: &'static str, change: impl FnOnce(&mut Guest) -> String) -> Self {
        let mut guest = Guest::new();
        guest.describe = change(&mut guest);
        Self::new(Attack::Configure(guest.build()), says)
    }

    /// A body of `score`, asked for a metric.
    pub(crate) fn score(metric: &'static str, says: &'static str, change: impl FnOnce(&mut Guest) -> String) -> Self {
        let mut guest = Guest::new();
        guest.score = change(&mut guest);
        Self::new(Attack::Score(metric, guest.build()), says)
    }

    /// With no time to compute: it is up with the clock's next tick.
    pub(crate) fn at_once(self) -> Self {
        self.with(|limits| limits.compute_secs = 0)
    }

    /// With other limits.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Limits)) -> Self {
        change(&mut self.limits);
        self
    }

    /// A way out.
    pub(crate) fn connected(mut self, connection: Arc<dyn Outbound>) -> Self {
        self.connection = Some(connection);
        self
    }

    fn allowed(&self) -> Duration {
        Duration::from_secs(u64::from(self.limits.deadline_secs.min(self.limits.compute_secs))) + SLACK
    }

    /// Whether it can be met ten thousand times: not where it is mostly bytes.
    fn is_small(&self) -> bool {
        self.attack.bytes().len() < 1 << 20
    }
}

fn pulling(change: impl FnOnce(&mut Guest) -> String) -> Vec<u8> {
    let mut guest = Guest::new();
    guest.pull = change(&mut guest);
    guest.build()
}

/// A case that is ready to be met, as often as one likes.
pub(crate) struct Ready {
    case: Case,
    stage: Stage,
}

/// How far it gets without doing harm.
enum Stage {
    Bytes,
    Loaded(Component),
    Configured(ComponentProvider),
}

impl Ready {
    pub(crate) async fn new(runtime: &Runtime, case: Case) -> Self {
        let stage = match &case.attack {
            Attack::Load(_) => Stage::Bytes,
            attack => {
                let component = runtime.load(attack.bytes().to_vec()).await.expect("it looks harmless");
                if let Attack::Configure(_) = attack {
                    Stage::Loaded(component)
                } else {
                    let configured = configure(&component).await;
                    Stage::Configured(configured.instance(case.connection.clone(), case.limits))
                }
            }
        };
        Self { case, stage }
    }

    /// Lets it do its worst, and holds what comes of it against what must.
    pub(crate) async fn meet(&self, runtime: &Runtime) {
        let began = Clock::now();
        let said = match (&self.case.attack, &self.stage) {
            (attack, Stage::Bytes) => {
                runtime.load(attack.bytes().to_vec()).await.map(|_| ()).map_err(|error| error.to_string())
            }
            (_, Stage::Loaded(component)) => {
                component.configure(&json!({})).await.map(|_| ()).map_err(|error| error.to_string())
            }
            (Attack::Score(metric, _), Stage::Configured(provider)) => {
                let metric = MetricId::new(*metric).expect("an id");
                told(provider.score(&run(), ScoreRequest { metric, ..score_request(1) }).await)
            }
            (_, Stage::Configured(provider)) => {
                told(provider.pull(&run(), &[0], window(), Some(&Cursor(vec![1]))).await)
            }
        };
        let took = began.elapsed();
        let said = said.expect_err(self.case.says);
        assert!(said.contains(self.case.says), "{said}\nshould say\n{}", self.case.says);
        assert!(said.chars().count() < 1_000, "{said}");
        assert!(took < self.case.allowed(), "{said}: it took {took:?}");
    }
}

fn told<T>(result: Result<T, Failure>) -> Result<(), String> {
    result.map(|_| ()).map_err(|failure| failure.to_string())
}

/// A runtime on which a component has as little time to describe itself as the cases have.
pub(crate) fn runtime() -> Runtime {
    let mut options = crate::common::options();
    options.describe_limits = Limits { compute_secs: 1, deadline_secs: 20, ..Limits::default() };
    Runtime::new(options).expect("a runtime")
}

/// A component that means well.
pub(crate) async fn neighbour(runtime: &Runtime) -> ComponentProvider {
    let bytes = pulling(|guest| format!("i32.const {}", image::page(&mut guest.image, 5, 4.0)));
    configure(&runtime.load(bytes).await.expect("it loads")).await.instance(None, Limits::default())
}

/// Runs the component that means well.
pub(crate) async fn all_is_well(neighbour: &ComponentProvider) {
    let page = neighbour.pull(&run(), &[0], window(), None).await.expect("the next provider still runs");
    assert_eq!(page.items.len(), 1);
}

async fn check(cases: Vec<Case>) {
    let runtime = runtime();
    let neighbour = neighbour(&runtime).await;
    assert!(!cases.is_empty());
    for case in cases {
        Ready::new(&runtime, case).await.meet(&runtime).await;
        all_is_well(&neighbour).await;
    }
}

/// Names the files of cases, each with a function `cases`: a test for each, and all of them together.
macro_rules! cases {
    ($($name:ident,)*) => {
        $(mod $name;)*

        $(#[tokio::test]
        async fn $name() {
            check($name::cases()).await;
        })*

        /// Every case there is.
        pub(crate) fn all() -> Vec<Case> {
            let mut all = Vec::new();
            $(all.extend($name::cases());)*
            all
        }
    };
}

cases! {
    compile_bomb,
    conflicting_duplicates,
    endless_loop,
    four_gibibytes,
    foreign_metric,
    forbidden_requests,
    handles,
    http_flood,
    hundred_megabytes,
    long_answers,
    log_flood,
    memory_bomb,
    no_utf8,
    not_a_number,
    outside_the_scale,
    pointers,
    recursion,
    sleeping,
    start_function,
    stderr_flood,
    table_bomb,
    traps,
    undescribed,
    wrong_description,
}
