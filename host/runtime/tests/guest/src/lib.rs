//! A component for the runtime's tests, in Rust as an author writes it: what Rust's standard library makes of the
//! sandbox and of its limits is seen only there. The cursor of a page says what `pull` does; what must come of it is in
//! `suite/rust_guest.rs`, which builds this crate.

use std::{fs::File, hint::black_box, net::TcpStream, thread, time::Duration};

use scoresheet_sdk::{
    CheckStep, ClientPage, Description, Failure, Host, Kind as _, Metric, ObservationPage, Outcome, Provider,
    ScoreRequest, Settings, Spec, Window,
};
use serde::Deserialize;

scoresheet_sdk::kinds! {
    /// What is observed.
    pub enum Kind {
        /// A ticket.
        Ticket = "ticket",
    }
}

/// There is nothing to set.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct NoSettings {}

impl Settings for NoSettings {
    const SCHEMA: &'static str = "{}";
}

/// The provider.
#[derive(Clone, Copy, Debug)]
pub struct Guest;

impl Provider for Guest {
    type Settings = NoSettings;
    type Kind = Kind;
    type Cursor = String;

    fn spec() -> Spec {
        Spec { id: "rust", title: "Rust", version: "1" }
    }

    fn describe(_: &NoSettings) -> Description {
        Description {
            stub: true,
            data_version: 1,
            kinds: Kind::names(),
            metrics: vec![Metric {
                id: "volume".to_owned(),
                title: "Volume".to_owned(),
                unit: "tickets".to_owned(),
                kinds: Kind::indexes(),
                settings_schema: NoSettings::SCHEMA.to_owned(),
            }],
            rejections: Vec::new(),
        }
    }

    fn check(_: &dyn Host, _: &NoSettings) -> Vec<CheckStep> {
        Vec::new()
    }

    fn clients(_: &dyn Host, _: &NoSettings, _: Option<String>) -> Result<ClientPage<String>, Failure> {
        Ok(ClientPage::empty())
    }

    fn pull(
        _: &dyn Host,
        _: &NoSettings,
        _: &[Kind],
        _: Window,
        page: Option<String>,
    ) -> Result<ObservationPage<String>, Failure> {
        let instruction = page.unwrap_or_default();
        let (what, with) = instruction.split_once(' ').unwrap_or((&instruction, ""));
        match what {
            "panic" => panic!("there is no month {with}"),
            "index" => _ = black_box(instruction.as_bytes()[with.len() * 100]),
            "allocate" => allocate(),
            "variables" => {
                let found: Vec<String> = std::env::vars().map(|(name, _)| name).chain(std::env::args()).collect();
                return report(if found.is_empty() { Ok(()) } else { Err(found.join(" ")) });
            }
            "open" => return report(File::open(with).map(drop)),
            "write" => return report(File::create(with).map(drop)),
            "connect" => return report(TcpStream::connect(with).map(drop)),
            "sleep" => sleep(),
            _ => {}
        }
        Ok(ObservationPage { items: Vec::new(), rejected: Vec::new(), next: Vec::new(), read: 0, total: None })
    }

    fn score(request: &ScoreRequest<'_, Kind>) -> Result<Vec<Outcome>, Failure> {
        request.score_each(|_| Ok(Outcome::NotApplicable("this guest measures nothing".to_owned())))
    }
}

/// Returns a result's text as a failure, which reaches the test unchanged.
fn report<E: ToString>(result: Result<(), E>) -> Result<ObservationPage<String>, Failure> {
    Err(Failure::Other(result.map_or_else(|error| error.to_string(), |()| "it went well".to_owned())))
}

/// Ever more, through Rust's own allocator.
fn allocate() {
    let mut all: Vec<Vec<u8>> = Vec::new();
    loop {
        all.push(black_box(vec![1; 1 << 20]));
    }
}

#[expect(clippy::disallowed_methods, reason = "no worker is blocked but the component itself")]
fn sleep() {
    thread::sleep(Duration::from_secs(3_600));
}

scoresheet_sdk::export_provider!(Guest);
