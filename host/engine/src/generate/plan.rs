//! What is read and scored for a sheet, in order: a provider's windows together, the metrics of one window together.

use scoresheet_domain::{Instant, ProviderName, Window, sheet::MetricCell};

use super::{
    GenerateRequest,
    cells::{self, Computed},
    group::Group,
    load::Span,
    past::Past,
    score::LONGER_DAYS,
};
use crate::{
    definition::{MetricSource, ProviderInstance},
    engine::Engine,
    error::EngineError,
};

/// What is read and scored, in order.
pub(super) struct Plan<'a> {
    /// By provider of the sheet: what is read of it, and what is scored.
    pub(super) sources: Vec<(Span, Vec<Group<'a>>)>,
    /// A cell a metric, before anything is known of a client.
    pub(super) cells: Vec<MetricCell>,
}

impl Engine {
    /// Which metrics look at the same window of the same provider: what is read for one serves them all.
    pub(super) fn plan(
        &self,
        request: &GenerateRequest,
        used: &[(&ProviderName, &ProviderInstance)],
    ) -> Result<Plan<'_>, EngineError> {
        let mut groups: Vec<Vec<Group<'_>>> = used.iter().map(|_| Vec::new()).collect();
        let mut cells = Vec::with_capacity(self.sheet.metrics.len());
        for (column, metric) in self.sheet.metrics.iter().enumerate() {
            let days = request.lookback_days.unwrap_or(metric.lookback_days);
            let window = Window::before(request.as_of, i64::from(days));
            let MetricSource::Provider { provider, metric: provider_metric, settings } = &metric.source else {
                cells.push(cells::manual(metric, window));
                continue;
            };
            self.provider(provider.as_str())?;
            let at = used.iter().position(|(name, _)| *name == provider).expect("every provider of the sheet is used");
            let computed = Computed { column, metric, provider_metric, settings };
            cells.push(computed.cell(provider, used[at].1.provider.description(), window));
            match groups[at].iter_mut().find(|group| group.window == window) {
                Some(group) => group.metrics.push(computed),
                None => groups[at].push(Group {
                    window,
                    past: Past::of(self.sheet.trend, request.as_of, days),
                    metrics: vec![computed],
                }),
            }
        }
        let sources = groups.into_iter().map(|groups| (span(request.as_of, &groups), groups)).collect();
        Ok(Plan { sources, cells })
    }
}

/// All windows of one provider.
fn span(as_of: Instant, groups: &[Group<'_>]) -> Span {
    let windows: Vec<Window> = groups.iter().map(|group| group.window).collect();
    let past = groups.iter().filter_map(|group| group.past.as_ref()).flat_map(Past::windows);
    // Where there is a past to tell, longer lookbacks are tried for what has no data.
    let longest = groups.iter().filter_map(|group| group.past.as_ref()).map(|_| Window::before(as_of, LONGER_DAYS[2]));
    let all = windows.iter().copied().chain(past).chain(longest);
    let start = all.map(|window| window.start).min().unwrap_or(as_of);
    Span { whole: Window { start, end: as_of }, windows }
}
