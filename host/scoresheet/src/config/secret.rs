//! Credentials: kept as templates, and resolved whenever one is needed.
//!
//! A key that is rotated in its `*_FILE` is used without a restart. Nothing here prints a value.

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::{
    environment::{Environment, VariableError},
    template::{Expansion, Template, TemplateError},
};

/// A credential or part of one: a text with `${NAME}`, or the credential itself.
#[derive(Clone, Default)]
pub struct SecretSource {
    template: SecretString,
    variables: Vec<String>,
    literal: bool,
}

/// Why a credential has no value. Never contains one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The text is not a template.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// A variable has no value.
    #[error(transparent)]
    Variable(#[from] VariableError),
    /// It is empty.
    #[error("the credential is empty")]
    Empty,
    /// It contains what a header does not allow.
    #[error("the credential contains a control character or a line break; give it on one line")]
    Control,
}

impl SecretSource {
    pub(super) fn new(template: &str) -> Result<Self, TemplateError> {
        let parsed = Template::parse(template)?;
        let variables = parsed.variables().map(str::to_owned).collect();
        Ok(Self { template: SecretString::from(template), variables, literal: parsed.is_literal() })
    }

    /// The current value.
    ///
    /// # Errors
    /// [`SecretError`] if a variable or its file is missing, or its value cannot be a credential.
    pub fn resolve(&self, env: &dyn Environment) -> Result<SecretString, SecretError> {
        self.expand(env).map(|expansion| SecretString::from(expansion.text))
    }

    pub(super) fn expand(&self, env: &dyn Environment) -> Result<Expansion, SecretError> {
        let expansion = Template::parse(self.template.expose_secret())?.expand(env)?;
        if expansion.text.is_empty() {
            return Err(SecretError::Empty);
        }
        if expansion.text.chars().any(char::is_control) {
            return Err(SecretError::Control);
        }
        Ok(expansion)
    }

    /// The variables it is made from, in order.
    #[must_use]
    pub fn variables(&self) -> &[String] {
        &self.variables
    }

    /// Whether the credential, or a default for it, is written in the file.
    #[must_use]
    pub fn is_literal(&self) -> bool {
        self.literal
    }

    /// What may be shown: `(set)`, or `(set by CREWHU_API_KEY)`.
    #[must_use]
    pub fn shown(&self) -> String {
        if self.variables.is_empty() { "(set)".to_owned() } else { format!("(set by {})", self.variables.join(", ")) }
    }
}

impl fmt::Debug for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

impl Serialize for SecretSource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.shown())
    }
}

impl<'de> Deserialize<'de> for SecretSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(&Cow::<str>::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl JsonSchema for SecretSource {
    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "writeOnly": true})
    }
}

/// Compares the templates.
impl PartialEq for SecretSource {
    fn eq(&self, other: &Self) -> bool {
        self.template.expose_secret() == other.template.expose_secret()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::FixedEnvironment;

    #[test]
    fn rotated_key_is_read_from_its_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key");
        let env = FixedEnvironment::from_iter([("KEY_FILE", path.to_str().expect("UTF-8"))]);
        let secret = SecretSource::new("${KEY}").expect("a template");
        for value in ["first", "second"] {
            std::fs::write(&path, format!("{value}\n")).expect("written");
            assert_eq!(secret.resolve(&env).expect("a value").expose_secret(), value);
        }
        std::fs::remove_file(&path).expect("removed");
        assert!(matches!(secret.resolve(&env), Err(SecretError::Variable(VariableError::File { .. }))));
    }

    #[test]
    fn credential_with_line_break_is_rejected() {
        let secret = SecretSource::new("${KEY}").expect("a template");
        let env = FixedEnvironment::from_iter([("KEY", "canary\r\nx: y")]);
        let error = secret.resolve(&env).expect_err("a line break");
        assert_eq!(error, SecretError::Control);
        assert!(!error.to_string().contains("canary"));
        let empty = SecretSource::new("${NONE:-}").expect("a template");
        assert_eq!(empty.resolve(&env).expect_err("empty"), SecretError::Empty);
    }

    #[test]
    fn debug_shows_variable_names_only() {
        let secret = |text| SecretSource::new(text).expect("a template");
        assert_eq!(format!("{:?}", secret("canary")), "(set)");
        assert_eq!(format!("{:?}", secret("${A}+${B:-canary}")), "(set by A, B)");
    }
}
