//! A board on a USB stick: bundles from one node to another, without any network between them.
#![allow(clippy::unwrap_used, missing_docs)]

use std::fs;

use serde_json::Value;
use upseed_tests::{Person, until};

/// What a list shows, and in which order.
/// What is listed, by id: those of one second stand in another order at each node.
fn shown(top: &[Value]) -> Vec<(String, String, u64)> {
    let text = |item: &Value, key: &str| item[key].as_str().unwrap_or_default().to_owned();
    let mut shown: Vec<_> = top
        .iter()
        .map(|item| (text(item, "id"), text(item, "text"), item["votes"].as_u64().unwrap()))
        .collect();
    shown.sort();
    shown
}

#[test]
fn a_board_is_carried_by_hand_and_ranked_at_once() {
    let ann = Person::named("Ann").start();
    let posts: Vec<String> =
        (0..6).map(|n| ann.post("upseed", &format!("Post {n}"), &format!("Text {n}.\n"))).collect();
    let comment = ann.comment(&posts[0], "An answer.\n");
    let zoe = Person::named("Zoe").peer(&ann).start();
    until("Zoe has them", || (zoe.status()["items"] == 7).then_some(()));
    zoe.run(&["upvote", &posts[3], &posts[5], "--wait"]).ok();
    let voted = |id: &str| ann.listed(id).filter(|item| item["votes"] == 1);
    until("Ann has Zoe's votes", || voted(&posts[3]).and_then(|_| voted(&posts[5])));

    let file = ann.scratch().join("board.upseed");
    let path = file.to_str().unwrap();
    ann.run(&["bundle", "--board", "upseed", "-o", path]).ok();
    let whole = fs::read(&file).unwrap();
    assert!(whole.starts_with(b"upseed bundle 1\n"));
    // The same through a pipe.
    assert_eq!(ann.run(&["bundle", "--board", "upseed", "-o", "-"]).ok().stdout, whole);

    let bob = Person::named("Bob").start();
    let first = bob.json(&["import", path]);
    assert_eq!(first["imported"]["texts"], 7, "{first}");
    assert_eq!(first["imported"]["invalid"], 0, "{first}");
    assert_eq!(shown(&bob.top()), shown(&ann.top()), "listed at once, with texts and votes");
    assert_eq!(bob.json(&["read", &comment])["text"], "An answer.\n");
    assert_eq!(bob.status()["peers"], 0);
    assert_eq!(bob.status()["hosted"], 0, "importing is no vote");

    // A second time, with a folder, nothing is new.
    let again = bob.json(&["import", ann.scratch().to_str().unwrap()]);
    assert_eq!((&again["imported"]["new"], &again["imported"]["invalid"]), (&0.into(), &0.into()));

    // Cut: Carol is told so, and what stands before the cut (one chunk is all of this bundle) is no less.
    let carol = Person::named("Carol").start();
    let twice = [&whole[..], &whole[16..whole.len() - 1]].concat();
    let output = carol.run_with(&["import", "-"], &twice);
    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(output.stderr.contains("cut off after 1 whole part"), "{output:?}");
    assert_eq!(shown(&carol.top()), shown(&bob.top()));
    // What she has is all that a bundle of hers holds, too.
    assert_eq!(carol.run(&["bundle", "--board", "upseed", "-o", "-"]).ok().stdout, whole);
    let none = carol.run(&["bundle", "--board", "upseed", "--since", "2099-01-01", "-o", "-"]);
    assert_eq!(none.ok().stdout, b"upseed bundle 1\n");
}

#[test]
fn a_forged_bundle_harms_nothing() {
    let ann = Person::named("Ann").start();
    let id = ann.post("upseed", "Honest", "An honest text.\n");
    let good = ann.run(&["bundle", "--board", "upseed", "-o", "-"]).ok().stdout;
    let bob = Person::named("Bob").start();
    for (bytes, says) in [
        (b"upseed bundle 2\n".to_vec(), "not a bundle"),
        (b"upseed bundle 1\n\xff\xff\xff\xff".to_vec(), "larger than any"),
        (b"upseed bundle 1\n\0\0\0\x04junk".to_vec(), "damaged"),
        (b"".to_vec(), "not a bundle"),
    ] {
        let output = bob.run_with(&["import", "-"], &bytes);
        assert_eq!(output.code, Some(1), "{output:?}");
        assert!(output.stderr.contains(says), "{output:?} does not say {says}");
    }
    // Junk after honest chunks does not take them back.
    let junk = [&good[..], b"\0\0\0\x04junk"].concat();
    assert_eq!(bob.run_with(&["import", "-"], &junk).code, Some(1));
    assert_eq!(bob.json(&["read", &id])["text"], "An honest text.\n");
}
