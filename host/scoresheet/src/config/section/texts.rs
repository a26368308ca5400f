//! Fields that are texts: variables are put in, and credentials are kept apart.

use toml::de::DeValue;

use super::{Entry, Field, Section, Text};
use crate::config::{
    secret::{SecretError, SecretSource},
    template::Template,
};

impl<'d> Section<'d> {
    /// A text, its variables put in.
    pub(in crate::config) fn text(&mut self, key: &'static str) -> Option<Text> {
        let field = self.field(key)?;
        let DeValue::String(written) = field.value else {
            self.wrong_type(&field, "a string");
            return None;
        };
        let value = self.expand(&field.path, field.line, written)?;
        Some(Text { value, written: written.to_string() })
    }

    /// Texts in an array, their variables put in; empty where it is not there. `right` says what would be right.
    pub(in crate::config) fn texts(&mut self, key: &'static str, right: &str) -> Vec<Text> {
        let Some(field) = self.field(key) else { return Vec::new() };
        let DeValue::Array(items) = field.value else {
            self.wrong_type(&field, right);
            return Vec::new();
        };
        self.note_origin(&field);
        let mut texts = Vec::new();
        for item in items.iter() {
            let line = self.document.line(&item.span());
            match item.get_ref() {
                DeValue::String(written) => {
                    let value = self.expand(&field.path, field.line, written);
                    texts.extend(value.map(|value| Text { value, written: written.to_string() }));
                }
                value => self.wrong_type(&Field { value, path: field.path.clone(), line }, right),
            }
        }
        texts
    }

    /// A credential. What is wrong with it is told without it; that it stands in the file itself
    /// is worth a warning, unless a literal is fine.
    pub(in crate::config) fn secret(&mut self, key: &'static str, literal_is_fine: bool) -> Option<SecretSource> {
        let field = self.field(key)?;
        self.secret_at(&field, literal_is_fine)
    }

    fn secret_at(&self, field: &Field<'d>, literal_is_fine: bool) -> Option<SecretSource> {
        let DeValue::String(written) = field.value else {
            self.wrong_type(field, "a string");
            return None;
        };
        let expanded = SecretSource::new(written)
            .map_err(SecretError::from)
            .and_then(|secret| secret.expand(self.document.env).map(|expansion| (secret, expansion)));
        let (secret, expansion) = match expanded {
            Ok(both) => both,
            Err(error) => {
                self.document.problem(field.line, &field.path, error.to_string());
                return None;
            }
        };
        for (variable, file) in &expansion.files {
            self.document.warn_of_file(field.line, &field.path, variable, file);
        }
        if secret.is_literal() && !literal_is_fine {
            self.document.warn_of_literal(field.line, &field.path);
        }
        self.document.origin(field.path.clone(), field.line, Vec::new());
        Some(secret)
    }

    /// An entry that must be a credential, or may be one.
    pub(in crate::config) fn secret_of(&self, entry: &Entry<'d>, path: &str) -> Option<SecretSource> {
        self.secret_at(&Field { value: entry.value, path: path.to_owned(), line: entry.line }, true)
    }

    /// Puts variables into a text that may be shown: one that holds a credential is refused.
    pub(in crate::config) fn expand(&self, path: &str, line: Option<usize>, written: &str) -> Option<String> {
        let refuse = |message: String| {
            self.document.problem(line, path, message);
            None
        };
        let template = match Template::parse(written) {
            Ok(template) => template,
            Err(error) => return refuse(error.to_string()),
        };
        if let Some(name) = template.variables().find(|name| self.document.credentials.contains(*name)) {
            return refuse(format!("{name} holds a credential: it may stand in a provider's auth and nowhere else"));
        }
        match template.expand(self.document.env) {
            Ok(expansion) => {
                let told = |name: &str| {
                    let unset = if expansion.unset.iter().any(|other| other == name) { " (not set)" } else { "" };
                    format!("${{{name}}}{unset}")
                };
                self.document.origin(path.to_owned(), line, template.variables().map(told).collect());
                Some(expansion.text)
            }
            Err(error) => refuse(error.to_string()),
        }
    }
}
