//! Hand-built sheets: one with every outcome and mark, one as wide as a whole MSP's.

use scoresheet_domain::{
    ClientId, Instant, Interval, MetricId, Problem, ProblemKind, ProviderName, Remedy, Window,
    compose::{Composition, Part},
    review::review,
    sheet::{ClientRow, MetricCell, OutcomeKind, Override, SCHEMA, Scoresheet},
};

fn at(text: &str) -> Instant {
    Instant::parse(text).expect("a time")
}

fn provider(name: &str) -> ProviderName {
    ProviderName::new(name).expect("a provider's name")
}

fn client_id(id: &str) -> ClientId {
    ClientId::new(id).expect("a client's id")
}

fn cell(id: &str, name: &str, weight: f64, outcome: OutcomeKind, score: Option<f64>) -> MetricCell {
    let id = MetricId::new(id).expect("a metric's id");
    let window = Window::before(at("2026-11-01"), 30);
    MetricCell { outcome, score, ..MetricCell::unscored(id, name, weight, window) }
}

fn satisfaction(outcome: OutcomeKind, score: Option<f64>, explanation: &str) -> MetricCell {
    MetricCell {
        provider: Some(provider("crewhu")),
        unit: Some("mean rating 1-5".to_owned()),
        explanation: vec![explanation.to_owned()],
        ..cell("support-engagement-satisfaction", "Support Engagement Satisfaction", 2.0, outcome, score)
    }
}

fn tickets(score: f64, count: f64) -> MetricCell {
    MetricCell {
        provider: Some(provider("connectwise-tickets")),
        value: Some(count),
        unit: Some("tickets per 30 days".to_owned()),
        samples: 9,
        effective_samples: Some(9.0),
        stub: true,
        explanation: vec![format!("{count} tickets in 30 days")],
        ..cell("help-desk-usage", "Help Desk Usage", 1.0, OutcomeKind::Measured, Some(score))
    }
}

fn gut(outcome: OutcomeKind, score: Option<f64>) -> MetricCell {
    cell("gut-instinct", "Gut Instinct", 2.0, outcome, score)
}

fn row(id: &str, name: &str, kind: Option<&str>, metrics: Vec<MetricCell>) -> ClientRow {
    let parts = metrics.iter().map(|cell| Part { weight: cell.weight, outcome: cell.outcome, score: cell.score });
    ClientRow {
        id: client_id(id),
        name: name.to_owned(),
        kind: kind.map(str::to_owned),
        engagement: Composition::default().compose(parts),
        metrics,
        groups: Vec::new(),
        benchmark: None,
        target: None,
    }
}

fn sheet(clients: Vec<ClientRow>, problems: Vec<Problem>) -> Scoresheet {
    Scoresheet {
        schema: SCHEMA,
        id: format!("sha256:{}", "0123456789abcdef".repeat(4)),
        sheet: "Client engagement".to_owned(),
        as_of: at("2026-11-01"),
        stub: clients.iter().flat_map(|client| &client.metrics).any(|cell| cell.stub),
        review: review(&clients),
        clients,
        problems,
    }
}

/// Every outcome, an override, stale and made-up figures, a wide name, and problems of several kinds.
pub(crate) fn every_outcome() -> Scoresheet {
    use OutcomeKind::{Failed, Manual, Measured, NoData, NotApplicable, Overridden, Unmapped};
    let measured = MetricCell {
        value: Some(13.0 / 3.0),
        samples: 12,
        effective_samples: Some(10.5),
        interval: Some(Interval { low: 3.8, high: 4.8 }),
        rejected: [("incomplete".to_owned(), 1), ("future".to_owned(), 2)].into(),
        ..satisfaction(Measured, Some(4.0), "12 responses, mean 4.33, rounded to 4")
    };
    let overridden = MetricCell {
        value: Some(2.0),
        samples: 1,
        effective_samples: Some(1.0),
        stale: true,
        overridden: Some(Override {
            score: 3.0,
            author: "jane@msp.example".to_owned(),
            reason: "the only answer was about a printer".to_owned(),
            at: at("2026-10-20T08:30:00Z"),
            until: Some(at("2026-12-31")),
            computed: Some(2.0),
            from: at("2026-10-20T08:30:00Z"),
        }),
        ..satisfaction(Overridden, Some(3.0), "1 response, mean 2, rounded to 2")
    };
    let failed = satisfaction(Failed, None, "the component failed: it ran out of memory");
    let unmapped = satisfaction(Unmapped, None, "no client of crewhu is known to be this one");
    let none = satisfaction(NoData, None, "2 of the 3 responses needed");
    let inapplicable = satisfaction(NotApplicable, None, "the client bought no support");
    let clients = vec![
        row("acme", "Acme, Inc.", Some("legal"), vec![measured, tickets(5.0, 10.25), gut(Manual, Some(4.0))]),
        row("beta", "=Beta & \"Söhne\" GmbH", None, vec![overridden, tickets(1.0, 1.0), gut(Manual, Some(3.5))]),
        row("gamma", "株式会社日本サンプル", Some("retail"), vec![none, tickets(1.0, 0.0), gut(NoData, None)]),
        row("delta", "Delta", None, vec![failed, tickets(2.0, 4.0), gut(Manual, Some(2.0))]),
        row("epsilon", "Epsilon LLC", None, vec![unmapped, tickets(3.0, 6.0), gut(Manual, Some(3.0))]),
        row("zeta", "Zeta", None, vec![inapplicable, tickets(4.0, 8.0), gut(Manual, Some(5.0))]),
    ];
    let problem = |kind, provider: Option<ProviderName>, client: Option<&str>, message: &str, remedy| Problem {
        kind,
        provider,
        client: client.map(client_id),
        message: message.to_owned(),
        remedy,
    };
    let sync = || Remedy::Sync { provider: provider("crewhu") };
    let problems = vec![
        problem(
            ProblemKind::Unauthorized,
            Some(provider("crewhu")),
            None,
            "crewhu: the source refused the credential: 401 from GET /api/v1/csat/scores",
            Remedy::CheckCredential { provider: provider("crewhu"), credential: Some("CREWHU_API_KEY".to_owned()) },
        ),
        problem(
            ProblemKind::Unmapped,
            Some(provider("crewhu")),
            Some("epsilon"),
            "no client of crewhu is known to be this one",
            Remedy::Map { client: Some(client_id("epsilon")), provider: provider("crewhu"), source: None },
        ),
        problem(ProblemKind::Stale, Some(provider("crewhu")), None, "crewhu: nothing is known of October", sync()),
        problem(ProblemKind::Stale, Some(provider("crewhu")), None, "crewhu: nothing is known of November", sync()),
        problem(ProblemKind::Store, None, None, "the disk is nearly full", Remedy::ShortenLookback),
    ];
    sheet(clients, problems)
}

/// The thirteen metrics that an MSP uses, two of them made up.
pub(crate) fn thirteen_metrics() -> Scoresheet {
    let metrics = [
        ("Help Desk Usage", 1.0),
        ("First Touch", 2.0),
        ("Strategic Review", 2.0),
        ("Cross Selling", 3.0),
        ("Project Engagement", 1.0),
        ("Procurement", 4.0),
        ("Support Engagement Satisfaction", 2.0),
        ("Regular Feedback", 1.0),
        ("Invoices / AR", 5.0),
        ("LifeCycle", 4.0),
        ("Tech Stack", 5.0),
        ("Credit Requests", 5.0),
        ("Gut Instinct", 2.0),
    ];
    let names = ["Acme, Inc.", "Brown, Fletcher & Associates Attorneys at Law", "株式会社日本サンプル", "Zeta"];
    let clients = names.iter().enumerate().map(|(at, name)| {
        let cells = metrics.iter().enumerate().map(|(index, (name, weight))| {
            let outcome = match (at * 5 + index) % 11 {
                0 => OutcomeKind::NoData,
                7 => OutcomeKind::NotApplicable,
                _ => OutcomeKind::Manual,
            };
            let score = (outcome == OutcomeKind::Manual).then(|| ((at * 3 + index * 2) % 5 + 1) as f64);
            let id = format!("metric-{index}");
            MetricCell { stub: index == 0 || index == 4, ..cell(&id, name, *weight, outcome, score) }
        });
        row(&format!("c{at}"), name, None, cells.collect())
    });
    sheet(clients.collect(), Vec::new())
}
