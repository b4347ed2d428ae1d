//! What its user or its queue holds back.

use std::time::Duration;

use serde_json::json;
use upseed_tests::{Generation, Person, namespace, steadily, until};

use crate::{NETWORK, hosting, with_client};

fn told(person: &Person, words: &str) -> Option<()> {
    person.status()["client_warnings"].to_string().contains(words).then_some(())
}

fn what_its_user_stops_stays_stopped(generation: Generation) {
    let ann = Person::named("Ann").swarm_listen("10.77.0.11:0").start();
    let (mut bob, mut bobs) = with_client("Bob", generation, "10.77.0.12", Some(&ann));
    let [id, other] = ["Stop me", "Not me"].map(|title| ann.post("upseed", title, "Seeded.\n"));
    until("Bob knows both", || bob.listed(&id).and(bob.listed(&other)));
    bob.run(&["upvote", "--wait", &id, &other]).ok();
    bobs.stop_torrent(&id);
    until("that it is stopped is told", || told(&bob, "1 of Upseed's torrents are stopped"));
    let stopped = || bobs.is_stopped(&id) && bob.listed(&id).unwrap()["upvoted"] == true;
    steadily(Duration::from_secs(10), "it stays stopped, and the vote stays", stopped);
    // Another vote starts nothing but itself.
    let third = ann.post("upseed", "One more", "Seeded.\n");
    until("Bob knows it", || bob.listed(&third));
    bob.run(&["upvote", "--wait", &third]).ok();
    bobs.stop();
    bobs.start();
    bob.kill9();
    bob.restart();
    until("it is told after a pause too", || told(&bob, "are stopped in qBittorrent"));
    steadily(Duration::from_secs(6), "and after a pause", || bobs.is_stopped(&id));
    assert!(bobs.seeds(&other) && bobs.seeds(&third));
    bobs.start_torrent(&id);
    until("started again it seeds", || bobs.seeds(&id).then_some(()));
    until("and is told as hosted", || hosting(&bob, &id));
    until("and no warning is left", || {
        (bob.status()["client_warnings"] == json!([])).then_some(())
    });
}

#[test]
fn what_its_user_stops_in_qbittorrent_4_stays_stopped() {
    if namespace::enter("held::what_its_user_stops_in_qbittorrent_4_stays_stopped", NETWORK) {
        what_its_user_stops_stays_stopped(Generation::Here);
    }
}

#[test]
fn what_its_user_stops_in_qbittorrent_5_stays_stopped() {
    if namespace::enter("held::what_its_user_stops_in_qbittorrent_5_stays_stopped", NETWORK) {
        what_its_user_stops_stays_stopped(Generation::Trixie);
    }
}

#[test]
fn a_queue_that_silences_seeds_is_told() {
    if !namespace::enter("held::a_queue_that_silences_seeds_is_told", NETWORK) {
        return;
    }
    let ann = Person::named("Ann").swarm_listen("10.77.0.11:0").start();
    for generation in Generation::ALL {
        let (bob, bobs) = with_client("Bob", generation, "10.77.0.12", Some(&ann));
        bobs.set(&json!({ "queueing_enabled": true, "max_active_uploads": 1,
            "max_active_torrents": 1, "max_active_downloads": 1,
            "dont_count_slow_torrents": false }));
        let ids =
            [1, 2, 3].map(|n| ann.post("upseed", &format!("{n} {generation:?}"), "In line.\n"));
        until("Bob knows all", || ids.iter().all(|id| bob.listed(id).is_some()).then_some(()));
        bob.run(&["upvote", "--wait", &ids[0], &ids[1], &ids[2]]).ok();
        assert!(ids.iter().all(|id| bobs.seeds(id)), "the queue holds no vote back");
        // Their user takes the force away: the queue is the user's word then.
        let form = [("hashes", &*ids.join("|")), ("value", "false")];
        bobs.post("torrents/setForceStart", &form);
        until("it is told what the queue holds", || told(&bob, "wait in qBittorrent's queue"));
        let held = ids.iter().find(|id| bobs.state(id).as_deref() == Some("queuedUP")).unwrap();
        until("the engine hosts it meanwhile", || {
            (bob.listed(held)?["hosting"] == "handed").then_some(())
        });
    }
}
