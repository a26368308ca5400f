//! Any bytes as a component: they are refused in one line, or load and describe themselves, and that within a bounded time.
//!
//! A case is bytes; or WebAssembly text; or `patch` and what to do to a good component, a line each: `set|OFFSET|BYTE`,
//! `cut|BYTES`, `drop|OFFSET|BYTES`, `twice|OFFSET|BYTES`.

use std::sync::OnceLock;

use scoresheet_runtime::{LoadError, Runtime};

use crate::guest;

struct Host {
    tokio: tokio::runtime::Runtime,
    runtime: Runtime,
    good: Vec<u8>,
}

fn host() -> &'static Host {
    static HOST: OnceLock<Host> = OnceLock::new();
    HOST.get_or_init(|| Host {
        tokio: tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime"),
        runtime: guest::runtime(),
        good: guest::bytes(),
    })
}

/// Loads the bytes.
pub(crate) fn component_bytes(data: &[u8]) {
    let host = host();
    let bytes = if let Some(patches) = data.strip_prefix(b"patch\n") {
        patched(&host.good, patches)
    } else if data.starts_with(b"(") || data.starts_with(b";;") {
        match std::str::from_utf8(data).map(wat::parse_str) {
            Ok(Ok(bytes)) => bytes,
            _ => return,
        }
    } else {
        data.to_vec()
    };
    let is_wasm = bytes.starts_with(b"\0asm");
    match host.tokio.block_on(host.runtime.load(bytes)) {
        Ok(component) => {
            assert!(is_wasm);
            let spec = component.spec();
            let shown = format!("{}{}{}", spec.id, spec.title, spec.version);
            assert!(!spec.id.is_empty() && !shown.chars().any(char::is_control), "{shown:?}");
            if let Ok(configured) = host.tokio.block_on(component.configure(&serde_json::json!({}))) {
                let description = configured.description();
                let known = |kind: &u16| usize::from(*kind) < description.kinds.len();
                assert!(description.metrics.iter().all(|metric| metric.kinds.iter().all(known)));
            }
        }
        Err(error) => {
            let message = error.to_string();
            assert!(!message.is_empty() && message.chars().count() < 3_000, "{} characters", message.chars().count());
            assert!(!message.chars().any(char::is_control), "{message:?}");
            assert_eq!(matches!(error, LoadError::NotWasm), !is_wasm, "{message}");
            // The host's own failure, a compiler that panicked among them, and a compilation that did not end.
            assert!(!matches!(error, LoadError::Host(_)), "{message}");
            assert!(!message.contains("not done after"), "{message}");
        }
    }
}

fn patched(good: &[u8], patches: &[u8]) -> Vec<u8> {
    let mut bytes = good.to_vec();
    for line in String::from_utf8_lossy(patches).lines().take(64) {
        let mut fields = line.split('|');
        let what = fields.next().unwrap_or_default();
        let mut number = || fields.next().and_then(|text| text.trim().parse::<usize>().ok()).unwrap_or(0);
        let (at, how) = (number().min(bytes.len()), number());
        let end = at.saturating_add(how).min(bytes.len());
        match what {
            "set" if at < bytes.len() => bytes[at] = how as u8,
            "cut" => bytes.truncate(at),
            "drop" => {
                bytes.drain(at..end);
            }
            "twice" => {
                let again = bytes[at..end].to_vec();
                bytes.splice(at..at, again);
            }
            _ => {}
        }
    }
    bytes
}
