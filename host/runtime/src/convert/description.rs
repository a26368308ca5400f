//! What a component says of itself.

use std::collections::BTreeSet;

use scoresheet_domain::{Description, MetricDescription, MetricId, ProviderName, ProviderSpec};
use serde_json::Value;

use super::{At, Broken, Checked, at_most};
use crate::{bindings::accellis::scoresheet::types as wit, text};

const MAX_METRICS: usize = 100;
const MAX_KINDS: usize = 1_000;
const MAX_REJECTIONS: usize = 1_000;
const MAX_TITLE: usize = 200;
const MAX_NAME: usize = 100;
const MAX_SCHEMA_BYTES: usize = 256 << 10;
/// Values in a schema once references are expanded.
const MAX_SCHEMA_NODES: usize = 10_000;

/// Checks what a component is.
pub(crate) fn spec(given: wit::ProviderSpec) -> Checked<ProviderSpec> {
    let id = ProviderName::new(given.id.as_str()).map_err(|error| Broken::text("id", &given.id, error))?;
    Ok(ProviderSpec {
        id: id.as_str().to_owned(),
        title: shown("title", given.title, MAX_TITLE)?,
        version: shown("version", given.version, MAX_NAME)?,
        settings_schema: schema("settings-schema", &given.settings_schema)?,
    })
}

/// Checks what a component measures with its settings.
pub(crate) fn description(given: wit::Description) -> Checked<Description> {
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
    Ok(Description { stub: given.stub, data_version: given.data_version, kinds, metrics, rejections })
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
        return Err(Broken::new(field, format!("{} bytes long", given.len()), "at most 256 KiB are allowed"));
    }
    match serde_json::from_str(given) {
        Ok(schema @ Value::Object(_)) => match hidden(&schema) {
            None if nodes(&schema, &schema, &mut Vec::new()) > MAX_SCHEMA_NODES => Err(Broken::new(
                field,
                format!("more than {MAX_SCHEMA_NODES} nodes large"),
                "a schema is small once its references are expanded, and none refers to itself",
            )),
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

/// How many values a schema has once its references are expanded; more than [`MAX_SCHEMA_NODES`] if they never end.
fn nodes<'a>(root: &'a Value, value: &'a Value, expanding: &mut Vec<&'a str>) -> usize {
    let mut count = 1_usize;
    let mut add = |value, expanding: &mut Vec<&'a str>| {
        if count <= MAX_SCHEMA_NODES {
            count = count.saturating_add(nodes(root, value, expanding));
        }
    };
    match value {
        Value::Array(list) => list.iter().for_each(|value| add(value, expanding)),
        Value::Object(object) => {
            for (name, value) in object {
                match value.as_str().filter(|_| name == "$ref").and_then(|it| Some((it, it.strip_prefix('#')?))) {
                    Some((reference, _)) if expanding.contains(&reference) => return MAX_SCHEMA_NODES + 1,
                    Some((reference, pointer)) => {
                        expanding.push(reference);
                        if let Some(target) = root.pointer(pointer) {
                            add(target, expanding);
                        }
                        expanding.pop();
                    }
                    // Counted where they are referred to.
                    None if name == "$defs" => {}
                    None => add(value, expanding),
                }
            }
        }
        _ => {}
    }
    count
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

    fn given_spec() -> wit::ProviderSpec {
        wit::ProviderSpec {
            id: "crewhu".into(),
            title: "CrewHu".into(),
            version: "0.1.0".into(),
            settings_schema: r#"{"type": "object"}"#.into(),
        }
    }

    fn given() -> wit::Description {
        wit::Description {
            stub: false,
            data_version: 3,
            metrics: vec![metric("satisfaction"), metric("volume")],
            kinds: vec!["overall".into(), "ticket".into()],
            rejections: vec!["incomplete".into()],
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
        assert_eq!(checked.metric("volume").expect("there").kinds, [1, 0]);
        assert_eq!(checked.data_version, 3);
        let checked = spec(given_spec()).expect("right");
        assert_eq!((checked.id.as_str(), &checked.settings_schema["type"]), ("crewhu", &"object".into()));
    }

    #[test]
    fn what_is_wrong_is_named() {
        type Change = fn(&mut wit::Description);
        let cases: [(Change, &str); 13] = [
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
            (|d| d.kinds[0] = "a\u{200b}".into(), "kinds[0] is 'a': it must not hold"),
            (|d| d.metrics[0].unit = "\u{1b}[2J".into(), "metrics[0].unit is"),
            (|d| d.metrics[0].title = "\u{202e}evil".into(), "metrics[0].title is 'evil': it must not hold"),
            (|d| d.metrics[0].settings_schema = "{".into(), "metrics[0].settings-schema is '{': a JSON Schema is"),
        ];
        for (change, expected) in cases {
            let mut wrong = given();
            change(&mut wrong);
            let message = description(wrong).expect_err(expected).to_string();
            assert!(message.contains(expected), "{message}\nshould say\n{expected}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_spec_is_named() {
        type Change = fn(&mut wit::ProviderSpec);
        let cases: [(Change, &str); 11] = [
            (|d| d.id = "Crew Hu".into(), "id is 'Crew Hu': provider name 'Crew Hu' must be lower-case letters"),
            (|d| d.title = "  ".into(), "title is '': it must not be empty"),
            (|d| d.title = "a\u{7}b".into(), "title is 'ab': it must not hold control characters"),
            (|d| d.title = " a".into(), "title is 'a': it must not begin or end with a space"),
            (|d| d.version = "x".repeat(101), "at most 100 characters are allowed"),
            (
                |d| d.title = "\u{202e}evil".into(),
                "title is 'evil': it must not hold control characters, or marks that",
            ),
            (
                |d| d.settings_schema = r#"{"properties": {"a": {"description": "\u001b[2Jx"}}}"#.into(),
                "settings-schema is 'x': what a schema says is shown",
            ),
            (|d| d.settings_schema = r#"{"properties": {"a\u202e": {}}}"#.into(), "settings-schema is 'a': what"),
            (|d| d.settings_schema = r#"{"enum": ["a", "\u0007"]}"#.into(), r"settings-schema is '\u{7}': what"),
            (|d| d.settings_schema = "[]".into(), "settings-schema is '[]': a JSON Schema is a JSON object"),
            (|d| d.settings_schema = format!("{{\"a\": \"{}\"}}", "x".repeat(MAX_SCHEMA_BYTES)), "256 KiB"),
        ];
        for (change, expected) in cases {
            let mut wrong = given_spec();
            change(&mut wrong);
            let message = spec(wrong).expect_err(expected).to_string();
            assert!(message.contains(expected), "{message}\nshould say\n{expected}");
        }
        let mut fine = given_spec();
        fine.settings_schema = r#"{"description": "two\nlines\tof text", "pattern": "^[^\\u0000-\\u001f]+$"}"#.into();
        assert!(spec(fine).is_ok());
    }

    #[test]
    fn references_are_expanded_before_a_schema_is_measured() {
        let doubling = |depth: usize| {
            let mut defs = serde_json::Map::new();
            defs.insert("d0".into(), serde_json::json!({"type": "string"}));
            for n in 1..=depth {
                let inner = format!("#/$defs/d{}", n - 1);
                defs.insert(format!("d{n}"), serde_json::json!({"anyOf": [{"$ref": inner}, {"$ref": inner}]}));
            }
            serde_json::json!({"$ref": format!("#/$defs/d{depth}"), "$defs": defs}).to_string()
        };
        assert!(schema("s", &doubling(5)).is_ok());
        let recursive = r##"{"$defs": {"a": {"items": {"$ref": "#/$defs/a"}}}, "$ref": "#/$defs/a"}"##;
        for wrong in [doubling(40), recursive.to_owned()] {
            let message = schema("s", &wrong).expect_err("too large").to_string();
            assert!(message.starts_with("s is more than 10000 nodes large"), "{message}");
        }
    }
}
