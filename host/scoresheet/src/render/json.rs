//! The sheet as JSON: the contract `accellis.scoresheet/1.0`.

use scoresheet_domain::sheet::Scoresheet;

use super::acts_on_terminal;

/// The sheet as JSON, two spaces deep, with a line end after it.
///
/// What a terminal would act on is written as an escape, which reads back the same.
///
/// # Panics
/// Never: the sheet's keys are texts, and that is all that can fail.
#[must_use]
pub fn json(sheet: &Scoresheet) -> String {
    let mut json = serde_json::to_string_pretty(sheet).expect("a sheet has texts for keys");
    json.push('\n');
    // JSON escapes what lies below the space by itself; the line ends left are the layout's.
    let acts = |c: char| c != '\n' && acts_on_terminal(c);
    if !json.contains(acts) {
        return json;
    }
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if acts(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            escaped.push(c);
        }
    }
    escaped
}
