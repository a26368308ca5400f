//! Mail: what is sent, that nothing is said in the clear, and what each answer means.

use std::sync::Arc;

use scoresheet_engine::{Courier as _, DeliveryError};
use scoresheet_gateway::TrustAnchors;
use scoresheet_notify::{Channel, Email, Login, MailSecurity, check_address, is_loopback};
use secrecy::SecretString;

use crate::{
    smtp::{MailServer, Manners},
    support::*,
};

const PASSWORD: &str = "CANARY-5e21";

fn email(server: &MailServer, security: MailSecurity) -> Email {
    Email {
        host: "localhost".into(),
        port: server.port,
        security,
        login: None,
        from: "Scoresheet <scoresheet@msp.example>".into(),
        to: vec!["ops@msp.example".into(), "Zoë <zoe@msp.example>".into()],
    }
}

fn with_login(email: Email) -> Email {
    let secret = |text: &str| Arc::new(SecretString::from(text.to_owned()));
    Email { login: Some(Login { user: secret("CANARY-user"), password: secret(PASSWORD) }), ..email }
}

async fn send(
    email: Email,
    server: &MailServer,
    notice: &scoresheet_domain::alert::Notice,
) -> Result<(), DeliveryError> {
    let trust = TrustAnchors::Only(vec![server.certificate.clone()]);
    notifier_trusting(Channel::Email(email), trust).deliver(notice).await
}

fn header<'a>(mail: &'a str, name: &str) -> Vec<&'a str> {
    let head = mail.split("\r\n\r\n").next().expect("a head");
    head.split("\r\n").filter_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).collect()
}

#[tokio::test]
async fn a_mail_says_what_happened_and_bears_the_events_id() {
    let server = MailServer::start(Manners::default()).await;
    let plain = email(&server, MailSecurity::None);
    send(plain.clone(), &server, &fired("Acme, Inc.: CSAT is 2")).await.expect("taken");
    send(plain, &server, &resolved("Acme, Inc.: CSAT is 2", "Acme, Inc.: CSAT is 4")).await.expect("taken");
    let heard = server.heard();
    let mail = &heard.mails[0];
    assert_eq!(header(mail, "Subject"), ["[Client engagement] Acme, Inc.: CSAT is 2"]);
    assert_eq!(header(mail, "Message-ID"), ["<scoresheet-alert-12-fired-0123456789abcdef@msp.example>"]);
    assert_eq!(header(mail, "Date"), ["Sun, 01 Nov 2026 08:00:00 +0000"]);
    assert_eq!(header(mail, "From"), ["Scoresheet <scoresheet@msp.example>"]);
    assert_eq!(header(mail, "Auto-Submitted"), ["auto-generated"]);
    assert!(mail.contains("Acme, Inc.: CSAT is 2\r\nOnce you have seen it: scoresheet alerts ack 12\r\n"), "{mail}");
    let recipients: Vec<&String> = heard.clear.iter().filter(|line| line.starts_with("RCPT")).take(2).collect();
    assert_eq!(recipients, ["RCPT TO:<ops@msp.example>", "RCPT TO:<zoe@msp.example>"]);
    let over = &heard.mails[1];
    assert_eq!(header(over, "Subject"), ["[Client engagement] Resolved: Acme, Inc.: CSAT is 4"]);
    assert_eq!(header(over, "Date"), ["Tue, 03 Nov 2026 08:00:00 +0000"]);
    assert!(over.contains("2026-11-01T08:00:00Z: Acme, Inc.: CSAT is 2"), "{over}");
}

#[tokio::test]
async fn a_clients_name_makes_no_header_and_no_command() {
    let server = MailServer::start(Manners::default()).await;
    let name = "Ac\u{0}me\r\nBcc: everybody@evil.example\r\n\r\n.\r\nMAIL FROM:<x@evil.example>";
    send(email(&server, MailSecurity::None), &server, &fired(name)).await.expect("taken");
    let heard = server.heard();
    let mail = &heard.mails[0];
    assert_eq!(header(mail, "Bcc"), Vec::<&str>::new());
    assert_eq!(heard.clear.iter().filter(|line| line.starts_with("MAIL")).count(), 1, "{:?}", heard.clear);
    assert!(heard.clear.iter().all(|line| !line.contains("evil")), "{:?}", heard.clear);
    assert!(!mail.contains("\r\nBcc") && !mail.contains("\r\nMAIL FROM"), "{mail}");
}

#[tokio::test]
async fn a_subject_may_be_of_any_script() {
    let server = MailServer::start(Manners::default()).await;
    send(email(&server, MailSecurity::None), &server, &fired("Müller & Söhne 株式会社: CSAT is 2"))
        .await
        .expect("taken");
    let mail = server.heard().mails.remove(0);
    assert!(mail.is_ascii(), "{mail}");
    let subject = header(&mail, "Subject")[0];
    assert!(subject.contains("=?utf-8?"), "{subject}");
    assert_eq!(header(&mail, "Content-Transfer-Encoding").len(), 1);
}

#[tokio::test]
async fn nothing_but_the_greeting_is_said_in_the_clear() {
    let server = MailServer::start(Manners { starttls: true, ..Manners::default() }).await;
    send(with_login(email(&server, MailSecurity::Starttls)), &server, &fired("x")).await.expect("taken");
    let heard = server.heard();
    let verbs: Vec<&str> = heard.clear.iter().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(verbs, ["EHLO", "STARTTLS"]);
    assert!(heard.secured.iter().any(|line| line.starts_with("AUTH")), "{:?}", heard.secured);
    assert_eq!(heard.mails.len(), 1);

    let server = MailServer::start(Manners { implicit: true, ..Manners::default() }).await;
    send(with_login(email(&server, MailSecurity::Implicit)), &server, &fired("x")).await.expect("taken");
    assert_eq!((server.heard().clear, server.heard().mails.len()), (Vec::new(), 1));
}

#[tokio::test]
async fn a_server_without_tls_hears_no_mail_and_no_password() {
    let server = MailServer::start(Manners::default()).await;
    let error = send(with_login(email(&server, MailSecurity::Starttls)), &server, &fired("x")).await;
    assert!(matches!(error, Err(DeliveryError::Later { .. })), "{error:?}");
    let heard = server.heard();
    assert!(heard.mails.is_empty(), "{heard:?}");
    assert!(heard.clear.iter().all(|line| line.starts_with("EHLO") || line.starts_with("QUIT")), "{:?}", heard.clear);
    assert!(format!("{error:?}").to_uppercase().contains("STARTTLS"), "{error:?}");
}

#[tokio::test]
async fn a_server_that_nobody_vouches_for_hears_no_mail() {
    for (manners, security) in [
        (Manners { starttls: true, ..Manners::default() }, MailSecurity::Starttls),
        (Manners { implicit: true, ..Manners::default() }, MailSecurity::Implicit),
    ] {
        let server = MailServer::start(manners).await;
        let channel = Channel::Email(with_login(email(&server, security)));
        let error = notifier_trusting(channel, TrustAnchors::Only(Vec::new())).deliver(&fired("x")).await;
        assert!(matches!(error, Err(DeliveryError::Later { .. })), "{error:?}");
        assert!(server.heard().mails.is_empty() && server.heard().secured.is_empty());
    }
}

#[tokio::test]
async fn in_the_clear_is_for_this_machine_alone() {
    let server = MailServer::start(Manners::default()).await;
    let elsewhere = Email { host: "mail.msp.example".into(), ..email(&server, MailSecurity::None) };
    let DeliveryError::Never(why) = send(elsewhere, &server, &fired("x")).await.expect_err("refused") else {
        panic!("it stays so")
    };
    assert!(why.contains("this machine only"), "{why}");
    for (host, expected) in [
        ("localhost", true),
        ("127.0.0.1", true),
        ("::1", true),
        ("10.0.0.1", false),
        ("localhost.evil.example", false),
    ] {
        assert_eq!(is_loopback(host), expected, "{host}");
    }
}

#[tokio::test]
async fn answers_tell_later_from_never_and_repeat_nothing() {
    let cases = [
        (Manners { recipient: Some("451 CANARY try later"), ..Manners::default() }, false, "451"),
        (Manners { recipient: Some("550 no such user CANARY"), ..Manners::default() }, true, "550"),
        (Manners { login: Some("535 CANARY not you"), ..Manners::default() }, true, "user and password (535)"),
    ];
    for (manners, never, expected) in cases {
        let server = MailServer::start(manners).await;
        let error =
            send(with_login(email(&server, MailSecurity::None)), &server, &fired("x")).await.expect_err("refused");
        assert_eq!(matches!(error, DeliveryError::Never(_)), never, "{error:?}");
        assert!(error.to_string().contains(expected) && !format!("{error:?}").contains("CANARY"), "{error:?}");
    }
    let server = MailServer::start(Manners::default()).await;
    let gone = email(&server, MailSecurity::None);
    let trust = server.certificate.clone();
    drop(server);
    let error = notifier_trusting(Channel::Email(gone), TrustAnchors::Only(vec![trust])).deliver(&fired("x")).await;
    assert!(matches!(error, Err(DeliveryError::Later { .. })), "{error:?}");
}

#[tokio::test]
async fn an_answer_that_does_not_come_leaves_open_whether_it_arrived() {
    let server = MailServer::start(Manners { hangs_after_text: true, ..Manners::default() }).await;
    let notifier = notifier(Channel::Email(email(&server, MailSecurity::None))).waiting(SHORT);
    let error = notifier.deliver(&fired("x")).await.expect_err("no answer");
    assert_eq!(server.heard().mails.len(), 1, "it had come");
    assert_eq!(error, DeliveryError::Later { why: "localhost did not answer in time".into(), after_secs: None });
}

#[tokio::test]
async fn the_password_is_in_no_error_and_no_log() {
    let log = Log::default();
    let guard = log.listen();
    let mut told = String::new();
    for manners in [Manners { login: Some("535 no"), ..Manners::default() }, Manners::default()] {
        let server = MailServer::start(manners).await;
        let channel = with_login(email(&server, MailSecurity::None));
        told.push_str(&format!("{channel:?} {:?}", send(channel.clone(), &server, &fired("x")).await));
    }
    drop(guard);
    let all = log.text() + &told;
    assert!(!all.contains("CANARY") && !all.contains("Q0FOQVJZ"), "{all}");
}

#[test]
fn addresses_of_mailboxes() {
    for right in ["a@b.example", "Scoresheet <a@b.example>", "\"A, B\" <a@b.example>"] {
        check_address(right).expect(right);
    }
    for wrong in ["", "a", "a@", "a@b.example\r\nBcc: c@d.example", "a@b.example, c@d.example"] {
        assert!(check_address(wrong).is_err(), "{wrong:?}");
    }
}
