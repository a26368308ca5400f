//! Requests to elsewhere, or that would become two. The gateway refuses each before anything is sent; which paths and
//! headers, and why, is tried there one by one.

use std::{num::NonZeroU32, sync::Arc};

use scoresheet_gateway::{BaseUrl, ConnectionLimits, ConnectionSpec, Credential, Gateway, GatewayOptions, Outbound};

use super::Case;
use crate::common::{Guest, image};

const PATHS: [&str; 8] = [
    "http://169.254.169.254/latest",
    "//evil.example/x",
    "\\\\evil.example\\x",
    "a\tb",
    "%2e%2e/admin",
    "x HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    "user@evil.example/x",
    "evil。example/x",
];

const HEADERS: [(&str, &str); 6] = [
    ("Host", "evil.example"),
    ("Content-Length", "3"),
    ("Transfer-Encoding", "chunked"),
    ("Authorization", "Bearer x"),
    ("x-a", "b\r\nHost: evil.example"),
    ("x-a\r\nHost", "evil.example"),
];

pub(super) fn cases() -> Vec<Case> {
    let connection = connection();
    let paths = PATHS.iter().map(|path| (*path, None));
    let headers = HEADERS.iter().map(|header| ("x", Some(*header)));
    paths
        .chain(headers)
        .map(|(path, header)| {
            Case::pull("the source refused the credential: denied", |guest| request(guest, path, header))
                .connected(Arc::clone(&connection))
        })
        .collect()
}

/// Sends one request, and says so where it was denied.
fn request(guest: &mut Guest, path: &str, header: Option<(&str, &str)>) -> String {
    let denied = image::unauthorized(&mut guest.image, "denied");
    let at = guest.image.place(path.as_bytes());
    let headers: Vec<_> = header
        .into_iter()
        .map(|(name, value)| image::Fields::default().string(&mut guest.image, name).string(&mut guest.image, value))
        .collect();
    let (headers, count) = guest.image.list(&headers);
    format!(
        "(call $send (i32.const 0) (i32.const {at}) (i32.const {}) (i32.const 0) (i32.const 0)
           (i32.const {headers}) (i32.const {count}) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 64))
         ;; `err(denied)`, or else it ends in another way
         (if (i32.ne (i32.load8_u (i32.const 64)) (i32.const 1)) (then unreachable))
         (if (i32.ne (i32.load8_u (i32.const 72)) (i32.const 0)) (then unreachable))
         i32.const {denied}",
        path.len()
    )
}

/// To a port on which nobody listens.
fn connection() -> Arc<dyn Outbound> {
    let spec = ConnectionSpec {
        name: "test".into(),
        base_url: BaseUrl::parse("http://127.0.0.1:9/base", false).expect("a URL"),
        credential: Arc::new(Credential::None),
        headers: Vec::new(),
        secret_headers: Vec::new(),
        limits: ConnectionLimits { max_attempts: NonZeroU32::MIN, ..ConnectionLimits::default() },
        allow_private_addresses: false,
        allow_post: true,
    };
    Arc::new(Gateway::new(GatewayOptions::default()).expect("a gateway").connect(spec).expect("a connection"))
}
