//! What a component says went wrong.

use scoresheet_domain::{CheckStep, Failure, MetricDescription, SettingsProblem};

use super::{At, Broken, Checked, at_most};
use crate::{bindings::accellis::scoresheet::types as wit, state::GaveUp, text};

/// The most characters of a message.
const MAX_MESSAGE: usize = 500;
const MAX_TITLE: usize = 200;
const MAX_STEPS: usize = 100;
const MAX_PROBLEMS: usize = 100;

/// A component's failure. `gave_up` is what stands behind a bare `cancelled`.
pub(crate) fn failure(failure: wit::Failure, gave_up: Option<&GaveUp>) -> Failure {
    match failure {
        wit::Failure::Settings(problems) => settings(problems),
        wit::Failure::Unauthorized(message) => Failure::Unauthorized(said(&message)),
        wit::Failure::Forbidden(message) => Failure::Forbidden(said(&message)),
        wit::Failure::NotFound(message) => Failure::NotFound(said(&message)),
        wit::Failure::RateLimited(millis) => Failure::RateLimited(millis),
        wit::Failure::Unavailable(message) => Failure::Unavailable(said(&message)),
        wit::Failure::InvalidResponse(message) => Failure::InvalidResponse(said(&message)),
        wit::Failure::Cancelled => cancelled(gave_up),
        wit::Failure::Other(message) => Failure::Other(said(&message)),
    }
}

/// Whose fault it was that the host gave up.
fn cancelled(gave_up: Option<&GaveUp>) -> Failure {
    match gave_up {
        Some(GaveUp::Cancelled) => Failure::Cancelled,
        Some(GaveUp::Deadline) => Failure::Unavailable("the source gave no complete answer in time".to_owned()),
        Some(GaveUp::Connection(why)) => Failure::Unavailable(line(why)),
        Some(GaveUp::Budget(why)) => Failure::Component(line(why)),
        None => Failure::Component("it says it was cancelled, and nobody cancelled it".to_owned()),
    }
}

fn settings(problems: Vec<wit::Problem>) -> Failure {
    let mut problems: Vec<SettingsProblem> = problems
        .into_iter()
        .take(MAX_PROBLEMS)
        .map(|problem| SettingsProblem { pointer: line(&problem.pointer), message: said(&problem.message) })
        .collect();
    if problems.is_empty() {
        let message = "the provider does not say which".to_owned();
        problems.push(SettingsProblem { pointer: String::new(), message });
    }
    Failure::Settings(problems)
}

/// The steps of a connection test.
pub(crate) fn check_steps(
    steps: Vec<wit::CheckStep>,
    metrics: &[MetricDescription],
    gave_up: Option<&GaveUp>,
) -> Checked<Vec<CheckStep>> {
    at_most("steps", steps.len(), MAX_STEPS)?;
    let step = |(index, step)| check_step(At { list: "steps", index }, step, metrics, gave_up);
    steps.into_iter().enumerate().map(step).collect()
}

fn check_step(
    at: At<'_>,
    step: wit::CheckStep,
    metrics: &[MetricDescription],
    gave_up: Option<&GaveUp>,
) -> Checked<CheckStep> {
    let known = |id: String| match metrics.iter().find(|metric| metric.id.as_str() == id) {
        Some(metric) => Ok(metric.id.clone()),
        None => Err(Broken::text(at.field("costs"), &id, "it must be a metric of the description")),
    };
    let title = text::line(&step.title, MAX_TITLE);
    if title.is_empty() {
        return Err(Broken::text(at.field("title"), &step.title, "it must say what was tried"));
    }
    Ok(CheckStep {
        title,
        detail: line(&step.detail),
        outcome: step.outcome.map_err(|error| failure(error, gave_up)),
        remedy: step.remedy.map(|remedy| line(&remedy)).filter(|remedy| !remedy.is_empty()),
        costs: step.costs.into_iter().map(known).collect::<Checked<_>>()?,
    })
}

fn line(message: &str) -> String {
    text::line(message, MAX_MESSAGE)
}

/// A message is there to say something.
fn said(message: &str) -> String {
    let message = line(message);
    if message.is_empty() { "the provider does not say why".to_owned() } else { message }
}

#[cfg(test)]
mod tests {
    use scoresheet_domain::MetricId;

    use super::*;

    #[test]
    fn every_variant_keeps_its_meaning_and_loses_what_acts() {
        let said = || "no\n\u{1b}[31mway".to_owned();
        for (given, expected) in [
            (wit::Failure::Unauthorized(said()), Failure::Unauthorized("no way".into())),
            (wit::Failure::Forbidden(said()), Failure::Forbidden("no way".into())),
            (wit::Failure::NotFound(said()), Failure::NotFound("no way".into())),
            (wit::Failure::RateLimited(Some(7)), Failure::RateLimited(Some(7))),
            (wit::Failure::Unavailable(said()), Failure::Unavailable("no way".into())),
            (wit::Failure::InvalidResponse(said()), Failure::InvalidResponse("no way".into())),
            (wit::Failure::Other("x".repeat(600)), Failure::Other(format!("{}…", "x".repeat(499)))),
        ] {
            assert_eq!(failure(given, None), expected);
        }
        let silent = failure(wit::Failure::Other("\u{0}".into()), None);
        assert_eq!(silent, Failure::Other("the provider does not say why".into()));
    }

    #[test]
    fn problems_of_settings_keep_their_pointers() {
        let problem = wit::Problem { pointer: "/api".into(), message: "no such\ndialect".into() };
        let expected = SettingsProblem { pointer: "/api".into(), message: "no such dialect".into() };
        assert_eq!(failure(wit::Failure::Settings(vec![problem]), None), Failure::Settings(vec![expected]));
        let silent = failure(wit::Failure::Settings(Vec::new()), None);
        assert_eq!(silent.to_string(), "the settings are wrong: the provider does not say which");
    }

    #[test]
    fn a_bare_cancelled_is_told_by_what_the_host_did() {
        let told = |gave_up: Option<GaveUp>| failure(wit::Failure::Cancelled, gave_up.as_ref());
        assert_eq!(told(Some(GaveUp::Cancelled)), Failure::Cancelled);
        assert!(matches!(told(Some(GaveUp::Deadline)), Failure::Unavailable(_)));
        assert!(matches!(told(Some(GaveUp::Connection("rate".into()))), Failure::Unavailable(_)));
        assert!(matches!(told(Some(GaveUp::Budget("too many".into()))), Failure::Component(_)));
        assert!(matches!(told(None), Failure::Component(_)));
    }

    #[test]
    fn a_step_says_what_was_tried() {
        let step = |title: &str| wit::CheckStep {
            title: title.into(),
            detail: "412\tclients".into(),
            outcome: Err(wit::Failure::Forbidden("no".into())),
            remedy: Some(" ".into()),
            costs: vec!["satisfaction".into()],
        };
        let metrics = [MetricDescription {
            id: MetricId::new("satisfaction").expect("an id"),
            title: String::new(),
            unit: String::new(),
            kinds: Vec::new(),
            settings_schema: serde_json::json!({}),
        }];
        let check_steps = |steps, gave_up| super::check_steps(steps, &metrics, gave_up);
        let steps = check_steps(vec![step("Clients")], None).expect("a step");
        assert_eq!(steps[0].costs, [metrics[0].id.clone()]);
        let other = wit::CheckStep { costs: vec!["other".into()], ..step("Clients") };
        let message = check_steps(vec![other], None).expect_err("unknown").to_string();
        assert_eq!(message, "steps[0].costs is 'other': it must be a metric of the description");
        assert_eq!(steps[0].detail, "412 clients");
        assert_eq!(steps[0].outcome, Err(Failure::Forbidden("no".into())));
        assert_eq!(steps[0].remedy, None);
        let untitled = check_steps(vec![step("Clients"), step("\u{0}")], None).expect_err("no title");
        assert_eq!(untitled.to_string(), r"steps[1].title is '\0': it must say what was tried");
        assert!(check_steps(vec![step("x"); 101], None).is_err());
    }
}
