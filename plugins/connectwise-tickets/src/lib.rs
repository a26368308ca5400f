//! STUB: Help Desk Usage from made-up ConnectWise tickets.
//!
//! No request is made. Which clients there are comes from the settings, and what they did is made up from a seed, the
//! client's name and the day, so that the same settings and window always give the same tickets. The scoring is the
//! real one: tickets in 30 days, or tickets per seat where the roster knows the seats.

mod score;
mod settings;

use scoresheet_sdk::{
    CheckStep, ClientPage, ClientRef, Description, Failure, Host, Metric, Observation, ObservationPage, Outcome,
    Provider, Subject, When, Window, stub, unknown_metric,
};

use crate::settings::{METRIC_SCHEMA, MetricSettings};

/// The one metric's id.
const METRIC: &str = "help-desk-usage";

/// Every made-up client opens so many tickets in 30 days at the most.
const MOST_TICKETS: u64 = 14;

/// Draws a day, each of which may be a ticket.
const DRAWS: u32 = 4;

/// The provider.
#[derive(Clone, Copy, Debug)]
pub struct Tickets;

impl Provider for Tickets {
    fn describe() -> Description {
        Description {
            id: "connectwise-tickets".to_owned(),
            title: "ConnectWise tickets (stub)".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            stub: true,
            metrics: vec![Metric {
                id: METRIC.to_owned(),
                title: "Help Desk Usage".to_owned(),
                unit: "tickets per 30 days".to_owned(),
                kinds: vec![0],
                settings_schema: METRIC_SCHEMA.to_owned(),
            }],
            kinds: vec!["ticket".to_owned()],
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
        stub::pull(settings, window, client, page, |client, window, tickets| {
            let in_30_days = client.random("tickets in 30 days").below(MOST_TICKETS + 1);
            let share = in_30_days as f64 / 30.0 / f64::from(DRAWS);
            for day in stub::days(window) {
                let mut random = client.random_on("tickets", day);
                for draw in 0..DRAWS {
                    if random.happens(share) {
                        tickets.push(Observation {
                            id: format!("ticket-{}-{day}-{draw}", client.id),
                            client: ClientRef::Id(client.id.clone()),
                            when: When::At(stub::office_hour(day, &mut random)),
                            kind: 0,
                            value: 1.0,
                        });
                    }
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

scoresheet_sdk::export_provider!(Tickets);

#[cfg(test)]
mod tests {
    use scoresheet_sdk::testing::{ScriptedHost, stub_contract};

    use super::*;

    #[test]
    fn keeps_the_contract_of_stubs() {
        stub_contract::<Tickets>();
    }

    #[test]
    fn every_ticket_counts_one() {
        let host = ScriptedHost::at(0);
        let window = Window { start: 1_767_225_600_000, end: 1_798_761_600_000 };
        let page = Tickets::pull(&host, r#"{"clients": ["Acme", "Birch", "Cedar"]}"#, window, None, None);
        let tickets = page.expect("a page").items;
        assert!((50..=3 * 365).contains(&tickets.len()), "{} tickets in a year", tickets.len());
        assert!(tickets.iter().all(|ticket| ticket.value == 1.0 && matches!(ticket.when, When::At(_))));
    }
}
