//! The node's own engine goes out as the client does, and in no other way.

use std::{fs, io::Read as _, net::TcpListener, process::Command, time::Duration};

use upseed_tests::{Generation, Person, QBittorrent, namespace, steadily, until};

/// Bytes and packets that an interface has sent.
fn sent(interface: &str) -> (u64, u64) {
    // /sys shows the interfaces of the namespace that mounted it; this one shows ours.
    let all = fs::read_to_string("/proc/self/net/dev").unwrap();
    let line = all.lines().find_map(|line| line.trim().strip_prefix(&format!("{interface}:")));
    let fields: Vec<u64> =
        line.unwrap().split_whitespace().map(|field| field.parse().unwrap()).collect();
    (fields[8], fields[9])
}

fn ip(args: &str) {
    let done = Command::new("ip").args(args.split(' ')).status().unwrap();
    assert!(done.success(), "ip {args}");
}

/// A way out that everything else would take, and the one that qBittorrent is bound to.
fn interfaces() {
    for (name, address) in [("home0", "192.168.7.2"), ("vpn0", "10.8.0.2")] {
        ip(&format!("link add {name} type veth peer name {name}-far"));
        ip(&format!("link set {name}-far up"));
        // The kernel would solicit routers there now and then.
        for end in [name.to_owned(), format!("{name}-far")] {
            fs::write(format!("/proc/sys/net/ipv6/conf/{end}/disable_ipv6"), "1").unwrap();
        }
        ip(&format!("addr add {address}/24 dev {name}"));
        ip(&format!("link set {name} up"));
    }
    ip("route add default dev home0");
}

#[test]
fn nothing_leaves_by_another_interface_and_nothing_when_it_is_gone() {
    let test = "network::nothing_leaves_by_another_interface_and_nothing_when_it_is_gone";
    if !namespace::enter(test, &["10.77.0.11"]) {
        return;
    }
    interfaces();
    let bound =
        "Session\\Interface=vpn0\nSession\\InterfaceName=vpn0\nSession\\InterfaceAddress=10.8.0.2";
    let client = QBittorrent::tame(Generation::Here, "10.8.0.2", bound);
    let found = client.get("app/preferences");
    assert_eq!(found["current_network_interface"], "vpn0");
    // It would like to listen everywhere and talks to the whole world, were it not for the client.
    let mut ann = Person::named("Ann")
        .swarm_listen("0.0.0.0:0")
        .dht(&["203.0.113.7:6881".parse().unwrap()])
        .lsd()
        .peer_at("203.0.113.8:6881".parse().unwrap())
        .offline();
    ann.connect(&client);
    let before = sent("home0");
    ann.restart();
    until("its engine goes out by the client's interface", || (sent("vpn0").1 > 20).then_some(()));
    assert_eq!(sent("home0"), before, "and by no other");
    ann.post("upseed", "Hidden", "Behind it.\n");

    ip("link del vpn0");
    let gone = sent("home0");
    steadily(Duration::from_secs(12), "with its interface gone, it is silent", || {
        sent("home0") == gone
    });
    ann.stop();
    ann.restart();
    let gone = sent("home0");
    steadily(Duration::from_secs(8), "and after a restart too", || sent("home0") == gone);
    assert_eq!(ann.status()["client"], "qbittorrent");
}

#[test]
fn behind_a_proxy_nothing_leaves_beside_it() {
    if !namespace::enter("network::behind_a_proxy_nothing_leaves_beside_it", &["10.77.0.11"]) {
        return;
    }
    interfaces();
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = proxy.local_addr().unwrap().port();
    let client = QBittorrent::tame(Generation::Trixie, "10.77.0.11", "");
    let through = format!(
        r#"{{"proxy_type":"SOCKS5","proxy_ip":"127.0.0.1","proxy_port":{port},"proxy_bittorrent":true,"proxy_peer_connections":true}}"#
    );
    client.post("app/setPreferences", &[("json", &through)]);
    let mut ann = Person::named("Ann")
        .swarm_listen("0.0.0.0:0")
        .lsd()
        .peer_at("203.0.113.8:6881".parse().unwrap())
        .offline();
    ann.connect(&client);
    let before = sent("home0");
    ann.restart();
    // The client itself has no peers: who asks the proxy for one is the node's engine.
    let (mut asked, _) = proxy.accept().unwrap();
    asked.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut greeting = [0; 2];
    asked.read_exact(&mut greeting).unwrap();
    assert_eq!(greeting[0], 5, "SOCKS5 is spoken");
    steadily(Duration::from_secs(5), "and nothing goes beside it", || sent("home0") == before);
}
