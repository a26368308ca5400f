//! The components that can be configured by name.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

/// Components by the names under which `component = "…"` finds them.
#[derive(Clone, Default)]
pub struct Components(pub(crate) BTreeMap<String, Registered>);

/// Where a component's bytes come from.
#[derive(Clone)]
pub(crate) enum Registered {
    Bytes(Arc<[u8]>),
    File(PathBuf),
}

impl Components {
    /// None.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a component's bytes, in the place of an earlier one of this name.
    #[must_use]
    pub fn bytes(mut self, name: impl Into<String>, bytes: impl Into<Arc<[u8]>>) -> Self {
        self.0.insert(name.into(), Registered::Bytes(bytes.into()));
        self
    }

    /// Adds a component's file, in the place of an earlier one of this name. It is read when it is needed.
    #[must_use]
    pub fn file(mut self, name: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        self.0.insert(name.into(), Registered::File(path.into()));
        self
    }

    /// All but those of these names.
    #[must_use]
    pub fn without(mut self, names: &[&str]) -> Self {
        self.0.retain(|name, _| !names.contains(&name.as_str()));
        self
    }
}
