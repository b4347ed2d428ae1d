//! A part of the address space.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr},
    str::FromStr,
};

/// An address, or a subnet: `10.0.0.5`, `10.0.0.0/8`, `fd00::/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    base: IpAddr,
    bits: u8,
}

/// A text that names no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is neither an address nor a subnet; expected something like 10.0.0.5 or 172.16.0.0/12"
)]
pub struct NotANetwork(String);

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let wrong = || NotANetwork(text.chars().take(100).collect());
        let (base, bits) = match text.split_once('/') {
            Some((base, bits)) => (base, Some(bits.parse::<u8>().map_err(|_| wrong())?)),
            None => (text, None),
        };
        let base: IpAddr = base.parse().map_err(|_| wrong())?;
        let whole = if base.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(whole);
        if bits > whole { Err(wrong()) } else { Ok(Self { base, bits }) }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.bits)
    }
}

impl Network {
    /// Whether an address lies in it; an IPv4 address is the same one when it comes by IPv6.
    pub fn has(&self, ip: IpAddr) -> bool {
        let (base, length) = mapped(self.base);
        let (ip, _) = mapped(ip);
        let rest = u32::from(length - self.bits);
        (base ^ ip).checked_shr(rest).unwrap_or(0) == 0
    }
}

/// As one number, and how many bits of it the family has.
fn mapped(ip: IpAddr) -> (u128, u8) {
    let six = |ip: Ipv4Addr| ip.to_ipv6_mapped().to_bits();
    match ip {
        IpAddr::V4(ip) => (six(ip), 32),
        IpAddr::V6(ip) => (ip.to_bits(), 128),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_lies_in_a_network() {
        for (network, inside, outside) in [
            ("127.0.0.1", "127.0.0.1", "127.0.0.2"),
            ("127.0.0.1", "::ffff:127.0.0.1", "::1"),
            ("172.16.0.0/12", "172.31.255.255", "172.32.0.0"),
            ("0.0.0.0/0", "203.0.113.9", "2001:db8::1"),
            ("fd00::/8", "fdff::1", "fe80::1"),
            ("::1", "::1", "::2"),
            ("::/0", "2001:db8::1", ""),
        ] {
            let read: Network = network.parse().unwrap();
            assert!(read.has(inside.parse().unwrap()), "{network} {inside}");
            if let Ok(outside) = outside.parse() {
                assert!(!read.has(outside), "{network} {outside}");
            }
        }
        for wrong in ["", "nginx", "10.0.0.0/33", "10.0.0.0/x", "::/129", "10.0.0/8", "1.2.3.4/"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }
}
