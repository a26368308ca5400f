//! Support Engagement Satisfaction from CrewHu: the mean of a client's CSAT responses.
//!
//! Speaks the API of CrewHu's integration guide (health, clients, and scores of a window, page by page) and CrewHu's
//! published Open API (surveys, page by page). Which response is whose is the host's to find out; nothing but ids, names
//! of clients, times, types and scores leaves the provider.

mod check;
mod client;
mod guide;
mod open;
mod response;
mod score;
mod settings;

use scoresheet_sdk::{
    CheckStep, ClientPage, Description, Failure, Figure, Host, Metric, ObservationPage, Outcome, Past, Period,
    Provider, Subject, Window, paging::PageCursor, unknown_metric,
};

use crate::{
    client::Clients,
    guide::{Guide, SCORES},
    response::{KINDS, REJECTIONS, Responses},
    score::Scorer,
    settings::{Api, METRIC_SCHEMA, MetricSettings, PROVIDER_SCHEMA, ProviderSettings},
};

/// The one metric's id.
const METRIC: &str = "support-engagement-satisfaction";

/// The provider.
#[derive(Clone, Copy, Debug)]
pub struct CrewHu;

impl Provider for CrewHu {
    fn describe() -> Description {
        Description {
            id: "crewhu".to_owned(),
            title: "CrewHu".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            stub: false,
            metrics: vec![Metric {
                id: METRIC.to_owned(),
                title: "Support Engagement Satisfaction".to_owned(),
                unit: "mean rating 1-5".to_owned(),
                kinds: (0..).take(KINDS.len()).collect(),
                settings_schema: METRIC_SCHEMA.to_owned(),
            }],
            kinds: KINDS.map(str::to_owned).to_vec(),
            rejections: REJECTIONS.map(|reason| reason.id().to_owned()).to_vec(),
            settings_schema: PROVIDER_SCHEMA.to_owned(),
        }
    }

    fn check(host: &dyn Host, settings: &str) -> Vec<CheckStep> {
        check::check(host, settings)
    }

    fn clients(host: &dyn Host, settings: &str, page: Option<&[u8]>) -> Result<ClientPage, Failure> {
        let ProviderSettings { api, page_size } = ProviderSettings::parse(settings)?;
        let company_id = match &api {
            Api::Guide { company_id } => company_id,
            Api::Open(_) => return open::clients(host, page_size, page),
        };
        let cursor = PageCursor::decode(page)?;
        let page = Guide::new(host, company_id).clients(cursor.page(), page_size, Clients::default)?;
        let next = cursor.following(page.pagination.pages());
        Ok(ClientPage { items: page.rows.finish(host, cursor.page()), next })
    }

    fn pull(
        host: &dyn Host,
        settings: &str,
        window: Window,
        client: Option<&str>,
        page: Option<&[u8]>,
    ) -> Result<ObservationPage, Failure> {
        let ProviderSettings { api, page_size } = ProviderSettings::parse(settings)?;
        let company_id = match &api {
            Api::Guide { company_id } => company_id,
            Api::Open(tags) => return open::pull(host, page_size, tags, window, client, page),
        };
        let cursor = PageCursor::decode(page)?;
        // The server's own filter by client would miss the responses that carry a name only.
        let room = usize::try_from(page_size).unwrap_or(0);
        let start = || Responses::new(window, host.now(), client, room);
        let page = Guide::new(host, company_id).scores(window, cursor.page(), page_size, start)?;
        if let Some(problem) = page.rows.problem() {
            return Err(Failure::InvalidResponse(format!("GET {SCORES}, page {}: {problem}", cursor.page())));
        }
        let next = cursor.following(page.pagination.pages());
        let (items, rejected) = page.rows.finish();
        Ok(ObservationPage { items, rejected, next, total: page.pagination.total })
    }

    fn score(metric: &str, settings: &str, window: Window, subjects: &[Subject]) -> Result<Vec<Outcome>, Failure> {
        let (settings, mut scorer) = scoring(metric, settings)?;
        Ok(subjects.iter().map(|subject| scorer.score(&settings, window, subject)).collect())
    }

    fn figures(
        metric: &str,
        settings: &str,
        periods: &[Period],
        subjects: &[Past],
    ) -> Result<Vec<Option<Figure>>, Failure> {
        let (settings, mut scorer) = scoring(metric, settings)?;
        Ok(scorer.figures(&settings, periods, subjects))
    }
}

fn scoring(metric: &str, settings: &str) -> Result<(MetricSettings, Scorer), Failure> {
    if metric == METRIC {
        Ok((MetricSettings::parse(settings)?, Scorer::default()))
    } else {
        Err(unknown_metric(metric, METRIC))
    }
}

scoresheet_sdk::export_provider!(CrewHu);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn describes_itself() {
        let description = CrewHu::describe();
        assert_eq!((description.id.as_str(), description.title.as_str()), ("crewhu", "CrewHu"));
        assert_eq!(description.version, env!("CARGO_PKG_VERSION"));
        assert!(!description.stub);
        assert_eq!(description.kinds, ["overall", "resolution", "communication", "timeliness", "overall-bare"]);
        assert_eq!(
            description.rejections,
            [
                "no-id",
                "no-client",
                "no-time",
                "future",
                "unknown-type",
                "incomplete",
                "invalid-status",
                "score-missing",
                "score-out-of-range",
                "inactive",
            ]
        );
        let [metric] = description.metrics.as_slice() else { panic!("one metric") };
        assert_eq!(metric.id, "support-engagement-satisfaction");
        assert_eq!(metric.unit, "mean rating 1-5");
        assert_eq!(metric.kinds, [0, 1, 2, 3, 4]);
    }
}
