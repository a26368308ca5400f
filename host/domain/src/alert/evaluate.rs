//! Rules held against a sheet: what each finds, and how what an open alert tells of stands now.

use std::collections::BTreeMap;

use super::{
    Alert, AlertKind, Condition, Filter, Finding, FloorOf, Rule, Target, cells,
    providers::{self, Providers},
    words::one_line,
};
use crate::{
    id::ProviderName,
    sheet::{ClientRow, MetricCell, Scoresheet},
};

/// How what a rule looks for stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// It is so, in these words.
    Fires(String),
    /// It is not so, in these words.
    Clear(String),
    /// Nothing says.
    Untold,
}

/// What is asked of a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Whether it fires. Most of a large sheet does not, so no words are made for that.
    IsItSo,
    /// How it stands, in words.
    HowItStands,
}

impl Asked {
    /// That it is not so.
    pub(super) fn clear(self, words: impl FnOnce() -> String) -> Reading {
        Reading::Clear(if self == Self::HowItStands { words() } else { String::new() })
    }
}

/// What rules find on a sheet.
pub struct Evaluation<'a> {
    rules: &'a [Rule],
    sheet: &'a Scoresheet,
    providers: Providers<'a>,
    rows: BTreeMap<&'a str, &'a ClientRow>,
    /// In the order of the rules, then of what they are about, each key once.
    findings: Vec<Finding>,
}

/// Holds rules against a sheet, which must be of every client: who is not on it counts as gone.
#[must_use]
pub fn evaluate<'a>(rules: &'a [Rule], sheet: &'a Scoresheet) -> Evaluation<'a> {
    let rows = sheet.clients.iter().map(|row| (row.id.as_str(), row)).collect();
    let mut evaluation = Evaluation { rules, sheet, providers: Providers::of(sheet), rows, findings: Vec::new() };
    for rule in rules {
        let mut found: Vec<Finding> = evaluation.found(rule);
        found.sort_by(|a, b| a.key.cmp(&b.key));
        found.dedup_by(|a, b| a.key == b.key);
        evaluation.findings.append(&mut found);
    }
    evaluation
}

impl<'a> Evaluation<'a> {
    /// What the rules find, in their order, then in that of what it is about; each thing once.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    fn found(&self, rule: &'a Rule) -> Vec<Finding> {
        let mut found = Vec::new();
        let mut take = |target: &dyn Fn() -> Target, reading: Reading| {
            if let Reading::Fires(message) = reading {
                let target = target();
                found.push(Finding {
                    rule: rule.id.clone(),
                    kind: rule.condition.kind(),
                    key: target.key(&rule.id),
                    target,
                    message: one_line(&message),
                    channels: rule.channels.clone(),
                });
            }
        };
        let filter = &rule.filter;
        match rule.condition {
            Condition::Floor { of: FloorOf::Engagement, .. } => {
                for row in self.rows_of(filter) {
                    take(&|| of_client(row), cells::engagement(rule, row, Asked::IsItSo));
                }
            }
            Condition::Floor { of: FloorOf::Metrics, .. } | Condition::Drop { .. } | Condition::Decline => {
                for (row, cell) in self.cells_of(filter) {
                    take(&|| of_cell(row, cell), cells::metric(rule, row, cell, Asked::IsItSo));
                }
            }
            Condition::Stale => {
                for (name, reading) in providers::stale(filter, &self.providers, self.cells_of(filter)) {
                    take(&|| of_provider(name), reading);
                }
                for (row, cell) in self.cells_of(filter).filter(|(_, cell)| cell.provider.is_none()) {
                    take(&|| of_cell(row, cell), cells::entered(row, cell, Asked::IsItSo));
                }
            }
            Condition::Connection => {
                for (name, facts) in self.providers.of_filter(filter) {
                    take(&|| of_provider(name), providers::connection(name, facts));
                }
            }
            Condition::Mapping => {
                for (name, facts) in self.providers.of_filter(filter) {
                    if filter.is_of_all_clients() {
                        take(&|| of_provider(name), providers::lost(name, facts));
                    }
                    let named = facts.unmapped().filter_map(|client| self.rows.get(client.as_str()));
                    for row in named.filter(|row| filter.has_client(row)) {
                        let target = || Target { client: Some(row.id.clone()), ..of_provider(name) };
                        take(&target, providers::mapping(name, facts, row));
                    }
                }
            }
        }
        found
    }

    fn rows_of(&self, filter: &'a Filter) -> impl Iterator<Item = &'a ClientRow> {
        self.sheet.clients.iter().filter(move |row| filter.has_client(row))
    }

    fn cells_of(&self, filter: &'a Filter) -> impl Iterator<Item = (&'a ClientRow, &'a MetricCell)> {
        self.rows_of(filter).flat_map(move |row| {
            let cells = row.metrics.iter().filter(|it| filter.has_metric(&it.id));
            cells.filter(|it| filter.has_provider(it.provider.as_ref())).map(move |cell| (row, cell))
        })
    }

    /// How what an open alert tells of stands now.
    pub(super) fn reading(&self, alert: &Alert) -> Reading {
        let of_it = |rule: &&Rule| rule.id == alert.rule && rule.condition.kind() == alert.kind;
        let Some(rule) = self.rules.iter().find(of_it) else {
            return Reading::Clear(format!("the rule '{}' is not configured any more", alert.rule));
        };
        let Target { client, metric, provider } = &alert.target;
        let row = match client {
            None => None,
            // Nobody is on the sheet: that is no news of anyone.
            Some(_) if self.sheet.clients.is_empty() => return Reading::Untold,
            Some(id) => match self.rows.get(id.as_str()) {
                None => return Reading::Clear(format!("client '{id}' is not on the sheet any more")),
                Some(row) if !rule.filter.has_client(row) => return self.left_out(rule),
                Some(row) => Some(*row),
            },
        };
        match (row, metric, provider) {
            (Some(row), None, None) => match rule.condition {
                Condition::Floor { of: FloorOf::Engagement, .. } => cells::engagement(rule, row, Asked::HowItStands),
                _ => self.left_out(rule),
            },
            (Some(row), Some(id), _) => {
                let Some(cell) = row.metrics.iter().find(|cell| cell.id == *id) else {
                    return Reading::Clear(format!("{}: the sheet has no metric '{id}' any more", row.name));
                };
                let is_about = rule.filter.has_metric(id) && rule.filter.has_provider(cell.provider.as_ref());
                match (rule.condition, alert.kind) {
                    (Condition::Floor { of: FloorOf::Engagement, .. }, _) => self.left_out(rule),
                    _ if !is_about => self.left_out(rule),
                    (_, AlertKind::Stale) => cells::entered(row, cell, Asked::HowItStands),
                    _ => cells::metric(rule, row, cell, Asked::HowItStands),
                }
            }
            (row, _, Some(name)) => self.of_provider(rule, row, name),
            (None, _, None) => self.left_out(rule),
        }
    }

    fn of_provider(&self, rule: &'a Rule, row: Option<&ClientRow>, name: &ProviderName) -> Reading {
        let is_of_everybody = row.is_none() && rule.condition == Condition::Mapping;
        if !rule.filter.has_provider(Some(name)) || (is_of_everybody && !rule.filter.is_of_all_clients()) {
            return self.left_out(rule);
        }
        let Some(facts) = self.providers.get(name) else {
            // A sheet without a row shows nothing of any provider that has no problem.
            if self.sheet.clients.is_empty() {
                return Reading::Untold;
            }
            return Reading::Clear(format!("{name} is not on the sheet any more"));
        };
        match (rule.condition, row) {
            (Condition::Connection, _) => providers::connection(name, facts),
            (Condition::Mapping, Some(row)) => providers::mapping(name, facts, row),
            (Condition::Mapping, None) => providers::lost(name, facts),
            _ => {
                let mut stale = providers::stale(&rule.filter, &self.providers, self.cells_of(&rule.filter));
                stale.remove(name).unwrap_or_else(|| self.left_out(rule))
            }
        }
    }

    fn left_out(&self, rule: &Rule) -> Reading {
        Reading::Clear(format!("the rule '{}' is not about this any more", rule.id))
    }
}

fn of_client(row: &ClientRow) -> Target {
    Target { client: Some(row.id.clone()), ..Target::default() }
}

fn of_cell(row: &ClientRow, cell: &MetricCell) -> Target {
    Target { client: Some(row.id.clone()), metric: Some(cell.id.clone()), provider: cell.provider.clone() }
}

fn of_provider(name: &ProviderName) -> Target {
    Target { provider: Some(name.clone()), ..Target::default() }
}
