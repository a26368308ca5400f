//! Replaces `${NAME}` and `${NAME:-default}` in a parsed string; `$$` is a dollar sign.
//!
//! Values are inserted as text and never parsed as TOML, so a value cannot add keys. Defaults are literal.

use std::path::PathBuf;

use super::environment::{Environment, VariableError, lookup};

/// A text with placeholders for variables.
pub(super) struct Template<'t>(Vec<Part<'t>>);

enum Part<'t> {
    Literal(&'t str),
    Variable { name: &'t str, default: Option<&'t str> },
}

/// The text is not a template. The message never repeats it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A placeholder is not closed.
    #[error("a '${{' has no '}}' after it; write ${{NAME}}, or $$ for a dollar sign")]
    Unclosed,
    /// A placeholder names no variable.
    #[error("a '${{' names no variable; write ${{NAME}} or ${{NAME:-default}}, with letters, digits and '_' in NAME")]
    NoName,
    /// A placeholder inside a default.
    #[error("a default contains '${{'; defaults are literal")]
    Nested,
}

/// A template with its variables replaced.
pub(super) struct Expansion {
    pub(super) text: String,
    /// The variables that came from a file, and the file.
    pub(super) files: Vec<(String, PathBuf)>,
    /// The variables that were not set, so that their default was used.
    pub(super) unset: Vec<String>,
}

impl<'t> Template<'t> {
    pub(super) fn parse(text: &'t str) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            let (before, from) = rest.split_at(at);
            parts.push(Part::Literal(before));
            if let Some(after) = from.strip_prefix("$$") {
                parts.push(Part::Literal("$"));
                rest = after;
            } else if let Some(after) = from.strip_prefix("${") {
                let (inside, after) = after.split_once('}').ok_or(TemplateError::Unclosed)?;
                parts.push(placeholder(inside)?);
                rest = after;
            } else {
                parts.push(Part::Literal("$"));
                rest = &from[1..];
            }
        }
        parts.push(Part::Literal(rest));
        Ok(Self(parts))
    }

    /// The variables it names, in order.
    pub(super) fn variables(&self) -> impl Iterator<Item = &'t str> {
        self.0.iter().filter_map(|part| match part {
            Part::Variable { name, .. } => Some(*name),
            Part::Literal(_) => None,
        })
    }

    /// Whether it names no variable, or has a default that is not empty.
    pub(super) fn is_literal(&self) -> bool {
        let default = |part: &Part<'_>| matches!(part, Part::Variable { default: Some(text), .. } if !text.is_empty());
        self.variables().next().is_none() || self.0.iter().any(default)
    }

    /// Replaces the variables.
    pub(super) fn expand(&self, env: &dyn Environment) -> Result<Expansion, VariableError> {
        let mut expansion = Expansion { text: String::new(), files: Vec::new(), unset: Vec::new() };
        for part in &self.0 {
            match part {
                Part::Literal(text) => expansion.text.push_str(text),
                Part::Variable { name, default } => match (lookup(env, name), default) {
                    (Ok(variable), _) => {
                        expansion.text.push_str(&variable.value);
                        expansion.files.extend(variable.file.map(|path| ((*name).to_owned(), path)));
                    }
                    (Err(VariableError::Unset { .. }), Some(default)) => {
                        expansion.text.push_str(default);
                        expansion.unset.push((*name).to_owned());
                    }
                    (Err(error), _) => return Err(error),
                },
            }
        }
        Ok(expansion)
    }
}

fn placeholder(inside: &str) -> Result<Part<'_>, TemplateError> {
    let (name, default) = match inside.split_once(":-") {
        Some((name, default)) => (name, Some(default)),
        None => (inside, None),
    };
    let begins = name.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
    if !begins || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return Err(TemplateError::NoName);
    }
    if default.is_some_and(|default| default.contains("${")) {
        return Err(TemplateError::Nested);
    }
    Ok(Part::Variable { name, default })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::FixedEnvironment;

    fn expand(text: &str) -> Result<String, String> {
        let env = FixedEnvironment::from_iter([("A", "one"), ("EMPTY", ""), ("QUOTE", "\"\n[x]\n${A}")]);
        let template = Template::parse(text).map_err(|error| error.to_string())?;
        template.expand(&env).map(|expansion| expansion.text).map_err(|error| error.to_string())
    }

    #[test]
    fn variables_are_replaced() {
        for (text, expected) in [
            ("", ""),
            ("plain", "plain"),
            ("${A}", "one"),
            ("<${A}${A}>", "<oneone>"),
            ("${NONE:-https://api.crewhu.com}", "https://api.crewhu.com"),
            ("${EMPTY:-other}", "other"),
            ("${NONE:-}", ""),
            ("${A:-other}", "one"),
            ("$$", "$"),
            ("$${A}", "${A}"),
            ("$$${A}", "$one"),
            ("5$ or $x", "5$ or $x"),
            // A value is not expanded again.
            ("${QUOTE}", "\"\n[x]\n${A}"),
        ] {
            assert_eq!(expand(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn invalid_placeholders_are_rejected() {
        for (text, begin) in [
            ("${A", "a '${' has no '}'"),
            ("${}", "a '${' names no variable"),
            ("${1A}", "a '${' names no variable"),
            ("${A:?oops}", "a '${' names no variable"),
            ("${a b}", "a '${' names no variable"),
            ("${A:-${B}}", "a default contains"),
            ("${NONE}", "the environment variable NONE is not set, or empty; set it, or NONE_FILE"),
            ("${EMPTY}", "the environment variable EMPTY is not set, or empty"),
        ] {
            let error = expand(text).expect_err(text);
            assert!(error.starts_with(begin), "{text}: {error}");
        }
    }

    #[test]
    fn template_with_default_is_literal() {
        let template = |text| Template::parse(text).expect("a template");
        assert_eq!(template("${A}-${B:-x}").variables().collect::<Vec<_>>(), ["A", "B"]);
        assert!(!template("Token ${A}${B:-}").is_literal());
        assert!(template("${A:-x}").is_literal());
        assert!(template("canary").is_literal());
    }
}
