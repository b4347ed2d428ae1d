//! Two people, each in Deluge's own page, and a stranger without the plugin.

use std::{fs, process::Command, time::Duration};

use serde_json::{Value, json};
use upseed_tests::{Deluge, Generation, Tracker, namespace, steadily, until, until_is};

use crate::{base64, seeds};

fn browser(arguments: &[&str]) -> Value {
    let output = Command::new("node")
        .args(arguments)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/browser"))
        .output()
        .expect("this test needs node, and tests/browser/run once to fetch playwright-core");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_str(&told).unwrap_or(Value::Null)
}

/// Ann posts in her Deluge's page, Bob finds it in his and upvotes; both Deluges seed and the
/// tracker counts both and nobody else. Ann leaves, and a bare Deluge gets it from Bob's.
#[test]
fn posted_and_voted_in_two_pages() {
    let test = "people::posted_and_voted_in_two_pages";
    if !namespace::enter(test, &["10.77.0.1", "10.77.0.11", "10.77.0.12", "10.77.0.13"]) {
        return;
    }
    let tracker = Tracker::start("10.77.0.1");
    let at = |generation, ip: &str| {
        Deluge::of(generation)
            .core("listen_interface", json!(ip))
            .upseed("swarm_listen", json!(format!("{ip}:0")))
    };
    let mut ann = at(Generation::Here, "10.77.0.11").start();
    ann.enable();
    let swarm = ann.upseed(&["status"])["swarm_port"].as_u64().unwrap();
    let peers = json!([format!("10.77.0.11:{swarm}")]);
    let mut bob = at(Generation::Trixie, "10.77.0.12").upseed("peers", peers).start();
    bob.enable();
    for person in [&ann, &bob] {
        person.upseed(&["board", "join", "upseed", "--tracker", &tracker.url()]);
    }
    let (address, password) = ann.start_web();
    let picture = ann.scratch().join("page.png");
    let data = ann.config().join("upseed");
    let told = browser(&[
        "deluge.mjs",
        &address,
        password,
        picture.to_str().unwrap(),
        upseed_tests::binary().to_str().unwrap(),
        data.to_str().unwrap(),
    ]);
    let id = told["id"].as_str().unwrap().to_owned();
    tracker.allow(&[&id]);
    until("Bob sees it", || {
        let top = bob.upseed(&["top"]);
        let here = |item: &Value| item["id"] == id.as_str() && item["text"].is_string();
        top.as_array().unwrap().iter().any(here).then_some(())
    });
    let (address, password) = bob.start_web();
    browser(&["deluge-vote.mjs", &address, password, &id]);
    until("Ann's Deluge seeds it", || seeds(&mut ann, &id).then_some(()));
    until("Bob's Deluge seeds it", || seeds(&mut bob, &id).then_some(()));
    // Ann's asked when the tracker did not know the item yet, and by itself asks again after a long while only.
    ann.call("core.force_reannounce", json!([[id]]));
    until_is("the tracker counts both Deluges", 2, || tracker.members(&id));
    steadily(Duration::from_secs(3), "and neither of the engines", || tracker.members(&id) == 2);
    let file = bob.scratch().join("item.torrent");
    bob.upseed(&["export", &id, "-o", file.to_str().unwrap()]);
    ann.terminate();
    drop(ann);
    // Its node is not asked: only Bob's Deluge listens at that address and port.
    let mut stranger =
        Deluge::of(Generation::Here).bare().core("listen_interface", json!("10.77.0.13")).start();
    let torrent = base64(&fs::read(&file).unwrap());
    stranger.call("core.add_torrent_file", json!(["a.torrent", torrent, {}]));
    let port = bob.call("core.get_listen_port", json!([])).as_u64().unwrap();
    until("a bare Deluge has it from Bob's", || {
        stranger.call("core.connect_peer", json!([id, "10.77.0.12", port]));
        seeds(&mut stranger, &id).then_some(())
    });
    let name = stranger.torrent(&id, &["name"]).unwrap()["name"].as_str().unwrap().to_owned();
    let text = fs::read_to_string(stranger.downloads().join(name)).unwrap();
    assert_eq!(text.trim(), "Hello from **Deluge**.");
}
