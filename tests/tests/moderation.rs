//! Moderation between real nodes: one labels, another subscribes, looks, undoes and unsubscribes; and
//! what muting and retracting do to hosting.
#![allow(clippy::unwrap_used, missing_docs)]

use serde_json::{Value, json};
use upseed_tests::{Person, until};

fn key(who: &Person) -> String {
    who.json(&["identity", "show"])["author"].as_str().unwrap().to_owned()
}

fn item(who: &Person, id: &str) -> Value {
    who.json(&["read", id, "--timeout", "0"])
}

fn hosting(who: &Person, id: &str) -> Value {
    item(who, id)["hosting"].clone()
}

#[test]
fn a_subscriber_sees_what_a_labeller_said_until_they_unsubscribe() {
    let ann = Person::named("Ann").start();
    let mut bob = Person::named("Bob").peer(&ann).start();
    let spam = ann.post("upseed", "Cheap watches", "Buy them.");
    let good = ann.post("upseed", "Moss", "It grows.");
    let has_text = |id: &str| bob.listed(id).is_some_and(|item| item["text"].is_string());
    until("both posts at Bob's", || (has_text(&spam) && has_text(&good)).then_some(()));
    ann.json(&["label", &spam, "spam", "--reason", "an advertisement"]);
    let labeller = key(&ann);

    let preview = |bob: &Person, action: &str| {
        bob.json(&["labels", "subscribe", &labeller, action, "spam", "--preview"])
    };
    until("the label at Bob's", || (preview(&bob, "--hide")["labels"] == 1).then_some(()));
    let told = preview(&bob, "--hide");
    assert_eq!((&told["hide"]["posts"], &told["fold"]["posts"]), (&json!(1), &json!(0)));
    assert_eq!(preview(&bob, "--fold")["fold"]["posts"], 1);
    assert!(bob.listed(&spam).is_some(), "a preview does nothing");
    assert_eq!(item(&bob, &spam)["labels"], Value::Null, "labels of strangers do nothing");
    let before = bob.top();

    bob.json(&["labels", "subscribe", &labeller, "--fold", "spam"]);
    let labels = &bob.listed(&spam).unwrap()["labels"];
    assert_eq!(labels[0]["action"], "fold");
    assert_eq!(labels[0]["reason"], "an advertisement");
    bob.json(&["labels", "subscribe", &labeller, "--hide", "spam"]);
    assert_eq!(bob.listed(&spam), None);
    assert!(bob.listed(&good).is_some());
    bob.stop();
    bob.restart();
    assert_eq!(bob.listed(&spam), None, "also after a restart");

    let log = bob.json(&["labels", "log", &labeller]);
    assert_eq!(log[0]["target"]["id"], spam.as_str());
    let number = log[0]["number"].to_string();
    bob.json(&["labels", "undo", &number]);
    assert!(bob.listed(&spam).is_some());
    assert_eq!(bob.json(&["labels", "log", &labeller])[0]["undone"], true);
    let gone = bob.run(&["labels", "undo", "999"]);
    assert_eq!(gone.code, Some(1), "{gone:?}");

    assert_eq!(bob.json(&["labels", "unsubscribe", &labeller]), json!([]));
    let ids = |rows: &[Value]| rows.iter().map(|row| row["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&bob.top()), ids(&before));
    // Bob's follows, who are but Ann, trust her; each reader has a majority of their own.
    let moderators = |who: &Person| who.json(&["labels", "moderators", "--board", "upseed"]);
    assert_eq!(moderators(&bob), json!([]), "Bob follows nobody yet");
    bob.json(&["follow", &labeller]);
    let trusted = json!([{ "key": labeller, "through": 1, "follows": 1, "labels": 1 }]);
    assert_eq!(moderators(&bob), trusted);
    assert_eq!(moderators(&ann), json!([]), "nobody suggests themselves");
    // Ann takes it back, and a later subscription finds nothing.
    ann.json(&["label", &spam, "spam", "--remove"]);
    until("the label gone at Bob's", || (preview(&bob, "--hide")["labels"] == 0).then_some(()));
    assert_eq!(moderators(&bob), json!([]));
}

#[test]
fn muting_stops_the_hosting_and_unmuting_brings_it_back() {
    let ann = Person::named("Ann").start();
    let bob = Person::named("Bob").peer(&ann).start();
    let post = ann.post("upseed", "Moss", "It grows.");
    until("the post at Bob's", || (bob.listed(&post).is_some()).then_some(()));
    bob.json(&["upvote", &post, "--wait"]);
    let author = key(&ann);
    bob.json(&["mute", &author]);
    until("Bob stops hosting", || (hosting(&bob, &post) == "stopped").then_some(()));
    assert_eq!(item(&bob, &post)["upvoted"], true, "the vote stays");
    assert_eq!(bob.listed(&post), None);
    bob.json(&["unmute", &author]);
    until("Bob hosts again", || (hosting(&bob, &post) == "hosting").then_some(()));

    bob.json(&["hide", &post]);
    assert_eq!(bob.listed(&post), None);
    assert_eq!(hosting(&bob, &post), "hosting", "hiding is not muting");
    bob.json(&["hide", &post, "--undo"]);
    assert!(bob.listed(&post).is_some());
}

#[test]
fn a_retraction_asks_hosts_who_decide() {
    let ann = Person::named("Ann").start();
    let bob = Person::named("Bob").peer(&ann).start();
    let posts = [ann.post("upseed", "One", "1"), ann.post("upseed", "Two", "2")];
    for post in &posts {
        until("the post at Bob's", || (bob.listed(post).is_some()).then_some(()));
        bob.json(&["upvote", post, "--wait"]);
    }
    let refused = bob.run(&["retract", &posts[0]]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    for post in &posts {
        ann.json(&["retract", post]);
        until("Ann hosts it no more", || (hosting(&ann, post) == "stopped").then_some(()));
    }
    until("Bob is asked", || {
        (bob.json(&["retracted"]).as_array().unwrap().len() == 2).then_some(())
    });
    assert_eq!(hosting(&bob, &posts[0]), "hosting", "until he decides");
    let left = bob.json(&["retracted", "--keep", &posts[0]]);
    assert_eq!(left.as_array().unwrap().len(), 1);
    bob.json(&["retracted", "--default", "drop"]);
    until("the other is dropped", || (hosting(&bob, &posts[1]) == "stopped").then_some(()));
    assert_eq!(hosting(&bob, &posts[0]), "hosting", "his word holds");
    assert_eq!(item(&bob, &posts[1])["upvoted"], true);
}
