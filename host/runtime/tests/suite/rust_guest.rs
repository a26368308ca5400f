//! A component as Rust's compiler makes it: what its standard library finds in the sandbox, and how a panic, and memory
//! that is not there, come out. The same tried by hand, one import at a time, is in `sandbox` and `network`.

use std::path::Path;

use scoresheet_domain::{Cursor, Failure, ObservationPage};
use scoresheet_engine::Provider;
use scoresheet_runtime::{ComponentProvider, Limits};
use tokio::sync::OnceCell;

use crate::common::{configured, run, window};

#[expect(dead_code, clippy::print_stdout, reason = "a build script, of which the building of one component is used")]
#[path = "../../../../plugins/bundle/build.rs"]
mod building;

/// Builds it as the bundled ones are built, beside them: what they have in common is compiled already.
fn component() -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("a target folder").join("components");
    let built = building::build(&root, &target, "scoresheet-test-guest").expect("it is built");
    std::fs::read(built).expect("its bytes")
}

async fn provider(limits: Limits) -> ComponentProvider {
    static COMPONENT: OnceCell<Vec<u8>> = OnceCell::const_new();
    let bytes = COMPONENT.get_or_init(|| async { component() }).await;
    configured(bytes.clone()).await.instance(None, limits)
}

/// Pulls a page whose cursor says what the guest does.
async fn pull(provider: &ComponentProvider, instruction: Option<&str>) -> Result<ObservationPage, Failure> {
    let cursor = instruction.map(|text| Cursor(serde_json::json!(text).to_string().into_bytes()));
    provider.pull(&run(), &[0], window(), cursor.as_ref()).await
}

/// What it does wrong, in words; the next call is as if nothing had been.
async fn said(limits: Limits, instruction: &str) -> String {
    let provider = provider(limits).await;
    let failure = pull(&provider, Some(instruction)).await.expect_err(instruction);
    assert_eq!(pull(&provider, None).await.expect("the next call works").items, []);
    match failure {
        Failure::Component(said) | Failure::Other(said) => said,
        other => panic!("{instruction}: {other}"),
    }
}

#[tokio::test]
async fn a_panics_own_words_are_told() {
    let told = said(Limits::default(), "panic 13").await;
    assert!(told.starts_with("it panicked: ") && told.ends_with(": there is no month 13"), "{told}");
    assert!(told.contains(" panicked at ") && told.contains("src/lib.rs:"), "{told}");
    let told = said(Limits::default(), "index x").await;
    assert!(told.ends_with(": index out of bounds: the len is 7 but the index is 100"), "{told}");
}

#[tokio::test]
async fn memory_that_runs_out_is_no_panic() {
    let told = said(Limits { memory_mib: 16, ..Limits::default() }, "allocate").await;
    assert!(told.starts_with("it ran out of memory: it asked for ") && told.ends_with("16 MiB are allowed"), "{told}");
}

#[tokio::test]
async fn there_is_no_variable_no_file_and_nobody_to_connect_to() {
    assert_eq!(said(Limits::default(), "variables").await, "it went well");
    let file = tempfile::NamedTempFile::new().expect("a file");
    let beside = file.path().with_extension("made");
    for what in [
        "open Cargo.toml",
        &format!("open {}", file.path().display()),
        &format!("write {}", file.path().display()),
        &format!("write {}", beside.display()),
    ] {
        assert_eq!(said(Limits::default(), what).await, "No such file or directory (os error 44)", "{what}");
    }
    assert!(!beside.exists());
    // There is somebody who would answer.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    for what in [format!("connect {address}"), format!("connect localhost:{}", address.port())] {
        assert_ne!(said(Limits::default(), &what).await, "it went well", "{what}");
    }
    let nobody = tokio::time::timeout(std::time::Duration::ZERO, listener.accept()).await;
    assert!(nobody.is_err(), "nobody came");
}

#[tokio::test]
async fn sleeping_ends_with_the_deadline() {
    let told = said(Limits { deadline_secs: 1, ..Limits::default() }, "sleep").await;
    assert_eq!(told, "it gave no answer within 1 s");
}
