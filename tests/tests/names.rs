//! People and items by what somebody types of their names: in the command, and in the API that it calls.
#![allow(clippy::unwrap_used, missing_docs)]

use serde_json::{Value, json};
use upseed_tests::{Person, until};

fn key(who: &Person) -> String {
    who.status()["author"].as_str().unwrap().to_owned()
}

/// The form for people.
fn letters(who: &Person) -> String {
    who.json(&["identity", "show"])["name"].as_str().unwrap().to_owned()
}

#[test]
fn people_are_named_by_a_name_or_the_beginning_of_a_key_if_nobody_else_can_be_meant() {
    let ann = Person::named("Ann").start();
    let bob = Person::named("Bob").peer(&ann).start();
    let eve = Person::named("Eve").peer(&ann).start();
    ann.post("upseed", "I am here", "x\n");
    eve.post("upseed", "So am I", "x\n");
    let about = "I garden.";
    let said = ann.json(&["profile", "--name", "Ann Lee", "--about", about]);
    assert_eq!((&said["name"], &said["about"]), (&json!("Ann Lee"), &json!(about)));
    assert_eq!(ann.json(&["profile", "--name", "Ann"])["about"], about, "what is left out stays");
    eve.json(&["profile", "--name", "Eve"]);
    let (ann_key, eve_key) = (key(&ann), key(&eve));
    for key in [&ann_key, &eve_key] {
        until("Bob knows both names", || {
            let people = bob.call("POST", "/people", &json!({ "who": [key] }));
            (people.json()[0]["name"] != "").then_some(())
        });
    }

    // A name, however it is written; letters of the key, with the scheme and without; hex.
    let whole = letters(&ann);
    for who in ["ann", "ANN", &whole, &whole[..20], &whole[7..15], &ann_key, &ann_key[..12]] {
        assert_eq!(bob.json(&["follow", who]), json!([ann_key]), "{who}");
        assert_eq!(bob.json(&["unfollow", who]), json!([]), "{who}");
        assert_eq!(bob.json(&["mute", who]), json!([ann_key]), "{who}");
        assert_eq!(bob.json(&["unmute", who]), json!([]), "{who}");
    }
    let shown = bob.run(&["profile", "Ann"]).ok();
    assert!(shown.text().contains(about) && shown.text().contains(&whole), "{shown:?}");
    bob.json(&["follow", "ann"]);
    let top = bob.run(&["top"]).ok();
    let named = format!("Ann {} (followed)", &whole[7..15]);
    assert!(top.text().contains(&named), "{top:?}");
    let labelled = bob.run(&["label", "ann", "kind"]).ok();
    assert!(labelled.text().contains(&named), "{labelled:?}");
    bob.json(&["labels", "subscribe", "ann"]);
    assert!(bob.run(&["labels", "list"]).ok().text().contains(&named));
    bob.json(&["labels", "log", &whole[..16]]);
    bob.json(&["labels", "unsubscribe", "Ann"]);
    // Others than the command.
    let follow = json!({ "key": "ann", "follow": false });
    assert_eq!(bob.call("POST", "/follows", &follow).json(), json!([]));

    // Eve takes the name, and as a name the beginning of Ann's key: neither becomes hers.
    eve.json(&["profile", "--name", "ann!"]);
    let refused = until("Bob knows of a second Ann", || {
        let output = bob.run(&["follow", "Ann"]);
        (output.code == Some(1)).then_some(output).or_else(|| {
            bob.json(&["unfollow", &whole]);
            None
        })
    });
    for part in [&whole[..15], &letters(&eve)[..15], "any of these"] {
        assert!(refused.stderr.contains(part), "{part}: {refused:?}");
    }
    eve.json(&["profile", "--name", &whole[7..15]]);
    until("Bob knows that Eve is called like a key", || {
        (bob.run(&["profile", &letters(&eve)]).ok().text().contains(&whole[7..15])).then_some(())
    });
    assert_eq!(bob.run(&["follow", &whole[7..15]]).code, Some(1), "either of them");
    assert_eq!(bob.json(&["follow", &whole[..15]]), json!([ann_key]), "a key and no name");

    let nobody = bob.run(&["follow", "Nobody"]);
    assert!(nobody.code == Some(1) && nobody.stderr.contains("called \"Nobody\""), "{nobody:?}");
    assert_eq!(bob.call("POST", "/mutes", &json!({ "key": "Nobody", "mute": true })).status, 404);
}

#[test]
fn items_are_named_by_the_beginning_of_their_ids() {
    let ann = Person::named("Ann").start();
    let post = ann.post("upseed", "First", "Some text.\n");
    let short = &post[..10];
    assert!(ann.run(&["top"]).ok().text().contains(short), "as the list shows it");
    let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
    let answer = id(&ann.json_with(&["comment", short], b"Mine.\n"));
    for args in [["read", short], ["thread", short], ["why", short], ["read", &post[..4]]] {
        assert_eq!(id(&ann.json(&args)), post, "{args:?}");
    }
    ann.json(&["upvote", &answer[..10]]);
    assert_eq!(ann.json(&["hide", &answer[..10]])[0]["id"], answer.as_str());
    ann.json(&["label", short, "good"]);
    let file = ann.data().join("x.torrent");
    assert_eq!(id(&ann.json(&["export", short, "-o", file.to_str().unwrap()])), post);
    assert_eq!(id(&ann.json(&["retract", &answer[..10]])), answer);

    // Too short for one, none, and any of several.
    for nothing in ["abc", "0123456789", "no id"] {
        let refused = ann.run(&["read", nothing]);
        assert!(refused.code == Some(1) && !refused.stderr.is_empty(), "{refused:?}");
    }
}
