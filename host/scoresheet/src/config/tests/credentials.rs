//! Credentials are in no output: the tests search for a canary.

use secrecy::ExposeSecret as _;

use super::{MANUAL, crewhu, load_in};
use crate::config::{Auth, Config, ConfigSource, FixedEnvironment, SettingsOf, document::UNREADABLE};

/// Every valid and invalid form of a credential, and places where it may be put by mistake.
const FORMS: [&str; 16] = [
    "auth = { bearer = \"canary\" }",
    "auth = { bearer = \"${KEY}\" }",
    "auth = { basic = { user = \"canary\", password = \"canary\" } }",
    "auth = { header = { name = \"x\", value = \"canary\" } }",
    "auth = { header = { name = \"canary canary\", value = \"canary\" } }",
    "auth = \"canary\"",
    "auth = [\"canary\"]",
    "auth = { bearer = [\"canary\"] }",
    "auth = { bearer = { key = \"canary\" } }",
    "auth = { bearer = \"canary ${\" }",
    "auth = { bearer = \"canary\\n\" }",
    "auth = { bearer = \"canary ä\" }",
    "auth = { bearer = \"canary\", token = \"canary\" }",
    "headers = { a = \"canary\", host = \"canary\" }",
    "auth = { bearer = \"${KEY}\" }\nsettings = { key = \"${KEY}\", deep = [{ key = \"x ${KEY}\" }] }",
    "auth = { bearer = \"${KEY}\" }\ncomponent = \"${KEY}\"\nheaders = { a = \"${KEY}\" }",
];

#[test]
fn credential_is_in_no_output() {
    let env = FixedEnvironment::from_iter([("KEY", "canary")]);
    for form in FORMS {
        for url in ["https://p.example", "http://p.example", "https://x:canary@p.example", "canary://x", "${KEY}"] {
            let text =
                format!("[providers.p]\nbase_url = \"{url}\"\n{form}\n[[metrics]]\nid = \"a\"\nprovider = \"p\"\n");
            let out = match load_in(&text, &env) {
                Ok(config) => format!("{config:?}\n{}\n{}", config.show(), config.warnings.join("\n")),
                Err(errors) => format!("{errors}\n{errors:?}"),
            };
            assert!(!out.contains("canary"), "{text}\n{out}");
        }
    }
}

proptest::proptest! {
    /// Reading any text ends, and no credential is in the output.
    #[test]
    fn any_text_is_read_without_a_leak(picks in proptest::collection::vec((0..PIECES.len(), proptest::bool::ANY), 0..24), noise in ".{0,12}") {
        let env = FixedEnvironment::from_iter([("KEY", "canary")]);
        let mut text: String = picks.iter().map(|(pick, line)| format!("{}{}", PIECES[*pick], if *line { "\n" } else { " " })).collect();
        text.push_str(&noise);
        let out = match load_in(&text, &env) {
            Ok(config) => format!("{config:?}\n{}\n{}", config.show(), config.warnings.join("\n")),
            Err(errors) => format!("{errors}\n{errors:?}"),
        };
        proptest::prop_assert!(!out.contains("canary"), "{}\n{}", text, out);
        proptest::prop_assert!(!out.contains(UNREADABLE), "{}\n{}", text, out);
    }
}

/// Valid and invalid pieces of configurations.
const PIECES: [&str; 27] = [
    "[sheet]",
    "[providers.p]",
    "[providers.p.auth]",
    "[providers]",
    "[[metrics]]",
    "[metrics]",
    "[store]",
    "name = \"${KEY}\"",
    "id = \"a\"",
    "id = \"${NOPE:-a}\"",
    "manual = true",
    "provider = \"p\"",
    "weight = -1",
    "lookback_days = 1e3",
    "auth = { bearer = \"${KEY}\" }",
    "bearer = \"canary\"",
    "auth = {",
    "base_url = \"https://p.example\"",
    "settings = { x = \"${KEY}\" }",
    "limits = [[1]]",
    "\"\"\"",
    "p = [{ a = 1979-05-27 }]",
    "[channels.c]",
    "kind = \"email\"",
    "kind = \"webhook\"",
    "port = \"${KEY}\"",
    "url = [\"canary\"]",
];

#[test]
fn credential_variable_outside_auth_is_rejected() {
    let env = FixedEnvironment::from_iter([("KEY", "canary"), ("USER", "u")]);
    let load = |settings: &str, name: &str| {
        let text = format!(
            "[sheet]\nname = \"{name}\"\n[providers.p]\nbase_url = \"https://p.example\"\n\
             auth = {{ basic = {{ user = \"${{USER}}\", password = \"${{KEY}}\" }} }}\nsettings = {{ x = \"{settings}\" }}\n{MANUAL}"
        );
        load_in(&text, &env).map_err(|errors| errors.to_string())
    };
    assert!(load("${USER}", "sheet").is_ok(), "a user is no secret");
    let told = load("${KEY}", "Sheet of ${KEY:-x}").expect_err("handed on");
    assert_eq!(
        told,
        "scoresheet.toml:2: sheet.name: KEY holds a credential, which can only be used in auth, url or password\n\
         scoresheet.toml:6: providers.p.settings.x: KEY holds a credential, which can only be used in auth, url or password"
    );
}

#[test]
fn values_of_variables_are_not_in_messages() {
    let env = FixedEnvironment::from_iter([("V", "canary")]);
    let text = "[sheet]\nbands = { healthy = \"${V}\" }\n[store]\nurl = \"${V}\"\n[providers.p]\ncomponent = \"${V}!\"\n\
                [[groups]]\nid = \"${V}\"\n[[metrics]]\nid = \"${V}\"\nprovider = \"${V}\"\ngroup = \"${V}s\"\nweight = 0\n\
                [[alerts]]\nid = \"${V} \"\nkind = \"${V}\"\nclients = [\"${V} \"]\nmetrics = [\"${V}s\"]\n\
                [channels.mail]\nkind = \"email\"\nhost = \"${V}\"\nfrom = \"${V}\"\nto = [\"${V}\"]\n";
    let told = load_in(text, &env).expect_err("wrong").to_string();
    assert!(told.lines().count() > 10 && told.contains("'${V}'") && !told.contains("canary"), "{told}");

    let text = "[providers.p]\nbase_url = \"${U}\"\n[[metrics]]\nid = \"a\"\nprovider = \"p\"\n";
    let insecure = FixedEnvironment::from_iter([("U", "http://canary.example")]);
    let told = load_in(text, &insecure).expect_err("wrong").to_string();
    assert!(told.contains("allow_insecure") && !told.contains("canary"), "{told}");

    let text = "[providers.p]\nsettings = { mode = \"${V}\", list = [1, \"${V}\"] }\n[[metrics]]\nid = \"a\"\nprovider = \"p\"\n";
    let config = load_in(text, &env).unwrap_or_else(|errors| panic!("{errors}"));
    let settings = config.sections.providers["p"].settings.clone().into();
    let name = scoresheet_domain::ProviderName::new("p").expect("a name");
    let written = config.settings_as_written(SettingsOf::Provider(&name), &settings);
    assert_eq!(written, serde_json::json!({"mode": "${V}", "list": [1, "${V}"]}));
    let schema = serde_json::json!({"properties": {"mode": {"enum": ["fast"]}, "list": {}}});
    let problems = crate::config::settings::complete(&schema, &settings, &written).expect_err("wrong");
    assert_eq!(problems[0].message, "'${V}' is not valid; give one of fast");
}

#[test]
fn places_and_names_are_shown_as_written() {
    let env = FixedEnvironment::from_iter([("V", "canary")]);
    let text = "[providers.p]\ncomponent = \"${V}\"\n[[metrics]]\nid = \"a\"\nprovider = \"p\"\nmetric = \"${V}\"\n\
                [[metrics]]\nid = \"${V}\"\nprovider = \"p\"\n";
    let config = load_in(text, &env).unwrap_or_else(|errors| panic!("{errors}"));
    let provider = scoresheet_domain::ProviderName::new("p").expect("a name");
    let [first, second] = ["a", "canary"].map(|id| scoresheet_domain::MetricId::new(id).expect("an id"));
    assert_eq!(config.shown(SettingsOf::Provider(&provider), "/component", "canary"), "'${V}'");
    assert_eq!(config.shown(SettingsOf::Metric(&first), "/metric", "canary"), "'${V}'");
    assert_eq!(config.shown(SettingsOf::Metric(&first), "/id", "a"), "'a'");
    let place = |of| config.place(of, "/metric").to_string();
    assert_eq!(place(SettingsOf::Metric(&first)), "scoresheet.toml:6: metrics.a.metric");
    assert_eq!(place(SettingsOf::Metric(&second)), "scoresheet.toml:7: metrics.#2.metric");
}

#[test]
fn credential_in_unknown_section_is_recognised() {
    let env = FixedEnvironment::from_iter([("KEY", "canary"), ("MODE", "fast")]);
    for section in ["#[providers.p]", "[provider.p]", "[p]", "[[providers]]"] {
        let text = format!(
            "{section}\nauth = {{ bearer = \"${{KEY}}\" }}\n[[metrics]]\nid = \"${{KEY}}\"\nweight = 0\nmanual = true\n"
        );
        let told = load_in(&text, &env).expect_err("it is wrong").to_string();
        assert!(told.contains("KEY holds a credential") && !told.contains("canary"), "{section}: {told}");
    }
    // A setting of a component is not a credential, whatever its name.
    let text = format!(
        "[sheet]\nname = \"${{MODE}}\"\n[providers.p]\nbase_url = \"https://p.example\"\nsettings = {{ auth = \"${{MODE}}\" }}\n{MANUAL}"
    );
    assert!(load_in(&text, &env).is_ok());
}

#[test]
fn credential_is_resolved_at_each_use() {
    let config = Config::load(ConfigSource::EnvironmentOnly, &crewhu()).expect("a configuration");
    let Some(Auth::Bearer(secret)) = &config.providers["crewhu"].section.auth else { panic!("a bearer token") };
    let mut env = crewhu();
    assert_eq!(secret.resolve(&env).expect("a key").expose_secret(), "canary-key");
    env.set("CREWHU_API_KEY", "rotated");
    assert_eq!(secret.resolve(&env).expect("a key").expose_secret(), "rotated");
    assert!(secret.resolve(&FixedEnvironment::default()).is_err());
}

#[cfg(unix)]
#[test]
fn world_readable_file_is_warned_about() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let write = |name: &str, text: &str, mode: u32| {
        std::fs::write(at(name), text).expect("written");
        std::fs::set_permissions(at(name), std::fs::Permissions::from_mode(mode)).expect("permissions");
    };
    let warnings = || {
        let mut env = FixedEnvironment::from_iter([("CREWHU_COMPANY_ID", "x")]);
        env.set("CREWHU_API_KEY_FILE", at("key").to_str().expect("UTF-8"));
        let config = Config::load(ConfigSource::Path(at("scoresheet.toml")), &env).unwrap_or_else(|e| panic!("{e}"));
        config.warnings.join("\n").replace(folder.path().to_str().expect("UTF-8"), "")
    };
    let with = |auth: &str| {
        format!(
            "[providers.crewhu]\nauth = {{ bearer = \"{auth}\" }}\n[[metrics]]\nid = \"a\"\nprovider = \"crewhu\"\n"
        )
    };
    write("key", "canary\n", 0o600);
    write("scoresheet.toml", &with("${CREWHU_API_KEY}"), 0o644);
    assert_eq!(warnings(), "");
    write("key", "canary\n", 0o644);
    assert_eq!(
        warnings(),
        "/scoresheet.toml:2: providers.crewhu.auth.bearer: CREWHU_API_KEY_FILE is /key, which every user can read; chmod 600 it"
    );
    write("scoresheet.toml", &with("canary"), 0o644);
    assert_eq!(warnings().lines().count(), 2);
    assert!(warnings().ends_with("/scoresheet.toml: every user can read the credential in this file; chmod 600 it"));
    write("scoresheet.toml", &with("canary"), 0o600);
    assert_eq!(warnings().lines().count(), 1);
}
