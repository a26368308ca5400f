//! Fetching pages side by side, and handing them on in the order of their cursors.

use std::{collections::VecDeque, future::Future, sync::Arc};

use futures_util::{FutureExt as _, StreamExt as _, stream::FuturesOrdered};
use scoresheet_domain::{Cursor, Failure};
use tokio::sync::Semaphore;
use tokio_util::task::AbortOnDropHandle;

/// For each page that may be fetched at once, so many more may wait to be handed on: while a slow store takes in what
/// it has, fetching goes on, and then the store finds several pages to commit together.
const WAITING_PER_FETCH: usize = 4;

/// A queue of pages to fetch. Fetches run as tasks of their own, so that several components compute at once.
pub(super) struct Pages<P, F> {
    queue: VecDeque<Option<Cursor>>,
    /// Pages that are waiting to be fetched, being fetched, or waiting to be handed on.
    known: FuturesOrdered<Fetch<P>>,
    fetching: Arc<Semaphore>,
    limit: usize,
    fetch: F,
}

type Fetch<P> = std::pin::Pin<Box<dyn Future<Output = Fetched<P>> + Send>>;

/// A page, or why there is none, with the cursor it was asked for by.
pub(super) type Fetched<P> = (Option<Cursor>, Result<P, Failure>);

impl<P, F, T> Pages<P, F>
where
    P: Send + 'static,
    F: FnMut(Option<Cursor>) -> T,
    T: Future<Output = Result<P, Failure>> + Send + 'static,
{
    /// At most `limit` fetches at once, beginning with these cursors; `None` is the first page.
    pub(super) fn new(first: impl IntoIterator<Item = Option<Cursor>>, limit: usize, fetch: F) -> Self {
        let limit = limit.max(1);
        let fetching = Arc::new(Semaphore::new(limit));
        Self { queue: first.into_iter().collect(), known: FuturesOrdered::new(), fetching, limit, fetch }
    }

    /// The next page in order; `None` when there are no more.
    pub(super) async fn next(&mut self) -> Option<Fetched<P>> {
        self.start();
        self.known.next().await
    }

    /// The next page in order, if it has come already.
    pub(super) fn next_ready(&mut self) -> Option<Fetched<P>> {
        self.start();
        self.known.next().now_or_never().flatten()
    }

    /// Starts what may be started; who asks for a page does so too.
    pub(super) fn start(&mut self) {
        while self.known.len() < self.limit * (1 + WAITING_PER_FETCH) {
            let Some(cursor) = self.queue.pop_front() else { break };
            let (fetch, fetching) = ((self.fetch)(cursor.clone()), Arc::clone(&self.fetching));
            let task = AbortOnDropHandle::new(tokio::spawn(async move {
                // Never closed: without a permit there would be one fetch too many, and no worse.
                let _permit = fetching.acquire().await;
                fetch.await
            }));
            self.known.push_back(Box::pin(async move {
                let page = match task.await {
                    Ok(page) => page,
                    Err(error) if error.is_cancelled() => Err(Failure::Cancelled),
                    Err(error) => Err(Failure::Component(format!("the host failed while calling it: {error}"))),
                };
                (cursor, page)
            }));
        }
    }

    /// Further pages, after all that are known.
    pub(super) fn extend(&mut self, cursors: impl IntoIterator<Item = Cursor>) {
        self.queue.extend(cursors.into_iter().map(Some));
    }

    /// How many pages are known and not handed on.
    pub(super) fn pending(&self) -> u64 {
        (self.queue.len() + self.known.len()) as u64
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;

    fn cursor(n: u8) -> Cursor {
        Cursor(vec![n])
    }

    #[tokio::test]
    async fn hands_pages_on_in_order_whatever_their_timing_and_never_fetches_more_than_the_limit() {
        let running = Arc::new(AtomicUsize::new(0));
        let most = Arc::new(AtomicUsize::new(0));
        let fetch = |cursor: Option<Cursor>| {
            let (running, most) = (Arc::clone(&running), Arc::clone(&most));
            async move {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                let n = cursor.map_or(0, |c| c.0[0]);
                // Later pages answer first.
                for _ in 0..(40 - n) {
                    tokio::task::yield_now().await;
                }
                running.fetch_sub(1, Ordering::SeqCst);
                Ok(n)
            }
        };
        let mut pages = Pages::new([None], 3, fetch);
        let mut seen = Vec::new();
        while let Some((_, page)) = pages.next().await {
            let n = page.expect("a page");
            seen.push(n);
            if n == 0 {
                pages.extend((1..10).map(cursor));
            }
            if n == 4 {
                pages.extend([cursor(20)]);
            }
        }
        assert_eq!(seen, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 20]);
        assert_eq!(most.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn hands_on_at_once_only_what_has_come_and_keeps_no_more_than_it_may() {
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&asked);
        let fetch = move |cursor: Option<Cursor>| {
            counted.fetch_add(1, Ordering::SeqCst);
            let n = cursor.map_or(0, |c| c.0[0]);
            async move {
                if n == 3 {
                    std::future::pending::<()>().await;
                }
                Ok(n)
            }
        };
        let mut pages = Pages::new((0..40).map(|n| Some(cursor(n))), 2, fetch);
        assert!(pages.next_ready().is_none(), "nothing has run yet");
        let first = pages.next().await.expect("a page").1;
        assert_eq!(first, Ok(0));
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        let ready: Vec<u8> = std::iter::from_fn(|| pages.next_ready()).map(|(_, page)| page.expect("a page")).collect();
        assert_eq!(ready, [1, 2], "the fourth never comes, and those after it wait for their turn");
        assert_eq!(asked.load(Ordering::SeqCst), 3 + 2 * (1 + WAITING_PER_FETCH));
    }
}
