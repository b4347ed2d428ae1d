//! Thousands of votes.

use std::{
    fs,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use upseed_tests::{Conversation, Generation, Person, QBittorrent, namespace, until};

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
    let seeds =
        |t: &&Value| matches!(t["state"].as_str(), Some("uploading" | "stalledUP" | "forcedUP"));
    all.as_array().unwrap().iter().filter(seeds).count()
}

/// Ann, who wrote a post and so many comments on it, and Bob, whose client may have `budget` of them
/// and whose node has all texts.
struct Crowd {
    ann: Person,
    bob: Person,
    client: QBittorrent,
    root: String,
    ids: Vec<String>,
}

impl Crowd {
    fn gather(count: usize, budget: usize) -> Self {
        let ann = Person::named("Ann").swarm_listen("10.77.0.11:0");
        let Conversation { ann, root, ids } = Conversation::of(ann, count);
        let client = QBittorrent::tame(Generation::Here, "10.77.0.12", "");
        let mut bob = Person::named("Bob").swarm_listen("10.77.0.12:0").peer(&ann).offline();
        bob.connect(&client);
        bob.restart();
        bob.form("/upseed/settings", &format!("client_budget={budget}"));
        let crowd = Self { ann, bob, client, root, ids };
        until("Bob has all texts", || {
            let replies = crowd.replies(&crowd.bob);
            (replies.iter().filter(|it| it["text"].is_string()).count() == count).then_some(())
        });
        crowd
    }

    fn replies(&self, person: &Person) -> Vec<Value> {
        let thread = person.call("GET", &format!("/thread?id={}", self.root), &Value::Null);
        thread.json()["replies"].as_array().cloned().unwrap_or_default()
    }

    fn vote(&self) {
        for batch in self.ids.chunks(1_000) {
            let body = json!({ "ids": batch, "up": true, "wait": 0 });
            assert_eq!(self.bob.call("POST", "/votes", &body).status, 200);
        }
    }

    fn upvoted(&self) -> usize {
        self.replies(&self.bob).iter().filter(|it| it["upvoted"] == true).count()
    }
}

#[test]
fn many_votes_at_once_within_the_budget_and_beyond() {
    let test = "scale::many_votes_at_once_within_the_budget_and_beyond";
    if !namespace::enter(test, NETWORK) {
        return;
    }
    let count = votes();
    let crowd = Crowd::gather(count, count);
    let Crowd { ann, bob, client, root, .. } = &crowd;
    let start = Instant::now();
    crowd.vote();
    println!("{count} votes durable after {:.1} s", start.elapsed().as_secs_f64());
    until("the client seeds all of them", || (seeding(client) == count).then_some(()));
    println!("{count} votes seeding after {:.1} s", start.elapsed().as_secs_f64());
    until("and the node knows", || (bob.status()["wanted"] == 0).then_some(()));

    // Ballots cost work; idle is what comes after.
    until("Ann knows all votes", || {
        let replies = crowd.replies(ann);
        let voted = replies.iter().filter(|reply| reply["votes"] == 1);
        (voted.count() == count).then_some(())
    });
    println!("{count} votes known to Ann after {:.1} s", start.elapsed().as_secs_f64());
    let used = ticks(bob.pid());
    let while_ = Duration::from_secs(10);
    std::thread::sleep(while_);
    let share = (ticks(bob.pid()) - used) as f64 / while_.as_secs_f64();
    println!("idle with {count} hosted: {share:.2} % of a core");

    let start = Instant::now();
    bob.run(&["upvote", "--wait", root]).ok();
    println!("a new vote seeds after {:.1} s", start.elapsed().as_secs_f64());
    assert!(client.seeds(root));

    // A smaller budget: the newest stay, the others are hosted by the engine.
    bob.form("/upseed/settings", "client_budget=50");
    until("the client keeps the newest", || (seeding(client) == 50).then_some(()));
    assert!(client.seeds(root), "the newest vote is among them");
    until("the rest is hosted by the engine", || {
        (bob.status()["hosted"] == count + 1).then_some(())
    });
    assert!(hosting(bob, root).is_some());
    assert_eq!(crowd.upvoted(), count, "no vote is lost by moving");
}

#[test]
fn many_votes_at_once_with_a_small_budget() {
    if !namespace::enter("scale::many_votes_at_once_with_a_small_budget", NETWORK) {
        return;
    }
    // 3,000 with the budget that everybody has is 500.
    let (count, budget) = (votes(), votes() / 6);
    let crowd = Crowd::gather(count, budget);
    let start = Instant::now();
    crowd.vote();
    until("all are hosted, the newest by the client", || {
        (crowd.bob.status()["hosted"] == count && seeding(&crowd.client) == budget).then_some(())
    });
    println!(
        "{count} votes, {budget} of them in the client, after {:.1} s",
        start.elapsed().as_secs_f64()
    );
    assert_eq!(crowd.upvoted(), count);
    let list = crowd.client.get("torrents/info");
    assert_eq!(list.as_array().unwrap().len(), budget, "and nothing else is there");
}
