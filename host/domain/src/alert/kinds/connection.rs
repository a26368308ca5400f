//! `connection`: a source that fails.

use super::{Check, InvalidParameter, Kind, Parameters};
use crate::{
    alert::evaluate::{Reading, View},
    id::ProviderName,
};

/// A source that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connection;

impl Kind for Connection {
    const KEYS: &'static [&'static str] = &[];

    fn new(_: &mut Parameters<'_>) -> Result<Self, Vec<InvalidParameter>> {
        Ok(Self)
    }
}

impl Check for Connection {
    fn provider(&self, view: &View<'_>, name: &ProviderName) -> Option<Reading> {
        Some(match view.providers.get(name)?.failure {
            Some(problem) => Reading::Fires(format!("{}; {}", problem.message, problem.remedy)),
            None => Reading::Clear(format!("{name}: the last sync went well")),
        })
    }
}
