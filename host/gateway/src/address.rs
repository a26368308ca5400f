//! What kind of network an address belongs to, and who may go there. Asking for a name's addresses is left to `resolve`.
//!
//! A provider's server is on the internet unless its operator says otherwise. A name that suddenly means an address
//! inside the operator's own network (or a cloud's metadata service) would turn every request into one against
//! the operator, with the connection's credential in it.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The kinds of networks, after the registries of RFC 6890. An address that carries another one is of that one's kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum AddressClass {
    /// On the internet.
    Public,
    /// This machine.
    Loopback,
    /// RFC 1918, and the site-local addresses that IPv6 once had.
    Private,
    /// RFC 4193.
    UniqueLocal,
    /// Between a provider's NAT and its customers (RFC 6598).
    CarrierNat,
    /// RFC 2544; some VPNs hand these out as stand-ins.
    Benchmarking,
    /// A translator of the local network (RFC 8215).
    LocalTranslation,
    /// On this wire.
    LinkLocal,
    /// Where a cloud tells a machine about itself, its credentials included.
    Metadata,
    /// Zero, which many systems take for this machine.
    Unspecified,
    /// Many machines at once.
    Multicast,
    /// RFC 5737, RFC 3849 and RFC 9637.
    Documentation,
    /// Nobody's.
    Reserved,
}

impl AddressClass {
    pub(crate) fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => of_v4(address),
            IpAddr::V6(address) => of_v6(address),
        }
    }

    /// Whether a connection that may reach private addresses may reach this one.
    pub(crate) const fn is_local(self) -> bool {
        !matches!(self, Self::Public | Self::Unspecified | Self::Multicast | Self::Documentation | Self::Reserved)
    }

    /// Whether writing the address itself into a base URL is leave enough to go there. What answers at a link-local
    /// address differs from machine to machine, and in a cloud it gives out credentials: that takes a word more.
    const fn may_be_named(self) -> bool {
        self.is_local() && !matches!(self, Self::LinkLocal | Self::Metadata)
    }
}

/// Completes "… is" and "… resolves to".
impl fmt::Display for AddressClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Public => "a public address",
            Self::Loopback => "a loopback address (this machine)",
            Self::Private => "a private address",
            Self::UniqueLocal => "a unique local address (a private network)",
            Self::CarrierNat => "a shared address (carrier-grade NAT)",
            Self::Benchmarking => "a benchmarking address",
            Self::LocalTranslation => "an address of a local translator (NAT64)",
            Self::LinkLocal => "a link-local address (where clouds keep their metadata)",
            Self::Metadata => "the address of a cloud's metadata service",
            Self::Unspecified => "an unspecified address",
            Self::Multicast => "a multicast address",
            Self::Documentation => "an address for documentation only",
            Self::Reserved => "a reserved address",
        })
    }
}

/// Whether a base URL may name this address. The text completes "the base URL's host …".
pub(crate) fn check_named(address: IpAddr, allow_private: bool) -> Result<(), String> {
    let class = AddressClass::of(address);
    if class == AddressClass::Public || class.may_be_named() || (allow_private && class.is_local()) {
        Ok(())
    } else if class.is_local() {
        Err(format!(
            "{address} is {class}: where that is meant, set allow_private_addresses = true for this connection"
        ))
    } else {
        Err(format!("{address} is {class}, where no server can be reached: name the server's own address"))
    }
}

fn of_v4(address: Ipv4Addr) -> AddressClass {
    match address.octets() {
        // AWS, Google, Azure and others; Azure's second; Alibaba's; Oracle's.
        [169, 254, 169, 254] | [168, 63, 129, 16] | [100, 100, 100, 200] | [192, 0, 0, 192] => AddressClass::Metadata,
        [0, ..] => AddressClass::Unspecified,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => AddressClass::Private,
        [100, 64..=127, ..] => AddressClass::CarrierNat,
        [127, ..] => AddressClass::Loopback,
        [169, 254, ..] => AddressClass::LinkLocal,
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => AddressClass::Documentation,
        [198, 18..=19, ..] => AddressClass::Benchmarking,
        [224..=239, ..] => AddressClass::Multicast,
        [192, 0, 0, _] | [192, 88, 99, _] | [240..=255, ..] => AddressClass::Reserved,
        _ => AddressClass::Public,
    }
}

fn of_v6(address: Ipv6Addr) -> AddressClass {
    const AWS_METADATA: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);
    const GOOGLE_METADATA: Ipv6Addr = Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254);
    if address == AWS_METADATA || address == GOOGLE_METADATA {
        return AddressClass::Metadata;
    }
    let segments = address.segments();
    match segments {
        [0, 0, 0, 0, 0, 0, 0, 0] => AddressClass::Unspecified,
        [0, 0, 0, 0, 0, 0, 0, 1] => AddressClass::Loopback,
        // IPv4-compatible, -mapped and -translated; NAT64's well-known prefix (RFC 6052).
        [0, 0, 0, 0, 0 | 0xffff, 0, high, low]
        | [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => of_v4(embedded(high, low)),
        [0x64, 0xff9b, 1, ..] => AddressClass::LocalTranslation,
        // Teredo (RFC 4380): the server's address, and the client's with every bit turned.
        [0x2001, 0, server_high, server_low, _, _, high, low] => {
            worse(of_v4(embedded(server_high, server_low)), of_v4(embedded(!high, !low)))
        }
        // 6to4 (RFC 3056).
        [0x2002, high, low, ..] => worse(of_v4(embedded(high, low)), isatap(segments)),
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => AddressClass::Documentation,
        [0x2001, 2, 0, ..] => AddressClass::Benchmarking,
        [0x2001, 1..=0x1ff, ..] => AddressClass::Reserved,
        [0x2000..=0x3fff, ..] => isatap(segments),
        [0xfc00..=0xfdff, ..] => AddressClass::UniqueLocal,
        [0xfe80..=0xfebf, ..] => AddressClass::LinkLocal,
        [0xfec0..=0xfeff, ..] => AddressClass::Private,
        [0xff00..=0xffff, ..] => AddressClass::Multicast,
        _ => AddressClass::Reserved,
    }
}

/// An IPv4 address in the last half of an ordinary one (RFC 5214).
fn isatap(segments: [u16; 8]) -> AddressClass {
    match segments {
        [_, _, _, _, 0 | 0x200, 0x5efe, high, low] => of_v4(embedded(high, low)),
        _ => AddressClass::Public,
    }
}

fn embedded(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from((u32::from(high) << 16) | u32::from(low))
}

/// The one that may be reached by fewer.
fn worse(one: AddressClass, other: AddressClass) -> AddressClass {
    let rank = |class: AddressClass| match class {
        AddressClass::Public => 0,
        class if class.is_local() => 1,
        _ => 2,
    };
    if rank(one) >= rank(other) { one } else { other }
}

#[cfg(test)]
mod tests;
