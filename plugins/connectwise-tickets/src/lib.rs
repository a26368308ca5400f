//! STUB: Help Desk Usage from made-up ConnectWise tickets.
//!
//! No request is made. Which clients there are comes from the settings, and what they did is made up from a seed, the
//! client's name and the day, so that the same settings and window always give the same tickets. The scoring is the
//! real one: tickets in 30 days, or tickets per seat where the roster knows the seats.

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
const METRIC: &str = "help-desk-usage";

/// Tickets in 30 days of the busiest client.
const MAX_TICKETS: u64 = 14;

/// Draws per day, each of which may be a ticket.
const DRAWS: u32 = 4;

scoresheet_sdk::kinds! {
    /// What is observed.
    pub enum Kind {
        /// A ticket, which counts one.
        Ticket = "ticket",
    }
}

/// The provider.
#[derive(Clone, Copy, Debug)]
pub struct Tickets;

impl Provider for Tickets {
    type Settings = StubSettings;
    type Kind = Kind;
    type Cursor = PageCursor;

    fn spec() -> Spec {
        Spec { id: "connectwise-tickets", title: "ConnectWise tickets (stub)", version: env!("CARGO_PKG_VERSION") }
    }

    fn describe(_: &StubSettings) -> Description {
        Description {
            stub: true,
            data_version: 1,
            kinds: Kind::names(),
            metrics: vec![Metric {
                id: METRIC.to_owned(),
                title: "Help Desk Usage".to_owned(),
                unit: "tickets per 30 days".to_owned(),
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

fn make_up(client: &StubClient, window: Window, tickets: &mut Vec<Observation>) {
    let in_30_days = client.random("tickets in 30 days").below(MAX_TICKETS + 1);
    let share = in_30_days as f64 / 30.0 / f64::from(DRAWS);
    for day in stub::days(window) {
        let mut random = client.random_on("tickets", day);
        for draw in 0..DRAWS {
            if random.happens(share) {
                tickets.push(Observation {
                    id: format!("ticket-{}-{day}-{draw}", client.id),
                    client: client.client_ref(),
                    when: When::At(stub::office_hour(day, &mut random)),
                    kind: Kind::Ticket.index(),
                    value: 1.0,
                });
            }
        }
    }
}

scoresheet_sdk::export_provider!(Tickets);

#[cfg(test)]
mod tests {
    use scoresheet_sdk::testing::{ScriptedHost, pull, stub_contract};

    use super::*;

    #[test]
    fn keeps_the_contract_of_stubs() {
        stub_contract::<Tickets>();
    }

    #[test]
    fn every_ticket_counts_one() {
        let host = ScriptedHost::at(0);
        let window = Window { start: 1_767_225_600_000, end: 1_798_761_600_000 };
        let page = pull::<Tickets>(&host, r#"{"clients": ["Acme", "Birch", "Cedar"]}"#, window, None);
        let tickets = page.expect("a page").items;
        assert!((50..=3 * 365).contains(&tickets.len()), "{} tickets in a year", tickets.len());
        assert!(tickets.iter().all(|ticket| ticket.value == 1.0 && matches!(ticket.when, When::At(_))));
    }
}
