//! What all requests share.

use std::{
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock},
    time::Duration,
};

use tokio_util::sync::CancellationToken;

use super::{
    SimulatorOptions,
    dialect::{self, Dialect, Envelope},
    limit::Limiter,
};
use crate::data::{Survey, World};

/// The guide's three permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// "CSAT Data Access".
    Csat,
    /// "Client/Company Data".
    Clients,
    /// "Date Range Queries".
    DateRanges,
}

impl Permission {
    /// The guide's name for it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Csat => "CSAT Data Access",
            Self::Clients => "Client/Company Data",
            Self::DateRanges => "Date Range Queries",
        }
    }
}

/// The permissions of the API key. A request without the one it needs gets 403.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permissions {
    /// "CSAT Data Access": `/csat/scores`.
    pub csat: bool,
    /// "Client/Company Data": `/clients`.
    pub clients: bool,
    /// "Date Range Queries", the guide's "ability to query historical CSAT data": a `from` and `to` more
    /// than 31 days apart, or only one of them. Without it, recent answers can still be read.
    pub date_ranges: bool,
}

impl Permissions {
    /// All three.
    pub const ALL: Self = Self { csat: true, clients: true, date_ranges: true };

    /// Whether this one is granted.
    pub(super) const fn grant(self, permission: Permission) -> bool {
        match permission {
            Permission::Csat => self.csat,
            Permission::Clients => self.clients,
            Permission::DateRanges => self.date_ranges,
        }
    }
}

/// The state of a server.
pub(super) struct Shared {
    pub(super) company_id: String,
    pub(super) max_per_page: u32,
    pub(super) bare_arrays: bool,
    pub(super) dialect: Dialect,
    pub(super) envelope: Envelope,
    latency: Duration,
    stopping: CancellationToken,
    world: RwLock<Served>,
    access: RwLock<Access>,
    limiter: Mutex<Limiter>,
}

/// A world, and what one dialect makes of it.
struct Served {
    world: Arc<World>,
    surveys: OnceLock<Arc<Vec<Survey>>>,
}

impl Served {
    fn new(world: Arc<World>) -> Self {
        Self { world, surveys: OnceLock::new() }
    }
}

struct Access {
    api_key: String,
    permissions: Permissions,
}

impl Shared {
    pub(super) fn new(options: SimulatorOptions, stopping: CancellationToken) -> Self {
        Self {
            company_id: options.company_id,
            max_per_page: options.max_per_page.max(1),
            bare_arrays: options.bare_arrays,
            dialect: options.dialect,
            envelope: options.envelope,
            latency: options.latency,
            stopping,
            world: RwLock::new(Served::new(options.world)),
            access: RwLock::new(Access { api_key: options.api_key, permissions: Permissions::ALL }),
            limiter: Mutex::new(Limiter::new(options.requests_per_minute)),
        }
    }

    pub(super) fn world(&self) -> Arc<World> {
        Arc::clone(&self.world.read().unwrap_or_else(PoisonError::into_inner).world)
    }

    /// The world's answers as the `open` dialect has them, made when they are first asked for.
    pub(super) fn surveys(&self) -> Arc<Vec<Survey>> {
        let served = self.world.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(served.surveys.get_or_init(|| Arc::new(served.world.surveys())))
    }

    pub(super) fn set_world(&self, world: Arc<World>) {
        *self.world.write().unwrap_or_else(PoisonError::into_inner) = Served::new(world);
    }

    pub(super) fn set_api_key(&self, api_key: String) {
        self.access.write().unwrap_or_else(PoisonError::into_inner).api_key = api_key;
    }

    pub(super) fn permissions(&self) -> Permissions {
        self.access.read().unwrap_or_else(PoisonError::into_inner).permissions
    }

    pub(super) fn set_permissions(&self, permissions: Permissions) {
        self.access.write().unwrap_or_else(PoisonError::into_inner).permissions = permissions;
    }

    /// Whether this is the key: alone for the `open` dialect, and for the other as a bearer's `Authorization`. The
    /// scheme's case does not matter (RFC 9110, 11.1).
    pub(super) fn authorizes(&self, path: &str, credential: Option<&str>) -> bool {
        let access = self.access.read().unwrap_or_else(PoisonError::into_inner);
        if dialect::is_of_open(path) {
            return credential == Some(access.api_key.as_str());
        }
        credential
            .and_then(|value| value.split_once(' '))
            .is_some_and(|(scheme, key)| scheme.eq_ignore_ascii_case("bearer") && key == access.api_key)
    }

    // What a lock guards is complete after every line that changes it: a panic elsewhere leaves it valid.
    pub(super) fn limiter(&self) -> MutexGuard<'_, Limiter> {
        self.limiter.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the latency, or until the server stops.
    pub(super) async fn delay(&self) {
        if !self.latency.is_zero() {
            tokio::select! {
                () = tokio::time::sleep(self.latency) => {}
                () = self.stopping.cancelled() => {}
            }
        }
    }
}
