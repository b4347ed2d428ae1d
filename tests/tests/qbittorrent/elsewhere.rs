//! A qBittorrent on another machine.

use serde_json::json;
use upseed_tests::{Generation, Person, QBittorrent, namespace, until};

use crate::{NETWORK, hosting};

#[test]
fn a_client_on_another_machine_gets_texts_from_the_node() {
    let test = "elsewhere::a_client_on_another_machine_gets_texts_from_the_node";
    if !namespace::enter(test, NETWORK) {
        return;
    }
    for generation in Generation::ALL {
        let client = QBittorrent::elsewhere(generation);
        // As `upseed run` listens by itself: everywhere.
        let mut ann = Person::named("Ann").everywhere().offline();
        let report = ann.connect(&client);
        assert_eq!(report["done"], json!(["category"]), "{report}");
        let failed = report["failed"].to_string();
        assert!(failed.contains("cannot reach"), "{failed}");
        let found = report["found"].to_string();
        assert!(found.contains("not visible from here: it downloads"), "{found}");
        assert!(found.contains("shows this machine's address"), "{found}");
        ann.restart();
        let ids: Vec<String> = (0..3)
            .map(|n| ann.post("upseed", &format!("Post {n}"), &format!("Far {n}.\n")))
            .collect();
        until("it has got them from the node", || {
            ids.iter().all(|id| hosting(&ann, id).is_some() && client.seeds(id)).then_some(())
        });
        // The path is one of the other machine's: what lies here under it is not touched.
        let ours = client.torrent(&ids[0]).unwrap();
        assert_eq!(ours["category"], "upseed");
    }
}

#[test]
fn a_client_on_another_machine_reaches_a_node_that_listens_for_it() {
    let test = "elsewhere::a_client_on_another_machine_reaches_a_node_that_listens_for_it";
    if !namespace::enter(test, NETWORK) {
        return;
    }
    let client = QBittorrent::elsewhere(Generation::Trixie);
    let ann = Person::named("Ann").listen("10.99.0.1:0").everywhere().start();
    let report = ann.connect(&client);
    assert_eq!(report["failed"], json!([]), "{report}");
    let url = client.get("rss/items")["Upseed"]["url"].as_str().unwrap().to_owned();
    assert!(url.starts_with("http://10.99.0.1:"), "{url}");
}
