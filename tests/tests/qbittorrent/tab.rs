//! The web UI with the tab, for others in the network.

use serde_json::json;
use upseed_tests::{Generation, Person, QBittorrent, http, namespace, until};

use crate::NETWORK;

#[test]
fn a_node_for_the_network_starts_while_its_client_is_off() {
    let test = "tab::a_node_for_the_network_starts_while_its_client_is_off";
    if !namespace::enter(test, NETWORK) {
        return;
    }
    let mut client = QBittorrent::tame(Generation::Here, "10.77.0.12", "");
    let mut ann = Person::named("Ann").swarm_listen("10.77.0.12:0").offline();
    ann.connect(&client);
    ann.change(|setup| setup.proxy_listen("10.77.0.12:7668"));
    client.kill9();
    ann.restart();
    assert!(ann.log().contains("is not shown on 10.77.0.12:7668"), "{}", ann.log());
    assert_eq!(ann.tab(), None);
    client.start();
    let tab = until("it is shown once the client says who may see it", || ann.tab());
    let page = http::request(tab, "GET", "/", &[("Accept", "text/html")], b"");
    assert_eq!(page.status, 200, "{page:?}");
    // Everybody is one address to it, and that is said.
    assert!(ann.log().contains("trusted proxies 127.0.0.1"), "{}", ann.log());

    // Who asks nobody for a password is shown to nobody.
    client.set(&json!({ "bypass_local_auth": true }));
    ann.stop();
    let refused = ann.run(&["run", "--listen", "127.0.0.1:0", "--proxy-listen", "10.77.0.12:7668"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("would let everybody in"), "{refused:?}");
    // Told to believe the proxy it may be, and nothing is warned of.
    client.set(&json!({ "web_ui_reverse_proxy_enabled": true,
        "web_ui_reverse_proxies_list": "127.0.0.1" }));
    let before = ann.log().len();
    ann.restart();
    until("it is shown", || ann.tab());
    assert!(!ann.log()[before..].contains("warning"), "{}", ann.log());
}
