//! One client's metrics, arranged for reading: group by group, with the months that its trends span.

use std::collections::BTreeSet;

use scoresheet_domain::{
    Month,
    sheet::{CellWindow, ClientRow, GroupScore, MetricCell},
};

/// A group and its metrics; the metrics that are in none come last.
pub(crate) struct Block<'a> {
    /// The group; none for the metrics that are in none.
    pub(crate) group: Option<&'a GroupScore>,
    /// Whether a made-up figure is part of the group's score.
    pub(crate) stub: bool,
    /// The group's metrics, in the sheet's order.
    pub(crate) cells: Vec<&'a MetricCell>,
}

/// The client's metrics, group by group.
pub(crate) fn blocks(client: &ClientRow) -> Vec<Block<'_>> {
    let known = |cell: &MetricCell| client.groups.iter().any(|group| cell.group.as_ref() == Some(&group.id));
    let mut blocks: Vec<Block<'_>> = client
        .groups
        .iter()
        .map(|group| {
            let of_it = |cell: &&MetricCell| cell.group.as_ref() == Some(&group.id);
            let cells: Vec<_> = client.metrics.iter().filter(of_it).collect();
            let stub = group.score.is_some() && cells.iter().any(|cell| cell.stub && cell.score.is_some());
            Block { group: Some(group), stub, cells }
        })
        .collect();
    let others: Vec<&MetricCell> = client.metrics.iter().filter(|cell| !known(cell)).collect();
    if !others.is_empty() {
        blocks.push(Block { group: None, stub: false, cells: others });
    }
    blocks
}

/// Every month that a trend of the client shows, the oldest first.
pub(crate) fn months(client: &ClientRow) -> Vec<Month> {
    let trends = client.metrics.iter().filter_map(|cell| cell.trend.as_ref());
    let months: BTreeSet<Month> = trends.flat_map(|trend| &trend.months).map(|month| month.month).collect();
    months.into_iter().collect()
}

/// The window of every metric that has a provider, where it is the same for all.
pub(crate) fn shared_window(client: &ClientRow) -> Option<CellWindow> {
    let mut windows = client.metrics.iter().filter(|cell| cell.provider.is_some()).map(|cell| cell.window);
    let first = windows.next()?;
    windows.all(|window| window == first).then_some(first)
}
