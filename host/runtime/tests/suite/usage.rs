//! What is told of how much a component has used.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use scoresheet_engine::Provider;
use scoresheet_gateway::{HttpError, Outbound, Request, Response};
use scoresheet_runtime::{ComponentProvider, Limits, Usage};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::common::{Guest, configured, image, run, window};

/// Answers everything with 100 bytes.
#[derive(Debug)]
struct Answers;

#[async_trait]
impl Outbound for Answers {
    async fn send(&self, _: Request, _: Instant, _: &CancellationToken) -> Result<Response, HttpError> {
        Ok(Response { status: 200, headers: Vec::new(), body: vec![b'x'; 100] })
    }

    fn relative(&self, _: &str) -> Result<String, String> {
        Err("no links here".to_owned())
    }
}

/// Its first page uses one of everything, its second page most of what it may.
async fn provider() -> ComponentProvider {
    let mut guest = Guest::new();
    let page = image::page(&mut guest.image, 5, 4.0);
    let send = "(call $send (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 64))";
    guest.extra = "(table $t 3 funcref)".into();
    guest.pull = format!(
        "(local $n i32)
         {send} (call $log (i32.const 0) (i32.const 0) (i32.const 7))
         (if (local.get 6) (then
           (drop (memory.grow (i32.const 160)))
           (drop (table.grow $t (ref.null func) (i32.const 40)))
           (loop $more
             {send} (call $log (i32.const 0) (i32.const 0) (i32.const 7))
             (br_if $more (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 9))))
           unreachable))
         i32.const {page}"
    );
    configured(guest.build()).await.instance(Some(Arc::new(Answers)), Limits::default())
}

#[tokio::test]
async fn the_most_of_all_calls_is_told() {
    let provider = provider().await;
    assert_eq!(provider.usage(), Usage::default(), "describing itself does not count");
    provider.pull(&run(), &[0], window(), None).await.expect("a page");
    let small = provider.usage();
    let expected = Usage {
        calls: 1,
        memory_bytes: 4 << 16,
        table_elements: 3,
        http_calls: 1,
        http_bytes: 100,
        log_lines: 1,
        log_bytes: 7,
        page_items: 1,
        compute: small.compute,
        wall: small.wall,
    };
    assert_eq!(small, expected);
    assert!(Duration::ZERO < small.compute && small.compute <= small.wall, "{small:?}");

    // A call that fails has used what it used.
    let page = scoresheet_domain::Cursor(vec![1]);
    provider.clone().pull(&run(), &[0], window(), Some(&page)).await.expect_err("it traps");
    let large = provider.usage();
    let expected = Usage {
        calls: 2,
        memory_bytes: 164 << 16,
        table_elements: 43,
        http_calls: 10,
        http_bytes: 1_000,
        log_lines: 10,
        log_bytes: 70,
        page_items: 1,
        compute: large.compute,
        wall: large.wall,
    };
    assert_eq!(large, expected);
    provider.pull(&run(), &[0], window(), None).await.expect("a page");
    let after = provider.usage();
    assert_eq!((after.calls, after.memory_bytes, after.log_lines), (3, large.memory_bytes, 10), "it never goes down");
}

#[tokio::test]
async fn computing_is_measured_and_waiting_is_not() {
    let mut guest = Guest::new();
    guest.imports = crate::common::timers::IMPORTS;
    guest.packages = crate::common::timers::PACKAGES;
    guest.extra = crate::common::timers::CORE.to_owned();
    guest.check = "(call $block (call $timer (i64.const 300000000))) i32.const 64".into();
    let provider = configured(guest.build()).await.instance(None, Limits::default());
    assert_eq!(provider.check(&run()).await, Ok(Vec::new()));
    let waited = provider.usage();
    assert!(waited.wall >= Duration::from_millis(300), "{waited:?}");
    assert!(waited.compute < waited.wall / 2, "{waited:?}");
}
