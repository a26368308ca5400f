//! The file as a JSON value with the line of each part, and the problems found in it.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use jsonschema::error::ValidationErrorKind;
use scoresheet_domain::MetricId;
use serde_json::{Map, Number, Value};
use toml::de::{DeTable, DeValue};

use super::{
    environment::{Environment, world_readable},
    problem::ConfigProblem,
    schema::{at, branch, branches, child, schema, tag},
    secret::{SecretError, SecretSource},
    sections::Sections,
    settings::words::{self, Finding, explain, extend, out_of_range, wrong_type},
    template::Template,
};

/// Where a value comes from, if it is not a default.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Provenance {
    /// The line, from 1; none if it comes from the environment alone.
    pub(super) line: Option<usize>,
    /// The variables in it: `${NAME}`, `${NAME} (not set)`.
    pub(super) variables: Vec<String>,
}

/// Where each value comes from, by its JSON Pointer.
pub(super) type Origins = BTreeMap<String, Provenance>;

/// The file is valid by its schema, and yet not what its declaration reads: a mistake in the declaration.
pub(super) const UNREADABLE: &str = "valid by the schema but not readable; report this as a bug";

/// A configuration being read.
pub(super) struct Document<'d> {
    name: String,
    pub(super) env: &'d dyn Environment,
    /// As written, before variables are replaced: what messages may show.
    written: Value,
    /// What JSON cannot hold: dates, nan and inf, numbers of more than 64 bits.
    odd: BTreeMap<String, Odd>,
    /// Variables that hold credentials: they may be used as credentials only.
    credentials: BTreeSet<String>,
    pub(super) origins: Origins,
    problems: Vec<ConfigProblem>,
    /// Pointers that a problem was reported for.
    reported: BTreeSet<String>,
    /// Pointers of values that are not deserialised, since a problem was reported in them.
    removed: BTreeSet<String>,
    pub(super) warnings: Vec<ConfigProblem>,
    /// Whether a credential is written out in the file.
    pub(super) literal_credential: bool,
}

/// A TOML value that JSON cannot hold.
enum Odd {
    Date,
    Number(String),
}

impl<'d> Document<'d> {
    /// A configuration without a file.
    pub(super) fn empty(name: String, env: &'d dyn Environment) -> Self {
        Self {
            name,
            env,
            written: Value::Object(Map::new()),
            odd: BTreeMap::new(),
            credentials: BTreeSet::new(),
            origins: Origins::new(),
            problems: Vec::new(),
            reported: BTreeSet::new(),
            removed: BTreeSet::new(),
            warnings: Vec::new(),
            literal_credential: false,
        }
    }

    /// Parses TOML.
    ///
    /// The parser's own message repeats the line, which may hold a credential: only its reason is reported.
    pub(super) fn parse(name: String, text: &str, env: &'d dyn Environment) -> Result<Self, ConfigProblem> {
        let mut document = Self::empty(name, env);
        match DeTable::parse(text) {
            Ok(table) => {
                let lines = Lines(text);
                document.written = document.table(table.get_ref(), "", &lines);
                Ok(document)
            }
            Err(error) => {
                let span = error.span();
                Err(ConfigProblem {
                    name: document.name,
                    line: span.as_ref().map(|span| Lines(text).line(span)),
                    column: span.as_ref().map(|span| Lines(text).column(span)),
                    message: format!("invalid TOML: {}", error.message().trim()),
                })
            }
        }
    }

    fn table(&mut self, table: &DeTable<'_>, pointer: &str, lines: &Lines<'_>) -> Value {
        let members = table.iter().map(|(key, value)| {
            let pointer = extend(pointer, key.get_ref());
            // A table is where its key is first written.
            let span = if value.get_ref().is_table() { key.span() } else { value.span() };
            self.origins.insert(pointer.clone(), Provenance { line: Some(lines.line(&span)), ..Provenance::default() });
            (key.get_ref().to_string(), self.value(value.get_ref(), pointer, lines))
        });
        members.collect::<Map<_, _>>().into()
    }

    fn value(&mut self, value: &DeValue<'_>, pointer: String, lines: &Lines<'_>) -> Value {
        match value {
            DeValue::String(text) => text.to_string().into(),
            DeValue::Boolean(value) => (*value).into(),
            DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
                Ok(number) => number.into(),
                Err(_) => {
                    self.odd.insert(pointer, Odd::Number(number.as_str().to_owned()));
                    Value::Null
                }
            },
            DeValue::Float(number) => match number.as_str().parse().ok().and_then(Number::from_f64) {
                Some(number) => number.into(),
                None => {
                    self.odd.insert(pointer, Odd::Number(number.as_str().to_owned()));
                    Value::Null
                }
            },
            DeValue::Datetime(time) => {
                self.odd.insert(pointer, Odd::Date);
                time.to_string().into()
            }
            DeValue::Array(items) => {
                let items = items.iter().enumerate().map(|(index, item)| {
                    let pointer = format!("{pointer}/{index}");
                    let line = Some(lines.line(&item.span()));
                    self.origins.insert(pointer.clone(), Provenance { line, ..Provenance::default() });
                    self.value(item.get_ref(), pointer, lines)
                });
                items.collect::<Vec<_>>().into()
            }
            DeValue::Table(table) => self.table(table, &pointer, lines),
        }
    }

    /// Replaces variables, checks the file against the schema, and deserialises what is valid.
    pub(super) fn sections(&mut self) -> Sections {
        let mut value = self.written.clone();
        let mut leaves = Vec::new();
        find_leaves(&self.written, Some(schema()), String::new(), &mut leaves);
        for (pointer, node) in &leaves {
            self.note_credential(pointer, *node);
        }
        for (pointer, node) in leaves {
            // A key that the schema does not have is reported as unknown, and nothing else.
            if let (Some(node), Some(leaf)) = (node, value.pointer_mut(&pointer)) {
                self.expand(leaf, node, &pointer);
            }
        }
        let validator = jsonschema::validator_for(schema()).expect("the declaration gives a valid schema");
        // A name is reported and its section checked all the same.
        let mut names = BTreeSet::new();
        for error in validator.iter_errors(&value) {
            for Finding { pointer, message } in explain(schema(), &value, &self.written, &error) {
                if matches!(error.kind(), ValidationErrorKind::PropertyNames { .. }) {
                    names.insert(pointer.clone());
                }
                self.problem(&pointer, message);
            }
        }
        let invalid: Vec<String> = self.reported.difference(&names).cloned().collect();
        for pointer in invalid {
            self.remove(&mut value, &pointer);
        }
        serde_json::from_value(value).unwrap_or_else(|_| {
            // The error may repeat a credential.
            self.problem("", UNREADABLE);
            Sections::default()
        })
    }

    /// Removes an invalid value, or the table around it if that cannot be read without it.
    fn remove(&mut self, value: &mut Value, pointer: &str) {
        let mut place = pointer;
        for (at_slash, _) in pointer.match_indices('/') {
            let outer = &pointer[..at_slash];
            // Beside a tag, every other key has a default; without one, the branch needs its keys.
            let needs_whole = |branch: &Value| tag(branch).is_none_or(|(name, _)| pointer == extend(outer, name));
            let node = at(schema(), &self.written, outer);
            if node.and_then(|node| branches(node).first()).is_some_and(needs_whole) {
                place = outer;
                break;
            }
        }
        while let Some((outer, step)) = place.rsplit_once('/') {
            let key = step.replace("~1", "/").replace("~0", "~");
            match value.pointer_mut(outer) {
                Some(Value::Object(table)) => {
                    table.remove(&key);
                    break;
                }
                // The sections behind it keep their places.
                Some(Value::Array(sections)) if outer.rfind('/') == Some(0) => {
                    if let Some(section) = key.parse().ok().and_then(|index: usize| sections.get_mut(index)) {
                        *section = Value::Object(Map::new());
                    }
                    break;
                }
                // A list with an invalid item is not read.
                _ => place = outer,
            }
        }
        self.removed.insert(place.to_owned());
    }

    /// Notes the variables of a credential: one that the schema marks, or a text in a table `auth` or under the key of a
    /// credential, even if its section is misspelled.
    fn note_credential(&mut self, pointer: &str, node: Option<&Value>) {
        let is_credential = match node {
            Some(node) => is_password(node),
            None => {
                let (outer, key) = pointer.rsplit_once('/').unwrap_or_default();
                let in_auth = outer.split('/').any(|step| step == "auth") && !["user", "name"].contains(&key);
                in_auth || ["auth", "bearer", "password", "url"].contains(&key)
            }
        };
        let text = self.written.pointer(pointer).and_then(Value::as_str).filter(|_| is_credential);
        if let Some(template) = text.and_then(|text| Template::parse(text).ok()) {
            self.credentials.extend(template.variables().map(str::to_owned));
        }
    }

    /// Replaces variables, and reports a value that JSON cannot hold. Credentials keep their variables.
    fn expand(&mut self, leaf: &mut Value, node: &Value, pointer: &str) {
        match self.odd.get(pointer) {
            Some(Odd::Date) if node.get("type").is_some() => self.problem(pointer, wrong_type("a date", node)),
            Some(Odd::Number(number)) => {
                let message = match node.get("type").and_then(Value::as_str) {
                    Some("integer" | "number") => out_of_range(number, node),
                    Some(_) => wrong_type("a number", node),
                    None => format!("{number} is out of range; give a finite number of at most 63 bits, or a string"),
                };
                self.problem(pointer, message);
            }
            _ => {}
        }
        match leaf {
            // For JSON Schema, 30.0 is an integer.
            Value::Number(number) if number.is_f64() && node["type"] == "integer" => {
                self.problem(pointer, wrong_type("a float", node));
            }
            Value::String(text) if node["writeOnly"] == true => {
                let secret = self.secret(pointer, text);
                if is_password(node) && secret.is_some_and(|secret| secret.is_literal()) {
                    self.literal_credential = true;
                    let message =
                        "the credential is written in the file; set an environment variable and write ${NAME}";
                    self.warn(pointer, message);
                }
            }
            Value::String(text) => {
                if let Some(expanded) = self.expand_text(pointer, text) {
                    *text = expanded;
                }
            }
            _ => {}
        }
    }

    /// Replaces the variables in a text that may be shown, and notes where it comes from.
    pub(super) fn expand_text(&mut self, pointer: &str, written: &str) -> Option<String> {
        let template = match Template::parse(written) {
            Ok(template) => template,
            Err(error) => {
                self.problem(pointer, error.to_string());
                return None;
            }
        };
        if let Some(name) = template.variables().find(|name| self.credentials.contains(*name)) {
            self.problem(
                pointer,
                format!("{name} holds a credential, which can only be used in auth, url or password"),
            );
            return None;
        }
        match template.expand(self.env) {
            Ok(expansion) => {
                let shown = |name: &str| {
                    let unset = if expansion.unset.iter().any(|other| other == name) { " (not set)" } else { "" };
                    format!("${{{name}}}{unset}")
                };
                self.origins.entry(pointer.to_owned()).or_default().variables =
                    template.variables().map(shown).collect();
                Some(expansion.text)
            }
            Err(error) => {
                self.problem(pointer, error.to_string());
                None
            }
        }
    }

    /// A credential that has a value now. Warns if everyone can read it.
    pub(super) fn secret(&mut self, pointer: &str, written: &str) -> Option<SecretSource> {
        let read = SecretSource::new(written)
            .map_err(SecretError::from)
            .and_then(|secret| secret.expand(self.env).map(|expansion| (secret, expansion)));
        match read {
            Ok((secret, expansion)) => {
                self.origins.entry(pointer.to_owned()).or_default();
                for (variable, file) in expansion.files.iter().filter(|(_, file)| world_readable(file)) {
                    let file = file.display();
                    self.warn(pointer, &format!("{variable}_FILE is {file}, which every user can read; chmod 600 it"));
                }
                Some(secret)
            }
            Err(error) => {
                self.problem(pointer, error.to_string());
                None
            }
        }
    }

    /// Reports a problem, unless one was reported there already or the value was removed.
    pub(super) fn problem(&mut self, pointer: &str, message: impl AsRef<str>) {
        let in_removed = self.removed.iter().any(|outer| within(pointer, outer));
        if !in_removed && self.reported.insert(pointer.to_owned()) {
            let problem = self.place(pointer, message.as_ref());
            self.problems.push(problem);
        }
    }

    /// Reports what works but should be changed.
    pub(super) fn warn(&mut self, pointer: &str, message: &str) {
        let warning = self.place(pointer, message);
        self.warnings.push(warning);
    }

    fn place(&self, pointer: &str, message: &str) -> ConfigProblem {
        let label = self.label(pointer);
        let message = if label.is_empty() { message.to_owned() } else { format!("{label}: {message}") };
        ConfigProblem { name: self.name.clone(), line: line_of(&self.origins, pointer), column: None, message }
    }

    /// Whether the file has this value, valid or not.
    pub(super) fn has(&self, pointer: &str) -> bool {
        self.written.pointer(pointer).is_some()
    }

    /// The names of the sections in a table or list, valid or not, in the order of the file. Ids are as written, and only
    /// those that messages may show.
    pub(super) fn names(&self, section: &str) -> Vec<String> {
        match self.written.get(section) {
            Some(Value::Object(table)) => {
                let mut names: Vec<String> = table.keys().cloned().collect();
                names.sort_by_key(|name| self.line(&extend(&format!("/{section}"), name)));
                names
            }
            Some(Value::Array(list)) => list.iter().filter_map(plain_id).collect(),
            _ => Vec::new(),
        }
    }

    /// The line of a value, or of the table that it is missing from.
    pub(super) fn line(&self, pointer: &str) -> Option<usize> {
        line_of(&self.origins, pointer)
    }

    /// The value as written, for a message.
    pub(super) fn shown(&self, pointer: &str) -> String {
        self.written.pointer(pointer).map_or_else(String::new, words::shown)
    }

    /// `/metrics/0/weight` as `metrics.gut-instinct.weight`; by number if the id cannot be shown or is not the first.
    fn label(&self, pointer: &str) -> String {
        let mut steps = pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~"));
        let Some(table) = steps.next() else { return String::new() };
        let mut words = vec![words::label(&table)];
        if let Some(sections) = self.written.get(&table).and_then(Value::as_array)
            && let Some(index) = steps.next().and_then(|step| step.parse::<usize>().ok())
        {
            let ids: Vec<Option<String>> = sections.iter().map(plain_id).collect();
            let own = ids.get(index).cloned().flatten();
            let is_first = own.is_some() && ids.iter().position(|id| *id == own) == Some(index);
            words.push(own.filter(|_| is_first).unwrap_or_else(|| format!("#{}", index + 1)));
        }
        words.extend(steps.map(|step| words::label(&step)));
        words.join(".")
    }

    /// The problems by line.
    pub(super) fn problems(&mut self) -> Vec<ConfigProblem> {
        let mut problems = std::mem::take(&mut self.problems);
        for list in [&mut problems, &mut self.warnings] {
            list.sort_by_key(|problem| problem.line.unwrap_or(usize::MAX));
        }
        problems
    }
}

/// The line of a value, or of the table that it is missing from.
pub(super) fn line_of(origins: &Origins, pointer: &str) -> Option<usize> {
    let mut place = pointer;
    loop {
        if let Some(provenance) = origins.get(place) {
            return provenance.line;
        }
        place = place.rsplit_once('/')?.0;
    }
}

/// Every value that is neither a table nor an array, with its schema: none where its key is not known.
fn find_leaves<'s>(
    value: &Value,
    node: Option<&'s Value>,
    pointer: String,
    leaves: &mut Vec<(String, Option<&'s Value>)>,
) {
    let node = node.map(|node| branch(node, value));
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let key = index.to_string();
                find_leaves(item, node.and_then(|node| child(node, &key, true)), extend(&pointer, &key), leaves);
            }
        }
        Value::Object(table) => {
            for (key, item) in table {
                find_leaves(item, node.and_then(|node| child(node, key, false)), extend(&pointer, key), leaves);
            }
        }
        // A table was expected: which one, nobody knows.
        _ => leaves.push((pointer, node.filter(|node| node.get("oneOf").is_none()))),
    }
}

/// The id of a section, if it is not a variable's value and could be valid.
fn plain_id(section: &Value) -> Option<String> {
    section["id"].as_str().filter(|id| MetricId::new(*id).is_ok()).map(str::to_owned)
}

fn is_password(node: &Value) -> bool {
    node["format"] == "password"
}

/// Whether a pointer is `outer` or inside it.
fn within(pointer: &str, outer: &str) -> bool {
    pointer.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The lines of a text.
struct Lines<'t>(&'t str);

impl Lines<'_> {
    /// The line, from 1.
    fn line(&self, span: &Range<usize>) -> usize {
        self.0.as_bytes()[..span.start.min(self.0.len())].iter().filter(|b| **b == b'\n').count() + 1
    }

    /// The column, from 1, in characters.
    fn column(&self, span: &Range<usize>) -> usize {
        let mut at = span.start.min(self.0.len());
        while !self.0.is_char_boundary(at) {
            at -= 1;
        }
        self.0[..at].rsplit('\n').next().unwrap_or_default().chars().count() + 1
    }
}
