//! Links that the user hands on to others. These calls wait for the disk: run them in [`Node::blocking`].

use std::net::{IpAddr, SocketAddr};

use upseed_client::ClientKind;
use upseed_model::{HostingState, SignedItem, magnet::Magnet};

use crate::{Node, NodeError};

/// Addresses in one link.
const MAX_ADDRESSES: usize = 4;

impl Node {
    /// The link to an item as the user gives it to others, with their trackers for its board; and if they
    /// allow it, with addresses at which this node hosts it.
    pub fn share_link(&self, item: &SignedItem, with_address: bool) -> Result<Magnet, NodeError> {
        let mut link = Magnet { trackers: self.trackers(item)?, ..Magnet::of(item) };
        let task = self.inner.store.hosting_task(&item.work())?;
        let is_here = task.is_some_and(|task| {
            task.state == HostingState::Hosting && task.client == Some(ClientKind::Embedded)
        });
        if with_address && is_here && !self.inner.swarm.is_proxied() {
            link.peers = told(self.inner.swarm.listeners());
        }
        Ok(link)
    }
}

/// Public addresses, else those of the local network, else this machine's own.
fn told(mut all: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let rank = |addr: &SocketAddr| match addr.ip() {
        ip if is_public(ip) => 0,
        ip if ip.is_loopback() => 2,
        _ => 1,
    };
    all.retain(|addr| match addr.ip() {
        // Of an address with a scope nobody else can make use.
        IpAddr::V6(ip) => !ip.is_unicast_link_local() && !ip.is_unspecified(),
        IpAddr::V4(ip) => !ip.is_unspecified(),
    });
    let best = all.iter().map(rank).min();
    all.retain(|addr| Some(rank(addr)) == best);
    all.truncate(MAX_ADDRESSES);
    all
}

/// Whether the internet knows an address, so that it leads to nobody in this network.
pub(crate) fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let [first, second, ..] = ip.octets();
            // 100.64.0.0/10 is a provider's own (RFC 6598), and that of many a VPN.
            let shared = first == 100 && second & 0xc0 == 64;
            !(ip.is_loopback()
                || ip.is_private()
                || ip.is_link_local()
                || ip.is_unspecified()
                || shared)
        }
        IpAddr::V6(ip) => {
            !(ip.is_loopback()
                || ip.is_unique_local()
                || ip.is_unicast_link_local()
                || ip.is_unspecified())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_names_the_widest_addresses_alone() {
        let all = |addrs: &[&str]| addrs.iter().map(|a| a.parse().unwrap()).collect::<Vec<_>>();
        let every = ["127.0.0.1:1", "192.168.0.7:1", "[fe80::1]:1", "[2001:db8::1]:1"];
        assert_eq!(told(all(&every)), all(&every[3..]));
        assert_eq!(told(all(&every[..3])), all(&every[1..2]));
        assert_eq!(told(all(&every[..1])), all(&every[..1]));
        assert_eq!(told(Vec::new()), Vec::new());
    }
}
