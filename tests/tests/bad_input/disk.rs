//! Output that cannot be written: a full disk, a full standard output, a reader that is gone.

use std::{
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use upseed_tests::{
    Person, ended,
    refusal::{Trace, bad, bad_command},
    until,
};

/// A node that runs on a disk of its own, seen from outside through /proc.
struct OnDisk {
    node: Child,
    /// The person whose commands reach the node.
    person: Person,
    /// Has the folder on which the disk lies.
    _inside: Person,
}

impl OnDisk {
    /// `size` as tmpfs takes it.
    fn start(size: &str) -> Self {
        let inside = Person::named("Ann").offline();
        std::fs::create_dir(inside.data()).unwrap();
        let run = inside.run_command();
        let script = format!("mount -t tmpfs -o mode=700,size={size} none \"$0\" && exec \"$@\"");
        let node = Command::new("unshare")
            .args(["-rm", "sh", "-c", &script])
            .arg(inside.data())
            .arg(run.get_program())
            .args(run.get_args())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let seen = format!("/proc/{}/root{}", node.id(), inside.data().display());
        let person = Person::named("Ann").data(Path::new(&seen)).offline();
        until("the node on its own disk answers", || {
            person.data().join("node.json").exists().then_some(())
        });
        Self { node, person, _inside: inside }
    }

    /// Fills the disk to the last byte; the file that does it.
    fn fill(&self) -> PathBuf {
        let path = self.person.data().join("filler");
        let mut file = File::create(&path).unwrap();
        let mut block = vec![b'x'; 4_096];
        while !block.is_empty() {
            if file.write_all(&block).is_err() {
                block.truncate(block.len() / 2);
            }
        }
        path
    }
}

impl Drop for OnDisk {
    fn drop(&mut self) {
        let _ = self.node.kill();
        let _ = self.node.wait();
    }
}

#[test]
fn a_full_disk_is_named_and_nothing_is_half_done() {
    let ann = OnDisk::start("4m");
    let person = &ann.person;
    let id = person.post("upseed", "A post", "Text.\n");
    let filler = ann.fill();
    let before = person.top().len();
    let large = "x".repeat(60_000);
    let mut refused = 0;
    // What SQLite's log has room for is still written; then nothing is.
    for n in 0..100 {
        let title = format!("Full {n}");
        let post = ["post", "--board", "upseed", "--title", &title];
        let output = person.run_with(&post, large.as_bytes());
        if output.code != Some(0) {
            refused += 1;
            assert_eq!(output.code, Some(1), "{output:?}");
            assert!(output.stderr.contains("the disk is full: nothing was written"), "{output:?}");
            assert!(output.stderr.contains("hint: Free some space on that disk"), "{output:?}");
        }
        if refused == 2 {
            break;
        }
    }
    assert_eq!(refused, 2, "the disk was full");
    let top = person.top();
    assert!(top.len() - before < 3, "{}", top.len());
    assert!(top.iter().all(|item| item["text"] == "Text.\n" || item["text"] == large));
    bad(person, &["board", "join", "new"]).user(&["the disk is full"]);
    assert_eq!(person.json(&["read", &id])["text"], "Text.\n", "what is there is still read");

    std::fs::remove_file(filler).unwrap();
    let after = person.post("upseed", "There is room again", "Text.\n");
    assert!(person.listed(&after).is_some());
    person.run(&["board", "join", "new"]).ok();
}

#[test]
fn a_disk_without_room_for_a_start_is_named() {
    let ann = Person::named("Ann").offline();
    std::fs::create_dir(ann.data()).unwrap();
    for size in ["4k", "16k", "64k", "200k"] {
        let run = ann.run_command();
        let script = format!("mount -t tmpfs -o mode=700,size={size} none \"$0\" && exec \"$@\"");
        let mut command = Command::new("unshare");
        command.args(["-rm", "sh", "-c", &script]).arg(ann.data()).arg(run.get_program());
        command.args(run.get_args());
        bad_command(command).user(&["Free some space on that disk"]);
    }
}

fn exits_with(mut command: Command, code: i32, what: &str) {
    let mut child = command.spawn().unwrap();
    assert_eq!(ended(&mut child, what), Some(code), "{what}");
}

#[test]
fn an_output_that_takes_no_more_is_no_crash() {
    let ann = Person::named("Ann").start();
    let id = ann.post("upseed", "A post", "Text.\n");
    let before = Trace::of(&ann);
    let commands: [&[&str]; 8] = [
        &["top"],
        &["top", "--json"],
        &["read", &id],
        &["thread", &id],
        &["status"],
        &["export", &id, "-o", "-"],
        &["identity", "backup"],
        &["board", "list"],
    ];
    for args in commands {
        let mut command = ann.command(args);
        command.stdout(File::create("/dev/full").unwrap()).stderr(Stdio::piped());
        let output = command.output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{args:?}: {told}");
        assert!(told.contains("standard output: No space left on device"), "{told}");

        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = ann.command(args);
        command.stdout(writer).stderr(Stdio::piped());
        let output = command.output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        let code = if args[0] == "export" { 1 } else { 0 };
        assert_eq!(output.status.code(), Some(code), "{args:?}: {told}");
        assert!(!told.contains("panicked"), "{told}");
    }
    let mut command = ann.command(&["top", "--board", "nope"]);
    command.stderr(File::create("/dev/full").unwrap());
    exits_with(command, 1, "an error that nobody can read");
    let mut closed = Command::new("sh");
    closed.args(["-c", "exec \"$0\" \"$@\" >&- 2>&-"]).arg(upseed_tests::binary());
    closed.args(["top", "--data"]).arg(ann.data());
    exits_with(closed, 0, "closed standard streams");
    assert_eq!(Trace::of(&ann), before);
}

/// `upseed run | head -1`
#[test]
fn a_node_runs_on_when_nobody_reads_what_it_says() {
    let ann = Person::named("Ann").offline();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = ann.run_command();
    command.stdout(writer.try_clone().unwrap()).stderr(writer);
    let mut node = command.spawn().unwrap();
    until("the node answers", || (ann.run(&["top"]).code == Some(0)).then_some(()));
    ann.post("upseed", "A post", "Text.\n");
    assert!(node.try_wait().unwrap().is_none());
    Command::new("kill").arg(node.id().to_string()).status().unwrap();
    assert_eq!(ended(&mut node, "the node"), Some(0));
}
