//! The demo, as `make demo` runs it when nobody watches.
#![allow(clippy::unwrap_used, missing_docs)]

use std::{io::Read as _, process::Command};

use serde_json::Value;
use upseed_tests::{ended, until};

#[test]
fn six_people_tell_their_story_and_leave_nothing() {
    let temporary = tempfile::tempdir().unwrap();
    let output = Command::new(upseed_tests::binary())
        .args(["demo", "--json"])
        .env("TMPDIR", temporary.path())
        .env_remove("UPSEED_DATA")
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    assert_eq!(errors, "", "no progress where nobody sees it");
    let shown: Value = serde_json::from_slice(&output.stdout).unwrap();
    let top = shown["top"].as_array().unwrap();
    assert_eq!(top.len(), 5, "{top:?}");
    let scores: Vec<f64> = top.iter().map(|item| item["score"].as_f64().unwrap()).collect();
    assert!(scores[0] > 0.0 && scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
    let spam = &top[4];
    assert!(spam["title"].as_str().unwrap().contains("CHEAP") && spam["known"] == false, "{top:?}");
    assert!(top.iter().all(|item| item["text"].is_string()), "{top:?}");
    assert_eq!(temporary.path().read_dir().unwrap().count(), 0, "the demo's folder is gone");
}

#[test]
fn a_demo_that_is_interrupted_while_it_starts_leaves_nothing() {
    let temporary = tempfile::tempdir().unwrap();
    let mut demo = Command::new(upseed_tests::binary())
        .args(["demo", "--json"])
        .env("TMPDIR", temporary.path())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    until("the first node runs", || {
        let folder = temporary.path().read_dir().unwrap().next()?.unwrap().path();
        folder.join("ada/node.json").exists().then_some(())
    });
    let told = Command::new("sh").args(["-c", "kill -INT $0", &demo.id().to_string()]).status();
    assert!(told.unwrap().success());
    let code = ended(&mut demo, "the demo");
    let mut errors = String::new();
    demo.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
    assert_eq!((code, &*errors), (Some(0), ""));
    assert_eq!(temporary.path().read_dir().unwrap().count(), 0, "the demo's folder is gone");
}
