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

use scoresheet_domain::{Cursor, Failure, MetricId, Period, SourceId, Subject};
use scoresheet_engine::{Ask, Provider};
use scoresheet_gateway::Outbound;
use scoresheet_runtime::{ComponentProvider, Limits, Runtime};

use crate::common::{Guest, image, run, window};

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
    /// When a page is pulled.
    Pull(Vec<u8>),
    /// When the one client "c2" is pulled.
    PullOne(Vec<u8>),
    /// When it scores that metric.
    Score(&'static str, Vec<u8>),
    /// When it gives figures of the past.
    Figures(Vec<u8>),
}

impl Attack {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Load(bytes)
            | Self::Pull(bytes)
            | Self::PullOne(bytes)
            | Self::Score(_, bytes)
            | Self::Figures(bytes) => bytes,
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

    /// The same, where only the client "c2" is asked for.
    pub(crate) fn pull_one(says: &'static str, change: impl FnOnce(&mut Guest) -> String) -> Self {
        Self::new(Attack::PullOne(pulling(change)), says)
    }

    /// A body of `score`, asked for a metric.
    pub(crate) fn score(metric: &'static str, says: &'static str, change: impl FnOnce(&mut Guest) -> String) -> Self {
        let mut guest = Guest::new();
        guest.score = change(&mut guest);
        Self::new(Attack::Score(metric, guest.build()), says)
    }

    /// A body of `figures`, asked about two periods of one subject.
    pub(crate) fn figures(says: &'static str, change: impl FnOnce(&mut Guest) -> String) -> Self {
        let mut guest = Guest::new();
        guest.figures = Some(change(&mut guest));
        Self::new(Attack::Figures(guest.build()), says)
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
    provider: Option<ComponentProvider>,
}

impl Ready {
    pub(crate) async fn new(runtime: &Runtime, case: Case) -> Self {
        let provider = match &case.attack {
            Attack::Load(_) => None,
            attack => {
                let component = runtime.load(attack.bytes().to_vec()).await.expect("it looks harmless");
                Some(component.instance(case.connection.clone(), case.limits))
            }
        };
        Self { case, provider }
    }

    /// Lets it do its worst, and holds what comes of it against what must.
    pub(crate) async fn meet(&self, runtime: &Runtime) {
        let began = Clock::now();
        let said = match (&self.case.attack, &self.provider) {
            (Attack::Load(bytes), _) => {
                runtime.load(bytes.clone()).await.map(|_| ()).map_err(|error| error.to_string())
            }
            (Attack::Score(metric, _), Some(provider)) => {
                let metric = MetricId::new(*metric).expect("an id");
                told(provider.score(&run(), &metric, "{}", window(), vec![Subject::default()]).await)
            }
            (Attack::Figures(_), Some(provider)) => {
                let ask = Ask { metric: MetricId::new("volume").expect("an id"), settings: "{}".to_owned() };
                let periods = [Period { window: window(), interval: true }; 2];
                let mut answers = provider.figures(&run(), &[ask], &periods, vec![Subject::default()]).await;
                told(answers.remove(0))
            }
            (Attack::PullOne(_), Some(provider)) => {
                let client = SourceId::new("c2").expect("an id");
                told(provider.pull(&run(), "{}", window(), Some(&client), None).await)
            }
            (_, Some(provider)) => told(provider.pull(&run(), "{}", window(), None, Some(&Cursor(vec![1]))).await),
            (_, None) => panic!("it was not made ready"),
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
    runtime.load(bytes).await.expect("it loads").instance(None, Limits::default())
}

/// Runs the component that means well.
pub(crate) async fn all_is_well(neighbour: &ComponentProvider) {
    let page = neighbour.pull(&run(), "{}", window(), None, None).await.expect("the next provider still runs");
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
    foreign_client,
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
    wrong_past,
}
