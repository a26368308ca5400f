//! STUB: Agreement Coverage from made-up ConnectWise agreements.
//!
//! No request is made. Which clients there are comes from the settings, and their agreements are made up from a seed
//! and the client's name, so that the same settings and window always give the same agreements. The scoring is the
//! real one: whether an agreement is in force at the end of the window, and for how much longer.

mod score;
mod settings;

use scoresheet_sdk::{
    CheckStep, ClientPage, Description, Failure, Host, Instant, Kind as _, Metric, Observation, ObservationPage,
    Outcome, Provider, ScoreRequest, Settings, Spec, When, Window,
    numbers::DAY_MS,
    paging::PageCursor,
    stub::{self, StubClient, StubSettings},
};

use crate::settings::MetricSettings;

/// The one metric's id.
const METRIC: &str = "agreement-coverage";

/// A made-up agreement with an end runs so long, then the next one follows.
const TERM_MS: i64 = 365 * DAY_MS;

scoresheet_sdk::kinds! {
    /// What is observed.
    pub enum Kind {
        /// An agreement, from its start to its end.
        Agreement = "agreement",
    }
}

/// The provider.
#[derive(Clone, Copy, Debug)]
pub struct Agreements;

impl Provider for Agreements {
    type Settings = StubSettings;
    type Kind = Kind;
    type Cursor = PageCursor;

    fn spec() -> Spec {
        Spec {
            id: "connectwise-agreements",
            title: "ConnectWise agreements (stub)",
            version: env!("CARGO_PKG_VERSION"),
        }
    }

    fn describe(_: &StubSettings) -> Description {
        Description {
            stub: true,
            data_version: 1,
            kinds: Kind::names(),
            metrics: vec![Metric {
                id: METRIC.to_owned(),
                title: "Agreement Coverage".to_owned(),
                unit: "days of cover left".to_owned(),
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

/// Of ten clients, one has no agreement, two have one without an end, and the rest renew theirs every year, each on a
/// day of its own.
fn make_up(client: &StubClient, window: Window, agreements: &mut Vec<Observation>) {
    let mut random = client.random("agreement");
    let kind_of_client = random.below(10);
    let first = stub::ERA.start + i64::try_from(random.below(365)).unwrap_or_default() * DAY_MS;
    let agreement = |term: i64, when: When| Observation {
        id: format!("agreement-{}-{term}", client.id),
        client: client.client_ref(),
        when,
        kind: Kind::Agreement.index(),
        value: 1.0,
    };
    match kind_of_client {
        0 => {}
        1 | 2 => agreements.push(agreement(0, When::Since(first))),
        _ => {
            let from = window.start.clamp(first, stub::ERA.end);
            let until = window.end.min(stub::ERA.end);
            let start_of = |term: i64| -> Instant { first + term * TERM_MS };
            let terms = ((from - first) / TERM_MS)..;
            for term in terms.take_while(|term| start_of(*term) < until) {
                let held = Window { start: start_of(term), end: start_of(term + 1) };
                agreements.push(agreement(term, When::During(held)));
            }
        }
    }
}

scoresheet_sdk::export_provider!(Agreements);

#[cfg(test)]
mod tests {
    use scoresheet_sdk::testing::{ScriptedHost, pull, stub_contract};

    use super::*;

    #[test]
    fn keeps_the_contract_of_stubs() {
        stub_contract::<Agreements>();
    }

    #[test]
    fn some_have_none_some_have_no_end_and_most_renew() {
        let names: Vec<String> = (0..10).map(|number| format!("\"Client {number}\"")).collect();
        let host = ScriptedHost::at(0);
        let moment = 1_793_491_200_000;
        let (mut none, mut open, mut yearly) = (0, 0, 0);
        for seed in 0..20 {
            let settings = format!(r#"{{"clients": [{}], "seed": {seed}}}"#, names.join(","));
            let window = Window { start: moment, end: moment + 1 };
            let page = pull::<Agreements>(&host, &settings, window, None).expect("a page");
            none += 10 - page.items.len();
            for agreement in page.items {
                match agreement.when {
                    When::Since(_) => open += 1,
                    When::During(held) => {
                        assert_eq!(held.end - held.start, TERM_MS);
                        assert!(held.start <= moment && moment < held.end);
                        yearly += 1;
                    }
                    When::At(_) => panic!("an agreement is a state: {agreement:?}"),
                }
            }
        }
        assert_eq!(none + open + yearly, 200);
        assert!((8..=35).contains(&none) && (20..=60).contains(&open), "{none} without, {open} without an end");
    }
}
