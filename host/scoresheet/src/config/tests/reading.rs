//! What a valid configuration is read as, shown as and generated as.

use scoresheet_domain::{ProviderName, SettingsProblem, compose::Composition};
use scoresheet_engine::definition::{MetricSource, RetentionPolicy, SyncPolicy};
use serde_json::json;

use super::{MANUAL, crewhu, load, load_in, told};
use crate::config::{
    Auth, ComponentRef, Config, ConfigErrors, ConfigSource, FixedEnvironment, NetworkSection, Origin, ProviderLimits,
    RuntimeSection, SettingsOf, init_template, reference,
};

/// The example of the manual.
const EXAMPLE: &str = r#"
[sheet]
name = "Client engagement"
lookback_days = 30
min_coverage = 0.5

[sync]
backfill_days = 400
overlap_days = 7

[store]
url = "sqlite://scoresheet.db"

[clients]
file = "clients.csv"

[providers.crewhu]
component = "crewhu"
base_url = "${CREWHU_BASE_URL:-https://api.crewhu.com}"
auth = { bearer = "${CREWHU_API_KEY}" }
headers = { }
max_key_age_days = 90
limits = { requests_per_minute = 120 }
settings = { company_id = "${CREWHU_COMPANY_ID}", api = "guide" }

[[metrics]]
id = "support-engagement-satisfaction"
name = "Support Engagement Satisfaction"
provider = "crewhu"
metric = "support-engagement-satisfaction"
weight = 2.0
lookback_days = 30
settings = { min_responses = 1 }

[[metrics]]
id = "gut-instinct"
name = "Gut Instinct"
manual = true
weight = 2.0
"#;

#[test]
fn example_is_read() {
    let config = load(EXAMPLE);
    assert!(config.warnings.is_empty(), "{:?}", config.warnings);
    assert_eq!(config.origin, Origin::Text("scoresheet.toml".to_owned()));
    assert_eq!((config.sections.sheet.name.as_str(), config.sections.sheet.lookback_days), ("Client engagement", 30));
    assert_eq!(config.sections.sheet.composition(), Composition::default());
    assert_eq!(config.sections.sync.policy(), SyncPolicy::default());
    assert_eq!(config.sections.store.url, "sqlite:///etc/scoresheet/scoresheet.db");
    assert_eq!(config.sections.clients.file, Some("/etc/scoresheet/clients.csv".into()));

    let crewhu = &config.providers["crewhu"];
    assert_eq!(crewhu.component, ComponentRef::Bundled("crewhu".to_owned()));
    assert_eq!(crewhu.base_url.as_ref().map(ToString::to_string).as_deref(), Some("https://api.crewhu.com"));
    let section = &crewhu.section;
    assert_eq!(section.auth.as_ref().and_then(Auth::variables).as_deref(), Some("CREWHU_API_KEY"));
    assert_eq!((section.headers.len(), section.max_key_age_days, section.allow_insecure), (0, Some(90), false));
    assert!(!section.allow_private_addresses);
    assert_eq!(section.limits, ProviderLimits { requests_per_minute: 120, ..ProviderLimits::default() });
    assert_eq!(config.sections.network, NetworkSection::default());
    assert_eq!(config.sections.runtime, RuntimeSection::default());
    assert_eq!(config.sections.retention.policy(), RetentionPolicy::default());
    assert_eq!(json!(section.settings), json!({"api": "guide", "company_id": "acme-msp"}));

    let [csat, gut] = config.metrics.as_slice() else { panic!("two metrics") };
    assert_eq!((csat.name.as_str(), csat.weight, csat.lookback_days), ("Support Engagement Satisfaction", 2.0, 30));
    let MetricSource::Provider { provider, metric, settings } = &csat.source else { panic!("a provider's") };
    assert_eq!((provider.as_str(), metric.as_str()), ("crewhu", "support-engagement-satisfaction"));
    assert_eq!(settings, &json!({"min_responses": 1}));
    assert_eq!((gut.name.as_str(), &gut.source), ("Gut Instinct", &MetricSource::Manual { stale_after_days: 90 }));
}

#[test]
fn defaults_are_filled_in() {
    let config = load(
        "[sheet]\nlookback_days = 90\n[providers.crewhu]\nauth = { bearer = \"${CREWHU_API_KEY}\" }\n\
         [[metrics]]\nid = \"csat-mean\"\nprovider = \"crewhu\"\n[[metrics]]\nid = \"b\"\nmanual = true\nlookback_days = 7\n",
    );
    let crewhu = &config.providers["crewhu"];
    assert_eq!(crewhu.base_url.as_ref().map(ToString::to_string).as_deref(), Some("https://api.crewhu.com"));
    assert_eq!((crewhu.section.limits, crewhu.section.settings.len()), (ProviderLimits::default(), 0));
    let csat = config.metric("csat-mean").expect("the metric");
    assert_eq!((csat.name.as_str(), csat.weight, csat.lookback_days), ("Csat Mean", 1.0, 90));
    assert!(matches!(&csat.source, MetricSource::Provider { metric, .. } if metric.as_str() == "csat-mean"));
    assert_eq!(config.metric("b").map(|metric| metric.lookback_days), Some(7));
    assert_eq!(config.sections.clients.file, None);
    assert_eq!(config.sections.sheet.name, "Client engagement");
}

#[test]
fn all_forms_of_auth_and_component_are_read() {
    let env = FixedEnvironment::from_iter([("COMPANY", "acme"), ("PRIVATE", "canary")]);
    let text = r#"
        [providers.basic]
        component = "./plugins/mine"
        base_url = "https://na.myconnectwise.net/v4_6_release/apis/3.0"
        auth = { basic = { user = "${COMPANY}+public", password = "${PRIVATE}" } }
        headers = { clientId = "0b5c", Accept = "application/json" }
        [providers.header]
        component = "own.wasm"
        base_url = "http://127.0.0.1:8080/"
        auth.header = { name = "X_CREWHU_APITOKEN", value = "${PRIVATE}" }
        [providers.stub]
        component = "/opt/stub.wasm"
        [[metrics]]
        id = "a"
        provider = "basic"
        [[metrics]]
        id = "b"
        provider = "header"
        [[metrics]]
        id = "c"
        provider = "stub"
        metric = "other"
    "#;
    let config = load_in(text, &env).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(config.warnings, [""; 0]);
    let component = |name: &str| config.providers[name].component.clone();
    assert_eq!(component("basic"), ComponentRef::Path("/etc/scoresheet/./plugins/mine".into()));
    assert_eq!(component("header"), ComponentRef::Path("/etc/scoresheet/own.wasm".into()));
    assert_eq!(component("stub"), ComponentRef::Path("/opt/stub.wasm".into()));
    assert!(matches!(config.providers["basic"].section.auth, Some(Auth::Basic { .. })));
    let headers: Vec<&str> = config.providers["basic"].section.headers.keys().map(String::as_str).collect();
    assert_eq!(headers, ["Accept", "clientId"]);
    assert!(
        matches!(&config.providers["header"].section.auth, Some(Auth::Header { name, .. }) if name == "X_CREWHU_APITOKEN")
    );
    assert_eq!(config.providers["header"].section.auth.as_ref().and_then(Auth::variables).as_deref(), Some("PRIVATE"));
    assert!(config.providers["stub"].section.auth.is_none() && config.providers["stub"].base_url.is_none());
}

#[test]
fn variable_is_never_parsed_as_toml() {
    let mut env = crewhu();
    env.set("NAME", "x\"\n[providers.evil]\nbase_url = \"https://evil.example\"");
    env.set("TAGS", "a, b");
    let config = load_in(
        &format!("[sheet]\nname = \"${{NAME}} costs $$5\"\n{MANUAL}[[metrics]]\nid = \"m\"\nprovider = \"p\"\nsettings = {{ list = [\"${{TAGS}}\", 3, 2026-01-01], on = true, deep = {{ at = \"${{TAGS}}\" }}, \"${{TAGS}}\" = 1.5 }}\n[providers.p]\n"),
        &env,
    )
    .unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(config.sections.sheet.name, "x\"\n[providers.evil]\nbase_url = \"https://evil.example\" costs $5");
    assert_eq!(config.providers.len(), 1);
    let Some(MetricSource::Provider { settings, .. }) = config.metric("m").map(|metric| &metric.source) else {
        panic!("a provider's metric")
    };
    // Keys are taken as they stand.
    let expected = json!({"list": ["a, b", 3, "2026-01-01"], "on": true, "deep": {"at": "a, b"}, "${TAGS}": 1.5});
    assert_eq!(settings, &expected);
}

#[test]
fn store_path_is_relative_to_the_file() {
    let store = |url: &str| load(&format!("[store]\nurl = \"{url}\"\n{MANUAL}")).sections.store.url;
    assert_eq!(store("sqlite://data/a b.db"), "sqlite:///etc/scoresheet/data/a b.db");
    assert_eq!(store("SQLite:///var/lib/s.db"), "sqlite:///var/lib/s.db");
    for url in ["sqlite::memory:", "sqlite://", "sqlite://a.db?mode=ro", "postgres://u:canary@host/db", "scoresheet.db"]
    {
        let told = told(&format!("[store]\nurl = \"{url}\"\n{MANUAL}"));
        assert!(
            told.starts_with("scoresheet.toml:2: store.url: not a store that can be used") && !told.contains("canary"),
            "{told}"
        );
    }
}

#[test]
fn file_is_found_and_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("scoresheet.toml");
    assert_eq!(ConfigSource::find(None, folder.path()), ConfigSource::EnvironmentOnly);
    let missing = Config::load(ConfigSource::find(Some(&path), folder.path()), &crewhu()).expect_err("no file");
    assert!(matches!(missing, ConfigErrors::Unreadable { .. }));
    assert!(missing.to_string().ends_with("'scoresheet init' writes one"), "{missing}");

    // A byte-order mark before the text is what some editors write.
    std::fs::write(&path, format!("\u{feff}{MANUAL}")).expect("written");
    let config = Config::load(ConfigSource::find(None, folder.path()), &crewhu()).expect("a configuration");
    assert_eq!(config.origin, Origin::File(path.clone()));
    assert_eq!(config.sections.store.url, format!("sqlite://{}/scoresheet.db", folder.path().display()));

    std::fs::write(&path, b"[sheet]\nname = \"\xff\"\n").expect("written");
    let error = Config::load(ConfigSource::Path(path.clone()), &crewhu()).expect_err("not UTF-8");
    assert_eq!(error.to_string(), format!("{}:2: not UTF-8; save the file as UTF-8", path.display()));
}

#[test]
fn environment_alone_is_enough() {
    let alone = |env: &FixedEnvironment| Config::load(ConfigSource::EnvironmentOnly, env);
    let config = alone(&crewhu()).expect("a configuration");
    assert_eq!(config.origin, Origin::Environment);
    let store = std::path::absolute("scoresheet.db").expect("a path");
    assert_eq!(config.sections.store.url, format!("sqlite://{}", store.display()));
    let names: Vec<&str> = config.metrics.iter().map(|metric| metric.name.as_str()).collect();
    assert_eq!(names, ["Support Engagement Satisfaction"]);
    let provider = &config.providers["crewhu"];
    assert_eq!(provider.base_url.as_ref().map(ToString::to_string).as_deref(), Some("https://api.crewhu.com"));
    assert_eq!(json!(provider.section.settings), json!({"company_id": "acme-msp"}));
    assert_eq!(config.sections.clients.file, None);

    let mut other = crewhu();
    other.set("CREWHU_BASE_URL", "http://127.0.0.1:9/base");
    let url = alone(&other).expect("a configuration").providers["crewhu"].base_url.clone();
    assert_eq!(url.as_ref().map(ToString::to_string).as_deref(), Some("http://127.0.0.1:9/base"));
    other.set("CREWHU_BASE_URL", "http://crewhu.example");
    let told = alone(&other).expect_err("plain http").to_string();
    assert!(told.starts_with("environment: providers.crewhu.base_url: plain http"), "{told}");

    let nothing = alone(&FixedEnvironment::from_iter([("CREWHU_API_KEY", "")])).expect_err("nothing");
    assert!(matches!(nothing, ConfigErrors::NothingConfigured));
    for (given, missing) in [("CREWHU_API_KEY", "CREWHU_COMPANY_ID"), ("CREWHU_COMPANY_ID", "CREWHU_API_KEY")] {
        let errors = alone(&FixedEnvironment::from_iter([(given, "canary")])).expect_err("one is missing");
        assert_eq!(errors.problems().len(), 1);
        let told = errors.to_string();
        assert!(told.contains(&format!("variable {missing} is not set")) && !told.contains("canary"), "{told}");
    }
}

#[test]
fn init_file_loads_with_and_without_comments() {
    let config = load(&init_template());
    assert_eq!(config.warnings, [""; 0]);
    assert_eq!(config.providers.keys().map(|name| name.as_str()).collect::<Vec<_>>(), ["crewhu"]);
    assert_eq!(config.metrics.len(), 1, "stubs are not active");

    // A commented line that looks like TOML can be uncommented.
    let looks_like_toml = |line: &str| {
        let key = line.split(" = ").next().unwrap_or_default();
        line.starts_with('[')
            || (line.contains(" = ") && key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b == b'.'))
    };
    let uncommented: String = init_template()
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(commented) if looks_like_toml(commented) => format!("{commented}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    let config = load(&uncommented);
    let ids: Vec<&str> = config.metrics.iter().map(|metric| metric.id.as_str()).collect();
    let expected = [
        "support-engagement-satisfaction",
        "help-desk-usage",
        "project-engagement",
        "agreement-coverage",
        "gut-instinct",
    ];
    assert_eq!(ids, expected);
    assert_eq!(config.metrics[0].lookback_days, 90);
    assert_eq!(config.sections.clients.file, Some("/etc/scoresheet/clients.csv".into()));
    for line in init_template().lines().filter(|line| line.contains("\"connectwise-")) {
        assert!(line.contains("STUB"), "{line}");
    }
}

#[test]
fn config_show_lists_values_with_origins() {
    let mut env = crewhu();
    env.set("PRIVATE", "canary-private");
    let text = format!(
        "{EXAMPLE}\n[providers.cw]\ncomponent = \"cw.wasm\"\nbase_url = \"https://cw.example\"\n\
         auth = {{ basic = {{ user = \"canary-user\", password = \"${{PRIVATE}}\" }} }}\nheaders = {{ clientId = \"canary-id\" }}\n\
         [[metrics]]\nid = \"tickets\"\nprovider = \"cw\"\nsettings = {{ words = [\"a\\u001b[31m\", \"b\"], \"odd key\" = {{ x = 1.5 }} }}\n"
    );
    let config = load_in(&text, &env).unwrap_or_else(|errors| panic!("{errors}"));
    let shown = config.show();
    assert!(!shown.contains("canary"), "{shown}");
    assert!(toml::from_str::<toml::Table>(&shown).is_ok(), "{shown}");
    insta::assert_snapshot!(shown);
    let json = config.show_json();
    assert!(!json.to_string().contains("canary"), "{json}");
    assert_eq!(json["providers"]["cw"]["auth"]["basic"]["password"], "(set by PRIVATE)");
    assert_eq!(json["providers"]["crewhu"]["limits"]["requests_per_minute"], 120);
    assert_eq!(json["metrics"][2]["settings"]["odd key"], json!({"x": 1.5}));
}

#[test]
fn config_show_of_the_environment_alone() {
    let source = ConfigSource::EnvironmentOnly;
    let shown = Config::load(source, &crewhu()).expect("a configuration").show();
    assert!(!shown.contains("canary"), "{shown}");
    let here = std::path::absolute("scoresheet.db").expect("a path");
    insta::assert_snapshot!(shown.replace(&here.display().to_string(), "HERE/scoresheet.db"));
}

#[test]
fn settings_problem_has_its_line() {
    let config = load(EXAMPLE);
    let told = |of, pointer: &str| {
        let problem = SettingsProblem { pointer: pointer.to_owned(), message: "is wrong".to_owned() };
        config.settings_problem(of, &problem).to_string()
    };
    let name = ProviderName::new("crewhu").expect("a name");
    let crewhu = SettingsOf::Provider(&name);
    let csat = SettingsOf::Metric(&config.metrics[0].id);
    assert_eq!(told(crewhu, "/api"), "scoresheet.toml:24: providers.crewhu.settings.api: is wrong");
    assert_eq!(
        told(csat, "/min_responses/deep"),
        "scoresheet.toml:33: metrics.support-engagement-satisfaction.settings.min_responses.deep: is wrong"
    );
    // A setting that is missing is on the line of its table; where that is missing too, of the section.
    assert_eq!(told(crewhu, "/none"), "scoresheet.toml:24: providers.crewhu.settings.none: is wrong");
    let manual = load(MANUAL);
    let problem = SettingsProblem { pointer: String::new(), message: "is wrong".to_owned() };
    let told = manual.settings_problem(SettingsOf::Metric(&manual.metrics[0].id), &problem).to_string();
    assert_eq!(told, "scoresheet.toml:1: metrics.gut.settings: is wrong");
}

#[test]
fn limits_retention_and_ca_file_are_read() {
    let config = load(&format!(
        "[network]\nca_file = \"pki/ca.pem\"\n[runtime]\nmax_component_mib = 3\nmax_compile_secs = 60\n[retention]\nobservations_days = 1100\naccess_days = 7\nsheets_days = 90\n\
         [providers.a]\ncomponent = \"a\"\nbase_url = \"https://crm.internal\"\nallow_private_addresses = true\n\
         limits = {{ table_elements = 5, handles = 4, http_mib = 6, answer_mib = 7, page_items = 8, log_lines = 0, log_kib = 9 }}\n{MANUAL}"
    ));
    let sections = &config.sections;
    assert_eq!(sections.network, NetworkSection { ca_file: Some("/etc/scoresheet/pki/ca.pem".into()) });
    assert_eq!((sections.runtime.max_component_mib, sections.runtime.max_compile_secs), (3, 60));
    assert_eq!(
        sections.retention.policy(),
        RetentionPolicy { observations_days: Some(1100), access_days: 7, sheets_days: Some(90), audit_days: None }
    );
    let provider = &config.providers["a"].section;
    assert!(provider.allow_private_addresses);
    let limits = provider.limits.runtime();
    assert_eq!((limits.table_elements, limits.handles, limits.page_items), (5, 4, 8));
    assert_eq!((limits.http_bytes, limits.answer_bytes), (6 << 20, 7 << 20));
    assert_eq!((limits.log_lines, limits.log_bytes), (0, 9 << 10));
}

#[test]
fn reference_page_is_current() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/configuration.md");
    let page = reference();
    if std::fs::read_to_string(&path).ok().as_deref() != Some(page.as_str()) {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("created");
        std::fs::write(&path, page).expect("written");
        panic!("{} was out of date and has been rewritten; commit it", path.display());
    }
}
