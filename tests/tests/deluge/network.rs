//! The node's own engine goes out as Deluge does, and in no other way.

use std::{
    io::Read as _,
    net::TcpListener,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use upseed_tests::{
    Deluge, Generation, PATIENCE, Person,
    interface::{self, sent},
    namespace, steadily, until,
};

/// Where nobody is.
const NOWHERE: ([u8; 4], u16) = ([127, 0, 0, 1], 9);

/// Of a Deluge whose node would talk to the whole world, were it not for Deluge's settings.
fn talkative(generation: Generation) -> upseed_tests::deluge::Setup {
    Deluge::of(generation)
        .upseed("swarm_listen", json!("0.0.0.0:0"))
        .upseed("dht", json!(true))
        .upseed("lsd", json!(true))
        .upseed("bootstrap", json!(["203.0.113.7:6881"]))
        .upseed("peers", json!(["203.0.113.8:6881"]))
}

fn proxy(kind: u8, port: u16) -> Value {
    json!({
        "type": kind, "hostname": "127.0.0.1", "port": port, "username": "", "password": "",
        "proxy_hostnames": true, "proxy_peer_connections": true, "proxy_tracker_connections": true,
        "force_proxy": false, "anonymous_mode": false,
    })
}

/// What an interface has sent once Deluge itself sends nothing more there: before it reads its
/// settings, its libtorrent looks for routers and asks for the names of others.
fn quiet(interface: &str) -> (u64, u64) {
    let (mut last, mut since) = (sent(interface), Instant::now());
    until("Deluge itself is quiet", || {
        let now = sent(interface);
        if now != last {
            (last, since) = (now, Instant::now());
        }
        (since.elapsed() > Duration::from_secs(6)).then_some(now)
    })
}

#[test]
fn nothing_leaves_by_another_interface_and_nothing_when_it_is_gone() {
    let test = "network::nothing_leaves_by_another_interface_and_nothing_when_it_is_gone";
    if !namespace::enter(test, &["10.77.0.13"]) {
        return;
    }
    interface::home_and_vpn();
    let mut deluge = talkative(Generation::Here)
        .core("outgoing_interface", json!("vpn0"))
        .core("listen_interface", json!("10.8.0.2"))
        .start();
    let before = quiet("home0");
    deluge.enable();
    until("its engine goes out by Deluge's interface", || (sent("vpn0").1 > 20).then_some(()));
    assert_eq!(sent("home0"), before, "and by no other");
    deluge.post("Hidden", "Behind it.\n");
    interface::delete("vpn0");
    let gone = sent("home0");
    steadily(Duration::from_secs(8), "with its interface gone, it is silent", || {
        sent("home0") == gone
    });
}

/// A proxy that the engine cannot take closes it at once, one that it can is taken at once.
#[test]
fn behind_a_proxy_nothing_leaves_beside_it() {
    if !namespace::enter("network::behind_a_proxy_nothing_leaves_beside_it", &["10.77.0.13"]) {
        return;
    }
    interface::home_and_vpn();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    for generation in Generation::ALL {
        let mut deluge = talkative(generation).core("proxy", proxy(6, 7_656)).start();
        let before = quiet("home0");
        deluge.enable();
        let warned = |deluge: &Deluge, what: &str| {
            deluge.upseed(&["status"])["client_warnings"].to_string().contains(what)
        };
        until("it says that it is silent", || warned(&deluge, "I2P").then_some(()));
        steadily(Duration::from_secs(5), "and it is", || sent("home0") == before);
        deluge.call("core.set_config", json!([{ "proxy": proxy(2, port) }]));
        // Deluge itself has no peers: who asks the proxy for one is the node's engine.
        let (mut asked, _) = listener.accept().unwrap();
        asked.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut greeting = [0; 2];
        asked.read_exact(&mut greeting).unwrap();
        assert_eq!(greeting[0], 5, "SOCKS5 is spoken");
        steadily(Duration::from_secs(3), "and nothing goes beside it", || sent("home0") == before);
        assert!(!warned(&deluge, "I2P"));
        deluge.call("core.set_config", json!([{ "proxy": proxy(2, 0) }]));
        until("one without a port closes it", || warned(&deluge, "no address").then_some(()));
        steadily(Duration::from_secs(3), "and it is silent", || sent("home0") == before);
    }
}

/// What Deluge's user switches off, the engine leaves at once, and comes back to.
#[test]
fn the_dht_is_left_and_entered_with_deluge() {
    let node = Person::named("Node").dht(&[NOWHERE.into()]).start();
    for generation in Generation::ALL {
        let bootstrap = json!([node.swarm_addr().to_string()]);
        let mut deluge = Deluge::of(generation).upseed("bootstrap", bootstrap).start();
        deluge.enable();
        let nodes = |deluge: &Deluge| deluge.upseed(&["status"])["dht_nodes"].as_u64().unwrap();
        steadily(Duration::from_secs(4), "Deluge has no DHT, so it has none", || {
            nodes(&deluge) == 0
        });
        deluge.call("core.set_config", json!([{ "dht": true }]));
        until("it enters the DHT", || (nodes(&deluge) > 0).then_some(()));
        deluge.call("core.set_config", json!([{ "dht": false }]));
        until("it leaves the DHT", || (nodes(&deluge) == 0).then_some(()));
    }
}
