//! The API on loopback: who may call it, what it tells, and the folder around it.
#![allow(clippy::unwrap_used, missing_docs)]

use std::{os::unix::fs::PermissionsExt as _, path::Path};

use serde_json::{Value, json};
use upseed_tests::{Person, http, until};

const STATUS: &str = "/upseed/api/v1/status";

fn bearer(who: &Person) -> String {
    format!("Bearer {}", who.token())
}

#[test]
fn only_who_has_the_token_may_call() {
    let ann = Person::named("Ann").start();
    let right = bearer(&ann);
    let with = |headers: &[(&str, &str)]| http::request(ann.api(), "GET", STATUS, headers, b"");
    let answer = with(&[("Authorization", &right)]);
    assert_eq!((answer.status, answer.header("cache-control")), (200, Some("no-store")));
    let cut = &right[..right.len() - 1];
    let longer = format!("{right}0");
    let other = right.replace("Bearer", "Basic");
    for wrong in [cut, &longer, &other, "Bearer ", "Bearer", ""] {
        let refused = with(&[("Authorization", wrong)]);
        assert_eq!(refused.status, 401, "{wrong:?}: {refused:?}");
        assert!(refused.json()["error"].is_string(), "{refused:?}");
    }
    let refused = with(&[]);
    assert_eq!(refused.status, 401);
    assert!(!String::from_utf8_lossy(&refused.body).contains(&ann.token()));

    // What a refused request asks for does not happen.
    let body = json!({ "board": "garden" }).to_string();
    let path = "/upseed/api/v1/boards";
    let kind = ("Content-Type", "application/json");
    assert_eq!(http::request(ann.api(), "POST", path, &[kind], body.as_bytes()).status, 401);
    assert_eq!(ann.json(&["board", "list"]).as_array().unwrap().len(), 1);
}

#[test]
fn no_foreign_name_or_site_may_call() {
    let ann = Person::named("Ann").arg("--host").arg("nas.example").start();
    let right = bearer(&ann);
    let with = |more: &[(&str, &str)]| {
        let headers = [&[("Authorization", right.as_str())], more].concat();
        http::request(ann.api(), "GET", STATUS, &headers, b"").status
    };
    let port = ann.api().port();
    for host in [format!("127.0.0.1:{port}"), format!("localhost:{port}"), "nas.example".into()] {
        assert_eq!(with(&[("Host", &host)]), 200, "{host}");
        assert_eq!(with(&[("Host", &host), ("Origin", &format!("http://{host}"))]), 200, "{host}");
    }
    for host in ["evil.example", "127.0.0.1.evil.example", "evil.example:7667", ""] {
        assert_eq!(with(&[("Host", host)]), 421, "{host}");
    }
    let other_port = format!("http://127.0.0.1:{}", port.wrapping_add(1));
    for origin in ["http://evil.example", "null", "http://nas.example", "", &other_port] {
        assert_eq!(with(&[("Origin", origin)]), 403, "{origin}");
    }
    // Nor is anything told to who comes by a foreign name.
    let headers = [("Host", "evil.example"), ("Authorization", right.as_str())];
    let refused = http::request(ann.api(), "GET", STATUS, &headers, b"");
    assert!(refused.json()["client"].is_null(), "{refused:?}");
}

#[test]
fn changes_are_told_as_they_happen() {
    let mut ann = Person::named("Ann").start();
    let bob = Person::named("Bob").peer(&ann).start();
    let right = bearer(&ann);
    let headers = [("Authorization", right.as_str())];
    let mut events = http::Events::open(ann.api(), "/upseed/api/v1/events", &headers);
    let mut next = |name: &str, id: &str| -> Value {
        loop {
            let event = events.next_event().unwrap_or_else(|| panic!("the stream ended: {name}"));
            if event["event"] == name && event["id"] == id {
                return event;
            }
        }
    };
    let id = ann.post("upseed", "Watched", "x\n");
    assert_eq!(next("item", &id)["board"], "upseed");
    until("Bob has it", || bob.listed(&id));
    bob.json(&["upvote", &id]);
    let vote = next("votes", &id);
    assert_eq!((&vote["votes"], &vote["upvoted"]), (&json!(1), &json!(false)));
    let comment = bob.comment(&id, "y\n");
    assert_eq!(next("item", &comment)["root"], id.as_str());
    next("text", &comment);
    ann.json(&["upvote", &comment]);
    assert_eq!(next("votes", &comment)["upvoted"], true);

    // An open stream does not keep the node from stopping.
    ann.stop();
    until("the stream ends", || events.next_event().is_none().then_some(()));
}

#[test]
fn status_boards_and_follows() {
    let ann = Person::named("Ann").start();
    let bob = Person::named("Bob").peer(&ann).start();
    until("they have met", || (ann.status()["peers"] == 1).then_some(()));
    let status = ann.status();
    assert_eq!(status["client"], "embedded");
    assert_eq!(status["boards"][0]["name"], "upseed");
    assert_eq!((&status["items"], &status["hosted"]), (&json!(0), &json!(0)));
    assert_eq!((&status["dht_nodes"], &status["author"]), (&json!(0), &Value::Null));

    let boards = ann.json(&["board", "join", "garden", "--tracker", "http://127.0.0.1:1/announce"]);
    assert_eq!(boards, ann.json(&["board", "list"]));
    let garden = boards.as_array().unwrap().iter().find(|board| board["name"] == "garden").unwrap();
    assert_eq!(garden["trackers"], json!(["http://127.0.0.1:1/announce"]));
    let left = ann.json(&["board", "leave", "garden"]);
    assert_eq!(left.as_array().unwrap().len(), 1);
    assert_eq!(ann.run(&["board", "leave", "garden"]).code, Some(1));

    // A key appears with the first thing that is written, and following is writing.
    assert_eq!(ann.run(&["identity", "show"]).code, Some(1));
    bob.post("upseed", "I am here", "x\n");
    let key = bob.status()["author"].as_str().unwrap().to_owned();
    let follows = ann.json(&["follow", &key]);
    assert_eq!(follows.as_array().unwrap().len(), 1);
    assert_eq!(ann.json(&["follow", &key]), follows, "twice is once");
    let me = ann.json(&["identity", "show"]);
    assert_eq!(me["author"], ann.status()["author"]);
    let refused = ann.run(&["follow", me["author"].as_str().unwrap()]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert_eq!(ann.json(&["unfollow", &key]), json!([]));
    assert_eq!(ann.json(&["unfollow", &key]), json!([]));
    assert_eq!(ann.call("GET", "/follows", &Value::Null).json(), json!([]));
}

#[test]
fn the_folder_is_its_owners_alone() {
    let mut ann = Person::named("Ann").start();
    let id = ann.post("upseed", "Mine", "x\n");
    ann.json(&["follow", &"0a".repeat(32)]);
    let check = || {
        let mode = |path: &Path| path.symlink_metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(ann.data()), 0o700);
        let mut names = Vec::new();
        for entry in std::fs::read_dir(ann.data()).unwrap() {
            let path = entry.unwrap().path();
            let wanted = if path.is_dir() { 0o700 } else { 0o600 };
            assert_eq!(mode(&path), wanted, "{}", path.display());
            names.push(path.file_name().unwrap().to_str().unwrap().to_owned());
        }
        names
    };
    let names = check();
    for file in ["api-token", "identity.key", "node.json", "node.sock", "upseed.db"] {
        assert!(names.iter().any(|name| name == file), "{file} is among {names:?}");
    }
    let token = ann.token();
    ann.stop();
    ann.restart();
    assert_eq!(ann.token(), token, "commands of other terminals go on working");
    assert!(ann.listed(&id).is_some());
}

#[test]
fn a_folder_that_others_can_enter_shows_them_nothing() {
    let shared = tempfile::tempdir().unwrap();
    std::fs::set_permissions(shared.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let ann = Person::named("Ann").data(shared.path()).start();
    ann.post("upseed", "Mine", "x\n");
    for entry in std::fs::read_dir(shared.path()).unwrap() {
        let path = entry.unwrap().path();
        let mode = path.symlink_metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", path.display());
    }
}

#[test]
fn a_folder_has_one_node() {
    let mut ann = Person::named("Ann").start();
    let second = ann.run_command().output().unwrap();
    assert_eq!(second.status.code(), Some(1), "{second:?}");
    let said = String::from_utf8_lossy(&second.stderr);
    assert!(said.contains(&ann.pid().to_string()) && said.contains("--data"), "{said}");
    assert_eq!(ann.status()["peers"], 0, "the first one goes on");

    ann.kill9();
    let none = ann.run(&["status"]);
    assert_eq!(none.code, Some(1), "{none:?}");
    assert!(none.stderr.contains("upseed run --data"), "a hint: {none:?}");
    let as_json: Value = serde_json::from_str(&ann.run(&["top", "--json"]).stderr).unwrap();
    assert!(as_json["error"].is_string() && as_json["hint"].is_string(), "{as_json}");
    ann.restart();
    ann.stop();
    assert_eq!(ann.run(&["status"]).code, Some(1));
}

#[test]
fn a_taken_port_is_named() {
    let ann = Person::named("Ann").start();
    let bob = Person::named("Bob").offline();
    let taken = ann.api().to_string();
    let refused = bob.run(&[
        "run",
        "--no-dht",
        "--no-lsd",
        "--swarm-listen",
        "127.0.0.1:0",
        "--listen",
        &taken,
    ]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains(&taken), "{refused:?}");
}

/// What scripts rely on: nothing of it may go away or change its kind.
#[test]
fn json_has_the_fields_that_scripts_rely_on() {
    let ann = Person::named("Ann").start();
    let post = ["post", "--board", "upseed", "--title", "A post"];
    let post = ann.json_with(&post, b"Text.\n");
    let id = post["id"].as_str().unwrap().to_owned();
    let comment = ann.json_with(&["comment", &id], b"An answer.\n");
    let answer = comment["id"].as_str().unwrap().to_owned();
    let top = ann.json(&["top"]);
    let thread = ann.json(&["thread", &id]);
    let (read, found) = (ann.json(&["read", &id]), ann.json(&["read", &answer]));
    let reply = &thread["replies"][0];
    for item in [&post, &top[0], &thread, &read, &comment, reply, &found] {
        let is_post = item["id"] == *id;
        let hex = |field: &str, length: usize| {
            let value = item[field].as_str().unwrap();
            assert!(
                value.len() == length && value.bytes().all(|b| b.is_ascii_hexdigit()),
                "{item}"
            );
        };
        hex("id", 40);
        hex("author", 64);
        assert!(item["magnet"].as_str().unwrap().starts_with("magnet:?xt=urn:btih:"), "{item}");
        assert_eq!(item["kind"], if is_post { "post" } else { "comment" });
        assert_eq!(item["board"], "upseed");
        assert_eq!(item["title"], if is_post { "A post".into() } else { Value::Null });
        assert_eq!(item["text"], if is_post { "Text.\n" } else { "An answer.\n" });
        assert_eq!(item["parent"], if is_post { Value::Null } else { id.as_str().into() });
        assert!(item["time"].as_u64() > Some(1_700_000_000), "{item}");
        assert!(item["score"].is_number() && item["upvoted"].is_boolean(), "{item}");
        assert_eq!(item["votes"], 0, "an author's own vote counts nothing");
        assert!(item["comments"].is_u64(), "{item}");
        // Null while nobody has looked.
        assert!(item.as_object().unwrap().contains_key("seeds"), "{item}");
    }
    assert_eq!(reply["replies"], json!([]));
    let status = ann.status();
    assert_eq!(status["client"], "embedded");
    assert_eq!((&status["boards"][0]["name"], &status["items"]), (&"upseed".into(), &2.into()));
    for count in ["peers", "hosted", "dht_nodes", "swarm_port"] {
        assert!(status[count].is_u64(), "{count}: {status}");
    }
}

#[test]
fn links_name_the_address_by_which_the_caller_came() {
    let ann = Person::named("Ann").listen("0.0.0.0:0").arg("--host").arg("nas.example").start();
    ann.post("upseed", "Links", "They lead back.\n");
    let token = ann.call("POST", "/feed", &Value::Null).json()["token"]
        .as_str()
        .expect("a token")
        .to_owned();
    let port = ann.api().port();
    for name in ["127.0.0.1", "localhost", "nas.example", "192.0.2.7"] {
        let host = format!("{name}:{port}");
        for path in ["rss?sort=new", "find?q=links"] {
            let path = format!("/upseed/{path}&feed={token}");
            let answer = http::request(ann.api(), "GET", &path, &[("Host", &host)], b"");
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            assert_eq!(answer.status, 200, "{name}: {text}");
            assert!(text.contains(&format!("http://{host}/upseed/")), "{name}: {text}");
            assert_eq!(
                text.matches("http://").count(),
                text.matches(&format!("http://{host}/")).count(),
                "{text}"
            );
        }
    }
    let rebound = http::request(ann.api(), "GET", "/upseed/", &[("Host", "evil.example")], b"");
    assert_eq!(rebound.status, 421);
}
