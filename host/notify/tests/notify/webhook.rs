//! Webhooks: the three shapes, what each answer means, and that the address stays a secret.

use std::sync::Arc;

use scoresheet_engine::{Courier as _, DeliveryError};
use scoresheet_notify::{Channel, Shape, Webhook, check_url};
use secrecy::SecretString;
use serde_json::json;

use crate::{
    receiver::{Answer, Receiver},
    support::*,
};

/// A path and a query as the services make them: both are secrets.
const SECRET: &str = "services/T0/CANARY-7f3a?sp=%2Ftriggers%2Fmanual&sig=CANARY-9c1b";

fn channel(base: &str, shape: Shape) -> Channel {
    Channel::Webhook(Webhook {
        url: Arc::new(SecretString::from(format!("{base}/{SECRET}"))),
        shape,
        allow_insecure: false,
        allow_private_addresses: false,
    })
}

async fn outcome(answer: Answer) -> Result<(), DeliveryError> {
    let receiver = Receiver::start(answer).await;
    let outcome = notifier(channel(&receiver.base, Shape::Plain)).deliver(&fired("x")).await;
    assert_eq!(receiver.received().len(), 1, "each notice is sent once");
    outcome
}

#[tokio::test]
async fn plain_json_is_the_documented_one() {
    let receiver = Receiver::start(Answer::Status(204)).await;
    let notifier = notifier(channel(&receiver.base, Shape::Plain));
    notifier.deliver(&fired("Acme, Inc.: CSAT is 2")).await.expect("taken");
    notifier.deliver(&resolved("Acme, Inc.: CSAT is 2", "Acme, Inc.: CSAT is 4")).await.expect("taken");
    let received = receiver.received();
    assert_eq!(received[0].uri, format!("/{SECRET}"), "path and query as they were given");
    assert_eq!(received[0].headers["content-type"], "application/json");
    assert_eq!(received[0].headers["idempotency-key"], "scoresheet-alert-12-fired-0123456789abcdef");
    assert_eq!(
        received[0].body.to_string(),
        json!({
            "schema": "accellis.scoresheet.alert/1.0",
            "id": "scoresheet-alert-12-fired-0123456789abcdef",
            "event": "fired",
            "sheet": "Client engagement",
            "alert": 12,
            "rule": "low",
            "kind": "floor",
            "client": "acme",
            "metric": "csat",
            "provider": "crewhu",
            "message": "Acme, Inc.: CSAT is 2",
            "fired_at": "2026-11-01T08:00:00Z",
            "resolved_at": null,
            "resolution": null,
        })
        .to_string()
    );
    assert_eq!(received[1].headers["idempotency-key"], "scoresheet-alert-12-resolved-0123456789abcdef");
    assert_eq!(received[1].body["event"], "resolved");
    assert_eq!(received[1].body["resolved_at"], "2026-11-03T08:00:00Z");
    assert_eq!(received[1].body["resolution"], "Acme, Inc.: CSAT is 4");
}

#[tokio::test]
async fn slack_and_teams_get_text_that_links_nowhere_and_calls_nobody() {
    const NAME: &str = "<!channel> [A & B](http://evil.example) *x*";
    let receiver = Receiver::start(Answer::Status(200)).await;
    notifier(channel(&receiver.base, Shape::Slack)).deliver(&fired(NAME)).await.expect("taken");
    notifier(channel(&receiver.base, Shape::Teams)).deliver(&resolved("x", NAME)).await.expect("taken");
    let received = receiver.received();
    let slack = &received[0].body;
    assert_eq!(slack["text"], "&lt;!channel&gt; [A &amp; B](http://evil.example) *x*");
    assert_eq!(slack["blocks"][0]["text"], json!({"type": "plain_text", "text": NAME, "emoji": false}));
    let context = &slack["blocks"][1]["elements"][0];
    assert_eq!(context["type"], "plain_text");
    assert_eq!(context["text"], "Client engagement · alert 12 of rule low (floor) · since 2026-11-01T08:00:00Z");
    let teams = &received[1].body;
    assert_eq!((&teams["type"], teams["attachments"].as_array().map(Vec::len)), (&json!("message"), Some(1)));
    let attachment = &teams["attachments"][0];
    assert_eq!(attachment["contentType"], "application/vnd.microsoft.card.adaptive");
    assert_eq!(attachment["content"]["type"], "AdaptiveCard");
    let first = &attachment["content"]["body"][0];
    assert_eq!(first["type"], "RichTextBlock");
    let run = json!({"type": "TextRun", "text": format!("Resolved: {NAME}"), "weight": "Bolder"});
    assert_eq!(first["inlines"], json!([run]));
}

#[tokio::test]
async fn answers_tell_later_from_never() {
    for status in [200, 202, 204] {
        assert_eq!(outcome(Answer::Status(status)).await, Ok(()), "{status}");
    }
    for status in [500, 503, 429, 408] {
        let error = outcome(Answer::Status(status)).await.expect_err("not taken");
        assert_eq!(error, DeliveryError::Later { why: format!("127.0.0.1 answered {status}"), after_secs: None });
    }
    let waiting = outcome(Answer::With(429, "retry-after", "90")).await.expect_err("not taken");
    assert!(matches!(waiting, DeliveryError::Later { after_secs: Some(90), .. }), "{waiting:?}");
    for status in [400, 401, 403, 404, 410, 413] {
        assert!(matches!(outcome(Answer::Status(status)).await, Err(DeliveryError::Never(_))), "{status}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let redirected = outcome(Answer::With(307, "location", "/elsewhere")).await.expect_err("not taken");
    let DeliveryError::Never(why) = redirected else { panic!("{redirected:?}") };
    assert_eq!(why, "127.0.0.1 answered 307, a redirect, which is not followed: give the address that it leads to");
}

#[tokio::test]
async fn who_does_not_answer_is_asked_again_later() {
    let receiver = Receiver::start(Answer::Hang).await;
    let hurried = notifier(channel(&receiver.base, Shape::Plain)).waiting(SHORT);
    let error = hurried.deliver(&fired("x")).await.expect_err("no answer");
    assert_eq!(receiver.received().len(), 1, "it had come");
    assert_eq!(error, DeliveryError::Later { why: "127.0.0.1 did not answer in time".into(), after_secs: None });

    // The port is nobody's again.
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", gone.local_addr().expect("an address"));
    std::mem::drop(gone);
    let DeliveryError::Later { why, .. } =
        notifier(channel(&base, Shape::Plain)).deliver(&fired("x")).await.expect_err("nobody there")
    else {
        panic!("it may come back")
    };
    assert!(why.contains("refused the connection") && !why.contains("CANARY"), "{why}");
}

#[tokio::test]
async fn the_address_is_in_no_error_and_no_log() {
    let log = Log::default();
    let guard = log.listen();
    let mut told = String::new();
    for answer in [Answer::Status(200), Answer::Status(404), Answer::Status(500), Answer::With(302, "location", "/x")] {
        told.push_str(&format!("{:?}", outcome(answer).await));
    }
    let gone = channel("http://127.0.0.1:1", Shape::Plain);
    told.push_str(&format!("{gone:?} {:?}", notifier(gone.clone()).deliver(&fired("x")).await));
    drop(guard);
    assert!(log.text().contains("channel ops"), "it is logged: {}", log.text());
    let all = log.text() + &told;
    assert!(!all.contains("CANARY") && !all.contains("triggers"), "{all}");
}

#[tokio::test]
async fn the_gateways_policy_for_addresses_holds() {
    let to = |url: &str, allow_insecure, allow_private_addresses| {
        Channel::Webhook(Webhook {
            url: Arc::new(SecretString::from(url)),
            shape: Shape::Plain,
            allow_insecure,
            allow_private_addresses,
        })
    };
    for (url, expected) in [
        ("http://hooks.example/x", "plain http to another machine"),
        ("http://169.254.169.254/latest", "plain http to another machine"),
        ("https://169.254.169.254/latest", "metadata"),
        ("https://user:pw@hooks.example/x", "names no user"),
        ("ftp://hooks.example/x", "begins with https://"),
        ("https://hooks.example/x?a=1#frag", "fragment"),
    ] {
        let refused = notifier(to(url, false, false)).deliver(&fired("x")).await.expect_err(url).to_string();
        assert!(refused.contains(expected), "{url}: {refused}");
    }
}

#[test]
fn what_is_no_address_is_told_without_it() {
    for wrong in ["CANARY", "https://", "https://h/CANARY path", "http://h.example/CANARY", "https://h/a#CANARY"] {
        let error = check_url(&SecretString::from(wrong), false).expect_err(wrong);
        assert!(!error.contains("CANARY"), "{error}");
    }
    for right in ["https://hooks.slack.com/services/T/B/x", "https://h.example/", "http://localhost:8080/x?y=z"] {
        check_url(&SecretString::from(right), false).expect(right);
    }
    check_url(&SecretString::from("http://h.example/x"), true).expect("where it is allowed");
}

#[tokio::test]
async fn a_channel_that_is_not_there_is_waited_for() {
    let receiver = Receiver::start(Answer::Status(200)).await;
    let mut notice = fired("x");
    notice.channel = scoresheet_domain::ChannelName::new("sales").expect("a name");
    let error = notifier(channel(&receiver.base, Shape::Plain)).deliver(&notice).await.expect_err("not there");
    assert_eq!(error, DeliveryError::Later { why: "no channel 'sales' is configured".into(), after_secs: None });
    assert_eq!(receiver.received().len(), 0);
}
