//! Whether the gateway may connect to an address: the guard against being used to reach what only
//! the gateway's own host or network can see (server-side request forgery).
//!
//! It judges addresses after resolution, never names: of a name it would see only what the
//! attacker wrote. The same address that was checked must be the one that is connected.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::Cidr;

/// What kind of address it is that is not a destination on the Internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum Why {
    /// One of the gateway's own listeners: a loop. Never opened by configuration.
    OwnListener,
    /// "This host": 0.0.0.0/8 and `::` (RFC 1122 §3.2.1.3).
    Unspecified,
    /// The host itself (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3).
    Loopback,
    /// The link, where cloud metadata services live (RFC 3927, RFC 4291 §2.5.6).
    LinkLocal,
    /// Private networks (RFC 1918, RFC 4193, RFC 3879).
    Private,
    /// Between a provider and its customers (RFC 6598).
    CarrierGradeNat,
    /// Groups of hosts (RFC 5771, RFC 4291 §2.7).
    Multicast,
    /// For documentation (RFC 5737, RFC 3849, RFC 9637) and benchmarks (RFC 2544).
    Documentation,
    /// Set aside by IANA for other ends, automatic tunnels included.
    Reserved,
}

impl Why {
    /// In the words of messages and records.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::OwnListener => "own listener",
            Self::Unspecified => "unspecified",
            Self::Loopback => "loopback",
            Self::LinkLocal => "link-local",
            Self::Private => "private",
            Self::CarrierGradeNat => "carrier-grade NAT",
            Self::Multicast => "multicast",
            Self::Documentation => "documentation",
            Self::Reserved => "reserved",
        }
    }
}

/// A destination that the gateway does not connect to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{address} is refused as a destination: {}", .why.as_str())]
pub(crate) struct Refused {
    /// The address, as it was resolved.
    pub(crate) address: SocketAddr,
    /// The reason.
    pub(crate) why: Why,
}

/// The networks that are no destinations, from the IANA special-purpose registries.
const REFUSED: &[(Cidr, Why)] = &[
    (Cidr::v4([0, 0, 0, 0], 8), Why::Unspecified),
    (Cidr::v4([10, 0, 0, 0], 8), Why::Private),
    (Cidr::v4([100, 64, 0, 0], 10), Why::CarrierGradeNat),
    (Cidr::v4([127, 0, 0, 0], 8), Why::Loopback),
    (Cidr::v4([169, 254, 0, 0], 16), Why::LinkLocal),
    (Cidr::v4([172, 16, 0, 0], 12), Why::Private),
    (Cidr::v4([192, 0, 0, 0], 24), Why::Reserved),
    (Cidr::v4([192, 0, 2, 0], 24), Why::Documentation),
    (Cidr::v4([192, 88, 99, 0], 24), Why::Reserved),
    (Cidr::v4([192, 168, 0, 0], 16), Why::Private),
    (Cidr::v4([198, 18, 0, 0], 15), Why::Documentation),
    (Cidr::v4([198, 51, 100, 0], 24), Why::Documentation),
    (Cidr::v4([203, 0, 113, 0], 24), Why::Documentation),
    (Cidr::v4([224, 0, 0, 0], 4), Why::Multicast),
    (Cidr::v4([240, 0, 0, 0], 4), Why::Reserved),
    // NAT64 for local use (RFC 8215): what is behind it only the network knows.
    (Cidr::v6([0x64, 0xff9b, 1], 48), Why::Reserved),
    (Cidr::v6([0x100, 0, 0], 64), Why::Reserved),
    // IETF protocol assignments, Teredo tunnels among them.
    (Cidr::v6([0x2001, 0, 0], 23), Why::Reserved),
    (Cidr::v6([0x2001, 0xdb8, 0], 32), Why::Documentation),
    (Cidr::v6([0x3fff, 0, 0], 20), Why::Documentation),
    (Cidr::v6([0x5f00, 0, 0], 16), Why::Reserved),
    (Cidr::v6([0xfc00, 0, 0], 7), Why::Private),
    (Cidr::v6([0xfe80, 0, 0], 10), Why::LinkLocal),
    (Cidr::v6([0xfec0, 0, 0], 10), Why::Private),
    (Cidr::v6([0xff00, 0, 0], 8), Why::Multicast),
];

/// Decides which resolved addresses may be connected to.
#[derive(Clone, Debug, Default)]
pub(crate) struct AddressPolicy {
    allow: Vec<Cidr>,
    own: Vec<SocketAddr>,
}

impl AddressPolicy {
    /// Refuses what is not on the Internet except the networks `allow`, and always the addresses
    /// `own` that the gateway listens on (after binding, so with their real ports).
    pub(crate) fn new(allow: Vec<Cidr>, own: Vec<SocketAddr>) -> Self {
        Self { allow, own }
    }

    /// Whether `address` may be connected to.
    ///
    /// # Errors
    ///
    /// [`Refused`] names the first reason that holds. IPv6 forms that carry an IPv4 address
    /// (mapped, compatible, 6to4, NAT64, ISATAP) are judged by that address too.
    pub(crate) fn check(&self, address: SocketAddr) -> Result<(), Refused> {
        let ip = address.ip().to_canonical();
        let refused = |why| Err(Refused { address, why });
        if self.is_own(ip, address.port()) {
            return refused(Why::OwnListener);
        }
        // The system connects these to itself, whatever networks are allowed.
        if ip.is_unspecified() {
            return refused(Why::Unspecified);
        }
        if self.allow.iter().any(|network| network.contains(ip)) {
            return Ok(());
        }
        class(ip).map_or(Ok(()), refused)
    }

    /// Whether a connection that stands leads to one of the own listeners after all, which
    /// addresses alone do not show when a listener is bound to all of the host's.
    ///
    /// # Errors
    ///
    /// [`Refused`] with [`Why::OwnListener`] when both ends are the same host and the far port is
    /// one of the own.
    pub(crate) fn check_connected(
        &self,
        local: SocketAddr,
        peer: SocketAddr,
    ) -> Result<(), Refused> {
        let one_host = local.ip().to_canonical() == peer.ip().to_canonical();
        let listens = |own: &SocketAddr| own.ip().is_unspecified() && own.port() == peer.port();
        if one_host && self.own.iter().any(listens) {
            return Err(Refused { address: peer, why: Why::OwnListener });
        }
        Ok(())
    }

    fn is_own(&self, ip: IpAddr, port: u16) -> bool {
        self.own.iter().any(|own| {
            let own_ip = own.ip().to_canonical();
            own.port() == port
                && (own_ip == ip
                    || ip.is_unspecified()
                    || (own_ip.is_unspecified() && ip.is_loopback()))
        })
    }
}

/// Why `ip` is no destination on the Internet, itself or by the IPv4 address that it carries.
fn class(ip: IpAddr) -> Option<Why> {
    if ip == IpAddr::V6(Ipv6Addr::LOCALHOST) {
        return Some(Why::Loopback);
    }
    let listed = |ip| REFUSED.iter().find(|(network, _)| network.contains(ip)).map(|&(_, why)| why);
    listed(ip).or_else(|| match ip {
        IpAddr::V4(_) => None,
        IpAddr::V6(ip) => embedded(ip).and_then(|ip| listed(IpAddr::V4(ip))),
    })
}

/// The IPv4 address that an IPv6 address leads to by one of the transition mechanisms.
fn embedded(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let join = |high: u16, low: u16| Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
    match ip.segments() {
        // IPv4-compatible (RFC 4291 §2.5.5.1) and the stateless translation form (RFC 2765).
        [0, 0, 0, 0, 0, 0, high, low] | [0, 0, 0, 0, 0xffff, 0, high, low] => Some(join(high, low)),
        // 6to4 (RFC 3056).
        [0x2002, high, low, ..] => Some(join(high, low)),
        // NAT64 (RFC 6052).
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(join(high, low)),
        // ISATAP (RFC 5214), its universal bit set or not.
        [_, _, _, _, 0 | 0x200, 0x5efe, high, low] => Some(join(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(texts: &[&str]) -> Vec<Cidr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn check(policy: &AddressPolicy, address: &str, expect: Option<Why>) {
        let got = policy.check(address.parse().unwrap()).err().map(|refused| refused.why);
        assert_eq!(got, expect, "{address}");
    }

    #[test]
    fn only_the_internet_is_a_destination() {
        let policy = AddressPolicy::default();
        for (address, expect) in [
            ("1.1.1.1:443", None),
            ("172.15.255.255:443", None),
            ("172.32.0.0:443", None),
            ("100.63.255.255:443", None),
            ("100.128.0.0:443", None),
            ("223.255.255.255:443", None),
            ("[2606:4700:4700::1111]:443", None),
            ("[2001:200::1]:443", None),
            ("[::ffff:8.8.8.8]:443", None),
            ("[64:ff9b::808:808]:443", None),
            ("[2002:808:808::1]:443", None),
            ("0.0.0.0:80", Some(Why::Unspecified)),
            ("0.1.2.3:80", Some(Why::Unspecified)),
            ("10.0.0.1:80", Some(Why::Private)),
            ("100.64.0.1:80", Some(Why::CarrierGradeNat)),
            ("100.127.255.255:80", Some(Why::CarrierGradeNat)),
            ("127.0.0.1:80", Some(Why::Loopback)),
            ("127.255.255.254:80", Some(Why::Loopback)),
            ("169.254.169.254:80", Some(Why::LinkLocal)),
            ("172.16.0.1:80", Some(Why::Private)),
            ("172.31.255.255:80", Some(Why::Private)),
            ("192.0.0.8:80", Some(Why::Reserved)),
            ("192.0.2.1:80", Some(Why::Documentation)),
            ("192.168.1.1:80", Some(Why::Private)),
            ("198.19.0.1:80", Some(Why::Documentation)),
            ("203.0.113.9:80", Some(Why::Documentation)),
            ("224.0.0.1:80", Some(Why::Multicast)),
            ("255.255.255.255:80", Some(Why::Reserved)),
            ("[::]:80", Some(Why::Unspecified)),
            ("[::1]:80", Some(Why::Loopback)),
            ("[fe80::1]:80", Some(Why::LinkLocal)),
            ("[fec0::1]:80", Some(Why::Private)),
            ("[fd00:ec2::254]:80", Some(Why::Private)),
            ("[ff02::1]:80", Some(Why::Multicast)),
            ("[2001:db8::1]:80", Some(Why::Documentation)),
            ("[2001:0:1::1]:80", Some(Why::Reserved)),
            ("[100::1]:80", Some(Why::Reserved)),
        ] {
            check(&policy, address, expect);
        }
    }

    #[test]
    fn an_embedded_address_is_judged_too() {
        let policy = AddressPolicy::default();
        for (address, expect) in [
            ("[::ffff:127.0.0.1]:80", Why::Loopback),
            ("[::ffff:169.254.169.254]:80", Why::LinkLocal),
            ("[::127.0.0.1]:80", Why::Loopback),
            ("[::10.0.0.1]:80", Why::Private),
            ("[::ffff:0:127.0.0.1]:80", Why::Loopback),
            ("[2002:7f00:1::1]:80", Why::Loopback),
            ("[2002:a9fe:a9fe::1]:80", Why::LinkLocal),
            ("[64:ff9b::10.0.0.1]:80", Why::Private),
            ("[64:ff9b::169.254.169.254]:80", Why::LinkLocal),
            ("[64:ff9b:1::808:808]:80", Why::Reserved),
            ("[2606:4700::5efe:192.168.0.1]:80", Why::Private),
            ("[2606:4700::200:5efe:192.168.0.1]:80", Why::Private),
        ] {
            check(&policy, address, Some(expect));
        }
    }

    #[test]
    fn configuration_opens_networks_but_never_the_way_back_in() {
        let policy = AddressPolicy::new(
            networks(&["127.0.0.0/8", "::1", "10.1.0.0/16", "0.0.0.0/8"]),
            addresses(&["127.0.0.1:8080", "0.0.0.0:9090", "[::]:9191"]),
        );
        for (address, expect) in [
            ("127.0.0.1:443", None),
            ("127.0.0.2:8080", None),
            ("[::ffff:127.0.0.1]:443", None),
            ("[::1]:443", None),
            ("10.1.2.3:80", None),
            ("10.2.0.1:80", Some(Why::Private)),
            // What carries an allowed address is not thereby allowed.
            ("[2002:7f00:1::1]:80", Some(Why::Loopback)),
            ("127.0.0.1:8080", Some(Why::OwnListener)),
            ("[::ffff:127.0.0.1]:8080", Some(Why::OwnListener)),
            ("0.0.0.0:8080", Some(Why::OwnListener)),
            ("[::]:8080", Some(Why::OwnListener)),
            ("127.0.0.77:9090", Some(Why::OwnListener)),
            ("[::1]:9191", Some(Why::OwnListener)),
            ("127.0.0.1:9191", Some(Why::OwnListener)),
            ("0.0.0.0:443", Some(Why::Unspecified)),
        ] {
            check(&policy, address, expect);
        }
    }

    #[test]
    fn a_listener_on_all_addresses_is_recognised_by_the_connection() {
        let policy = AddressPolicy::new(Vec::new(), addresses(&["0.0.0.0:8080"]));
        let [host, own, other_port, other_host, mapped] = [
            "198.51.100.1:50000",
            "198.51.100.1:8080",
            "198.51.100.1:443",
            "198.51.100.2:8080",
            "[::ffff:198.51.100.1]:8080",
        ]
        .map(|text| text.parse().unwrap());
        assert_eq!(policy.check_connected(host, own).unwrap_err().why, Why::OwnListener);
        assert_eq!(policy.check_connected(host, mapped).unwrap_err().why, Why::OwnListener);
        assert!(policy.check_connected(host, other_port).is_ok());
        assert!(policy.check_connected(host, other_host).is_ok());
    }
}
