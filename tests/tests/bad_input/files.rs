//! Files that are no .torrents, and files that are no files.

use std::{fs::File, process::Command};

use serde_json::{Value, json};
use upseed_tests::{
    Person,
    refusal::{Trace, bad, bad_command, without_privileges},
};

use crate::{UNKNOWN, file, forged, now, post_kind, text};

const ORDINARY: &[u8] = b"d8:announce10:http://t/a4:infod6:lengthi5e4:name5:a.iso\
    12:piece lengthi16384e6:pieces20:01234567890123456789ee";

#[test]
fn what_is_no_torrent_of_an_item_is_named() {
    let ann = Person::named("Ann").start();
    let item = forged("upseed", post_kind("Fine"), now(), "Fine.\n");
    let good = upseed_model::torrent::write(&item, None, &[]);
    let unsorted = [b"d4:info", item.header(), b"8:announce10:http://t/ae"].concat();
    let twice = [b"d4:info", item.header(), b"4:info", item.header(), b"e"].concat();
    let zero = [b"d13:creation datei0001e4:info", item.header(), b"e"].concat();
    let cases: [(&str, &[u8], &str); 13] = [
        ("a page", b"<html>404</html>", "not a torrent file"),
        ("empty", b"", "not a torrent file: cut off at byte 0"),
        ("nul", b"\0\0\0\0", "not a torrent file"),
        ("a number", b"i1e", "not a torrent file: expected a dictionary"),
        ("no info", b"de", "not a torrent file: key \"info\" is missing"),
        ("header alone", item.header(), "key \"info\" is missing"),
        ("cut off", &good[..good.len() / 2], "cut off at byte"),
        ("trailing", &[&good[..], b"\n"].concat(), "1 extra byte(s) after the end"),
        ("unsorted", &unsorted, "not in ascending order: \"announce\""),
        ("twice", &twice, "duplicate key \"info\""),
        ("zeros", &zero, "leading zero"),
        ("deep", &[b"d1:a", &vec![b'l'; 60_000][..]].concat(), "nested more than 16 levels deep"),
        ("minus", b"d1:ai-0ee", "not a torrent file"),
    ];
    let paths = cases
        .map(|(name, bytes, message)| (file(&ann, &format!("{name}.torrent"), bytes), message));
    let before = Trace::of(&ann);
    for (path, message) in &paths {
        for command in ["inspect", "import"] {
            bad(&ann, &[command, text(path)]).user(&[text(path), message]);
        }
    }
    let nested = file(&ann, "nested.torrent", &vec![b'l'; 100_000]);
    bad(&ann, &["inspect", text(&nested)]).user(&["not a torrent file: expected a dictionary"]);
    let large = "it has 100000 bytes, an item's .torrent at most 65536";
    bad(&ann, &["import", text(&nested)]).user(&[text(&nested), large]);
    std::fs::remove_file(&nested).unwrap();
    assert_eq!(Trace::of(&ann), before);
}

/// Nothing in an ordinary torrent is verified, and whatever it is called is shown safely.
#[test]
fn an_ordinary_torrent_is_told_of_and_not_taken() {
    let ann = Person::named("Ann").start();
    let v2 = "9:file treed1:ad0:d6:lengthi3eeee12:meta versioni2e4:name1:n12:piece lengthi16384e";
    let hostile = "5:filesld6:lengthi5e4:pathl2:..6:\u{1b}[2Jabeee4:name8:../\u{202e}xy\
        12:piece lengthi16384e6:pieces20:01234567890123456789";
    let unsorted = format!("d4:infod{hostile}e8:announce1:ae");
    let deep = [b"d1:a", &vec![b'l'; 5_000_000][..]].concat();
    let negative = String::from_utf8_lossy(ORDINARY).replace("i5e", "i-5e");
    let [ordinary, v2, hostile, deep, negative] = [
        ("ordinary", ORDINARY),
        ("v2", format!("d4:infod{v2}ee").as_bytes()),
        ("hostile", unsorted.as_bytes()),
        ("deep", &deep),
        ("negative", negative.as_bytes()),
    ]
    .map(|(name, bytes)| file(&ann, &format!("{name}.torrent"), bytes));
    let before = Trace::of(&ann);
    let told = ann.json(&["inspect", text(&ordinary)]);
    assert_eq!(told["kind"], "torrent");
    assert_eq!(told["id"], "73c3a9fb2fd3607224064235a5fb18fffc843944", "{told}");
    assert_eq!(told["files"], json!([{ "path": ["a.iso"], "length": 5, "safe": true }]));
    assert_eq!(told["trackers"], json!(["http://t/a"]));
    let told = ann.json(&["inspect", text(&v2)]);
    assert_eq!((&told["id"], told["id_v2"].as_str().unwrap().len()), (&Value::Null, 64));
    let told = ann.json(&["inspect", text(&hostile)]);
    assert_eq!((&told["canonical"], &told["files"][0]["safe"]), (&json!(false), &json!(false)));
    let shown = String::from_utf8(ann.run(&["inspect", text(&hostile)]).ok().stdout).unwrap();
    assert!(shown.contains(r"../\u{202e}xy") && shown.contains(r"../\u{1b}[2Jab"), "{shown}");
    assert!(!shown.contains(['\u{1b}', '\u{202e}']), "{shown}");
    bad(&ann, &["inspect", text(&deep)]).user(&["nested more than 100 levels deep"]);
    bad(&ann, &["inspect", text(&negative)]).user(&["its file length is -5"]);
    for path in [&ordinary, &v2] {
        bad(&ann, &["import", text(path)]).user(&[text(path), "an ordinary torrent"]);
    }
    assert_eq!(Trace::of(&ann), before);
}

#[test]
fn what_is_no_file_is_not_waited_for() {
    let ann = Person::named("Ann").start();
    let id = ann.post("upseed", "A post", "Text.\n");
    let huge = ann.scratch().join("huge");
    File::create(&huge).unwrap().set_len(2 << 30).unwrap();
    let fifo = ann.scratch().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let circle = ann.scratch().join("circle");
    std::os::unix::fs::symlink(&circle, &circle).unwrap();
    let secret = file(&ann, "secret", b"d4:infodee");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o0);
    std::fs::set_permissions(&secret, mode).unwrap();
    let folder = ann.scratch().to_owned();
    let missing = ann.scratch().join("missing\u{202e}");
    let before = Trace::of(&ann);
    let commands: [&[&str]; 4] = [
        &["inspect"],
        &["import"],
        &["post", "--board", "upseed", "--title", "T"],
        &["comment", &id],
    ];
    for command in commands {
        let with = |path| [command, &[path]].concat();
        let torrents = command.len() == 1;
        let large = if torrents { "it has 2147483648 bytes" } else { "more than 65536 bytes" };
        bad(&ann, &with(text(&huge))).user(&[large]);
        for special in [text(&fifo), "/dev/zero"] {
            bad(&ann, &with(special)).user(&[special, "not a file"]);
        }
        let what = match command {
            ["inspect"] => "not a file",
            ["import"] => "no .upseed or .torrent file is in it",
            _ => "Is a directory",
        };
        bad(&ann, &with(text(&folder))).user(&[text(&folder), what]);
        bad(&ann, &with(text(&missing))).user(&["No such file"]);
        bad(&ann, &with(text(&circle))).user(&["Too many levels of symbolic links"]);
        let plain = without_privileges(&ann.command(&with(text(&secret))));
        bad_command(plain).user(&[text(&secret), "Permission denied"]);
    }
    bad(&ann, &["inspect", ""]).user(&["No such file"]);
    assert_eq!(Trace::of(&ann), before);
}

#[test]
fn an_export_is_whole_or_not_there() {
    let ann = Person::named("Ann").start();
    let id = ann.post("upseed", "A post", "Text.\n");
    let closed = ann.scratch().join("closed");
    std::fs::create_dir(&closed).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o555);
    std::fs::set_permissions(&closed, mode).unwrap();
    let fifo = ann.scratch().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let before = Trace::of(&ann);
    let folder = ann.scratch().to_owned();
    bad(&ann, &["export", &id, "-o", "nowhere/x.torrent"])
        .user(&["error: nowhere/x.torrent: No such file"]);
    bad(&ann, &["export", &id, "-o", text(&folder)]).user(&[
        text(&folder),
        "it is a directory",
        "hint: Name a file in it",
    ]);
    bad(&ann, &["export", &id, "-o", "fifo"]).user(&["fifo: nobody reads it", "hint: Start what"]);
    bad(&ann, &["export", &id, "-o", "/dev/null/x"]).user(&["/dev/null/x: Not a directory"]);
    let command = ann.command(&["export", &id, "-o", "closed/x.torrent"]);
    bad_command(without_privileges(&command)).user(&["closed/x.torrent: Permission denied"]);
    bad(&ann, &["export", UNKNOWN]).user(&[UNKNOWN, "no peer has"]);
    assert_eq!(Trace::of(&ann), before);
    assert!(!std::fs::metadata(&fifo).unwrap().is_file(), "it is what it was");
}

#[test]
fn a_file_name_need_not_be_text() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _};
    let ann = Person::named("Ann").start();
    let id = ann.post("upseed", "A post", "Text.\n");
    let path = ann.scratch().join(OsStr::from_bytes(b"\xff.torrent"));
    let with = |args: &[&str]| {
        let mut command = ann.command(&["--json"]);
        let output = command.args(args).arg(&path).output().unwrap();
        assert!(output.status.success(), "{args:?}: {output:?}");
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()
    };
    let told = with(&["export", &id, "-o"]);
    assert!(told["file"].as_str().unwrap().ends_with(".torrent"), "{told}");
    assert!(path.exists());
    assert_eq!(with(&["inspect"])["id"], id.as_str());
    assert_eq!(with(&["import"])["id"], id.as_str());
}
