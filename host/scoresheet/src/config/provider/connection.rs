//! `base_url` and `headers`: where a provider's requests go, and what goes with each.

use scoresheet_gateway::{BaseUrl, BaseUrlError, check_fixed_header};

use super::{CREWHU, CREWHU_BASE_URL, ComponentRef};
use crate::config::{
    secret::SecretSource,
    section::{Section, Text},
};

/// Reads `base_url`; the bundled `crewhu` has a default.
pub(super) fn base_url(
    section: &mut Section<'_>,
    component: Option<&ComponentRef>,
    allow_insecure: bool,
) -> Option<BaseUrl> {
    let text = match section.text("base_url") {
        Some(text) => text,
        None if section.has("base_url") => return None,
        None if component
            .is_some_and(|component| matches!(component, ComponentRef::Bundled(name) if name == CREWHU)) =>
        {
            let value = section.expand(&section.path("base_url"), None, CREWHU_BASE_URL)?;
            Text { value, written: CREWHU_BASE_URL.to_owned() }
        }
        None => return None,
    };
    match BaseUrl::parse(&text.value, allow_insecure) {
        Ok(url) => {
            if !url.is_https() && !url.is_loopback() {
                section.warn("allow_insecure", "requests and the credential cross the network in clear");
            }
            Some(url)
        }
        // The text itself is not repeated: a URL may carry a password.
        Err(why) => {
            let how = match why {
                BaseUrlError::Insecure { .. } => " (allow_insecure = true)",
                BaseUrlError::Userinfo => " (auth)",
                _ => "",
            };
            section.problem("base_url", format!("{why}{how}"));
            None
        }
    }
}

/// Reads `headers`: names to values, `${NAME}` in the values.
pub(super) fn headers(section: &mut Section<'_>) -> Vec<(String, SecretSource)> {
    let path = section.path("headers");
    let mut headers: Vec<(String, SecretSource)> = Vec::new();
    for entry in section.entries("headers") {
        let path = format!("{path}.{}", entry.name.escape_debug());
        if let Err(why) = check_fixed_header(&entry.name) {
            section.document.problem(entry.line, &path, format!("this header {why}"));
        } else if headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(&entry.name)) {
            section.document.problem(entry.line, &path, "this header stands twice; keep one of them");
        } else if let Some(value) = section.secret_of(&entry, &path) {
            headers.push((entry.name, value));
        }
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The gateway's policy is the one that holds; what it says must not repeat what may be a password.
    #[test]
    fn https_anywhere_and_http_to_this_machine_only() {
        for (text, allow_insecure) in [
            ("https://api.crewhu.com", false),
            ("https://na.myconnectwise.net/v4_6_release/apis/3.0", false),
            ("http://localhost:8080", false),
            ("http://127.0.0.9:1", false),
            ("http://[::1]:8080/api", false),
            ("http://crewhu.internal", true),
        ] {
            assert!(BaseUrl::parse(text, allow_insecure).is_ok(), "{text}");
        }
        for text in [
            "http://crewhu.internal",
            "http://localhost.evil.example",
            "http://0.0.0.0:80",
            "http://[::ffff:127.0.0.1]",
            "https://canary@api.crewhu.com",
            "https://:canary@api.crewhu.com",
            "https://api.crewhu.com/?key=canary",
            "https://api.crewhu.com/#canary",
            "api.crewhu.com",
            "https:api.crewhu.com",
            "https:///api.crewhu.com",
            "https://@api.crewhu.com",
            "https://api.crewhu.com/a/../b",
            "https://crewhü.example",
            "file:///etc/passwd",
            "https://api.crewhu.com\\@canary",
            "https://api.crewhu.com/\tcanary",
            "",
        ] {
            let why = BaseUrl::parse(text, false).expect_err(text).to_string();
            assert!(!why.contains("canary"), "{text}: {why}");
        }
    }

    #[test]
    fn a_header_name_is_a_token() {
        for (name, fits) in [
            ("clientId", true),
            ("X_CREWHU_APITOKEN", true),
            ("", false),
            ("a b", false),
            ("a\r\nb", false),
            ("ä", false),
        ] {
            assert_eq!(check_fixed_header(name).is_ok(), fits, "{name:?}");
        }
    }
}
