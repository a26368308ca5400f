//! Whole configurations: what they come to, and everything that is told where they are wrong.

mod alerts;
mod credentials;
mod problems;
mod reading;

use super::{Config, ConfigErrors, ConfigSource, FixedEnvironment};

/// The environment in which the example of the manual works.
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

/// The problems, a line each.
fn told(text: &str) -> String {
    load_in(text, &crewhu()).expect_err("a wrong configuration").to_string()
}

/// A sheet that is right, to which a test adds what is wrong.
const MANUAL: &str = "[[metrics]]\nid = \"gut\"\nmanual = true\n";
