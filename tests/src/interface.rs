//! Two ways out of a test's namespace, and what leaves by each. Inside [`crate::namespace`] only.

use std::{fs, process::Command};

fn ip(args: &str) {
    let done = Command::new("ip").args(args.split(' ')).status().expect("iproute2 is installed");
    assert!(done.success(), "ip {args}");
}

/// `home0` (192.168.7.2), which everything takes that is told nothing, and `vpn0` (10.8.0.2).
///
/// # Panics
/// If they cannot be made: outside a namespace, say.
pub fn home_and_vpn() {
    for (name, address) in [("home0", "192.168.7.2"), ("vpn0", "10.8.0.2")] {
        ip(&format!("link add {name} type veth peer name {name}-far"));
        ip(&format!("link set {name}-far up"));
        // The kernel would solicit routers there now and then.
        for end in [name.to_owned(), format!("{name}-far")] {
            fs::write(format!("/proc/sys/net/ipv6/conf/{end}/disable_ipv6"), "1")
                .expect("the namespace is ours");
        }
        ip(&format!("addr add {address}/24 dev {name}"));
        ip(&format!("link set {name} up"));
    }
    ip("route add default dev home0 metric 100");
}

/// Everything that is told nothing takes this one from now on, while it is there.
///
/// # Panics
/// If there is none of this name.
pub fn prefer(interface: &str) {
    ip(&format!("route add default dev {interface} metric 10"));
}

/// Takes one away, as a VPN that ends.
///
/// # Panics
/// If there is none of this name.
pub fn delete(interface: &str) {
    ip(&format!("link del {interface}"));
}

/// Bytes and packets that an interface has sent.
///
/// # Panics
/// If there is none of this name.
pub fn sent(interface: &str) -> (u64, u64) {
    // /sys shows the interfaces of the namespace that mounted it; this one shows ours.
    let all = fs::read_to_string("/proc/self/net/dev").expect("Linux tells it");
    let line = all.lines().find_map(|line| line.trim().strip_prefix(&format!("{interface}:")));
    let fields: Vec<u64> = line
        .expect("the interface exists")
        .split_whitespace()
        .map(|field| field.parse().expect("a number"))
        .collect();
    (fields[8], fields[9])
}
