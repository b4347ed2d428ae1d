//! The parts of the internet by which peers are kept apart.

use std::net::{IpAddr, SocketAddr};

/// One machine often has many addresses, so that many count as one: a /24, or a /64. On loopback
/// and private networks, where that would be everybody, the address with its port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Subnet {
    V4([u8; 3]),
    V6([u8; 8]),
    Private(SocketAddr),
}

impl Subnet {
    /// That of an address.
    pub fn of(addr: SocketAddr) -> Self {
        if is_private(addr.ip()) {
            return Self::Private(addr);
        }
        match addr.ip() {
            IpAddr::V4(ip) => {
                let [a, b, c, _] = ip.octets();
                Self::V4([a, b, c])
            }
            IpAddr::V6(ip) => {
                let mut prefix = [0; 8];
                prefix.copy_from_slice(&ip.octets()[..8]);
                Self::V6(prefix)
            }
        }
    }
}

/// The /16 or /32 of a public address: not all of our peers should be one operator's machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum OperatorNet {
    V4([u8; 2]),
    V6([u8; 4]),
}

impl OperatorNet {
    /// That of an address; none if it is private.
    pub fn of(addr: &SocketAddr) -> Option<Self> {
        if is_private(addr.ip()) {
            return None;
        }
        Some(match addr.ip() {
            IpAddr::V4(ip) => Self::V4([ip.octets()[0], ip.octets()[1]]),
            IpAddr::V6(ip) => {
                let octets = ip.octets();
                Self::V6([octets[0], octets[1], octets[2], octets[3]])
            }
        })
    }
}

/// Whether an address is one that only means something near here.
pub(crate) fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified()
        }
        IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
            Some(ip) => is_private(IpAddr::V4(ip)),
            None => {
                ip.is_loopback()
                    || ip.is_unique_local()
                    || ip.is_unicast_link_local()
                    || ip.is_unspecified()
            }
        },
    }
}

/// Whether an address can mean a member; `near`: who named it is where private addresses mean the same.
pub(crate) fn may_be_member(addr: &SocketAddr, near: bool) -> bool {
    addr.port() != 0 && (near || !is_private(addr.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_private_is_believed_of_those_who_are_near() {
        let addr = |text: &str| text.parse().unwrap();
        for private in ["127.0.0.1:80", "192.168.1.1:80", "[::1]:80", "[fe80::1]:80"].map(addr) {
            assert!(!may_be_member(&private, false) && may_be_member(&private, true));
        }
        for public in ["203.0.113.1:80", "[2001:db8::1]:80"].map(addr) {
            assert!(may_be_member(&public, false) && may_be_member(&public, true));
        }
        assert!(!may_be_member(&addr("203.0.113.1:0"), true));
        assert!(is_private("::ffff:10.0.0.1".parse().unwrap()));
    }
}
