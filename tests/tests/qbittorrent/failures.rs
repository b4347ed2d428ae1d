//! What goes wrong, and what is said and done about it.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use upseed_tests::{Generation, Person, QBittorrent, namespace, steadily, until};

use crate::{NETWORK, hosting, with_client};

#[test]
fn a_client_that_is_away_is_caught_up_with() {
    if !namespace::enter("failures::a_client_that_is_away_is_caught_up_with", NETWORK) {
        return;
    }
    let ann = Person::named("Ann").swarm_listen("10.77.0.11:0").start();
    let (mut bob, mut bobs) = with_client("Bob", Generation::Here, "10.77.0.12", Some(&ann));
    let ids: Vec<String> =
        (0..6).map(|n| ann.post("upseed", &format!("Post {n}"), &format!("Text {n}.\n"))).collect();
    until("Bob knows all", || ids.iter().all(|id| bob.listed(id).is_some()).then_some(()));
    bob.run(&["upvote", "--wait", &ids[0]]).ok();
    bobs.kill9();
    until("Bob's node sees that it is away", || {
        (bob.status()["client_online"] == false).then_some(())
    });
    bob.run(&["upvote", &ids[1], &ids[2]]).ok();
    let output = bob.run(&["unvote", &ids[0]]).ok();
    assert!(output.text().contains("(no vote; your client is told when it answers)"), "{output:?}");
    // A wish is durable whatever happens meanwhile.
    bob.kill9();
    bob.restart();
    bobs.start();
    until("the votes are seeded", || (bobs.seeds(&ids[1]) && bobs.seeds(&ids[2])).then_some(()));
    until("the withdrawn one is gone", || bobs.torrent(&ids[0]).is_none().then_some(()));
    // Restarted in the middle.
    bob.run(&["upvote", &ids[3], &ids[4], &ids[5]]).ok();
    bobs.kill9();
    bobs.start();
    until("all are seeded", || ids[1..].iter().all(|id| bobs.seeds(id)).then_some(()));
    until("and told", || ids[1..].iter().all(|id| hosting(&bob, id).is_some()).then_some(()));
    assert_eq!(bobs.get("torrents/info").as_array().unwrap().len(), 5, "each once");

    // Its files are deleted behind its back: the text comes back from Upseed's engine.
    let name = bobs.torrent(&ids[1]).unwrap()["name"].as_str().unwrap().to_owned();
    let path = bobs.save_path().join("upseed").join(&name);
    fs::remove_file(&path).unwrap();
    bobs.stop();
    bobs.start();
    until("it is whole again", || (path.exists() && bobs.seeds(&ids[1])).then_some(()));
    // The file is changed, and qBittorrent made to look: it comes back as it was. libtorrent dials
    // nobody twice within a minute, and our engine had just given it the text.
    let text = fs::read(&path).unwrap();
    fs::write(&path, vec![b'?'; text.len()]).unwrap();
    bobs.post("torrents/recheck", &[("hashes", &ids[1])]);
    until("it is as it was", || {
        (fs::read(&path).unwrap() == text && bobs.seeds(&ids[1])).then_some(())
    });
    // Its category is deleted: nothing depends on it.
    bobs.post("torrents/removeCategories", &[("categories", "upseed")]);
    let id = ann.post("upseed", "After that", "More.\n");
    until("Bob knows it", || bob.listed(&id));
    bob.run(&["upvote", "--wait", &id]).ok();
    assert!(bobs.seeds(&id));
}

/// For so long: `UPSEED_AWAY=3600` is the hour of which docs/performance.md speaks.
fn away() -> Duration {
    let seconds = std::env::var("UPSEED_AWAY").ok().and_then(|seconds| seconds.parse().ok());
    Duration::from_secs(seconds.unwrap_or(20))
}

#[test]
fn a_client_that_comes_back_late_is_given_everything_soon() {
    if !namespace::enter(
        "failures::a_client_that_comes_back_late_is_given_everything_soon",
        NETWORK,
    ) {
        return;
    }
    let ann = Person::named("Ann").swarm_listen("10.77.0.11:0").start();
    let (bob, mut bobs) = with_client("Bob", Generation::Here, "10.77.0.12", Some(&ann));
    let ids: Vec<String> =
        (0..4).map(|n| ann.post("upseed", &format!("Post {n}"), &format!("Text {n}.\n"))).collect();
    until("Bob knows all", || ids.iter().all(|id| bob.listed(id).is_some()).then_some(()));
    bob.run(&["upvote", "--wait", &ids[0], &ids[1]]).ok();
    bobs.stop();
    bob.run(&["upvote", &ids[2]]).ok();
    bob.run(&["unvote", &ids[0]]).ok();
    let left = Instant::now();
    until("its time has passed", || {
        (left.elapsed() > away() && bob.status()["client_online"] == false).then_some(())
    });
    bob.run(&["upvote", &ids[3]]).ok();
    bobs.start();
    let back = Instant::now();
    until("all votes are seeded", || ids[1..].iter().all(|id| bobs.seeds(id)).then_some(()));
    until("what was taken back is gone", || bobs.torrent(&ids[0]).is_none().then_some(()));
    println!("away for {:?}, caught up {:.1} s after", away(), back.elapsed().as_secs_f64());
    assert_eq!(bobs.get("torrents/info").as_array().unwrap().len(), 3, "each once");
    until("and told", || ids[1..].iter().all(|id| hosting(&bob, id).is_some()).then_some(()));
    assert_eq!(bob.listed(&ids[0]).unwrap()["upvoted"], false);
    assert!(ids[1..].iter().all(|id| bob.listed(id).unwrap()["upvoted"] == true));
}

#[test]
fn a_wrong_password_is_told_and_not_repeated() {
    if !namespace::enter("failures::a_wrong_password_is_told_and_not_repeated", NETWORK) {
        return;
    }
    let client = QBittorrent::tame(Generation::Here, "10.77.0.11", "");
    let mut ann = Person::named("Ann").swarm_listen("10.77.0.11:0").offline();
    let args =
        ["connect", "qbittorrent", "--url", &client.url(), "--user", "admin", "--password-stdin"];
    let refused = ann.run_with(&args, b"wrong");
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("wrong") && refused.stderr.contains("hint"), "{refused:?}");
    ann.connect(&client);
    // The password is changed later.
    fs::write(ann.data().join("client-password"), "old").unwrap();
    ann.restart();
    let told = until("the refusal is told", || {
        let warnings = ann.status()["client_warnings"].to_string();
        warnings.contains("login").then_some(warnings)
    });
    assert!(!told.contains("old"), "{told}");
    let id = ann.post("upseed", "Meanwhile", "Hosted by the engine.\n");
    steadily(Duration::from_secs(8), "it is wanted", || ann.listed(&id).is_some());
    // A service manager that starts it again and again bans nobody: five refused logins would.
    for _ in 0..6 {
        ann.kill9();
        ann.restart();
        until("the refusal is remembered", || {
            ann.status()["client_warnings"].to_string().contains("login").then_some(())
        });
    }
    // To connect is to try at once.
    ann.connect(&client);
    ann.kill9();
    ann.restart();
    until("it is hosted", || hosting(&ann, &id));
}

/// Stands between the node and a real qBittorrent, and spoils what passes.
struct Spoiler {
    address: SocketAddr,
    how: Arc<AtomicU8>,
}

const CLEAR: u8 = 0;
/// 500 instead of an answer.
const ERRORS: u8 = 1;
/// Half an answer, then the end.
const HALVES: u8 = 2;
/// Junk that looks like an answer.
const JUNK: u8 = 3;
/// Every answer two seconds late.
const SLOW: u8 = 4;

impl Spoiler {
    fn before(client: SocketAddr) -> Self {
        // It serves only requests to its own port.
        let listener = TcpListener::bind(("127.0.0.2", client.port())).unwrap();
        let address = listener.local_addr().unwrap();
        let how = Arc::new(AtomicU8::new(CLEAR));
        let spoil = how.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let spoil = spoil.clone();
                thread::spawn(move || {
                    if let Ok(mut from) = stream.try_clone() {
                        let _ = pass(&mut from, client, &spoil);
                    }
                    // The other direction still holds it.
                    let _ = stream.shutdown(Shutdown::Both);
                });
            }
        });
        Self { address, how }
    }

    fn now(&self, how: u8) {
        self.how.store(how, Ordering::Relaxed);
    }
}

fn pass(from: &mut TcpStream, client: SocketAddr, how: &AtomicU8) -> Option<()> {
    let mut to = TcpStream::connect(client).ok()?;
    let (mut upwards, mut there) = (from.try_clone().ok()?, to.try_clone().ok()?);
    thread::spawn(move || {
        let _ = std::io::copy(&mut upwards, &mut there);
    });
    let mut chunk = vec![0; 64 << 10];
    loop {
        let length = to.read(&mut chunk).ok().filter(|length| *length > 0)?;
        let answer = &chunk[..length];
        match how.load(Ordering::Relaxed) {
            ERRORS => {
                let error =
                    b"HTTP/1.1 500 Broken\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                from.write_all(error).ok()?;
                return None;
            }
            HALVES => {
                from.write_all(&answer[..length / 2]).ok()?;
                return None;
            }
            JUNK => {
                let junk =
                    br#"{"rid":"x","full_update":7,"torrents":[{"a":null}],"torrents_removed":{}}"#;
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", junk.len());
                from.write_all(head.as_bytes()).ok()?;
                from.write_all(junk).ok()?;
            }
            SLOW => {
                thread::sleep(Duration::from_secs(2));
                from.write_all(answer).ok()?;
            }
            _ => from.write_all(answer).ok()?,
        }
    }
}

#[test]
fn broken_and_slow_answers_lose_nothing() {
    if !namespace::enter("failures::broken_and_slow_answers_lose_nothing", NETWORK) {
        return;
    }
    let ann = Person::named("Ann").swarm_listen("10.77.0.11:0").start();
    let bobs = QBittorrent::tame(Generation::Here, "10.77.0.12", "");
    let spoiler = Spoiler::before(bobs.web());
    let mut bob = Person::named("Bob").swarm_listen("10.77.0.12:0").peer(&ann).offline();
    let url = format!("http://{}", spoiler.address);
    let args = ["connect", "qbittorrent", "--url", &url, "--user", "admin", "--password-stdin"];
    bob.run_with(&args, bobs.password().as_bytes()).ok();
    bob.restart();
    let ids: Vec<String> =
        (0..5).map(|n| ann.post("upseed", &format!("Post {n}"), &format!("Text {n}.\n"))).collect();
    until("Bob knows all", || ids.iter().all(|id| bob.listed(id).is_some()).then_some(()));
    bob.run(&["upvote", "--wait", &ids[0]]).ok();
    for (how, id) in [ERRORS, HALVES, JUNK, SLOW].into_iter().zip(&ids[1..]) {
        spoiler.now(how);
        bob.run(&["upvote", id]).ok();
        steadily(Duration::from_secs(5), "no vote is lost to a bad answer", || {
            bob.listed(&ids[0]).unwrap()["upvoted"] == true
                && bob.listed(id).unwrap()["upvoted"] == true
        });
        spoiler.now(CLEAR);
        until("it is seeded once answers are good again", || hosting(&bob, id));
        assert!(bobs.seeds(id));
        assert!(hosting(&bob, &ids[0]).is_some());
    }
    assert_eq!(bobs.get("torrents/info").as_array().unwrap().len(), 5, "each once");
    assert!(!bob.log().contains("panicked"));
}

#[test]
fn a_full_disk_is_told_and_what_was_voted_is_hosted_by_the_engine() {
    let test = "failures::a_full_disk_is_told_and_what_was_voted_is_hosted_by_the_engine";
    if !namespace::enter(test, NETWORK) {
        return;
    }
    let ann = Person::named("Ann").swarm_listen("10.77.0.11:0").start();
    let mut bobs = QBittorrent::tame(Generation::Here, "10.77.0.12", "");
    // The same profile again, on a disk that the node cannot see and that is nearly full.
    bobs.stop();
    bobs.on_a_small_disk(600 << 10);
    bobs.start();
    let filler = bobs.disk().join("filler");
    fs::write(&filler, vec![0; 500 << 10]).unwrap();
    let mut bob = Person::named("Bob").swarm_listen("10.77.0.12:0").peer(&ann).offline();
    bob.connect(&bobs);
    bob.restart();
    let text = "0123456789abcdef".repeat(4_000);
    let ids: Vec<String> =
        (0..4).map(|n| ann.post("upseed", &format!("Post {n}"), &format!("{n} {text}"))).collect();
    until("Bob knows all", || ids.iter().all(|id| bob.listed(id).is_some()).then_some(()));
    for id in &ids {
        bob.run(&["upvote", id]).ok();
    }
    until("the full disk is told", || {
        let told = bob.status()["client_warnings"].to_string();
        (told.contains("reports an error") && told.contains("No space left")).then_some(())
    });
    let broken = ids.iter().find(|id| !bobs.seeds(id)).unwrap();
    assert_eq!(bob.listed(broken).unwrap()["upvoted"], true);
    // Ann leaves: only Bob's own engine has it now.
    drop(ann);
    let file = bob.scratch().join("broken.torrent");
    bob.run(&["export", broken, "-o", file.to_str().unwrap()]).ok();
    let (_stock, got) =
        upseed_tests::Stock::download(file.to_str().unwrap(), Some(bob.swarm_addr()));
    assert_eq!(got.text.len(), text.len() + 2);
    // The disk is freed: it heals by itself.
    fs::remove_file(&filler).unwrap();
    until("all of them are seeded by the client", || {
        ids.iter().all(|id| bobs.seeds(id)).then_some(())
    });
    until("and told", || ids.iter().all(|id| hosting(&bob, id).is_some()).then_some(()));
    until("and no warning is left", || {
        (bob.status()["client_warnings"] == serde_json::json!([])).then_some(())
    });
}

#[test]
fn a_client_of_two_people_keeps_what_one_of_them_wants() {
    let test = "failures::a_client_of_two_people_keeps_what_one_of_them_wants";
    if !namespace::enter(test, NETWORK) {
        return;
    }
    let ann = Person::named("Ann").swarm_listen("10.77.0.11:0").start();
    let (bob, shared) = with_client("Bob", Generation::Trixie, "10.77.0.12", Some(&ann));
    let mut cem = Person::named("Cem").swarm_listen("10.77.0.13:0").peer(&ann).offline();
    cem.connect(&shared);
    cem.restart();
    let [id, own] = ["For two", "For one"].map(|title| ann.post("upseed", title, "Shared.\n"));
    for person in [&bob, &cem] {
        until("it is known", || person.listed(&own).and(person.listed(&id)));
        // A key appears with the first thing that one writes.
        person.post("upseed", "I am here", "Hello.\n");
    }
    bob.run(&["upvote", "--wait", &id]).ok();
    steadily(Duration::from_secs(4), "another's vote is not Cem's", || {
        cem.listed(&id).unwrap()["upvoted"] == false
    });
    cem.run(&["upvote", "--wait", &id]).ok();
    cem.run(&["upvote", "--wait", &own]).ok();
    bob.run(&["unvote", &id]).ok();
    let tags = |id: &str| shared.torrent(id).map(|t| t["tags"].as_str().unwrap().to_owned());
    until("only Bob's mark goes", || (tags(&id)?.matches("upseed-").count() == 1).then_some(()));
    assert!(shared.seeds(&id));
    assert_eq!(cem.listed(&id).unwrap()["upvoted"], true);
    cem.run(&["unvote", &id]).ok();
    until("the last one removes it", || shared.torrent(&id).is_none().then_some(()));
    assert!(shared.seeds(&own));
}
