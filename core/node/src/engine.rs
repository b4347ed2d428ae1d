//! Starting the embedded engine: where it listens, which way it goes out, what it seeds from.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use upseed_client::{Network, Off, Proxy, ProxyKind};
use upseed_model::Infohash;
use upseed_store::Store;
use upseed_swarm::{Settings, Swarm, SwarmError};

use crate::{NodeError, SwarmConfig};

const SWARM_PORT: &str = "swarm-port";
const DHT_STATE: &str = "dht";

/// Keeps what the DHT knows for the next start.
pub(crate) fn keep_state(swarm: &Swarm, store: &Store) -> Result<(), NodeError> {
    Ok(store.set_blob(DHT_STATE, &swarm.state()?)?)
}

/// A client's proxy as the engine takes it.
pub(crate) fn proxy(proxy: Proxy) -> upseed_swarm::Proxy {
    let Proxy { kind, host, port, user, password } = proxy;
    let kind = match kind {
        ProxyKind::Socks4 => upseed_swarm::ProxyKind::Socks4,
        ProxyKind::Socks5 => upseed_swarm::ProxyKind::Socks5,
        ProxyKind::Http => upseed_swarm::ProxyKind::Http,
    };
    upseed_swarm::Proxy { kind, host, port, user, password }
}

/// What the client's user switched off, as the engine takes it.
pub(crate) const fn off(off: Off) -> upseed_swarm::Off {
    let Off { dht, lsd, upnp, natpmp } = off;
    upseed_swarm::Off { dht, lsd, upnp, natpmp }
}

/// Hosted texts, as libtorrent's disk asks for them.
struct StoreTexts(Store);

impl upseed_swarm::Texts for StoreTexts {
    fn read(&self, infohash: &[u8; 20]) -> Option<Vec<u8>> {
        self.0.text(&Infohash::from_bytes(*infohash)).ok().flatten()
    }

    fn on_demand(&self, infohash: &[u8; 20]) -> Option<Vec<u8>> {
        self.0.hosted_header(&Infohash::from_bytes(*infohash)).ok().flatten()
    }
}

/// Starts the engine as the configuration says, going out by the client's way. `near`: its swarm is a
/// private network.
pub(crate) fn start(
    swarm: &SwarmConfig,
    network: Network,
    near: bool,
    store: &Store,
    on_event: impl Fn(upseed_swarm::Event) + Send + Sync + 'static,
) -> Result<Swarm, NodeError> {
    let kept: u16 = store.setting(SWARM_PORT)?.and_then(|port| port.parse().ok()).unwrap_or(0);
    let everywhere = |port| {
        vec![
            SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), port),
            SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), port),
        ]
    };
    let settings = |listen| Settings {
        listen,
        dht: swarm.dht,
        bootstrap: swarm.bootstrap.clone(),
        private_network: near,
        lsd: swarm.lsd,
        // On one machine or LAN there is no router to get through, and TCP carries far more.
        outgoing_utp: !near,
        interface: network.interface.clone(),
        // An interface that is down now is waited for: the user may want to read and write meanwhile.
        may_wait: true,
        proxy: network.proxy.clone().map(proxy),
        off: off(network.off),
        state: store.blob(DHT_STATE).ok().flatten(),
        ..Settings::default()
    };
    let on_event = Arc::new(on_event);
    let start = |listen| {
        let on_event = on_event.clone();
        Swarm::start(settings(listen), Arc::new(StoreTexts(store.clone())), move |event| {
            on_event(event);
        })
    };
    let started = match swarm.listen {
        Some(addr) => start(vec![addr]).map_err(|error| listen_error(addr, error))?,
        // The kept port may be taken by now; any other one will do.
        None => match kept {
            0 => start(everywhere(0)),
            kept => start(everywhere(kept)).or_else(|_| start(everywhere(0))),
        }?,
    };
    if swarm.listen.is_none() {
        store.set_setting(SWARM_PORT, Some(&started.listen_port().to_string()))?;
    }
    Ok(started)
}

/// libtorrent tells the address twice, and which call failed.
fn listen_error(addr: SocketAddr, error: SwarmError) -> NodeError {
    match error {
        SwarmError::Listen { reason, .. } => {
            let reason = reason.rsplit("] ").next().unwrap_or(&reason).to_owned();
            NodeError::Listen { address: addr.to_string(), reason }
        }
        other => other.into(),
    }
}

/// The one address at which others reach an engine that listens on these; none if it listens
/// everywhere, on loopback among others.
pub(crate) fn reached_at(listeners: &[SocketAddr]) -> Option<SocketAddr> {
    let loopback = listeners.iter().any(|addr| addr.ip().is_loopback());
    let elsewhere = listeners.iter().any(|addr| !addr.ip().is_loopback());
    listeners.first().copied().filter(|_| !(loopback && elsewhere))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_engine_that_listens_everywhere_has_no_single_address() {
        let at = |listeners: &[&str]| {
            let all: Vec<SocketAddr> = listeners.iter().map(|addr| addr.parse().unwrap()).collect();
            reached_at(&all).map(|addr| addr.to_string())
        };
        assert_eq!(at(&["127.0.0.1:7", "192.0.2.2:7", "[::1]:7"]), None);
        assert_eq!(at(&["127.0.0.1:7"]), Some("127.0.0.1:7".into()));
        assert_eq!(at(&["192.0.2.2:7", "[2001:db8::1]:7"]), Some("192.0.2.2:7".into()));
        assert_eq!(at(&[]), None);
    }
}
