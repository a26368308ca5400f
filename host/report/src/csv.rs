//! The sheet as CSV: a row a client and metric, for spreadsheets.
//!
//! A spreadsheet reads a text that begins with `=`, `+`, `-`, `@`, a tab or a line end as a formula,
//! and such a text may come from a source. So one that is no number gets a `'` before it. Control
//! characters other than line ends and tabs become '�'.

use std::io;

use ::csv::{Terminator, WriterBuilder};
use scoresheet_domain::{
    Instant,
    sheet::{ClientRow, MetricCell, Override, Scoresheet},
};

use crate::{Options, ReportError};

/// The columns, in order.
///
/// `engagement_score`, `band` and `coverage` are the client's and stand on each of its rows.
/// `rejected` is the sum, `rejected_by_reason` the counts as a JSON object, `explanation` all lines
/// with ` | ` between. Numbers are exact, times RFC 3339 in UTC; nothing is an empty cell.
const COLUMNS: [&str; 34] = [
    "sheet",
    "sheet_id",
    "as_of",
    "client_id",
    "client_name",
    "client_type",
    "engagement_score",
    "band",
    "coverage",
    "metric_id",
    "metric_name",
    "provider",
    "weight",
    "outcome",
    "score",
    "value",
    "unit",
    "samples",
    "effective_samples",
    "interval_low",
    "interval_high",
    "rejected",
    "rejected_by_reason",
    "window_from",
    "window_until",
    "stub",
    "stale",
    "override_score",
    "override_author",
    "override_reason",
    "override_at",
    "override_until",
    "override_computed",
    "explanation",
];

/// Writes a header, then one row per client and metric.
pub(crate) fn write(sheet: &Scoresheet, _: &Options, out: &mut dyn io::Write) -> Result<(), ReportError> {
    let mut writer = WriterBuilder::new().terminator(Terminator::Any(b'\n')).from_writer(out);
    writer.write_record(COLUMNS).map_err(io::Error::from)?;
    for client in &sheet.clients {
        for cell in &client.metrics {
            writer.write_record(row(sheet, client, cell)).map_err(io::Error::from)?;
        }
    }
    Ok(writer.flush()?)
}

fn row(sheet: &Scoresheet, client: &ClientRow, cell: &MetricCell) -> [String; 34] {
    let engagement = client.engagement;
    let overridden = cell.overridden.as_ref();
    let text_of = |of: fn(&Override) -> &str| overridden.map(|o| defused(of(o))).unwrap_or_default();
    let rejected = if cell.rejected.is_empty() {
        String::new()
    } else {
        defused(&serde_json::to_string(&cell.rejected).expect("reasons are texts"))
    };
    [
        defused(&sheet.sheet),
        sheet.id.clone(),
        time(Some(sheet.as_of)),
        defused(client.id.as_str()),
        defused(&client.name),
        client.kind.as_deref().map(defused).unwrap_or_default(),
        number(engagement.score),
        engagement.band.map(|band| band.as_str().to_owned()).unwrap_or_default(),
        number(Some(engagement.coverage)),
        cell.id.to_string(),
        defused(&cell.name),
        cell.provider.as_ref().map(ToString::to_string).unwrap_or_default(),
        number(Some(cell.weight)),
        cell.outcome.as_str().to_owned(),
        number(cell.score),
        number(cell.value),
        cell.unit.as_deref().map(defused).unwrap_or_default(),
        cell.samples.to_string(),
        number(cell.effective_samples),
        number(cell.interval.map(|interval| interval.low)),
        number(cell.interval.map(|interval| interval.high)),
        cell.rejected.values().sum::<u64>().to_string(),
        rejected,
        time(Some(cell.window.from)),
        time(Some(cell.window.until)),
        cell.stub.to_string(),
        cell.stale.to_string(),
        number(overridden.map(|o| o.score)),
        text_of(|o| &o.author),
        text_of(|o| &o.reason),
        time(overridden.map(|o| o.at)),
        time(overridden.and_then(|o| o.until)),
        number(overridden.and_then(|o| o.computed)),
        defused(&cell.explanation.join(" | ")),
    ]
}

/// The shortest form that reads back the same.
fn number(value: Option<f64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn time(at: Option<Instant>) -> String {
    at.map(|at| at.to_string()).unwrap_or_default()
}

/// A text that no spreadsheet computes.
fn defused(text: &str) -> String {
    // Spreadsheets take the full-width forms for the same signs.
    const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    let quote = if text.starts_with(FORMULA) && !is_number(text) { "'" } else { "" };
    let visible = text.chars().map(|c| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c });
    quote.chars().chain(visible).collect()
}

/// `-5`, `+4.5`, `-1e3`; not `-inf`, which is a name to a spreadsheet.
fn is_number(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b)) && text.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_defused_and_numbers_are_not() {
        for (text, cell) in [
            ("=HYPERLINK(\"http://evil\")", "'=HYPERLINK(\"http://evil\")"),
            ("+1 555 0100", "'+1 555 0100"),
            ("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\u{fffd}=1"),
            ("\n=1", "'\n=1"),
            ("＝1", "'＝1"),
            ("-inf", "'-inf"),
            ("-1+1", "'-1+1"),
            ("-5", "-5"),
            ("+4.5", "+4.5"),
            ("-1e3", "-1e3"),
            ("Acme = Beta", "Acme = Beta"),
            ("a\u{1b}[31m\nb", "a\u{fffd}[31m\nb"),
            ("", ""),
        ] {
            assert_eq!(defused(text), cell, "{text:?}");
        }
    }
}
