//! Thousands of votes.

use std::{
    fs,
    time::{Duration, Instant},
};

use serde_json::json;
use upseed_tests::{Generation, Person, QBittorrent, namespace, until, until_within};

use crate::{NETWORK, hosting};

/// Votes cast at once; `UPSEED_VOTES=3000` is what the figures of docs/performance.md are for.
fn votes() -> usize {
    std::env::var("UPSEED_VOTES").ok().and_then(|votes| votes.parse().ok()).unwrap_or(300)
}

/// Clock ticks that a process has used.
fn ticks(pid: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let after = stat.rsplit_once(") ").unwrap().1;
    let fields: Vec<u64> = after.split(' ').map(|field| field.parse().unwrap_or(0)).collect();
    fields[11] + fields[12]
}

fn seeding(client: &QBittorrent) -> usize {
    let all = client.get("torrents/info?category=upseed");
    let seeds = |t: &&serde_json::Value| {
        matches!(t["state"].as_str(), Some("uploading" | "stalledUP" | "forcedUP"))
    };
    all.as_array().unwrap().iter().filter(seeds).count()
}

#[test]
fn many_votes_at_once_within_the_budget_and_beyond() {
    let test = "scale::many_votes_at_once_within_the_budget_and_beyond";
    if !namespace::enter(test, NETWORK) {
        return;
    }
    let count = votes();
    let ann = Person::named("Ann").swarm_listen("10.77.0.11:0").start();
    let client = QBittorrent::tame(Generation::Here, "10.77.0.12", "");
    let mut bob = Person::named("Bob").swarm_listen("10.77.0.12:0").peer(&ann).offline();
    bob.connect(&client);
    bob.restart();
    bob.form("/upseed/settings", &format!("client_budget={count}"));
    let root = ann.post("upseed", "Everything", "It begins.\n");
    let ids: Vec<String> = (0..count)
        .map(|n| {
            let body = json!({ "parent": root, "text": format!("Comment {n}.\n") });
            ann.call("POST", "/comments", &body).json()["id"].as_str().unwrap().to_owned()
        })
        .collect();
    let known = || bob.call("GET", &format!("/thread?id={root}"), &serde_json::Value::Null);
    until_within(Duration::from_secs(600), "Bob has all texts", || {
        let thread = known().json();
        let replies = thread["replies"].as_array()?;
        let texts = replies.iter().filter(|reply| reply["text"].is_string()).count();
        (texts == count).then_some(())
    });
    let start = Instant::now();
    for batch in ids.chunks(1_000) {
        let body = json!({ "ids": batch, "up": true, "wait": 0 });
        assert_eq!(bob.call("POST", "/votes", &body).status, 200);
    }
    println!("{count} votes durable after {:.1} s", start.elapsed().as_secs_f64());
    until_within(Duration::from_secs(300), "the client seeds all of them", || {
        (seeding(&client) == count).then_some(())
    });
    println!("{count} votes seeding after {:.1} s", start.elapsed().as_secs_f64());
    until("and the node knows", || (bob.status()["wanted"] == 0).then_some(()));

    // Ballots cost work; idle is what comes after.
    until_within(Duration::from_secs(300), "Ann knows all votes", || {
        let thread =
            ann.call("GET", &format!("/thread?id={root}"), &serde_json::Value::Null).json();
        let voted = thread["replies"].as_array()?.iter().filter(|reply| reply["votes"] == 1);
        (voted.count() == count).then_some(())
    });
    println!("{count} votes known to Ann after {:.1} s", start.elapsed().as_secs_f64());
    let used = ticks(bob.pid());
    let while_ = Duration::from_secs(10);
    std::thread::sleep(while_);
    let share = (ticks(bob.pid()) - used) as f64 / while_.as_secs_f64();
    println!("idle with {count} hosted: {share:.2} % of a core");

    let start = Instant::now();
    bob.run(&["upvote", "--wait", &root]).ok();
    println!("a new vote seeds after {:.1} s", start.elapsed().as_secs_f64());
    assert!(client.seeds(&root));

    // A smaller budget: the newest stay, the others are hosted by the engine.
    bob.form("/upseed/settings", "client_budget=50");
    until("the client keeps the newest", || (seeding(&client) == 50).then_some(()));
    assert!(client.seeds(&root), "the newest vote is among them");
    until("the rest is hosted by the engine", || {
        (bob.status()["hosted"] == count + 1).then_some(())
    });
    assert!(hosting(&bob, &root).is_some());
    let votes = known().json()["replies"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|r| r["upvoted"] == true)
        .count();
    assert_eq!(votes, count, "no vote is lost by moving");
}
