//! What the gateway and the components tell of, gathered until the store takes it: requests, keys' fingerprints, use
//! of limits.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use scoresheet_domain::{Instant, ProviderName};
use scoresheet_engine::{AccessEntry, Attendant, Scope, Store, StoreError};
use scoresheet_gateway::{Connection, Exchange, Journal, Method};
use scoresheet_runtime::ComponentProvider;

/// More requests than these are not kept until the store takes them: the log is for people, and memory is bounded.
const MAX_PENDING: usize = 50_000;

/// Between the gateway, the components and the store.
#[derive(Default)]
pub(crate) struct Ledger {
    pending: Mutex<Vec<Exchange>>,
    watched: Mutex<Vec<Watched>>,
}

/// A provider whose key and whose use of limits are written down.
struct Watched {
    scope: Scope,
    connection: Option<Connection>,
    component: Arc<ComponentProvider>,
}

impl Ledger {
    pub(crate) fn watch(&self, scope: Scope, connection: Option<Connection>, component: Arc<ComponentProvider>) {
        lock(&self.watched).push(Watched { scope, connection, component });
    }

    fn take(&self) -> Vec<Exchange> {
        std::mem::take(&mut *lock(&self.pending))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger").field("pending", &lock(&self.pending).len()).finish_non_exhaustive()
    }
}

impl Journal for Ledger {
    fn note(&self, exchange: Exchange) {
        let mut pending = lock(&self.pending);
        if pending.len() < MAX_PENDING {
            pending.push(exchange);
        }
    }
}

#[async_trait]
impl Attendant for Ledger {
    async fn attend(&self, store: &dyn Store, now: Instant) -> Result<(), StoreError> {
        let entries: Vec<AccessEntry> = self.take().into_iter().filter_map(entry).collect();
        if !entries.is_empty() {
            store.note_access(&entries).await?;
        }
        let watched: Vec<_> = lock(&self.watched)
            .iter()
            .map(|watched| (watched.scope.clone(), watched.connection.clone(), watched.component.usage()))
            .collect();
        let salt = if watched.iter().any(|(_, connection, _)| connection.is_some()) {
            Some(store.salt().await?)
        } else {
            None
        };
        for (scope, connection, usage) in watched {
            if usage.calls == 0 {
                continue;
            }
            let used: serde_json::Map<_, _> =
                usage.rows().into_iter().map(|row| (row.name.to_owned(), row.value.into())).collect();
            store.put_component_use(&scope.provider, &serde_json::Value::from(used).to_string(), now).await?;
            let (Some(connection), Some(salt)) = (connection, &salt) else { continue };
            // A credential that cannot be read was told by the request that needed it.
            if let Ok(Some(fingerprint)) = connection.credential_fingerprint(salt) {
                store.note_credential(&scope.provider, &fingerprint, now).await?;
            }
        }
        Ok(())
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
        let ledger = Ledger::default();
        for _ in 0..MAX_PENDING + 10 {
            ledger.note(exchange("a"));
        }
        assert_eq!(ledger.take().len(), MAX_PENDING);
        assert!(ledger.take().is_empty());
    }
}
