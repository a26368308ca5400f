//! Problems are reported together, each with its line and a fix.

use super::{MANUAL, load, load_in, told};
use crate::config::FixedEnvironment;

#[test]
fn all_problems_together_by_line() {
    let text = r#"
title = "x"
[sheet]
name = 3
lookback = 30
lookback_days = 0
min_coverage = 1.5
bands = { healthy = 2, watch = 3.5, risky = 1 }
[sync]
backfill_days = "many"
overlap_days = -1
[store]
url = "postgres://user:canary@host/db"
[clients]
path = "clients.csv"
[providers.crewhu]
base_url = "http://api.crewhu.com"
auth = { bearer = "${CREWHU_KEY}" }
limits = { requests_per_minut = 1, memory_mib = 100000, deadline_secs = 1.5 }
settings = { company_id = "${CREWHU_COMPANY}", odd = nan, big = 99999999999999999999 }
max_key_age_days = 0
[providers.both]
base_url = "https://user:canary@example.com"
auth = { bearer = "${CREWHU_API_KEY}", basic = { user = "u" } }
[providers.neither]
base_url = "not a url"
auth = { }
[providers."Bad Name"]
component = "Also Bad"
[providers.homeless]
auth = { bearer = "${CREWHU_API_KEY}" }
headers = { Host = "x", "a b" = "y", X-A = "1", x-a = "2", Authorization = "z" }
[providers.flat]
auth = "canary"
[[metrics]]
id = "a"
provider = "crewhoo"
weight = 0
[[metrics]]
id = "a"
provider = "crewhu"
weight = nan
lookback_days = 4000
[[metrics]]
id = "Gut Instinct"
manual = true
provider = "crewhu"
weight = "heavy"
[[metrics]]
weight = inf
[[metrics]]
id = "b"
provider = "elsewhere"
metric = "B!"
weight = -1.5
"#;
    let told = told(text);
    assert!(!told.contains("canary"), "{told}");
    insta::assert_snapshot!(told);
}

#[test]
fn single_problem_has_line_and_fix() {
    for (text, expected) in [
        (
            "",
            "scoresheet.toml: metrics: missing; give at least one [[metrics]] section with an id and a provider, or manual = true",
        ),
        (
            "metrics = []",
            "scoresheet.toml:1: metrics: empty; give at least one [[metrics]] section with an id and a provider, or manual = true",
        ),
        (
            "metrics = 3",
            "scoresheet.toml:1: metrics: found a whole number; give at least one [[metrics]] section with an id and a provider, or manual = true",
        ),
        ("metrics = [3]", "scoresheet.toml:1: metrics.#1: found a whole number; give a table"),
        (
            "sheet = 1\n[[metrics]]\nid = \"a\"\nmanual = true",
            "scoresheet.toml:1: sheet: found a whole number; give a table",
        ),
        (
            "[[metrics]]\nid = \"a\"\n",
            "scoresheet.toml:1: metrics.a.provider: missing; give provider = \"…\", or manual = true for a metric that users score",
        ),
        (
            "[[metrics]]\nid = \"a\"\nmanual = \"yes\"\nprovider = \"p\"\n[providers.p]",
            "scoresheet.toml:3: metrics.a.manual: found a string; give true or false",
        ),
        (
            "[[metrics]]\nid = \"a\"\nmanual = true\nsettings = { x = 1 }",
            "scoresheet.toml:4: metrics.a.settings: not valid for a manual metric; remove it, or manual = true",
        ),
        (
            "[[metrics]]\nid = \"a\"\nmanual = true\nname = \"${NOPE}\"",
            "scoresheet.toml:4: metrics.a.name: the environment variable NOPE is not set, or empty; set it, or NOPE_FILE to the path of a file that holds it",
        ),
        (
            "[[metrics]]\nid = \"a\"\nmanual = true\nname = \"${NOPE\"",
            "scoresheet.toml:4: metrics.a.name: a '${' has no '}' after it; write ${NAME}, or $$ for a dollar sign",
        ),
        (
            "[[metrics]]\nid = \"a\"\nprovider = \"p\"\n[providers.p]\nbase_url = \"https://p.example\"\nauth = { baerer = \"x\" }",
            "scoresheet.toml:6: providers.p.auth.baerer: unknown key; did you mean 'bearer'?",
        ),
        (
            "[[metrics]]\nid = \"${CREWHU_COMPANY_ID}!\"\nmanual = true",
            "scoresheet.toml:2: metrics.#1.id: '${CREWHU_COMPANY_ID}!' is not valid; give a name of lower-case letters, digits, '-' and '_', at most 256, starting with a letter or digit",
        ),
    ] {
        assert_eq!(told(text), expected, "{text}");
    }
}

#[test]
fn invalid_toml_is_reported_without_its_text() {
    for text in [
        "[sheet]\nname = \"canary\n",
        "[sheet]\nname = canary\n",
        "[sheet]\nname = \"ä\" canary\n",
        "[sheet]\nname = \"a\"\nname = \"canary\"\n",
        "[[metrics]\n",
        "a = \"\\x\"\n",
    ] {
        let told = told(text);
        assert!(told.starts_with("scoresheet.toml:") && told.contains(": invalid TOML: "), "{told}");
        assert!(!told.contains("canary") && !told.contains('\n'), "{told}");
    }
    insta::assert_snapshot!(told("[sheet]\nname = \"ä\" canary\n"), @"scoresheet.toml:2:12: invalid TOML: unexpected key or value, expected newline, `#`");
}

#[test]
fn default_band_is_compared_with_given_one() {
    assert!(
        told(&format!("[sheet]\nbands = {{ watch = 4.5 }}\n{MANUAL}")).contains("healthy (4) is below watch (4.5)")
    );
    load(&format!("[sheet]\nbands = {{ healthy = 3.5, watch = 3.5 }}\n{MANUAL}"));
}

#[test]
fn bounds_are_inclusive() {
    for days in [1, 3650] {
        load(&format!("[sheet]\nlookback_days = {days}\n{MANUAL}"));
    }
    for days in ["0", "3651", "-1", "99999999999999999999", "30.0", "\"30\""] {
        let told = told(&format!("[sheet]\nlookback_days = {days}\n{MANUAL}"));
        assert!(told.starts_with("scoresheet.toml:2: sheet.lookback_days: "), "{told}");
    }
    for weight in ["1e-9", "1000000", "2", "0.5"] {
        load(&format!("{MANUAL}weight = {weight}\n"));
    }
    for weight in ["0", "-0.0", "-1", "nan", "+inf", "-inf", "1e7", "true"] {
        let told = told(&format!("{MANUAL}weight = {weight}\n"));
        assert!(told.starts_with("scoresheet.toml:4: metrics.gut.weight: "), "{told}");
    }
}

#[test]
fn invalid_provider_can_be_referenced() {
    let text = "[providers.p]\nbase_url = \"nowhere\"\n[[metrics]]\nid = \"a\"\nprovider = \"p\"\n";
    let told = told(text);
    assert_eq!(told.lines().count(), 1, "{told}");
    assert!(told.starts_with("scoresheet.toml:2: providers.p.base_url: a base URL begins with https://"), "{told}");
}

#[test]
fn insecure_settings_are_warned_about() {
    let env = FixedEnvironment::from_iter([("KEY", "canary")]);
    let text = "[providers.p]\nbase_url = \"http://crewhu.internal\"\nallow_insecure = true\nauth = { bearer = \"canary\" }\n\
                [providers.q]\nbase_url = \"https://q.example\"\nauth = { bearer = \"${KEY:-canary}\" }\n\
                [[metrics]]\nid = \"a\"\nprovider = \"p\"\n";
    let config = load_in(text, &env).unwrap_or_else(|errors| panic!("{errors}"));
    insta::assert_snapshot!(config.warnings.join("\n"), @r"
    scoresheet.toml:3: providers.p.allow_insecure: requests and the credential cross the network unencrypted
    scoresheet.toml:4: providers.p.auth.bearer: the credential is written in the file; set an environment variable and write ${NAME}
    scoresheet.toml:5: providers.q: no metric uses this provider
    scoresheet.toml:7: providers.q.auth.bearer: the credential is written in the file; set an environment variable and write ${NAME}
    ");
}
