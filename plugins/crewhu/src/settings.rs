//! The settings of the provider and of its metric, with the schemas that describe them.

mod metric;
mod provider;

pub(crate) use metric::{METRIC_SCHEMA, MetricSettings};
pub(crate) use provider::{Api, PROVIDER_SCHEMA, ProviderSettings, TypeTags};

#[cfg(test)]
mod tests;
