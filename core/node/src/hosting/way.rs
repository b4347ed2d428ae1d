//! The way out: this node's own engine goes out by the client's interface and proxy, and by no other.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    Node, NodeError,
    client::{Client, Network, Off, Proxy, ProxyKind},
};

/// Seconds between two looks at how the client goes out.
const NETWORK_LOOK: Duration = Duration::from_secs(60);

/// How the client goes out, or how it did when it was seen last. Until it was seen once, nothing
/// goes out: another way than the client's could show what that hides.
pub(crate) async fn network_at_start(
    client: &dyn Client,
    store: &upseed_store::Store,
) -> Result<Network, NodeError> {
    match client.network().await {
        Ok(network) => {
            store.set_blob(NETWORK, &encode(&network))?;
            Ok(network)
        }
        Err(error) => match store.blob(NETWORK)?.as_deref().and_then(decode) {
            Some(network) => Ok(network),
            None => {
                tracing::warn!(%error, "nothing goes out until the client was seen once");
                Ok(Network::nowhere())
            }
        },
    }
}

const NETWORK: &str = "client-network";

/// A [`Network`] as it is kept: the database is as private as the client's own settings.
#[derive(Serialize, Deserialize)]
struct Kept {
    interface: Option<String>,
    /// Kind, host, port, user, password.
    proxy: Option<(u8, String, u16, String, String)>,
    /// DHT, LSD, UPnP, NAT-PMP. An older version kept nothing of them: then nothing is known.
    off: [bool; 4],
}

const PROXIES: [ProxyKind; 3] = [ProxyKind::Socks4, ProxyKind::Socks5, ProxyKind::Http];

fn encode(network: &Network) -> Vec<u8> {
    let proxy = network.proxy.clone().map(|proxy| {
        let kind = PROXIES.iter().position(|kind| *kind == proxy.kind).unwrap_or_default();
        (kind as u8, proxy.host, proxy.port, proxy.user, proxy.password)
    });
    let Off { dht, lsd, upnp, natpmp } = network.off;
    let off = [dht, lsd, upnp, natpmp];
    let kept = Kept { interface: network.interface.clone(), proxy, off };
    serde_json::to_vec(&kept).unwrap_or_default()
}

fn decode(bytes: &[u8]) -> Option<Network> {
    let kept: Kept = serde_json::from_slice(bytes).ok()?;
    let proxy = match kept.proxy {
        Some((kind, host, port, user, password)) => {
            let kind = *PROXIES.get(usize::from(kind))?;
            Some(Proxy { kind, host, port, user, password })
        }
        None => None,
    };
    let [dht, lsd, upnp, natpmp] = kept.off;
    let off = Off { dht, lsd, upnp, natpmp };
    Some(Network { interface: kept.interface, proxy, off })
}

/// Goes out as the client does, also after its user chose otherwise.
pub(crate) async fn follow_network(node: Node) {
    while node.inner.outer.is_some() {
        tokio::time::sleep(NETWORK_LOOK).await;
        adopt_network(&node).await;
    }
}

pub(super) async fn adopt_network(node: &Node) {
    let Some(outer) = &node.inner.outer else { return };
    // While it is away nothing is known to have changed.
    let Ok(network) = outer.network().await else { return };
    let done = node.blocking(move |node| {
        let next = encode(&network);
        if node.inner.store.blob(NETWORK)?.as_deref() == Some(&next) {
            return Ok(());
        }
        tracing::warn!(interface = ?network.interface, "the client goes out another way: so does this node");
        if let Err(error) = node.inner.swarm.go_by(network.interface, network.proxy, network.off) {
            // The old way may be just the one that the client hides now.
            let nowhere = Network::nowhere();
            node.inner.swarm.go_by(nowhere.interface, nowhere.proxy, network.off)?;
            return Err(error.into());
        }
        Ok(node.inner.store.set_blob(NETWORK, &next)?)
    });
    if let Err(error) = done.await {
        tracing::error!(%error, "the client's way out could not be taken");
    }
}

impl Node {
    /// What stands in the way of this node's own engine, which goes out as the client does.
    pub(crate) fn silenced(&self) -> Option<String> {
        let outer = self.inner.outer.is_some() && self.inner.swarm.listeners().is_empty();
        outer.then(|| {
            "Upseed's own engine is silent: it goes out only as your client does, and the client's way \
             (its interface or proxy) is not there, cannot be taken, or was not seen yet. Look at the \
             client's network settings"
                .into()
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_way_is_kept_whole_and_one_that_was_not_is_none() {
        let proxy = Proxy {
            kind: ProxyKind::Http,
            host: "proxy.example".into(),
            port: 8_080,
            user: "ann".into(),
            password: "secret".into(),
        };
        let off = Off { dht: true, lsd: false, upnp: true, natpmp: false };
        let network = Network { interface: Some("vpn0".into()), proxy: Some(proxy), off };
        let found = decode(&encode(&network)).unwrap();
        assert_eq!(
            (found.interface, found.proxy, found.off),
            (network.interface, network.proxy, off)
        );
        assert!(decode(br#"{"interface":"vpn0","proxy":null}"#).is_none(), "of an older version");
    }
}
