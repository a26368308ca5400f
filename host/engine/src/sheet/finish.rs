//! From figures to the sheet: overrides and manual scores, groups, engagement, benchmarks and targets.

use std::collections::{BTreeMap, HashMap};

use scoresheet_domain::{
    ClientId, Entry, EntryKind, Instant, MetricId, Problem, ProblemKind, Remedy,
    benchmark::Figures,
    compose::Part,
    entry,
    sheet::{ClientRow, Entered, GroupScore, MetricCell, OutcomeKind, Override},
    time::DAY_MS,
};

use super::cells;
use crate::definition::{GroupDefinition, MetricSource, SheetDefinition};

/// What rows are finished with.
pub(super) struct Finish<'a> {
    pub(super) sheet: &'a SheetDefinition,
    pub(super) as_of: Instant,
}

impl Finish<'_> {
    /// Applies overrides and manual scores; returns a problem for each manual score that is stale.
    pub(super) fn put_entries(&self, rows: &mut [ClientRow], entries: &[Entry]) -> Vec<Problem> {
        let as_of = self.as_of;
        let mut by_cell: HashMap<(&ClientId, &MetricId, EntryKind), Vec<&Entry>> = HashMap::new();
        for entry in entries {
            by_cell.entry((&entry.client, &entry.metric, entry.kind)).or_default().push(entry);
        }
        let mut stale: BTreeMap<&MetricId, Vec<ClientId>> = BTreeMap::new();
        for row in rows {
            for (metric, cell) in self.sheet.metrics.iter().zip(&mut row.metrics) {
                let current = |kind| {
                    let held = by_cell.get(&(&row.id, &metric.id, kind));
                    held.and_then(|held| entry::current(held.iter().copied(), as_of))
                };
                match &metric.source {
                    MetricSource::Manual { .. } if !metric.applies_to(row.kind.as_deref()) => {
                        cells::inapplicable(cell, metric);
                    }
                    MetricSource::Manual { stale_after_days } => {
                        let Some(entry) = current(EntryKind::Manual) else { continue };
                        enter(cell, entry, as_of, *stale_after_days);
                        if cell.stale {
                            stale.entry(&metric.id).or_default().push(row.id.clone());
                        }
                    }
                    MetricSource::Provider { .. } => {
                        let Some(entry) = current(EntryKind::Override) else { continue };
                        put_over(cell, entry);
                    }
                }
            }
        }
        stale.into_iter().flat_map(|(metric, clients)| clients.into_iter().map(|id| outdated(metric, id))).collect()
    }

    /// Composes every row's engagement score, and compares the rows with each other.
    pub(super) fn compose_rows(&self, rows: &mut [ClientRow]) {
        for row in &mut *rows {
            let weights = self.weights(row);
            let part = |(cell, weight): (&MetricCell, &f64)| part(cell, *weight);
            row.engagement = self.sheet.composition.compose(row.metrics.iter().zip(&weights).map(part));
            row.groups = self.groups(row);
            row.target = row.kind.as_ref().and_then(|kind| self.sheet.targets.get(kind)).copied();
            for (metric, cell) in self.sheet.metrics.iter().zip(&mut row.metrics) {
                cell.target = row.kind.as_ref().and_then(|kind| metric.targets.get(kind)).copied();
            }
        }
        let kind = |row: &ClientRow| row.kind.clone();
        let kinds: Vec<Option<String>> = rows.iter().map(kind).collect();
        let figures = |figure: &dyn Fn(&ClientRow) -> Option<f64>| {
            let typed = kinds.iter().zip(&*rows).filter_map(|(kind, row)| Some((kind.as_deref()?, figure(row)?)));
            Figures::of(typed)
        };
        let engagement = figures(&|row| row.engagement.score);
        let metrics: Vec<Figures<'_>> =
            (0..self.sheet.metrics.len()).map(|column| figures(&|row| row.metrics[column].value)).collect();
        for (kind, row) in kinds.iter().zip(&mut *rows) {
            let Some(kind) = kind else { continue };
            row.benchmark = engagement.benchmark(kind, row.engagement.score);
            for (figures, cell) in metrics.iter().zip(&mut row.metrics) {
                cell.benchmark = figures.benchmark(kind, cell.value);
            }
        }
    }

    /// What each metric of a row weighs: its own weight, or its share of its group's, among those that apply.
    fn weights(&self, row: &ClientRow) -> Vec<f64> {
        let counts = |cell: &MetricCell| cell.outcome != OutcomeKind::NotApplicable;
        let together = |group: &str| -> f64 {
            let members = row.metrics.iter().filter(|cell| cell.group.as_deref() == Some(group) && counts(cell));
            members.map(|cell| cell.weight).sum()
        };
        let totals: HashMap<&str, (f64, f64)> =
            self.sheet.groups.iter().map(|group| (group.id.as_str(), (group.weight, together(&group.id)))).collect();
        let weight = |cell: &MetricCell| match cell.group.as_deref().and_then(|group| totals.get(group)) {
            Some((whole, together)) if *together > 0.0 => whole * cell.weight / together,
            _ => cell.weight,
        };
        row.metrics.iter().map(weight).collect()
    }

    fn groups(&self, row: &ClientRow) -> Vec<GroupScore> {
        let group = |group: &GroupDefinition| {
            let members = row.metrics.iter().filter(|cell| cell.group.as_deref() == Some(group.id.as_str()));
            let parts = members.map(|cell| part(cell, cell.weight));
            let composed = self.sheet.composition.compose(parts);
            GroupScore {
                id: group.id.clone(),
                name: group.name.clone(),
                weight: group.weight,
                score: composed.score,
                coverage: composed.coverage,
            }
        };
        self.sheet.groups.iter().map(group).collect()
    }
}

/// What composing sees of a cell that weighs so much.
fn part(cell: &MetricCell, weight: f64) -> Part {
    Part { weight, outcome: cell.outcome, score: cell.score }
}

/// A person's score over the computed one, which stays beside it.
fn put_over(cell: &mut MetricCell, entry: &Entry) {
    let reason = entry.reason.clone().unwrap_or_default();
    let computed = cell.score;
    cell.outcome = OutcomeKind::Overridden;
    cell.score = Some(entry.score);
    cell.overridden = Some(Override {
        score: entry.score,
        author: entry.author.clone(),
        reason,
        at: entry.at,
        until: entry.until,
        computed,
        from: entry.from,
    });
}

/// The score of a metric that no provider computes.
fn enter(cell: &mut MetricCell, entry: &Entry, as_of: Instant, stale_after_days: u32) {
    let days = (as_of.millis() - entry.from.millis()).div_euclid(DAY_MS);
    let day = entry.from.floor_day().to_string();
    let day = day.split('T').next().unwrap_or(&day);
    let note = entry.reason.as_ref().map_or_else(String::new, |note| format!(": {note}"));
    cell.outcome = OutcomeKind::Manual;
    cell.score = Some(entry.score);
    cell.stale = days > i64::from(stale_after_days);
    cell.explanation = vec![format!("{} entered {} on {day}{note}", entry.author, entry.score)];
    if cell.stale {
        cell.explanation.push(format!("{days} days old: after {stale_after_days} it should be entered anew"));
    }
    cell.entered = Some(Entered { author: entry.author.clone(), at: entry.from, note: entry.reason.clone() });
}

fn outdated(metric: &MetricId, client: ClientId) -> Problem {
    Problem {
        kind: ProblemKind::Stale,
        provider: None,
        message: format!("{client}: what was entered for {metric} is old"),
        remedy: Remedy::SetManualScore { client: client.clone(), metric: metric.clone() },
        client: Some(client),
    }
}
