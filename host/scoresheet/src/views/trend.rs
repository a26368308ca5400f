//! `trend`.

use schemars::JsonSchema;
use scoresheet_domain::{
    ClientId, Instant, MetricId,
    benchmark::Benchmark,
    sheet::{ClientRow, MetricCell},
    trend::Trend,
};
use serde::Serialize;

/// The trends of a client's metrics.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ClientTrends {
    /// The client.
    pub client: ClientId,
    /// Its name.
    pub name: String,
    /// Type of business.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// When the windows end.
    pub as_of: Instant,
    /// The metrics, in the sheet's order.
    pub metrics: Vec<MetricTrend>,
}

/// The trend of a metric.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct MetricTrend {
    /// The metric.
    pub id: MetricId,
    /// Its name.
    pub name: String,
    /// Unit of the figures.
    pub unit: Option<String>,
    /// Figure of the sheet's window.
    pub value: Option<f64>,
    /// Score of the sheet's window.
    pub score: Option<f64>,
    /// Monthly figures and direction; null for a manual metric.
    pub trend: Option<Trend>,
    /// Comparison with clients of this type.
    pub benchmark: Option<Benchmark>,
    /// Figure that clients of this type should reach.
    pub target: Option<f64>,
}

impl ClientTrends {
    /// The trends of these metrics of a client.
    #[must_use]
    pub fn new(row: &ClientRow, as_of: Instant, cells: &[&MetricCell]) -> Self {
        let view = |cell: &&MetricCell| MetricTrend {
            id: cell.id.clone(),
            name: cell.name.clone(),
            unit: cell.unit.clone(),
            value: cell.value,
            score: cell.score,
            trend: cell.trend.clone(),
            benchmark: cell.benchmark.clone(),
            target: cell.target,
        };
        Self {
            client: row.id.clone(),
            name: row.name.clone(),
            kind: row.kind.clone(),
            as_of,
            metrics: cells.iter().map(view).collect(),
        }
    }
}
