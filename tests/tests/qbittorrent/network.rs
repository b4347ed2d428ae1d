//! The node's own engine goes out as the client does, and in no other way.

use std::{fs, io::Read as _, net::TcpListener, time::Duration};

use serde_json::json;
use upseed_tests::{
    Generation, PATIENCE, Person, QBittorrent,
    interface::{self, sent},
    namespace, steadily, until,
};

#[test]
fn nothing_leaves_by_another_interface_and_nothing_when_it_is_gone() {
    let test = "network::nothing_leaves_by_another_interface_and_nothing_when_it_is_gone";
    if !namespace::enter(test, &["10.77.0.11"]) {
        return;
    }
    interface::home_and_vpn();
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
    let tracker = "http://203.0.113.9:6969/announce";
    ann.run(&["board", "join", "upseed", "--tracker", tracker]).ok();
    until("its engine goes out by the client's interface", || (sent("vpn0").1 > 20).then_some(()));
    assert_eq!(sent("home0"), before, "and by no other");
    ann.post("upseed", "Hidden", "Behind it.\n");

    interface::delete("vpn0");
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
    interface::home_and_vpn();
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
        .bootstrap("bootstrap.example:6881")
        .arg("--peer")
        .arg("bob.example:6881")
        .offline();
    ann.connect(&client);
    let folder = tempfile::tempdir().unwrap();
    let resolver = folder.path().join("resolv.conf");
    fs::write(&resolver, "nameserver 203.0.113.53\n").unwrap();
    namespace::resolver(&resolver);
    let before = sent("home0");
    ann.restart();
    // The client itself has no peers: who asks the proxy for one is the node's engine.
    let (mut asked, _) = proxy.accept().unwrap();
    asked.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut greeting = [0; 2];
    asked.read_exact(&mut greeting).unwrap();
    assert_eq!(greeting[0], 5, "SOCKS5 is spoken");
    steadily(Duration::from_secs(5), "and nothing goes beside it", || sent("home0") == before);
    assert!(ann.log().contains("--peer bob.example:6881: behind the client's proxy"), "it is said");
}

/// Whether somebody listens on a TCP port by IPv6.
fn listens_by_6(port: u64) -> bool {
    let all = fs::read_to_string("/proc/self/net/tcp6").unwrap();
    let local = format!(":{port:04X} ");
    all.lines().any(|line| line.contains(&local) && line.contains(" 0A "))
}

#[test]
fn a_client_that_hides_a_family_hides_that_of_the_node_too() {
    let test = "network::a_client_that_hides_a_family_hides_that_of_the_node_too";
    if !namespace::enter(test, &["10.77.0.11", "10.77.0.12"]) {
        return;
    }
    let ann = Person::named("Ann").swarm_listen("10.77.0.11:0").start();
    let id = ann.post("upseed", "By IPv4", "Still there.\n");
    for (hides, address) in [(false, ""), (true, "0.0.0.0")] {
        let client = QBittorrent::tame(Generation::Here, "10.77.0.12", "");
        client.set(&json!({ "current_interface_address": address }));
        let far = TcpListener::bind("[::1]:0").unwrap();
        let to = far.local_addr().unwrap();
        let mut bob = Person::named("Bob").everywhere().peer(&ann).peer_at(to).offline();
        bob.connect(&client);
        bob.restart();
        until("Bob meets Ann", || bob.listed(&id));
        let port = bob.status()["swarm_port"].as_u64().unwrap();
        assert_eq!(listens_by_6(port), !hides, "{address:?}");
        assert_eq!(bob.status()["client_warnings"], json!([]));
        far.set_nonblocking(true).unwrap();
        if hides {
            steadily(Duration::from_secs(5), "nobody is dialed by IPv6", || far.accept().is_err());
        } else {
            until("IPv6 is dialed", || far.accept().ok());
        }
        bob.run(&["upvote", "--wait", &id]).ok();
        assert!(client.seeds(&id));
    }
}
