//! The way out: this node's own engine goes out by the client's interface and proxy, and by no other.

use std::time::Duration;

use upseed_client::{Client, Network};

use crate::{Node, NodeError, engine};

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
                Ok(Network::none())
            }
        },
    }
}

const NETWORK: &str = "client-network";

/// As it is kept: the database is as private as the client's own settings.
fn encode(network: &Network) -> Vec<u8> {
    serde_json::to_vec(network).unwrap_or_default()
}

/// Nothing if it was kept by an older version, which knew less of it.
fn decode(bytes: &[u8]) -> Option<Network> {
    serde_json::from_slice(bytes).ok()
}

/// The engine's peer connections use this interface and proxy from now on.
fn bind(node: &Node, network: Network) -> Result<(), NodeError> {
    let Network { interface, proxy, off } = network;
    Ok(node.inner.swarm.bind_network(interface, proxy.map(engine::proxy), engine::off(off))?)
}

/// Goes out as the client does, also after its user chose otherwise.
pub(crate) async fn follow_network(node: Node) {
    while node.inner.external.is_some() {
        tokio::time::sleep(NETWORK_LOOK).await;
        adopt_network(&node).await;
    }
}

pub(super) async fn adopt_network(node: &Node) {
    let Some(external) = &node.inner.external else { return };
    // While it is away nothing is known to have changed.
    let Ok(network) = external.network().await else { return };
    let done = node.blocking(move |node| {
        let next = encode(&network);
        if node.inner.store.blob(NETWORK)?.as_deref() == Some(&next) {
            return Ok(());
        }
        tracing::warn!(interface = ?network.interface, "the client goes out another way: so does this node");
        let off = network.off;
        if let Err(error) = bind(node, network) {
            // The old way may be just the one that the client hides now.
            bind(node, Network { off, ..Network::none() })?;
            return Err(error);
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
        let external = self.inner.external.is_some() && self.inner.swarm.listeners().is_empty();
        external.then(|| {
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
    use upseed_client::{Off, Proxy, ProxyKind};

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
        assert_eq!(found, network);
        assert!(decode(br#"{"interface":"vpn0","proxy":null}"#).is_none(), "of an older version");
    }
}
