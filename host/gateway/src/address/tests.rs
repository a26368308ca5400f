//! A row for each range at both its ends and beside them, and for each way to dress an address up as another one.

use proptest::prelude::*;

use super::AddressClass::*;
use super::*;

fn class(text: &str) -> AddressClass {
    AddressClass::of(text.parse().expect(text))
}

#[test]
fn every_range_is_known_to_its_edges() {
    for (text, expected) in [
        ("0.0.0.0", Unspecified),
        ("0.255.255.255", Unspecified),
        ("1.1.1.1", Public),
        ("9.255.255.255", Public),
        ("10.0.0.0", Private),
        ("10.255.255.255", Private),
        ("11.0.0.0", Public),
        ("100.63.255.255", Public),
        ("100.64.0.0", CarrierNat),
        ("100.127.255.255", CarrierNat),
        ("100.128.0.0", Public),
        ("100.100.100.200", Metadata),
        ("126.255.255.255", Public),
        ("127.0.0.1", Loopback),
        ("127.255.255.255", Loopback),
        ("128.0.0.0", Public),
        ("168.63.129.16", Metadata),
        ("168.63.129.17", Public),
        ("169.253.255.255", Public),
        ("169.254.0.0", LinkLocal),
        ("169.254.169.254", Metadata),
        ("169.254.170.2", LinkLocal),
        ("169.255.0.0", Public),
        ("172.15.255.255", Public),
        ("172.16.0.0", Private),
        ("172.31.255.255", Private),
        ("172.32.0.0", Public),
        ("192.0.0.1", Reserved),
        ("192.0.0.192", Metadata),
        ("192.0.1.0", Public),
        ("192.0.2.1", Documentation),
        ("192.88.99.1", Reserved),
        ("192.167.255.255", Public),
        ("192.168.0.0", Private),
        ("192.168.255.255", Private),
        ("192.169.0.0", Public),
        ("198.17.255.255", Public),
        ("198.18.0.0", Benchmarking),
        ("198.19.255.255", Benchmarking),
        ("198.20.0.0", Public),
        ("198.51.100.7", Documentation),
        ("203.0.113.7", Documentation),
        ("223.255.255.255", Public),
        ("224.0.0.1", Multicast),
        ("239.255.255.255", Multicast),
        ("240.0.0.0", Reserved),
        ("255.255.255.255", Reserved),
        ("::", Unspecified),
        ("::1", Loopback),
        ("100::1", Reserved),
        ("1fff::1", Reserved),
        ("2000::1", Public),
        ("2001:1::1", Reserved),
        ("2001:2::1", Benchmarking),
        ("2001:20::1", Reserved),
        ("2001:1ff::1", Reserved),
        ("2001:200::1", Public),
        ("2001:db8::1", Documentation),
        ("2606:4700::1111", Public),
        ("2a00:1450:4001::200e", Public),
        ("3fff:0:1::1", Documentation),
        ("3fff:1000::1", Public),
        ("4000::1", Reserved),
        ("5f00::1", Reserved),
        ("fc00::1", UniqueLocal),
        ("fd00:ec2::254", Metadata),
        ("fd20:ce::254", Metadata),
        ("fdff::1", UniqueLocal),
        ("fe00::1", Reserved),
        ("fe80::1", LinkLocal),
        ("febf::1", LinkLocal),
        ("fec0::1", Private),
        ("ff02::1", Multicast),
    ] {
        assert_eq!(class(text), expected, "{text}");
    }
}

#[test]
fn an_address_within_another_is_what_it_is() {
    for (inner, expected) in [
        ("8.8.8.8", Public),
        ("127.0.0.1", Loopback),
        ("10.0.0.1", Private),
        ("192.168.1.1", Private),
        ("100.64.0.1", CarrierNat),
        ("169.254.169.254", Metadata),
        ("169.254.1.1", LinkLocal),
        ("224.0.0.1", Multicast),
        ("255.255.255.255", Reserved),
    ] {
        let [a, b, c, d] = inner.parse::<Ipv4Addr>().expect(inner).octets();
        let hex = format!("{a:02x}{b:02x}:{c:02x}{d:02x}");
        let turned = format!("{:02x}{:02x}:{:02x}{:02x}", !a, !b, !c, !d);
        for outer in [
            format!("::{inner}"),
            format!("::ffff:{inner}"),
            format!("::ffff:0:{inner}"),
            format!("64:ff9b::{inner}"),
            format!("2002:{hex}::1"),
            format!("2001:0:808:808:0:0:{turned}"),
            format!("2001:0:{hex}:0:0:f7f7:f7f7"),
            format!("2606:4700::5efe:{inner}"),
            format!("2606:4700::200:5efe:{inner}"),
            format!("2002:808:808:0:0:5efe:{hex}"),
        ] {
            assert_eq!(class(&outer), expected, "{outer}");
        }
        assert_eq!(class(&format!("64:ff9b:1::{inner}")), LocalTranslation);
    }
}

#[test]
fn a_base_url_may_name_what_its_operator_can_mean() {
    let told = |text: &str, allow| check_named(text.parse().expect(text), allow);
    for text in ["8.8.8.8", "127.0.0.1", "::1", "10.1.2.3", "100.64.0.1", "fd12::1", "::ffff:10.0.0.1", "198.18.0.1"] {
        assert_eq!(told(text, false), Ok(()), "{text}");
    }
    for text in
        ["169.254.169.254", "169.254.1.1", "fe80::1", "fd00:ec2::254", "::ffff:169.254.169.254", "168.63.129.16"]
    {
        let refusal = told(text, false).expect_err(text);
        assert!(refusal.contains("allow_private_addresses = true"), "{refusal}");
        assert_eq!(told(text, true), Ok(()), "{text}");
    }
    for text in ["0.0.0.0", "::", "224.0.0.1", "192.0.2.1", "255.255.255.255", "ff02::1", "2001:db8::1", "2002::1"] {
        let refusal = told(text, true).expect_err(text);
        assert!(refusal.contains("where no server can be reached"), "{refusal}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2_048, ..ProptestConfig::default() })]

    /// What the standard library knows of these ranges says the same.
    #[test]
    fn nothing_that_the_standard_library_knows_is_public(v4 in any::<u32>(), v6 in any::<u128>()) {
        let address = Ipv4Addr::from(v4);
        let special = address.is_private() || address.is_loopback() || address.is_link_local() || address.is_multicast()
            || address.is_broadcast() || address.is_documentation() || address.is_unspecified();
        prop_assert!(!special || of_v4(address) != Public);
        let address = Ipv6Addr::from(v6);
        let special = address.is_loopback() || address.is_multicast() || address.is_unique_local()
            || address.is_unicast_link_local() || address.is_unspecified();
        prop_assert!(!special || of_v6(address) != Public);
    }
}
