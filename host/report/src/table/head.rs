//! What stands above the grid: which sheet it is, of when, and whether anything on it is made up.

use scoresheet_domain::sheet::Scoresheet;

use super::{
    paint::Tint,
    text::{clean, paragraph},
};
use crate::Options;

/// The sheet's name and time; with any stub, a warning beneath.
pub(super) fn head(sheet: &Scoresheet, options: &Options) -> String {
    let title = Tint::Strong.on(&clean(&sheet.sheet));
    let title = format!("{title} · as of {}", sheet.as_of);
    let mut head = format!("{}\n", paragraph(&title, options.width, "", ""));
    let mut metrics: Vec<&str> = Vec::new();
    for cell in sheet.clients.iter().flat_map(|client| &client.metrics).filter(|cell| cell.stub) {
        if !metrics.contains(&cell.name.as_str()) {
            metrics.push(&cell.name);
        }
    }
    if sheet.stub || !metrics.is_empty() {
        let which = if metrics.is_empty() { String::new() } else { format!(" ({})", clean(&metrics.join(", "))) };
        let warning =
            format!("the figures marked (stub) are made up{which}, and the engagement scores made with them too.");
        let first = format!("{} ", Tint::Warning.on("STUB:"));
        head.push_str(&paragraph(&warning, options.width, &first, "      "));
        head.push('\n');
    }
    head
}
