//! Transmission where people have it: beside the node, in a container, as a service of Debian's; and what
//! is said when something there silences votes.
#![allow(clippy::unwrap_used, missing_docs)]

use std::{
    fs::{self, Permissions},
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown},
    time::Duration,
};

use data_encoding::BASE64;
use serde_json::{Value, json};
use upseed_tests::{
    Generation, Person, Setup, Stock, Tracker, TransmissionDaemon, namespace, steadily, until,
};

const NETWORK: &[&str] = &["10.77.0.1", "10.77.0.11", "10.77.0.12", "10.77.0.13"];

/// Debian's service, and a user who logs in; neither has to have a name.
const SERVICE: (u32, u32) = (1_102, 1_105);
const USER: u32 = 1_000;

fn seeds(daemon: &TransmissionDaemon, id: &str) -> Option<()> {
    let torrent = daemon.torrent(id, &["status", "percentDone"])?;
    (torrent["status"] == 6 && torrent["percentDone"].as_f64() == Some(1.0)).then_some(())
}

fn connected(setup: Setup, daemon: &TransmissionDaemon) -> Person {
    let mut person = setup.offline();
    person.run(&["connect", "transmission", "--url", &daemon.url()]).ok();
    person.restart();
    person
}

/// What clients call an item.
fn file_name(person: &Person, id: &str) -> String {
    let item = person.listed(id).unwrap();
    let (_, name) = item["magnet"].as_str().unwrap().split_once("&dn=").unwrap();
    name.split('&').next().unwrap().to_owned()
}

fn hosting(person: &Person, id: &str) -> Option<Value> {
    person.listed(id).filter(|item| item["hosting"] == "hosting")
}

fn warned(person: &Person, words: &[&str]) -> Option<String> {
    let status = person.status();
    let mut warnings = status["client_warnings"].as_array().unwrap().iter();
    let found = warnings.find(|line| words.iter().all(|word| line.to_string().contains(word)));
    found.map(ToString::to_string)
}

#[test]
fn an_upvote_seeds_in_a_transmission_that_shares_no_folder_with_a_node_as_it_is_started() {
    let test =
        "an_upvote_seeds_in_a_transmission_that_shares_no_folder_with_a_node_as_it_is_started";
    if !namespace::enter(test, NETWORK) {
        return;
    }
    for generation in Generation::ALL {
        // Bound, and free. (3.00 goes to no tracker by IPv4 if only IPv6 is bound.)
        for (bound, six) in [("10.77.0.12", "::1"), ("0.0.0.0", "::")] {
            let ann = Person::named("Ann").swarm_listen("10.77.0.11:0").start();
            let daemon =
                TransmissionDaemon::apart(generation, bound, &json!({ "bind-address-ipv6": six }));
            let bob = connected(Person::named("Bob").everywhere().peer(&ann), &daemon);
            let id = ann.post("upseed", "Far away", &"Fetched from the node.\n".repeat(1_000));
            until("Bob knows it", || bob.listed(&id));
            bob.run(&["upvote", &id]).ok();
            let what = format!("{generation:?} bound to {bound} seeds it");
            until(&what, || seeds(&daemon, &id));
            until("and Bob's node says so", || hosting(&bob, &id));
            until("nothing of the way to the node is left", || {
                (daemon.torrent(&id, &["trackers"])?["trackers"] == json!([])).then_some(())
            });
            assert!(!daemon.downloads().join("upseed").join("x").exists());
        }
    }
}

/// As Debian's package makes it: another user, settings that only its group may read, a password.
#[test]
fn a_service_of_debians_hosts_or_it_is_said_what_to_do() {
    if !namespace::enter_with_users("a_service_of_debians_hosts_or_it_is_said_what_to_do", NETWORK)
    {
        return;
    }
    let ann = Person::named("Ann").swarm_listen("10.77.0.11:0").start();
    let id = ann.post("upseed", "To a service", &"Hosted by another user.\n".repeat(100));
    let (user, group) = SERVICE;
    let daemon = TransmissionDaemon::service(user, group, "secret");
    let url = daemon.url();
    let connect = ["connect", "transmission", "--url", &url, "--user", "transmission"];
    let connect = [&connect[..], &["--password-stdin"]].concat();

    // Not of its group: what it would have to know of it is not to be read.
    let mut bob = Person::named("Bob").peer(&ann).everywhere().user(USER, USER).offline();
    let refused = bob.run(&["connect", "transmission", "--url", &url]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("password"), "{refused:?}");
    let told = bob.run_with(&connect, b"secret\n").ok();
    let said = told.text().to_owned() + &told.stderr;
    let settings = daemon.config().join("settings.json");
    let settings = settings.to_str().unwrap();
    for words in [settings, "Permission denied", "sudo install", "--settings"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    bob.restart();
    until("it is said", || warned(&bob, &[settings, "sudo install", "--settings"]));

    // With a copy that he may read.
    let copy = bob.scratch().join("copy.json");
    fs::copy(settings, &copy).unwrap();
    chown(&copy, Some(USER), None).unwrap();
    fs::set_permissions(&copy, Permissions::from_mode(0o600)).unwrap();
    bob.stop();
    let with_copy = [&connect[..], &["--settings", copy.to_str().unwrap()]].concat();
    bob.run_with(&with_copy, b"secret\n").ok();
    bob.restart();
    assert_eq!(warned(&bob, &["settings.json"]), None);
    until("Bob knows it", || bob.listed(&id));
    bob.run(&["upvote", &id]).ok();
    until("the service seeds it, out of its own folder", || seeds(&daemon, &id));
    until("and Bob's node says so", || hosting(&bob, &id));

    // What is added there by hand is in a torrent file that he may not read.
    let carol = Person::named("Carol").swarm_listen("10.77.0.13:0").start();
    let text = "By hand.\n";
    let other = carol.post("upseed", "By hand", text);
    let name = file_name(&carol, &other);
    fs::write(daemon.downloads().join(&name), text).unwrap();
    let torrent = carol.call("GET", &format!("/torrents/{other}"), &Value::Null);
    daemon.rpc("torrent-add", &json!({ "metainfo": BASE64.encode(&torrent.body) }));
    until("the service seeds it", || seeds(&daemon, &other));
    until("the node has got its header from there: it is a guest", || {
        (bob.listed(&other)?["hosting"] == "guest").then_some(())
    });
    assert_eq!(bob.listed(&other).unwrap()["upvoted"], false);
    bob.run(&["unvote", &id]).ok();
    until("it goes from the service too", || daemon.torrent(&id, &["id"]).is_none().then_some(()));
    drop((bob, daemon));

    // Of its group, which may write where it saves.
    let daemon = TransmissionDaemon::service(user, group, "secret");
    let mut dora = Person::named("Dora").peer(&ann).everywhere().user(USER + 1, group).offline();
    let copy = dora.scratch().join("copy.json");
    fs::copy(daemon.config().join("settings.json"), &copy).unwrap();
    chown(&copy, Some(USER + 1), None).unwrap();
    fs::set_permissions(&copy, Permissions::from_mode(0o600)).unwrap();
    let url = daemon.url();
    let connect = ["connect", "transmission", "--url", &url, "--user", "transmission"];
    let with_copy = ["--password-stdin", "--settings", copy.to_str().unwrap()];
    let told = dora.run_with(&[&connect[..], &with_copy].concat(), b"secret\n").ok();
    assert!(!(told.text().to_owned() + &told.stderr).contains("Warning"), "{}", told.text());
    dora.restart();
    until("Dora knows it", || dora.listed(&id));
    dora.run(&["upvote", &id]).ok();
    until("the service seeds it", || seeds(&daemon, &id));
    until("and Dora's node says so", || hosting(&dora, &id));
    let folder = daemon.downloads().join("upseed");
    let file = fs::read_dir(&folder).unwrap().next().expect("its text is there").unwrap();
    assert_eq!(file.metadata().unwrap().uid(), USER + 1, "put there by the node");
    dora.run(&["unvote", &id]).ok();
    until("nothing is left there", || {
        (daemon.torrent(&id, &["id"]).is_none() && fs::read_dir(&folder).unwrap().count() == 0)
            .then_some(())
    });
    assert_eq!(dora.status()["client_warnings"], json!([]));
}

/// Transmission finds nobody for it; the node asks its board's trackers.
#[test]
fn a_magnet_added_by_hand_is_a_guest_and_an_ordinary_one_is_left_alone() {
    let test = "a_magnet_added_by_hand_is_a_guest_and_an_ordinary_one_is_left_alone";
    if !namespace::enter(test, NETWORK) {
        return;
    }
    // A bootstrap node near here makes a private network. Elsewhere our engine goes out by uTP first, and Transmission 4.1 on
    // the same address was not reached within five minutes.
    let nobody = ["10.77.0.1:9".parse().unwrap()];
    for generation in Generation::ALL {
        let tracker = Tracker::start("10.77.0.1");
        let carol = Person::named("Carol").swarm_listen("10.77.0.13:0").dht(&nobody).start();
        carol.run(&["board", "join", "upseed", "--tracker", &tracker.url()]).ok();
        let id = carol.post("upseed", "By a link", "Its header comes first.\n");
        tracker.allow(&[&id]);
        until("Carol's engine is known to the tracker", || {
            (tracker.scrape(&id).0 == 1).then_some(())
        });
        let daemon = TransmissionDaemon::start(generation, "10.77.0.12", &json!({}));
        let bob =
            connected(Person::named("Bob").swarm_listen("10.77.0.12:0").dht(&nobody), &daemon);
        bob.run(&["board", "join", "upseed", "--tracker", &tracker.url()]).ok();
        let name = file_name(&carol, &id);
        let ordinary = "00112233445566778899aabbccddeeff00112233";
        for (hash, name) in [(&*id, &*name), (ordinary, "Debian+13.iso")] {
            let magnet = format!("magnet:?xt=urn:btih:{hash}&dn={name}");
            daemon.rpc("torrent-add", &json!({ "filename": magnet }));
        }
        until("it is a guest", || (bob.listed(&id)?["hosting"] == "guest").then_some(()));
        until("and Transmission seeds it", || seeds(&daemon, &id));
        assert_eq!(bob.listed(&id).unwrap()["upvoted"], false);
        assert_eq!(tracker.scrape(ordinary), (0, 0));
        steadily(Duration::from_secs(3), "the other one is not fetched", || {
            !bob.log().contains(ordinary)
        });
    }
}

#[test]
fn what_silences_votes_is_told() {
    if !namespace::enter("what_silences_votes_is_told", NETWORK) {
        return;
    }
    for generation in Generation::ALL {
        let script = json!({
            "script-torrent-done-enabled": true,
            "script-torrent-done-filename": "/usr/local/bin/tidy-up",
        });
        let daemon = TransmissionDaemon::start(generation, "10.77.0.12", &script);
        let mut bob = Person::named("Bob").swarm_listen("10.77.0.12:0").offline();
        let watch = bob.scratch().join("upvotes");
        let named = watch.to_str().unwrap().to_owned();
        bob.run(&["connect", "transmission", "--url", &daemon.url(), "--watch", &named]).ok();
        bob.restart();
        let script = until("the script is told", || {
            warned(&bob, &["/usr/local/bin/tidy-up", "script-torrent-done-enabled", "Turn it off"])
        });
        assert!(bob.page("/upseed/me").contains("tidy-up"), "his own page says so: {script}");

        // Stopped by hand: it stays so, also when the node was away.
        let id = bob.post("upseed", "Stopped", "Not now.\n");
        until("Transmission seeds it", || seeds(&daemon, &id));
        assert_eq!(warned(&bob, &["stopped"]), None);
        daemon.rpc("torrent-stop", &json!({ "ids": [&id] }));
        let stopped = || {
            warned(
                &bob,
                &["are stopped in Transmission", "stopped.", "does not seed", "Start them"],
            )
        };
        until("that it is stopped is told", stopped);
        bob.kill9();
        bob.restart();
        until("and again", || warned(&bob, &["are stopped in Transmission"]));
        steadily(Duration::from_secs(4), "nobody starts it", || {
            daemon.torrent(&id, &["status"]).unwrap()["status"] == 0
        });
        daemon.rpc("torrent-start", &json!({ "ids": [&id] }));
        until("started, it is said no more", || warned(&bob, &["stopped"]).is_none().then_some(()));

        // The watch folder is gone, then cannot be written, and works again by itself.
        assert_eq!(warned(&bob, &["watch folder"]), None);
        fs::remove_dir(&watch).unwrap();
        until("that the folder is gone is told", || {
            warned(&bob, &[&named, "No such file", "Create it again", "--watch"])
        });
        fs::create_dir(&watch).unwrap();
        until("made again, it is used", || warned(&bob, &["watch folder"]).is_none().then_some(()));
        let ann = Person::named("Ann").swarm_listen("10.77.0.11:0").start();
        let dropped = ann.post("upseed", "Dropped", "By file.\n");
        let file = ann.scratch().join("mail.torrent");
        ann.run(&["export", &dropped, "-o", file.to_str().unwrap()]).ok();
        fs::copy(&file, watch.join("mail.torrent")).unwrap();
        until("what is dropped there is a vote", || {
            watch.join("mail.torrent.added").exists().then_some(())
        });
        assert_eq!(bob.listed(&dropped).unwrap()["upvoted"], true);
    }
}

/// It seeds in its own word, and its settings keep it from giving anything: by a limit of the torrent's, and by one of which
/// it tells.
#[test]
fn one_that_gives_nothing_hosts_nothing() {
    if !namespace::enter("one_that_gives_nothing_hosts_nothing", NETWORK) {
        return;
    }
    for generation in Generation::ALL {
        let nobody = json!({ "peer-limit-per-torrent": 0 });
        let daemon = TransmissionDaemon::start(generation, "10.77.0.12", &nobody);
        let bob = connected(Person::named("Bob").swarm_listen("10.77.0.12:0"), &daemon);
        let id = bob.post("upseed", &format!("Kept by {generation:?}"), "Who has it?\n");
        until("it calls itself seeding", || seeds(&daemon, &id));
        until("that nobody gets it from there is told", || {
            warned(&bob, &["gave Upseed", "10.77.0.12:26891", "Upseed's own engine hosts"])
        });
        let handed = || (bob.listed(&id)?["hosting"] == "handed").then_some(());
        until("it does not stand as hosted there", handed);
        let file = bob.scratch().join("for-a-stranger.torrent");
        bob.run(&["export", &id, "-o", file.to_str().unwrap()]).ok();
        let (_stranger, got) = Stock::download(file.to_str().unwrap(), Some(bob.swarm_addr()));
        assert_eq!(got.text, b"Who has it?\n");

        daemon.rpc("torrent-set", &json!({ "ids": [&id], "peer-limit": 50 }));
        until("it is hosted there again", || hosting(&bob, &id));
        assert_eq!(warned(&bob, &["gave Upseed"]), None);

        let turtle = |on: bool| {
            daemon.rpc("session-set", &json!({ "alt-speed-enabled": on, "alt-speed-up": 0 }));
        };
        turtle(true);
        until("a limit that it tells of is told", || warned(&bob, &["turtle", "engine hosts"]));
        until("it does not stand as hosted there", handed);
        turtle(false);
        until("it is hosted there again", || hosting(&bob, &id));
    }
}

/// Added by hand without its file, it calls itself seeding at once; a vote has it downloaded.
#[test]
fn what_is_not_downloaded_is_not_hosted() {
    if !namespace::enter("what_is_not_downloaded_is_not_hosted", NETWORK) {
        return;
    }
    let ann = Person::named("Ann").swarm_listen("10.77.0.11:0").start();
    for generation in Generation::ALL {
        let daemon = TransmissionDaemon::start(generation, "10.77.0.12", &json!({}));
        let bob = connected(Person::named("Bob").swarm_listen("10.77.0.12:0").peer(&ann), &daemon);
        let id = ann.post("upseed", &format!("Left out of {generation:?}"), "Who has it?\n");
        until("Bob has its text", || bob.listed(&id)?["text"].as_str().map(drop));
        let file = bob.scratch().join("by-hand.torrent");
        bob.run(&["export", &id, "-o", file.to_str().unwrap()]).ok();
        let metainfo = BASE64.encode(&fs::read(&file).unwrap());
        daemon.rpc("torrent-add", &json!({ "metainfo": metainfo, "files-unwanted": [0] }));
        until("Transmission has it", || daemon.torrent(&id, &["id"]));
        bob.run(&["upvote", &id]).ok();
        until("it is hosted there", || hosting(&bob, &id));
        let fields = ["haveValid", "totalSize", "wanted"];
        let told = daemon.torrent(&id, &fields).unwrap();
        assert_eq!(told["haveValid"], told["totalSize"], "{told}");
    }
}

#[test]
fn a_watch_folder_that_cannot_be_written_is_told() {
    if !namespace::enter("a_watch_folder_that_cannot_be_written_is_told", NETWORK) {
        return;
    }
    let mut bob = Person::named("Bob").swarm_listen("10.77.0.12:0").offline();
    let watch = bob.scratch().join("upvotes");
    fs::create_dir(&watch).unwrap();
    let named = watch.to_str().unwrap().to_owned();
    namespace::read_only(&watch);
    bob.change(|setup| setup.arg("--watch").arg(&named));
    bob.restart();
    until("that it cannot be written is told", || {
        warned(&bob, &[&named, "Read-only file system", "read and write it"])
    });
}
