//! What faults make the rows of a page say. Which rows those are is left to `page`.

use chrono::{DateTime, SecondsFormat, TimeDelta};
use serde_json::{Map, Value};
use unicode_normalization::UnicodeNormalization as _;

use super::fault::NameForm;

/// A field goes by another name.
pub(super) fn rename(body: &mut Value, from: &str, to: &str) {
    for row in rows(body) {
        if let Some(value) = row.shift_remove(from) {
            row.insert(to.to_owned(), value);
        }
    }
}

/// Every row was answered so many seconds later; one whose time cannot be read stays as it is.
pub(super) fn answered_later(body: &mut Value, seconds: i64) {
    let later = |text: &str| {
        let time = DateTime::parse_from_rfc3339(text).ok()?.checked_add_signed(TimeDelta::try_seconds(seconds)?)?;
        Some(time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    };
    for row in rows(body) {
        for field in ["responded_at", "closed"] {
            if let Some(time) = row.get_mut(field)
                && let Some(later) = time.as_str().and_then(later)
            {
                *time = later.into();
            }
        }
    }
}

/// Every row that has a score has this one.
pub(super) fn score(body: &mut Value, score: &Value) {
    for row in rows(body) {
        for name in ["score", "rating"] {
            if let Some(field) = row.get_mut(name) {
                field.clone_from(score);
            }
        }
    }
}

/// Every client's name is written so, in the list of clients and beside the answers.
pub(super) fn write_names(body: &mut Value, form: NameForm) {
    for row in rows(body) {
        for field in ["name", "client_name"] {
            if let Some(Value::String(name)) = row.get_mut(field) {
                *name = written(name, form);
            }
        }
        if let Some(Value::String(name)) = row.get_mut("customer_data").and_then(|customer| customer.get_mut("name")) {
            *name = written(name, form);
        }
    }
}

/// Every row has an id that no other page has.
pub(super) fn tell_apart(body: &mut Value, page: u32) {
    for row in rows(body) {
        for field in ["id", "_id"] {
            if let Some(Value::String(id)) = row.get_mut(field) {
                id.push_str(&format!("-{page}"));
            }
        }
    }
}

fn written(name: &str, form: NameForm) -> String {
    match form {
        NameForm::Nfc => name.nfc().collect(),
        NameForm::Nfd => name.nfd().collect(),
        NameForm::Nul => {
            let mut chars = name.chars();
            let first: String = chars.by_ref().take(1).collect();
            format!("{first}\0{}", chars.as_str())
        }
        NameForm::Html => format!("<script>alert(1)</script>{name}"),
        NameForm::Formula => format!("=HYPERLINK(\"https://elsewhere.example\";\"{name}\")"),
        NameForm::Ansi => format!("\u{1b}[31m{name}\u{1b}[0m"),
        NameForm::Rtl => format!("\u{202e}{name}"),
    }
}

/// The rows of a page, or of a bare array; none of anything else.
fn rows(body: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    let list = ["data", "items", "surveys"].into_iter().find(|list| body.get(*list).is_some());
    let rows = if body.is_array() { Some(body) } else { list.and_then(|list| body.get_mut(list)) };
    rows.and_then(Value::as_array_mut).into_iter().flatten().filter_map(Value::as_object_mut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_in_other_ways() {
        let composed = "M\u{fc}ller";
        for (form, expected) in [
            (NameForm::Nfc, "M\u{fc}ller"),
            (NameForm::Nfd, "Mu\u{308}ller"),
            (NameForm::Nul, "M\0\u{fc}ller"),
            (NameForm::Html, "<script>alert(1)</script>M\u{fc}ller"),
            (NameForm::Formula, "=HYPERLINK(\"https://elsewhere.example\";\"M\u{fc}ller\")"),
            (NameForm::Ansi, "\u{1b}[31mM\u{fc}ller\u{1b}[0m"),
            (NameForm::Rtl, "\u{202e}M\u{fc}ller"),
        ] {
            assert_eq!(written(composed, form), expected);
        }
        assert_eq!(written("", NameForm::Nul), "\0");
    }

    #[test]
    fn a_time_that_cannot_be_read_stays() {
        let mut body = serde_json::json!([{"responded_at": "yesterday"}, {"responded_at": null}, {}, 5,
            {"responded_at": "2026-10-01T00:00:00Z"}]);
        answered_later(&mut body, 90_000);
        assert_eq!(body[0]["responded_at"], "yesterday");
        assert_eq!(body[4]["responded_at"], "2026-10-02T01:00:00Z");
        answered_later(&mut body, i64::MAX);
        assert_eq!(body[4]["responded_at"], "2026-10-02T01:00:00Z");
    }
}
