//! Debian's python3-libtorrent, which knows nothing of Upseed, on both ends.
#![allow(clippy::unwrap_used, missing_docs)]

use std::path::PathBuf;

use upseed_model::{SignedItem, torrent};
use upseed_tests::{Person, Stock};

const TEXT: &str = "Any client can host this. 任何客户端。\n";

/// Ann's post as she exports it.
fn exported(ann: &Person, id: &str) -> (PathBuf, SignedItem) {
    let path = ann.scratch().join(format!("{id}.torrent"));
    ann.run(&["export", id, "-o", path.to_str().unwrap()]).ok();
    let item = torrent::read(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!(item.infohash().to_string(), id);
    (path, item)
}

#[test]
fn a_stock_client_downloads_by_the_torrent_or_by_the_magnet() {
    let ann = Person::named("Ann").start();
    let long = TEXT.repeat(1_000);
    for text in [TEXT, &long] {
        let post = ann.json_with(
            &["post", "--board", "upseed", "--title", "For every client"],
            text.as_bytes(),
        );
        let id = post["id"].as_str().unwrap();
        // Ann hosts what she wrote; nobody else runs.
        ann.json(&["upvote", "--wait", id]);
        let (file, item) = exported(&ann, id);
        for what in [file.to_str().unwrap(), post["magnet"].as_str().unwrap()] {
            let (_stock, got) = Stock::download(what, Some(ann.swarm_addr()));
            assert!(got.info == item.header(), "the info dictionary, byte for byte: {got:?}");
            assert!(got.text == text.as_bytes(), "the text, byte for byte: {got:?}");
        }
    }
}

#[test]
fn what_only_a_stock_client_seeds_is_read_and_upvoted() {
    let mut ann = Person::named("Ann").start();
    let id = ann.post("upseed", "I am leaving", TEXT);
    let (file, item) = exported(&ann, &id);
    let mut stock = Stock::seed(&file, TEXT.as_bytes());
    ann.stop();
    drop(ann);

    let bob = Person::named("Bob").start();
    assert_eq!(bob.run(&["read", &id, "--timeout", "0"]).code, Some(1), "nobody is known yet");
    let magnet = format!("magnet:?xt=urn:btih:{id}&x.pe={}", stock.addr());
    let read = bob.json(&["read", &magnet]);
    assert_eq!(read["text"], TEXT);
    assert_eq!(read["title"], "I am leaving");
    assert_eq!(read["author"], item.author().to_hex());
    assert_eq!(bob.status()["hosted"], 0, "to read is not to host");
    assert!(exported(&bob, &id).1.header() == item.header(), "the extra keys survive");

    let voted = bob.json(&["upvote", "--wait", &id]);
    assert_eq!(voted[0]["item"]["hosting"], "hosting");
    drop(stock);
    let (mut second, got) =
        Stock::download(&format!("magnet:?xt=urn:btih:{id}"), Some(bob.swarm_addr()));
    assert!(got.info == item.header(), "byte for byte through both: {got:?}");
    assert!(got.text == TEXT.as_bytes());

    bob.json(&["unvote", &id]);
    drop(bob);
    // One vote in a single step, for an item that is known from nowhere.
    let cyd = Person::named("Cyd").start();
    let magnet = format!("magnet:?xt=urn:btih:{id}&x.pe={}", second.addr());
    let voted = cyd.json(&["upvote", "--wait", &magnet]);
    assert_eq!(voted[0]["item"]["hosting"], "hosting", "{voted}");
    assert_eq!(cyd.json(&["read", &id, "--timeout", "0"])["text"], TEXT);
}
