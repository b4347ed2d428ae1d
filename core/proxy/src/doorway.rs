//! The way to the node.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use zeroize::Zeroizing;

type Mint = dyn Fn() -> Result<Zeroizing<String>, String> + Send + Sync;

/// Where the node answers, what it believes this proxy by, and how a token for a frame is had from it.
#[derive(Clone)]
pub struct Doorway {
    address: SocketAddr,
    passing_on: Zeroizing<String>,
    mint: Arc<Mint>,
}

impl Doorway {
    /// For the node whose HTTP listens at `address`. `passing_on` is the secret by which it believes
    /// what is passed on to it; `mint` gives a token for a new frame, or says why there is none.
    pub fn new(
        address: SocketAddr,
        passing_on: &str,
        mint: impl Fn() -> Result<Zeroizing<String>, String> + Send + Sync + 'static,
    ) -> Self {
        let ip = match address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        Self {
            address: SocketAddr::new(ip, address.port()),
            passing_on: Zeroizing::new(passing_on.to_owned()),
            mint: Arc::new(mint),
        }
    }

    /// Where the node answers.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn passing_on(&self) -> &str {
        &self.passing_on
    }

    pub(crate) fn token(&self) -> Result<Zeroizing<String>, String> {
        (self.mint)()
    }
}

impl fmt::Debug for Doorway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Doorway").field("address", &self.address).finish_non_exhaustive()
    }
}
