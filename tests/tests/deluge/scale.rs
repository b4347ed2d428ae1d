//! Very many items at once, and what Deluge's reactor waits for meanwhile.

use std::time::Instant;

use serde_json::{Value, json};
use upseed_tests::{Deluge, Generation, Person, until_is};

use crate::{hear, no_long_waits, probe};

/// The reactor while many are upvoted at once.
#[test]
fn many_at_once() {
    let mut deluge = Deluge::of(Generation::Here).start();
    probe(&mut deluge);
    let told = deluge.call("upseedprobe.contract", json!([300]));
    assert_eq!(told["error"], Value::Null, "{told}");
    no_long_waits(&mut deluge, "300 at once");
}

/// How many are restored; `UPSEED_VOTES=3000` is what the figures of docs/performance.md are for.
fn many() -> usize {
    std::env::var("UPSEED_VOTES").ok().and_then(|many| many.parse().ok()).unwrap_or(1_000)
}

/// Very many items for a Deluge that is restored with them after a power cut.
#[test]
fn very_many_and_a_restart() {
    let many = many();
    let mut deluge = Deluge::of(Generation::Here).start();
    probe(&mut deluge);
    deluge.call("upseedprobe.watch", json!([]));
    hear(&mut deluge, &json!(["connected"]));
    let made = deluge.call("upseedprobe.make", json!([many]));
    deluge.call("upseedprobe.gap", json!([]));
    let begun = Instant::now();
    let refused = deluge.call("upseedprobe.add_made", json!([]));
    assert_eq!(refused, "{}");
    eprintln!("{many} added and on the disk in {:.1} s", begun.elapsed().as_secs_f64());
    no_long_waits(&mut deluge, &format!("{many} at once"));
    deluge.call("core.set_config", json!([{ "max_connections_per_second": 21 }]));
    deluge.kill();
    deluge.start();
    probe(&mut deluge);
    deluge.call("upseedprobe.watch", json!([]));
    hear(&mut deluge, &json!(["connected"]));
    let hosted = deluge.call("upseedprobe.ask", json!(["hosted", null]));
    let hosted: Value = serde_json::from_str(hosted.as_str().unwrap()).unwrap();
    assert_eq!(hosted.as_array().unwrap().len(), made.as_array().unwrap().len());
    until_is("all of them seed", many, || {
        let hosted = deluge.call("upseedprobe.ask", json!(["hosted", null]));
        let hosted: Value = serde_json::from_str(hosted.as_str().unwrap()).unwrap();
        hosted.as_array().unwrap().iter().filter(|one| one[1] == true).count()
    });
}

/// A thousand upvotes at once, with the budget that a new user has: the newest five hundred seed in
/// Deluge, the others from the node's own engine.
#[test]
fn a_thousand_votes_at_once() {
    let ann = Person::named("Ann").start();
    let peers = json!([ann.swarm_addr().to_string()]);
    let mut deluge = Deluge::of(Generation::Here).upseed("peers", peers).start();
    // With Deluge's Label plugin, whose file has a line for each torrent.
    assert_eq!(deluge.call("core.enable_plugin", json!(["Label"])), true);
    deluge.enable();
    probe(&mut deluge);
    let root = ann.post("upseed", "Everything", "It begins.\n");
    let ids: Vec<String> = (0..1_000)
        .map(|n| {
            let body = json!({ "parent": root, "text": format!("Comment {n}.\n") });
            ann.call("POST", "/comments", &body).json()["id"].as_str().unwrap().to_owned()
        })
        .collect();
    until_is("all texts are here", 1_000, || {
        let thread = deluge.upseed(&["thread", &root]);
        let replies = thread["replies"].as_array().cloned().unwrap_or_default();
        replies.iter().filter(|reply| reply["text"].is_string()).count()
    });
    deluge.call("upseedprobe.gap", json!([]));
    let begun = Instant::now();
    let mut vote = vec!["upvote"];
    vote.extend(ids.iter().map(String::as_str));
    deluge.upseed(&vote);
    eprintln!("a thousand votes durable after {:.1} s", begun.elapsed().as_secs_f64());
    until_is("all of them are hosted", json!(1_000), || {
        deluge.upseed(&["status"])["hosted"].clone()
    });
    eprintln!("a thousand votes hosted after {:.1} s", begun.elapsed().as_secs_f64());
    no_long_waits(&mut deluge, "a thousand votes at once");
    // Votes that Deluge got before newer ones came are taken over by the node's engine, which hosts
    // them first: for a moment both do.
    until_is("the newest seed in Deluge", 500, || {
        let seeding = json!([{ "state": "Seeding" }, []]);
        deluge.call("core.get_torrents_status", seeding).as_object().unwrap().len()
    });
    assert_eq!(deluge.upseed(&["status"])["hosted"], 1_000);
}
