//! Two devices with one key: both vote, apart and together; nothing forks, and what was taken back
//! stays taken back.
#![allow(clippy::unwrap_used, missing_docs)]

use serde_json::{Value, json};
use upseed_tests::{Person, Setup, until, until_is};

/// Cyd, who writes and watches; and Ann's phone and laptop, which have her posts with their texts.
struct World {
    cyd: Person,
    phone: Person,
    laptop: Person,
    posts: [String; 3],
}

fn seen(who: &Person, id: &str) -> (u64, bool) {
    let item = who.json(&["read", id, "--timeout", "0"]);
    (item["votes"].as_u64().unwrap(), item["upvoted"].as_bool().unwrap())
}

fn hosting(who: &Person, id: &str) -> Value {
    who.json(&["read", id, "--timeout", "0"])["hosting"].take()
}

fn vote(who: &Person, command: &str, id: &str) {
    assert_eq!(who.json(&[command, id])[0]["done"], true);
}

fn alone(name: &str) -> Setup {
    Person::named(name)
}

impl World {
    fn new() -> Self {
        let cyd = alone("Cyd").start();
        let posts = ["One", "Two", "Three"].map(|title| cyd.post("upseed", title, "x\n"));
        let phone = alone("phone").peer(&cyd).start();
        phone.post("upseed", "By phone", "My key is made.\n");
        let phrase = phone.json(&["identity", "backup"])["phrase"].as_str().unwrap().to_owned();
        let mut laptop = alone("laptop").peer(&cyd).offline();
        let restored = laptop.json_with(&["identity", "restore"], phrase.as_bytes());
        assert_eq!(restored["author"], phone.status()["author"]);
        laptop.restart();
        assert_eq!(laptop.status()["author"], phone.status()["author"]);
        for device in [&phone, &laptop] {
            for id in &posts {
                until("a device has the text", || {
                    device.listed(id).filter(|item| item["text"] == "x\n")
                });
            }
        }
        let mut world = Self { cyd, phone, laptop, posts };
        world.part();
        world
    }

    /// All three stop.
    fn part(&mut self) {
        self.phone.stop();
        self.laptop.stop();
        self.cyd.stop();
    }

    /// All three meet.
    fn join(&mut self) {
        self.cyd.restart();
        self.phone.change(|_| alone("phone").peer(&self.cyd));
        self.laptop.change(|_| alone("laptop").peer(&self.cyd));
        self.phone.restart();
        self.laptop.restart();
    }

    /// A device votes while nobody else runs.
    fn apart(device: &mut Person, votes: &[(&str, &str)]) {
        device.change(|_| alone("apart"));
        device.restart();
        for (command, id) in votes {
            vote(device, command, id);
        }
        assert_eq!(device.status()["peers"], 0);
        device.stop();
    }

    /// Waits until both devices and Cyd see exactly these posts upvoted, and the devices host them.
    fn agree(&self, upvoted: [bool; 3]) {
        for (id, up) in self.posts.iter().zip(upvoted) {
            let votes = u64::from(up);
            until_is("the phone sees the vote", (votes, up), || seen(&self.phone, id));
            until_is("the laptop sees the vote", (votes, up), || seen(&self.laptop, id));
            until_is("Cyd sees the vote", (votes, false), || seen(&self.cyd, id));
        }
        let hosted = upvoted.map(|up| if up { json!("hosting") } else { Value::Null });
        for device in [&self.phone, &self.laptop] {
            until_is("a device hosts what is upvoted", hosted.clone(), || {
                self.posts.each_ref().map(|id| hosting(device, id))
            });
        }
    }
}

#[test]
fn votes_cast_apart_are_united() {
    let mut world = World::new();
    let [one, two, _] = world.posts.clone();
    World::apart(&mut world.phone, &[("upvote", &one)]);
    World::apart(&mut world.laptop, &[("upvote", &two)]);
    world.join();
    world.agree([true, true, false]);

    // Taken back where it was not cast.
    vote(&world.phone, "unvote", &two);
    world.agree([true, false, false]);
    vote(&world.laptop, "unvote", &one);
    world.agree([false, false, false]);

    // And what was taken back can come again, and lasts over restarts.
    vote(&world.phone, "upvote", &two);
    world.agree([false, true, false]);
    world.part();
    world.join();
    world.agree([false, true, false]);
}

#[test]
fn a_vote_that_both_cast_counts_once_and_is_taken_back_once() {
    let mut world = World::new();
    let [one, ..] = world.posts.clone();
    World::apart(&mut world.phone, &[("upvote", &one)]);
    World::apart(&mut world.laptop, &[("upvote", &one)]);
    world.join();
    world.agree([true, false, false]);
    vote(&world.laptop, "unvote", &one);
    world.agree([false, false, false]);
}

#[test]
fn a_withdrawal_survives_what_the_other_device_does_meanwhile() {
    let mut world = World::new();
    let [_, two, three] = world.posts.clone();
    World::apart(&mut world.laptop, &[("upvote", &two)]);
    world.join();
    world.agree([false, true, false]);
    world.part();

    // The phone takes back what the laptop's list says, and the laptop writes that list anew.
    World::apart(&mut world.phone, &[("unvote", &two)]);
    World::apart(&mut world.laptop, &[("upvote", &three)]);
    world.join();
    world.agree([false, false, true]);
    world.part();
    world.join();
    world.agree([false, false, true]);
}
