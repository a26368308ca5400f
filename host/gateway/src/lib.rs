//! Outbound HTTP to one connection: origin policy, credentials, retry, rate and caps.
