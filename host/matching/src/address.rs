//! Normalises identifiers and web or e-mail domains, so that equal ones compare equal.

use std::{collections::HashSet, sync::LazyLock};

use unicode_normalization::UnicodeNormalization;

static PUBLIC_MAILBOXES: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    include_str!("../data/public_mailboxes.txt").lines().filter(|line| !line.starts_with('#')).collect()
});

/// What is entered where there is no identifier.
const PLACEHOLDERS: [&str; 12] =
    ["na", "none", "null", "nil", "nan", "unknown", "tbd", "todo", "test", "undefined", "notavailable", "pending"];

/// Normalises an identifier to lower-case letters and digits. None for placeholders.
///
/// `"DE 123.456"` and `"de123456"` are one. A single character, `"n/a"` and `"0000"` are none.
#[must_use]
pub fn identifier(text: &str) -> Option<String> {
    let key: String = text.nfkc().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let mut characters = key.chars();
    let first = characters.next()?;
    let one_character = characters.all(|c| c == first);
    (!one_character && !PLACEHOLDERS.contains(&key.as_str())).then_some(key)
}

/// Normalises a web or e-mail domain to lower-case ASCII without `www.`. None for anything else, and for public mailbox
/// providers.
///
/// Takes a URL or an e-mail address too: `"https://www.Müller.example/contact"` and `"info@xn--mller-kva.example"` are one.
#[must_use]
pub fn domain(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    let text = text.strip_prefix("mailto:").unwrap_or(text);
    let text = text.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let text = text.rsplit('@').next().unwrap_or_default().trim_matches(|c: char| c == '>' || c.is_whitespace());
    let text = match text.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => text,
    };
    let ascii = idna::domain_to_ascii(text).ok()?;
    let host = ascii.trim_end_matches('.');
    let host = match host.strip_prefix("www.") {
        Some(rest) if rest.contains('.') => rest,
        _ => host,
    };
    let labels_fit = host.split('.').all(|label| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    });
    // The last label of a domain is never a number: "10.0.0.1" is an IP address.
    let named = host.rsplit_once('.').is_some_and(|(_, last)| !last.bytes().all(|b| b.is_ascii_digit()));
    (labels_fit && named && host.len() <= 253 && !is_public_mailbox(host)).then(|| host.to_owned())
}

/// Whether anybody can have a mailbox there, so that the domain identifies no company. In lower case.
fn is_public_mailbox(domain: &str) -> bool {
    PUBLIC_MAILBOXES.contains(domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_domain_is_written_in_many_ways() {
        for text in [
            "acme.com",
            "ACME.com",
            " www.acme.com ",
            "acme.com.",
            "http://acme.com",
            "HTTPS://www.Acme.com:8443/about?x=1#y",
            "info@acme.com",
            "mailto:info@acme.com",
            "Info Desk <info@acme.com>",
            "https://user@acme.com/",
        ] {
            assert_eq!(domain(text).as_deref(), Some("acme.com"), "{text}");
        }
        for text in
            ["müller.example", "MÜLLER.example", "mu\u{308}ller.example", "xn--mller-kva.example", "www.müller.example"]
        {
            assert_eq!(domain(text).as_deref(), Some("xn--mller-kva.example"), "{text}");
        }
        assert_eq!(domain("www.example").as_deref(), Some("www.example"));
        assert_eq!(domain("mail.acme.com").as_deref(), Some("mail.acme.com"));
    }

    #[test]
    fn what_is_no_domain_of_a_company() {
        for text in [
            "",
            "acme",
            "localhost",
            "10.0.0.1",
            "acme..com",
            "n/a",
            "@",
            "www.",
            "gmail.com",
            "someone@Outlook.com",
            "http://www.gmx.de",
            "acme com",
            "[::1]",
            "web.de",
            "yahoo.co.uk",
            "qq.com",
        ] {
            assert_eq!(domain(text), None, "{text}");
        }
    }

    #[test]
    fn one_identifier_is_written_in_many_ways() {
        for text in ["DE 123.456", "de123456", "DE-123-456", "ＤＥ123456"] {
            assert_eq!(identifier(text).as_deref(), Some("de123456"), "{text}");
        }
        for text in ["", "-", "n/a", "N.A.", "0", "0000", "x", "none", "Unknown", "TBD"] {
            assert_eq!(identifier(text), None, "{text}");
        }
        assert_eq!(identifier("17").as_deref(), Some("17"));
    }

    #[test]
    fn the_list_is_in_the_form_in_which_it_is_asked() {
        assert!(PUBLIC_MAILBOXES.len() > 5_000);
        for listed in PUBLIC_MAILBOXES.iter() {
            assert!(
                listed.contains('.') && listed.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase()),
                "{listed}"
            );
        }
    }
}
