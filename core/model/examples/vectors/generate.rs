//! What stands in docs/vectors and fuzz/seeds, by file name.

use std::{
    collections::{BTreeMap, VecDeque},
    ops::RangeInclusive,
};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use upseed_model::{
    BoardName, Kind, PublicKey, Record, SignedItem, SignedStatement, Statement, WorkId,
    item::TextMatch,
    magnet::Magnet,
    pow,
    statement::{Label, LabelTarget, Slot},
    sync::{DayDigest, Event, Frame, Options, Role, Session, Sets, Source, day_of},
    text::ListName,
    torrent,
};

use crate::support::{
    Raw, TEXT, TIME, board, comment, invalid, item, key, post, reply, statement, succession,
    torsion::{Craft, Fault},
};
use crate::wire;

/// File names and contents.
pub type Files = BTreeMap<String, Vec<u8>>;

/// docs/vectors.
pub fn vectors() -> Files {
    [
        ("keys.json", keys()),
        ("rendezvous.json", rendezvous()),
        ("items.json", items()),
        ("work.json", work()),
        ("statements.json", statements()),
        ("texts.json", texts()),
        ("invalid.json", invalid()),
        ("signatures.json", signatures()),
        ("digests.json", digests()),
        ("sync.json", sync()),
        ("magnets.json", wire::magnets()),
        ("frames.json", wire::frames()),
        ("negentropy.json", wire::negentropy()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), format!("{value:#}\n").into_bytes()))
    .collect()
}

pub(crate) fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn keys() -> Value {
    let of = |n: u8| {
        let key = key(n);
        json!({
            "seed": hex(*key.seed()),
            "phrase": *key.phrase(),
            "public": key.public().to_hex(),
            "for_people": key.public().to_string(),
            "rendezvous": key.public().rendezvous(),
        })
    };
    let unreduced = {
        let mut bytes = [0xff; 32];
        bytes[0] = 0xee;
        bytes[31] = 0x7f;
        hex(bytes)
    };
    json!({
        "about": "ed25519 keys; every other file's person N has the seed of 32 bytes N.",
        "keys": [of(0), of(1), of(2), of(3), of(255)],
        "refused": [
            { "key": hex([0; 32]), "why": "of small order (4)" },
            { "key": format!("01{}", "00".repeat(31)), "why": "of small order (1)" },
            { "key": format!("01{}80", "00".repeat(30)), "why": "of small order, with the sign bit" },
            { "key": format!("ec{}7f", "ff".repeat(30)), "why": "of small order (2)" },
            { "key": "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", "why": "of small order (8)" },
            { "key": "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa", "why": "of small order (8), with the sign bit" },
            { "key": unreduced, "why": "y is not below p" },
            { "key": "00".repeat(31), "why": "31 bytes" },
            { "key": "upseed:0000", "why": "0 is no letter of z-base-32" },
        ],
    })
}

fn rendezvous() -> Value {
    let boards = ["upseed", "a", "0", "rust-lang", &"x".repeat(40)].map(|name| {
        let board: BoardName = name.parse().unwrap();
        json!({ "board": name, "infohash": board.rendezvous() })
    });
    let person = key(1).public();
    json!({
        "about": "First 20 bytes of SHA-256 over \"upseed:1:board:\" and the name, or \"upseed:1:person:\" and the 32 bytes of the key.",
        "boards": boards,
        "persons": [{ "public": person.to_hex(), "infohash": person.rendezvous() }],
        "refused": ["", "-a", "A", "a_b", "a b", "ä", "x".repeat(41)],
    })
}

/// The text of each fixture.
fn text_of(item: &SignedItem) -> &'static str {
    [TEXT, HEBREW, LONG, "I host this.\n", "Thank you!\n"]
        .into_iter()
        .find(|text| matches!(item.check_text(text.as_bytes()), TextMatch::Good(_)))
        .unwrap()
}

/// The parts of a record that the signature covers, and the signature.
fn signed(raw: &Raw) -> (Vec<u8>, Vec<u8>) {
    let (mut message, mut signature) = (Vec::new(), Vec::new());
    raw.finish_with(|signed| {
        message = signed.to_vec();
        use ed25519_dalek::Signer as _;
        let bytes = ed25519_dalek::SigningKey::from_bytes(&[raw.person; 32]).sign(signed);
        signature = bytes.to_bytes().to_vec();
        bytes.to_bytes()
    });
    (message, signature)
}

const HEBREW: &str = "ברוכים הבאים.\n";

/// With controls, a right-to-left override and more than 200 characters, for the excerpt's sake.
const LONG: &str = "a\u{202e}b\r\n\t  c\u{a0}\u{7}\u{2028}d \
    123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789 \
    123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789 12 456789\n";

fn titled(title: &str, text: &str) -> SignedItem {
    item(3, Kind::Post { title: title.parse().unwrap() }, TIME + 30, text)
}

fn items() -> Value {
    let of = |item: &SignedItem, person: u8| {
        let text = text_of(item);
        let (message, signature) = signed(&Raw::item(item, person));
        let trackers = ["https://tracker.example/announce".to_owned()];
        let magnet = Magnet {
            infohash: item.infohash(),
            name: Some(item.file_name().into()),
            trackers: trackers.to_vec(),
            peers: vec!["192.0.2.1:6881".parse().unwrap()],
        };
        json!({
            "person": person,
            "author": item.author().to_hex(),
            "board": item.board(),
            "kind": if item.title().is_some() { "post" } else { "comment" },
            "title": item.title(),
            "parent": item.parent().map(|link| hex(link.to_bytes())),
            "root": item.root().map(|link| hex(link.to_bytes())),
            "time": item.time(),
            "text": text,
            "name": item.file_name(),
            "bits": item.proof().bits,
            "nonce": item.proof().nonce,
            "header": hex(item.header()),
            "signed_bytes": hex(message),
            "signature": hex(signature),
            "infohash": item.infohash(),
            "work": item.work(),
            "link": hex(item.link().to_bytes()),
            "excerpt": text,
            "trackers": trackers,
            "torrent": hex(torrent::write(item, Some(text), &trackers)),
            "magnet": magnet.to_string(),
        })
    };
    json!({
        "about": "A post, an answer, an answer to the answer, a post with a title in Hebrew, and one with a long title and text. `parent`, `root` and `link` are infohash and work id.",
        "items": [
            of(post(), 1),
            of(comment(), 2),
            of(reply(), 1),
            of(&titled("שלום, עולם!", HEBREW), 3),
            of(&titled(&"長い題".repeat(33), LONG), 3),
        ],
    })
}

fn work() -> Value {
    let of = |item: &SignedItem, person: u8| {
        let (message, _) = signed(&Raw::item(item, person));
        let proof = item.proof();
        let marker = format!("3:powli{}e", proof.bits);
        let at = message.windows(marker.len()).position(|w| w == marker.as_bytes()).unwrap();
        let nonce = at + marker.len();
        let written = format!("i{}e", proof.nonce);
        let nonce_bytes = proof.nonce.to_be_bytes();
        let id = item.work();
        json!({
            "before_nonce": hex(&message[..nonce]),
            "bits": proof.bits,
            "nonce": proof.nonce,
            "after_nonce": hex(&message[nonce + written.len()..]),
            "id": id,
            "nonce_bytes": hex(nonce_bytes),
            "hash": hex(Sha256::digest([&id.as_bytes()[..], &nonce_bytes].concat())),
            "leading_zero_bits": pow::shown_bits(&id, proof.nonce),
        })
    };
    let sizes = [1, 256, 257, 512, 513, 775, 1_024, 1_025, 2_048, 4_096, 8_192, 8_193, 16_384];
    let required = sizes.map(|bytes| {
        let (post, other) = (pow::required_bits(bytes, true), pow::required_bits(bytes, false));
        json!({ "bytes": bytes, "post": post, "comment_or_statement": other })
    });
    json!({
        "about": "SHA-256 over before_nonce and after_nonce is the id; SHA-256 over id and nonce_bytes is the hash. The nonces are the least that do.",
        "puzzles": [of(post(), 1), of(comment(), 2)],
        "required_bits": required,
    })
}

const SLOT: Slot = Slot { device: [1, 2, 3, 4], number: 0 };

/// A key that is canonical and not of small order, and that no point of the curve has: y is 2.
fn no_point() -> PublicKey {
    let mut bytes = [0; 32];
    bytes[0] = 2;
    PublicKey::from_bytes(bytes).unwrap()
}

/// A name for each, and the person who signed it.
fn all_statements() -> Vec<(&'static str, u8, SignedStatement)> {
    let sorted = |mut keys: Vec<PublicKey>| {
        keys.sort_unstable();
        keys
    };
    let mut votes = vec![post().work(), reply().work()];
    votes.sort_unstable();
    let mut labels = vec![
        Label {
            target: LabelTarget::Item(comment().work()),
            value: "off-topic".into(),
            reason: "Nothing to do with the post".into(),
        },
        Label {
            target: LabelTarget::Key(key(3).public()),
            value: "spam".into(),
            reason: "".into(),
        },
    ];
    labels.sort_unstable();
    let empty = Slot { device: [1, 2, 3, 4], number: 255 };
    let profile = Statement::Profile {
        name: "Ann".into(),
        about: "Writes about seeds.".into(),
        active: vec!["rust".parse().unwrap(), board()],
        next: Some(Sha256::digest(key(9).public().as_bytes()).into()),
    };
    let plain =
        Statement::Profile { name: "Bob".into(), about: String::new(), active: vec![], next: None };
    let long = Statement::Profile {
        name: "é".repeat(32),
        about: "x".repeat(1_024),
        active: vec![],
        next: None,
    };
    let odd_label = Label {
        target: LabelTarget::Key(no_point()),
        value: "v".repeat(32),
        reason: "r".repeat(200),
    };
    vec![
        ("ballot", 1, statement(1, TIME + 120, Statement::Ballot { slot: SLOT, targets: votes })),
        (
            "empty ballot",
            1,
            statement(1, TIME + 121, Statement::Ballot { slot: empty, targets: vec![] }),
        ),
        (
            "follows",
            2,
            statement(
                2,
                TIME + 90_100,
                Statement::Follows {
                    slot: SLOT,
                    name: None,
                    targets: sorted(vec![key(1).public(), key(3).public()]),
                },
            ),
        ),
        (
            "starter list",
            2,
            statement(
                2,
                TIME + 90_101,
                Statement::Follows {
                    slot: Slot { number: 1, ..SLOT },
                    name: "Gardeners".parse().ok(),
                    targets: sorted(vec![key(3).public(), key(4).public()]),
                },
            ),
        ),
        ("labels", 2, statement(2, TIME + 90_200, Statement::Labels { slot: SLOT, labels })),
        ("profile", 1, statement(1, TIME + 300, profile)),
        ("plain profile", 2, statement(2, TIME + 301, plain)),
        ("profile with the longest text", 3, statement(3, TIME + 302, long)),
        (
            "follows of a key that is no point of the curve",
            3,
            statement(
                3,
                TIME + 303,
                Statement::Follows { slot: SLOT, name: None, targets: vec![no_point()] },
            ),
        ),
        (
            "label about a key that is no point of the curve",
            3,
            statement(3, TIME + 304, Statement::Labels { slot: SLOT, labels: vec![odd_label] }),
        ),
        (
            "retraction",
            1,
            statement(1, TIME + 90_300, Statement::Retraction { targets: vec![reply().work()] }),
        ),
        ("succession", 1, succession(1, 9, TIME + 90_400)),
        ("revocation", 2, statement(2, TIME + 90_500, Statement::Succession { next: None })),
    ]
}

fn statements() -> Value {
    let of = |(name, person, signed_statement): &(&str, u8, SignedStatement)| {
        let raw = Raw::statement(signed_statement, *person);
        let has_second = raw.record.iter().any(|(key, _)| key == b"sig2");
        let (message, signature) = signed(&if has_second { raw.second(9) } else { raw });
        let content = match signed_statement.content() {
            Statement::Ballot { slot, targets } => {
                json!({ "device": hex(slot.device), "slot": slot.number, "targets": targets })
            }
            Statement::Follows { slot, name, targets } => {
                let targets: Vec<_> = targets.iter().map(PublicKey::to_hex).collect();
                let name = name.as_ref().map(ListName::as_str);
                json!({ "device": hex(slot.device), "slot": slot.number, "name": name, "targets": targets })
            }
            Statement::Labels { slot, labels } => {
                let label = |label: &Label| {
                    let (what, id) = match label.target {
                        LabelTarget::Item(work) => ("i", work.to_string()),
                        LabelTarget::Key(key) => ("k", key.to_hex()),
                    };
                    json!({ "what": what, "id": id, "value": label.value, "reason": label.reason })
                };
                let labels: Vec<_> = labels.iter().map(label).collect();
                json!({ "device": hex(slot.device), "slot": slot.number, "labels": labels })
            }
            Statement::Profile { name, about, active, next } => {
                json!({ "name": name, "text": about, "where": active, "next": next.map(hex) })
            }
            Statement::Retraction { targets } => json!({ "targets": targets }),
            Statement::Succession { next } => {
                let next = next.as_ref().map(PublicKey::to_hex);
                json!({ "next": next, "next_person": next.as_ref().map(|_| 9) })
            }
        };
        json!({
            "name": name,
            "person": person,
            "author": signed_statement.author().to_hex(),
            "boards": signed_statement.boards(),
            "kind": signed_statement.content().kind().as_str(),
            "content": content,
            "time": signed_statement.time(),
            "bits": signed_statement.proof().bits,
            "nonce": signed_statement.proof().nonce,
            "bytes": hex(signed_statement.bytes()),
            "signed_bytes": hex(message),
            "signature": hex(signature),
            "work": signed_statement.work(),
        })
    };
    let all: Vec<Value> = all_statements().iter().map(of).collect();
    json!({ "about": "One statement of each kind, and some borders.", "statements": all })
}

fn texts() -> Value {
    let of = |item: &SignedItem, text: &[u8]| {
        let is = match item.check_text(text) {
            TextMatch::Good(_) => "good",
            TextMatch::Wrong => "wrong",
            TextMatch::Dead(_) => "dead",
        };
        json!({ "header": hex(item.header()), "text": hex(text), "is": is })
    };
    let other_hash = Raw::item(post(), 1).set("sha256", &[0; 32][..]).finish();
    let other_hash = SignedItem::from_bytes(&other_hash).unwrap();
    let nul = {
        use sha1::Digest as _;
        let raw = Raw::item(post(), 1).info("length", 3);
        let raw = raw.info("pieces", &sha1::Sha1::digest(b"a\0b")[..]);
        let bytes = raw.set("sha256", &Sha256::digest(b"a\0b")[..]).finish();
        SignedItem::from_bytes(&bytes).unwrap()
    };
    json!({
        "about": "What bytes are to a valid header: its text (good), somebody's error (wrong), or the author's (dead).",
        "texts": [
            of(post(), TEXT.as_bytes()),
            of(post(), b"something else"),
            of(post(), b""),
            of(&other_hash, TEXT.as_bytes()),
            of(&other_hash, b"something else"),
            of(&nul, b"a\0b"),
        ],
    })
}

fn invalid() -> Value {
    let of = |case: invalid::Invalid| {
        let error = Record::from_bytes(&case.bytes).unwrap_err();
        let bytes = match case.bytes.iter().all(|byte| *byte == b'l') && case.bytes.len() > 1_000 {
            true => json!({ "repeat": "6c", "times": case.bytes.len() }),
            false => hex(&case.bytes).into(),
        };
        json!({
            "name": case.name,
            "record": bytes,
            "unsupported": error.is_unsupported(),
            "why": error.to_string(),
        })
    };
    let records: Vec<Value> = invalid::all().into_iter().map(of).collect();
    json!({
        "about": "Records that are refused. `why` is this implementation's message; another's may differ. `unsupported`: a later version may understand it, so it is no lie.",
        "records": records,
    })
}

fn signatures() -> Value {
    let honest = Craft::HONEST;
    let cases = [
        ("an honest signature", honest),
        ("A with a part of order 8", Craft { a: 1, ..honest }),
        ("A with a part of order 2", Craft { a: 4, ..honest }),
        ("R with a part of order 8", Craft { r: 5, ..honest }),
        ("R and A with parts of order 8", Craft { a: 3, r: 7, ..honest }),
        ("R of order 1", Craft { small_r: true, ..honest }),
        ("R of order 2, A with a part of order 4", Craft { small_r: true, r: 4, a: 6, ..honest }),
        (
            "R of order 1, its y written as y + p",
            Craft { small_r: true, fault: Fault::UnreducedR, ..honest },
        ),
        (
            "R of order 4, its y written as y + p",
            Craft { small_r: true, r: 2, fault: Fault::UnreducedR, ..honest },
        ),
        ("A of order 1", Craft { small_a: true, ..honest }),
        ("A of order 2", Craft { small_a: true, a: 4, ..honest }),
        ("A of order 4", Craft { small_a: true, a: 2, ..honest }),
        ("A of order 8", Craft { small_a: true, a: 1, r: 3, ..honest }),
        ("A and R of order 8", Craft { small_a: true, small_r: true, a: 1, r: 3, ..honest }),
        (
            "A of order 1, its y written as y + p",
            Craft { small_a: true, fault: Fault::UnreducedA, ..honest },
        ),
        ("S + L in place of S", Craft { fault: Fault::LargeS, ..honest }),
        (
            "S + L, A and R with parts of order 8",
            Craft { fault: Fault::LargeS, a: 1, r: 1, ..honest },
        ),
        ("S + 1 in place of S", Craft { fault: Fault::OtherS, ..honest }),
        ("R is no point", Craft { fault: Fault::NoR, ..honest }),
        ("A is no point", Craft { fault: Fault::NoA, ..honest }),
    ];
    let retraction = statement(1, TIME, Statement::Retraction { targets: vec![post().work()] });
    let of = |(name, craft): (&str, Craft)| {
        let (public, sign) = craft.key(1);
        let (mut message, mut signature) = (Vec::new(), Vec::new());
        let raw = Raw::statement(&retraction, 1).set("author", &public[..]);
        let record = raw.finish_with(|signed| {
            message = signed.to_vec();
            signature = sign(signed).to_vec();
            sign(signed)
        });
        let valid = Record::from_bytes(&record).is_ok();
        json!({
            "name": name,
            "public": hex(public),
            "message": hex(message),
            "signature": hex(signature),
            "record": hex(record),
            "valid": valid,
        })
    };
    json!({
        "about": "ZIP 215, with A canonical and not of small order. Each is a whole statement: message are its signed bytes.",
        "signatures": cases.map(of),
    })
}

fn digests() -> Value {
    let mut digest = DayDigest::empty(day_of(TIME));
    let mut steps = vec![json!({ "count": 0, "fingerprint": hex(digest.fingerprint()) })];
    let ids = [
        [0xff; 32],
        {
            let mut one = [0; 32];
            one[0] = 1;
            one
        },
        *post().work().as_bytes(),
    ];
    for id in ids {
        digest.insert(&WorkId::from_bytes(id));
        steps.push(json!({
            "insert": hex(id),
            "count": digest.count,
            "sum": hex(digest.sum),
            "fingerprint": hex(digest.fingerprint()),
        }));
    }
    json!({ "about": "A day's digest while records are added.", "day": digest.day, "steps": steps })
}

/// The simplest node: records in memory, texts of what it hosts.
struct Node {
    name: &'static str,
    records: BTreeMap<(u64, WorkId), Vec<u8>>,
    texts: BTreeMap<WorkId, &'static str>,
    relayed: BTreeMap<WorkId, &'static str>,
    session: Session,
}

pub(crate) struct Set(pub Vec<(u64, WorkId)>);

impl Source for Set {
    fn digests(&self, _: &BoardName, days: RangeInclusive<u64>, _: u8) -> Vec<DayDigest> {
        let mut digests: BTreeMap<u64, DayDigest> = BTreeMap::new();
        for (time, id) in self.0.iter().filter(|(time, _)| days.contains(&day_of(*time))) {
            let day = day_of(*time);
            digests.entry(day).or_insert(DayDigest::empty(day)).insert(id);
        }
        digests.into_values().collect()
    }

    fn day(&self, _: &BoardName, day: u64, _: u8) -> Vec<(u64, WorkId)> {
        self.0.iter().filter(|(time, _)| day_of(*time) == day).copied().collect()
    }

    fn unknown(&self, works: &[WorkId]) -> Vec<WorkId> {
        let known = |work: &WorkId| self.0.iter().any(|(_, id)| id == work);
        works.iter().filter(|work| !known(work)).copied().collect()
    }
}

pub(crate) const NOW: u64 = TIME + 100_000;

impl Node {
    fn new(name: &'static str, role: Role, records: &[Record]) -> Self {
        let options = Options { board: board(), first: day_of(NOW) - 30, min_bits: 16 };
        let mut node = Self {
            name,
            records: BTreeMap::new(),
            texts: BTreeMap::new(),
            relayed: BTreeMap::new(),
            session: Session::new(role, options, &Sets::default(), NOW),
        };
        records.iter().for_each(|record| node.keep(record));
        node
    }

    fn keep(&mut self, record: &Record) {
        self.records.insert((record.time(), record.work()), record.bytes().to_vec());
    }

    fn set(&self) -> Set {
        Set(self.records.keys().copied().collect())
    }

    fn receive(&mut self, frame: &[u8]) {
        let set = self.set();
        self.session.receive(frame, &set, NOW).unwrap();
        while let Some(event) = self.session.next_event() {
            match event {
                Event::Offered(ids) => assert!(self.session.want(&ids, NOW).is_empty()),
                Event::Serve(ids) => {
                    let record = |id: &WorkId| {
                        let (_, bytes) = self.records.iter().find(|(key, _)| key.1 == *id)?;
                        Some((*id, bytes.clone()))
                    };
                    let found: Vec<_> = ids.iter().filter_map(record).collect();
                    let gone = set.unknown(&ids);
                    self.session.serve(found, &gone);
                }
                Event::Records(list) => {
                    for result in Record::from_many(&list) {
                        let record = result.unwrap();
                        self.keep(&record);
                        self.session.arrived(&[record.work()]);
                    }
                }
                Event::TextsWanted(ids) => {
                    let text = |id: &WorkId| Some((*id, self.texts.get(id)?.as_bytes().to_vec()));
                    let found: Vec<_> = ids.iter().filter_map(text).collect();
                    let relayed =
                        |id: &WorkId| Some((*id, self.relayed.get(id)?.as_bytes().to_vec()));
                    let passed_on: Vec<_> = ids.iter().filter_map(relayed).collect();
                    let is_missing = |id: &&WorkId| {
                        !self.texts.contains_key(id) && !self.relayed.contains_key(id)
                    };
                    let missing: Vec<_> = ids.iter().filter(is_missing).copied().collect();
                    self.session.relay_texts(passed_on);
                    self.session.send_texts(found, &missing);
                }
                _ => {}
            }
        }
    }

    fn ids(&self) -> Value {
        let of = |((time, work), bytes): (&(u64, WorkId), &Vec<u8>)| json!({ "time": time, "work": work, "record": hex(bytes) });
        self.records.iter().map(of).collect()
    }
}

pub(crate) fn frame_name(frame: &[u8]) -> String {
    let name = match Frame::from_bytes(frame).unwrap() {
        Frame::Hello { .. } => "hello",
        Frame::Open { .. } => "open",
        Frame::Digests(_) => "digests",
        Frame::Differ(_) => "differ",
        Frame::Reconcile { .. } => "reconcile",
        Frame::Done => "done",
        Frame::Have(_) => "have",
        Frame::Want(_) => "want",
        Frame::Records(_) => "records",
        Frame::Gone(_) => "gone",
        Frame::WantText(_) => "want-text",
        Frame::Texts(_) => "texts",
        Frame::Relayed(_) => "relayed",
        Frame::NoText(_) => "no-text",
        Frame::Peers(_) => "peers",
        Frame::Punch(_) => "punch",
        Frame::Unknown(_) => "unknown",
    };
    name.to_owned()
}

/// Passes frames until nothing moves.
fn talk(dialler: &mut Node, listener: &mut Node, frames: &mut Vec<Value>) {
    let mut queue: VecDeque<(bool, Vec<u8>)> = VecDeque::new();
    loop {
        while let Some(frame) = dialler.session.next_frame() {
            queue.push_back((true, frame));
        }
        while let Some(frame) = listener.session.next_frame() {
            queue.push_back((false, frame));
        }
        let Some((down, frame)) = queue.pop_front() else { return };
        let (from, to) = if down { (&*dialler, "listener") } else { (&*listener, "dialler") };
        frames.push(json!({
            "from": from.name,
            "to": to,
            "m": frame_name(&frame),
            "frame": hex(&frame),
        }));
        if down { listener.receive(&frame) } else { dialler.receive(&frame) }
    }
}

/// A whole conversation: two days in common, differences on both sides, texts and peers.
fn conversation() -> (Node, Node, Value, Value, Vec<Value>) {
    let record = |item: &SignedItem| Record::Item(item.clone());
    let of = |name: &str| {
        let (_, _, found) = all_statements().into_iter().find(|(n, ..)| *n == name).unwrap();
        Record::Statement(found)
    };
    let left = [record(post()), record(comment()), of("ballot"), of("plain profile"), of("labels")];
    let right =
        [record(post()), record(reply()), of("follows"), of("profile"), of("plain profile")];
    let mut dialler = Node::new("dialler", Role::Dialler, &left);
    let mut listener = Node::new("listener", Role::Listener, &right);
    listener.texts.insert(post().work(), TEXT);
    let before = (dialler.ids(), listener.ids());
    let mut frames = Vec::new();
    talk(&mut dialler, &mut listener, &mut frames);
    dialler.session.want_texts(&[post().work(), reply().work()], NOW);
    talk(&mut dialler, &mut listener, &mut frames);
    listener.session.want(&[WorkId::from_bytes([7; 32])], NOW);
    talk(&mut dialler, &mut listener, &mut frames);
    // A fresh record is pushed whole.
    let fresh = of("retraction");
    dialler.keep(&fresh);
    dialler.session.push(fresh.work(), fresh.bytes(), NOW);
    talk(&mut dialler, &mut listener, &mut frames);
    let peers = ["192.0.2.1:6881", "[2001:db8::1]:6881"].map(|peer| peer.parse().unwrap());
    listener.session.send_peers(&peers);
    talk(&mut dialler, &mut listener, &mut frames);
    // Asked once more, by then the listener passes it on.
    listener.relayed.insert(reply().work(), text_of(reply()));
    dialler.session.want_texts(&[reply().work()], NOW);
    talk(&mut dialler, &mut listener, &mut frames);
    listener.session.send_punch(peers[0]);
    talk(&mut dialler, &mut listener, &mut frames);
    assert_eq!(dialler.set().0, listener.set().0);
    (dialler, listener, before.0, before.1, frames)
}

fn sync() -> Value {
    let (dialler, _, left, right, frames) = conversation();
    json!({
        "about": "A conversation of up_sync about the board \"upseed\". `frames` stand in the order in which they arrive: each side puts what it sends at the end of one queue, from which the oldest is taken and answered. Other orders between the sides are possible; those of one side are in its own. Then the dialler asks for two texts, of which the listener hosts one; the listener asks for a record that is not there; the dialler pushes a fresh record; the listener tells of two peers; the dialler asks for the other text again, which the listener passes on by now; the listener has both dial each other.",
        "now": NOW,
        "board": "upseed",
        "first": day_of(NOW) - 30,
        "bits": 16,
        "dialler": left,
        "listener": right,
        "frames": frames,
        "both_after": dialler.set().0.iter().map(|(_, id)| id.to_string()).collect::<Vec<_>>(),
    })
}

/// fuzz/seeds: a few files for each target.
pub fn seeds() -> Files {
    let mut files = Files::new();
    let mut put = |target: &str, name: &str, bytes: Vec<u8>| {
        files.insert(format!("{target}/{name}"), bytes);
    };
    for (name, item) in [("post", post()), ("comment", comment())] {
        put("item", name, item.header().to_vec());
        put("bencode", name, item.header().to_vec());
        put("torrent", name, torrent::write(item, Some(TEXT), &["http://t/a".into()]));
        let magnet = Magnet {
            infohash: item.infohash(),
            name: Some(item.file_name().into()),
            trackers: vec!["http://t/a".into()],
            peers: vec!["192.0.2.1:6881".parse().unwrap()],
        };
        put("magnet", name, magnet.to_string().into_bytes());
    }
    // Of other programs, one with its keys out of order, and one of both versions.
    let file = "6:lengthi5e4:name5:a.iso12:piece lengthi16384e6:pieces20:01234567890123456789";
    let ordinary = format!("d4:infod{file}e8:announce10:http://t/ae");
    put("torrent", "ordinary", ordinary.into_bytes());
    let tree = "9:file treed5:a.isod0:d6:lengthi5eeee";
    let hybrid = format!("d4:infod{tree}{file}12:meta versioni2eee");
    put("torrent", "hybrid", hybrid.into_bytes());
    for (name, _, statement) in all_statements() {
        put("statement", &name.replace(' ', "-"), statement.bytes().to_vec());
    }
    put("text", "text", TEXT.as_bytes().to_vec());
    let Kind::Post { title } = post().kind() else { unreachable!("a post") };
    put("text", "title", title.as_str().as_bytes().to_vec());
    put("ids", "board", b"upseed".to_vec());
    put("ids", "key", key(1).public().to_string().into_bytes());
    put("ids", "key-hex", key(1).public().to_hex().into_bytes());
    put("ids", "infohash", post().infohash().to_string().into_bytes());
    put("ids", "phrase", key(1).phrase().as_bytes().to_vec());

    // A session's input: the role, then frames, each after its length in two bytes.
    let (.., frames) = conversation();
    let mut sessions = [vec![0], vec![1]];
    // An engine's: a peer that was dialled or that came, its frames, and ten seconds.
    let mut engines = [vec![0, 0, 0, 0], vec![0, 1, 0, 0]];
    for frame in &frames {
        let hex = frame["frame"].as_str().unwrap();
        let bytes: Vec<u8> = (0..hex.len() / 2)
            .map(|at| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).unwrap())
            .collect();
        let side = usize::from(frame["to"] == "listener");
        let sized = [&(bytes.len() as u16).to_be_bytes()[..], &bytes].concat();
        sessions[side].extend_from_slice(&sized);
        engines[side].extend([&[1, 0][..], &sized].concat());
        put("frame", frame["m"].as_str().unwrap(), bytes);
    }
    for ((name, session), engine) in ["dialler", "listener"].into_iter().zip(sessions).zip(engines)
    {
        put("session", name, session);
        put("engine", name, [&engine[..], &[6, 10, 0, 0]].concat());
    }
    files
}
