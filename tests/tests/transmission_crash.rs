//! `kill -9` of a node and of its Transmission at any moment, while files are dropped and votes are
//! cast: each thing is done once, and nothing is done by hand that these should do by themselves.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use serde_json::{Value, json};
use upseed_store::Store;
use upseed_tests::{
    Dice, Generation, Person, TransmissionDaemon, binary, namespace, steadily, until,
};

const NETWORK: &[&str] = &["10.77.0.11", "10.77.0.12"];

/// Kills of each generation.
const KILLS: usize = 40;

const SEED: u64 = 0x5eed_0005;

/// Files dropped, votes cast, and what nobody votes for.
const DROPPED: usize = 20;
const VOTED: usize = 14;
const LEFT: usize = 3;

/// Of each kind, those that are hosted before the first kill.
const BEFORE: usize = 4;

fn seeding(daemon: &TransmissionDaemon) -> BTreeSet<String> {
    let told = daemon.rpc("torrent-get", &json!({ "fields": ["hashString", "status"] }));
    let torrents = told["torrents"].as_array().unwrap().iter();
    let all: Vec<_> = torrents.filter(|torrent| torrent["status"] == 6).collect();
    all.into_iter().map(|torrent| torrent["hashString"].as_str().unwrap().to_owned()).collect()
}

fn listed(daemon: &TransmissionDaemon) -> Vec<String> {
    let told = daemon.rpc("torrent-get", &json!({ "fields": ["hashString"] }));
    let hash = |torrent: &Value| torrent["hashString"].as_str().unwrap().to_owned();
    let mut all: Vec<_> = told["torrents"].as_array().unwrap().iter().map(hash).collect();
    all.sort();
    all
}

/// What the user does meanwhile.
struct Hand {
    data: PathBuf,
    watch: PathBuf,
}

impl Hand {
    fn drop_file(&self, from: &Path) {
        fs::rename(from, self.watch.join(from.file_name().unwrap())).unwrap();
    }

    /// A command that did not come through is typed again, as people do.
    fn vote(&self, command: &str, id: &str) {
        until(&format!("{command} {id} is taken"), || {
            let told = Command::new(binary())
                .args([command, id, "--data"])
                .arg(&self.data)
                .stdin(Stdio::null())
                .output()
                .unwrap();
            told.status.success().then_some(())
        });
    }
}

/// The user removes one in Transmission, which has done so before anybody is killed.
fn remove_by_hand(daemon: &TransmissionDaemon, id: &str) {
    // Just started, it does not know its own list yet.
    until(&format!("Transmission lists {id}"), || {
        listed(daemon).iter().find(|it| *it == id).cloned()
    });
    daemon.rpc("torrent-remove", &json!({ "ids": [id], "delete-local-data": true }));
    until(&format!("Transmission keeps nothing of {id}"), || {
        let kept = fs::read_dir(daemon.config().join("torrents")).unwrap();
        let mut names = kept.map(|file| file.unwrap().file_name().to_string_lossy().into_owned());
        (!names.any(|name| name.contains(&id[..16])) && !listed(daemon).iter().any(|it| it == id))
            .then_some(())
    });
}

fn killed_at_any_moment(generation: Generation) {
    let seed = Dice::seed(SEED);
    let mut dice = Dice::new(seed);
    let ann = Person::named("Ann").swarm_listen("10.77.0.11:0").start();
    let mut daemon = TransmissionDaemon::start(generation, "10.77.0.12", &json!({}));
    let mut bob = Person::named("Bob").swarm_listen("10.77.0.12:0").peer(&ann).offline();
    let watch = bob.scratch().join("upvotes");
    bob.run(&["connect", "transmission", "--url", &daemon.url()]).ok();
    bob.change(|setup| setup.arg("--watch").arg(watch.to_str().unwrap()));
    bob.restart();

    let text = "Whatever happens.\n".repeat(500);
    let post = |kind: &str, n: usize| ann.post("upseed", &format!("{kind} {n}"), &text);
    let dropped: Vec<String> = (0..DROPPED).map(|n| post("Dropped", n)).collect();
    let voted: Vec<String> = (0..VOTED).map(|n| post("Voted", n)).collect();
    let left: Vec<String> = (0..LEFT).map(|n| post("Left", n)).collect();
    let waiting = bob.scratch().join("waiting");
    fs::create_dir(&waiting).unwrap();
    let file = |n: usize| waiting.join(format!("{n}.torrent"));
    for (n, id) in dropped.iter().enumerate() {
        ann.run(&["export", id, "-o", file(n).to_str().unwrap()]).ok();
    }
    let all = || dropped.iter().chain(&voted).chain(&left);
    until("Bob knows all", || {
        let top = bob.top();
        all().all(|id| top.iter().any(|item| item["id"] == **id)).then_some(())
    });

    let hand = Hand { data: bob.data().to_owned(), watch: watch.clone() };
    (0..BEFORE).for_each(|n| hand.drop_file(&file(n)));
    voted[..BEFORE].iter().for_each(|id| hand.vote("upvote", id));
    let first = || dropped[..BEFORE].iter().chain(&voted[..BEFORE]);
    until("the first are hosted", || {
        let top = bob.top();
        let is_hosted =
            |id: &String| top.iter().any(|item| item["id"] == **id && item["hosting"] == "hosting");
        (first().all(is_hosted) && seeding(&daemon).len() == 2 * BEFORE).then_some(())
    });

    // Removed in Transmission with the node watching, and with the node down; and by command.
    let gone = [&dropped[0], &voted[0], &voted[1]];
    thread::scope(|scope| {
        let busy = scope.spawn(|| {
            let mut dice = Dice::new(seed ^ 1);
            let mut files = (BEFORE..DROPPED).peekable();
            let mut votes = voted[BEFORE..].iter().peekable();
            while files.peek().is_some() || votes.peek().is_some() {
                thread::sleep(Duration::from_millis(dice.below(3_000) as u64));
                for _ in 0..=dice.below(2) {
                    if dice.below(2) == 0 {
                        files.next().into_iter().for_each(|n| hand.drop_file(&file(n)));
                    } else {
                        votes.next().into_iter().for_each(|id| hand.vote("upvote", id));
                    }
                }
            }
            hand.vote("unvote", gone[2]);
        });
        let mut kills = 0;
        while kills < KILLS || !busy.is_finished() {
            kills += 1;
            if kills == KILLS / 3 {
                remove_by_hand(&daemon, gone[0]);
            }
            let pause = if dice.below(4) == 0 { 4_000 } else { 900 };
            thread::sleep(Duration::from_millis(dice.below(pause) as u64));
            let which = dice.below(3);
            if which != 1 {
                bob.kill9();
            }
            if which != 0 {
                daemon.kill();
                thread::sleep(Duration::from_millis(dice.below(700) as u64));
                daemon.resume();
            }
            if which != 1 {
                if kills > KILLS / 2 && listed(&daemon).contains(gone[1]) {
                    remove_by_hand(&daemon, gone[1]);
                }
                bob.restart();
            }
        }
        println!("{generation:?}: {kills} kills");
        busy.join().unwrap();
    });

    let wanted: BTreeSet<String> =
        dropped.iter().chain(&voted).filter(|id| !gone.contains(id)).cloned().collect();
    let is_so = || {
        let files = (0..DROPPED).all(|n| watch.join(format!("{n}.torrent.added")).exists());
        let top = bob.top();
        let with = |is_so: &dyn Fn(&Value) -> bool| -> BTreeSet<String> {
            let found = top.iter().filter(|item| is_so(item));
            found.map(|item| item["id"].as_str().unwrap().to_owned()).collect()
        };
        let upvoted = with(&|item| item["upvoted"] == true);
        let hosting = with(&|item| !item["hosting"].is_null());
        let hosted = with(&|item| item["hosting"] == "hosting");
        (files, upvoted, hosting, hosted, seeding(&daemon), listed(&daemon))
    };
    let mut last = None;
    let settled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        until("everything is as it should be", || {
            let now = is_so();
            let (files, upvoted, hosting, hosted, seeding, listed) = &now;
            let done = *files
                && [upvoted, hosting, hosted, seeding].into_iter().all(|found| *found == wanted)
                && listed.iter().eq(&wanted);
            last = Some(now);
            done.then_some(())
        });
    }));
    if settled.is_err() {
        let name = |id: &String| {
            let item = bob.listed(id).unwrap_or_default();
            format!("{} ({id}, {}, upvoted {})", item["title"], item["hosting"], item["upvoted"])
        };
        let (files, upvoted, hosting, hosted, seeding, listed) = last.unwrap();
        println!("all files are .added: {files}; {} in Transmission", listed.len());
        for (what, found) in
            [("upvoted", upvoted), ("to host", hosting), ("hosted", hosted), ("seeding", seeding)]
        {
            let lacks: Vec<_> = wanted.difference(&found).map(name).collect();
            let more: Vec<_> = found.difference(&wanted).map(name).collect();
            println!("{what}: lacks {lacks:#?}, and should not be: {more:#?}");
        }
        let fields =
            ["name", "status", "percentDone", "error", "errorString", "labels", "isFinished"];
        let fields = [&fields[..], &["downloadDir", "startDate", "doneDate", "editDate"]].concat();
        let torrents = daemon.rpc("torrent-get", &json!({ "fields": fields }));
        println!("{torrents:#}");
        panic!("not as it should be, {generation:?}");
    }
    steadily(Duration::from_secs(8), "nothing comes back", || {
        let (_, upvoted, _, _, _, listed) = is_so();
        upvoted == wanted && listed.iter().eq(&wanted)
    });
    let left_there: Vec<_> = fs::read_dir(&watch)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.ends_with(".torrent.added"))
        .collect();
    assert_eq!(left_there, [] as [String; 0], "in the watch folder");
    let texts = fs::read_dir(daemon.downloads().join("upseed")).unwrap().count();
    assert_eq!(texts, wanted.len(), "a text each in Transmission's folder");
    bob.stop();
    let store = Store::open(&bob.data().join("upseed.db")).unwrap();
    assert_eq!(store.check().unwrap(), [] as [String; 0]);
}

#[test]
fn killed_with_transmission_3() {
    if namespace::enter("killed_with_transmission_3", NETWORK) {
        killed_at_any_moment(Generation::Here);
    }
}

#[test]
fn killed_with_transmission_4() {
    if namespace::enter("killed_with_transmission_4", NETWORK) {
        killed_at_any_moment(Generation::Trixie);
    }
}
