//! Fetching pages side by side, and handing them on in the order of their cursors.

use std::{collections::VecDeque, future::Future};

use futures_util::{StreamExt as _, stream::FuturesOrdered};
use scoresheet_domain::{Cursor, Failure};
use tokio_util::task::AbortOnDropHandle;

/// A queue of pages to fetch. Fetches run as tasks of their own, so that several components compute at once.
pub(super) struct Pages<P, F> {
    queue: VecDeque<Option<Cursor>>,
    in_flight: FuturesOrdered<Fetch<P>>,
    limit: usize,
    fetch: F,
}

type Fetch<P> = std::pin::Pin<Box<dyn Future<Output = (Option<Cursor>, Result<P, Failure>)> + Send>>;

impl<P, F, T> Pages<P, F>
where
    P: Send + 'static,
    F: FnMut(Option<Cursor>) -> T,
    T: Future<Output = Result<P, Failure>> + Send + 'static,
{
    /// At most `limit` fetches at once, beginning with these cursors; `None` is the first page.
    pub(super) fn new(first: impl IntoIterator<Item = Option<Cursor>>, limit: usize, fetch: F) -> Self {
        Self { queue: first.into_iter().collect(), in_flight: FuturesOrdered::new(), limit: limit.max(1), fetch }
    }

    /// The next page in order; `None` when there are no more.
    pub(super) async fn next(&mut self) -> Option<(Option<Cursor>, Result<P, Failure>)> {
        while self.in_flight.len() < self.limit {
            let Some(cursor) = self.queue.pop_front() else { break };
            let task = AbortOnDropHandle::new(tokio::spawn((self.fetch)(cursor.clone())));
            self.in_flight.push_back(Box::pin(async move {
                let page = match task.await {
                    Ok(page) => page,
                    Err(error) if error.is_cancelled() => Err(Failure::Cancelled),
                    Err(error) => Err(Failure::Component(format!("the host failed while calling it: {error}"))),
                };
                (cursor, page)
            }));
        }
        self.in_flight.next().await
    }

    /// Further pages, after all that are known.
    pub(super) fn extend(&mut self, cursors: impl IntoIterator<Item = Cursor>) {
        self.queue.extend(cursors.into_iter().map(Some));
    }

    /// How many pages are known and not handed on.
    pub(super) fn pending(&self) -> u64 {
        (self.queue.len() + self.in_flight.len()) as u64
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
}
