//! A thousand keys against somebody who follows three people.
#![allow(clippy::unwrap_used, missing_docs)]

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;
use upseed_model::BoardName;
use upseed_store::{Store, bench::FakePost};
use upseed_tests::{Attacker, Person, until, until_is};

const ATTACKER: Attacker = Attacker { keys: 1_000 };

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

#[test]
fn a_flood_of_a_hundred_thousand_posts_is_one_line() {
    let mut ann = Person::named("Ann").start();
    let mut vera = Person::named("Vera").peer(&ann).start();
    let id = ann.post("upseed", "Not drowned", "Still here.\n");
    until("Vera has it", || vera.listed(&id).filter(|item| item["text"].is_string()));
    vera.run(&["follow", &author(&ann)]).ok();
    until("it is known", || vera.listed(&id).filter(|item| item["known"] == true));
    vera.stop();
    ann.stop();
    // Their proofs of work would take half an hour: the rows are invented, as if a node had taken them in.
    let junk = ATTACKER.post(now());
    let store = Store::open(&vera.data().join("upseed.db")).unwrap();
    let flood = (0..100_000_u32).map(|number| {
        let mut work = [0; 32];
        work[4..8].copy_from_slice(&number.to_be_bytes());
        work[28..].copy_from_slice(&number.to_be_bytes());
        let (board, time) = (BoardName::upseed(), now() - u64::from(number) / 10);
        FakePost { work, board, time, votes: 0, hidden: false }
    });
    store.insert_fakes(&junk, flood).unwrap();
    drop(store);
    vera.restart();
    let new = vera.page("/upseed/?sort=new");
    let fold = new.find("<details class=\"unknown\">").unwrap();
    assert!(new.find(&format!("id=\"i{id}\"")).unwrap() < fold, "what is known comes first");
    assert!(
        new[fold..].contains("More than 10\u{202f}000 posts by people you do not know"),
        "{new}"
    );
    assert!(new.len() < 200_000, "{} bytes", new.len());
    let top = vera.json(&["top", "--sort", "new", "--limit", "5"]);
    assert_eq!(top[0]["id"], *id, "{top}");
    assert_eq!(top[1]["known"], false, "{top}");
    let megabytes = vera.peak_memory() / 1_024;
    assert!(megabytes < 200, "{megabytes} MB");
}

fn author(who: &Person) -> String {
    who.status()["author"].as_str().unwrap().to_owned()
}

#[test]
fn a_thousand_keys_are_below_what_three_people_upvoted() {
    let ann = Person::named("Ann").start();
    let [bob, cyd, dan] = ["Bob", "Cyd", "Dan"].map(|name| Person::named(name).peer(&ann).start());
    let vera = Person::named("Vera").peer(&ann).start();
    let posts = [&ann, &bob, &cyd, &dan].map(|who| who.post("upseed", "Good", "Good.\n"));
    for who in [&ann, &bob, &cyd, &dan, &vera] {
        until("everybody has the posts", || {
            posts.iter().all(|id| who.listed(id).is_some()).then_some(())
        });
    }
    // Each is upvoted by one other person; Dan is not followed by Vera, but by Cyd.
    for (who, post) in [(&bob, 0), (&ann, 1), (&dan, 2), (&bob, 3)] {
        who.run(&["upvote", &posts[post]]).ok();
    }
    cyd.run(&["follow", &author(&dan)]).ok();
    for who in [&ann, &bob, &cyd] {
        vera.run(&["follow", &author(who)]).ok();
    }
    let score = |id: &str| vera.listed(id).map(|item| item["score"].as_f64().unwrap());
    until("all of it counts", || posts.iter().all(|id| score(id) > Some(0.0)).then_some(()));

    let junk = ATTACKER.post(now() + 1);
    let id = junk.infohash().to_string();
    let pushing = ATTACKER.push(vera.swarm_addr(), &junk);
    until_is("votes that Vera counts", u64::from(ATTACKER.keys), || {
        vera.listed(&id).map_or(0, |item| item["votes"].as_u64().unwrap())
    });
    drop(pushing);

    for sort in ["top", "hot"] {
        let top = vera.json(&["top", "--sort", sort]);
        let order: Vec<&str> =
            top.as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect();
        assert_eq!(order.last(), Some(&&*id), "{sort}: {top}");
        assert_eq!(order.len(), 5);
    }
    let new = vera.json(&["top", "--sort", "new"]);
    let last = new.as_array().unwrap().last().unwrap();
    assert_eq!((last["id"].as_str(), &last["known"]), (Some(&*id), &Value::Bool(false)));

    let why = vera.json(&["why", &id]);
    assert_eq!(why["strangers"], ATTACKER.keys, "{why}");
    assert_eq!((&why["through"], &why["follows"]), (&Value::Array(vec![]), &3.into()), "{why}");
    // 0.3 / (1 + 3) if it was seen with one host, which it never was.
    assert_eq!(why["score"], 0.0, "{why}");
    let said = vera.run(&["why", &id]).ok().text().to_owned();
    assert!(said.contains("1000 strangers upvoted it"), "{said}");
    let why = vera.json(&["why", &posts[2]]);
    let through = &why["through"][0];
    assert_eq!((&through["key"], &through["behind"]), (&author(&cyd).into(), &1.into()), "{why}");
    let sum: f64 =
        why["through"].as_array().unwrap().iter().map(|it| it["adds"].as_f64().unwrap()).sum();
    assert_eq!(sum + why["strangers_add"].as_f64().unwrap(), why["score"].as_f64().unwrap());

    // The pages say the same.
    let page = vera.page("/upseed/");
    let at = |id: &str| page.find(&format!("id=\"i{id}\"")).unwrap();
    assert!(posts.iter().all(|post| at(post) < at(&id)), "{page}");
    let new = vera.page("/upseed/?sort=new");
    let fold = new.find("<details class=\"unknown\">").unwrap();
    assert!(new.find(&format!("id=\"i{id}\"")).unwrap() > fold);
    assert!(vera.page(&format!("/upseed/why/{id}")).contains("1000 strangers upvoted it"));
}
