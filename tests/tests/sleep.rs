//! A machine that slept. The node is stopped by a signal meanwhile, and the clock that a sleep stops is held for it
//! (`tests/src/clock.rs`): no machine that runs tests can be put to sleep.
#![allow(clippy::unwrap_used, missing_docs)]

use serde_json::{Value, json};
use upseed_tests::{Clock, Generation, Person, TransmissionDaemon, namespace, until};

const NETWORK: &[&str] = &["10.77.0.1", "10.77.0.11", "10.77.0.12", "10.77.0.13"];

/// Transmission tells for a minute what was active or removed; a night is longer.
#[test]
fn what_happened_in_transmission_while_the_node_slept_is_seen() {
    if !namespace::enter("what_happened_in_transmission_while_the_node_slept_is_seen", NETWORK) {
        return;
    }
    let ann = Person::named("Ann").swarm_listen("10.77.0.11:0").start();
    let [stopped, removed] =
        ["Stopped", "Removed"].map(|title| ann.post("upseed", title, "In the evening.\n"));
    std::thread::scope(|scope| {
        for (generation, ip) in Generation::ALL.into_iter().zip(["10.77.0.12", "10.77.0.13"]) {
            let (ann, stopped, removed) = (&ann, &stopped, &removed);
            scope.spawn(move || slept(generation, ip, ann, [stopped, removed]));
        }
    });
}

fn slept(generation: Generation, ip: &str, ann: &Person, [stopped, removed]: [&str; 2]) {
    let daemon = TransmissionDaemon::start(generation, ip, &json!({}));
    let scratch = tempfile::tempdir().unwrap();
    let clock = Clock::new(scratch.path());
    let setup = Person::named("Bob").swarm_listen("10.77.0.1:0").peer(ann);
    let mut bob = clock.shown_to(setup).offline();
    bob.run(&["connect", "transmission", "--url", &daemon.url()]).ok();
    bob.restart();
    for id in [stopped, removed] {
        until("Bob knows it", || bob.listed(id));
        bob.run(&["upvote", id]).ok();
        until("his client hosts it", || bob.listed(id).filter(|item| item["hosting"] == "hosting"));
    }
    clock.sleeps_while(&bob, || {
        daemon.rpc("torrent-stop", &json!({ "ids": [stopped] }));
        daemon.rpc("torrent-remove", &json!({ "ids": [removed], "delete-local-data": false }));
        let recent = json!({ "ids": "recently-active", "fields": ["hashString"] });
        until("Transmission tells of neither any more", || {
            let told = daemon.rpc("torrent-get", &recent);
            let is_empty = |list: &Value| list.as_array().is_none_or(Vec::is_empty);
            (is_empty(&told["torrents"]) && is_empty(&told["removed"])).then_some(())
        });
    });
    until("what was removed there has lost the vote", || {
        bob.listed(removed).filter(|item| item["upvoted"] == false)
    });
    until("what was stopped there is told", || {
        let warnings = bob.status()["client_warnings"].to_string();
        warnings.contains("stopped in Transmission").then_some(())
    });
}
