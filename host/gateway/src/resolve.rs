//! From a name to the addresses that may be connected to. What kind of address is which is left to `address`.
//!
//! The client asks once for each new TCP connection, and connects to what comes back from here and to nothing else:
//! between the check and the connection no name is looked up again, so it cannot mean something else by then.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::address::AddressClass;

/// Asks for a name's addresses.
#[async_trait]
pub trait Resolver: fmt::Debug + Send + Sync {
    /// Every address of a host name, in the order in which they are to be tried.
    ///
    /// # Errors
    /// The name is not known, or nobody could be asked.
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// Asks the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

#[async_trait]
impl Resolver for SystemResolver {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect())
    }
}

/// Lets through what the client it belongs to may connect to.
#[derive(Clone, Debug)]
pub(crate) struct CheckedResolver {
    pub(crate) resolver: Arc<dyn Resolver>,
    /// Whether the connections that share this client may reach private addresses.
    pub(crate) allow_private: bool,
}

/// Why a name that has addresses has none to connect to. Says everything itself.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct AddressRefused(pub(crate) String);

impl CheckedResolver {
    fn check(&self, host: &str, found: Vec<IpAddr>) -> Result<Vec<SocketAddr>, AddressRefused> {
        let is_localhost = is_localhost(host);
        let mut refused = None;
        let mut checked = Vec::with_capacity(found.len());
        for address in found {
            let class = AddressClass::of(address);
            let may = match class {
                // The name means this machine (RFC 6761), and whoever named it meant that.
                AddressClass::Loopback if is_localhost => true,
                _ if is_localhost => false,
                AddressClass::Public => true,
                class => self.allow_private && class.is_local(),
            };
            if may {
                // The client puts its own port in the place of zero.
                checked.push(SocketAddr::new(address, 0));
            } else {
                refused = refused.or(Some(class));
            }
        }
        match refused {
            Some(class) if checked.is_empty() => Err(AddressRefused(refusal(host, class, is_localhost))),
            _ => Ok(checked),
        }
    }
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let this = self.clone();
        Box::pin(async move {
            let found = this.resolver.resolve(name.as_str()).await?;
            if found.is_empty() {
                return Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address").into());
            }
            let checked: Addrs = Box::new(this.check(name.as_str(), found)?.into_iter());
            Ok(checked)
        })
    }
}

fn is_localhost(host: &str) -> bool {
    host.strip_suffix('.').unwrap_or(host).eq_ignore_ascii_case("localhost")
}

fn refusal(host: &str, class: AddressClass, is_localhost: bool) -> String {
    if is_localhost {
        format!("the name {host} resolves to {class}, and not to this machine: is the hosts file right?")
    } else if class.is_local() {
        format!(
            "the name {host} resolves to {class}: where that is meant, set allow_private_addresses = true for this \
             connection"
        )
    } else {
        format!("the name {host} resolves to {class}, where no server can be reached")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::GatewayOptions;

    fn check(host: &str, allow_private: bool, found: &[&str]) -> Result<Vec<String>, String> {
        let resolver = CheckedResolver { resolver: GatewayOptions::default().resolver, allow_private };
        let found = found.iter().map(|text| text.parse().expect(text)).collect();
        match resolver.check(host, found) {
            Ok(checked) => Ok(checked.iter().map(|address| address.ip().to_string()).collect()),
            Err(refusal) => Err(refusal.to_string()),
        }
    }

    #[test]
    fn a_name_leads_to_public_addresses_only() {
        assert_eq!(
            check("a.example", false, &["8.8.8.8", "2606:4700::1"]),
            Ok(vec!["8.8.8.8".into(), "2606:4700::1".into()])
        );
        assert_eq!(check("a.example", false, &["10.0.0.1", "8.8.8.8"]), Ok(vec!["8.8.8.8".into()]));
        assert_eq!(
            check("a.example", false, &["10.0.0.1", "127.0.0.1"]),
            Err("the name a.example resolves to a private address: where that is meant, set \
                 allow_private_addresses = true for this connection"
                .into())
        );
        for address in
            ["127.0.0.1", "::1", "169.254.169.254", "100.64.0.1", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1"]
        {
            assert!(check("a.example", false, &[address]).is_err(), "{address}");
            assert_eq!(check("a.example", true, &[address]).map(|found| found.len()), Ok(1), "{address}");
        }
        for address in ["0.0.0.0", "224.0.0.1", "192.0.2.1"] {
            let refusal = check("a.example", true, &[address]).expect_err(address);
            assert!(refusal.contains("where no server can be reached"), "{refusal}");
        }
    }

    #[test]
    fn localhost_is_this_machine_and_nothing_else() {
        for host in ["localhost", "LOCALHOST", "localhost."] {
            assert_eq!(check(host, false, &["::1", "127.0.0.1"]).map(|found| found.len()), Ok(2));
            for allow_private in [false, true] {
                let refusal = check(host, allow_private, &["10.0.0.1", "8.8.8.8"]).expect_err(host);
                assert!(refusal.contains("and not to this machine"), "{refusal}");
            }
        }
        for host in ["localhost.example", "a.localhost"] {
            assert!(check(host, false, &["127.0.0.1"]).is_err(), "{host}");
        }
    }
}
