//! What the user does in Deluge itself, and what the node inside makes of it.

use std::{fs, net::SocketAddr};

use serde_json::{Value, json};
use upseed_tests::{Deluge, Generation, Person, Stock, until, until_is};

use crate::{base64, probe, seeds};

/// An item as the node inside lists it.
fn listed(deluge: &Deluge, id: &str) -> Option<Value> {
    let top = deluge.upseed(&["top"]);
    top.as_array()?.iter().find(|item| item["id"] == id).cloned()
}

fn hosting(deluge: &Deluge, id: &str) -> Value {
    listed(deluge, id).map_or(Value::Null, |item| item["hosting"].clone())
}

/// By hand in Deluge, with the node: a file and a magnet link are guests and offered, one vote makes
/// them its own; removed, the vote is taken back.
#[test]
fn added_and_removed() {
    for generation in Generation::ALL {
        let ann = Person::named("Ann").start();
        let peers = json!([ann.swarm_addr().to_string()]);
        let mut deluge = Deluge::of(generation).upseed("peers", peers).start();
        deluge.enable();
        let ids = ["By file", "By magnet"].map(|title| ann.post("upseed", title, "Hello.\n"));
        until("both are known", || {
            ids.iter()
                .all(|id| listed(&deluge, id).is_some_and(|item| item["text"].is_string()))
                .then_some(())
        });
        let file = deluge.scratch().join("item.torrent");
        ann.run(&["export", &ids[0], "-o", file.to_str().unwrap()]).ok();
        let torrent = base64(&fs::read(&file).unwrap());
        deluge.call("core.add_torrent_file", json!(["item.torrent", torrent, {}]));
        // A name that says nothing: only what comes with the metadata does.
        let magnet = format!("magnet:?xt=urn:btih:{}", ids[1]);
        deluge.call("core.add_torrent_magnet", json!([magnet, {}]));
        let port = ann.swarm_addr().port();
        let connect = json!([ids[1], "127.0.0.1", port]);
        until("the magnet link finds Ann", || {
            deluge.call("core.connect_peer", connect.clone());
            seeds(&mut deluge, &ids[1]).then_some(())
        });
        for id in &ids {
            until_is("it is a guest", json!("guest"), || hosting(&deluge, id));
            until("it has its text", || seeds(&mut deluge, id).then_some(()));
            assert_eq!(listed(&deluge, id).unwrap()["upvoted"], false);
            deluge.upseed(&["upvote", id]);
            until_is("it is hosted", json!("hosting"), || hosting(&deluge, id));
            // The user's own limits of Deluge hold for it no longer.
            let told = deluge.torrent(id, &["is_auto_managed"]).unwrap();
            assert_eq!(told["is_auto_managed"], false);
            assert_eq!(deluge.call("core.remove_torrent", json!([id, true])), true);
            until("the vote is taken back", || {
                (listed(&deluge, id)?["upvoted"] == false).then_some(())
            });
            until_is("nobody hosts it", Value::Null, || hosting(&deluge, id));
            assert_eq!(deluge.torrent(id, &["name"]), None);
        }
    }
}

/// A text that somebody deleted is given again, while Deluge runs and while it does not.
#[test]
fn a_deleted_text_comes_back() {
    for generation in Generation::ALL {
        let mut deluge = Deluge::of(generation).start();
        deluge.enable();
        let id = deluge.post("Words", "Hello.\n");
        until("it seeds", || seeds(&mut deluge, &id).then_some(()));
        let name = deluge.torrent(&id, &["name"]).unwrap()["name"].as_str().unwrap().to_owned();
        let text = deluge.downloads().join("upseed").join(name);
        fs::remove_file(&text).unwrap();
        deluge.call("core.force_recheck", json!([[id]]));
        until("it was given again", || text.exists().then_some(()));
        until("it seeds again", || seeds(&mut deluge, &id).then_some(()));
        until_is("the node knows", json!("hosting"), || hosting(&deluge, &id));
        deluge.terminate();
        fs::remove_file(&text).unwrap();
        deluge.start();
        deluge.running();
        until("it was given again after a restart", || text.exists().then_some(()));
        until("it seeds after a restart", || seeds(&mut deluge, &id).then_some(()));
    }
}

/// Whoever called Deluge last, and whatever other plugins do while a torrent is added: it is the
/// daemon's own, and under no limit.
#[test]
fn nobody_elses_and_under_no_limit() {
    for generation in Generation::ALL {
        let mut deluge = Deluge::of(generation).start();
        deluge.enable();
        probe(&mut deluge);
        deluge.call("upseedprobe.meddle", json!([]));
        deluge.call_thin("core.get_torrents_status", json!([{}, ["name"]]));
        let id = deluge.post("Words", "Hello.\n");
        let keys = ["owner", "is_auto_managed", "stop_at_ratio", "remove_at_ratio"];
        until("it seeds", || seeds(&mut deluge, &id).then_some(()));
        let told = deluge.torrent(&id, &keys).unwrap();
        let expected = json!({
            "owner": "localclient", "is_auto_managed": false, "stop_at_ratio": false, "remove_at_ratio": false,
        });
        assert_eq!(told, expected);
    }
}

/// The warning about a pause is true: of one torrent, and of all of Deluge, also after a restart.
#[test]
fn a_pause_is_told_and_ends() {
    let mut deluge = Deluge::of(Generation::Here).start();
    deluge.enable();
    let id = deluge.post("Words", "Hello.\n");
    until("it seeds", || seeds(&mut deluge, &id).then_some(()));
    deluge.terminate();
    deluge.start();
    deluge.running();
    until("it seeds", || seeds(&mut deluge, &id).then_some(()));
    let warned = |deluge: &Deluge, what: &str| {
        deluge.upseed(&["status"])["client_warnings"].to_string().contains(what)
    };
    deluge.call("core.pause_torrent", json!([id]));
    until("one that is paused is told", || {
        warned(&deluge, "1 of Upseed's torrents are paused").then_some(())
    });
    until_is("the node's engine hosts it", json!("handed"), || hosting(&deluge, &id));
    deluge.call("core.resume_torrent", json!([id]));
    until("that is over", || (!warned(&deluge, "paused")).then_some(()));
    until_is("Deluge hosts it", json!("hosting"), || hosting(&deluge, &id));
    deluge.call("core.pause_session", json!([]));
    until("a paused Deluge is told", || warned(&deluge, "Deluge is paused").then_some(()));
    until_is("the node's engine hosts all of it", json!("handed"), || hosting(&deluge, &id));
    let file = deluge.scratch().join("for-a-stranger.torrent");
    deluge.upseed(&["export", &id, "-o", file.to_str().unwrap()]);
    let port = deluge.upseed(&["status"])["swarm_port"].as_u64().unwrap();
    let engine = SocketAddr::from(([127, 0, 0, 1], u16::try_from(port).unwrap()));
    let (_stranger, got) = Stock::download(file.to_str().unwrap(), Some(engine));
    assert_eq!(got.text, b"Hello.\n");
    deluge.call("core.resume_session", json!([]));
    until("that is over, too", || (!warned(&deluge, "paused")).then_some(()));
    until_is("Deluge hosts it again", json!("hosting"), || hosting(&deluge, &id));
    assert!(seeds(&mut deluge, &id), "nothing was taken from Deluge");
}
