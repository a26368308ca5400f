//! The connection test: the steps of the dialect, one after the other, and what can be done about those that fail.

mod guide;
mod open;
mod words;

use scoresheet_sdk::{CheckStep, Failure, Host};

use self::words::explain;
use crate::{
    METRIC,
    settings::{Dialect, ProviderSettings},
};

/// One thing to test.
trait Step {
    /// What it is about: where the guide asks for a permission, its name.
    fn title(&self) -> &'static str;

    /// What was seen.
    fn run(&self) -> Result<String, Failure>;

    /// What to do about a failure; may ask the source once more to find that out.
    fn advice(&self, failure: &Failure) -> Advice;

    /// Whether the metric cannot be measured with this outcome, unless it is a success.
    fn is_needed(&self, _: &Result<(), Failure>) -> bool {
        true
    }
}

/// What the operator can do, and whether the other steps can tell anything more.
struct Advice {
    remedy: String,
    is_final: bool,
}

impl Advice {
    fn to_go_on(remedy: String) -> Self {
        Self { remedy, is_final: false }
    }

    fn to_stop(remedy: String) -> Self {
        Self { remedy, is_final: true }
    }
}

/// Tests the connection. If one step shows that the others are pointless, they are reported as not tried.
pub(crate) fn check(host: &dyn Host, settings: &ProviderSettings) -> Vec<CheckStep> {
    match settings.dialect() {
        Dialect::Guide { company_id } => run(guide::steps(host, company_id)),
        Dialect::Open(_) => run(open::steps(host)),
    }
}

fn run(steps: Vec<Box<dyn Step + '_>>) -> Vec<CheckStep> {
    let mut stopped: Option<Failure> = None;
    let mut done = Vec::with_capacity(steps.len());
    for step in steps {
        let (detail, outcome, remedy) = match &stopped {
            Some(failure) => (format!("not tried: {}", explain(failure)), Err(failure.clone()), None),
            None => match step.run() {
                Ok(detail) => (detail, Ok(()), None),
                Err(failure) => {
                    let advice = step.advice(&failure);
                    if advice.is_final || is_final(&failure) {
                        stopped = Some(failure.clone());
                    }
                    (explain(&failure), Err(failure), Some(advice.remedy))
                }
            },
        };
        let costs = if step.is_needed(&outcome) { vec![METRIC.to_owned()] } else { Vec::new() };
        done.push(CheckStep { title: step.title().to_owned(), detail, outcome, remedy, costs });
    }
    done
}

/// Whether further requests would only be a nuisance: the key is refused, the source asks for patience, or the host
/// gave up.
fn is_final(failure: &Failure) -> bool {
    matches!(failure, Failure::Unauthorized(_) | Failure::RateLimited(_) | Failure::Cancelled)
}

#[cfg(test)]
mod tests;
