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
}
