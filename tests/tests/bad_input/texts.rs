//! Texts and titles that cannot be posted.

use std::io;

use upseed_tests::{
    Person,
    refusal::{Trace, bad},
};

use crate::file;

#[test]
fn a_text_that_cannot_be_posted_is_named() {
    let ann = Person::named("Ann").start();
    let id = ann.post("upseed", "A post", "Text.\n");
    let long = vec![b'x'; 65_537];
    let cases: [(&[u8], &[&str]); 6] = [
        (b"", &["the text is empty"]),
        (b"a\xffb", &["the text is not UTF-8 text (byte 1)"]),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", &["the text is not UTF-8 text (byte 0)"]),
        (b"\xff\xfea\0b\0", &["the text is UTF-16: save it as UTF-8"]),
        (b"a\0b", &["the text contains a NUL character (byte 1)"]),
        (&long, &["the text has more than 65536 bytes", "hint: Split it"]),
    ];
    let paths: Vec<_> = cases
        .iter()
        .enumerate()
        .map(|(n, (bytes, words))| (file(&ann, &format!("text-{n}"), bytes), *bytes, words))
        .collect();
    let before = Trace::of(&ann);
    let commands: [&[&str]; 2] =
        [&["post", "--board", "upseed", "--title", "T"], &["comment", &id]];
    for command in commands {
        for (path, bytes, words) in &paths {
            bad(&ann, &[command, &[path.to_str().unwrap()]].concat()).user(words);
            bad(&ann, command).input(*bytes).user(words);
            bad(&ann, &[command, &["-"]].concat()).input(*bytes).user(words);
        }
        bad(&ann, command).input(io::repeat(b'x')).user(&["more than 65536 bytes"]);
        bad(&ann, command).input(io::repeat(0)).user(&["more than 65536 bytes"]);
    }
    assert_eq!(Trace::of(&ann), before);

    let most = "é".repeat(32_768);
    let largest = ann.post("upseed", "The largest", &most);
    assert_eq!(ann.json(&["read", &largest])["text"], most);
}

/// Some editors put a byte order mark in front; it is no part of what was written.
#[test]
fn a_mark_in_front_of_a_text_is_not_published() {
    let ann = Person::named("Ann").start();
    let marked = "\u{feff}# A heading\r\n\r\n- a\r\n";
    let path = file(&ann, "marked.md", marked.as_bytes());
    let post = ["post", "--board", "upseed", "--title", "Marked", path.to_str().unwrap()];
    let id = ann.json(&post)["id"].as_str().unwrap().to_owned();
    assert_eq!(ann.json(&["read", &id])["text"], "# A heading\r\n\r\n- a\r\n");
    let page = ann.page(&format!("/upseed/t/{id}"));
    assert!(page.contains("<li>a</li>"), "{page}");
    bad(&ann, &["comment", &id]).input("\u{feff}".as_bytes()).user(&["the text is empty"]);
}

/// A board that was never joined is joined by a post; not by one that failed.
#[test]
fn a_post_that_failed_joins_no_board() {
    let ann = Person::named("Ann").start();
    let before = Trace::of(&ann);
    bad(&ann, &["post", "--board", "new", "--title", "T"]).user(&["the text is empty"]);
    bad(&ann, &["post", "--board", "new", "--title", ""]).input(&b"x"[..]).usage(&["is empty"]);
    assert_eq!(Trace::of(&ann), before);
}

#[test]
fn a_title_that_cannot_stand_is_named() {
    let ann = Person::named("Ann").start();
    let before = Trace::of(&ann);
    let long = "x".repeat(301);
    for (title, message) in [
        ("", "the title is empty"),
        (" a", "begins or ends with a space"),
        ("a ", "begins or ends with a space"),
        ("a\nb", "the character U+000A"),
        ("a\u{1b}[31mb", "the character U+001B"),
        ("a\u{202e}b", "the character U+202E"),
        ("\u{feff}a", "the character U+FEFF"),
        (&long, "the title has 301 bytes; at most 300 are allowed"),
    ] {
        let post = ["post", "--board", "upseed", "--title", title];
        bad(&ann, &post).input(&b"Text.\n"[..]).usage(&["--title", message]);
    }
    let mut command = ann.command(&["post", "--board", "upseed"]);
    command.arg(std::os::unix::ffi::OsStrExt::from_bytes(b"--title=a\xffb") as &std::ffi::OsStr);
    upseed_tests::refusal::bad_command(command).usage(&["invalid UTF-8"]);
    assert_eq!(Trace::of(&ann), before);
}
