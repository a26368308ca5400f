//! What a connection may use, as the operator sets it. Holding requests to it is left to `pace`, `retry` and `attempt`.

use std::num::NonZeroU32;
use std::time::Duration;

/// The limits of one connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// Requests per minute, each try counted; as many may go out at once after a quiet
    /// minute. Default 600.
    pub requests_per_minute: NonZeroU32,
    /// Bytes of a response body after decompression. Default 8 MiB.
    pub max_body_bytes: u64,
    /// From sending a request to the last byte of its answer, for each try. Default 30 s.
    pub request_timeout: Duration,
    /// From sending a request to the end of the answer's head, connecting included, for
    /// each try. Default 20 s.
    pub header_timeout: Duration,
    /// Without a byte of the body, for each try: a server that goes silent midway is given up before the whole time is
    /// over. Default 15 s.
    pub idle_timeout: Duration,
    /// Tries of a GET, the first included. A POST has one. Default 3.
    pub max_attempts: NonZeroU32,
    /// The longest wait before the second try; it doubles with each further one. Default 0.5 s.
    pub backoff_base: Duration,
    /// What the doubling stops at. A longer `Retry-After` is honoured all the same. Default 20 s.
    pub backoff_cap: Duration,
    /// Requests on their way at one time; others queue in their order of arrival. Default 8.
    pub max_in_flight: NonZeroU32,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        const fn count(n: u32) -> NonZeroU32 {
            NonZeroU32::new(n).expect("a default is not zero")
        }
        Self {
            requests_per_minute: const { count(600) },
            max_body_bytes: 8 * 1024 * 1024,
            request_timeout: Duration::from_secs(30),
            header_timeout: Duration::from_secs(20),
            idle_timeout: Duration::from_secs(15),
            max_attempts: const { count(3) },
            backoff_base: Duration::from_millis(500),
            backoff_cap: Duration::from_secs(20),
            max_in_flight: const { count(8) },
        }
    }
}
