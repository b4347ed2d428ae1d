//! People whose votes a real transmission-daemon seeds: by a click inside its page, and by a file in
//! a folder.
#![allow(clippy::unwrap_used, missing_docs)]

use std::{
    fs,
    io::Write as _,
    time::{Duration, SystemTime},
};

use serde_json::{Value, json};
use upseed_tests::{
    Conversation, Generation, Person, Tracker, TransmissionDaemon,
    interface::{self, sent},
    namespace, steadily, until, until_is,
};

const NETWORK: &[&str] = &["10.77.0.1", "10.77.0.11", "10.77.0.12", "10.77.0.13"];

fn seeds(daemon: &TransmissionDaemon, id: &str) -> bool {
    daemon.torrent(id, &["status", "percentDone"]).is_some_and(|torrent| {
        torrent["status"] == 6 && torrent["percentDone"].as_f64() == Some(1.0)
    })
}

/// A person with a connected Transmission and a folder whose files are votes.
fn with_client(
    name: &str,
    generation: Generation,
    address: &str,
    peer: Option<&Person>,
) -> (Person, TransmissionDaemon) {
    connected(name, TransmissionDaemon::start(generation, address, &json!({})), address, peer)
}

fn connected(
    name: &str,
    daemon: TransmissionDaemon,
    address: &str,
    peer: Option<&Person>,
) -> (Person, TransmissionDaemon) {
    let mut setup = Person::named(name).swarm_listen(&format!("{address}:0"));
    if let Some(peer) = peer {
        setup = setup.peer(peer);
    }
    let mut person = setup.offline();
    let watch = person.scratch().join("upvotes");
    let watch = watch.to_str().unwrap();
    person.run(&["connect", "transmission", "--url", &daemon.url(), "--watch", watch]).ok();
    person.restart();
    (person, daemon)
}

fn hosting(person: &Person, id: &str) -> Option<Value> {
    person.listed(id).filter(|item| item["hosting"] == "hosting")
}

fn a_dropped_file_and_a_click_are_votes(generation: Generation) {
    let tracker = Tracker::start("10.77.0.1");
    let (mut ann, anns) = with_client("Ann", generation, "10.77.0.11", None);
    let (bob, bobs) = with_client("Bob", generation, "10.77.0.12", Some(&ann));
    for person in [&ann, &bob] {
        person.run(&["board", "join", "upseed", "--tracker", &tracker.url()]).ok();
    }
    let text = "Dropped into a folder.\n".repeat(700);
    let [dropped, clicked] =
        ["By a file", "By a click"].map(|title| ann.post("upseed", title, &text));
    tracker.allow(&[&dropped, &clicked]);
    until("Ann's Transmission seeds them", || {
        (seeds(&anns, &dropped) && seeds(&anns, &clicked)).then_some(())
    });
    let file = bob.scratch().join("mail.torrent");
    ann.run(&["export", &dropped, "-o", file.to_str().unwrap()]).ok();
    fs::rename(&file, bob.scratch().join("upvotes/mail.torrent")).unwrap();
    until("the file is a vote", || (bob.listed(&dropped)?["upvoted"] == true).then_some(()));
    until("and is renamed", || {
        bob.scratch().join("upvotes/mail.torrent.added").exists().then_some(())
    });
    bob.vote_in_page(&clicked, &[("CLIENT", "transmission")]);
    for id in [&dropped, &clicked] {
        until("Bob's node says that it hosts", || hosting(&bob, id));
        assert!(seeds(&bobs, id));
        until("the tracker counts both", || (tracker.scrape(id).0 >= 2).then_some(()));
        // A third would be an engine that is not asked: Transmission 3.00 knows one port an address.
        assert_eq!(tracker.scrape(id).0, 2, "and nobody else");
    }
    ann.stop();
    drop((ann, anns));
    let carol = TransmissionDaemon::start(Generation::Here, "10.77.0.13", &json!({}));
    let file = bob.scratch().join("for-carol.torrent");
    bob.run(&["export", &dropped, "-o", file.to_str().unwrap()]).ok();
    carol.rpc("torrent-add", &json!({ "filename": file }));
    until("a bare Transmission downloads it from Bob's", || seeds(&carol, &dropped).then_some(()));

    // Removed by hand: the vote goes. Added by hand: no vote.
    bobs.rpc("torrent-remove", &json!({ "ids": [&clicked], "delete-local-data": true }));
    until("the vote is taken back", || (bob.listed(&clicked)?["upvoted"] == false).then_some(()));
    bob.run(&["export", &clicked, "-o", file.to_str().unwrap()]).ok();
    bobs.rpc("torrent-add", &json!({ "filename": file }));
    until("put back by hand, it is hosted", || seeds(&bobs, &clicked).then_some(()));
    steadily(Duration::from_secs(4), "and is no vote", || {
        bob.listed(&clicked).unwrap()["upvoted"] == false
    });
    until("the node says so", || (bob.listed(&clicked)?["hosting"] == "guest").then_some(()));
}

#[test]
fn transmission_3() {
    if namespace::enter("transmission_3", NETWORK) {
        a_dropped_file_and_a_click_are_votes(Generation::Here);
    }
}

#[test]
fn transmission_4() {
    if namespace::enter("transmission_4", NETWORK) {
        a_dropped_file_and_a_click_are_votes(Generation::Trixie);
    }
}

#[test]
fn many_files_at_once_are_all_votes() {
    if !namespace::enter("many_files_at_once_are_all_votes", NETWORK) {
        return;
    }
    let count: usize =
        std::env::var("UPSEED_VOTES").ok().and_then(|votes| votes.parse().ok()).unwrap_or(200);
    let ann = Person::named("Ann").swarm_listen("10.77.0.11:0");
    let Conversation { ann, root, ids } = Conversation::of(ann, count);
    let (bob, bobs) = with_client("Bob", Generation::Trixie, "10.77.0.12", Some(&ann));
    bob.form("/upseed/settings", &format!("client_budget={count}"));
    let waiting = bob.scratch().join("waiting");
    fs::create_dir(&waiting).unwrap();
    for (n, id) in ids.iter().enumerate() {
        let torrent = ann.call("GET", &format!("/torrents/{id}"), &Value::Null);
        assert_eq!(torrent.status, 200, "{torrent:?}");
        fs::write(waiting.join(format!("{n}.torrent")), torrent.body).unwrap();
    }
    until("Bob knows the thread", || bob.listed(&root));
    let before = bob.peak_memory();
    let start = std::time::Instant::now();
    for n in 0..count {
        let name = format!("{n}.torrent");
        fs::rename(waiting.join(&name), bob.scratch().join("upvotes").join(&name)).unwrap();
    }
    until("every file is a vote", || {
        let left = fs::read_dir(bob.scratch().join("upvotes")).unwrap().filter(|entry| {
            entry.as_ref().unwrap().file_name().to_string_lossy().ends_with(".torrent")
        });
        (left.count() == 0).then_some(())
    });
    println!("{count} dropped files are votes after {:.1} s", start.elapsed().as_secs_f64());
    until("Transmission seeds them all", || {
        let all = bobs.rpc("torrent-get", &json!({ "fields": ["status"] }));
        let seeding = all["torrents"].as_array().unwrap().iter().filter(|t| t["status"] == 6);
        (seeding.count() == count).then_some(())
    });
    println!("{count} dropped files seed after {:.1} s", start.elapsed().as_secs_f64());
    println!("the node's memory: {before} KiB before, {} KiB at most", bob.peak_memory());
}

#[test]
fn of_many_files_dropped_at_once_the_newest_are_in_the_client() {
    let test = "of_many_files_dropped_at_once_the_newest_are_in_the_client";
    if !namespace::enter(test, NETWORK) {
        return;
    }
    let (count, budget) = (90, 12);
    // Each a little newer than the one before it, many of them of the same second.
    let ann = Person::named("Ann").swarm_listen("10.77.0.11:0");
    let Conversation { ann, root, ids } = Conversation::of(ann, count);
    let (mut bob, bobs) = with_client("Bob", Generation::Trixie, "10.77.0.12", Some(&ann));
    bob.form("/upseed/settings", &format!("client_budget={budget}"));
    let waiting = bob.scratch().join("waiting");
    fs::create_dir(&waiting).unwrap();
    let oldest = SystemTime::now() - Duration::from_secs(60);
    for (number, id) in ids.iter().enumerate() {
        let torrent = ann.call("GET", &format!("/torrents/{id}"), &Value::Null);
        let mut file = fs::File::create(waiting.join(format!("{id}.torrent"))).unwrap();
        file.write_all(&torrent.body).unwrap();
        // The system's own clock for files is too coarse to tell them apart.
        file.set_modified(oldest + Duration::from_millis(20 * number as u64)).unwrap();
    }
    until("Bob knows the thread", || bob.listed(&root));
    let upvotes = bob.scratch().join("upvotes");
    // All of them before the first is taken: a vote is as old as its file, in seconds.
    bob.kill9();
    for id in &ids {
        let name = format!("{id}.torrent");
        fs::rename(waiting.join(&name), upvotes.join(&name)).unwrap();
    }
    bob.restart();
    until("every file is a vote, and hosted", || {
        let added = ids.iter().all(|id| upvotes.join(format!("{id}.torrent.added")).exists());
        (added && bob.status()["wanted"] == 0).then_some(())
    });
    let mut newest = ids[count - budget..].to_vec();
    newest.sort();
    let in_client = || {
        let all = bobs.rpc("torrent-get", &json!({ "fields": ["hashString", "status"] }));
        let seeding = all["torrents"].as_array().unwrap().iter().filter(|t| t["status"] == 6);
        let mut ids: Vec<_> =
            seeding.map(|torrent| torrent["hashString"].as_str().unwrap().to_owned()).collect();
        ids.sort();
        ids
    };
    until_is("the newest are in Transmission", newest.clone(), in_client);
    steadily(Duration::from_secs(8), "and stay there", || in_client() == newest);
}

/// It was to be given again when its user removed it, and nobody looked.
#[test]
fn what_was_removed_while_the_node_was_away_is_not_given_again() {
    let test = "what_was_removed_while_the_node_was_away_is_not_given_again";
    if !namespace::enter(test, NETWORK) {
        return;
    }
    let ann = Person::named("Ann").swarm_listen("10.77.0.11:0").start();
    let (mut bob, bobs) = with_client("Bob", Generation::Here, "10.77.0.12", Some(&ann));
    let [gone, stays] = ["Gone", "Stays"].map(|title| ann.post("upseed", title, "A text.\n"));
    for id in [&gone, &stays] {
        until("Bob knows it", || bob.listed(id));
        bob.run(&["upvote", id]).ok();
        until("it is hosted", || hosting(&bob, id));
    }
    // Its text is gone, and cannot be put back.
    let name = bobs.torrent(&gone, &["name"]).unwrap()["name"].as_str().unwrap().to_owned();
    let path = bobs.downloads().join("upseed").join(name);
    fs::remove_file(&path).unwrap();
    fs::create_dir_all(path.join("in the way")).unwrap();
    let later = std::time::SystemTime::now() + Duration::from_secs(60);
    fs::File::open(&path).unwrap().set_modified(later).unwrap();
    until("it cannot be given again", || (bob.listed(&gone)?["hosting"] == "failed").then_some(()));
    bob.kill9();
    bobs.rpc("torrent-remove", &json!({ "ids": [&gone] }));
    fs::remove_dir_all(&path).unwrap();
    // Until then it is due again, so that it is the first thing that the node does.
    steadily(Duration::from_secs(12), "it is gone", || bobs.torrent(&gone, &["id"]).is_none());
    bob.restart();
    until("the vote is taken back", || (bob.listed(&gone)?["upvoted"] == false).then_some(()));
    steadily(Duration::from_secs(8), "and it does not come back", || {
        bobs.torrent(&gone, &["id"]).is_none() && seeds(&bobs, &stays)
    });
    assert_eq!(bob.listed(&stays).unwrap()["upvoted"], true);
}

#[test]
fn a_full_disk_is_told_and_what_was_voted_is_hosted_by_the_engine() {
    if !namespace::enter("a_full_disk_is_told_and_what_was_voted_is_hosted_by_the_engine", NETWORK)
    {
        return;
    }
    for generation in Generation::ALL {
        let ann = Person::named("Ann").swarm_listen("10.77.0.11:0").start();
        let mut daemon = TransmissionDaemon::start(generation, "10.77.0.12", &json!({}));
        daemon.stop();
        namespace::small_disk(&daemon.downloads(), 100 << 10);
        daemon.resume();
        let (bob, bobs) = connected("Bob", daemon, "10.77.0.12", Some(&ann));
        let text = "0123456789abcdef".repeat(4_000);
        let ids: Vec<String> = (0..4)
            .map(|n| ann.post("upseed", &format!("Post {n}"), &format!("{n} {text}")))
            .collect();
        until("Bob knows all", || ids.iter().all(|id| bob.listed(id).is_some()).then_some(()));
        for id in &ids {
            bob.run(&["upvote", id]).ok();
        }
        until("what has room seeds", || ids.iter().any(|id| seeds(&bobs, id)).then_some(()));
        until("the full disk is told", || {
            bob.status()["client_warnings"].to_string().contains("No space left").then_some(())
        });
        let broken = ids.iter().find(|id| !seeds(&bobs, id)).unwrap();
        assert_eq!(bob.listed(broken).unwrap()["upvoted"], true);
        assert!(bob.page("/upseed/me").contains("No space left"), "his own page says so");
        // Ann leaves: only Bob's own engine has it now.
        drop(ann);
        let file = bob.scratch().join("broken.torrent");
        bob.run(&["export", broken, "-o", file.to_str().unwrap()]).ok();
        let (_stock, got) =
            upseed_tests::Stock::download(file.to_str().unwrap(), Some(bob.swarm_addr()));
        assert_eq!(got.text.len(), text.len() + 2);
        // Half a text left in the client's folder would be another's torrent's food.
        let left = fs::read_dir(bobs.downloads().join("upseed")).unwrap();
        let hidden = left.filter(|file| {
            file.as_ref().unwrap().file_name().to_string_lossy().starts_with(".upseed-")
        });
        assert_eq!(hidden.count(), 0, "nothing half-written is left");
    }
}

#[test]
fn nothing_leaves_by_another_address_than_transmissions_and_nothing_when_it_is_gone() {
    let test = "nothing_leaves_by_another_address_than_transmissions_and_nothing_when_it_is_gone";
    if !namespace::enter(test, &["10.77.0.11"]) {
        return;
    }
    interface::home_and_vpn();
    // Whoever is bound to an address leaves its way to the kernel: a VPN takes it while it is up.
    interface::prefer("vpn0");
    let daemon = TransmissionDaemon::start(Generation::Trixie, "10.8.0.2", &json!({}));
    // It would like to listen everywhere and talks to the whole world, were it not for the client.
    let mut ann = Person::named("Ann")
        .swarm_listen("0.0.0.0:0")
        .dht(&["203.0.113.7:6881".parse().unwrap()])
        .lsd()
        .peer_at("203.0.113.8:6881".parse().unwrap())
        .offline();
    ann.run(&["connect", "transmission", "--url", &daemon.url()]).ok();
    let before = sent("home0");
    ann.restart();
    let tracker = "http://203.0.113.9:6969/announce";
    ann.run(&["board", "join", "upseed", "--tracker", tracker]).ok();
    until("its engine goes out by the client's address", || (sent("vpn0").1 > 20).then_some(()));
    assert_eq!(sent("home0"), before, "and by no other");
    ann.post("upseed", "Hidden", "Behind it.\n");

    interface::delete("vpn0");
    let gone = sent("home0");
    steadily(Duration::from_secs(12), "with its address gone, it is silent", || {
        sent("home0") == gone
    });
    ann.stop();
    ann.restart();
    let gone = sent("home0");
    steadily(Duration::from_secs(8), "and after a restart too", || sent("home0") == gone);
    assert_eq!(ann.status()["client"], "transmission");
}
