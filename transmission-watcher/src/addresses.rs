//! The addresses of this machine under which others find it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// At most so many are told of: a machine with containers has dozens.
const MOST: usize = 8;

/// What the kernel answers for here, but for loopback and what holds on one link only.
pub(crate) fn ours() -> Vec<IpAddr> {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let mut ours: Vec<IpAddr> = Vec::new();
    let four = four(&read("/proc/net/fib_trie")).into_iter().map(IpAddr::V4);
    let six = six(&read("/proc/net/if_inet6")).into_iter().map(IpAddr::V6);
    for ip in four.chain(six) {
        if !ours.contains(&ip) && ours.len() < MOST {
            ours.push(ip);
        }
    }
    ours
}

/// A leaf of the routing table, and below it "/32 host LOCAL".
fn four(trie: &str) -> Vec<Ipv4Addr> {
    let mut leaf = None;
    let mut found = Vec::new();
    for line in trie.lines().map(str::trim) {
        if let Some(address) = line.strip_prefix("|-- ") {
            leaf = address.parse::<Ipv4Addr>().ok();
        } else if line == "/32 host LOCAL"
            && let Some(ip) = leaf
            && !ip.is_loopback()
            && !ip.is_link_local()
        {
            found.push(ip);
        }
    }
    found
}

/// 32 hex digits a line, then other fields.
fn six(table: &str) -> Vec<Ipv6Addr> {
    let digits = table.lines().filter_map(|line| line.split(' ').next());
    let all = digits.filter_map(|hex| u128::from_str_radix(hex, 16).ok()).map(Ipv6Addr::from);
    all.filter(|ip| !ip.is_loopback() && !ip.is_unicast_link_local()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_tells() {
        let trie = "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 0.0.0.0\n        /0 universe UNICAST\n\
                    Local:\n     |-- 10.77.0.1\n        /32 host LOCAL\n     |-- 10.77.0.255\n\
                    \x20       /32 link BROADCAST\n     |-- 127.0.0.1\n        /32 host LOCAL\n\
                    \x20    |-- 169.254.3.4\n        /32 host LOCAL\n";
        assert_eq!(four(trie), [Ipv4Addr::new(10, 77, 0, 1)]);
        let table = "00000000000000000000000000000001 01 80 10 80       lo\n\
                     fe800000000000000000000000000001 02 40 20 80     eth0\n\
                     20010db8000000000000000000000005 02 40 00 80     eth0\n";
        assert_eq!(six(table), ["2001:db8::5".parse::<Ipv6Addr>().unwrap()]);
        assert_eq!(four("junk"), Vec::<Ipv4Addr>::new());
        assert_eq!(six("junk"), Vec::<Ipv6Addr>::new());
    }
}
