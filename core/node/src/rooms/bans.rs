//! Addresses that are kept away for a while.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
};

use upseed_model::sync::Fault;

/// Why a peer is dropped, by how long it should stay away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Away {
    /// It may come back at once.
    No,
    /// It took more than its share, and would get a new share with a new connection.
    Greedy,
    /// It did what an honest peer with bad luck cannot do.
    Liar,
}

impl Away {
    const fn seconds(self) -> u64 {
        match self {
            Self::No => 0,
            Self::Greedy => 60,
            Self::Liar => 3_600,
        }
    }
}

impl From<&Fault> for Away {
    fn from(fault: &Fault) -> Self {
        match fault {
            fault if fault.is_lie() => Self::Liar,
            fault if fault.is_greed() => Self::Greedy,
            _ => Self::No,
        }
    }
}

/// At most this many; when full, the whole table is forgotten rather than grown.
const MOST: usize = 10_000;

/// A whole neighbourhood of addresses (/24, /64), since one machine often has many. On loopback
/// and private networks, where a neighbourhood is everybody, the address with its port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Neighbourhood {
    V4([u8; 3]),
    V6([u8; 8]),
    Private(SocketAddr),
}

#[derive(Default)]
pub(super) struct Bans(HashMap<Neighbourhood, u64>);

impl Bans {
    pub fn add(&mut self, address: SocketAddr, away: Away, now: u64) {
        if away == Away::No {
            return;
        }
        if self.0.len() >= MOST {
            self.0.clear();
        }
        let until = self.0.entry(neighbourhood(address)).or_default();
        *until = (*until).max(now + away.seconds());
    }

    pub fn contains(&self, address: SocketAddr, now: u64) -> bool {
        self.0.get(&neighbourhood(address)).is_some_and(|until| *until > now)
    }

    pub fn expire(&mut self, now: u64) {
        self.0.retain(|_, until| *until > now);
    }
}

/// Whether an address is one that only means something near here.
pub(super) fn is_private(ip: IpAddr) -> bool {
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

/// The network by which peers are kept apart: /24, or /64.
pub(super) fn neighbourhood(address: SocketAddr) -> Neighbourhood {
    if is_private(address.ip()) {
        return Neighbourhood::Private(address);
    }
    match address.ip() {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            Neighbourhood::V4([a, b, c])
        }
        IpAddr::V6(ip) => {
            let mut prefix = [0; 8];
            prefix.copy_from_slice(&ip.octets()[..8]);
            Neighbourhood::V6(prefix)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lie_keeps_the_neighbourhood_away_for_an_hour() {
        let mut bans = Bans::default();
        bans.add("8.8.8.8:1".parse().unwrap(), Away::Liar, 100);
        assert!(bans.contains("8.8.8.9:2".parse().unwrap(), 100 + 3_599));
        assert!(!bans.contains("8.8.9.8:1".parse().unwrap(), 100));
        assert!(!bans.contains("8.8.8.8:1".parse().unwrap(), 100 + 3_600));
    }

    #[test]
    fn greed_is_forgiven_sooner_and_shortens_nothing() {
        let mut bans = Bans::default();
        let address = "8.8.8.8:1".parse().unwrap();
        bans.add(address, Away::No, 100);
        assert!(!bans.contains(address, 100));
        bans.add(address, Away::Greedy, 100);
        assert!(bans.contains(address, 159) && !bans.contains(address, 160));
        bans.add(address, Away::Liar, 100);
        bans.add(address, Away::Greedy, 101);
        assert!(bans.contains(address, 3_699));
    }

    #[test]
    fn on_loopback_only_the_liar() {
        let mut bans = Bans::default();
        bans.add("127.0.0.1:1".parse().unwrap(), Away::Liar, 0);
        assert!(!bans.contains("127.0.0.1:2".parse().unwrap(), 0));
        assert!(is_private("::ffff:10.0.0.1".parse().unwrap()));
    }
}
