//! The connection test: the steps of the dialect, one after the other, and what can be done about those that fail.

mod guide;
mod open;
mod words;

use scoresheet_sdk::{CheckStep, Failure, Host};

use self::words::explain;
use crate::settings::{Api, ProviderSettings};

/// One thing to test.
trait Step {
    /// What it is about: where the guide asks for a permission, its name.
    fn title(&self) -> &'static str;

    /// What was seen.
    fn run(&self) -> Result<String, Failure>;

    /// What to do about a failure; may ask the source once more to find that out.
    fn advice(&self, failure: &Failure) -> Advice;
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

/// Tests the connection. Where one step shows that the others are pointless, they are reported as not tried.
pub(crate) fn check(host: &dyn Host, settings: &str) -> Vec<CheckStep> {
    let settings = match ProviderSettings::parse(settings) {
        Ok(settings) => settings,
        Err(failure) => {
            return vec![CheckStep {
                title: "Settings".to_owned(),
                detail: explain(&failure),
                outcome: Err(failure),
                remedy: Some("correct these settings of the provider".to_owned()),
            }];
        }
    };
    match &settings.api {
        Api::Guide { company_id } => walk(guide::steps(host, company_id)),
        Api::Open(_) => walk(open::steps(host)),
    }
}

fn walk(steps: Vec<Box<dyn Step + '_>>) -> Vec<CheckStep> {
    let mut stopped: Option<Failure> = None;
    let mut walked = Vec::with_capacity(steps.len());
    for step in steps {
        let title = step.title().to_owned();
        walked.push(match &stopped {
            Some(failure) => CheckStep {
                title,
                detail: format!("not tried: {}", explain(failure)),
                outcome: Err(failure.clone()),
                remedy: None,
            },
            None => match step.run() {
                Ok(detail) => CheckStep { title, detail, outcome: Ok(()), remedy: None },
                Err(failure) => {
                    let advice = step.advice(&failure);
                    if advice.is_final || is_final(&failure) {
                        stopped = Some(failure.clone());
                    }
                    let remedy = Some(advice.remedy);
                    CheckStep { title, detail: explain(&failure), outcome: Err(failure), remedy }
                }
            },
        });
    }
    walked
}

/// Whether further requests would only be a nuisance: the key is refused, the source asks for patience, or the host
/// gave up.
fn is_final(failure: &Failure) -> bool {
    matches!(failure, Failure::Unauthorized(_) | Failure::RateLimited(_) | Failure::Cancelled)
}

#[cfg(test)]
mod tests;
