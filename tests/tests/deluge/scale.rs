//! Very many items at once, and that each turn of Deluge's reactor has little of them.

use std::{fs, time::Instant};

use serde_json::{Value, json};
use upseed_tests::{Conversation, Deluge, Generation, Person, deluge::Setup, until, until_is};

use crate::{busy_turns, hear, probe, short_turns};

/// The reactor while many are upvoted at once.
#[test]
fn many_at_once() {
    let mut deluge = Deluge::of(Generation::Here).start();
    probe(&mut deluge);
    let told = deluge.call("upseedprobe.contract", json!([300]));
    assert_eq!(told["error"], Value::Null, "{told}");
    busy_turns(&mut deluge, "300 at once");
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
    busy_turns(&mut deluge, &format!("{many} at once"));
    deluge.call("core.set_config", json!([{ "max_connections_per_second": 21 }]));
    deluge.kill();
    deluge.start();
    probe(&mut deluge);
    deluge.call("upseedprobe.watch", json!([]));
    hear(&mut deluge, &json!(["connected"]));
    let hosted = deluge.call("upseedprobe.ask", json!(["hosted", null]));
    let hosted: Value = serde_json::from_str(hosted.as_str().unwrap()).unwrap();
    assert_eq!(hosted.as_array().unwrap().len(), made.as_array().unwrap().len());
    until_is("all of them seed", json!({}), || {
        let mut all =
            deluge.call("core.get_torrents_status", json!([{}, ["state", "progress", "message"]]));
        let others = all.as_object_mut().unwrap();
        others.retain(|_, told| told["state"] != "Seeding");
        json!(others)
    });
    let hosted = deluge.call("upseedprobe.ask", json!(["hosted", null]));
    let hosted: Value = serde_json::from_str(hosted.as_str().unwrap()).unwrap();
    assert_eq!(hosted.as_array().unwrap().iter().filter(|one| one[1] == true).count(), many);
}

/// A post with so many comments, and who wrote them.
struct Crowd(Conversation);

impl Crowd {
    fn of(many: usize) -> Self {
        Self(Conversation::of(Person::named("Ann"), many))
    }

    /// A Deluge with the plugin, the Label plugin (whose file has a line for each torrent) and the
    /// probe, which was there first; its node has every text.
    fn reader(&self, setup: Setup) -> Deluge {
        let peers = json!([self.0.ann.swarm_addr().to_string()]);
        let mut deluge = setup.upseed("peers", peers).start();
        probe(&mut deluge);
        assert_eq!(deluge.call("core.enable_plugin", json!(["Label"])), true);
        deluge.enable();
        until("all texts are here", || {
            let thread = deluge.upseed(&["thread", &self.0.root]);
            let replies = thread["replies"].as_array().cloned().unwrap_or_default();
            let texts = replies.iter().filter(|reply| reply["text"].is_string()).count();
            (texts == self.0.ids.len()).then_some(())
        });
        deluge
    }

    fn vote(&self, deluge: &Deluge) {
        for batch in self.0.ids.chunks(1_000) {
            let mut vote = vec!["upvote"];
            vote.extend(batch.iter().map(String::as_str));
            deluge.upseed(&vote);
        }
    }
}

fn seeding(deluge: &mut Deluge) -> usize {
    let seeding = json!([{ "state": "Seeding" }, []]);
    deluge.call("core.get_torrents_status", seeding).as_object().unwrap().len()
}

/// Labels of ours in the Label plugin's file.
fn labelled(deluge: &Deluge) -> usize {
    let file = fs::read_to_string(deluge.config().join("label.conf"));
    file.unwrap_or_default().matches(r#"": "upseed-"#).count()
}

/// A thousand upvotes at once, with the budget that a new user has: the newest five hundred seed in
/// Deluge, the others from the node's own engine.
#[test]
fn a_thousand_votes_at_once() {
    let crowd = Crowd::of(1_000);
    let deluges = [
        ("Debian 12's", Deluge::of(Generation::Here)),
        ("Debian 13's", Deluge::of(Generation::Trixie)),
        ("PyPI's", Deluge::of(Generation::Here).from_pypi()),
    ];
    for (name, setup) in deluges {
        let mut deluge = crowd.reader(setup);
        busy_turns(&mut deluge, &format!("{name}, enabled"));
        let begun = Instant::now();
        crowd.vote(&deluge);
        eprintln!("{name}: 1,000 votes durable after {:.1} s", begun.elapsed().as_secs_f64());
        until_is("all of them are hosted", json!(1_000), || {
            deluge.upseed(&["status"])["hosted"].clone()
        });
        eprintln!("{name}: 1,000 votes hosted after {:.1} s", begun.elapsed().as_secs_f64());
        busy_turns(&mut deluge, &format!("{name}, 1,000 votes at once"));
        // Votes that Deluge got before newer ones came are taken over by the node's engine, which
        // hosts them first: for a moment both do.
        until_is("the newest seed in Deluge", 500, || seeding(&mut deluge));
        short_turns(&mut deluge, &format!("{name}, until Deluge has its part"));
        until_is("they alone have labels on the disk", 500, || labelled(&deluge));
        assert_eq!(deluge.upseed(&["status"])["hosted"], 1_000);
    }
}

/// Whoever removes a torrent takes the vote back, also while Deluge is still given it and others; those
/// are hosted.
#[test]
fn removed_while_it_is_added() {
    let crowd = Crowd::of(300);
    for generation in Generation::ALL {
        let mut deluge = crowd.reader(Deluge::of(generation));
        crowd.vote(&deluge);
        let id = until("the first one is there", || {
            let all = deluge.call("core.get_session_state", json!([]));
            Some(all.as_array()?.first()?.as_str()?.to_owned())
        });
        assert_eq!(deluge.call("core.remove_torrent", json!([id, true])), true);
        until_is("the others are hosted", json!(299), || {
            deluge.upseed(&["status"])["hosted"].clone()
        });
        let thread = deluge.upseed(&["thread", &crowd.0.root]);
        let replies = thread["replies"].as_array().unwrap();
        let item = replies.iter().find(|reply| reply["id"] == *id).unwrap();
        assert_eq!((&item["upvoted"], &item["hosting"]), (&json!(false), &Value::Null), "{item}");
        until_is("they seed", 299, || seeding(&mut deluge));
        assert_eq!(deluge.torrent(&id, &["name"]), None);
    }
}

/// After a power cut everything that was voted for seeds again in Deluge, each once, and the node
/// knows it.
#[test]
fn very_many_votes_and_a_restart() {
    let many = many();
    let crowd = Crowd::of(many);
    let mut deluge = crowd.reader(Deluge::of(Generation::Here));
    deluge.form("/upseed/settings", &format!("client_budget={many}"));
    let begun = Instant::now();
    crowd.vote(&deluge);
    until_is("all are hosted", json!(many), || deluge.upseed(&["status"])["hosted"].clone());
    busy_turns(&mut deluge, &format!("{many} votes at once, within the budget"));
    until("all seed", || (seeding(&mut deluge) == many).then_some(()));
    eprintln!("{many} votes seeding after {:.1} s", begun.elapsed().as_secs_f64());
    short_turns(&mut deluge, "until Deluge has all of them");
    deluge.keeps_plugins(&["UpseedProbe", "Label", "Upseed"]);
    deluge.kill();
    // Nobody else has them now.
    drop(crowd);
    let begun = Instant::now();
    deluge.start();
    deluge.running();
    until("all seed again", || (seeding(&mut deluge) == many).then_some(()));
    eprintln!("{many} seeding after a restart of {:.1} s", begun.elapsed().as_secs_f64());
    until_is("the node knows again", json!(many), || deluge.upseed(&["status"])["hosted"].clone());
    let all = deluge.call("core.get_torrents_status", json!([{}, ["name"]]));
    assert_eq!(all.as_object().unwrap().len(), many, "each once");
    busy_turns(&mut deluge, &format!("{many} restored"));
}
