//! The node's own engine goes out as the client does, and in no other way.

use std::{io::Read as _, net::TcpListener, time::Duration};

use upseed_tests::{
    Generation, Person, QBittorrent,
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
