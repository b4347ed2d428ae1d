//! A long conversation. Each comment takes a proof of work, a thousand of them most of a minute, so it is made once for
//! each build of the command; every test that reads it has a copy of its own.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
    time::UNIX_EPOCH,
};

use serde_json::json;

use crate::{Person, Setup, binary};

/// A post with so many comments by its author, whose node runs.
pub struct Conversation {
    /// Who wrote all of it.
    pub ann: Person,
    /// The post.
    pub root: String,
    /// The comments, the oldest first.
    pub ids: Vec<String>,
}

impl Conversation {
    /// One of so many comments; `ann` says how her node is to be started.
    ///
    /// # Panics
    /// If it cannot be made.
    pub fn of(ann: Setup, comments: usize) -> Self {
        let made = made(comments);
        let mut ann = ann.offline();
        copy(&made.join("data"), ann.data());
        ann.restart();
        let ids = fs::read(made.join("ids.json")).expect("it was made");
        let mut ids: Vec<String> = serde_json::from_slice(&ids).expect("it was written by this");
        Self { ann, root: ids.remove(0), ids }
    }
}

/// The folder with it.
fn made(comments: usize) -> PathBuf {
    let me = std::env::current_exe().expect("a test knows its own program");
    // target/<profile>/deps/<test>
    let target = me.ancestors().nth(3).expect("tests lie in target/<profile>/deps");
    let folder = target.join("tmp/conversations");
    fs::create_dir_all(&folder).expect("the target folder can be written");
    // Tests that run at the same time make it once.
    let lock = File::create(folder.join(format!("{comments}.lock"))).expect("a file of our own");
    lock.lock().expect("it can be locked");
    let built = fs::metadata(binary()).and_then(|it| it.modified()).expect("the command is there");
    let built = built.duration_since(UNIX_EPOCH).expect("it was built after 1970").as_nanos();
    let path = folder.join(format!("{comments}-{built}"));
    if path.exists() {
        return path;
    }
    let of_before = fs::read_dir(&folder)
        .expect("our own folder")
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(&format!("{comments}-")));
    of_before.for_each(|entry| fs::remove_dir_all(entry.path()).expect("one of before"));
    let mut ann = Person::named("Ann").start();
    let root = ann.post("upseed", "Everything", "It begins.\n");
    let mut ids = vec![root.clone()];
    ids.extend((0..comments).map(|n| {
        let body = json!({ "parent": root, "text": format!("Comment {n}.\n") });
        ann.call("POST", "/comments", &body).json()["id"].as_str().expect("an id").to_owned()
    }));
    ann.stop();
    let new = folder.join(format!("{comments}-new"));
    fs::create_dir(&new).expect("our own folder");
    copy(ann.data(), &new.join("data"));
    fs::write(new.join("ids.json"), json!(ids).to_string()).expect("our own folder");
    fs::rename(&new, &path).expect("our own folder");
    path
}

fn copy(from: &Path, to: &Path) {
    let done = Command::new("cp").arg("-a").args([from, to]).status().expect("cp can be run");
    assert!(done.success(), "{} is copied", from.display());
}
