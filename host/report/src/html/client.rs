//! One client's part of the page.

use askama::Template;
use scoresheet_domain::sheet::{ClientRow, Engagement, GroupScore, MetricCell};

use super::{chart::Chart, plot::Plot};
use crate::{
    client::{Block, blocks, months, shared_window},
    figures::{self, figure, window},
    overview::has_stub,
    words::{self, Note},
};

/// So many months stand on paper; a screen shows all.
const MONTHS_ON_PAPER: usize = 12;

/// A client's part.
#[derive(Template)]
#[template(path = "client.html", whitespace = "minimize")]
pub(super) struct ClientPart<'a> {
    at: usize,
    client: &'a ClientRow,
    engagement: &'a Engagement,
    stub: bool,
    target: Option<String>,
    plot: Option<Plot>,
    window: Option<String>,
    blocks: Vec<BlockView<'a>>,
    grouped: bool,
    trends: bool,
    comparisons: bool,
    months: Vec<MonthHead>,
    timelines: Vec<Timeline<'a>>,
}

struct BlockView<'a> {
    group: Option<&'a GroupScore>,
    stub: bool,
    metrics: Vec<MetricView<'a>>,
}

struct MetricView<'a> {
    /// Unique on the page.
    key: String,
    cell: &'a MetricCell,
    origin: String,
    samples: String,
    interval: Option<String>,
    notes: Vec<Note>,
    chart: Option<Chart>,
    plot: Option<Plot>,
    target: Option<String>,
}

struct MonthHead {
    name: String,
    old: bool,
}

/// A metric's months, a place for each month of the client.
struct Timeline<'a> {
    cell: &'a MetricCell,
    months: Vec<MonthView>,
}

struct MonthView {
    old: bool,
    figure: Option<MonthFigure>,
}

struct MonthFigure {
    value: String,
    rolling: Option<String>,
    samples: u32,
    open: bool,
}

impl<'a> ClientPart<'a> {
    /// The part of the client at this place of the sheet.
    pub(super) fn of(client: &'a ClientRow, at: usize) -> Self {
        let window_of_all = shared_window(client);
        let blocks = blocks(client);
        let mut number = 0;
        let mut view = |block: Block<'a>| {
            let mut metric = |cell: &'a MetricCell| {
                number += 1;
                MetricView {
                    key: format!("{at}-{number}"),
                    cell,
                    origin: words::origin(cell, window_of_all),
                    samples: words::samples(cell),
                    interval: words::interval(cell),
                    notes: words::notes(cell),
                    chart: Chart::of(cell),
                    plot: Plot::of_metric(cell),
                    target: cell.target.map(|target| words::target(target, cell.value)),
                }
            };
            let metrics = block.cells.into_iter().map(&mut metric).collect();
            BlockView { group: block.group, stub: block.stub, metrics }
        };
        let score = client.engagement.score;
        let months = months(client);
        let is_old = |index: usize| index + MONTHS_ON_PAPER < months.len();
        let timelines = client.metrics.iter().filter_map(|cell| {
            let trend = cell.trend.as_ref()?;
            let month = |(index, month)| MonthView {
                old: is_old(index),
                figure: trend.months.iter().find(|it| it.month == month).and_then(|it| {
                    Some(MonthFigure {
                        value: figure(it.value?),
                        rolling: it.rolling.map(figure),
                        samples: it.samples,
                        open: !it.complete,
                    })
                }),
            };
            Some(Timeline { cell, months: months.iter().copied().enumerate().map(month).collect() })
        });
        Self {
            at,
            client,
            engagement: &client.engagement,
            stub: has_stub(client),
            target: client.target.map(|target| words::target(target, score)),
            plot: client.benchmark.as_ref().map(|it| Plot::of_engagement(it, score, client.target)),
            window: window_of_all.map(window),
            grouped: !client.groups.is_empty(),
            trends: client.metrics.iter().any(|cell| cell.trend.is_some()),
            comparisons: client.metrics.iter().any(|cell| cell.benchmark.is_some() || cell.target.is_some()),
            timelines: timelines.collect(),
            blocks: blocks.into_iter().map(&mut view).collect(),
            months: months
                .iter()
                .enumerate()
                .map(|(index, month)| MonthHead { name: month.to_string(), old: is_old(index) })
                .collect(),
        }
    }

    /// What is unique on the page about the client's own drawing.
    fn key(&self) -> String {
        self.at.to_string()
    }

    /// How many columns the table of metrics has.
    fn columns(&self) -> usize {
        3 + usize::from(self.trends) + usize::from(self.comparisons)
    }
}
