//! Any text as a configuration: what is taken holds together, what is not is told by line, and no credential is shown.

use scoresheet::config::{Auth, Config, ConfigErrors, ConfigSource, FixedEnvironment};

/// What the environment holds as the key.
const CANARY: &str = "canary-4711-kanarienvogel";

/// Reads the text as `scoresheet.toml`.
pub(crate) fn configuration(data: &[u8]) {
    let text = String::from_utf8_lossy(data).into_owned();
    let environment =
        FixedEnvironment::from_iter([("CREWHU_API_KEY", CANARY), ("CREWHU_COMPANY_ID", "msp-1"), ("EMPTY", "")]);
    let load = || {
        let source =
            ConfigSource::Text { name: "fuzzed.toml".into(), text: text.clone(), base_dir: "/no/such/folder".into() };
        Config::load(source, &environment)
    };
    match (load(), load()) {
        (Ok(config), Ok(again)) => {
            assert_eq!(config.show(), again.show(), "the same text, another configuration");
            holds_together(&config);
            if uses_the_key(&config) {
                let shown = format!("{}{}{config:?}{:?}", config.show(), config.show_json(), config.warnings);
                assert!(!shown.contains(CANARY), "a credential is shown");
            }
        }
        (Err(errors), Err(again)) => {
            assert_eq!(errors.to_string(), again.to_string(), "the same text, other problems");
            told(&errors, &text);
        }
        (one, other) => panic!("taken and refused: {one:?} {other:?}"),
    }
}

fn holds_together(config: &Config) {
    assert!(!config.metrics.is_empty());
    let mut ids: Vec<&str> = config.metrics.iter().map(|metric| metric.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), config.metrics.len(), "a metric's id stands twice");
    for metric in &config.metrics {
        assert!(metric.weight.is_finite() && metric.weight > 0.0, "weight {}", metric.weight);
        if let Some(provider) = metric.provider() {
            assert!(config.providers.contains_key(provider), "{provider} is used and not there");
        }
    }
    assert!(!config.show().is_empty() && config.show_json().is_object());
}

fn told(errors: &ConfigErrors, text: &str) {
    let ConfigErrors::Invalid(problems) = errors else { panic!("a text is there and can be read: {errors}") };
    assert!(!problems.is_empty(), "refused for no reason");
    let lines = text.split('\n').count();
    let mut last = 0;
    for problem in problems {
        assert!(!problem.message.trim().is_empty());
        assert!(problem.to_string().starts_with("fuzzed.toml:"), "{problem}");
        // What is missing altogether has no line, and stands behind what has one.
        let line = problem.line.unwrap_or(usize::MAX);
        assert!(line >= last, "not by line: {errors}");
        assert!(line == usize::MAX || (1..=lines).contains(&line), "line {line} of {lines}: {problem}");
        last = line;
        if problem.column.is_some() {
            assert_eq!(problems.len(), 1, "a text that is no TOML has one problem: {errors}");
        }
    }
    if text.contains(SECRET_LINE) {
        assert!(!errors.to_string().contains(CANARY), "a credential is told: {errors}");
    }
}

/// Where a text holds this, the variable is a credential's.
const SECRET_LINE: &str = "[providers.crewhu]\nauth = { bearer = \"${CREWHU_API_KEY}\" }\n";

/// Whether the key is some provider's credential, or a part of one.
fn uses_the_key(config: &Config) -> bool {
    let called = |auth: &Auth| auth.variables().is_some_and(|called| called.contains("CREWHU_API_KEY"));
    config.providers.values().filter_map(|provider| provider.section.auth.as_ref()).any(called)
}
