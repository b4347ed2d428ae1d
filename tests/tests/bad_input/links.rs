//! Torrents that a peer really has, and that are not to be taken.

use sha1::{Digest as _, Sha1};
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
    let words = [&format!("item {id} can never be read: its text does not fit its own header")[..]];
    bad(&ann, &["read", &magnet]).user(&words);
    bad(&ann, &["upvote", &magnet]).user(&words);
    bad(&ann, &["read", &id]).user(&words);
    let status = ann.status();
    assert_eq!((&status["hosted"], &status["wanted"]), (&0.into(), &0.into()));
}
