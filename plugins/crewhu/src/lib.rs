//! Support Engagement Satisfaction from CrewHu: the mean of a client's CSAT responses.
//!
//! Supports the API of CrewHu's integration guide (health, clients, and the scores of a window, page by page) and CrewHu's
//! published Open API (surveys, page by page). The host maps responses to clients; nothing but ids, names of clients,
//! times, types and scores leaves the provider.

mod check;
mod client;
mod cursor;
mod guide;
mod kind;
mod open;
mod response;
mod score;
mod settings;
mod verdict;

use scoresheet_sdk::{
    CheckStep, ClientPage, Description, Failure, Host, Kind as _, Metric, ObservationPage, Outcome, Provider,
    ScoreRequest, Settings, Spec, Window,
};

pub use crate::{cursor::Cursor, kind::Kind, settings::ProviderSettings};
use crate::{
    response::REJECTIONS,
    score::Scorer,
    settings::{Dialect, MetricSettings},
};

/// The one metric's id.
const METRIC: &str = "support-engagement-satisfaction";

/// The provider.
#[derive(Clone, Copy, Debug)]
pub struct CrewHu;

impl Provider for CrewHu {
    type Settings = ProviderSettings;
    type Kind = Kind;
    type Cursor = Cursor;

    fn spec() -> Spec {
        Spec { id: "crewhu", title: "CrewHu", version: env!("CARGO_PKG_VERSION") }
    }

    fn describe(_: &ProviderSettings) -> Description {
        Description {
            stub: false,
            data_version: 1,
            kinds: Kind::names(),
            metrics: vec![Metric {
                id: METRIC.to_owned(),
                title: "Support Engagement Satisfaction".to_owned(),
                unit: "mean rating 1-5".to_owned(),
                kinds: Kind::indexes(),
                settings_schema: MetricSettings::SCHEMA.to_owned(),
            }],
            rejections: REJECTIONS.iter().map(|reason| reason.id().to_owned()).collect(),
        }
    }

    fn check(host: &dyn Host, settings: &ProviderSettings) -> Vec<CheckStep> {
        check::check(host, settings)
    }

    fn clients(
        host: &dyn Host,
        settings: &ProviderSettings,
        page: Option<Cursor>,
    ) -> Result<ClientPage<Cursor>, Failure> {
        match settings.dialect() {
            Dialect::Guide { company_id } => guide::clients(host, company_id, settings.page_size, page),
            // This API has no list of clients: the surveys name them, and the host derives the list.
            Dialect::Open(_) => Ok(ClientPage::empty()),
        }
    }

    fn pull(
        host: &dyn Host,
        settings: &ProviderSettings,
        kinds: &[Kind],
        window: Window,
        page: Option<Cursor>,
    ) -> Result<ObservationPage<Cursor>, Failure> {
        match settings.dialect() {
            Dialect::Guide { company_id } => guide::pull(host, company_id, settings.page_size, kinds, window, page),
            Dialect::Open(tags) => open::pull(host, settings.page_size, tags, kinds, window, page),
        }
    }

    fn score(request: &ScoreRequest<'_, Kind>) -> Result<Vec<Outcome>, Failure> {
        if request.metric != METRIC {
            return Err(request.unknown_metric());
        }
        let settings: MetricSettings = request.settings()?;
        let mut scorer = Scorer::new(&settings);
        request.score_each(|case| Ok(scorer.score(&case)))
    }
}

scoresheet_sdk::export_provider!(CrewHu);

#[cfg(test)]
mod tests {
    use scoresheet_sdk::testing::describe;

    use super::*;

    #[test]
    fn describes_itself() {
        let spec = CrewHu::spec();
        assert_eq!((spec.id, spec.title, spec.version), ("crewhu", "CrewHu", env!("CARGO_PKG_VERSION")));
        let description = describe::<CrewHu>(r#"{"api": "open"}"#).expect("a description");
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
