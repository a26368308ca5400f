//! STUB: Project Engagement from made-up ConnectWise time entries.
//!
//! No request is made. Which clients there are comes from the settings, and the hours spent on their projects are
//! made up from a seed, the client's name and the day, so that the same settings and window always give the same
//! entries. The scoring is the real one: project hours in 30 days.

mod score;
mod settings;

use scoresheet_sdk::{
    CheckStep, ClientPage, ClientRef, Description, Failure, Host, Metric, Observation, ObservationPage, Outcome,
    Provider, Subject, When, Window, stub, unknown_metric,
};

use crate::settings::{METRIC_SCHEMA, MetricSettings};

/// The one metric's id.
const METRIC: &str = "project-engagement";

/// Every made-up client has about so many project hours in 30 days at the most.
const MOST_HOURS: u64 = 50;

/// The share of days with an entry: about ten in 30 days.
const SHARE_OF_DAYS: f64 = 1.0 / 3.0;

/// The provider.
#[derive(Clone, Copy, Debug)]
pub struct Time;

impl Provider for Time {
    fn describe() -> Description {
        Description {
            id: "connectwise-time".to_owned(),
            title: "ConnectWise time (stub)".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            stub: true,
            metrics: vec![Metric {
                id: METRIC.to_owned(),
                title: "Project Engagement".to_owned(),
                unit: "hours per 30 days".to_owned(),
                kinds: vec![0],
                settings_schema: METRIC_SCHEMA.to_owned(),
            }],
            kinds: vec!["project-hours".to_owned()],
            rejections: Vec::new(),
            settings_schema: stub::SETTINGS_SCHEMA.to_owned(),
        }
    }

    fn check(_: &dyn Host, settings: &str) -> Vec<CheckStep> {
        stub::check(settings)
    }

    fn clients(_: &dyn Host, settings: &str, page: Option<&[u8]>) -> Result<ClientPage, Failure> {
        stub::clients(settings, page)
    }

    fn pull(
        _: &dyn Host,
        settings: &str,
        window: Window,
        client: Option<&str>,
        page: Option<&[u8]>,
    ) -> Result<ObservationPage, Failure> {
        stub::pull(settings, window, client, page, |client, window, entries| {
            let in_30_days = client.random("project hours in 30 days").below(MOST_HOURS + 1);
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
                        client: ClientRef::Id(client.id.clone()),
                        when: When::At(stub::office_hour(day, &mut random)),
                        kind: 0,
                        value: quarters as f64 / 4.0,
                    });
                }
            }
        })
    }

    fn score(metric: &str, settings: &str, window: Window, subjects: &[Subject]) -> Result<Vec<Outcome>, Failure> {
        if metric != METRIC {
            return Err(unknown_metric(metric, METRIC));
        }
        let settings = MetricSettings::parse(settings)?;
        subjects.iter().map(|subject| score::score(&settings, window, subject).map(stub::noted)).collect()
    }
}

scoresheet_sdk::export_provider!(Time);

#[cfg(test)]
mod tests {
    use scoresheet_sdk::testing::{ScriptedHost, stub_contract};

    use super::*;

    #[test]
    fn keeps_the_contract_of_stubs() {
        stub_contract::<Time>();
    }

    #[test]
    fn entries_are_quarters_of_hours() {
        let host = ScriptedHost::at(0);
        let window = Window { start: 1_767_225_600_000, end: 1_798_761_600_000 };
        let page = Time::pull(&host, r#"{"clients": ["Acme", "Birch", "Cedar"]}"#, window, None, None);
        let entries = page.expect("a page").items;
        assert!((50..=3 * 365).contains(&entries.len()), "{} entries in a year", entries.len());
        let is_quarters = |hours: f64| (0.25..=10.0).contains(&hours) && (hours * 4.0).fract() == 0.0;
        assert!(entries.iter().all(|entry| is_quarters(entry.value) && matches!(entry.when, When::At(_))));
    }
}
