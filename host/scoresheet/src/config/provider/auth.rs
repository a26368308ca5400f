//! `auth`: the credential of a provider, in one of three forms.

use std::collections::BTreeSet;

use scoresheet_gateway::check_credential_header;
use toml::de::{DeTable, DeValue};

use crate::config::{secret::SecretSource, section::Section, template::Template};

/// The credential that the host attaches to each request.
#[derive(Clone, Debug, PartialEq)]
pub enum Auth {
    /// `{ bearer = "…" }`: `Authorization: Bearer …`.
    Bearer(SecretSource),
    /// `{ basic = { user = "…", password = "…" } }`: `Authorization: Basic …`.
    Basic {
        /// The user; for ConnectWise, company and public key with a '+' between.
        user: SecretSource,
        /// The password; for ConnectWise, the private key.
        password: SecretSource,
    },
    /// `{ header = { name = "…", value = "…" } }`: a header of the source's own.
    Header {
        /// The header's name.
        name: String,
        /// Its value.
        value: SecretSource,
    },
}

impl Auth {
    /// What the operator calls the credential: the variables it is made from. None where it stands in the file.
    #[must_use]
    pub fn called(&self) -> Option<String> {
        let secret = match self {
            Self::Bearer(secret) | Self::Basic { password: secret, .. } | Self::Header { value: secret, .. } => secret,
        };
        (!secret.variables().is_empty()).then(|| secret.variables().join(" and "))
    }
}

/// Reads `auth`; none where it is not there or wrong.
pub(super) fn read(section: &mut Section<'_>) -> Option<Auth> {
    let given = section.has("auth");
    let mut table = section.table("auth");
    if !given || !table.is_given() {
        return None;
    }
    let forms: Vec<&str> = ["bearer", "basic", "header"].into_iter().filter(|form| table.has(form)).collect();
    if forms.len() > 1 {
        table.problem_here(format!("{} stand side by side; give one of them", forms.join(" and ")));
    } else if table.contents().is_some_and(DeTable::is_empty) {
        table.problem_here(
            "this is empty; give { bearer = \"…\" }, { basic = { user = \"…\", password = \"…\" } } or { header = { name = \"…\", value = \"…\" } }",
        );
    }
    let bearer = sendable(&mut table, "bearer").map(Auth::Bearer);
    let basic = basic(&mut table);
    let header = header(&mut table);
    table.finish();
    bearer.or(basic).or(header)
}

fn basic(table: &mut Section<'_>) -> Option<Auth> {
    let mut basic = table.table("basic");
    if !basic.is_given() {
        return None;
    }
    let user = basic.secret("user", true).filter(|user| {
        let colon = user.expand(basic.document.env).is_ok_and(|expansion| expansion.text.contains(':'));
        if colon {
            basic.problem(
                "user",
                "the user holds a ':', which basic authentication cannot carry; is it the right value?",
            );
        }
        !colon
    });
    let password = basic.secret("password", false);
    missing(&basic, &["user", "password"]);
    basic.finish();
    user.zip(password).map(|(user, password)| Auth::Basic { user, password })
}

fn header(table: &mut Section<'_>) -> Option<Auth> {
    let mut header = table.table("header");
    if !header.is_given() {
        return None;
    }
    let name = header.text("name").and_then(|name| match check_credential_header(&name.value) {
        Ok(()) => Some(name.value),
        Err(why) => {
            header.problem("name", format!("this header {why}"));
            None
        }
    });
    let value = sendable(&mut header, "value");
    missing(&header, &["name", "value"]);
    header.finish();
    name.zip(value).map(|(name, value)| Auth::Header { name, value })
}

/// A credential that goes into a header as it is.
fn sendable(section: &mut Section<'_>, key: &'static str) -> Option<SecretSource> {
    let secret = section.secret(key, false)?;
    if secret.expand(section.document.env).is_ok_and(|expansion| !expansion.text.is_ascii()) {
        section.problem(key, "the credential holds letters outside ASCII, which no header may; is it the right value?");
        return None;
    }
    Some(secret)
}

fn missing(section: &Section<'_>, keys: &[&str]) {
    for key in keys.iter().filter(|key| !section.has(key)) {
        section.problem_here(format!("there is no {key}; give {} both", keys.join(" and ")));
    }
}

/// The variables that hold credentials: they may stand nowhere else. Every `auth` of the document counts: one whose section
/// is misspelled or commented out is no provider's, and yet what it names must not be told.
pub(in crate::config) fn credentials(document: &DeTable<'_>) -> BTreeSet<String> {
    let mut variables = BTreeSet::new();
    look_for_auth(document, &mut variables);
    variables
}

fn look_for_auth(table: &DeTable<'_>, variables: &mut BTreeSet<String>) {
    for (key, value) in table {
        match (key.get_ref().as_ref(), value.get_ref()) {
            ("auth", auth) => gather(auth, variables),
            // A provider's own settings are called what it likes.
            ("settings", _) => {}
            (_, DeValue::Table(inner)) => look_for_auth(inner, variables),
            (_, DeValue::Array(items)) => {
                items
                    .iter()
                    .filter_map(|item| item.get_ref().as_table())
                    .for_each(|item| look_for_auth(item, variables));
            }
            _ => {}
        }
    }
}

fn gather(value: &DeValue<'_>, variables: &mut BTreeSet<String>) {
    match value {
        DeValue::String(text) => {
            if let Ok(template) = Template::parse(text) {
                variables.extend(template.variables().map(str::to_owned));
            }
        }
        DeValue::Table(table) => {
            // The user of a basic credential and the name of a header are no secrets.
            for (_, value) in table.iter().filter(|(key, _)| !["user", "name"].contains(&key.get_ref().as_ref())) {
                gather(value.get_ref(), variables);
            }
        }
        DeValue::Array(items) => items.iter().for_each(|item| gather(item.get_ref(), variables)),
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {}
    }
}
