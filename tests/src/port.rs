//! Ports for clients that have to be told one.

use std::{
    collections::hash_map::RandomState,
    fs,
    hash::BuildHasher as _,
    net::{TcpListener, UdpSocket},
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

/// Below, there are ports of services, and some that browsers refuse.
const LOWEST: u64 = 11_000;

/// A free port, each time another one, and none that the system gives to somebody else meanwhile: it takes the ports of
/// connections, and of whoever leaves it the choice, from above. So a client finds it free when it is started again, too.
///
/// # Panics
/// If the address is none of this machine.
pub fn free_port(address: &str) -> u16 {
    // Tests run at the same time, each in a process: they begin anywhere, and go on from there.
    static NEXT: OnceLock<AtomicU64> = OnceLock::new();
    let next = NEXT.get_or_init(|| AtomicU64::new(RandomState::new().hash_one(())));
    let many = given_from() - LOWEST;
    let ports = (0..many).map(|_| LOWEST + next.fetch_add(1, Relaxed) % many);
    let is_free = |port: &u16| {
        TcpListener::bind((address, *port)).is_ok() && UdpSocket::bind((address, *port)).is_ok()
    };
    let mut ports = ports.filter_map(|port| u16::try_from(port).ok());
    ports.find(is_free).expect("the address is ours, and has a free port")
}

/// The first of the ports that the system gives.
fn given_from() -> u64 {
    let range = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range");
    let range = range.expect("Linux tells which ports it gives");
    let first = range.split_whitespace().next().and_then(|first| first.parse().ok());
    first.filter(|first| *first > 2 * LOWEST).unwrap_or(32_768)
}
