//! The loop: posted, found by a stranger, upvoted and thereby hosted, read from the hosts when the
//! author is gone, answered, taken back. Three real nodes that know each other by `--peer` alone.
#![allow(clippy::unwrap_used, missing_docs)]

use std::time::Duration;

use serde_json::Value;
use upseed_tests::{Person, steadily, until, until_is};

const FIRST: &str = "Sow it in rows.\n";
const SECOND: &str = "Water it — in the *evening*.\n\n¿Por qué? 因为太阳。\n";

/// The item in a thread, at any depth.
fn in_thread(thread: &Value, id: &str) -> Option<Value> {
    if thread["id"] == id {
        return Some(thread.clone());
    }
    thread["replies"].as_array()?.iter().find_map(|reply| in_thread(reply, id))
}

fn seen_in_thread(who: &Person, root: &str, id: &str) -> Option<Value> {
    in_thread(&who.json(&["thread", root, "--timeout", "0"]), id)
}

fn votes(who: &Person, id: &str) -> u64 {
    let item = who.json(&["read", id, "--timeout", "0"]);
    item["votes"].as_u64().unwrap()
}

fn hosted(who: &Person) -> u64 {
    who.status()["hosted"].as_u64().unwrap()
}

fn told(ids: &[&str], args: &[&'static str]) -> Vec<String> {
    args.iter().map(|arg| (*arg).to_owned()).chain(ids.iter().map(|id| (*id).to_owned())).collect()
}

fn vote(who: &Person, ids: &[&str], args: &[&'static str]) {
    let args = told(ids, args);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    for answer in who.json(&args).as_array().unwrap() {
        assert_eq!(answer["done"], true, "{answer}");
    }
}

/// The whole story. `bob` and `cyd` know `ann` or each other; when she leaves, they must have met.
fn story(mut ann: Person, bob: &Person, mut cyd: Person) {
    let first = ann.post("upseed", "Sowing", FIRST);
    let read = |who: &Person, id: &str, text: &str, title: &str| {
        let item = until("a post is listed with its text though nobody told its id", || {
            who.listed(id).filter(|item| item["text"] == text)
        });
        assert_eq!((&item["title"], &item["kind"]), (&title.into(), &"post".into()));
        assert_eq!((&item["votes"], &item["upvoted"]), (&0.into(), &false.into()));
        assert_eq!(hosted(who), 0, "to read is not to host");
    };
    read(bob, &first, FIRST, "Sowing");
    read(&cyd, &first, FIRST, "Sowing");
    vote(bob, &[&first], &["upvote", "--wait"]);
    for who in [&ann, &cyd] {
        until_is("votes after Bob's", 1, || votes(who, &first));
    }
    until_is("Cyd has met both", 2, || cyd.status()["peers"].as_u64().unwrap());

    // The second is written while Cyd sleeps, and its author is gone when she wakes.
    cyd.stop();
    let second = ann.post("upseed", "Watering", SECOND);
    until("Bob lists the second", || bob.listed(&second).filter(|item| item["text"] == SECOND));
    vote(bob, &[&second], &["upvote", "--wait"]);
    assert_eq!(hosted(bob), 2);
    until_is("votes after Bob's", 1, || votes(&ann, &second));
    ann.stop();
    cyd.change(|setup| setup.peer(bob));
    cyd.restart();
    until("Bob and Cyd are left", || {
        (cyd.status()["peers"] == 1 && bob.status()["peers"] == 1).then_some(())
    });
    until("Cyd learns of it", || cyd.listed(&second));
    let item = cyd.json(&["read", &second]);
    assert_eq!((&item["text"], &item["votes"]), (&SECOND.into(), &1.into()), "from Bob alone");
    assert_eq!(cyd.json(&["read", &first, "--timeout", "0"])["text"], FIRST, "kept");

    let comment = cyd.comment(&second, "And in the morning?\n");
    let seen = until("Bob sees the comment in the thread with its text", || {
        seen_in_thread(bob, &second, &comment).filter(|c| c["text"] == "And in the morning?\n")
    });
    assert_eq!((&seen["parent"], &seen["kind"]), (&second.as_str().into(), &"comment".into()));
    assert_eq!(bob.listed(&second).unwrap()["comments"], 1);
    vote(bob, &[&comment], &["upvote", "--wait"]);
    assert_eq!(hosted(bob), 3);
    until_is("votes for the comment, seen by Cyd", 1, || votes(&cyd, &comment));
    let answer = bob.comment(&comment, "Never at noon.\n");
    until("an answer to the comment is nested", || seen_in_thread(&cyd, &second, &answer));

    vote(bob, &[&comment, &second], &["unvote"]);
    until_is("Bob hosts his answer and the first post only", 2, || hosted(bob));
    for who in [bob, &cyd] {
        for id in [&comment, &second] {
            until_is("votes after Bob's is taken back", 0, || votes(who, id));
        }
        assert_eq!(votes(who, &first), 1, "the other vote stays");
    }

    // What was read or unvoted is kept, and hosted by nobody. Who fetched it passes it on for a day. Eve meets both.
    let eve = Person::named("Eve").peer(bob).peer(&cyd).start();
    until_is("Eve has met both", 2, || eve.status()["peers"].as_u64().unwrap());
    assert_eq!(eve.json(&["read", &first])["text"], FIRST);
    assert_eq!(eve.json(&["read", &second])["text"], SECOND);
    assert_eq!((hosted(bob), hosted(&eve)), (2, 0));
    assert_eq!(seen_in_thread(&eve, &second, &answer).unwrap()["text"], "Never at noon.\n");
    for who in [bob, &cyd] {
        assert_eq!(who.json(&["read", &second, "--timeout", "0"])["text"], SECOND);
    }
}

#[test]
fn in_a_chain() {
    let ann = Person::named("Ann").start();
    let bob = Person::named("Bob").peer(&ann).start();
    let cyd = Person::named("Cyd").peer(&bob).start();
    story(ann, &bob, cyd);
}

#[test]
fn in_a_star_whose_middle_leaves() {
    let ann = Person::named("Ann").start();
    let bob = Person::named("Bob").peer(&ann).start();
    let cyd = Person::named("Cyd").peer(&ann).start();
    story(ann, &bob, cyd);
}

#[test]
fn every_window_sort_and_board_answers() {
    let ann = Person::named("Ann").start();
    let bob = Person::named("Bob").peer(&ann).start();
    ann.json(&["board", "join", "garden"]);
    bob.json(&["board", "join", "garden"]);
    let here = ann.post("upseed", "Here", "a\n");
    let there = ann.post("garden", "There", "b\n");
    for id in [&here, &there] {
        until("both boards are reconciled", || bob.listed(id));
    }
    vote(&bob, &[&there], &["upvote"]);
    ann.run(&["follow", bob.status()["author"].as_str().unwrap()]).ok();
    let score = || ann.listed(&there).map(|item| item["score"].as_f64().unwrap());
    until("Bob's vote counts", || (score() == Some(1.0)).then_some(()));
    for who in [&ann, &bob] {
        until_is("votes", 1, || votes(who, &there));
        for window in ["day", "week", "month", "year", "all"] {
            for sort in ["top", "hot", "new"] {
                let list = |board: &[&str]| -> Vec<String> {
                    let args = [&["top", "--window", window, "--sort", sort], board].concat();
                    let items = who.json(&args);
                    let ids = items.as_array().unwrap().iter();
                    ids.map(|item| item["id"].as_str().unwrap().to_owned()).collect()
                };
                let all = list(&[]);
                assert_eq!(all.len(), 2, "{window} {sort}");
                // One's own vote counts nothing in one's own order.
                if sort == "top" && who.data() == ann.data() {
                    assert_eq!(all, [there.clone(), here.clone()], "{window} {sort}");
                }
                assert_eq!(
                    list(&["--board", "upseed"]),
                    *std::slice::from_ref(&here),
                    "{window} {sort}"
                );
                assert_eq!(
                    list(&["--board", "garden"]),
                    *std::slice::from_ref(&there),
                    "{window} {sort}"
                );
                assert_eq!(list(&["--limit", "1"]), all[..1], "{window} {sort}");
            }
        }
    }
}

#[test]
fn the_newest_comes_first() {
    let ann = Person::named("Ann").start();
    let mut ids = vec![ann.post("upseed", "One", "1\n")];
    until("the clock has moved", || {
        let posted = ann.listed(&ids[0]).unwrap()["time"].as_u64().unwrap();
        (seconds() > posted).then_some(())
    });
    ids.insert(0, ann.post("upseed", "Two", "2\n"));
    let new = ann.json(&["top", "--sort", "new"]);
    let listed: Vec<_> = new.as_array().unwrap().iter().map(|item| item["id"].clone()).collect();
    assert_eq!(listed, ids);
}

fn seconds() -> u64 {
    std::time::UNIX_EPOCH.elapsed().unwrap().as_secs()
}

#[test]
fn a_board_is_seen_by_its_members_only() {
    let ann = Person::named("Ann").start();
    let bob = Person::named("Bob").peer(&ann).start();
    let cyd = Person::named("Cyd").peer(&ann).peer(&bob).start();
    ann.json(&["board", "join", "garden"]);
    bob.json(&["board", "join", "garden"]);
    let apart = ann.post("garden", "For gardeners", "x\n");
    until("the other member sees it", || bob.listed(&apart));
    // By then Cyd has been offered everything that she will ever be.
    let common = ann.post("upseed", "For all", "y\n");
    until("Cyd sees what is in her board", || cyd.listed(&common));
    let list = |who: &Person| who.top().iter().map(|i| i["id"].clone()).collect::<Vec<_>>();
    steadily(Duration::from_secs(1), "Cyd sees one post", || list(&cyd) == [common.as_str()]);
    assert_eq!(cyd.status()["items"], 1);
    let refused = cyd.run(&["top", "--board", "garden"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("upseed board join garden"), "{refused:?}");

    cyd.json(&["board", "join", "garden"]);
    until("once joined, the past is seen too", || cyd.listed(&apart));
    cyd.json(&["board", "leave", "garden"]);
    assert_eq!(list(&cyd), [common.as_str()]);
}
