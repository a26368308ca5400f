//! Free settings: a TOML table that only a component understands, as JSON.

use serde_json::{Map, Number, Value};
use toml::de::{DeTable, DeValue};

use super::section::Section;

impl Section<'_> {
    /// A free table as a JSON object, variables put into its texts; empty where it is not there.
    ///
    /// Each value's place is kept under the table's path and its JSON Pointer.
    pub(super) fn settings(&mut self, key: &'static str) -> Value {
        let table = self.table(key);
        match table.contents() {
            Some(contents) => object(&table, contents, ""),
            None => Value::Object(Map::new()),
        }
    }
}

fn object(section: &Section<'_>, table: &DeTable<'_>, pointer: &str) -> Value {
    let mut object = Map::new();
    for (key, value) in table {
        let pointer = format!("{pointer}/{}", key.get_ref().replace('~', "~0").replace('/', "~1"));
        let line = section.document.line(&value.span());
        if let Some(value) = json(section, value.get_ref(), &pointer, line) {
            object.insert(key.get_ref().to_string(), value);
        }
    }
    Value::Object(object)
}

fn json(section: &Section<'_>, value: &DeValue<'_>, pointer: &str, line: Option<usize>) -> Option<Value> {
    let place = format!("{}{pointer}", section.own_path());
    section.document.origin(place.clone(), line, Vec::new());
    let refuse = |message: &str| {
        section.document.problem(line, &place, message);
        None
    };
    match value {
        DeValue::String(text) => section.expand(&place, line, text).map(Value::String),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Some(Value::Number(number.into())),
            Err(_) => refuse("this whole number is too large; give one of at most 63 bits, or a text"),
        },
        DeValue::Float(number) => match number.as_str().parse().ok().and_then(Number::from_f64) {
            Some(number) => Some(Value::Number(number)),
            None => refuse("this is no finite number; settings are JSON, which has neither nan nor inf"),
        },
        DeValue::Boolean(value) => Some(Value::Bool(*value)),
        DeValue::Datetime(time) => Some(Value::String(time.to_string())),
        DeValue::Array(items) => {
            let items = items.iter().enumerate().filter_map(|(index, item)| {
                let line = section.document.line(&item.span());
                json(section, item.get_ref(), &format!("{pointer}/{index}"), line)
            });
            Some(Value::Array(items.collect()))
        }
        DeValue::Table(table) => Some(object(section, table, pointer)),
    }
}
