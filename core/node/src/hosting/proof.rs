//! Whether the user's client is believed when it says that it seeds: judged by what it gives to somebody who asks.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use upseed_client::{Listening, Network};

/// What became of asking the client for a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// It gave one.
    Given,
    /// It takes connections there, and gave nothing.
    Withheld(SocketAddr),
    /// Nobody takes connections there, nor at any other address that is known.
    Closed(SocketAddr),
    /// There is no way to see it from here.
    Unknown,
}

/// From one proof to the next: while it gives, after a first failure, and while it is doubted.
const GIVES: Duration = Duration::from_secs(300);
pub(super) const ONCE_MORE: Duration = Duration::from_secs(5);
const DOUBTED: Duration = Duration::from_secs(30);

/// Failures in a row after which it is not believed: the first may be a moment's.
const FAILURES: u32 = 2;

/// Addresses that are tried at a time.
const MOST: usize = 4;

/// What the proofs so far come to.
#[derive(Debug, Default)]
pub(super) struct Proof {
    failures: u32,
    /// By this way out it gave a text once, so that one can be had.
    way: Option<Network>,
    doubt: Option<Seen>,
}

impl Proof {
    /// What was seen of a client that goes out this way. `here`: it is in this machine's own network for
    /// certain. Gives the time until it is to be looked at again.
    pub fn saw(&mut self, seen: Seen, way: &Network, here: bool) -> Duration {
        let gave = self.way.as_ref() == Some(way);
        let failed = match seen {
            Seen::Given | Seen::Unknown => false,
            Seen::Withheld(_) => true,
            // One bound to an interface by its name takes no connection that does not come by that one.
            Seen::Closed(_) => gave || here && !is_bound_by_name(way),
        };
        if !failed {
            (self.failures, self.doubt) = (0, None);
            if seen == Seen::Given {
                self.way = Some(way.clone());
            }
            return GIVES;
        }
        self.failures += 1;
        if self.failures < FAILURES {
            return ONCE_MORE;
        }
        self.doubt = Some(seen);
        DOUBTED
    }

    /// It gave nothing last time, and is not doubted for that yet, or is.
    pub const fn is_failing(&self) -> bool {
        self.failures > 0
    }

    /// Why it is not believed; for people.
    pub fn doubt(&self) -> Option<String> {
        let what = match self.doubt? {
            Seen::Closed(address) => {
                format!("nobody takes connections at {address}, where it should listen")
            }
            Seen::Withheld(address) => {
                format!("it gave Upseed, which connected to it at {address}, none of them")
            }
            Seen::Given | Seen::Unknown => return None,
        };
        Some(format!(
            "Your client says that it seeds your posts and upvotes, but {what}. So Upseed's own engine \
             hosts them too. Is the client paused as a whole, is an upload or connection limit 0, does \
             an IP filter or a firewall keep others out, or has another program its port?"
        ))
    }
}

fn interface(way: &Network) -> Option<Result<IpAddr, &str>> {
    let name = way.interface.as_deref()?;
    Some(name.parse().map_err(|_| name))
}

fn is_bound_by_name(way: &Network) -> bool {
    matches!(interface(way), Some(Err(_)))
}

/// Where to connect to a client that goes out this way, and the address of this machine from which, if it is bound to
/// one. `own` are the addresses of this node's engine, which goes out the same way. Nothing if it cannot be seen from
/// here: behind a proxy nobody connects to it.
pub(super) fn addresses(
    listening: &Listening,
    way: &Network,
    own: &[IpAddr],
) -> (Vec<SocketAddr>, Option<IpAddr>) {
    if way.proxy.is_some() {
        return (Vec::new(), None);
    }
    let port = listening.addresses.first().map_or(0, SocketAddr::port);
    let mut all = listening.addresses.clone();
    let from = match interface(way) {
        Some(Ok(ip)) if !ip.is_unspecified() => {
            // It may listen elsewhere than it goes out.
            all.retain(|address| address.ip() != ip);
            all.insert(0, SocketAddr::new(ip, port));
            Some(ip)
        }
        Some(Ok(family)) => {
            all.retain(|address| address.is_ipv4() == family.is_ipv4());
            None
        }
        Some(Err(_)) => {
            all = own.iter().map(|ip| SocketAddr::new(*ip, port)).collect();
            own.first().copied()
        }
        None => None,
    };
    // An IP filter may well hold this machine's own loopback off, and serve everybody else.
    if all.iter().any(|address| address.ip().is_loopback()) && from.is_none() {
        all.extend(own.iter().filter(|ip| !ip.is_loopback()).map(|ip| SocketAddr::new(*ip, port)));
    }
    all.retain(|address| address.port() != 0);
    all.truncate(MOST);
    (all, from)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use upseed_client::{Proxy, ProxyKind};

    use super::*;

    fn at(address: &str) -> SocketAddr {
        address.parse().unwrap()
    }

    fn way(interface: Option<&str>) -> Network {
        Network { interface: interface.map(str::to_owned), ..Network::default() }
    }

    /// Whether it is doubted after this was seen three times.
    fn doubted(proof: &mut Proof, seen: Seen, way: &Network, here: bool) -> bool {
        for _ in 0..3 {
            proof.saw(seen, way, here);
        }
        proof.doubt().is_some()
    }

    #[test]
    fn one_failure_is_a_moments_and_two_are_a_doubt() {
        let (mut proof, open) = (Proof::default(), way(None));
        let withheld = Seen::Withheld(at("127.0.0.1:6881"));
        assert_eq!(proof.saw(withheld, &open, false), ONCE_MORE);
        assert_eq!(proof.doubt(), None);
        assert_eq!(proof.saw(withheld, &open, false), DOUBTED);
        let why = proof.doubt().unwrap();
        assert!(why.contains("127.0.0.1:6881") && why.contains("paused"), "{why}");
        assert_eq!(proof.saw(Seen::Given, &open, false), GIVES);
        assert_eq!(proof.doubt(), None);
        proof.saw(withheld, &open, false);
        assert_eq!(proof.doubt(), None, "the failures of before are over");
    }

    #[test]
    fn what_cannot_be_connected_to_is_doubted_only_where_that_says_something() {
        let closed = Seen::Closed(at("127.0.0.1:6881"));
        for (interface, here, is) in [
            (None, true, true),
            (Some("10.8.0.2"), true, true),
            // In a container, say, or behind a VPN of its own.
            (None, false, false),
            (Some("10.8.0.2"), false, false),
            (Some("tun0"), true, false),
            (Some("tun0"), false, false),
        ] {
            let way = way(interface);
            assert_eq!(doubted(&mut Proof::default(), closed, &way, here), is, "{way:?} {here}");
            // One that gave something by this way can be reached by it.
            let mut proof = Proof::default();
            proof.saw(Seen::Given, &way, here);
            assert!(doubted(&mut proof, closed, &way, here), "{way:?} {here}");
        }
        let mut proof = Proof::default();
        proof.saw(Seen::Given, &way(None), false);
        assert!(!doubted(&mut proof, closed, &way(Some("tun0")), false), "by another way now");
        assert!(!doubted(&mut Proof::default(), Seen::Unknown, &way(None), true));
    }

    #[test]
    fn a_client_is_asked_where_it_listens_and_from_there() {
        let listening = Listening { addresses: vec![at("127.0.0.1:7"), at("[::1]:7")], here: true };
        let own = ["127.0.0.1", "192.0.2.5"].map(|ip| ip.parse::<IpAddr>().unwrap());
        let of = |way: &Network, own: &[IpAddr]| {
            let (all, from) = addresses(&listening, way, own);
            (all.iter().map(ToString::to_string).collect::<Vec<_>>(), from.map(|ip| ip.to_string()))
        };
        let all = ["127.0.0.1:7", "[::1]:7", "192.0.2.5:7"].map(str::to_owned).to_vec();
        assert_eq!(of(&way(None), &own), (all, None), "a filter may keep loopback out alone");
        assert_eq!(of(&way(Some("::")), &[]), (vec!["[::1]:7".into()], None));
        let first = vec!["10.8.0.2:7".into(), "127.0.0.1:7".into(), "[::1]:7".into()];
        assert_eq!(of(&way(Some("10.8.0.2")), &own), (first, Some("10.8.0.2".into())));
        let bound = (vec!["10.8.0.2:7".into()], Some("10.8.0.2".into()));
        let vpn = ["10.8.0.2".parse().unwrap()];
        assert_eq!(of(&way(Some("tun0")), &vpn), bound);
        assert_eq!(of(&way(Some("tun0")), &[]), (vec![], None), "it is not there");
        let proxy = Proxy {
            kind: ProxyKind::Socks5,
            host: "192.0.2.9".into(),
            port: 1_080,
            user: String::new(),
            password: String::new(),
        };
        let proxied = Network { proxy: Some(proxy), ..Network::default() };
        assert_eq!(of(&proxied, &own), (vec![], None));
        let unknown = Listening { addresses: vec![at("127.0.0.1:0")], here: true };
        assert_eq!(addresses(&unknown, &way(None), &own), (vec![], None));
    }
}
