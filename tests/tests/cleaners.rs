//! Tools that clear up in a client, as qbit_manage, Cleanuparr and autoremove-torrents do, and the client's own limits: whatever
//! they do by the client's API or on its disk takes no vote back.
#![allow(clippy::unwrap_used, missing_docs)]

use std::{fs, path::PathBuf, time::Duration};

use serde_json::{Value, json};
use upseed_tests::{
    Clock, Deluge, Generation, Person, QBittorrent, Stock, TransmissionDaemon, namespace, steadily,
    until, until_is,
};

const NETWORK: &[&str] = &["10.77.0.11", "10.77.0.12"];
const ADDRESS: &str = "10.77.0.12";

#[derive(Clone, Copy)]
enum Kind {
    QBittorrent,
    Transmission,
    Deluge,
}

/// Bob's client, and his node, which may run inside it.
enum Home {
    QBittorrent(Box<Person>, Box<QBittorrent>),
    Transmission(Box<Person>, Box<TransmissionDaemon>),
    Deluge(Box<Deluge>),
}

impl Home {
    fn of(kind: Kind, generation: Generation, ann: &Person) -> Self {
        let bob = || Person::named("Bob").swarm_listen(&format!("{ADDRESS}:0")).peer(ann).offline();
        match kind {
            Kind::QBittorrent => {
                let client = QBittorrent::tame(generation, ADDRESS, "");
                let mut bob = bob();
                bob.connect(&client);
                bob.restart();
                Self::QBittorrent(Box::new(bob), Box::new(client))
            }
            Kind::Transmission => {
                let client = TransmissionDaemon::start(generation, ADDRESS, &json!({}));
                let mut bob = bob();
                bob.run(&["connect", "transmission", "--url", &client.url()]).ok();
                bob.restart();
                Self::Transmission(Box::new(bob), Box::new(client))
            }
            Kind::Deluge => {
                let peers = json!([ann.swarm_addr().to_string()]);
                let mut deluge = Deluge::of(generation)
                    .core("listen_interface", json!(ADDRESS))
                    .upseed("peers", peers)
                    .start();
                deluge.enable();
                deluge.keeps_plugins(&["Upseed"]);
                Self::Deluge(Box::new(deluge))
            }
        }
    }

    fn json(&self, args: &[&str]) -> Value {
        match self {
            Self::QBittorrent(bob, _) | Self::Transmission(bob, _) => bob.json(args),
            Self::Deluge(deluge) => deluge.upseed(args),
        }
    }

    fn listed(&self, id: &str) -> Option<Value> {
        self.json(&["top"]).as_array()?.iter().find(|item| item["id"] == id).cloned()
    }

    fn is_upvoted(&self, id: &str) -> bool {
        self.listed(id).is_some_and(|item| item["upvoted"] == true)
    }

    /// The ids in one list of what was removed.
    fn removed(&self, list: &str) -> Vec<String> {
        let told = self.json(&["removed"]);
        let ids = told[list].as_array().unwrap().iter();
        let mut ids: Vec<_> =
            ids.map(|one| one["item"]["id"].as_str().unwrap().to_owned()).collect();
        ids.sort_unstable();
        ids
    }

    /// As a tool does it, in one request if its API can.
    fn remove(&mut self, ids: &[String], with_files: bool) {
        match self {
            Self::QBittorrent(_, client) => {
                let files = if with_files { "true" } else { "false" };
                client
                    .post("torrents/delete", &[("hashes", &ids.join("|")), ("deleteFiles", files)]);
            }
            Self::Transmission(_, client) => {
                let arguments = json!({ "ids": ids, "delete-local-data": with_files });
                client.rpc("torrent-remove", &arguments);
            }
            Self::Deluge(deluge) => {
                deluge.call("core.remove_torrents", json!([ids, with_files]));
            }
        }
    }

    fn seeds(&mut self, id: &str) -> bool {
        match self {
            Self::QBittorrent(_, client) => client.seeds(id),
            Self::Transmission(_, client) => {
                let told = client.torrent(id, &["status", "percentDone"]);
                told.is_some_and(|it| it["status"] == 6 && it["percentDone"] == 1.0)
            }
            Self::Deluge(deluge) => {
                deluge.torrent(id, &["state"]).is_some_and(|told| told["state"] == "Seeding")
            }
        }
    }

    fn kill_and_restart(&mut self) {
        match self {
            Self::QBittorrent(bob, _) | Self::Transmission(bob, _) => {
                bob.kill9();
                bob.restart();
            }
            Self::Deluge(deluge) => {
                deluge.kill();
                deluge.start();
                deluge.running();
            }
        }
    }

    /// Where the client keeps the text of an item.
    fn file(&mut self, id: &str) -> PathBuf {
        let name = |told: Value| told["name"].as_str().unwrap().to_owned();
        let (folder, name) = match self {
            Self::QBittorrent(_, client) => (client.save_path(), name(client.torrent(id).unwrap())),
            Self::Transmission(_, client) => {
                (client.downloads(), name(client.torrent(id, &["name"]).unwrap()))
            }
            Self::Deluge(deluge) => {
                (deluge.downloads(), name(deluge.torrent(id, &["name"]).unwrap()))
            }
        };
        folder.join("upseed").join(name)
    }

    /// Upvotes what Ann posted.
    fn hosts(&mut self, ids: &[String]) {
        until("Bob knows all", || ids.iter().all(|id| self.listed(id).is_some()).then_some(()));
        let args = ["upvote", "--wait"].into_iter().chain(ids.iter().map(String::as_str));
        self.json(&args.collect::<Vec<_>>());
        for id in ids {
            until("his client seeds it", || self.seeds(id).then_some(()));
        }
    }
}

fn posts(ann: &Person, count: usize) -> Vec<String> {
    (0..count).map(|n| ann.post("upseed", &format!("Post {n}"), &format!("Text {n}.\n"))).collect()
}

fn votes(person: &Person, id: &str) -> Value {
    person.listed(id).map_or(Value::Null, |item| item["votes"].clone())
}

fn sorted(ids: &[String]) -> Vec<String> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids
}

fn a_cleaner_is_asked_about(kind: Kind, generation: Generation) {
    let ann = Person::named("Ann").swarm_listen("10.77.0.11:0").start();
    let ids = posts(&ann, 8);
    let mut home = Home::of(kind, generation, &ann);
    home.hosts(&ids);
    for id in &ids {
        until_is("Ann counts his vote", json!(1), || votes(&ann, id));
    }

    // At once, with files.
    home.remove(&ids[..5], true);
    until_is("he is asked about all of them", sorted(&ids[..5]), || home.removed("asked"));
    assert_eq!(home.removed("undoable"), [""; 0]);
    assert_eq!(home.json(&["status"])["asked"], 5);
    assert!(ids.iter().all(|id| home.is_upvoted(id)), "the votes stand");
    if let Home::QBittorrent(bob, _) | Home::Transmission(bob, _) = &home {
        assert!(bob.page("/upseed/me").contains("5 upvoted posts are missing there."));
        let file = bob.scratch().join("gone.torrent");
        bob.run(&["export", &ids[0], "-o", file.to_str().unwrap()]).ok();
        let from = Some(bob.swarm_addr());
        let (_stock, got) = Stock::download(file.to_str().unwrap(), from);
        assert_eq!(got.text, b"Text 0.\n", "his node hosts it meanwhile");
    }
    home.json(&["removed", "--put-back"]);
    for id in &ids[..5] {
        until("it is put back", || home.seeds(id).then_some(()));
    }
    assert_eq!(home.removed("asked"), [""; 0]);

    // One by one, without files; the node dies in between.
    for id in &ids[..3] {
        home.remove(std::slice::from_ref(id), false);
        until("it counts as unvoted here", || (!home.is_upvoted(id)).then_some(()));
    }
    assert_eq!(home.removed("undoable"), sorted(&ids[..3]));
    home.kill_and_restart();
    assert_eq!(home.removed("undoable"), sorted(&ids[..3]));
    assert!(ids[..3].iter().all(|id| !home.is_upvoted(id)));
    until("his client seeds the others", || home.seeds(&ids[3]).then_some(()));
    home.remove(&ids[3..4], false);
    until_is("the first are in the question, too", sorted(&ids[..4]), || home.removed("asked"));
    assert!(ids.iter().all(|id| home.is_upvoted(id)), "the votes stand");
    for id in &ids {
        assert_eq!(votes(&ann, id), 1, "and nobody else ever heard otherwise");
    }
    home.json(&["removed", "--let-go"]);
    for id in &ids[..4] {
        until_is("what he lets go of is taken back", json!(0), || votes(&ann, id));
    }

    // One alone is its user's doing, and can be undone.
    home.remove(&ids[4..5], true);
    until("it counts as unvoted here", || (!home.is_upvoted(&ids[4])).then_some(()));
    assert_eq!(home.removed("asked"), [""; 0]);
    home.json(&["removed", "--put-back", &ids[4]]);
    until("it is put back", || (home.seeds(&ids[4]) && home.is_upvoted(&ids[4])).then_some(()));
    assert_eq!(home.removed("undoable"), [""; 0]);
    assert_eq!(votes(&ann, &ids[4]), 1);
}

macro_rules! with_each {
    ($test:ident: $($name:ident $kind:ident $generation:ident),*) => {$(
        #[test]
        fn $name() {
            if namespace::enter(stringify!($name), NETWORK) {
                $test(Kind::$kind, Generation::$generation);
            }
        }
    )*};
}

with_each!(a_cleaner_is_asked_about:
    a_cleaner_in_qbittorrent_4_is_asked_about QBittorrent Here,
    a_cleaner_in_qbittorrent_5_is_asked_about QBittorrent Trixie,
    a_cleaner_in_transmission_3_is_asked_about Transmission Here,
    a_cleaner_in_transmission_4_is_asked_about Transmission Trixie,
    a_cleaner_in_deluge_2_0_is_asked_about Deluge Here,
    a_cleaner_in_deluge_2_1_is_asked_about Deluge Trixie);

fn moved_files_come_back(kind: Kind, generation: Generation) {
    let ann = Person::named("Ann").swarm_listen("10.77.0.11:0").start();
    let ids = posts(&ann, 5);
    let mut home = Home::of(kind, generation, &ann);
    home.hosts(&ids);
    let orphans = tempfile::tempdir().unwrap();
    let files: Vec<_> = ids[..3].iter().map(|id| home.file(id)).collect();
    for file in &files {
        fs::copy(file, orphans.path().join(file.file_name().unwrap())).unwrap();
        fs::remove_file(file).unwrap();
    }
    for (id, file) in ids.iter().zip(&files) {
        until("its text is there again", || file.exists().then_some(()));
        until("and seeds", || home.seeds(id).then_some(()));
        until("the node says so", || (home.listed(id)?["hosting"] == "hosting").then_some(()));
    }
    assert!(ids.iter().all(|id| home.is_upvoted(id)), "the votes stand");
    assert_eq!((home.removed("asked"), home.removed("undoable")), (vec![], vec![]));
}

with_each!(moved_files_come_back:
    files_moved_from_qbittorrent_4_come_back QBittorrent Here,
    files_moved_from_qbittorrent_5_come_back QBittorrent Trixie,
    files_moved_from_transmission_3_come_back Transmission Here,
    files_moved_from_transmission_4_come_back Transmission Trixie,
    files_moved_from_deluge_2_0_come_back Deluge Here,
    files_moved_from_deluge_2_1_come_back Deluge Trixie);

fn a_share_limit_is_asked_about(kind: Kind, generation: Generation) {
    let ann = Person::named("Ann").swarm_listen("10.77.0.11:0").start();
    let ids = posts(&ann, 3);
    let mut home = Home::of(kind, generation, &ann);
    home.hosts(&ids);
    match &mut home {
        Home::QBittorrent(_, client) => {
            client.set(&json!({ "max_ratio_act": 1 }));
            let limits = [
                ("hashes", ids[0].as_str()),
                ("ratioLimit", "0"),
                ("seedingTimeLimit", "-1"),
                ("inactiveSeedingTimeLimit", "-1"),
                ("shareLimitAction", "Default"),
            ];
            client.post("torrents/setShareLimits", &limits);
            steadily(Duration::from_secs(15), "what is forced has no limits", || {
                client.torrent(&ids[0]).is_some()
            });
            // A tool that resumes what it has changed forces it no more.
            client.post("torrents/setForceStart", &[("hashes", &ids[0]), ("value", "false")]);
        }
        Home::Deluge(deluge) => {
            let limits =
                json!({ "stop_at_ratio": true, "stop_ratio": 0.0, "remove_at_ratio": true });
            deluge.call("core.set_torrent_options", json!([[&ids[0]], limits]));
        }
        Home::Transmission(..) => unreachable!("it only stops what reaches a limit"),
    }
    until_is("he is asked about the one", vec![ids[0].clone()], || home.removed("asked"));
    let told = home.json(&["removed"]);
    assert!(told["asked"][0]["why"].as_str().unwrap().contains("share limit"), "{told}");
    assert!(home.is_upvoted(&ids[0]));
    home.json(&["removed", "--put-back"]);
    until("it is put back", || home.seeds(&ids[0]).then_some(()));
    steadily(Duration::from_secs(15), "and without the limit", || home.seeds(&ids[0]));
}

with_each!(a_share_limit_is_asked_about:
    a_share_limit_of_qbittorrent_4_is_asked_about QBittorrent Here,
    a_share_limit_of_qbittorrent_5_is_asked_about QBittorrent Trixie,
    a_share_limit_of_deluge_2_0_is_asked_about Deluge Here,
    a_share_limit_of_deluge_2_1_is_asked_about Deluge Trixie);

/// Others hear of a removal when ten minutes are over, and of its undoing.
#[test]
fn a_removal_is_published_when_no_more_can_follow() {
    if !namespace::enter("a_removal_is_published_when_no_more_can_follow", NETWORK) {
        return;
    }
    let ann = Person::named("Ann").swarm_listen("10.77.0.11:0").start();
    let ids = posts(&ann, 5);
    let client = QBittorrent::tame(Generation::Here, ADDRESS, "");
    let scratch = tempfile::tempdir().unwrap();
    let clock = Clock::new(scratch.path());
    // Wrong by less than ten minutes either way, so that neither takes what the other dates for the future's.
    clock.set_off(-500);
    let setup = Person::named("Bob").swarm_listen(&format!("{ADDRESS}:0")).peer(&ann);
    let mut bob = clock.shown_to(setup).offline();
    bob.connect(&client);
    bob.restart();
    let mut home = Home::QBittorrent(Box::new(bob), Box::new(client));
    home.hosts(&ids);
    until_is("Ann counts his vote", json!(1), || votes(&ann, &ids[0]));
    home.remove(&ids[..1], true);
    until("it counts as unvoted here", || (!home.is_upvoted(&ids[0])).then_some(()));
    steadily(Duration::from_secs(15), "Ann hears nothing of it", || votes(&ann, &ids[0]) == 1);
    clock.set_off(150);
    until_is("Ann hears of it then", json!(0), || votes(&ann, &ids[0]));
    assert_eq!(home.removed("undoable"), [ids[0].clone()], "it can be undone for an hour");
    home.json(&["removed", "--put-back", &ids[0]]);
    until("it is put back", || home.seeds(&ids[0]).then_some(()));
    until_is("Ann hears of that", json!(1), || votes(&ann, &ids[0]));
    assert_eq!(home.removed("undoable"), [""; 0]);
}
