//! A client that says that it seeds, and gives nothing to anybody.

use std::{fs, os::unix::fs::MetadataExt as _};

use serde_json::{Value, json};
use upseed_tests::{Generation, Person, QBittorrent, Stock, namespace, until, until_is};

use crate::{NETWORK, hosting};

fn warned(person: &Person, words: &[&str]) -> Option<()> {
    let told = person.status()["client_warnings"].clone();
    let all = told.as_array().unwrap().iter().filter_map(Value::as_str);
    all.into_iter().any(|told| words.iter().all(|word| told.contains(word))).then_some(())
}

fn connected(client: &QBittorrent) -> Person {
    let mut person = Person::named("Bob").swarm_listen("10.77.0.12:0").offline();
    person.connect(client);
    person.restart();
    person
}

/// It calls itself seeding, and what was posted is given by the node's own engine, which says why.
fn is_hosted_beside(bob: &Person, bobs: &QBittorrent, id: &str) {
    assert!(bobs.seeds(id), "it says that it seeds: {:?}", bobs.state(id));
    until("that nobody gets it from there is told", || {
        warned(bob, &["gave Upseed", "10.77.0.12", "Upseed's own engine hosts"])
    });
    until("it does not stand as hosted there", || {
        (bob.listed(id)?["hosting"] == "handed").then_some(())
    });
    let file = bob.scratch().join("for-a-stranger.torrent");
    bob.run(&["export", id, "-o", file.to_str().unwrap()]).ok();
    let (_stranger, got) = Stock::download(file.to_str().unwrap(), Some(bob.swarm_addr()));
    assert_eq!(got.text, b"Who has it?\n");
}

fn is_hosted_there_again(bob: &Person, id: &str) {
    until("it is hosted there again", || hosting(bob, id));
    assert_eq!(bob.status()["client_warnings"], json!([]));
}

#[test]
fn a_paused_session_hosts_nothing() {
    if !namespace::enter("silent::a_paused_session_hosts_nothing", NETWORK) {
        return;
    }
    let mut bobs = QBittorrent::tame(Generation::Trixie, "10.77.0.12", "");
    let bob = connected(&bobs);
    let id = bob.post("upseed", "Paused", "Who has it?\n");
    until("it is hosted there", || hosting(&bob, &id));
    starts_paused(&mut bobs, true);
    until("it calls itself seeding again", || bobs.seeds(&id).then_some(()));
    is_hosted_beside(&bob, &bobs, &id);
    starts_paused(&mut bobs, false);
    is_hosted_there_again(&bob, &id);
}

/// Starts it again with "Pause session" on or off.
fn starts_paused(client: &mut QBittorrent, paused: bool) {
    client.stop();
    let file = client.profile().join("qBittorrent/config/qBittorrent.conf");
    let config = fs::read_to_string(&file).unwrap();
    let others = config.lines().filter(|line| !line.contains("StartPaused"));
    let config: Vec<&str> = others.collect();
    let section = format!("[BitTorrent]\nSession\\StartPaused={paused}");
    fs::write(&file, config.join("\n").replace("[BitTorrent]", &section)).unwrap();
    client.start();
}

#[test]
fn a_filter_that_keeps_everybody_out_is_seen() {
    if !namespace::enter("silent::a_filter_that_keeps_everybody_out_is_seen", NETWORK) {
        return;
    }
    for generation in Generation::ALL {
        let bobs = QBittorrent::tame(generation, "10.77.0.12", "");
        let mut bob = connected(&bobs);
        let first = bob.post("upseed", &format!("First {generation:?}"), "Given.\n");
        until("it is hosted there", || hosting(&bob, &first));
        bobs.set(&json!({ "banned_IPs": NETWORK.join("\n") }));
        // The client that comes back is looked at soon, and not only after some minutes.
        bob.stop();
        bob.restart();
        let id = bob.post("upseed", &format!("Kept {generation:?}"), "Who has it?\n");
        until("it calls itself seeding", || bobs.seeds(&id).then_some(()));
        is_hosted_beside(&bob, &bobs, &id);
        bobs.set(&json!({ "banned_IPs": "" }));
        is_hosted_there_again(&bob, &id);
    }
}

/// By a pattern that people have against images and the like.
#[test]
fn what_is_excluded_by_its_name_is_downloaded_all_the_same() {
    let test = "silent::what_is_excluded_by_its_name_is_downloaded_all_the_same";
    if !namespace::enter(test, NETWORK) {
        return;
    }
    for generation in Generation::ALL {
        // It shares no folder with the node: else the text is there, wanted or not.
        let bobs = QBittorrent::elsewhere(generation);
        bobs.set(&json!({ "excluded_file_names_enabled": true, "excluded_file_names": "*.md" }));
        let mut bob = Person::named("Bob").swarm_listen("10.99.0.1:0").offline();
        bob.connect(&bobs);
        bob.restart();
        let id = bob.post("upseed", &format!("Excluded {generation:?}"), "Who has it?\n");
        until("it is hosted there", || hosting(&bob, &id));
        assert_eq!(bobs.torrent(&id).unwrap()["progress"], 1, "it has the text");
        // It may have been said before the file was selected.
        until_is("nothing is said of it any more", None, || warned(&bob, &["does not download"]));
    }
}

/// Two users of one group, and a node whose files nobody else may read.
#[test]
fn a_client_of_another_user_reads_what_is_put_there() {
    let test = "silent::a_client_of_another_user_reads_what_is_put_there";
    if !namespace::enter_with_users(test, NETWORK) {
        return;
    }
    let group = 1_105;
    let bobs = QBittorrent::service("10.77.0.12", 1_102, group);
    let person = Person::named("Bob").swarm_listen("10.77.0.12:0");
    let mut bob = person.user(1_000, group).umask("077").offline();
    bob.connect(&bobs);
    bob.restart();
    let first = bob.post("upseed", "First", "Makes the folder.\n");
    until("it is hosted there", || hosting(&bob, &first));
    let folder = bobs.save_path().join("upseed");
    assert_eq!(fs::metadata(&folder).unwrap().uid(), 1_102, "the client made it");
    let second = bob.post("upseed", "Second", "Put into it.\n");
    until("so is what is put there", || hosting(&bob, &second));
    let name = bobs.torrent(&second).unwrap()["name"].as_str().unwrap().to_owned();
    let file = fs::metadata(folder.join(name)).unwrap();
    assert_eq!((file.uid(), file.mode() & 0o777), (1_000, 0o644), "the node put it there");
    assert_eq!(bob.status()["client_warnings"], json!([]));
}
