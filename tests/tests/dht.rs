//! The loop over a private DHT: nobody is told of anybody but one bootstrap node, which later is gone.
#![allow(clippy::unwrap_used, missing_docs)]

use std::time::{Duration, Instant};

use upseed_tests::{Person, interface, namespace, until, until_is};

const TEXT: &str = "Found by nobody's word.\n";

/// A bootstrap node at which nobody ever answers: with one of its own a node asks no public router.
const NOWHERE: ([u8; 4], u16) = ([127, 0, 0, 1], 1);

fn votes(who: &Person, id: &str) -> u64 {
    who.json(&["read", id, "--timeout", "0"])["votes"].as_u64().unwrap()
}

#[test]
fn strangers_meet_and_meet_again_without_the_bootstrap_node() {
    let mut ann = Person::named("Ann").dht(&[NOWHERE.into()]).start();
    let bob = Person::named("Bob").dht(&[ann.swarm_addr()]).start();
    let mut cyd = Person::named("Cyd").dht(&[ann.swarm_addr()]).start();
    let id = ann.post("upseed", "A private DHT", TEXT);
    for who in [&bob, &cyd] {
        until("the post is found by the DHT alone", || {
            who.listed(&id).filter(|item| item["text"] == TEXT)
        });
    }
    assert_eq!(bob.json(&["upvote", "--wait", &id])[0]["done"], true);
    until_is("votes seen by Cyd", 1, || votes(&cyd, &id));
    until("everybody has met everybody", || {
        [&ann, &bob, &cyd].iter().all(|who| who.status()["peers"] == 2).then_some(())
    });
    until("the DHT is more than its bootstrap node", || {
        [&bob, &cyd].iter().all(|who| who.status()["dht_nodes"].as_u64() >= Some(2)).then_some(())
    });

    ann.stop();
    cyd.stop();
    until("Bob is alone", || (bob.status()["peers"] == 0).then_some(()));
    let later = bob.post("upseed", "While you were away", "A second one.\n");
    cyd.restart();
    until("Cyd finds Bob again, with the bootstrap node gone", || {
        cyd.listed(&later).filter(|item| item["text"] == "A second one.\n")
    });
    let comment = cyd.comment(&later, "So I have seen.\n");
    let in_thread = |who: &Person, id: &str| {
        let thread = who.json(&["thread", &later, "--timeout", "0"]);
        thread["replies"].as_array().unwrap().iter().find(|reply| reply["id"] == id).cloned()
    };
    until("Bob sees the comment in the thread with its text", || {
        in_thread(&bob, &comment).filter(|item| item["text"] == "So I have seen.\n")
    });
    assert_eq!(bob.json(&["upvote", "--wait", &comment])[0]["done"], true);
    until_is("votes for the comment, seen by Cyd", 1, || votes(&cyd, &comment));
    assert_eq!(bob.json(&["unvote", &comment, &id])[0]["done"], true);
    for who in [&bob, &cyd] {
        until_is("votes after Bob's are taken back", (0, 0), || {
            (votes(who, &comment), votes(who, &id))
        });
    }
    assert_eq!(bob.json(&["upvote", "--wait", &id])[0]["done"], true);
    until("they are two", || (cyd.status()["peers"] == 1).then_some(()));

    // Dan has never met anybody. Bob is his bootstrap node, and the only host of the first post.
    let dan = Person::named("Dan").dht(&[bob.swarm_addr()]).start();
    drop(cyd);
    assert_eq!(dan.json(&["read", &id])["text"], TEXT);
}

#[test]
fn an_item_is_found_by_its_own_swarm() {
    let ann = Person::named("Ann").dht(&[NOWHERE.into()]).start();
    let bob = Person::named("Bob").dht(&[ann.swarm_addr()]).start();
    // Cyd is in no board that Ann is in: only the item's own announce leads her there.
    let cyd = Person::named("Cyd").dht(&[ann.swarm_addr()]).start();
    cyd.json(&["board", "leave", "upseed"]);
    let id = ann.post("upseed", "Announced", TEXT);
    until("it is announced", || (ann.status()["announced"][0] == 1).then_some(()));
    let read = cyd.json(&["read", &id, "--timeout", "60"]);
    assert_eq!(read["text"], TEXT);
    assert_eq!(bob.json(&["read", &id, "--timeout", "60"])["text"], TEXT);
}

/// Containers on one machine know each other by name, and some start before others have one.
#[test]
fn bootstrap_nodes_by_name_lead_into_a_private_dht() {
    if !namespace::enter("bootstrap_nodes_by_name_lead_into_a_private_dht", &[]) {
        return;
    }
    // libtorrent's DHT is for interfaces that lead somewhere.
    interface::home_and_vpn();
    let folder = tempfile::tempdir().unwrap();
    let hosts = folder.path().join("hosts");
    std::fs::write(&hosts, "127.0.0.1 localhost\n192.168.7.2 node1\n").unwrap();
    namespace::hosts(&hosts);
    // Where a node listens everywhere, only its bootstrap nodes tell that the network is private.
    let person = |name| Person::named(name).swarm_listen("0.0.0.0:0");
    let ann = person("Ann").bootstrap("node1:1").start();
    let port = ann.status()["swarm_port"].to_string();
    let bob = person("Bob").bootstrap(&format!("node1:{port}")).start();
    let cyd = person("Cyd").bootstrap(&format!("node2:{port}")).start();
    let id = ann.post("upseed", "In containers", TEXT);
    let met = |who: &Person| until("they meet", || who.listed(&id).filter(|it| it["text"] == TEXT));
    met(&bob);
    assert_eq!(cyd.status()["dht_nodes"], 0, "nobody knows node2 yet");
    std::fs::write(&hosts, "127.0.0.1 localhost\n192.168.7.2 node1 node2\n").unwrap();
    met(&cyd);
    let dan =
        person("Dan").bootstrap(&format!("node1:{port}")).bootstrap("nobody.invalid:1").start();
    let told = |who: &Person| who.log().matches("private addresses, which are left out").count();
    until_is("times that Dan is told of whom he does not meet", 1, || told(&dan));
    assert_eq!((told(&bob), told(&ann)), (0, 0));
}

#[test]
fn a_bootstrap_node_that_nobody_knows_is_told_once() {
    let ann = Person::named("Ann").bootstrap("nobody.invalid:1").start();
    until("it is told", || ann.log().contains("--bootstrap nobody.invalid:1: ").then_some(()));
    let since = Instant::now();
    until("some seconds later", || (since.elapsed() > Duration::from_secs(4)).then_some(()));
    let log = ann.log();
    let warnings = log.lines().filter(|line| line.contains("WARN")).collect::<Vec<_>>();
    assert!(matches!(warnings[..], [one] if one.contains("nobody.invalid")), "{warnings:?}");
}
