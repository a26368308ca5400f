//! What was measured, as a table for people and as JSON for the script that compares two runs.

use std::{collections::BTreeMap, fmt, path::Path};

use scoresheet::{Clock as _, SystemClock};
use serde::Serialize;

use crate::{Failed, cases::Case, measure::median, place};

/// The results of a run.
#[derive(Serialize)]
pub(crate) struct Report {
    /// When it began.
    date: String,
    machine: String,
    rows: Vec<Row>,
}

/// One figure.
#[derive(Serialize)]
struct Row {
    /// The row of BENCHMARKS.md, with what is special about this figure.
    id: String,
    what: String,
    /// What was measured: a ratio, or a figure with its unit.
    value: f64,
    unit: &'static str,
    /// The spread over the rounds, where there were several.
    low: f64,
    high: f64,
    /// At most, or at least, where there is a goal.
    #[serde(skip_serializing_if = "Option::is_none")]
    goal: Option<Goal>,
    /// What the figure was made of, in its own units.
    parts: BTreeMap<&'static str, f64>,
}

/// What a figure should be.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Goal {
    AtMost(f64),
    AtLeast(f64),
}

impl Goal {
    fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtMost(goal) => value <= goal,
            Self::AtLeast(goal) => value >= goal,
        }
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(goal) => write!(f, "<= {goal}"),
            Self::AtLeast(goal) => write!(f, ">= {goal}"),
        }
    }
}

impl Report {
    pub(crate) fn begin() -> Self {
        Self { date: SystemClock.now().to_string(), machine: machine(), rows: Vec::new() }
    }

    /// Where a case puts its figures.
    pub(crate) fn case(&mut self, case: &'static Case) -> CaseReport<'_> {
        CaseReport { rows: &mut self.rows, case }
    }

    /// Writes the results where the last run's stand, and there too.
    pub(crate) fn save(&self, also: Option<&Path>) -> Result<(), Failed> {
        let json = serde_json::to_string_pretty(self)?;
        std::fs::write(place::scratch()?.join("latest.json"), &json)?;
        if let Some(file) = also {
            std::fs::write(file, &json)?;
        }
        Ok(())
    }
}

/// One case's part of the report.
pub(crate) struct CaseReport<'a> {
    rows: &'a mut Vec<Row>,
    case: &'static Case,
}

impl CaseReport<'_> {
    /// A ratio of two sides, each measured once a round, side by side: the median of the rounds' ratios.
    pub(crate) fn ratio(&mut self, goal: Goal, above: (&'static str, &[f64]), below: (&'static str, &[f64])) {
        let ratios: Vec<f64> = above.1.iter().zip(below.1).map(|(above, below)| above / below).collect();
        let parts = [(above.0, median(above.1)), (below.0, median(below.1))];
        self.figures("", self.case.what, "", &ratios, Some(goal), parts);
    }

    /// Any other figure; several measurements of it give their median.
    pub(crate) fn figures(
        &mut self,
        suffix: &str,
        what: &str,
        unit: &'static str,
        values: &[f64],
        goal: Option<Goal>,
        parts: impl IntoIterator<Item = (&'static str, f64)>,
    ) {
        self.rows.push(Row {
            id: format!("{}{suffix}", self.case.id),
            what: what.to_owned(),
            value: median(values),
            unit,
            low: values.iter().copied().fold(f64::INFINITY, f64::min),
            high: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            goal,
            parts: parts.into_iter().collect(),
        });
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}, {}\n", self.date, self.machine)?;
        writeln!(f, "| row | what | measured | goal | met | made of |")?;
        writeln!(f, "| --- | --- | --- | --- | --- | --- |")?;
        for row in &self.rows {
            let spread = if row.high > row.low {
                format!(" ({}–{})", figure(row.low), figure(row.high))
            } else {
                String::new()
            };
            let (goal, met) = match row.goal {
                Some(goal) => (goal.to_string(), if goal.is_met(row.value) { "yes" } else { "NO" }),
                None => ("–".to_owned(), "–"),
            };
            let parts: Vec<String> =
                row.parts.iter().map(|(name, value)| format!("{name} {}", figure(*value))).collect();
            let unit = if row.unit.is_empty() { String::new() } else { format!(" {}", row.unit) };
            writeln!(
                f,
                "| {} | {} | {}{unit}{spread} | {goal} | {met} | {} |",
                row.id,
                row.what,
                figure(row.value),
                parts.join(", ")
            )?;
        }
        Ok(())
    }
}

/// Three digits that count.
fn figure(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

/// What this machine is, in a few words.
fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str| {
        text.lines()
            .find_map(|line| Some(line.strip_prefix(name)?.trim_start_matches([' ', '\t', ':']).trim().to_owned()))
    };
    let processor = field(&read("/proc/cpuinfo"), "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let memory = field(&read("/proc/meminfo"), "MemTotal")
        .and_then(|total| total.split(' ').next()?.parse::<f64>().ok())
        .map_or(String::new(), |kib| format!(", {:.0} GiB", kib / 1_048_576.0));
    format!("{processor}, {cores} cores{memory}")
}
