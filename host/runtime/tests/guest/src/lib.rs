//! A component for the runtime's tests, in Rust as an author writes it: what Rust's standard library makes of the
//! sandbox and of its limits is seen only there. What `pull` does, its settings say; what must come of it stands in
//! `suite/rust_guest.rs`, which has it built.

use std::{fs::File, hint::black_box, net::TcpStream, thread, time::Duration};

use scoresheet_sdk::{
    CheckStep, ClientPage, Description, Failure, Host, Metric, ObservationPage, Outcome, Provider, Subject, Window,
};

/// The provider.
#[derive(Clone, Copy, Debug)]
pub struct Guest;

impl Provider for Guest {
    fn describe() -> Description {
        let anything = || "{}".to_owned();
        Description {
            id: "rust".to_owned(),
            title: "Rust".to_owned(),
            version: "1".to_owned(),
            stub: true,
            metrics: vec![Metric {
                id: "volume".to_owned(),
                title: "Volume".to_owned(),
                unit: "tickets".to_owned(),
                kinds: vec![0],
                settings_schema: anything(),
            }],
            kinds: vec!["ticket".to_owned()],
            rejections: Vec::new(),
            settings_schema: anything(),
        }
    }

    fn check(_: &dyn Host, _: &str) -> Vec<CheckStep> {
        Vec::new()
    }

    fn clients(_: &dyn Host, _: &str, _: Option<&[u8]>) -> Result<ClientPage, Failure> {
        Ok(ClientPage { items: Vec::new(), next: Vec::new() })
    }

    fn pull(
        _: &dyn Host,
        settings: &str,
        _: Window,
        _: Option<&str>,
        _: Option<&[u8]>,
    ) -> Result<ObservationPage, Failure> {
        let (what, with) = settings.split_once(' ').unwrap_or((settings, ""));
        match what {
            "panic" => panic!("there is no month {with}"),
            "index" => _ = black_box(settings.as_bytes()[with.len() * 100]),
            "allocate" => allocate(),
            "variables" => {
                let found: Vec<String> = std::env::vars().map(|(name, _)| name).chain(std::env::args()).collect();
                return told(if found.is_empty() { Ok(()) } else { Err(found.join(" ")) });
            }
            "open" => return told(File::open(with).map(drop)),
            "write" => return told(File::create(with).map(drop)),
            "connect" => return told(TcpStream::connect(with).map(drop)),
            "sleep" => sleep(),
            _ => {}
        }
        Ok(ObservationPage { items: Vec::new(), rejected: Vec::new(), next: Vec::new(), total: None })
    }

    fn score(_: &str, _: &str, _: Window, _: &[Subject]) -> Result<Vec<Outcome>, Failure> {
        Ok(Vec::new())
    }
}

/// How it went, as a failure that hands the words on.
fn told<E: ToString>(how: Result<(), E>) -> Result<ObservationPage, Failure> {
    Err(Failure::Other(how.map_or_else(|error| error.to_string(), |()| "it went well".to_owned())))
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
