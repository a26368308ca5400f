//! Requests, credentials' fingerprints and use of limits, gathered from the gateway and the components until the store
//! takes them.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use scoresheet_domain::{Instant, ProviderName};
use scoresheet_engine::{
    AccessEntry, Attribution, MaintenanceStore, PostSyncHook, ProviderUse, StoreError, UsageUpdate,
};
use scoresheet_gateway::{Connection, Exchange, Journal, Method};
use scoresheet_runtime::ComponentProvider;

/// More requests than these are not kept until the store takes them: the log is for people, and memory is bounded.
const MAX_PENDING: usize = 50_000;

/// Gathers requests and use of limits.
#[derive(Default)]
pub(crate) struct UsageLog {
    pending: Mutex<Vec<Exchange>>,
    watched: Mutex<Vec<Watched>>,
}

/// A provider whose credential and use of limits are stored.
struct Watched {
    provider: ProviderName,
    connection: Option<Connection>,
    component: Arc<ComponentProvider>,
}

impl UsageLog {
    pub(crate) fn watch(
        &self,
        provider: ProviderName,
        connection: Option<Connection>,
        component: Arc<ComponentProvider>,
    ) {
        lock(&self.watched).push(Watched { provider, connection, component });
    }

    fn take(&self) -> Vec<Exchange> {
        std::mem::take(&mut *lock(&self.pending))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for UsageLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UsageLog").field("pending", &lock(&self.pending).len()).finish_non_exhaustive()
    }
}

impl Journal for UsageLog {
    fn note(&self, exchange: Exchange) {
        let mut pending = lock(&self.pending);
        if pending.len() < MAX_PENDING {
            pending.push(exchange);
        }
    }
}

#[async_trait]
impl PostSyncHook for UsageLog {
    async fn run(&self, store: &dyn MaintenanceStore, by: &Attribution) -> Result<(), StoreError> {
        let access: Vec<AccessEntry> = self.take().into_iter().filter_map(entry).collect();
        let called: Vec<_> = lock(&self.watched)
            .iter()
            .map(|it| (it.provider.clone(), it.connection.clone(), it.component.usage()))
            .filter(|(.., usage)| usage.calls > 0)
            .collect();
        let mut providers = Vec::with_capacity(called.len());
        for (provider, connection, usage) in called {
            let limits: serde_json::Map<_, _> =
                usage.rows().into_iter().map(|row| (row.name.to_owned(), row.value.into())).collect();
            let credential = match connection {
                // A credential that cannot be read failed the request that needed it.
                Some(connection) => {
                    let salt = store.usage(&provider, None, 0).await?.salt;
                    connection.credential_fingerprint(&salt).ok().flatten()
                }
                None => None,
            };
            providers.push(ProviderUse { provider, limits: serde_json::Value::from(limits).to_string(), credential });
        }
        if access.is_empty() && providers.is_empty() {
            return Ok(());
        }
        store.write_usage(by, &UsageUpdate { access, providers }).await
    }
}

/// A row of the access log; none for a connection that is no provider's.
fn entry(exchange: Exchange) -> Option<AccessEntry> {
    let at = exchange.at.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Some(AccessEntry {
        at: Instant::from_millis(i64::try_from(at.as_millis()).unwrap_or(i64::MAX)),
        provider: ProviderName::new(&exchange.connection).ok()?,
        method: match exchange.method {
            Method::Get => "GET",
            Method::Post => "POST",
        }
        .to_owned(),
        path: exchange.path,
        status: exchange.status,
        fault: exchange.fault.map(str::to_owned),
        attempt: exchange.attempt,
        duration_ms: u64::try_from(exchange.duration.as_millis()).unwrap_or(u64::MAX),
        bytes_sent: exchange.bytes_sent,
        bytes_received: exchange.bytes_received,
    })
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    fn exchange(path: &str) -> Exchange {
        Exchange {
            connection: "crewhu".to_owned(),
            method: Method::Get,
            path: path.to_owned(),
            status: Some(200),
            fault: None,
            attempt: 1,
            at: UNIX_EPOCH + Duration::from_millis(1_500),
            duration: Duration::from_micros(2_700),
            bytes_sent: 0,
            bytes_received: 9,
        }
    }

    #[test]
    fn a_note_becomes_a_row() {
        let row = entry(exchange("api/v1/clients")).expect("a row");
        assert_eq!((row.at.millis(), row.duration_ms, row.method.as_str()), (1_500, 2, "GET"));
        assert_eq!((row.provider.as_str(), row.status), ("crewhu", Some(200)));
        assert_eq!(entry(Exchange { connection: "No Provider!".to_owned(), ..exchange("a") }), None);
    }

    #[test]
    fn no_more_is_kept_than_there_is_room_for() {
        let log = UsageLog::default();
        for _ in 0..MAX_PENDING + 10 {
            log.note(exchange("a"));
        }
        assert_eq!(log.take().len(), MAX_PENDING);
        assert!(log.take().is_empty());
    }
}
