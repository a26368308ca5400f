//! What an author writes, and how it becomes a component.

use std::marker::PhantomData;

use crate::{
    CheckStep, ClientPage, Cursor, Description, Failure, Figure, Host, Imports, ObservationPage, Outcome, Past, Period,
    Subject, When, Window,
    bindings::exports::accellis::scoresheet::{history, metrics, source},
    history::by_scoring,
};

/// A metric provider. `check`, `clients` and `pull` read the source; `describe`, `score` and `figures` are pure.
///
/// Every call is stateless: all it needs is in its arguments, and the host may make calls in any order and side by
/// side. The meaning of each argument stands in `wit/scoresheet.wit`.
pub trait Provider {
    /// What the provider is and measures.
    fn describe() -> Description;

    /// Tests the connection, step by step: reachable, authorised, each kind of data readable.
    fn check(host: &dyn Host, settings: &str) -> Vec<CheckStep>;

    /// One page of the source's clients; `page` is a cursor that an earlier page gave.
    ///
    /// # Errors
    /// [`Failure`], which the host shows to the operator.
    fn clients(host: &dyn Host, settings: &str, page: Option<&[u8]>) -> Result<ClientPage, Failure>;

    /// One page of the window's observations, of every client or of one source client.
    ///
    /// # Errors
    /// [`Failure`], which the host shows to the operator.
    fn pull(
        host: &dyn Host,
        settings: &str,
        window: Window,
        client: Option<&str>,
        page: Option<&[u8]>,
    ) -> Result<ObservationPage, Failure>;

    /// One outcome a subject, in the same order, each from its own subject alone.
    ///
    /// # Errors
    /// [`Failure`] where no subject can be scored: an unknown metric, wrong settings.
    fn score(metric: &str, settings: &str, window: Window, subjects: &[Subject]) -> Result<Vec<Outcome>, Failure>;

    /// What [`Provider::score`] measures in each of many periods, for trends: all periods of the first subject, then of the
    /// second, and so on; none where it would not measure.
    ///
    /// As it comes it asks `score` period by period, which is right for every provider. One of which sheets of thousands
    /// of clients are made may override it, and leave out what trends do not show: words, and intervals where
    /// [`Period::interval`] is false. It must give the same figures.
    ///
    /// # Errors
    /// [`Failure`] where no subject can be scored, as `score` has it.
    fn figures(
        metric: &str,
        settings: &str,
        periods: &[Period],
        subjects: &[Past],
    ) -> Result<Vec<Option<Figure>>, Failure> {
        by_scoring(periods, subjects, |window, subjects| Self::score(metric, settings, window, subjects))
    }
}

/// Whether the host takes this from a pull of this window: an event inside it, or a state that overlaps it.
#[must_use]
pub fn touches(when: When, window: Window) -> bool {
    match when {
        When::At(at) => window.start <= at && at < window.end,
        When::Since(at) => at < window.end,
        When::During(own) => own.start < window.end && window.start < own.end,
    }
}

/// The failure of a `score` for a metric that the provider does not have.
#[must_use]
pub fn unknown_metric(asked: &str, known: &str) -> Failure {
    Failure::Other(format!("there is no metric '{asked}'; there is '{known}'"))
}

/// A provider in the shape that the generated bindings export. Made by [`export_provider!`](crate::export_provider).
#[derive(Debug)]
pub struct Component<P>(PhantomData<P>);

impl<P: Provider> source::Guest for Component<P> {
    fn check(settings: String) -> Vec<CheckStep> {
        P::check(&Imports, &settings)
    }

    fn clients(settings: String, page: Option<Cursor>) -> Result<ClientPage, Failure> {
        P::clients(&Imports, &settings, page.as_deref())
    }

    fn pull(
        settings: String,
        window: Window,
        client: Option<String>,
        page: Option<Cursor>,
    ) -> Result<ObservationPage, Failure> {
        P::pull(&Imports, &settings, window, client.as_deref(), page.as_deref())
    }
}

impl<P: Provider> metrics::Guest for Component<P> {
    fn describe() -> Description {
        P::describe()
    }

    fn score(
        metric: String,
        settings: String,
        window: Window,
        subjects: Vec<Subject>,
    ) -> Result<Vec<Outcome>, Failure> {
        P::score(&metric, &settings, window, &subjects)
    }
}

impl<P: Provider> history::Guest for Component<P> {
    fn figures(
        asks: Vec<history::Ask>,
        periods: Vec<Period>,
        subjects: Vec<Past>,
    ) -> Vec<Result<Vec<Option<Figure>>, Failure>> {
        asks.iter().map(|ask| P::figures(&ask.metric, &ask.settings, &periods, &subjects)).collect()
    }
}

/// Exports a [`Provider`] as the component's own, once a crate: `export_provider!(CrewHu);`.
///
/// Active only where the target is WebAssembly. Elsewhere the crate stays an ordinary library.
#[macro_export]
macro_rules! export_provider {
    ($provider:ident) => {
        #[cfg(target_arch = "wasm32")]
        mod exported {
            type Exported = $crate::Component<super::$provider>;
            $crate::bindings::export_component!(Exported with_types_in $crate::bindings);
        }
    };
}
