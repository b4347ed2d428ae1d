//! Words that cannot be typed, ids that nothing has, links that lead nowhere.

use upseed_tests::{
    Person,
    refusal::{Trace, bad, bad_command, files},
};

use crate::UNKNOWN;

#[test]
fn a_word_that_cannot_stand_there_is_named() {
    let ann = Person::named("Ann").start();
    let before = Trace::of(&ann);
    let long = "x".repeat(41);
    for board in ["Upseed", "", "-a", "a b", "ä", "a/b", "..", &long] {
        let arg = format!("--board={board}");
        let words = [&format!("{board:?} is not a board name")[..], "1 to 40 of a-z, 0-9"];
        bad(&ann, &["post", &arg, "--title", "T"]).usage(&words);
        bad(&ann, &["top", &arg]).usage(&words);
        if !board.starts_with('-') {
            bad(&ann, &["board", "join", board]).usage(&words);
            bad(&ann, &["board", "leave", board]).usage(&words);
        }
    }
    bad(&ann, &["top", "--window", "fortnight"])
        .usage(&["\"fortnight\" is not valid: expected one of day, week, month, year, all"]);
    bad(&ann, &["top", "--sort", "best"])
        .usage(&["\"best\" is not valid: expected one of top, hot, new"]);
    for limit in ["0", "1001", "-1", "x", "99999999999999999999"] {
        bad(&ann, &["top", &format!("--limit={limit}")]).usage(&["--limit"]);
    }
    for timeout in ["601", "-1", "soon"] {
        bad(&ann, &["read", UNKNOWN, &format!("--timeout={timeout}")]).usage(&["--timeout"]);
    }
    let zeros = "0".repeat(64);
    for key in ["", "abc", "upseed:abc", &long] {
        let message = format!("nobody here is called {key:?}");
        bad(&ann, &["follow", key]).user(&[&message, "hint: A person is named by"]);
        bad(&ann, &["unfollow", key]).user(&[&message]);
    }
    bad(&ann, &["follow", &zeros]).user(&["small order"]);
    bad(&ann, &["fly"]).usage(&["unrecognized subcommand 'fly'"]);
    bad(&ann, &["upvote"]).usage(&["required"]);
    bad(&ann, &["post", "--board", "upseed"]).usage(&["--title"]);
    bad(&ann, &["run", "--listen", "here"]).usage(&["--listen"]);
    bad(&ann, &["run", "--swarm-listen", "127.0.0.1:65536"]).usage(&["--swarm-listen"]);
    bad(&ann, &["run", "--client", "emule"]).usage(&["emule"]);

    bad(&ann, &["top", "--board", "nope"])
        .user(&["board nope is not joined", "hint: Join it: upseed board join nope"]);
    bad(&ann, &["board", "leave", "nope"]).user(&["board nope is not joined"]);
    for tracker in ["here", "ftp://t/a", "http://a b", "file:///etc/passwd"] {
        bad(&ann, &["board", "join", "new", "--tracker", tracker]).user(&[&format!(
            "{tracker:?} is not a tracker: expected http://, https:// or udp://"
        )]);
    }
    assert_eq!(Trace::of(&ann), before);

    let id = ann.post("upseed", "A post", "Text.\n");
    let me = ann.json(&["identity", "show"])["author"].as_str().unwrap().to_owned();
    let before = Trace::of(&ann);
    bad(&ann, &["follow", &me]).user(&["you cannot follow yourself"]);
    bad(&ann, &["board", "join", "new", "--tracker", "x"]).user(&["not a tracker"]);
    let thread = ann.json(&["thread", &id]);
    assert_eq!((&thread["votes"], &thread["replies"]), (&0.into(), &serde_json::json!([])));
    assert_eq!(Trace::of(&ann), before);
}

#[test]
fn an_id_that_nothing_has_is_named() {
    let ann = Person::named("Ann").start();
    let known = ann.post("upseed", "A post", "Text.\n");
    let before = Trace::of(&ann);
    let long = format!("magnet:?xt=urn:btih:{UNKNOWN}&dn={}", "x".repeat(9_000));
    let wrong = [
        ("", "is not an infohash: expected 40 hex digits"),
        ("zzz", "\"zzz\" is not an infohash: expected 40 hex digits or 32 letters of base32"),
        (&UNKNOWN[1..], "no item here begins with"),
        ("magnet:?", "the magnet link names no torrent"),
        ("magnet:?dn=x", "the magnet link names no torrent"),
        ("magnet:?xt=urn:btih:abc", "\"abc\" is not an infohash"),
        ("magnet:?xt=urn:btmh:1220abcd", "the magnet link names no torrent"),
        (&long, "magnet link"),
    ];
    for (id, message) in wrong {
        for command in ["comment", "upvote", "unvote", "read", "thread", "export"] {
            bad(&ann, &[command, id]).input(&b"Text.\n"[..]).user(&[message]);
        }
        if id.starts_with("magnet:") {
            bad(&ann, &["inspect", id]).user(&[message]);
        }
    }
    let nobody = "127.0.0.1:1";
    let magnet = format!("magnet:?xt=urn:btih:{UNKNOWN}&x.pe={nobody}");
    let words = [UNKNOWN, "no peer has", "hint: Try its"];
    for id in [UNKNOWN, &magnet] {
        for (command, timeout) in [("upvote", "0"), ("read", "1"), ("thread", "0")] {
            bad(&ann, &[command, "--timeout", timeout, id]).user(&words);
        }
        for command in ["unvote", "export", "comment"] {
            bad(&ann, &[command, id]).input(&b"Text.\n"[..]).user(&words);
        }
    }
    // What is good in a list is done, and the exit code tells of the rest.
    let output = ann.run(&["upvote", "--timeout", "0", &known, UNKNOWN]);
    assert_eq!(output.code, Some(1));
    assert!(output.text().contains(&known[..10]) && output.stderr.contains(UNKNOWN), "{output:?}");
    let output = ann.run(&["unvote", &known]).ok();
    assert!(output.text().contains("(no vote; still hosted: you wrote it)"), "{output:?}");
    assert_eq!(Trace::of(&ann), before);
}

#[test]
fn errors_are_json_for_scripts() {
    let ann = Person::named("Ann").start();
    for (args, error, hint) in [
        (&["read", UNKNOWN, "--timeout", "0"][..], UNKNOWN, "Try its magnet"),
        (&["top", "--board", "nope"], "board nope is not joined", "upseed board join nope"),
        (&["inspect", "nothing"], "nothing: No such file", ""),
    ] {
        let output = bad(&ann, &[args, &["--json"]].concat()).run();
        assert_eq!(output.code, Some(1));
        assert!(output.stdout.is_empty());
        let told: serde_json::Value = serde_json::from_str(&output.stderr).unwrap();
        assert!(told["error"].as_str().unwrap().contains(error), "{told}");
        assert!(told["hint"].as_str().unwrap_or_default().contains(hint), "{told}");
    }
}

#[test]
fn what_was_typed_wrongly_is_told_in_json_too() {
    let ann = Person::named("Ann").offline();
    let cases: [(&[&str], &str, &str); 8] = [
        (&["--json", "fly"], "unrecognized subcommand 'fly'", "Usage: upseed"),
        (&["topp", "--json"], "unrecognized subcommand 'topp'", "'top'"),
        (
            &["upvote", "--json"],
            "required arguments were not provided: <IDS>",
            "Usage: upseed upvote",
        ),
        (&["top", "--json", "--limit", "0"], "'0' for '--limit <LIMIT>'", "--help"),
        (&["--json", "run", "--client", "emule"], "[possible values: embedded, ", "--help"),
        (&["--json", "board"], "requires a subcommand", "Usage: upseed board"),
        (&["board", "--json"], "requires a subcommand", "Usage: upseed board"),
        (&["--json", "--json", "top"], "'--json' cannot be used multiple times", "Usage: upseed"),
    ];
    for (args, error, hint) in cases {
        let output = bad(&ann, args).run();
        assert_eq!(output.code, Some(2), "{args:?}: {output:?}");
        assert!(output.stdout.is_empty(), "{args:?}: {output:?}");
        let told: serde_json::Value = serde_json::from_str(&output.stderr).unwrap();
        assert!(told["error"].as_str().unwrap().contains(error), "{args:?}: {told}");
        assert!(told["hint"].as_str().unwrap_or_default().contains(hint), "{args:?}: {told}");
    }
    let mut alone = std::process::Command::new(upseed_tests::person::binary());
    alone.args(["--json", "board"]);
    let output = bad_command(alone).run();
    let told: serde_json::Value = serde_json::from_str(&output.stderr).unwrap();
    assert_eq!((output.code, &told["hint"]), (Some(2), &"Try the same with --help.".into()));
    // After "--" it is a word to look for, and help is no failure.
    bad(&ann, &["search", "--limit", "0", "--", "--json"]).usage(&["--limit"]);
    for (asked, begins) in [("--help", "Posts and comments"), ("--version", "upseed ")] {
        let output = bad(&ann, &["--json", asked]).run();
        assert!(output.code == Some(0) && output.text().starts_with(begins), "{output:?}");
        assert!(output.stderr.is_empty(), "{output:?}");
    }
}

#[test]
fn without_a_node_it_says_how_to_start_one() {
    let ann = Person::named("Ann").offline();
    let before = files(ann.scratch());
    let hint = format!("hint: Start it with `upseed run --data {}`", ann.data().display());
    let key = "58".repeat(32);
    let commands: [&[&str]; 21] = [
        &["post", "--board", "upseed", "--title", "T"],
        &["comment", UNKNOWN],
        &["upvote", UNKNOWN],
        &["unvote", UNKNOWN],
        &["top"],
        &["thread", UNKNOWN],
        &["read", UNKNOWN],
        &["board", "list"],
        &["board", "join", "new"],
        &["board", "leave", "new"],
        &["follow", &key],
        &["unfollow", &key],
        &["mute", &key],
        &["unmute", &key],
        &["search", "word"],
        &["inbox"],
        &["why", UNKNOWN],
        &["open"],
        &["export", UNKNOWN],
        &["import", "x.torrent"],
        &["status"],
    ];
    for command in commands {
        bad(&ann, command).user(&["no node is running on", &hint]);
    }
    bad(&ann, &["identity", "show"]).user(&["there is no key yet", "first thing you write"]);
    bad(&ann, &["identity", "backup"]).user(&["there is no key yet"]);
    assert_eq!(files(ann.scratch()), before, "nothing was made");
}

#[test]
fn a_key_is_not_restored_from_something_else() {
    let mut ann = Person::named("Ann").start();
    ann.post("upseed", "A post", "Text.\n");
    let mine = ann.json(&["identity", "backup"])["phrase"].as_str().unwrap().to_owned();
    let others = upseed_model::SecretKey::from_seed(&[5; 32]).phrase().to_string();
    let twelve = mine.split(' ').take(12).collect::<Vec<_>>().join(" ");
    // Of a fixed key: one of 256 phrases is a phrase backwards, too.
    let swapped = others.split(' ').rev().collect::<Vec<_>>().join(" ");
    for runs in [true, false] {
        if !runs {
            ann.stop();
        }
        let key = std::fs::read(ann.data().join("identity.key")).unwrap();
        let restore = |input: &[u8], words: &[&str]| {
            bad(&ann, &["identity", "restore"]).input(input).user(words);
            bad(&ann, &["identity", "restore", "--replace"]).input(input).user(words);
        };
        restore(b"", &["not a backup phrase: expected 24 words, found 0"]);
        restore(twelve.as_bytes(), &["expected 24 words, found 12"]);
        restore("secretword ".repeat(24).as_bytes(), &["not a backup phrase"]);
        restore(swapped.as_bytes(), &["not a backup phrase"]);
        restore(b"\xff\xfe", &["standard input", "UTF-8"]);
        bad(&ann, &["identity", "restore"])
            .input(std::io::repeat(0))
            .user(&["not a backup phrase"]);
        bad(&ann, &["identity", "restore"])
            .input(others.as_bytes())
            .user(&["already has the identity", "--replace"]);
        assert_eq!(std::fs::read(ann.data().join("identity.key")).unwrap(), key);
    }
}
