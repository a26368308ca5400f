//! `[[alerts]]` and `[channels.NAME]`: what they come to, and everything that is wrong with them.

use scoresheet_domain::alert::{Condition, FloorOf};
use scoresheet_notify::{MailSecurity, Shape};

use super::{MANUAL, load_in};
use crate::config::{ChannelConfig, Config, ConfigErrors, FixedEnvironment};

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

/// The one thing that is wrong.
fn wrong(text: &str) -> String {
    let told = loaded(text).expect_err("a wrong configuration").to_string();
    assert!(!told.contains("canary"), "{told}");
    assert_eq!(told.lines().count(), 1, "{told}");
    told
}

#[test]
fn rules_and_channels() {
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
            Condition::Floor { of: FloorOf::Engagement, at: 3.0, clears_above: 3.5 },
            Condition::Floor { of: FloorOf::Metrics, at: 2.5, clears_above: 2.5 },
            Condition::Floor { of: FloorOf::Metrics, at: 1.0, clears_above: 1.0 },
            Condition::Drop { by: 0.5 },
            Condition::Connection,
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
    let Some(ChannelConfig::Webhook(ops)) = config.channels.get("ops") else { panic!("a webhook") };
    assert_eq!((ops.shape, ops.allow_insecure), (Shape::Teams, false));
    let Some(ChannelConfig::Email(mail)) = config.channels.get("mail") else { panic!("mail") };
    assert_eq!((mail.port, mail.tls, mail.login.is_some()), (587, MailSecurity::Starttls, true));
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
fn what_is_wrong_with_a_rule() {
    let rule = |rest: &str| wrong(&format!("{CHANNELS}[[alerts]]\n{rest}"));
    for (rest, expected) in [
        ("kind = \"stale\"", "this alert has no id"),
        ("id = \"A!\"\nkind = \"stale\"", "'A!' is no rule's id"),
        ("id = \"a\"", "this alert has no kind; give one of floor, drop, decline, stale, connection, mapping"),
        ("id = \"a\"\nkind = \"flor\"", "there is no kind 'flor'; did you mean 'floor'?"),
        ("id = \"a\"\nkind = \"floor\"", "a floor needs at"),
        ("id = \"a\"\nkind = \"floor\"\nat = 6", "6 cannot be used; give a score from 1 to 5"),
        ("id = \"a\"\nkind = \"floor\"\nat = 3\nclears_above = 2", "this lies under the floor itself"),
        ("id = \"a\"\nkind = \"drop\"", "a drop needs by"),
        ("id = \"a\"\nkind = \"drop\"\nby = 0", "0 cannot be used; give a number above 0"),
        ("id = \"a\"\nkind = \"stale\"\nat = 3", "an alert of kind stale has no at; take it away"),
        ("id = \"a\"\nkind = \"connection\"\ntypes = [\"legal\"]", "an alert of kind connection has no types"),
        ("id = \"a\"\nkind = \"stale\"\nmetrics = [\"gutt\"]", "there is no metric 'gutt'; did you mean 'gut'?"),
        ("id = \"a\"\nkind = \"stale\"\nchannels = [\"op\"]", "there is no channel 'op'; did you mean 'ops'?"),
        ("id = \"a\"\nkind = \"stale\"\nchannels = \"ops\"", "this is a string; give names of channels"),
        ("id = \"a\"\nkind = \"stale\"\nchannels = [3]", "this is a whole number; give names of channels"),
        ("id = \"a\"\nkind = \"stale\"\nproviders = [\"crewhu\"]", "there is no provider 'crewhu'; none is configured"),
        ("id = \"a\"\nkind = \"stale\"\nwhat = 3", "unknown key 'what'"),
        ("id = \"a\"\nkind = \"stale\"\nclients = [\" x\"]", "begins or ends with a space"),
        ("id = \"a\"\nkind = \"stale\"\n[[alerts]]\nid = \"a\"\nkind = \"stale\"", "has the id 'a' already"),
    ] {
        let told = rule(rest);
        assert!(told.contains(expected) && told.starts_with("scoresheet.toml:"), "{rest}: {told}");
    }
    let none = load_in(&format!("alerts = []\n{MANUAL}"), &FixedEnvironment::default()).expect_err("wrong");
    assert!(none.to_string().contains("alerts: there are none"), "{none}");
}

#[test]
fn what_is_wrong_with_a_channel() {
    let mail = "kind = \"email\"\nhost = \"h.example\"\nfrom = \"a@b.example\"\nto = [\"c@d.example\"]\n";
    for (rest, expected) in [
        ("", "this channel has no kind"),
        ("kind = \"webhok\"", "there is no kind of channel 'webhok'; did you mean 'webhook'?"),
        ("kind = \"webhook\"", "a webhook needs url"),
        ("kind = \"webhook\"\nurl = \"canary\"", "a base URL begins with https://"),
        ("kind = \"webhook\"\nurl = \"http://canary.example/x\"", "this is no webhook's address"),
        ("kind = \"webhook\"\nurl = \"${NO_SUCH_URL}\"", "the environment variable NO_SUCH_URL is not set"),
        (
            "kind = \"webhook\"\nurl = \"${OPS_URL}\"\nshape = \"slak\"",
            "there is no shape 'slak'; did you mean 'slack'?",
        ),
        ("kind = \"webhook\"\nurl = \"${OPS_URL}\"\nhost = \"x\"", "unknown key 'host'"),
        (&mail.replace("host = \"h.example\"\n", ""), "mail needs host"),
        (&mail.replace("[\"c@d.example\"]", "[]"), "there is nobody in it"),
        (&mail.replace("c@d.example", "c"), "'c' is no address of a mailbox"),
        (&mail.replace("a@b.example", "a"), "'a' is no address of a mailbox"),
        (&format!("{mail}tls = \"none\""), "mail may go in the clear to this machine only"),
        (&format!("{mail}tls = \"ssl\""), "there is no way to secure it 'ssl'"),
        (&format!("{mail}port = 0"), "0 is out of range"),
        (&format!("{mail}user = \"u\""), "user and password stand together"),
    ] {
        let told = if expected.contains("no webhook's address") {
            // What is told names the host, which is no secret; here it is the canary.
            loaded(&format!("[channels.x]\n{rest}")).expect_err("wrong").to_string()
        } else {
            wrong(&format!("[channels.x]\n{rest}"))
        };
        assert!(told.contains(expected), "{rest}: {told}");
    }
    assert!(wrong("[channels.\"A B\"]\nkind = \"webhook\"\nurl = \"${OPS_URL}\"").contains("is no channel's name"));
    let other = wrong(&format!("{CHANNELS}[sheet]\nname = \"${{OPS_URL}}\""));
    assert!(other.contains("OPS_URL holds a credential"), "{other}");
}
