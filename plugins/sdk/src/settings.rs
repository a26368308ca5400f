//! Settings, read out of the JSON object that the host gives: all problems together, each with its JSON Pointer.
//!
//! The host has checked them against the schema already; this is for hosts that did not, and for what a schema
//! cannot say. Nothing here is inlined: settings are read once a call, and every copy of a method weighs in a component.

use std::{fmt::Display, ops::RangeInclusive};

use serde_json::{Map, Value};

use crate::{Failure, Problem};

/// A settings object that is being read. Each method takes one key; where something is wrong it notes the problem and
/// gives a stand-in, which [`Settings::finish`] then keeps from getting out.
#[derive(Debug)]
pub struct Settings {
    unread: Map<String, Value>,
    known: Vec<&'static str>,
    problems: Vec<Problem>,
}

impl Settings {
    /// Takes the text apart.
    ///
    /// # Errors
    /// [`Failure::Settings`] where it is not a JSON object.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        match crate::json::tree(text) {
            Ok(Value::Object(unread)) => Ok(Self { unread, known: Vec::new(), problems: Vec::new() }),
            Ok(_) => Err(wrong(String::new(), "must be a JSON object")),
            Err(error) => Err(wrong(String::new(), format!("must be a JSON object: {error}"))),
        }
    }

    /// A text that is not blank and must be there.
    #[inline(never)]
    pub fn required_text(&mut self, key: &'static str) -> String {
        match self.take(key) {
            Some(Value::String(text)) if !text.trim().is_empty() => return text,
            Some(_) => self.note(key, "must be a text that is not blank"),
            None => self.note(key, "is missing: it must be a text that is not blank"),
        }
        String::new()
    }

    /// A text that is not blank and may be missing.
    #[inline(never)]
    pub fn text(&mut self, key: &'static str) -> Option<String> {
        match self.take(key)? {
            Value::String(text) if !text.trim().is_empty() => Some(text),
            _ => {
                self.note(key, "must be a text that is not blank");
                None
            }
        }
    }

    /// A whole number in `range`.
    #[inline(never)]
    pub fn whole(&mut self, key: &'static str, range: RangeInclusive<u64>, default: u64) -> u64 {
        match self.take(key) {
            None => default,
            Some(value) => match whole(&value) {
                Some(number) if range.contains(&number) => number,
                _ => {
                    self.note(key, bounds("a whole number", &range, u64::MAX));
                    default
                }
            },
        }
    }

    /// A number above zero.
    pub fn positive(&mut self, key: &'static str, default: f64) -> f64 {
        self.positive_if_given(key).unwrap_or(default)
    }

    /// A number above zero that may be missing.
    #[inline(never)]
    pub fn positive_if_given(&mut self, key: &'static str) -> Option<f64> {
        let number = self.take(key)?.as_f64().filter(|number| *number > 0.0 && number.is_finite());
        if number.is_none() {
            self.note(key, "must be a number above 0");
        }
        number
    }

    /// Yes or no.
    #[inline(never)]
    pub fn flag(&mut self, key: &'static str, default: bool) -> bool {
        match self.take(key) {
            None => default,
            Some(Value::Bool(flag)) => flag,
            Some(_) => {
                self.note(key, "must be true or false");
                default
            }
        }
    }

    /// So many numbers above zero, each larger than the one before.
    pub fn ascending<const N: usize>(&mut self, key: &'static str, default: [f64; N]) -> [f64; N] {
        let Some(value) = self.take(key) else { return default };
        let numbers: Option<Vec<f64>> = value.as_array().and_then(|array| array.iter().map(Value::as_f64).collect());
        match numbers.and_then(|numbers| <[f64; N]>::try_from(numbers).ok()) {
            Some(steps) if steps[0] > 0.0 && steps.windows(2).all(|pair| pair[0] < pair[1]) => steps,
            _ => {
                self.note(key, format!("must be {N} numbers above 0, each larger than the one before"));
                default
            }
        }
    }

    /// Some of `allowed`, at least one and none twice, as indexes into it, in ascending order. The default is all.
    #[inline(never)]
    pub fn some_of(&mut self, key: &'static str, allowed: &[&str]) -> Vec<usize> {
        let all = (0..allowed.len()).collect();
        let Some(value) = self.take(key) else { return all };
        let chosen: Option<Vec<usize>> = value.as_array().and_then(|array| {
            array.iter().map(|item| allowed.iter().position(|allowed| item.as_str() == Some(*allowed))).collect()
        });
        if let Some(chosen) = chosen {
            let sorted: Vec<usize> = (0..allowed.len()).filter(|index| chosen.contains(index)).collect();
            if !sorted.is_empty() && sorted.len() == chosen.len() {
                return sorted;
            }
        }
        self.note(key, format!("must be a list of at least one of {}, none twice", allowed.join(", ")));
        all
    }

    /// One of `allowed`, as an index into it. The default is the first.
    #[inline(never)]
    pub fn one_of(&mut self, key: &'static str, allowed: &[&str]) -> usize {
        let Some(value) = self.take(key) else { return 0 };
        allowed.iter().position(|allowed| value.as_str() == Some(*allowed)).unwrap_or_else(|| {
            let words: Vec<String> = allowed.iter().map(|word| format!("\"{word}\"")).collect();
            self.note(key, format!("must be {}", words.join(" or ")));
            0
        })
    }

    /// A list of texts, none blank and none twice. The default is none.
    pub fn texts(&mut self, key: &'static str) -> Vec<String> {
        match self.take(key) {
            None => Vec::new(),
            Some(value) => self.list(&pointer(key), value),
        }
    }

    /// A table of such lists, each under one of `names`; in the order of the names, none where one is missing.
    pub fn lists<const N: usize>(&mut self, key: &'static str, names: [&str; N]) -> [Vec<String>; N] {
        let mut table = match self.take(key) {
            None => Map::new(),
            Some(Value::Object(table)) => table,
            Some(_) => {
                self.note(key, "must be a table of lists of texts");
                Map::new()
            }
        };
        let lists = names.map(|name| match table.swap_remove(name) {
            None => Vec::new(),
            Some(value) => self.list(&format!("{}{}", pointer(key), pointer(name)), value),
        });
        for unknown in table.keys() {
            let message = format!("is not known here; there are: {}", names.join(", "));
            self.problems.push(Problem { pointer: format!("{}{}", pointer(key), pointer(unknown)), message });
        }
        lists
    }

    #[inline(never)]
    fn list(&mut self, at: &str, value: Value) -> Vec<String> {
        let Value::Array(items) = value else {
            self.problems.push(Problem { pointer: at.to_owned(), message: "must be a list of texts".to_owned() });
            return Vec::new();
        };
        let mut texts: Vec<String> = Vec::with_capacity(items.len());
        let mut seen = std::collections::BTreeSet::new();
        for (index, item) in items.into_iter().enumerate() {
            let message = match item {
                Value::String(text) if text.trim().is_empty() => "must not be blank".to_owned(),
                Value::String(text) if !seen.insert(text.clone()) => format!("'{text}' stands here twice"),
                Value::String(text) => {
                    texts.push(text);
                    continue;
                }
                _ => "must be a text".to_owned(),
            };
            self.problems.push(Problem { pointer: format!("{at}/{index}"), message });
        }
        texts
    }

    /// Notes a problem that the reading methods do not see, such as two settings that contradict each other.
    pub fn note(&mut self, key: &str, message: impl Display) {
        self.problems.push(Problem { pointer: pointer(key), message: message.to_string() });
    }

    /// Hands out what was read, where all of it was right and nothing was left over.
    ///
    /// # Errors
    /// [`Failure::Settings`] with every problem.
    pub fn finish<T>(mut self, read: T) -> Result<T, Failure> {
        let known = self.known.join(", ");
        for key in self.unread.keys() {
            let message = format!("is not a setting; there are: {known}");
            self.problems.push(Problem { pointer: pointer(key), message });
        }
        if self.problems.is_empty() { Ok(read) } else { Err(Failure::Settings(self.problems)) }
    }

    fn take(&mut self, key: &'static str) -> Option<Value> {
        self.known.push(key);
        // Order is of no use any more, so the cheaper removal will do.
        self.unread.swap_remove(key)
    }
}

/// A whole number however JSON wrote it: as its schemas do, 3.0 counts as one.
fn whole(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| {
        let number = value.as_f64().filter(|number| number.fract() == 0.0)?;
        (0.0..=9_007_199_254_740_992.0).contains(&number).then_some(number as u64)
    })
}

fn bounds(what: &str, range: &RangeInclusive<u64>, unbounded: u64) -> String {
    if *range.end() == unbounded {
        format!("must be {what} of at least {}", range.start())
    } else {
        format!("must be {what} from {} to {}", range.start(), range.end())
    }
}

fn wrong(pointer: String, message: impl Display) -> Failure {
    Failure::Settings(vec![Problem { pointer, message: message.to_string() }])
}

/// RFC 6901.
fn pointer(key: &str) -> String {
    format!("/{}", key.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems<T: std::fmt::Debug>(read: Result<T, Failure>) -> Vec<(String, String)> {
        match read.expect_err("wrong settings") {
            Failure::Settings(problems) => problems.into_iter().map(|p| (p.pointer, p.message)).collect(),
            other => panic!("expected settings, got {other:?}"),
        }
    }

    #[test]
    fn reads_what_is_there_and_fills_in_the_rest() {
        let mut settings = Settings::parse(
            r#"{"name": "Acme", "size": 3.0, "rate": 2, "steps": [1, 2.5], "kinds": ["c", "a"], "api": "open",
                "clients": ["x", "y"]}"#,
        )
        .expect("an object");
        assert_eq!(settings.required_text("name"), "Acme");
        assert_eq!(settings.whole("size", 1..=1_000, 7), 3);
        assert_eq!(settings.whole("absent", 1..=1_000, 7), 7);
        assert_eq!(settings.positive("rate", 1.0), 2.0);
        assert_eq!(settings.positive("no_rate", 1.0), 1.0);
        assert_eq!(settings.ascending("steps", [3.0, 4.0]), [1.0, 2.5]);
        assert_eq!(settings.some_of("kinds", &["a", "b", "c"]), [0, 2]);
        assert_eq!(settings.some_of("no_kinds", &["a", "b", "c"]), [0, 1, 2]);
        assert_eq!(settings.one_of("api", &["guide", "open"]), 1);
        assert_eq!(settings.one_of("no_api", &["guide", "open"]), 0);
        assert_eq!(settings.texts("clients"), ["x", "y"]);
        settings.finish(()).expect("nothing is wrong");
    }

    #[test]
    fn tells_every_problem_with_its_pointer() {
        let mut settings = Settings::parse(
            r#"{"name": " ", "size": 0, "min": 1.5, "rate": -1, "steps": [2, 2], "kinds": ["a", "a"], "none": [],
                "api": "soap", "clients": ["x", "x", 5, ""], "a/b~c": 1}"#,
        )
        .expect("an object");
        settings.required_text("name");
        settings.required_text("id");
        settings.whole("size", 1..=1_000, 7);
        settings.whole("min", 1..=u64::MAX, 7);
        settings.positive("rate", 1.0);
        settings.ascending("steps", [3.0, 4.0]);
        settings.some_of("kinds", &["a", "b"]);
        settings.some_of("none", &["a", "b"]);
        settings.one_of("api", &["guide"]);
        settings.texts("clients");
        let expected = [
            ("/name", "must be a text that is not blank"),
            ("/id", "is missing: it must be a text that is not blank"),
            ("/size", "must be a whole number from 1 to 1000"),
            ("/min", "must be a whole number of at least 1"),
            ("/rate", "must be a number above 0"),
            ("/steps", "must be 2 numbers above 0, each larger than the one before"),
            ("/kinds", "must be a list of at least one of a, b, none twice"),
            ("/none", "must be a list of at least one of a, b, none twice"),
            ("/api", "must be \"guide\""),
            ("/clients/1", "'x' stands here twice"),
            ("/clients/2", "must be a text"),
            ("/clients/3", "must not be blank"),
            ("/a~1b~0c", "is not a setting; there are: name, id, size, min, rate, steps, kinds, none, api, clients"),
        ]
        .map(|(pointer, message)| (pointer.to_owned(), message.to_owned()));
        assert_eq!(problems(settings.finish(())), expected);
    }

    #[test]
    fn reads_what_may_be_missing_and_tables_of_lists() {
        let text = r#"{"name": "Acme", "rate": 2, "flag": false, "tags": {"b": ["x", "y"]}}"#;
        let mut settings = Settings::parse(text).expect("an object");
        assert_eq!((settings.text("name").as_deref(), settings.text("no_name")), (Some("Acme"), None));
        assert_eq!((settings.positive_if_given("rate"), settings.positive_if_given("no_rate")), (Some(2.0), None));
        assert_eq!((settings.flag("flag", true), settings.flag("no_flag", true)), (false, true));
        assert_eq!(settings.lists("tags", ["a", "b"]), [vec![], vec!["x".to_owned(), "y".to_owned()]]);
        assert_eq!(settings.lists("no_tags", ["a"]), [Vec::<String>::new()]);
        settings.finish(()).expect("all of it was right");

        let text = r#"{"name": " ", "rate": 0, "flag": 1, "tags": {"a": ["x", "x"], "b": 5, "c": []}, "more": []}"#;
        let mut settings = Settings::parse(text).expect("an object");
        settings.text("name");
        settings.positive_if_given("rate");
        settings.flag("flag", true);
        settings.lists("tags", ["a", "b"]);
        settings.lists("more", ["a"]);
        let expected = [
            ("/name", "must be a text that is not blank"),
            ("/rate", "must be a number above 0"),
            ("/flag", "must be true or false"),
            ("/tags/a/1", "'x' stands here twice"),
            ("/tags/b", "must be a list of texts"),
            ("/tags/c", "is not known here; there are: a, b"),
            ("/more", "must be a table of lists of texts"),
        ]
        .map(|(pointer, message)| (pointer.to_owned(), message.to_owned()));
        assert_eq!(problems(settings.finish(())), expected);
    }

    #[test]
    fn refuses_what_is_no_object() {
        assert_eq!(problems(Settings::parse("[]")), [(String::new(), "must be a JSON object".to_owned())]);
        let (pointer, message) = problems(Settings::parse("{")).remove(0);
        assert_eq!(pointer, "");
        assert!(message.starts_with("must be a JSON object: EOF"), "{message}");
    }
}
