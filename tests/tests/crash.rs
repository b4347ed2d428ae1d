//! `kill -9` at random points of publishing, upvoting, ingesting and reconciling: what was
//! acknowledged is there, what shows is whole, and the database checks clean.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::{
    collections::{BTreeMap, HashMap},
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::Stdio,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use upseed_model::Infohash;
use upseed_store::Store;
use upseed_tests::{Dice, PATIENCE, Person, Setup, until};

/// Kills in all.
const KILLS: usize = 100;

const SEED: u64 = 0x5eed_0001;

/// A request to a node that may be killed meanwhile: `None` unless it answered whole.
fn call(api: SocketAddr, token: &str, method: &str, path: &str, body: &Value) -> Option<ApiAnswer> {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let mut stream = TcpStream::connect(api).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let head = format!(
        "{method} /upseed/api/v1{path} HTTP/1.0\r\nHost: {api}\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let answer = String::from_utf8(answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(ApiAnswer { status, json: serde_json::from_str(body).ok()? })
}

#[derive(Debug)]
struct ApiAnswer {
    status: u16,
    json: Value,
}

/// What one person did.
#[derive(Default)]
struct Deeds {
    /// Texts that were sent to be published; whether anything came of it is unknown until it is
    /// in `published`.
    tried: Vec<String>,
    /// Acknowledged: id and text.
    published: BTreeMap<String, String>,
    /// Acknowledged votes; `None` while a request is under way, or when it was cut off.
    votes: BTreeMap<String, Option<bool>>,
}

/// What the person's driver shares with the one who kills.
struct Shared {
    name: &'static str,
    /// Where the node answers; nothing while it is down.
    api: Mutex<Option<(SocketAddr, String, Instant)>>,
    deeds: Mutex<Deeds>,
}

impl Shared {
    fn new(name: &'static str) -> Self {
        Self { name, api: Mutex::new(None), deeds: Mutex::default() }
    }

    fn up(&self, person: &Person) {
        *self.api.lock().unwrap() = Some((person.api(), person.token(), Instant::now()));
    }

    /// One deed after the other, while the node is up.
    fn drive(&self, other: &Self, end: &AtomicBool, mut dice: Dice) {
        let mut count = 0;
        while !end.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(20));
            let Some((api, token, since)) = self.api.lock().unwrap().clone() else { continue };
            // A ballot is written 2 s after the last vote: votes come early in a node's life, so
            // that some nodes are killed while they write one.
            let voting = since.elapsed() < Duration::from_millis(300) || dice.below(20) == 0;
            if voting && dice.below(4) > 0 {
                self.vote(other, &mut dice, api, &token);
            } else if dice.below(3) == 0 {
                count += 1;
                self.write(other, &mut dice, api, &token, count);
            }
        }
    }

    fn write(&self, other: &Self, dice: &mut Dice, api: SocketAddr, token: &str, count: usize) {
        let text = format!("{} says {count}.\n{}", self.name, "More. ".repeat(dice.below(300)));
        self.deeds.lock().unwrap().tried.push(text.clone());
        let parent = if dice.below(2) == 0 { None } else { any_item(dice, &[self, other]) };
        let answer = match parent {
            Some(parent) => {
                call(api, token, "POST", "/comments", &json!({ "parent": parent, "text": text }))
            }
            None => {
                let title = format!("{} {count}", self.name);
                let body = json!({ "board": "upseed", "title": title, "text": text });
                call(api, token, "POST", "/posts", &body)
            }
        };
        let Some(answer) = answer else { return };
        // What the other wrote may not have come yet, and a node that ends says so.
        assert!([200, 404, 422, 503].contains(&answer.status), "{answer:?}");
        if answer.status == 200 {
            let id = answer.json["id"].as_str().unwrap().to_owned();
            assert_eq!(answer.json["text"], text);
            self.deeds.lock().unwrap().published.insert(id, text);
        }
    }

    fn vote(&self, other: &Self, dice: &mut Dice, api: SocketAddr, token: &str) {
        let Some(id) = any_item(dice, &[other]) else { return };
        let before = {
            let mut deeds = self.deeds.lock().unwrap();
            deeds.votes.insert(id.clone(), None).flatten()
        };
        // One in three is taken back; of the unknown ones, every second is asked for again.
        let up = if before == Some(true) { dice.below(3) > 0 } else { dice.below(2) == 0 };
        let body = json!({ "ids": [id], "up": up, "wait": 0 });
        let Some(answer) = call(api, token, "POST", "/votes", &body) else { return };
        assert_eq!(answer.status, 200, "{answer:?}");
        let now = if answer.json[0]["done"] == true {
            assert_eq!(answer.json[0]["item"]["upvoted"], up, "{answer:?}");
            Some(up)
        } else {
            // Not known here yet: nothing was done.
            before
        };
        self.deeds.lock().unwrap().votes.insert(id, now);
    }

    /// Whether everything acknowledged so far is in a dead node's database, and all is whole.
    fn examine(&self, data: &Path, scratch: &Path) {
        let copy = scratch.join("copy");
        std::fs::create_dir_all(&copy).unwrap();
        for end in ["", "-wal", "-shm"] {
            let name = format!("upseed.db{end}");
            let _ = std::fs::remove_file(copy.join(&name));
            if data.join(&name).exists() {
                std::fs::copy(data.join(&name), copy.join(&name)).unwrap();
            }
        }
        let store = Store::open(&copy.join("upseed.db")).unwrap();
        assert_eq!(store.check().unwrap(), [] as [String; 0], "{}'s database", self.name);
        let deeds = self.deeds.lock().unwrap();
        for (id, text) in &deeds.published {
            let row = row(&store, id).unwrap_or_else(|| panic!("{} lost {id}: {text}", self.name));
            assert_eq!(row.text.as_ref(), Some(text), "{id} of {}", self.name);
            assert!(row.mine && row.placed && row.hosting.is_some(), "{id} of {}", self.name);
        }
        for (id, vote) in &deeds.votes {
            let Some(vote) = *vote else { continue };
            // "Not known here" is an answer too; then there is no row and no vote.
            let row = row(&store, id);
            assert_eq!(row.as_ref().is_some_and(|row| row.upvoted), vote, "{id} by {}", self.name);
            assert!(!vote || row.is_some_and(|row| row.hosting.is_some()), "{id} by {}", self.name);
        }
        let leftovers: Vec<_> = std::fs::read_dir(data)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        assert!(leftovers.len() <= 8, "{}'s folder fills up: {leftovers:?}", self.name);
    }
}

fn row(store: &Store, id: &str) -> Option<upseed_store::ItemRow> {
    store.item(&id.parse::<Infohash>().unwrap()).unwrap()
}

fn any_item(dice: &mut Dice, of: &[&Shared]) -> Option<String> {
    let whose = of[dice.below(of.len())].deeds.lock().unwrap();
    let count = whose.published.len();
    if count == 0 { None } else { whose.published.keys().nth(dice.below(count)).cloned() }
}

/// Everything that a node shows, by id.
fn shown(person: &Person) -> BTreeMap<String, Value> {
    let top = person.call("GET", "/top?window=all&sort=new&limit=1000", &Value::Null).json();
    let mut all = BTreeMap::new();
    for post in top.as_array().expect("top gives an array") {
        let id = post["id"].as_str().unwrap();
        let thread = person.call("GET", &format!("/thread?id={id}"), &Value::Null).json();
        let mut open = vec![thread];
        while let Some(mut item) = open.pop() {
            open.extend(item["replies"].as_array_mut().map(std::mem::take).unwrap_or_default());
            all.insert(item["id"].as_str().unwrap().to_owned(), item);
        }
    }
    all
}

/// What two nodes must agree on.
fn common(item: &Value) -> [&Value; 8] {
    ["kind", "title", "author", "time", "parent", "votes", "comments", "text"].map(|key| &item[key])
}

/// An address that stays the same: the other node finds it again after a restart. Another test's
/// nodes take any free port of 127.0.0.1, so each of ours has a loopback address of its own.
fn address(last: u8) -> String {
    let pid = std::process::id();
    let ip = format!("127.{}.{}.{last}", 64 + (pid >> 8) % 128, pid % 256);
    let port = TcpListener::bind((ip.as_str(), 0)).unwrap().local_addr().unwrap().port();
    format!("{ip}:{port}")
}

fn at(name: &str, own: &str, other: &str) -> Setup {
    Person::named(name).swarm_listen(own).peer_at(other.parse().unwrap())
}

#[test]
fn a_hundred_power_cuts_lose_nothing() {
    let seed = Dice::seed(SEED);
    let (a, b) = (address(1), address(2));
    let mut people = [at("Ann", &a, &b).start(), at("Bob", &b, &a).start()];
    let shared = [Shared::new("Ann"), Shared::new("Bob")];
    let [ann, bob] = &shared;
    let end = AtomicBool::new(false);
    thread::scope(|scope| {
        // However this ends, the drivers must too.
        let _ended = Ender(&end);
        scope.spawn(|| ann.drive(bob, &end, Dice::new(seed ^ 1)));
        scope.spawn(|| bob.drive(ann, &end, Dice::new(seed ^ 2)));
        let mut dice = Dice::new(seed);
        for (person, shared) in people.iter().zip(&shared) {
            shared.up(person);
        }
        for kill in 0..KILLS {
            let who = kill % 2;
            let pause = if dice.below(5) == 0 { 700 + dice.below(700) } else { dice.below(500) };
            thread::sleep(Duration::from_millis(pause as u64));
            let (person, shared) = (&mut people[who], &shared[who]);
            // Not before the kill: a deed that is under way must be cut off.
            person.kill9();
            *shared.api.lock().unwrap() = None;
            shared.examine(person.data(), person.scratch());
            person.restart();
            shared.up(person);
        }
    });
    let [a, b] = &people;
    agree(a, b, &shared);
    for (mut person, shared) in people.into_iter().zip(&shared) {
        person.kill9();
        shared.examine(person.data(), person.scratch());
    }
}

/// How many a node that is just starting has met.
fn peers(person: &Person, pid: u32) -> Option<u64> {
    let running = std::fs::read(person.data().join("node.json")).ok()?;
    let running: Value = serde_json::from_slice(&running).ok()?;
    let api = (running["pid"] == pid).then(|| running["address"].as_str()?.parse().ok())??;
    call(api, &person.token(), "GET", "/status", &Value::Null)?.json["peers"].as_u64()
}

struct Ender<'a>(&'a AtomicBool);

impl Drop for Ender<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Waits until two nodes show the same, and compares that with what was acknowledged.
fn agree(ann: &Person, bob: &Person, shared: &[Shared; 2]) {
    let settled = |person: &Person| person.status()["wanted"] == 0;
    let (of_ann, of_bob) = until("both show the same, with every text, and host it", || {
        // First, or what is shown could be older than that everything is hosted.
        let settled = settled(ann) && settled(bob);
        let (of_ann, of_bob) = (shown(ann), shown(bob));
        let same = of_ann.len() == of_bob.len()
            && of_ann.iter().zip(&of_bob).all(|(a, b)| a.0 == b.0 && common(a.1) == common(b.1));
        let whole = of_ann.values().all(|item| item["text"].is_string());
        // Ballots are written some seconds after the vote.
        let votes_told = of_ann.values().zip(of_bob.values()).all(|items| {
            let voters = [items.0, items.1].into_iter();
            let votes = voters.filter(|i| i["upvoted"] == true && i["mine"] == false);
            items.0["votes"] == votes.count()
        });
        (settled && same && whole && votes_told).then_some((of_ann, of_bob))
    });

    let deeds = shared.each_ref().map(|shared| shared.deeds.lock().unwrap());
    let tried: HashMap<&str, usize> =
        deeds.iter().flat_map(|deeds| &deeds.tried).map(|text| (text.as_str(), 1)).collect();
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for item in of_ann.values() {
        let text = item["text"].as_str().unwrap();
        assert!(tried.contains_key(text), "nobody wrote this: {item}");
        *seen.entry(text).or_default() += 1;
    }
    assert!(seen.values().all(|count| *count == 1), "something was published twice: {seen:?}");
    let published: usize = deeds.iter().map(|deeds| deeds.published.len()).sum();
    let (mut up, mut down) = (0, 0);
    for (deeds, own) in deeds.iter().zip([&of_ann, &of_bob]) {
        for (id, text) in &deeds.published {
            let item = own.get(id).unwrap_or_else(|| panic!("{id} is lost: {text}"));
            assert_eq!(item["text"], *text);
            assert_eq!((&item["mine"], &item["hosting"]), (&json!(true), &json!("hosting")));
        }
        for (id, vote) in deeds.votes.iter().filter_map(|(id, vote)| Some((id, (*vote)?))) {
            let item = &own[id];
            assert_eq!(item["upvoted"], vote, "{item}");
            assert_eq!(item["votes"], usize::from(vote), "{item}");
            let hosting = if vote { json!("hosting") } else { Value::Null };
            assert_eq!(item["hosting"], hosting, "{item}");
            if vote { up += 1 } else { down += 1 }
        }
    }
    println!(
        "{published} published, {} shown, {} tried; {up} votes stand, {down} were taken back",
        of_ann.len(),
        tried.len()
    );
    assert!(published > 40 && up > 10 && down > 5, "the test did too little");
    for (person, own) in [(ann, &of_ann), (bob, &of_bob)] {
        let ours = own.values().filter(|i| i["mine"] == true || i["upvoted"] == true).count();
        assert_eq!(person.status()["hosted"], ours);
        assert!(!person.log().contains("panicked"), "{}", person.log());
    }
}

#[test]
fn a_first_comparison_that_is_cut_off_is_completed() {
    const COMMENTS: usize = 120;
    let (a, b) = (address(3), address(4));
    let ann = at("Ann", &a, &b).start();
    let root = ann.post("upseed", "A long thread", "It begins.\n");
    for n in 0..COMMENTS {
        let text = format!("Comment {n}.\n{}", "x".repeat(n * 50));
        let body = json!({ "parent": root, "text": text });
        assert_eq!(ann.call("POST", "/comments", &body).status, 200);
    }
    let expected = shown(&ann);
    assert_eq!(expected.len(), COMMENTS + 1);

    let bob = Shared::new("Bob");
    let mut largest = 0;
    for round in 0..3 {
        let mut person = at("Bob", &b, &a).offline();
        for step in 0..8 {
            let mut command = person.run_command();
            let mut node = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            // Some while it starts, the others after it has met Ann.
            if step >= 3 {
                until("Bob has met Ann", || (peers(&person, node.id())? > 0).then_some(()));
            }
            thread::sleep(Duration::from_millis(step % 3 * 25 + round * 7));
            node.kill().unwrap();
            node.wait().unwrap();
            if person.data().join("upseed.db").exists() {
                bob.examine(person.data(), person.scratch());
                let store = Store::open(&person.scratch().join("copy/upseed.db")).unwrap();
                largest = largest.max(store.counts().unwrap().items);
            }
        }
        person.restart();
        until("Bob has the whole thread with its texts", || {
            let found = shown(&person);
            let same = found.len() == expected.len()
                && found.iter().all(|(id, item)| common(item) == common(&expected[id]));
            same.then_some(())
        });
        person.kill9();
        bob.examine(person.data(), person.scratch());
    }
    println!("at most {largest} items were there when it was cut off");
    assert!(largest > 0, "no kill came late enough");
}
