//! Whole configurations: what they are read as, and the problems that are reported.

mod alerts;
mod credentials;
mod problems;
mod reading;

use super::{Config, ConfigErrors, ConfigSource, FixedEnvironment};

/// Variables that the example needs.
fn crewhu() -> FixedEnvironment {
    FixedEnvironment::from_iter([
        ("CREWHU_API_KEY", "canary-key"),
        ("CREWHU_COMPANY_ID", "acme-msp"),
        ("OPS_WEBHOOK_URL", "https://hooks.example.com/canary"),
        ("SMTP_USER", "canary-user"),
        ("SMTP_PASSWORD", "canary-password"),
    ])
}

fn load_in(text: &str, env: &FixedEnvironment) -> Result<Config, ConfigErrors> {
    let source = ConfigSource::Text {
        name: "scoresheet.toml".to_owned(),
        text: text.to_owned(),
        base_dir: "/etc/scoresheet".into(),
    };
    Config::load(source, env)
}

fn load(text: &str) -> Config {
    load_in(text, &crewhu()).unwrap_or_else(|errors| panic!("{errors}"))
}

/// The reported problems, one per line.
fn told(text: &str) -> String {
    load_in(text, &crewhu()).expect_err("a wrong configuration").to_string()
}

/// A valid configuration that tests add to.
const MANUAL: &str = "[[metrics]]\nid = \"gut\"\nmanual = true\n";
