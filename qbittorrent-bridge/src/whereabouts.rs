//! Whether a client is on this machine, and how this machine looks from there.

use std::{
    io,
    net::{IpAddr, SocketAddr, UdpSocket},
};

use url::{Host, Url};

/// Where a client is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whereabouts {
    /// On this machine. (Or in a container one of whose ports is this machine's: that cannot be
    /// seen.)
    pub here: bool,
    /// The address by which it reaches this machine.
    pub us: IpAddr,
    /// The address at which this machine reaches it.
    pub at: IpAddr,
}

impl Whereabouts {
    /// Looks the address of a web UI up.
    ///
    /// # Errors
    /// If that cannot be known now. It must not be taken for either then: on a client here depends
    /// what this machine hides.
    pub async fn of(url: &Url) -> io::Result<Self> {
        let port = url.port_or_known_default().unwrap_or(0);
        let addresses: Vec<SocketAddr> = match url.host() {
            Some(Host::Ipv4(ip)) => vec![(ip, port).into()],
            Some(Host::Ipv6(ip)) => vec![(ip, port).into()],
            Some(Host::Domain(name)) => tokio::net::lookup_host((name, port)).await?.collect(),
            None => Vec::new(),
        };
        let first = *addresses.first().ok_or(io::ErrorKind::NotFound)?;
        let mut here = false;
        for address in &addresses {
            here = here || is_here(address.ip())?;
        }
        Ok(Self { here, us: seen_from(first)?, at: first.ip() })
    }
}

/// Whether an address is one of this machine's: only those can be bound.
fn is_here(ip: IpAddr) -> io::Result<bool> {
    if ip.to_canonical().is_loopback() {
        return Ok(true);
    }
    match UdpSocket::bind((ip, 0)) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable => Ok(false),
        Err(error) => Err(error),
    }
}

/// Nothing is sent: this only asks the system for the way.
fn seen_from(to: SocketAddr) -> io::Result<IpAddr> {
    let any: SocketAddr = match to {
        SocketAddr::V4(_) => ([0, 0, 0, 0], 0).into(),
        SocketAddr::V6(_) => ([0u16; 8], 0).into(),
    };
    let socket = UdpSocket::bind(any)?;
    socket.connect(to)?;
    Ok(socket.local_addr()?.ip())
}

/// Whether this machine has an interface, given by name or address.
pub(crate) fn has_interface(interface: &str) -> bool {
    match interface.parse::<IpAddr>() {
        Ok(ip) => ip.is_unspecified() || is_here(ip).unwrap_or(false),
        // /sys would show the interfaces of the namespace that mounted it.
        Err(_) => std::fs::read_to_string("/proc/self/net/dev").is_ok_and(|all| {
            all.lines().any(|line| line.split_once(':').is_some_and(|(n, _)| n.trim() == interface))
        }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn here_and_elsewhere() {
        for (url, here) in [
            ("http://127.0.0.1:8080", true),
            ("http://[::ffff:127.0.0.1]:8080", true),
            ("http://localhost:8080", true),
        ] {
            assert_eq!(Whereabouts::of(&url.parse().unwrap()).await.unwrap().here, here, "{url}");
        }
        assert!(!is_here("192.0.2.1".parse().unwrap()).unwrap());
        let unknown = "http://nobody.invalid:8080".parse().unwrap();
        Whereabouts::of(&unknown).await.unwrap_err();
    }

    #[test]
    fn interfaces() {
        for (interface, has) in [
            ("lo", true),
            ("127.0.0.1", true),
            ("0.0.0.0", true),
            ("tun77", false),
            ("192.0.2.1", false),
        ] {
            assert_eq!(has_interface(interface), has, "{interface}");
        }
    }
}
