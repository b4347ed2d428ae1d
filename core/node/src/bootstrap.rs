//! The nodes by which a user enters a DHT of their own. Where all of them are near, in containers on
//! one machine or in a LAN, the swarm is a private network, and addresses that mean something only there
//! are believed.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use upseed_clock::Moment;

use upseed_swarm::Swarm;

use crate::{
    Node, SwarmConfig,
    names::{Pause, look_up},
};

/// How long a start waits for names. Most are known at once; without DNS the node starts all the same.
const AT_START: Duration = Duration::from_secs(1);

/// Before the second look at names that are not known, as of containers that start together.
const AGAIN: Duration = Duration::from_secs(2);

const SECOND: Duration = Duration::from_secs(1);

/// Where a user's swarm is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// On this machine or in its LAN.
    Near,
    /// On the internet.
    Far,
    /// Nobody knows yet.
    Unknown,
}

/// Where a swarm is, as far as it can be said at once; with `names`, these may be looked up.
pub(crate) async fn place_at_start(config: &SwarmConfig, names: bool) -> Place {
    // A private address is an ordinary home, behind a router.
    if config.listen.is_some_and(|addr| addr.ip().is_loopback()) {
        return Place::Near;
    }
    let nodes = &config.bootstrap;
    let known: Vec<_> = nodes.iter().map(|name| address(name).map(|addr| vec![addr])).collect();
    match place(&known) {
        Place::Unknown if names => {
            tokio::time::timeout(AT_START, looked_up(nodes)).await.unwrap_or(Place::Unknown)
        }
        place => place,
    }
}

/// Looks the names up until it is known where the swarm is.
pub(crate) async fn watch(node: Node, nodes: Vec<String>) {
    let mut pause = Pause::from(AGAIN);
    loop {
        tokio::time::sleep(pause.take()).await;
        // The client may have taken up a proxy meanwhile.
        if !looks_up(&node.inner.swarm) {
            continue;
        }
        match looked_up(&nodes).await {
            Place::Unknown => {}
            Place::Far => return,
            Place::Near => {
                tracing::info!("every --bootstrap is near: the swarm is a private network");
                if let Err(error) = node.inner.swarm.be_private() {
                    tracing::error!(%error, "the swarm cannot become a private network");
                }
                return;
            }
        }
    }
}

/// Enters the DHT by this bootstrap node, whenever no node of the DHT is known. The engine itself looks no names up.
pub(crate) async fn enter(node: Node, name: String) {
    if name.parse::<SocketAddr>().is_ok() {
        return;
    }
    let swarm = &node.inner.swarm;
    let (mut pause, mut due) = (Pause::from(SECOND), Moment::now());
    let (mut known, mut told) = (Vec::new(), false);
    loop {
        if swarm.status().dht_nodes > 0 || !looks_up(swarm) {
            pause.begin_again();
            due = Moment::now();
        } else {
            if Moment::now() >= due {
                match look_up(&name).await {
                    Ok(found) => (known, told) = (found, false),
                    Err(error) if !told => {
                        told = true;
                        tracing::warn!(
                            "--bootstrap {name}: {error}; it is tried again, less and less often. Is the \
                             name right?"
                        );
                    }
                    Err(_) => {}
                }
                due = Moment::now() + pause.take();
            }
            // Whoever is there may just be starting.
            known.iter().for_each(|addr| swarm.dht_add_node(*addr));
        }
        tokio::time::sleep(SECOND).await;
    }
}

fn looks_up(swarm: &Swarm) -> bool {
    swarm.has_dht() && swarm.may_look_names_up()
}

async fn looked_up(nodes: &[String]) -> Place {
    let mut found = Vec::new();
    for name in nodes {
        found.push(match address(name) {
            Some(addr) => Some(vec![addr]),
            None => look_up(name).await.ok(),
        });
    }
    place(&found)
}

/// Where a swarm is with these bootstrap nodes, by their addresses; `None` for those that are not known.
fn place(nodes: &[Option<Vec<SocketAddr>>]) -> Place {
    let far = |addrs: &Vec<SocketAddr>| !addrs.iter().all(|addr| is_local(addr.ip()));
    if nodes.is_empty() || nodes.iter().flatten().any(far) {
        return Place::Far;
    }
    if nodes.iter().all(Option::is_some) { Place::Near } else { Place::Unknown }
}

/// The address of a node that needs no looking up.
fn address(name: &str) -> Option<SocketAddr> {
    let local = || name.strip_prefix("localhost:")?.parse::<u16>().ok();
    name.parse().ok().or_else(|| Some((Ipv4Addr::LOCALHOST, local()?).into()))
}

fn is_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_swarm_is_near_if_all_of_its_bootstrap_nodes_are() {
        let at = |addrs: &[&str]| {
            Some(addrs.iter().map(|addr| format!("{addr}:1").parse().unwrap()).collect::<Vec<_>>())
        };
        let (near, far) = (at(&["172.17.0.2", "[fd00::2]"]), at(&["10.0.0.2", "203.0.113.1"]));
        assert_eq!(place(&[near.clone(), at(&["127.0.0.1"])]), Place::Near);
        assert_eq!(place(&[near.clone(), far.clone()]), Place::Far);
        assert_eq!(place(&[near, None]), Place::Unknown);
        assert_eq!(place(&[None, far]), Place::Far);
        assert_eq!(place(&[]), Place::Far, "the public routers");
    }

    #[tokio::test]
    async fn a_start_goes_on_without_dns() {
        let with = |bootstrap: &[&str]| SwarmConfig {
            bootstrap: bootstrap.iter().map(|name| (*name).to_owned()).collect(),
            ..SwarmConfig::default()
        };
        let place =
            |config: SwarmConfig, names| async move { place_at_start(&config, names).await };
        assert_eq!(place(with(&["10.0.0.1:1", "localhost:1"]), true).await, Place::Near);
        assert_eq!(place(with(&["10.0.0.1:1", "192.0.2.1:1"]), true).await, Place::Far);
        assert_eq!(place(with(&[]), true).await, Place::Far);
        for names in [true, false] {
            assert_eq!(place(with(&["nobody.invalid:1"]), names).await, Place::Unknown);
        }
        let here =
            SwarmConfig { listen: Some(([127, 0, 0, 1], 0).into()), ..with(&["nobody.invalid:1"]) };
        assert_eq!(place(here, true).await, Place::Near);
        for home in ["192.168.1.2:0", "10.0.0.2:0", "[fd00::2]:0"] {
            let home = SwarmConfig { listen: home.parse().ok(), ..with(&[]) };
            assert_eq!(place(home, true).await, Place::Far, "behind a router");
        }
    }
}
