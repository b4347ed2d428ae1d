//! Torrents that a peer really has, and that are not to be taken.

use sha1::{Digest as _, Sha1};
use sha2::Sha512;
use upseed_model::{Infohash, Kind, Link, WorkId, bencode::put_bytes};
use upseed_tests::{
    Person, Stock,
    refusal::{Trace, bad},
};

use crate::{file, forged, now, post_kind, support, text};

/// Seeds what an info dictionary says and gives a magnet link that leads to it.
fn seeded(person: &Person, info: &[u8], content: &[u8]) -> (Stock, String, String) {
    let id = Infohash::from_bytes(Sha1::digest(info).into()).to_string();
    let torrent = file(person, &format!("{id}.torrent"), &[b"d4:info", info, b"e"].concat());
    let mut stock = Stock::seed(&torrent, content);
    let magnet = format!("magnet:?xt=urn:btih:{id}&x.pe={}", stock.addr());
    assert_eq!(text(&torrent), person.scratch().join(format!("{id}.torrent")).to_str().unwrap());
    (stock, id, magnet)
}

#[test]
fn a_foreign_torrent_is_not_taken() {
    let ann = Person::named("Ann").start();
    let mut info = b"d6:lengthi5e4:name5:a.iso12:piece lengthi16384e6:pieces".to_vec();
    put_bytes(&mut info, &Sha1::digest(b"hello"));
    info.push(b'e');
    let (_stock, id, magnet) = seeded(&ann, &info, b"hello");
    let before = Trace::of(&ann);
    for command in ["read", "thread", "upvote"] {
        let words = [&format!("torrent {id}: an ordinary torrent, not an Upseed item")[..]];
        bad(&ann, &[command, &magnet]).user(&words);
    }
    assert_eq!(Trace::of(&ann), before);
}

#[test]
fn an_item_of_the_future_is_not_taken_from_a_peer() {
    let ann = Person::named("Ann").start();
    let item = forged("upseed", post_kind("Tomorrow"), now() + 86_400, "Too early.\n");
    let (_stock, _, magnet) = seeded(&ann, item.header(), b"Too early.\n");
    let before = Trace::of(&ann);
    bad(&ann, &["read", &magnet]).user(&["lies in the future"]);
    bad(&ann, &["upvote", &magnet]).user(&["lies in the future"]);
    assert_eq!(Trace::of(&ann), before);
}

/// Kept, as comments come in any order; but not shown, and nothing can be said below it.
#[test]
fn a_comment_on_nothing_can_be_read_and_not_answered() {
    let ann = Person::named("Ann").start();
    let link = Link { infohash: Infohash::from_bytes([9; 20]), work: WorkId::from_bytes([9; 32]) };
    let item = forged("upseed", Kind::Comment { parent: link, root: link }, now(), "Lost.\n");
    let (_stock, id, magnet) = seeded(&ann, item.header(), b"Lost.\n");
    assert_eq!(ann.json(&["read", &magnet])["text"], "Lost.\n");
    assert_eq!(ann.top(), [] as [serde_json::Value; 0]);
    bad(&ann, &["thread", &id]).user(&["cannot be placed", "not known here"]);
    bad(&ann, &["comment", &id]).input(&b"Hello?\n"[..]).user(&["cannot be placed"]);
    assert_eq!(ann.status()["items"], 1);
}

#[test]
fn a_text_that_contradicts_its_header_is_never_shown() {
    let ann = Person::named("Ann").start();
    let honest = support::item(1, post_kind("Two texts"), now(), "One.\n");
    let header = support::Raw::item(&honest, 1).set("sha256", &[7; 32][..]).finish();
    let (_stock, id, magnet) = seeded(&ann, &header, b"One.\n");
    let words = [&format!("item {id} cannot be read: its text does not match its header")[..]];
    bad(&ann, &["read", &magnet]).user(&words);
    bad(&ann, &["upvote", &magnet]).user(&words);
    bad(&ann, &["read", &id]).user(&words);
    let status = ann.status();
    assert_eq!((&status["hosted"], &status["wanted"]), (&0.into(), &0.into()));
}

/// A second valid signature over the same bytes, as no careful signer makes it.
fn signed_again(item: &upseed_model::SignedItem, person: u8) -> Vec<u8> {
    use curve25519_dalek::{constants::ED25519_BASEPOINT_POINT as B, scalar::Scalar};
    let hash = |parts: &[&[u8]]| -> [u8; 64] { Sha512::digest(parts.concat()).into() };
    let mut secret: [u8; 32] = hash(&[&[person; 32]])[..32].try_into().unwrap();
    (secret[0], secret[31]) = (secret[0] & 248, secret[31] & 63 | 64);
    let secret = Scalar::from_bytes_mod_order(secret);
    let public = *item.author().as_bytes();
    support::Raw::item(item, person).finish_with(|message| {
        let nonce = Scalar::from_bytes_mod_order_wide(&hash(&[b"another nonce", message]));
        let r = (B * nonce).compress().to_bytes();
        let k = Scalar::from_bytes_mod_order_wide(&hash(&[&r, &public, message]));
        let s = (nonce + k * secret).to_bytes();
        [r, s].concat().try_into().unwrap()
    })
}

#[test]
fn a_second_signature_leads_to_the_item_that_is_kept() {
    let ann = Person::named("Ann").start();
    let first = support::item(1, post_kind("Twice"), now(), "Once.\n");
    let kept = first.infohash().to_string();
    let torrent = crate::torrent_file(&ann, "first.torrent", &first);
    assert_eq!(ann.json(&["import", text(&torrent)])["id"], kept.as_str());
    let again = signed_again(&first, 1);
    let (_stock, id, magnet) = seeded(&ann, &again, b"Once.\n");
    assert_ne!(id, kept);
    let note = format!("note: {id} is a second signature over an item that is kept as {kept}");
    for command in ["read", "upvote", "thread"] {
        let output = ann.run(&[command, &magnet]).ok();
        assert!(output.stderr.contains(&note), "{command}: {output:?}");
        assert!(
            output.text().contains(&kept[..10]) || command == "upvote",
            "{command}: {output:?}"
        );
    }
    assert_eq!(ann.json(&["read", &kept])["text"], "Once.\n");
    assert_eq!(ann.listed(&kept).unwrap()["upvoted"], true);
    let path = ann.scratch().join(format!("{id}.torrent"));
    let output = ann.run(&["import", text(&path)]).ok();
    assert!(output.stderr.contains(&note) && output.text().contains(&kept), "{output:?}");
    assert_eq!(ann.status()["items"], 1);
}

#[test]
fn an_item_that_boards_do_not_keep_any_more_is_named() {
    let ann = Person::named("Ann").start();
    let item = forged("upseed", post_kind("Long ago"), now() - 402 * 86_400, "Old.\n");
    let (_stock, id, magnet) = seeded(&ann, item.header(), b"Old.\n");
    let before = Trace::of(&ann);
    let path = ann.scratch().join(format!("{id}.torrent"));
    for args in
        [["read", &magnet], ["upvote", &magnet], ["thread", &magnet], ["import", text(&path)]]
    {
        bad(&ann, &args).user(&["older than 400 days"]);
    }
    assert_eq!(Trace::of(&ann), before);
}

/// What is wrong with a header, whoever seeds it.
#[test]
fn a_wrong_header_from_a_peer_is_named() {
    let ann = Person::named("Ann").start();
    let honest = support::item(1, post_kind("Wrong"), now(), "Wrong.\n");
    let raw = || support::Raw::item(&honest, 1);
    let unsigned = raw().finish_with(|_| [7; 64]);
    // A private one cannot come this way: no client gives the metadata of private torrents (BEP 27).
    let cases: [(&str, Vec<u8>); 3] = [
        ("signature", unsigned),
        ("proof of work", raw().claim(60).finish()),
        ("version", raw().set("v", 2).finish()),
    ];
    let before_files = ann.status();
    for (what, header) in cases {
        let (_stock, id, magnet) = seeded(&ann, &header, b"Wrong.\n");
        let path = ann.scratch().join(format!("{id}.torrent"));
        let words = bad(&ann, &["inspect", text(&path)]).run();
        assert_eq!(words.code, Some(1), "{what}: {words:?}");
        let (_, reason) = words.stderr.trim().rsplit_once(": ").unwrap();
        for command in ["read", "upvote"] {
            bad(&ann, &[command, &magnet]).user(&[&format!("torrent {id}: "), reason]);
        }
    }
    let after = ann.status();
    assert_eq!(
        (&after["items"], &after["wanted"]),
        (&before_files["items"], &before_files["wanted"])
    );
}

#[test]
fn unknown_items_share_one_patience() {
    let ann = Person::named("Ann").start();
    let known = ann.post("upseed", "A post", "Text.\n");
    let mut ids: Vec<String> = (0..12).map(|n| format!("{n:040x}")).collect();
    ids.push(known.clone());
    let args = [
        &["upvote", "--timeout", "2", "--json"][..],
        &ids.iter().map(|id| &**id).collect::<Vec<_>>(),
    ]
    .concat();
    // One after the other they would take 24 s.
    let output = bad(&ann, &args).run();
    assert_eq!(output.code, Some(1), "{output:?}");
    let answers: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
    let told: Vec<&str> = answers.iter().map(|answer| answer["id"].as_str().unwrap()).collect();
    assert_eq!(told, ids, "in the order in which they were asked for");
    assert!(answers.iter().all(|answer| answer["done"] == (answer["id"] == *known)), "{answers:?}");
}
