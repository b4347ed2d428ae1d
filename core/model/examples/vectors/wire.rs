//! What crosses the wire beside records: magnet links, frames, messages of negentropy.

use negentropy::{Id, Negentropy, NegentropyStorageVector};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use upseed_model::{
    WorkId,
    limits::{MAX_FRAME, MAX_IDS, MAX_RECONCILE},
    magnet::Magnet,
    sync::{Event, Fault, Frame, Options, Role, Session, Sets, day_of},
};

use crate::{
    generate::{NOW, Set, frame_name, hex},
    support::{TIME, board, post},
};

pub fn magnets() -> Value {
    let hash = "f3237055733337560b1657ff5fdda5c3fe2e424d";
    let topic = format!("xt=urn:btih:{hash}");
    let other = "00112233445566778899aabbccddeeff00112233";
    let of = |(name, link): (&str, String)| match link.parse::<Magnet>() {
        Ok(magnet) => json!({
            "name": name,
            "link": link,
            "infohash": magnet.infohash,
            "dn": magnet.name,
            "tr": magnet.trackers,
            "x.pe": magnet.peers,
        }),
        Err(error) => json!({ "name": name, "link": link, "why": error.to_string() }),
    };
    let read = [
        ("an infohash in hex", format!("magnet:?{topic}")),
        ("an infohash in hex, in capitals", format!("MAGNET:?XT=URN:BTIH:{}", hash.to_uppercase())),
        ("an infohash in base32", "magnet:?xt=urn:btih:6mrxavltgm3vmcywk77v7xnfyp7c4qsn".into()),
        ("a name of two scripts", format!("magnet:?{topic}&dn=%D7%A9%D7%9C%D7%95%D7%9D%20a")),
        ("a plus sign is a space", format!("magnet:?{topic}&dn=a+b%2Bc&tr=http://x/a+b")),
        ("two trackers and two peers", {
            format!(
                "magnet:?{topic}&tr=http%3A%2F%2Fx%2Fa&tr=udp://y:1&x.pe=192.0.2.1:6881&x.pe=%5B2001:db8::1%5D:6881"
            )
        }),
        ("numbered keys", {
            format!(
                "magnet:?xt.1=urn:btih:{hash}&dn.1=a&tr.1=http://x&tr.20=http://y&x.pe.1=192.0.2.1:1&x.pe.2=192.0.2.2:2"
            )
        }),
        ("the same infohash twice", format!("magnet:?{topic}&xt.2=urn:btih:{hash}")),
        (
            "topics of other kinds beside it",
            format!("magnet:?xt=urn:btmh:1220aa&{topic}&xt=urn:sha1:x"),
        ),
        ("what is dropped", {
            format!(
                "magnet:?{topic}&ws=http://w&xs=http://s&as=http://a&so=0-2&kt=k&later=1&tr.x=http://x&x.pe.=192.0.2.1:1"
            )
        }),
        ("what cannot be decoded is left out", {
            format!(
                "magnet:?{topic}&dn=%zz&tr=%E9&tr=%&tr=http://x&x.pe=host:1&x.pe=192.0.2.1&x.pe=192.0.2.1:65536"
            )
        }),
        ("a name with a line feed is left out", format!("magnet:?{topic}&dn=a%0Ab")),
        ("the last name that can be read counts", format!("magnet:?{topic}&dn=a&dn=b&dn=%zz")),
        ("17 trackers and 17 peers", {
            let each = |n: u32| format!("&tr=http://t{n}&x.pe=192.0.2.{n}:1");
            format!("magnet:?{topic}{}", (1..=17).map(each).collect::<String>())
        }),
    ];
    let refused = [
        ("another scheme", format!("http:?{topic}")),
        ("no topic", "magnet:?dn=a".into()),
        ("a topic that is empty", "magnet:?xt=urn:btih:".into()),
        ("an infohash of 39 digits", format!("magnet:?xt=urn:btih:{}", &hash[1..])),
        ("an infohash with a g", format!("magnet:?xt=urn:btih:{}", hash.replace('f', "g"))),
        ("two infohashes", format!("magnet:?{topic}&xt=urn:btih:{other}")),
        ("a broken percent sign in the topic", format!("magnet:?xt=urn:btih:%zz{hash}")),
        ("8,193 bytes", format!("magnet:?{topic}&dn={}", "a".repeat(8_193 - 64))),
    ];
    let read = read.map(of);
    let refused = refused.map(of);
    assert!(
        read.iter().all(|case| case["why"].is_null())
            && refused.iter().all(|case| case["why"].is_string())
    );
    let written = Magnet::of(post()).to_string();
    json!({
        "about": "Magnet links and what is read of them. `refused` are links of no item; `why` is this implementation's message.",
        "read": read,
        "refused": refused,
        "written": { "header": hex(post().header()), "link": written },
    })
}

/// Bytes, with what is repeated in them written once.
fn bytes(frame: &[u8]) -> Value {
    const LEAST: usize = 256;
    let mut at = 0;
    while at < frame.len() {
        let run = frame[at..].iter().take_while(|byte| **byte == frame[at]).count();
        if run >= LEAST {
            let (before, after) = (&frame[..at], &frame[at + run..]);
            assert!(after.len() < 2_048, "only one run");
            return json!({
                "before": hex(before), "repeat": hex([frame[at]]), "times": run, "after": hex(after),
            });
        }
        at += run;
    }
    hex(frame).into()
}

fn ids(name: &str, count: usize) -> Vec<u8> {
    let ids = vec![b'x'; 32 * count];
    [
        format!("d3:ids{}:", ids.len()).as_bytes(),
        &ids,
        format!("1:m{}:{name}e", name.len()).as_bytes(),
    ]
    .concat()
}

pub fn frames() -> Value {
    let days = |rows: &[u32], width: usize| -> Vec<u8> {
        rows.iter().flat_map(|day| [&day.to_be_bytes()[..], &vec![1; width - 4]].concat()).collect()
    };
    let list_of_days = |name: &str, rows: &[u8]| {
        [
            format!("d4:days{}:", rows.len()).as_bytes(),
            rows,
            format!("1:m{}:{name}e", name.len()).as_bytes(),
        ]
        .concat()
    };
    let peers = |count: usize, address: &[u8]| {
        let one = [format!("{}:", address.len()).as_bytes(), address].concat();
        [&b"d4:listl"[..], &one.repeat(count), b"e1:m5:peerse"].concat()
    };
    let sized = |size: usize| {
        let length = size - "d1:m5:later1:x262121:e".len();
        format!("d1:m5:later1:x{length}:{}e", "x".repeat(length)).into_bytes()
    };
    let text = |id: usize, texts: &[usize]| {
        let list: String = texts.iter().map(|n| format!("{n}:{}", "t".repeat(*n))).collect();
        format!("d3:ids{}:{}4:listl{list}e1:m5:textse", 32 * id, "i".repeat(32 * id)).into_bytes()
    };
    let read: Vec<(&str, Vec<u8>)> = vec![
        ("hello", b"d5:framei262144e1:m5:hello3:maxi1e3:mini1e4:timei1800000000ee".to_vec()),
        (
            "hello of what speaks later versions as well",
            b"d5:framei1048576e1:m5:hello3:maxi9e3:mini1e4:timei1800000000ee".to_vec(),
        ),
        ("open", b"d4:bitsi255e5:board6:upseed5:firsti20000e4:lasti20030e1:m4:opene".to_vec()),
        ("open of no day", b"d4:bitsi0e5:board1:a5:firsti9e4:lasti3e1:m4:opene".to_vec()),
        ("digests of nothing", list_of_days("digests", &[])),
        ("digests of two days", list_of_days("digests", &days(&[1, 2], 24))),
        ("differ in nothing", list_of_days("differ", &[])),
        ("differ in two days", list_of_days("differ", &days(&[1, 256], 4))),
        ("reconcile with an empty message", b"d4:data0:3:dayi20718e1:m9:reconcilee".to_vec()),
        ("done", b"d1:m4:donee".to_vec()),
        ("have of nothing", ids("have", 0)),
        ("have of one id twice", ids("have", 2)),
        ("want of 1,024 ids", ids("want", MAX_IDS)),
        ("gone", ids("gone", 1)),
        ("want-text", ids("want-text", 1)),
        ("no-text", ids("no-text", 1)),
        ("records of nothing", b"d4:listle1:m7:recordse".to_vec()),
        ("records that are none", b"d4:listl0:1:xe1:m7:recordse".to_vec()),
        ("an empty text", text(1, &[0])),
        ("a text of 65,536 bytes", text(1, &[65_536])),
        ("16 peers", peers(16, &[192, 0, 2, 1, 0x1a, 0xe1])),
        (
            "a peer of IPv6",
            peers(1, &[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x1a, 0xe1]),
        ),
        ("an unknown frame", b"d1:m5:later1:xi1ee".to_vec()),
        ("an unknown frame with keys before m", b"d1:ali1edee1:m5:latere".to_vec()),
        ("an unknown frame without a name", b"d1:m0:e".to_vec()),
        ("a frame of 262,144 bytes", sized(MAX_FRAME)),
    ];
    let refused: Vec<(&str, Vec<u8>)> = vec![
        ("nothing", vec![]),
        ("a list", b"l1:m4:donee".to_vec()),
        ("no m", b"d1:xi1ee".to_vec()),
        ("an m that is a number", b"d1:mi1ee".to_vec()),
        ("keys that descend", b"d1:x1:y1:m5:latere".to_vec()),
        ("a key twice", b"d1:m4:done1:m4:donee".to_vec()),
        ("a byte behind the frame", b"d1:m4:doneee".to_vec()),
        ("17 levels", format!("d1:m5:later1:x{}{}e", "l".repeat(16), "e".repeat(16)).into_bytes()),
        ("a frame of 262,145 bytes", sized(MAX_FRAME + 1)),
        ("done with another key", b"d1:m4:done1:xi1ee".to_vec()),
        ("hello without min", b"d5:framei262144e1:m5:hello3:maxi1e4:timei1800000000ee".to_vec()),
        ("hello without time", b"d5:framei262144e1:m5:hello3:maxi1e3:mini1ee".to_vec()),
        (
            "hello with another key",
            b"d5:framei262144e1:m5:hello3:maxi1e3:mini1e4:nodei1e4:timei1800000000ee".to_vec(),
        ),
        (
            "hello with a string",
            b"d5:framei262144e1:m5:hello3:max1:13:mini1e4:timei1800000000ee".to_vec(),
        ),
        (
            "open with 256 bits",
            b"d4:bitsi256e5:board6:upseed5:firsti1e4:lasti2e1:m4:opene".to_vec(),
        ),
        (
            "open of a board that is none",
            b"d4:bitsi0e5:board6:Upseed5:firsti1e4:lasti2e1:m4:opene".to_vec(),
        ),
        ("digests that descend", list_of_days("digests", &days(&[2, 1], 24))),
        ("digests of a day twice", list_of_days("digests", &days(&[1, 1], 24))),
        ("digests cut off inside a row", list_of_days("digests", &days(&[1], 23))),
        ("differ that descends", list_of_days("differ", &days(&[2, 1], 4))),
        ("differ in a day twice", list_of_days("differ", &days(&[1, 1], 4))),
        ("ids of 33 bytes", b"d3:ids33:012345678901234567890123456789abc1:m4:havee".to_vec()),
        ("1,025 ids", ids("have", MAX_IDS + 1)),
        ("a record that is a number", b"d4:listli1ee1:m7:recordse".to_vec()),
        ("one id and two texts", text(1, &[1, 1])),
        ("two ids and one text", text(2, &[1])),
        ("a text of 65,537 bytes", text(1, &[65_537])),
        ("17 peers", peers(17, &[192, 0, 2, 1, 0x1a, 0xe1])),
        ("a peer of 7 bytes", peers(1, &[192, 0, 2, 1, 0x1a, 0xe1, 0])),
    ];
    let read = read.into_iter().map(|(name, frame)| {
        let m = Frame::from_bytes(&frame).map(|_| frame_name(&frame));
        json!({ "name": name, "m": m.unwrap_or_else(|error| panic!("{name}: {error}")), "frame": bytes(&frame) })
    });
    let refused = refused.into_iter().map(|(name, frame)| {
        let error = Frame::from_bytes(&frame).expect_err(name);
        json!({ "name": name, "frame": bytes(&frame), "why": error.to_string() })
    });
    json!({
        "about": "Frames: those that are read (`m` is \"unknown\" for those that are ignored), those that are malformed, and what becomes of a side whose peer's frames are these, in order, about the board \"upseed\" at `now`: its own set is empty, and it asks for the last 30 days at 16 bits. All frames but the last are taken; the last one is taken as well, or it ends the connection: without blame (`closed`), for 60 seconds (`quota`), or with the peer kept away. `why` is this implementation's message.",
        "read": read.collect::<Vec<_>>(),
        "refused": refused.collect::<Vec<_>>(),
        "now": NOW,
        "sequences": sequences(),
    })
}

fn sequences() -> Vec<Value> {
    const HELLO: &[u8] = b"d5:framei262144e1:m5:hello3:maxi1e3:mini1e4:timei1800000000ee";
    const OPEN: &[u8] = b"d4:bitsi16e5:board6:upseed5:firsti20687e4:lasti20719e1:m4:opene";
    const LATER: &[u8] = b"d1:m5:latere";
    const DONE: &[u8] = b"d1:m4:donee";
    const NO_DIGESTS: &[u8] = b"d4:days0:1:m7:digestse";
    const NO_DIFFER: &[u8] = b"d4:days0:1:m6:differe";
    let today = day_of(NOW) as u32;
    let row = [&today.to_be_bytes()[..], &1u32.to_be_bytes(), &[7; 16]].concat();
    let digests = [b"d4:days24:", &row[..], b"1:m7:digestse"].concat();
    let differ = [&b"d4:days4:"[..], &today.to_be_bytes(), b"1:m6:differe"].concat();
    let question = |day: u32, data: &[u8]| {
        Frame::Reconcile { day: day.into(), data: data.to_vec() }.to_bytes()
    };
    let empty_list = [0x61, 0, 0, 2, 0];
    let want = ids("want", 1);
    let cases: Vec<(&str, Role, Vec<&[u8]>)> = vec![
        ("a greeting", Role::Listener, vec![HELLO, OPEN]),
        ("open before hello", Role::Listener, vec![OPEN]),
        ("an unknown frame before hello", Role::Listener, vec![LATER]),
        ("an unknown frame between hello and open", Role::Listener, vec![HELLO, LATER]),
        ("want before open", Role::Listener, vec![HELLO, &want]),
        ("hello twice", Role::Listener, vec![HELLO, HELLO]),
        ("hello after open", Role::Listener, vec![HELLO, OPEN, HELLO]),
        ("open twice", Role::Listener, vec![HELLO, OPEN, OPEN]),
        (
            "no common version",
            Role::Listener,
            vec![b"d5:framei262144e1:m5:hello3:maxi9e3:mini2e4:timei1800000000ee"],
        ),
        (
            "smaller frames",
            Role::Listener,
            vec![b"d5:framei262143e1:m5:hello3:maxi1e3:mini1e4:timei1800000000ee"],
        ),
        (
            "another board",
            Role::Listener,
            vec![HELLO, b"d4:bitsi16e5:board4:rust5:firsti20687e4:lasti20719e1:m4:opene"],
        ),
        ("a malformed frame", Role::Listener, vec![HELLO, b"d1:xi1ee"]),
        ("digests", Role::Listener, vec![HELLO, OPEN, &digests]),
        ("digests twice", Role::Listener, vec![HELLO, OPEN, &digests, &digests]),
        (
            "digests six times",
            Role::Listener,
            vec![HELLO, OPEN, &digests, &digests, &digests, &digests, &digests, &digests],
        ),
        ("digests from the listener", Role::Dialler, vec![HELLO, OPEN, NO_DIGESTS]),
        ("differ from the dialler", Role::Listener, vec![HELLO, OPEN, NO_DIFFER]),
        ("done from the listener", Role::Dialler, vec![HELLO, OPEN, DONE]),
        ("done without digests", Role::Listener, vec![HELLO, OPEN, DONE]),
        ("done after digests", Role::Listener, vec![HELLO, OPEN, &digests, DONE]),
        ("done twice", Role::Listener, vec![HELLO, OPEN, &digests, DONE, DONE]),
        ("differ in nothing", Role::Dialler, vec![HELLO, OPEN, NO_DIFFER]),
        ("differ twice", Role::Dialler, vec![HELLO, OPEN, NO_DIFFER, NO_DIFFER]),
        ("differ in a day", Role::Dialler, vec![HELLO, OPEN, &differ]),
        (
            "a day outside the range differs",
            Role::Dialler,
            vec![HELLO, OPEN, b"d4:days4:\x00\x00\x00\x011:m6:differe"],
        ),
    ];
    let mut all: Vec<Value> =
        cases.into_iter().map(|(name, role, frames)| sequence(name, role, &frames)).collect();
    let with_question = [
        ("a question about a day that differs", today, &empty_list[..]),
        ("a question about another day", today - 1, &empty_list),
        ("a question without a version byte", today, &[]),
        ("a question in another version of negentropy", today, &[0x62, 0, 0, 2, 0]),
        ("a question with a wrong version byte", today, &[0x70]),
        ("a question with an unknown mode", today, &[0x61, 0, 0, 3]),
        ("a question with a bound of 33 bytes", today, &[0x61, 1, 33]),
        ("a question with a list that is cut off", today, &[0x61, 0, 0, 2, 1, 7]),
    ];
    for (name, day, data) in with_question {
        let question = question(day, data);
        all.push(sequence(name, Role::Listener, &[HELLO, OPEN, &digests, &question]));
    }
    let answers = [
        ("an answer that shows no difference", &[0x61][..]),
        ("an answer in another version of negentropy", &[0x62]),
        ("an answer with an unknown mode", &[0x61, 0, 0, 3]),
    ];
    for (name, data) in answers {
        let answer = question(today, data);
        all.push(sequence(name, Role::Dialler, &[HELLO, OPEN, &differ, &answer]));
    }
    let answer = question(today, &[0x61]);
    all.push(sequence(
        "an answer about a day that is over",
        Role::Dialler,
        &[HELLO, OPEN, &differ, &answer, &answer],
    ));
    all.push(sequence("an answer without a question", Role::Dialler, &[HELLO, OPEN, &answer]));
    let ask = question(today, &empty_list);
    all.push(sequence(
        "a question after done",
        Role::Listener,
        &[HELLO, OPEN, &digests, DONE, &ask],
    ));
    all.push(sequence("a question without digests", Role::Listener, &[HELLO, OPEN, &ask]));
    all
}

/// What becomes of a side that gets these frames, and what it sends.
fn sequence(name: &str, role: Role, frames: &[&[u8]]) -> Value {
    let options = Options { board: board(), first: day_of(NOW) - 30, min_bits: 16 };
    let mut session = Session::new(role, options, &Sets::default(), NOW);
    let set = Set(Vec::new());
    let mut sent = Vec::new();
    let mut end = Ok(());
    for (at, frame) in frames.iter().enumerate() {
        end = session.receive(frame, &set, NOW);
        assert!(end.is_ok() || at + 1 == frames.len(), "{name}: {end:?}");
        while let Some(event) = session.next_event() {
            // It has nothing to give.
            if let Event::Serve(ids) = event {
                session.serve(vec![], &ids);
            }
        }
        while let Some(frame) = session.next_frame() {
            sent.push(frame);
        }
    }
    let then = match &end {
        Ok(()) => "taken",
        Err(fault) if fault.is_lie() => "kept away",
        Err(Fault::Quota(_)) => "quota",
        Err(_) => "closed",
    };
    let side = if role == Role::Dialler { "dialler" } else { "listener" };
    json!({
        "name": name,
        "side": side,
        "frames": frames.iter().map(hex).collect::<Vec<_>>(),
        "then": then,
        "why": end.err().map(|fault| fault.to_string()),
        "sends": sent.iter().map(hex).collect::<Vec<_>>(),
    })
}

/// From one number to another, which is not included.
type Numbers = (u32, u32);

/// Record number `n` of a case.
fn member(n: u32, spread: u64) -> (u64, WorkId) {
    (TIME + u64::from(n) % spread, WorkId::from_bytes(Sha256::digest(n.to_be_bytes()).into()))
}

pub fn negentropy() -> Value {
    let cases: [(&str, u64, &[Numbers], &[Numbers]); 8] = [
        ("two empty sets", 1, &[], &[]),
        ("equal sets", 1_000, &[(0, 100)], &[(0, 100)]),
        ("an empty dialler", 1_000, &[], &[(0, 20)]),
        ("an empty listener", 1_000, &[(0, 20)], &[]),
        ("31 and 33 records", 1_000, &[(0, 31)], &[(0, 33)]),
        ("300 records of one second", 1, &[(0, 298)], &[(2, 300)]),
        (
            "2,000 records, some differences",
            40_000,
            &[(0, 700), (702, 2_000)],
            &[(0, 1_400), (1_401, 2_003)],
        ),
        ("more ids than a message holds", 86_000, &[], &[(0, 9_000)]),
    ];
    let cases = cases.map(|(name, spread, dialler, listener)| {
        let set = |ranges: &[Numbers]| {
            let numbers = ranges.iter().flat_map(|(from, to)| *from..*to);
            let mut set: Vec<_> = numbers.map(|n| member(n, spread)).collect();
            set.sort_unstable();
            Set(set)
        };
        let (dialler_set, listener_set) = (set(dialler), set(listener));
        let (messages, have, want) = exchange(&dialler_set, &listener_set);
        json!({
            "name": name,
            "spread": spread,
            "dialler": dialler,
            "listener": listener,
            "messages": messages,
            "have": digest(have),
            "want": digest(want),
        })
    });
    json!({
        "about": "Comparisons of one day. Record n has the time `base` + n mod `spread`, and SHA-256 of n (4 bytes, big-endian) as its work id; both sets are given as ranges of n, the end not included. `messages` alternate, the dialler's first; of long ones length and SHA-256 are given. `have` and `want`: how many ids the dialler has learnt that it alone has, and that the listener alone has, with SHA-256 of them joined in ascending order.",
        "base": TIME,
        "limit": MAX_RECONCILE,
        "cases": cases,
    })
}

fn digest(mut ids: Vec<WorkId>) -> Value {
    ids.sort_unstable();
    let hash = ids.iter().fold(Sha256::new(), |hash, id| hash.chain_update(id.as_bytes()));
    json!({ "count": ids.len(), "sha256": hex(hash.finalize()) })
}

/// The messages about a day, what the dialler has to tell and what it is told.
fn exchange(dialler: &Set, listener: &Set) -> (Vec<Value>, Vec<WorkId>, Vec<WorkId>) {
    let [dialler, listener] = [dialler, listener].map(|set| {
        let mut storage = NegentropyStorageVector::with_capacity(set.0.len());
        for (time, work) in &set.0 {
            storage.insert(*time, Id::from_byte_array(*work.as_bytes())).unwrap();
        }
        storage.seal().unwrap();
        storage
    });
    let mut asking = Negentropy::borrowed(&dialler, MAX_RECONCILE).unwrap();
    let (mut messages, mut have, mut want) = (Vec::new(), Vec::new(), Vec::new());
    let mut question = Some(asking.initiate().unwrap());
    while let Some(data) = question {
        messages.push(message(&data));
        let mut answering = Negentropy::borrowed(&listener, MAX_RECONCILE).unwrap();
        let answer = answering.reconcile(&data).unwrap();
        messages.push(message(&answer));
        question = asking.reconcile_with_ids(&answer, &mut have, &mut want).unwrap();
    }
    let ids = |ids: Vec<Id>| ids.into_iter().map(|id| WorkId::from_bytes(id.to_bytes())).collect();
    (messages, ids(have), ids(want))
}

fn message(data: &[u8]) -> Value {
    match data.len() {
        0..=2_500 => hex(data).into(),
        bytes => json!({ "bytes": bytes, "sha256": hex(Sha256::digest(data)) }),
    }
}
