//! What can go wrong, in words for the operator. None of them holds a secret, a query or a header's value.

/// Why a request brought no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// The request was refused before anything was sent: it breaks the policy, or the
    /// credential cannot be had.
    #[error("the request was refused: {0}")]
    Denied(String),
    /// No complete answer within the limits of time.
    #[error("no complete answer in time")]
    Timeout,
    /// The server could not be reached, or the answer did not come through.
    #[error("{0}")]
    Network(String),
    /// The body is larger than this many bytes, decompressed.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(u64),
    /// The connection's own limits leave no room for the request before its deadline.
    #[error("{0}")]
    BudgetExceeded(String),
    /// The caller gave up.
    #[error("cancelled")]
    Cancelled,
}

/// Why there is no gateway.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GatewayError {
    /// The user agent holds a character that no header may carry.
    #[error("the user agent may hold visible ASCII characters and spaces only")]
    UserAgent,
    /// The cryptography library refused the TLS settings.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
    /// A file of certificates cannot be used.
    #[error("the certificates cannot be used: {0}")]
    Certificates(String),
    /// The HTTP client could not be built.
    #[error("the HTTP client cannot be set up: {0}")]
    Client(String),
}

/// Why a connection cannot be used. Names are shown, values never.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectionError {
    /// A fixed header's name or value breaks the syntax.
    #[error("connection {connection}: the header {header:?} {problem}")]
    Header {
        /// The connection's name.
        connection: String,
        /// The header's name as given.
        header: String,
        /// What is wrong, and what would be right.
        problem: &'static str,
    },
    /// The credential can be read, but never sent.
    #[error("connection {connection}: {problem}")]
    Credential {
        /// The connection's name.
        connection: String,
        /// What is wrong, and what would be right.
        problem: String,
    },
    /// The base URL names an address that no request may go to.
    #[error("connection {connection}: the base URL's host {problem}")]
    Address {
        /// The connection's name.
        connection: String,
        /// What is wrong, and what would be right.
        problem: String,
    },
}
