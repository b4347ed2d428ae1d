//! A port of our own choice.
//!
//! Left to choose, libtorrent takes another port for each address, and one whose UDP twin may be taken.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener, UdpSocket};

/// Ports that are looked at. On a machine with so many sockets the next one is no better.
const TRIES: usize = 64;

/// A port that is free at each of these addresses, for TCP and UDP, at this moment. `None` if there is none, or no
/// such address here.
pub(crate) fn free_port(ips: &[IpAddr]) -> Option<u16> {
    let ips =
        if ips.iter().any(IpAddr::is_unspecified) { vec![everywhere()] } else { ips.to_vec() };
    let first = *ips.first()?;
    // Kept until the end, so that the system names another port each time.
    let mut held = Vec::new();
    for _ in 0..TRIES {
        let udp = UdpSocket::bind((first, 0)).ok()?;
        let port = udp.local_addr().ok()?.port();
        let tcp = ips.iter().all(|ip| TcpListener::bind((*ip, port)).is_ok());
        if tcp && ips[1..].iter().all(|ip| UdpSocket::bind((*ip, port)).is_ok()) {
            return Some(port);
        }
        held.push(udp);
    }
    None
}

/// A socket at `::` is one for IPv4 too, where there is IPv6.
fn everywhere() -> IpAddr {
    let six = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
    if UdpSocket::bind((six, 0)).is_ok() { six } else { IpAddr::V4(Ipv4Addr::UNSPECIFIED) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_free_at_each_address() {
        let ips: [IpAddr; 2] = ["127.0.0.1".parse().unwrap(), "127.0.0.2".parse().unwrap()];
        let port = free_port(&ips).unwrap();
        for ip in ips {
            TcpListener::bind((ip, port)).unwrap();
            UdpSocket::bind((ip, port)).unwrap();
        }
        assert!(free_port(&[IpAddr::V4(Ipv4Addr::UNSPECIFIED)]).is_some());
        assert_eq!(
            free_port(&["192.0.2.1".parse().unwrap()]),
            None,
            "not an address of this machine"
        );
    }
}
