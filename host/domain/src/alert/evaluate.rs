//! Rules held against a sheet: what each finds, and how what an open alert tells of stands now.

use std::collections::BTreeMap;

use super::{Alert, Filter, Finding, Rule, Target, providers::Providers, words::one_line};
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

/// A sheet through a rule's filter.
pub(super) struct View<'a> {
    sheet: &'a Scoresheet,
    pub(super) providers: &'a Providers<'a>,
    pub(super) filter: &'a Filter,
}

impl<'a> View<'a> {
    /// The metrics of clients that the filter has.
    pub(super) fn cells(&self) -> impl Iterator<Item = (&'a ClientRow, &'a MetricCell)> + use<'a> {
        let (filter, rows) = (self.filter, self.sheet.clients.iter());
        rows.filter(|row| filter.has_client(row)).flat_map(|row| {
            let cells = row.metrics.iter().filter(|it| filter.has_metric(&it.id));
            cells.filter(|it| filter.has_provider(it.provider.as_ref())).map(move |cell| (row, cell))
        })
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
        let (filter, check) = (&rule.filter, rule.condition.check());
        for row in self.rows_of(filter) {
            if let Some(reading) = check.client(row, Asked::IsItSo) {
                take(&|| of_client(row), reading);
            }
        }
        let view = self.view(filter);
        for (row, cell) in view.cells() {
            if let Some(reading) = check.cell(row, cell, Asked::IsItSo) {
                take(&|| of_cell(row, cell), reading);
            }
        }
        for (name, facts) in self.providers.of_filter(filter) {
            if let Some(reading) = check.provider(&view, name) {
                take(&|| of_provider(name), reading);
            }
            let named = facts.unmapped().filter_map(|client| self.rows.get(client.as_str()));
            for row in named.filter(|row| filter.has_client(row)) {
                if let Some(reading) = check.client_of_provider(&view, name, row) {
                    take(&|| Target { client: Some(row.id.clone()), ..of_provider(name) }, reading);
                }
            }
        }
        found
    }

    fn view<'b>(&'b self, filter: &'b Filter) -> View<'b> {
        View { sheet: self.sheet, providers: &self.providers, filter }
    }

    fn rows_of(&self, filter: &'a Filter) -> impl Iterator<Item = &'a ClientRow> {
        self.sheet.clients.iter().filter(move |row| filter.has_client(row))
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
        let check = rule.condition.check();
        let reading = match (row, metric, provider) {
            (Some(row), None, None) => check.client(row, Asked::HowItStands),
            (Some(row), Some(id), _) => {
                let Some(cell) = row.metrics.iter().find(|cell| cell.id == *id) else {
                    return Reading::Clear(format!("{}: the sheet has no metric '{id}' any more", row.name));
                };
                let is_about = rule.filter.has_metric(id) && rule.filter.has_provider(cell.provider.as_ref());
                if is_about { check.cell(row, cell, Asked::HowItStands) } else { None }
            }
            (row, _, Some(name)) => {
                if rule.filter.has_provider(Some(name)) && self.providers.get(name).is_none() {
                    // A sheet without a row shows nothing of any provider that has no problem.
                    if self.sheet.clients.is_empty() {
                        return Reading::Untold;
                    }
                    return Reading::Clear(format!("{name} is not on the sheet any more"));
                }
                let view = self.view(&rule.filter);
                match row {
                    _ if !rule.filter.has_provider(Some(name)) => None,
                    Some(row) => check.client_of_provider(&view, name, row),
                    None => check.provider(&view, name),
                }
            }
            (None, _, None) => None,
        };
        reading.unwrap_or_else(|| self.left_out(rule))
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
