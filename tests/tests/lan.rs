//! A LAN without internet: nodes meet by local service discovery alone.
#![allow(clippy::unwrap_used, missing_docs)]

use upseed_tests::{Person, Setup, namespace, until};

/// Ann posts, Bob reads and answers.
fn story(ann: Setup, bob: Setup) {
    let ann = ann.lsd().start();
    let id = ann.post("upseed", "Over the hotspot", "No internet here.\n");
    let bob = bob.lsd().start();
    until("Bob sees Ann's post with its text", || {
        bob.listed(&id).filter(|item| item["text"] == "No internet here.\n")
    });
    let answer = bob.comment(&id, "Who needs it?\n");
    until("Ann sees Bob's answer", || {
        let thread = ann.json(&["thread", &id, "--timeout", "0"]);
        (thread["replies"][0]["id"] == answer.as_str()).then_some(())
    });
}

#[test]
fn two_nodes_meet_without_being_told_of_each_other() {
    let addresses = ["10.77.0.1", "10.77.0.2"];
    if !namespace::enter("two_nodes_meet_without_being_told_of_each_other", &addresses) {
        return;
    }
    story(
        Person::named("Ann").swarm_listen("10.77.0.1:0"),
        Person::named("Bob").swarm_listen("10.77.0.2:0"),
    );
}

#[test]
fn two_nodes_that_listen_everywhere_meet() {
    if !namespace::enter("two_nodes_that_listen_everywhere_meet", &["10.77.0.1"]) {
        return;
    }
    story(
        Person::named("Ann").swarm_listen("0.0.0.0:0"),
        Person::named("Bob").swarm_listen("0.0.0.0:0"),
    );
}

/// DNS was not there when Bob's machine started, and later the name leads elsewhere.
#[test]
fn a_peer_is_followed_by_its_name() {
    let addresses = ["10.77.0.1", "10.77.0.2", "10.77.0.3"];
    if !namespace::enter("a_peer_is_followed_by_its_name", &addresses) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let hosts = folder.path().join("hosts");
    std::fs::write(&hosts, "127.0.0.1 localhost\n").unwrap();
    namespace::hosts(&hosts);
    let bob = Person::named("Bob").swarm_listen("10.77.0.2:0").arg("--peer").arg("ann.lan:7001");
    let bob = bob.start();
    until("Bob is told", || bob.log().contains("--peer ann.lan:7001: ").then_some(()));
    for address in ["10.77.0.1", "10.77.0.3"] {
        let ann = Person::named("Ann").swarm_listen(&format!("{address}:7001")).start();
        let id = ann.post("upseed", &format!("At {address}"), "Text.\n");
        std::fs::write(&hosts, format!("127.0.0.1 localhost\n{address} ann.lan\n")).unwrap();
        until("Bob sees what is posted there", || bob.listed(&id));
    }
}
