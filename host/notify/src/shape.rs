//! What is sent: one notice as JSON of three shapes, or as the words of a mail.

use scoresheet_domain::alert::{DeliveryEvent, Notice, one_line};
use serde_json::{Value, json};

use crate::channel::Shape;

/// The contract of the plain shape, with its version.
const SCHEMA: &str = "accellis.scoresheet.alert/1.0";

/// Mail programs show about so much of a subject.
const SUBJECT_CHARS: usize = 140;

/// The body of a webhook's request.
pub(crate) fn body(shape: Shape, notice: &Notice) -> Value {
    match shape {
        Shape::Plain => plain(notice),
        Shape::Slack => slack(notice),
        Shape::Teams => teams(notice),
    }
}

/// Keys always present, in this order, null where there is nothing; times RFC 3339 in UTC.
fn plain(notice: &Notice) -> Value {
    let resolved = notice.resolved.as_ref();
    json!({
        "schema": SCHEMA,
        "id": notice.id,
        "event": notice.event,
        "sheet": notice.sheet,
        "alert": notice.alert,
        "rule": notice.rule,
        "kind": notice.kind,
        "client": notice.target.client,
        "metric": notice.target.metric,
        "provider": notice.target.provider,
        "message": notice.message,
        "fired_at": notice.fired.to_string(),
        "resolved_at": resolved.map(|(at, _)| at.to_string()),
        "resolution": resolved.map(|(_, words)| words),
    })
}

/// <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>. Text of type `plain_text` calls nobody and
/// links nowhere. `text`, which is shown where blocks are not, knows three signs that do: they are escaped.
fn slack(notice: &Notice) -> Value {
    let escaped = headline(notice).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let plain = |text: String| json!({"type": "plain_text", "text": text, "emoji": false});
    json!({
        "text": escaped,
        "blocks": [
            {"type": "section", "text": plain(headline(notice))},
            {"type": "context", "elements": [plain(beside(notice))]},
        ],
    })
}

/// <https://support.microsoft.com/office/create-incoming-webhooks-with-workflows-for-microsoft-teams>: a message with an
/// Adaptive Card. A `TextRun` is no Markdown, as a `TextBlock` would be: it holds no links.
fn teams(notice: &Notice) -> Value {
    let run = |text: String, more: (&str, Value)| {
        let mut run = json!({"type": "TextRun", "text": text});
        run[more.0] = more.1;
        json!({"type": "RichTextBlock", "inlines": [run]})
    };
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "body": [
                    run(headline(notice), ("weight", "Bolder".into())),
                    run(beside(notice), ("isSubtle", true.into())),
                ],
            },
        }],
    })
}

/// What happened.
fn headline(notice: &Notice) -> String {
    match (&notice.resolved, notice.event) {
        (Some((_, words)), DeliveryEvent::Resolved) if !words.is_empty() => one_line(&format!("Resolved: {words}")),
        (_, DeliveryEvent::Resolved) => one_line(&format!("Resolved: {}", notice.message)),
        (_, DeliveryEvent::Fired) => one_line(&notice.message),
    }
}

/// Which alert that is.
fn beside(notice: &Notice) -> String {
    one_line(&format!(
        "{} · alert {} of rule {} ({}) · since {}",
        notice.sheet,
        notice.alert,
        notice.rule,
        notice.kind.as_str(),
        notice.fired
    ))
}

/// A mail's subject: one line.
pub(crate) fn subject(notice: &Notice) -> String {
    let subject = one_line(&format!("[{}] {}", notice.sheet, headline(notice)));
    match subject.char_indices().nth(SUBJECT_CHARS) {
        Some((end, _)) => format!("{}…", &subject[..end]),
        None => subject,
    }
}

/// A mail's text.
pub(crate) fn text(notice: &Notice) -> String {
    let mut text = headline(notice) + "\r\n";
    if notice.event == DeliveryEvent::Resolved {
        text.push_str(&format!("What was told on {}: {}\r\n", notice.fired, one_line(&notice.message)));
    } else {
        text.push_str(&format!("Once you have seen it: scoresheet alerts ack {}\r\n", notice.alert));
    }
    text.push_str(&format!("\r\n-- \r\n{}\r\n", beside(notice)));
    text
}
