//! What a command is started in: no home, no standard input, a terminal.
#![allow(clippy::unwrap_used, missing_docs)]

use std::{
    collections::BTreeSet,
    fs,
    process::{Command, Stdio},
};

use upseed_tests::{Person, binary, until};

#[test]
fn without_a_home_a_folder_is_asked_for() {
    let ann = Person::named("Ann").start();
    let run = |command: &mut Command| {
        let output = command.stdin(Stdio::null()).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), stderr)
    };
    // Everything that tells where things are is gone.
    let (code, said) = run(ann.command(&["status"]).env_clear());
    assert_eq!((code, said.as_str()), (Some(0), ""), "--data is enough");
    let homeless = ["HOME", "XDG_DATA_HOME", "UPSEED_DATA"];
    let mut command = Command::new(binary());
    homeless.iter().for_each(|name| {
        command.env_remove(name);
    });
    let (code, said) = run(command.arg("status"));
    // The system's list of users may know a home, which has no node then.
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("--data") || said.contains("upseed run"), "{said}");
}

#[test]
fn standard_streams_may_be_closed() {
    let ann = Person::named("Ann").start();
    let shell = |script: &str| {
        let output = Command::new("sh")
            .args(["-c", script, "sh"])
            .arg(binary())
            .arg(ann.data())
            .current_dir(ann.scratch())
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert_eq!(shell(r#""$1" status --data "$2" <&-"#).0, Some(0));
    let (code, said) = shell(r#""$1" post --board upseed --title T --data "$2" - <&-"#);
    assert_eq!(code, Some(1), "{said}");
    assert_eq!(ann.status()["items"], 0, "nothing was posted: {said}");
    // A reader that has gone is no panic, and no failure that anybody should read of.
    let (_, said) = shell(r#""$1" top --help --data "$2" | true"#);
    assert_eq!(said, "");
    assert!(!shell(r#""$1" status --data "$2" >&-"#).1.contains("panicked"));
}

#[test]
fn progress_is_shown_on_a_terminal_only() {
    // Nobody has it, so the command waits as long as it is told to.
    let unknown = "0123456789012345678901234567890123456789";
    let ann = Person::named("Ann").start();
    let quiet = ann.run(&["read", unknown, "--timeout", "1"]);
    assert_eq!(quiet.code, Some(1), "{quiet:?}");
    assert!(
        !quiet.stderr.contains(['\r', '\x1b']) && quiet.stderr.lines().count() <= 3,
        "{quiet:?}"
    );

    let data = ann.data().display();
    let line = format!("'{}' read {unknown} --timeout 600 --data '{data}'", binary().display());
    let screen = ann.scratch().join("screen");
    // A terminal of its own, as a person has one.
    let mut terminal = Command::new("script")
        .args(["-q", "-f", "-e", "-c", &line])
        .arg(&screen)
        .env("TERM", "xterm")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    until("the seconds pass, and the line is drawn anew", || {
        let shown = String::from_utf8_lossy(&fs::read(&screen).ok()?).into_owned();
        let seconds: BTreeSet<_> = shown
            .match_indices('(')
            .filter_map(|(at, _)| shown[at + 1..].split_once("s)")?.0.parse::<u32>().ok())
            .collect();
        (seconds.len() > 1 && shown.contains("\x1b[")).then_some(())
    });
    // The terminal is closed, which ends what runs in it.
    terminal.kill().unwrap();
    terminal.wait().unwrap();
}
