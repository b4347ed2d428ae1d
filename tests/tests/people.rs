//! Starter lists and new keys, between real nodes, in the command and in the view.
#![allow(clippy::unwrap_used, missing_docs)]

use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};
use upseed_tests::{Person, until};

/// A key in hex; it appears with the first thing that is written.
fn key(who: &Person) -> String {
    who.status()["author"].as_str().unwrap().to_owned()
}

/// Waits until it holds.
fn holds(what: &str, mut check: impl FnMut() -> bool) {
    until(what, || check().then_some(()));
}

fn sorted(keys: &[&str]) -> Value {
    let mut keys = keys.to_vec();
    keys.sort_unstable();
    json!(keys)
}

#[test]
fn a_newcomer_is_offered_lists_and_follows_whom_they_choose() {
    let ann = Person::named("Ann").start();
    let bob = Person::named("Bob").peer(&ann).start();
    let (film, spam) = ("0a".repeat(32), "0b".repeat(32));
    ann.post("upseed", "I am here", "x\n");
    ann.form("/upseed/profile", "name=Ann");
    let publish = ["starter", "publish", "Film people", "--board", "upseed", &film, &spam];
    let list = ann.json(&publish);
    let people = sorted(&[&film, &spam]);
    assert_eq!((&list["name"], &list["people"]), (&json!("Film people"), &people));
    assert_eq!(ann.call("GET", "/follows", &Value::Null).json(), json!([]), "no follow");
    assert_eq!(ann.json(&["starter", "list"]), json!([]), "nobody is offered their own");
    assert_eq!(ann.json(&["starter", "list", "--mine"]), json!([list]));

    holds("Bob has the list", || bob.json(&["starter", "list"])[0]["id"] == list["id"]);
    let id = list["id"].as_str().unwrap();
    for page in ["/upseed/", "/upseed/b/upseed"] {
        let page = bob.page(page);
        assert!(page.contains("Film people") && page.contains("Follow all 2"), "{page}");
    }
    let page = bob.page(&format!("/upseed/starter/{id}"));
    assert!(page.contains("Ann") && page.contains(&film) && page.contains(&spam), "{page}");
    // Without the one whose box is not ticked; and without script.
    bob.form("/upseed/starter", &format!("do=chosen&list={id}&{film}=1"));
    assert_eq!(bob.call("GET", "/follows", &Value::Null).json(), json!([film]));
    assert_eq!(bob.json(&["starter", "follow", id]), people, "all of them");
    bob.json(&["follow", &key(&ann)]);
    assert!(!bob.page("/upseed/").contains("Film people"), "three follows are enough");

    // Published from Ann's own page, of those whom she follows; and withdrawn again.
    ann.json(&["follow", &film]);
    ann.form("/upseed/starter", &format!("do=publish&name=Fewer&board=upseed&{film}=1"));
    holds("the new one came", || {
        let lists = bob.json(&["starter", "list", "--board", "upseed"]);
        lists.as_array().unwrap().len() == 1 && lists[0]["name"] == "Fewer"
    });
    assert_eq!(bob.run(&["starter", "follow", id]).code, Some(1), "it was replaced");
    ann.form("/upseed/starter", "do=withdraw&board=upseed");
    holds("it is withdrawn", || bob.json(&["starter", "list"]) == json!([]));
}

#[test]
fn followers_names_votes_and_posts_go_to_the_new_key() {
    let ann = Person::named("Ann").start();
    let bob = Person::named("Bob").peer(&ann).start();
    let id = ann.post("upseed", "With the old key", "x\n");
    ann.form("/upseed/profile", "name=Ann");
    let old = key(&ann);
    bob.json(&["follow", &old]);
    let theirs = bob.post("upseed", "Bob's", "y\n");
    holds("Ann has it", || ann.listed(&theirs).is_some());
    ann.json(&["upvote", &theirs]);
    holds("her vote is counted", || bob.listed(&theirs).is_some_and(|post| post["votes"] == 1));

    let moved = ann.json(&["identity", "succeed"]);
    let new = moved["author"].as_str().unwrap().to_owned();
    assert_ne!(new, old);
    assert_eq!(moved["phrase"], ann.json(&["identity", "backup"])["phrase"]);
    assert_eq!(key(&ann), new);
    let kept = ann.data().join(format!("identity-old-{}.key", &old[..16]));
    assert_eq!(kept.metadata().unwrap().permissions().mode() & 0o777, 0o600);

    holds("Bob follows the new key", || {
        bob.call("GET", "/follows", &Value::Null).json() == json!([new])
    });
    // One vote: the old key's counts no more, and the new one has said it again.
    holds("the vote has moved", || {
        let ballots = ann.call("GET", &format!("/succession?key={old}"), &Value::Null).json();
        ballots["current"] == new.as_str()
            && bob.listed(&theirs).is_some_and(|post| post["votes"] == 1)
    });
    holds("the name came", || bob.page(&format!("/upseed/p/{new}")).contains("<bdi>Ann</bdi>"));
    for key in [&old, &new] {
        let page = bob.page(&format!("/upseed/p/{key}"));
        assert!(page.contains("With the old key") && page.contains("Used another key"), "{page}");
    }
    let listed = bob.listed(&id).unwrap();
    assert_eq!(listed["author"], old.as_str(), "a record stays what it is");

    // The new key was stolen: nobody succeeds it, and what led to it leads nowhere.
    let fresh = ann.json(&["identity", "revoke"])["author"].as_str().unwrap().to_owned();
    holds("Bob follows nobody", || bob.call("GET", "/follows", &Value::Null).json() == json!([]));
    let said = bob.call("GET", &format!("/succession?key={old}"), &Value::Null).json();
    assert_eq!((&said["current"], said["since"].is_u64()), (&Value::Null, true), "{said}");
    assert!(bob.page(&format!("/upseed/p/{new}")).contains("claimed by two other keys"));
    let refused = bob.run(&["follow", &new]);
    assert!(refused.code == Some(1) && refused.stderr.contains("revoked"), "{refused:?}");
    holds("Ann's vote counts with her third key", || {
        bob.listed(&theirs).is_some_and(|post| post["votes"] == 1)
    });
    assert_eq!(key(&ann), fresh);
}
