//! The node's own engine goes out as the client does, and in no other way.

use std::{fs, process::Command, time::Duration};

use upseed_tests::{Generation, Person, QBittorrent, namespace, steadily, until};

/// Bytes and packets that an interface has sent.
fn sent(interface: &str) -> (u64, u64) {
    let read = |what: &str| {
        let path = format!("/sys/class/net/{interface}/statistics/tx_{what}");
        fs::read_to_string(path).unwrap().trim().parse().unwrap()
    };
    (read("bytes"), read("packets"))
}

fn ip(args: &str) {
    let done = Command::new("ip").args(args.split(' ')).status().unwrap();
    assert!(done.success(), "ip {args}");
}

#[test]
fn nothing_leaves_by_another_interface_and_nothing_when_it_is_gone() {
    let test = "network::nothing_leaves_by_another_interface_and_nothing_when_it_is_gone";
    if !namespace::enter(test, &["10.77.0.11"]) {
        return;
    }
    // A way out that everything else would take, and the one that qBittorrent is bound to.
    for (name, address) in [("home0", "192.168.7.2"), ("vpn0", "10.8.0.2")] {
        ip(&format!("link add {name} type veth peer name {name}-far"));
        ip(&format!("link set {name}-far up"));
        ip(&format!("addr add {address}/24 dev {name}"));
        ip(&format!("link set {name} up"));
    }
    ip("route add default dev home0");
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
    // The kernel's own packets of a new interface come first.
    let before = sent("home0");
    ann.restart();
    until("its engine goes out by the client's interface", || (sent("vpn0").1 > 20).then_some(()));
    let quiet = sent("home0");
    assert!(quiet.1 <= before.1 + 2, "{before:?} {quiet:?}: only the kernel's own may be more");
    ann.post("upseed", "Hidden", "Behind it.\n");

    ip("link del vpn0");
    let gone = sent("home0");
    steadily(Duration::from_secs(12), "with its interface gone, it is silent", || {
        sent("home0").1 <= gone.1 + 2
    });
    ann.stop();
    ann.restart();
    let gone = sent("home0");
    steadily(Duration::from_secs(8), "and after a restart too", || sent("home0").1 <= gone.1 + 2);
    assert_eq!(ann.status()["client"], "qbittorrent");
}
