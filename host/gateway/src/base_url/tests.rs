//! Which base URLs are read, and that no accepted path ever leaves one.

use proptest::prelude::*;

use super::*;

fn base(text: &str) -> BaseUrl {
    BaseUrl::parse(text, false).expect(text)
}

fn joined(base_url: &str, path: &str, query: &[(&str, &str)]) -> String {
    let query: Vec<_> = query.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    let path = RelativePath::parse(path).expect(path);
    base(base_url).join(&path, &query).expect("joins").to_string()
}

#[test]
fn base_urls_come_back_as_given() {
    for (text, shown) in [
        ("https://api.crewhu.com", "https://api.crewhu.com"),
        ("https://api.crewhu.com/", "https://api.crewhu.com"),
        ("HTTPS://API.crewhu.com:443/", "https://api.crewhu.com"),
        ("https://x.example/v4_6_release/apis/3.0", "https://x.example/v4_6_release/apis/3.0"),
        ("https://x.example/v4_6_release/apis/3.0/", "https://x.example/v4_6_release/apis/3.0"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://127.9.9.9", "http://127.9.9.9"),
        ("http://localhost:3000/x", "http://localhost:3000/x"),
        ("http://LOCALHOST", "http://localhost"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ] {
        assert_eq!(base(text).to_string(), shown);
    }
    let plain = BaseUrl::parse("http://intranet.example:8080/api", true).expect("explicitly allowed");
    assert_eq!(plain.to_string(), "http://intranet.example:8080/api");
}

#[test]
fn other_texts_are_refused_without_repeating_them() {
    let cases: &[(&str, BaseUrlError)] = &[
        ("api.crewhu.com", BaseUrlError::Scheme),
        ("ftp://x.example", BaseUrlError::Scheme),
        ("file:///etc/passwd", BaseUrlError::Scheme),
        ("https:x.example", BaseUrlError::Scheme),
        ("https:/x.example", BaseUrlError::Scheme),
        ("", BaseUrlError::Scheme),
        (" https://x.example", BaseUrlError::Character),
        ("https://x.example\n", BaseUrlError::Character),
        ("https:\\\\x.example", BaseUrlError::Character),
        ("https://m\u{fc}ller.example", BaseUrlError::Character),
        ("http://\u{ff11}27.0.0.1", BaseUrlError::Character),
        ("https://user:hunter2@x.example", BaseUrlError::Userinfo),
        ("https://user@x.example", BaseUrlError::Userinfo),
        ("https://@x.example", BaseUrlError::Userinfo),
        ("https://x.example?key=hunter2", BaseUrlError::Query),
        ("https://x.example/?", BaseUrlError::Query),
        ("https://x.example/#a", BaseUrlError::Fragment),
        ("http://x.example", BaseUrlError::Insecure),
        ("http://localhost.evil.example", BaseUrlError::Insecure),
        ("http://127.0.0.1.evil.example", BaseUrlError::Insecure),
        ("http://10.0.0.1", BaseUrlError::Insecure),
        ("http://0.0.0.0", BaseUrlError::Insecure),
        ("http://[::ffff:127.0.0.1]", BaseUrlError::Insecure),
        ("http://169.254.169.254", BaseUrlError::Insecure),
    ];
    for (text, expected) in cases {
        let error = BaseUrl::parse(text, false).expect_err(text);
        assert_eq!(&error, expected, "{text:?}");
        assert!(!error.to_string().contains("hunter2"));
    }
    for text in ["https://", "https:///x.example", "https://x.example:99999", "https://[::1", "https://a..b:x"] {
        assert!(matches!(BaseUrl::parse(text, false), Err(BaseUrlError::Host(_))), "{text:?}");
    }
    for text in [
        "https://x.example//a",
        "https://x.example//",
        "https://x.example/a/../b",
        "https://x.example/%2e%2e",
        "https://x.example/a%2fb",
    ] {
        assert!(matches!(BaseUrl::parse(text, false), Err(BaseUrlError::Path(_))), "{text:?}");
    }
}

#[test]
fn paths_and_queries_are_joined() {
    assert_eq!(joined("https://x.example", "a/b", &[]), "https://x.example/a/b");
    assert_eq!(joined("https://x.example/", "", &[]), "https://x.example/");
    assert_eq!(joined("https://x.example/p/3.0", "", &[]), "https://x.example/p/3.0");
    assert_eq!(joined("https://x.example/p/3.0", "a/", &[]), "https://x.example/p/3.0/a/");
    assert_eq!(joined("http://[::1]:81/p", "a", &[]), "http://[::1]:81/p/a");
    assert_eq!(
        joined(
            "https://x.example",
            "a",
            &[("from", "2026-10-02T00:00:00+00:00"), ("q", "a b&c=d#?/\r\n\u{fc}"), ("", "")]
        ),
        "https://x.example/a?from=2026-10-02T00%3A00%3A00%2B00%3A00&q=a%20b%26c%3Dd%23%3F%2F%0D%0A%C3%BC&="
    );
}

#[test]
fn a_url_has_a_length() {
    let path = RelativePath::parse("a").expect("a path");
    let query = vec![("q".to_owned(), "x".repeat(MAX_URL_BYTES))];
    let refusal = base("https://x.example").join(&path, &query).expect_err("too long");
    assert!(refusal.contains("the limit is 8000") && !refusal.contains("xxx"), "{refusal}");
}

/// Pieces from which look-alikes are made, and anything else.
fn pathological() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "..", ".", "/", "//", "\\", "%2e", "%2E", "%2f", "%5c", "%25", "%252e", "%", "@", ":", "?", "#", ";", "http:",
            "https://", "evil.example", "%00", "%0d%0a", "%c0%ae", "%EF%BC%8E", "\u{ff0f}", "\u{ff0e}", "\t", " ", "~", "[::1]",
        ])
        .prop_map(str::to_owned),
        2 => "[a-zA-Z0-9._~!$&'()*+,;=:@/-]{0,6}",
        1 => any::<String>(),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

/// More cases than usual, since most texts are refused; `PROPTEST_CASES` asks for more still.
fn many_cases() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { failure_persistence: None, cases: usual.cases.max(1_024), ..usual }
}

proptest! {
    #![proptest_config(many_cases())]

    #[test]
    fn no_accepted_path_leaves_origin_and_prefix(
        text in pathological(),
        prefix in prop::sample::select(vec!["", "/v4_6_release/apis/3.0", "/a"]),
        query in prop::collection::vec((any::<String>(), any::<String>()), 0..3),
    ) {
        let base = base(&format!("https://api.example:8443{prefix}"));
        if let Ok(path) = RelativePath::parse(&text)
            && let Ok(url) = base.join(&path, &query)
        {
            prop_assert_eq!(url.scheme(), "https");
            prop_assert_eq!(url.host_str(), Some("api.example"));
            prop_assert_eq!(url.port(), Some(8443));
            prop_assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
            let rest = url.path().strip_prefix(prefix);
            prop_assert!(rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
            // A server that decodes again and again, and then resolves dots, stays below the prefix too.
            let mut seen = url.path().to_owned();
            for _ in 0..4 {
                seen = percent_encoding::percent_decode_str(&seen).decode_utf8_lossy().into_owned();
                prop_assert!(seen.split(['/', '\\']).all(|segment| segment != ".." && segment != "."));
            }
            // Query pairs come back as they were given.
            let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
            prop_assert_eq!(pairs, query);
        }
    }

    #[test]
    fn no_text_makes_a_base_url_panic(text in any::<String>(), rest in "[ -~]{0,40}") {
        let _ = BaseUrl::parse(&text, true);
        if let Ok(base) = BaseUrl::parse(&format!("https://{rest}"), false) {
            let shown = base.to_string();
            prop_assert_eq!(BaseUrl::parse(&shown, false), Ok(base));
        }
    }
}

#[test]
fn links_below_the_base_are_relative_to_it() {
    let base = BaseUrl::parse("https://na.example/v4/apis/3.0", false).expect("a base URL");
    for (link, expected) in [
        ("https://na.example/v4/apis/3.0/service/tickets?pageId=2&x=%20", "service/tickets?pageId=2&x=%20"),
        ("HTTPS://NA.example:443/v4/apis/3.0/service/tickets", "service/tickets"),
        ("//na.example/v4/apis/3.0/a", "a"),
        ("/v4/apis/3.0/a/b?after=x", "a/b?after=x"),
        ("/v4/apis/3.0", ""),
        ("/v4/apis/3.0/", ""),
    ] {
        assert_eq!(base.relative(link).as_deref(), Ok(expected), "{link}");
    }
    let root = BaseUrl::parse("https://na.example", false).expect("a base URL");
    assert_eq!(root.relative("https://na.example?page=2").as_deref(), Ok("?page=2"));
    assert_eq!(root.relative("/a?page=2").as_deref(), Ok("a?page=2"));
}

#[test]
fn links_that_lead_elsewhere_are_refused() {
    let base = BaseUrl::parse("https://na.example/v4/apis/3.0", false).expect("a base URL");
    for (link, expected) in [
        ("https://evil.example/v4/apis/3.0/a", "another server"),
        ("http://na.example/v4/apis/3.0/a", "another server"),
        ("https://na.example:8443/v4/apis/3.0/a", "another server"),
        ("https://user@na.example/v4/apis/3.0/a", "another server"),
        ("https://na.example@evil.example/v4/apis/3.0/a", "another server"),
        ("//evil.example/v4/apis/3.0/a", "another server"),
        ("/v4/apis/3.00/a", "outside the base URL's path"),
        ("/v4/apis/4.0/a", "outside the base URL's path"),
        ("/v4/apis/3.0/../admin", "\".\" or \"..\" segment"),
        ("/v4/apis/3.0/%2e%2e/admin", "\".\" or \"..\" segment"),
        ("/v4/apis/3.0//a", "slash"),
        ("/v4/apis/3.0/a%2fb", "encoded slash"),
        ("/v4/apis/3.0/a#b", "fragment"),
        ("/v4/apis/3.0/a b", "a space"),
        ("\\\\evil.example\\a", "backslash"),
        ("service/tickets", "neither absolute"),
        ("javascript:x", "neither absolute"),
        ("", "neither absolute"),
    ] {
        let refused = base.relative(link).expect_err(link);
        assert!(refused.contains(expected), "{link}: {refused}");
    }
}

proptest::proptest! {
    #[test]
    fn an_accepted_link_is_requested_exactly(
        base in proptest::sample::select(vec!["https://na.example", "https://na.example/v4/apis", "http://127.0.0.1:81/x"]),
        start in proptest::sample::select(vec!["", "https://na.example", "//na.example", "/v4/apis", "http://127.0.0.1:81/x"]),
        rest in "[/a-c.%2eE?=&;:@-]{0,12}"
    ) {
        let base = BaseUrl::parse(base, false).expect("a base URL");
        let link = format!("{start}{rest}");
        if let Ok(relative) = base.relative(&link) {
            let (path, query) = relative.split_once('?').map_or((relative.as_str(), None), |(p, q)| (p, Some(q)));
            let path = RelativePath::parse(path).expect("a path");
            let mut requested = base.join(&path, &[]).expect("below the base");
            requested.set_query(query);
            let meant = Url::parse(&base.to_string()).expect("a URL").join(&link).expect("a URL");
            let trimmed = |url: &Url| url.as_str().replace("/?", "?").trim_end_matches('/').to_owned();
            proptest::prop_assert_eq!(trimmed(&requested), trimmed(&meant), "{}", link);
        }
    }
}
