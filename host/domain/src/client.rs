//! Clients, as the MSP knows them and as a source knows them.

use crate::id::{ClientId, SourceId};

/// A client of the MSP: a row of the roster.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Client {
    /// The roster's id.
    pub id: ClientId,
    /// The name a person reads.
    pub name: String,
    /// The kind of business, where the roster says: "legal", "dental".
    pub kind: Option<String>,
    /// Inactive clients are kept but stand on no sheet.
    pub active: bool,
    /// Web or e-mail domains, lower case.
    pub domains: Vec<String>,
    /// Other names the client goes by; they match as its name does.
    pub aliases: Vec<String>,
    /// Further columns of the roster, `type` and `seats` among them, by name: what a metric sees of the client.
    pub attributes: Vec<(String, String)>,
}

impl Client {
    /// The identifiers that the roster lists in its column `identifiers` (or `identifier`), `;` between: tax numbers,
    /// account numbers, ids at a source. Beside these the client's own id counts as one.
    pub fn identifiers(&self) -> impl Iterator<Item = &str> {
        let columns = self.attributes.iter().filter(|(name, _)| IDENTIFIER_COLUMNS.contains(&name.as_str()));
        columns.flat_map(|(_, value)| value.split(';')).map(str::trim).filter(|text| !text.is_empty())
    }
}

/// The columns of a roster that list identifiers. They stay among the attributes, so that they need no place of their own.
pub const IDENTIFIER_COLUMNS: [&str; 2] = ["identifiers", "identifier"];

/// A client as a source knows it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SourceClient {
    /// The source's id.
    pub id: SourceId,
    /// The name the source shows.
    pub name: String,
    /// Whether the source counts it as current.
    pub active: bool,
    /// Other identifiers that the source and a roster may share.
    pub identifiers: Vec<String>,
    /// Web or e-mail domains, lower case.
    pub domains: Vec<String>,
    /// Facts such as `seats`. A roster column of the same name wins.
    pub attributes: Vec<(String, String)>,
}
