//! Choosing a port where nearly all are taken.
#![allow(clippy::unwrap_used, missing_docs)]

use std::net::{Ipv6Addr, TcpListener, UdpSocket};
use std::sync::Arc;

use upseed_swarm::{Settings, Swarm, SwarmError};
use upseed_tests::{Person, namespace};

/// The system gives a TCP port without looking at UDP: of these 64, one in eight is free for both.
#[test]
fn a_port_that_is_free_for_tcp_alone_is_not_insisted_on() {
    if !namespace::enter("a_port_that_is_free_for_tcp_alone_is_not_insisted_on", &["10.77.0.1"]) {
        return;
    }
    std::fs::write("/proc/sys/net/ipv4/ip_local_port_range", "41000 41063").unwrap();
    let twins: Vec<u16> = (41_000..=41_063).step_by(8).collect();
    let bind = |port| UdpSocket::bind((Ipv6Addr::UNSPECIFIED, port)).unwrap();
    let _udp: Vec<UdpSocket> =
        (41_000..=41_063).filter(|port| !twins.contains(port)).map(bind).collect();
    let tcp = TcpListener::bind((Ipv6Addr::UNSPECIFIED, twins[3])).unwrap();

    let start = |listen: &[&str]| {
        let listen = listen.iter().map(|addr| addr.parse().unwrap()).collect();
        // In a private network libtorrent asks no router for ports, which takes sockets of its own.
        let settings = Settings {
            listen,
            dht: false,
            lsd: false,
            private_network: true,
            ..Settings::default()
        };
        Swarm::start(settings, Arc::new(Nothing), |_| {})
    };
    // As many as there are ports, and then no more.
    let mut running = Vec::new();
    let everywhere = ["0.0.0.0:0", "[::]:0"];
    for listen in [&everywhere[..], &everywhere[..1], &["10.77.0.1:0"]] {
        running.push(start(listen).unwrap());
    }
    running.extend((0..4).map(|_| start(&everywhere).unwrap()));
    let mut ports: Vec<u16> = running.iter().map(Swarm::listen_port).chain([twins[3]]).collect();
    ports.sort_unstable();
    assert_eq!(ports, twins);
    for swarm in &running {
        let listeners = swarm.listeners();
        assert!(listeners.iter().all(|addr| addr.port() == swarm.listen_port()), "{listeners:?}");
    }
    let none = start(&everywhere).err().unwrap();
    assert!(matches!(none, SwarmError::Listen { in_use: true, .. }), "{none:?}");
    // A port that was named is not exchanged for another.
    let named = start(&[&format!("127.0.0.1:{}", twins[0] + 1)]).err().unwrap();
    let port = twins[0] + 1;
    assert!(
        matches!(named, SwarmError::Listen { in_use: true, port: found, .. } if found == port),
        "{named:?}"
    );
    drop((running, tcp));
    assert!(twins.contains(&start(&["[::1]:0"]).unwrap().listen_port()));

    let ann = Person::named("Ann").start();
    assert!(twins.contains(&ann.swarm_addr().port()), "{}", ann.swarm_addr());
}

struct Nothing;

impl upseed_swarm::Texts for Nothing {
    fn read(&self, _: &upseed_swarm::Infohash) -> Option<Vec<u8>> {
        None
    }
}
