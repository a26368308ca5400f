//! What a component says of itself.

use std::collections::BTreeSet;

use scoresheet_domain::{Description, MetricDescription, MetricId, ProviderName};
use serde_json::Value;

use super::{At, Broken, Checked, at_most};
use crate::{bindings::accellis::scoresheet::types as wit, text};

const MAX_METRICS: usize = 100;
const MAX_KINDS: usize = 1_000;
const MAX_REJECTIONS: usize = 1_000;
const MAX_TITLE: usize = 200;
const MAX_NAME: usize = 100;
const MAX_SCHEMA_BYTES: usize = 64 << 10;

/// Checks a description.
pub(crate) fn description(given: wit::Description) -> Checked<Description> {
    let id = ProviderName::new(given.id.as_str()).map_err(|error| Broken::text("id", &given.id, error))?;
    at_most("metrics", given.metrics.len(), MAX_METRICS)?;
    if given.metrics.is_empty() {
        return Err(Broken::new("metrics", "empty", "a provider measures something"));
    }
    let kinds = names("kinds", given.kinds, MAX_KINDS)?;
    let rejections = names("rejections", given.rejections, MAX_REJECTIONS)?;
    let metrics = given
        .metrics
        .into_iter()
        .enumerate()
        .map(|(index, given)| metric(At { list: "metrics", index }, given, kinds.len()))
        .collect::<Checked<Vec<_>>>()?;
    let mut ids = BTreeSet::new();
    for (index, metric) in metrics.iter().enumerate() {
        if !ids.insert(&metric.id) {
            let field = At { list: "metrics", index }.field("id");
            return Err(Broken::text(field, metric.id.as_str(), "each metric needs an id of its own"));
        }
    }
    Ok(Description {
        id: id.as_str().to_owned(),
        title: shown("title", given.title, MAX_TITLE)?,
        version: shown("version", given.version, MAX_NAME)?,
        stub: given.stub,
        metrics,
        kinds,
        rejections,
        settings_schema: schema("settings-schema", &given.settings_schema)?,
    })
}

fn metric(at: At<'_>, given: wit::Metric, kinds: usize) -> Checked<MetricDescription> {
    let id = MetricId::new(given.id.as_str()).map_err(|error| Broken::text(at.field("id"), &given.id, error))?;
    at_most(&at.field("kinds"), given.kinds.len(), kinds)?;
    let mut seen = BTreeSet::new();
    for &kind in &given.kinds {
        if usize::from(kind) >= kinds {
            let right = format!("the description has {kinds} kinds, counted from 0");
            return Err(Broken::new(at.field("kinds"), format!("naming kind {kind}"), right));
        }
        if !seen.insert(kind) {
            return Err(Broken::new(at.field("kinds"), format!("naming kind {kind} twice"), "once is enough"));
        }
    }
    Ok(MetricDescription {
        id,
        title: shown(&at.field("title"), given.title, MAX_TITLE)?,
        unit: shown(&at.field("unit"), given.unit, MAX_NAME)?,
        kinds: given.kinds,
        settings_schema: schema(&at.field("settings-schema"), &given.settings_schema)?,
    })
}

fn names(list: &str, given: Vec<String>, max: usize) -> Checked<Vec<String>> {
    at_most(list, given.len(), max)?;
    let mut seen = BTreeSet::new();
    let mut names = Vec::with_capacity(given.len());
    for (index, name) in given.into_iter().enumerate() {
        let at = At { list, index }.to_string();
        let name = shown(&at, name, MAX_NAME)?;
        if !seen.insert(name.clone()) {
            return Err(Broken::text(at, &name, "each name may stand once"));
        }
        names.push(name);
    }
    Ok(names)
}

/// A text that is shown, and stored under: it is refused rather than mended.
fn shown(field: &str, given: String, max: usize) -> Checked<String> {
    let right = if given.trim().is_empty() {
        "it must not be empty".to_owned()
    } else if given.trim() != given {
        "it must not begin or end with a space".to_owned()
    } else if text::hides(&given) {
        "it must not hold control characters, or marks that reorder or hide text".to_owned()
    } else if given.chars().count() > max {
        format!("at most {max} characters are allowed")
    } else {
        return Ok(given);
    };
    Err(Broken::text(field, &given, right))
}

fn schema(field: &str, given: &str) -> Checked<Value> {
    if given.len() > MAX_SCHEMA_BYTES {
        return Err(Broken::new(field, format!("{} bytes long", given.len()), "at most 64 KiB are allowed"));
    }
    match serde_json::from_str(given) {
        Ok(schema @ Value::Object(_)) => match hidden(&schema) {
            None => Ok(schema),
            Some(found) => Err(Broken::text(
                field,
                found,
                "what a schema says is shown, so it must not hold control characters, or marks that reorder or hide text",
            )),
        },
        Ok(_) => Err(Broken::text(field, given, "a JSON Schema is a JSON object; {} allows everything")),
        Err(error) => {
            Err(Broken::text(field, given, format!("a JSON Schema is a JSON object, and this is no JSON: {error}")))
        }
    }
}

/// A text within a schema that holds what no person sees. Lines may end, in a long description.
fn hidden(schema: &Value) -> Option<&str> {
    let hides = |text: &&str| text.split(['\n', '\t']).any(text::hides);
    match schema {
        Value::String(text) => Some(text.as_str()).filter(hides),
        Value::Array(list) => list.iter().find_map(hidden),
        Value::Object(object) => {
            object.iter().find_map(|(name, value)| Some(name.as_str()).filter(hides).or_else(|| hidden(value)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given() -> wit::Description {
        wit::Description {
            id: "crewhu".into(),
            title: "CrewHu".into(),
            version: "0.1.0".into(),
            stub: false,
            metrics: vec![metric("satisfaction"), metric("volume")],
            kinds: vec!["overall".into(), "ticket".into()],
            rejections: vec!["incomplete".into()],
            settings_schema: r#"{"type": "object"}"#.into(),
        }
    }

    fn metric(id: &str) -> wit::Metric {
        wit::Metric {
            id: id.into(),
            title: "Satisfaction".into(),
            unit: "mean rating 1-5".into(),
            kinds: vec![1, 0],
            settings_schema: "{}".into(),
        }
    }

    #[test]
    fn a_right_description_passes() {
        let checked = description(given()).expect("right");
        assert_eq!(checked.id, "crewhu");
        assert_eq!(checked.metric("volume").expect("there").kinds, [1, 0]);
        assert_eq!(checked.settings_schema["type"], "object");
    }

    #[test]
    fn what_is_wrong_is_named() {
        type Change = fn(&mut wit::Description);
        let cases: [(Change, &str); 22] = [
            (|d| d.id = "Crew Hu".into(), "id is 'Crew Hu': provider name 'Crew Hu' must be lower-case letters"),
            (|d| d.title = "  ".into(), "title is '': it must not be empty"),
            (|d| d.title = "a\u{7}b".into(), "title is 'ab': it must not hold control characters"),
            (|d| d.title = " a".into(), "title is 'a': it must not begin or end with a space"),
            (|d| d.version = "x".repeat(101), "at most 100 characters are allowed"),
            (|d| d.metrics.clear(), "metrics is empty: a provider measures something"),
            (|d| d.metrics[1].id = "A".into(), "metrics[1].id is 'A': metric id"),
            (
                |d| d.metrics[1].id = "satisfaction".into(),
                "metrics[1].id is 'satisfaction': each metric needs an id of its own",
            ),
            (|d| d.metrics[0].kinds = vec![2], "metrics[0].kinds is naming kind 2: the description has 2 kinds"),
            (|d| d.metrics[0].kinds = vec![1, 1], "metrics[0].kinds is naming kind 1 twice"),
            (|d| d.metrics[0].unit = String::new(), "metrics[0].unit is ''"),
            (|d| d.kinds = vec!["a".into(), "a".into()], "kinds[1] is 'a': each name may stand once"),
            (|d| d.kinds = (0..1001).map(|n| n.to_string()).collect(), "kinds is 1001 entries long: at most 1000"),
            (|d| d.rejections = vec!["a\nb".into()], "rejections[0] is 'a b': it must not hold control characters"),
            (
                |d| d.title = "\u{202e}evil".into(),
                "title is 'evil': it must not hold control characters, or marks that",
            ),
            (|d| d.kinds[0] = "a\u{200b}".into(), "kinds[0] is 'a': it must not hold"),
            (|d| d.metrics[0].unit = "\u{1b}[2J".into(), "metrics[0].unit is"),
            (
                |d| d.settings_schema = r#"{"properties": {"a": {"description": "\u001b[2Jx"}}}"#.into(),
                "settings-schema is 'x': what a schema says is shown",
            ),
            (|d| d.settings_schema = r#"{"properties": {"a\u202e": {}}}"#.into(), "settings-schema is 'a': what"),
            (|d| d.settings_schema = r#"{"enum": ["a", "\u0007"]}"#.into(), r"settings-schema is '\u{7}': what"),
            (|d| d.settings_schema = "[]".into(), "settings-schema is '[]': a JSON Schema is a JSON object"),
            (|d| d.metrics[0].settings_schema = "{".into(), "metrics[0].settings-schema is '{': a JSON Schema is"),
        ];
        for (change, expected) in cases {
            let mut wrong = given();
            change(&mut wrong);
            let message = description(wrong).expect_err(expected).to_string();
            assert!(message.contains(expected), "{message}\nshould say\n{expected}");
        }
        let mut fine = given();
        fine.settings_schema = r#"{"description": "two\nlines\tof text", "pattern": "^[^\\u0000-\\u001f]+$"}"#.into();
        assert!(description(fine).is_ok());
        let mut long = given();
        long.settings_schema = format!("{{\"a\": \"{}\"}}", "x".repeat(MAX_SCHEMA_BYTES));
        assert!(description(long).is_err());
    }
}
