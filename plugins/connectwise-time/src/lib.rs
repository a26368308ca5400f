//! STUB: Project Engagement from made-up ConnectWise time entries.
//!
//! No request is made. Which clients there are comes from the settings, and the hours spent on their projects are
//! made up from a seed, the client's name and the day, so that the same settings and window always give the same
//! entries. The scoring is the real one: project hours in 30 days.

mod score;
mod settings;

use scoresheet_sdk::{
    CheckStep, ClientPage, Description, Failure, Host, Kind as _, Metric, Observation, ObservationPage, Outcome,
    Provider, ScoreRequest, Settings, Spec, When, Window,
    paging::PageCursor,
    stub::{self, StubClient, StubSettings},
};

use crate::settings::MetricSettings;

/// The one metric's id.
const METRIC: &str = "project-engagement";

/// Project hours in 30 days of the busiest client, about.
const MAX_HOURS: u64 = 50;

/// The share of days with an entry: about ten in 30 days.
const SHARE_OF_DAYS: f64 = 1.0 / 3.0;

scoresheet_sdk::kinds! {
    /// What is observed.
    pub enum Kind {
        /// A time entry on a project, in hours.
        ProjectHours = "project-hours",
    }
}

/// The provider.
#[derive(Clone, Copy, Debug)]
pub struct Time;

impl Provider for Time {
    type Settings = StubSettings;
    type Kind = Kind;
    type Cursor = PageCursor;

    fn spec() -> Spec {
        Spec { id: "connectwise-time", title: "ConnectWise time (stub)", version: env!("CARGO_PKG_VERSION") }
    }

    fn describe(_: &StubSettings) -> Description {
        Description {
            stub: true,
            data_version: 1,
            kinds: Kind::names(),
            metrics: vec![Metric {
                id: METRIC.to_owned(),
                title: "Project Engagement".to_owned(),
                unit: "hours per 30 days".to_owned(),
                kinds: Kind::indexes(),
                settings_schema: MetricSettings::SCHEMA.to_owned(),
            }],
            rejections: Vec::new(),
        }
    }

    fn check(_: &dyn Host, settings: &StubSettings) -> Vec<CheckStep> {
        stub::check(settings)
    }

    fn clients(
        _: &dyn Host,
        settings: &StubSettings,
        page: Option<PageCursor>,
    ) -> Result<ClientPage<PageCursor>, Failure> {
        Ok(stub::clients(settings, page))
    }

    fn pull(
        _: &dyn Host,
        settings: &StubSettings,
        kinds: &[Kind],
        window: Window,
        page: Option<PageCursor>,
    ) -> Result<ObservationPage<PageCursor>, Failure> {
        Ok(stub::pull(settings, kinds, window, page, make_up))
    }

    fn score(request: &ScoreRequest<'_, Kind>) -> Result<Vec<Outcome>, Failure> {
        if request.metric != METRIC {
            return Err(request.unknown_metric());
        }
        let settings: MetricSettings = request.settings()?;
        request.score_each(|case| score::score(&settings, &case))
    }
}

fn make_up(client: &StubClient, window: Window, entries: &mut Vec<Observation>) {
    let in_30_days = client.random("project hours in 30 days").below(MAX_HOURS + 1);
    if in_30_days == 0 {
        return;
    }
    for day in stub::days(window) {
        let mut random = client.random_on("project hours", day);
        if random.happens(SHARE_OF_DAYS) {
            // A tenth of the hours on each of ten days, in quarters, on average.
            let quarters = 1 + random.below((in_30_days * 8 / 10).max(1));
            entries.push(Observation {
                id: format!("time-{}-{day}", client.id),
                client: client.client_ref(),
                when: When::At(stub::office_hour(day, &mut random)),
                kind: Kind::ProjectHours.index(),
                value: quarters as f64 / 4.0,
            });
        }
    }
}

scoresheet_sdk::export_provider!(Time);

#[cfg(test)]
mod tests {
    use scoresheet_sdk::testing::{ScriptedHost, pull, stub_contract};

    use super::*;

    #[test]
    fn keeps_the_contract_of_stubs() {
        stub_contract::<Time>();
    }

    #[test]
    fn entries_are_quarters_of_hours() {
        let host = ScriptedHost::at(0);
        let window = Window { start: 1_767_225_600_000, end: 1_798_761_600_000 };
        let page = pull::<Time>(&host, r#"{"clients": ["Acme", "Birch", "Cedar"]}"#, window, None);
        let entries = page.expect("a page").items;
        assert!((50..=3 * 365).contains(&entries.len()), "{} entries in a year", entries.len());
        let is_quarters = |hours: f64| (0.25..=10.0).contains(&hours) && (hours * 4.0).fract() == 0.0;
        assert!(entries.iter().all(|entry| is_quarters(entry.value) && matches!(entry.when, When::At(_))));
    }
}
