//! Networks, as hosts are counted: one machine often has many addresses, one operator many machines.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The /24 of an IPv4 address, or the /48 of an IPv6 address: what one site is given as a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Network {
    /// The first 24 bits.
    V4([u8; 3]),
    /// The first 48 bits.
    V6([u8; 6]),
}

impl Network {
    /// That of an address. IPv6 addresses that were made of an IPv4 address (mapped, 6to4, Teredo) are in its network: else
    /// each IPv4 address would bring a /48 of its own.
    pub fn of(ip: IpAddr) -> Self {
        let ip = match ip {
            IpAddr::V6(ip) => inner(ip).map_or(IpAddr::V6(ip), IpAddr::V4),
            ip => ip,
        };
        match ip {
            IpAddr::V4(ip) => {
                let [a, b, c, _] = ip.octets();
                Self::V4([a, b, c])
            }
            IpAddr::V6(ip) => {
                let [a, b, c, d, e, f, ..] = ip.octets();
                Self::V6([a, b, c, d, e, f])
            }
        }
    }

    /// Its 3 or 6 bytes, which tell it apart from every other one.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::V4(bytes) => bytes,
            Self::V6(bytes) => bytes,
        }
    }
}

/// The IPv4 address of which an IPv6 address was made.
fn inner(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let octets = ip.octets();
    let at = |from: usize| [octets[from], octets[from + 1], octets[from + 2], octets[from + 3]];
    match ip.segments() {
        // RFC 3056
        [0x2002, ..] => Some(at(2).into()),
        // RFC 4380: the client's address, every bit inverted
        [0x2001, 0, ..] => Some(at(12).map(|octet| !octet).into()),
        _ => ip.to_ipv4_mapped(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(ip: &str) -> Network {
        Network::of(ip.parse().unwrap())
    }

    #[test]
    fn a_network_is_a_24_or_a_48() {
        assert_eq!(network("203.0.113.7"), network("203.0.113.200"));
        assert_ne!(network("203.0.113.7"), network("203.0.114.7"));
        assert_eq!(network("2001:db8:1:2::3"), network("2001:db8:1:ffff::4"));
        assert_ne!(network("2001:db8:1::"), network("2001:db8:2::"));
        assert_eq!(network("203.0.113.7").as_bytes(), [203, 0, 113]);
        assert_eq!(network("2001:db8:1::").as_bytes(), [0x20, 1, 0xd, 0xb8, 0, 1]);
    }

    #[test]
    fn an_ipv4_address_in_the_dress_of_an_ipv6_address_is_in_its_own_network() {
        let plain = network("203.0.113.7");
        // ::ffff:203.0.113.7, 6to4 of it, and Teredo with any server
        for dressed in ["::ffff:203.0.113.9", "2002:cb00:7109::1", "2001:0:1:2:3:4:34ff:8ef6"] {
            assert_eq!(network(dressed), plain, "{dressed}");
        }
    }
}
