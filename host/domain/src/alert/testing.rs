//! Small sheets and rules for the tests beside this.

use super::{Alert, AlertId, Condition, Filter, Finding, Rule, Step};
use crate::{
    id::{ClientId, MetricId, ProviderName, RuleId},
    problem::{Problem, ProblemKind},
    remedy::Remedy,
    review::Review,
    sheet::{Band, CellWindow, ClientRow, Engagement, MetricCell, OutcomeKind, SCHEMA, Scoresheet},
    time::Instant,
    trend::{Direction, Trend},
};

pub(super) fn provider() -> ProviderName {
    ProviderName::new("crewhu").expect("a name")
}

pub(super) fn rule(id: &str, condition: Condition) -> Rule {
    let channels = vec![crate::id::ChannelName::new("ops").expect("a name")];
    Rule { id: RuleId::new(id).expect("an id"), condition, filter: Filter::default(), channels }
}

/// A cell of `crewhu`; without a score where there is none.
pub(super) fn cell(id: &str, score: Option<f64>) -> MetricCell {
    let window = CellWindow { from: Instant::from_millis(0), until: Instant::from_millis(1) };
    MetricCell {
        provider: Some(provider()),
        outcome: if score.is_some() { OutcomeKind::Measured } else { OutcomeKind::NoData },
        score,
        value: score,
        samples: 9,
        ..MetricCell::unscored(MetricId::new(id).expect("an id"), id.to_uppercase(), 1.0, window)
    }
}

pub(super) fn trend(direction: Direction, previous: f64, change: f64) -> Trend {
    Trend { direction, previous: Some(previous), change: Some(change), basis: "a basis".into(), months: Vec::new() }
}

/// A client whose engagement score is the mean of its scores.
pub(super) fn row(id: &str, metrics: Vec<MetricCell>) -> ClientRow {
    let scores: Vec<f64> = metrics.iter().filter_map(|cell| cell.score).collect();
    let score = (!scores.is_empty()).then(|| scores.iter().sum::<f64>() / scores.len() as f64);
    ClientRow {
        id: ClientId::new(id).expect("an id"),
        name: format!("{id}, Inc."),
        kind: None,
        engagement: Engagement { score, band: score.map(|_| Band::Watch), coverage: 1.0 },
        metrics,
        groups: Vec::new(),
        benchmark: None,
        target: None,
    }
}

pub(super) fn sheet(clients: Vec<ClientRow>, problems: Vec<Problem>) -> Scoresheet {
    Scoresheet {
        schema: SCHEMA,
        id: String::new(),
        sheet: "Sheet".into(),
        as_of: Instant::from_millis(0),
        stub: false,
        clients,
        problems,
        review: Review::default(),
    }
}

pub(super) fn problem(kind: ProblemKind, client: Option<&str>) -> Problem {
    Problem {
        kind,
        provider: Some(provider()),
        client: client.map(|id| ClientId::new(id).expect("an id")),
        message: format!("it is {}", kind.as_str()),
        remedy: Remedy::SetClock,
    }
}

/// What a store would do with a step.
pub(super) fn apply(open: &mut Vec<Alert>, step: &Step, next: &mut i64) {
    open.retain(|alert| step.resolve.iter().all(|(id, _)| *id != alert.id));
    for finding in &step.fire {
        *next += 1;
        open.push(fired(*next, finding));
    }
}

fn fired(id: i64, finding: &Finding) -> Alert {
    Alert {
        id: AlertId(id),
        rule: finding.rule.clone(),
        kind: finding.kind,
        key: finding.key.clone(),
        target: finding.target.clone(),
        message: finding.message.clone(),
        fired: Instant::from_millis(id),
        resolved: None,
        acknowledged: None,
    }
}
