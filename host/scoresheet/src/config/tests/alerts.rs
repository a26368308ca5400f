//! `[[alerts]]` and `[channels.NAME]`: what they are read as, and their problems.

use scoresheet_domain::alert::{Condition, Connection, Drop, Floor, FloorOf};
use scoresheet_notify::{MailSecurity, Shape};

use super::{MANUAL, load_in};
use crate::config::{ChannelSection, Config, ConfigErrors, FixedEnvironment};

const CHANNELS: &str = r#"
[channels.ops]
kind = "webhook"
shape = "teams"
url = "${OPS_URL}"
[channels.mail]
kind = "email"
host = "smtp.msp.example"
user = "${SMTP_USER}"
password = "${SMTP_PASSWORD}"
from = "Scoresheet <scoresheet@msp.example>"
to = ["ops@msp.example"]
"#;

fn loaded(text: &str) -> Result<Config, ConfigErrors> {
    let env = FixedEnvironment::from_iter([
        ("OPS_URL", "https://hooks.msp.example/canary?sig=canary"),
        ("SMTP_USER", "canary-user"),
        ("SMTP_PASSWORD", "canary-password"),
    ]);
    load_in(&format!("{MANUAL}{text}"), &env)
}

fn right(text: &str) -> Config {
    loaded(text).unwrap_or_else(|errors| panic!("{errors}"))
}

/// The only problem.
fn wrong(text: &str) -> String {
    let told = loaded(text).expect_err("a wrong configuration").to_string();
    assert!(!told.contains("canary"), "{told}");
    assert_eq!(told.lines().count(), 1, "{told}");
    told
}

#[test]
fn rules_and_channels_are_read() {
    let config = right(&format!(
        r#"{CHANNELS}
[[alerts]]
id = "at-risk"
kind = "floor"
at = 3
clears_above = 3.5
types = ["legal"]
[[alerts]]
id = "low"
kind = "floor"
at = 2.5
metrics = ["gut"]
channels = ["mail"]
[[alerts]]
id = "any"
kind = "floor"
at = 1
metrics = ["*"]
channels = []
[[alerts]]
id = "slipping"
kind = "drop"
by = 0.5
clients = ["Acme, Inc."]
[[alerts]]
id = "down"
kind = "connection"
"#
    ));
    let conditions: Vec<Condition> = config.alerts.iter().map(|rule| rule.condition).collect();
    assert_eq!(
        conditions,
        [
            Condition::Floor(Floor { of: FloorOf::Engagement, at: 3.0, clears_above: 3.5 }),
            Condition::Floor(Floor { of: FloorOf::Metrics, at: 2.5, clears_above: 2.5 }),
            Condition::Floor(Floor { of: FloorOf::Metrics, at: 1.0, clears_above: 1.0 }),
            Condition::Drop(Drop { by: 0.5 }),
            Condition::Connection(Connection),
        ]
    );
    let channels = |at: usize| config.alerts[at].channels.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        (channels(0), channels(1), channels(2)),
        (vec!["ops".into(), "mail".into()], vec!["mail".into()], vec![])
    );
    assert_eq!(config.alerts[0].filter.types, ["legal"]);
    assert_eq!((config.alerts[1].filter.metrics.len(), config.alerts[2].filter.metrics.len()), (1, 0));
    assert_eq!(config.alerts[3].filter.clients[0].as_str(), "Acme, Inc.");
    let Some(ChannelSection::Webhook(ops)) = config.channels.get("ops") else { panic!("a webhook") };
    assert_eq!((ops.shape, ops.allow_insecure), (Shape::Teams, false));
    let Some(ChannelSection::Email(mail)) = config.channels.get("mail") else { panic!("mail") };
    assert_eq!((mail.port, mail.tls, mail.user.is_some()), (Some(587), MailSecurity::Starttls, true));
    assert_eq!(right("").alerts, []);

    let shown = config.show();
    assert!(!shown.contains("canary") && !format!("{config:?}").contains("canary"), "{shown}");
    assert!(shown.contains("[channels.ops]\n") && shown.contains("(set by OPS_URL)"), "{shown}");
    assert!(shown.contains("[[alerts]]\nid = \"at-risk\""), "{shown}");
    let json = config.show_json();
    assert_eq!(json["alerts"][2]["metrics"], serde_json::json!(["*"]));
    assert_eq!(json["channels"]["mail"]["password"], "(set by SMTP_PASSWORD)");
}

#[test]
fn invalid_rule_is_reported() {
    let rule = |rest: &str| wrong(&format!("{CHANNELS}[[alerts]]\n{rest}"));
    for (rest, expected) in [
        ("kind = \"stale\"", "alerts.#1.id: missing; give a name of lower-case letters"),
        ("id = \"A!\"\nkind = \"stale\"", "'A!' is not valid; give a name of lower-case letters"),
        ("id = \"a\"", "kind: missing; give one of floor, drop, decline, stale, connection, mapping"),
        ("id = \"a\"\nkind = \"flor\"", "'flor' is not valid; did you mean 'floor'?"),
        ("id = \"a\"\nkind = \"floor\"", "at: missing; give the score at or below which the alert fires"),
        ("id = \"a\"\nkind = \"floor\"\nat = 6", "6 is out of range; give a number from 1 to 5"),
        ("id = \"a\"\nkind = \"floor\"\nat = 3\nclears_above = 2", "below the floor itself; give at least 3"),
        ("id = \"a\"\nkind = \"drop\"", "by: missing; give the difference"),
        ("id = \"a\"\nkind = \"drop\"\nby = 0", "0 is out of range; give a number above 0"),
        ("id = \"a\"\nkind = \"stale\"\nat = 3", "at: not valid for an alert of kind stale; remove it"),
        ("id = \"a\"\nkind = \"connection\"\ntypes = [\"legal\"]", "types: not valid for an alert of kind connection"),
        ("id = \"a\"\nkind = \"stale\"\nmetrics = [\"gutt\"]", "unknown metric 'gutt'; did you mean 'gut'?"),
        ("id = \"a\"\nkind = \"stale\"\nchannels = [\"op\"]", "unknown channel 'op'; did you mean 'ops'?"),
        ("id = \"a\"\nkind = \"stale\"\nchannels = \"ops\"", "found a string; give an array of strings"),
        ("id = \"a\"\nkind = \"stale\"\nchannels = [3]", "found a whole number; give a string"),
        (
            "id = \"a\"\nkind = \"stale\"\nproviders = [\"crewhu\"]",
            "unknown provider 'crewhu'; no provider is configured",
        ),
        ("id = \"a\"\nkind = \"stale\"\nwhat = 3", "what: unknown key; known keys: id, kind"),
        ("id = \"a\"\nkind = \"stale\"\nclients = [\" x\"]", "' x' is not a client id"),
        (
            "id = \"a\"\nkind = \"stale\"\n[[alerts]]\nid = \"a\"\nkind = \"stale\"",
            "has the same id; give each its own",
        ),
    ] {
        let told = rule(rest);
        assert!(told.contains(expected) && told.starts_with("scoresheet.toml:"), "{rest}: {told}");
    }
    let none = load_in(&format!("alerts = []\n{MANUAL}"), &FixedEnvironment::default()).expect_err("wrong");
    assert!(none.to_string().contains("alerts: empty; give at least one"), "{none}");
}

#[test]
fn all_problems_of_a_channel_are_reported_together() {
    let text = "[channels.mail]\nkind = \"email\"\nport = 0\ntls = \"none\"\nfrom = \"a\"\nto = [\"b\"]\nspeed = 1\n\
                [channels.ops]\nkind = \"webhook\"\nurl = \"canary\"\nshape = \"slak\"\n";
    let told = loaded(text).expect_err("wrong").to_string();
    let places: Vec<&str> = told.lines().filter_map(|line| line.split(": ").nth(1)).collect();
    let mail = ["host", "port", "from", "to.0", "speed"].map(|key| format!("channels.mail.{key}"));
    let ops = ["url", "shape"].map(|key| format!("channels.ops.{key}"));
    assert_eq!(places, [mail.as_slice(), ops.as_slice()].concat(), "{told}");
    assert!(!told.contains("canary"), "{told}");
}

#[test]
fn invalid_channel_is_reported() {
    let mail = "kind = \"email\"\nhost = \"h.example\"\nfrom = \"a@b.example\"\nto = [\"c@d.example\"]\n";
    for (rest, expected) in [
        ("", "kind: missing; give one of webhook, email"),
        ("kind = \"webhok\"", "'webhok' is not valid; did you mean 'webhook'?"),
        ("kind = \"webhook\"", "url: missing; give a string, as \"${OPS_WEBHOOK_URL}\""),
        ("kind = \"webhook\"\nurl = \"canary\"", "a base URL begins with https://"),
        ("kind = \"webhook\"\nurl = \"http://canary.example/x\"", "not a valid webhook URL"),
        ("kind = \"webhook\"\nurl = \"${NO_SUCH_URL}\"", "the environment variable NO_SUCH_URL is not set"),
        ("kind = \"webhook\"\nurl = \"${OPS_URL}\"\nshape = \"slak\"", "'slak' is not valid; did you mean 'slack'?"),
        ("kind = \"webhook\"\nurl = \"${OPS_URL}\"\nhost = \"x\"", "host: unknown key"),
        (&mail.replace("host = \"h.example\"\n", ""), "host: missing"),
        (&mail.replace("[\"c@d.example\"]", "[]"), "to: empty; give at least one"),
        (&mail.replace("c@d.example", "c"), "'c' is not a mail address"),
        (&mail.replace("a@b.example", "a"), "'a' is not a mail address"),
        (&format!("{mail}tls = \"none\""), "mail may be unencrypted to this machine only"),
        (&format!("{mail}tls = \"ssl\""), "'ssl' is not valid; give one of starttls, implicit, none"),
        (&format!("{mail}port = 0"), "0 is out of range; give a whole number from 1 to 65535"),
        (&format!("{mail}user = \"u\""), "password: missing"),
    ] {
        let told = wrong(&format!("[channels.x]\n{rest}"));
        assert!(told.contains(expected), "{rest}: {told}");
    }
    assert!(
        wrong("[channels.\"A B\"]\nkind = \"webhook\"\nurl = \"${OPS_URL}\"")
            .contains("'A B' is not valid; give a name")
    );
    let other = wrong(&format!("{CHANNELS}[sheet]\nname = \"${{OPS_URL}}\""));
    assert!(other.contains("OPS_URL holds a credential"), "{other}");
}
