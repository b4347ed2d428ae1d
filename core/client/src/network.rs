//! How a client reaches the network.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How a client reaches the network. The node's own engine uses the same interface and proxy and no other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    /// The interface that the client is bound to, by name or address.
    pub interface: Option<String>,
    /// The proxy that its peer connections go through.
    pub proxy: Option<Proxy>,
    /// What its user has switched off: the engine does without it, too.
    pub off: Off,
}

/// An interface that no machine has.
const NONE: &str = "upseed-nowhere";

impl Network {
    /// No network at all: the client's binding is hidden, or is one that this node's engine cannot take.
    pub fn none() -> Self {
        Self { interface: Some(NONE.into()), ..Self::default() }
    }

    /// Whether names may be looked up: a proxy hides them, and without a network there is nobody to ask.
    pub fn shows_names(&self) -> bool {
        self.proxy.is_none() && self.interface.as_deref() != Some(NONE)
    }
}

/// Ways to find peers and to be reached that the client's user switched off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Off {
    /// The DHT (BEP 5).
    pub dht: bool,
    /// Local service discovery (BEP 14).
    pub lsd: bool,
    /// Asking the router for a port by UPnP.
    pub upnp: bool,
    /// Asking the router for a port by NAT-PMP or PCP.
    pub natpmp: bool,
}

/// A proxy for peers, trackers and names.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proxy {
    /// How it is spoken to.
    pub kind: ProxyKind,
    /// Name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Empty for none.
    pub user: String,
    /// Never printed.
    pub password: String,
}

impl fmt::Debug for Proxy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Proxy")
            .field("kind", &self.kind)
            .field("host", &self.host)
            .field("port", &self.port)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// The protocol that a proxy speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProxyKind {
    /// SOCKS4: TCP to IPv4 addresses.
    Socks4,
    /// SOCKS5 (RFC 1928): the only one that carries UDP, and so the DHT and uTP.
    Socks5,
    /// HTTP CONNECT.
    Http,
}
