//! The settings of the provider and of its metric.

mod metric;
mod provider;

pub(crate) use metric::MetricSettings;
pub use provider::ProviderSettings;
pub(crate) use provider::{Dialect, TypeTags};

#[cfg(test)]
mod tests;
