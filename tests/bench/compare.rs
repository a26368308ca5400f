//! Two runs side by side: what got slower, for people. It never fails for what it finds.

use std::{collections::BTreeMap, path::Path};

use serde::Deserialize;

use crate::Failed;

/// From so much on a change is named.
const NOTABLE: f64 = 0.10;

/// What is read of a run.
#[derive(Deserialize)]
struct Run {
    date: String,
    machine: String,
    rows: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    id: String,
    what: String,
    value: f64,
    low: f64,
    high: f64,
    goal: Option<BTreeMap<String, f64>>,
}

impl Row {
    /// Times, ratios to a baseline and memory are better the smaller they are.
    fn smaller_is_better(&self) -> bool {
        self.goal.as_ref().is_none_or(|goal| !goal.contains_key("at_least"))
    }
}

/// The role `compare BEFORE AFTER`, two files that `--save` wrote.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failed> {
    let [before, after] = arguments else { return Err("compare wants two files".into()) };
    let (before, after) = (read(before.as_ref())?, read(after.as_ref())?);
    println!("before: {}, {}", before.date, before.machine);
    println!("after:  {}, {}\n", after.date, after.machine);
    if before.machine != after.machine {
        println!("These are two machines: only the ratios can be compared.\n");
    }
    let known: BTreeMap<&str, &Row> = before.rows.iter().map(|row| (row.id.as_str(), row)).collect();
    let (mut slower, mut faster) = (Vec::new(), Vec::new());
    for row in &after.rows {
        let Some(old) = known.get(row.id.as_str()) else {
            println!("{}: new", row.id);
            continue;
        };
        let worse = if row.smaller_is_better() { row.value / old.value } else { old.value / row.value } - 1.0;
        let line = describe(old, row, worse);
        match worse {
            worse if worse > NOTABLE => slower.push(line),
            worse if worse < -NOTABLE => faster.push(line),
            _ => {}
        }
    }
    let gone = before.rows.iter().filter(|row| !after.rows.iter().any(|new| new.id == row.id));
    gone.for_each(|row| println!("{}: not measured any more", row.id));
    section("Worse by more than 10 %", &slower);
    section("Better by more than 10 %", &faster);
    Ok(())
}

fn section(title: &str, lines: &[String]) {
    if lines.is_empty() {
        println!("{title}: nothing");
    } else {
        println!("{title}:\n{}", lines.join("\n"));
    }
}

fn describe(old: &Row, new: &Row, worse: f64) -> String {
    let overlap = new.low <= old.high && old.low <= new.high;
    let doubt = if overlap { "; the rounds overlap, so measure again with more of them" } else { "" };
    format!("  {}: {:.3} -> {:.3} ({:+.0} %{doubt}): {}", new.id, old.value, new.value, worse * 100.0, new.what)
}

fn read(path: &Path) -> Result<Run, Failed> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{} is no saved run: {error}", path.display()).into())
}
