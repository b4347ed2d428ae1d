//! `upseed run` where it cannot run.

use std::{
    collections::BTreeMap,
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::Command,
};

use upseed_tests::{
    Person,
    refusal::{Attempt, Trace, bad, bad_command, files, without_privileges},
    until,
};

use crate::{file, text};

/// `upseed run` as the person would start it, with nothing but errors on standard error.
fn run(person: &Person, more: &[&str]) -> Command {
    let mut command = person.run_command();
    command.env_remove("UPSEED_LOG").args(more);
    command
}

fn bad_run<'a>(person: &Person, more: &[&str]) -> Attempt<'a> {
    bad_command(run(person, more))
}

#[test]
fn a_port_in_use_is_named() {
    let ann = Person::named("Ann").start();
    let before = Trace::of(&ann);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let bob = Person::named("Bob").offline();
    let mut command = bob.command(&["run", "--listen", &address, "--no-dht", "--no-lsd"]);
    command.args(["--swarm-listen", "127.0.0.1:0"]);
    let api = format!("error: cannot listen on {address}: Address already in use");
    bad_command(command).user(&[&api, "hint: Stop what uses it", "--listen"]);

    for address in [address, ann.swarm_addr().to_string()] {
        let bob = Person::named("Bob").swarm_listen(&address).offline();
        let swarm = format!("error: cannot listen on {address}: Address already in use");
        bad_run(&bob, &[]).user(&[&swarm, "hint: Stop what uses it", "--swarm-listen"]);
        assert!(TcpStream::connect(&address).is_ok(), "who has it keeps it");
    }
    let bob = Person::named("Bob").swarm_listen("192.0.2.1:7000").offline();
    bad_run(&bob, &[]).user(&["192.0.2.1:7000"]);
    assert_eq!(Trace::of(&ann), before);
}

#[test]
fn a_second_node_on_the_same_data_is_refused() {
    let mut ann = Person::named("Ann").start();
    let id = ann.post("upseed", "A post", "Text.\n");
    let before = Trace::of(&ann);
    let words = [
        &format!("another upseed (process {}) is running on {}", ann.pid(), ann.data().display())[..],
        "choose another folder with --data",
    ];
    bad_run(&ann, &[]).user(&words);
    bad(&ann, &[]).user(&words);
    assert_eq!(Trace::of(&ann), before, "the first one goes on");
    assert!(ann.listed(&id).is_some());
    ann.kill9();
    bad(&ann, &["top"]).user(&["no node is running on"]);
    ann.restart();
    assert!(ann.listed(&id).is_some());
}

#[test]
fn a_peer_that_is_no_address_is_named() {
    let bob = Person::named("Bob").offline();
    for (arg, wrong) in [
        ("--peer", "here"),
        ("--peer", "127.0.0.1"),
        ("--peer", "127.0.0.1:70000"),
        ("--peer", "a b:1"),
    ] {
        bad_run(&bob, &[arg, wrong]).user(&[&format!("{arg} {wrong}: "), "Expected HOST:PORT"]);
    }
    for wrong in ["here", ":1", "a b:1", "a,b:1", "127.0.0.1:70000", "127.0.0.1:0"] {
        let mut command = bob.command(&["run", "--listen", "127.0.0.1:0", "--no-lsd"]);
        command.args(["--swarm-listen", "127.0.0.1:0", "--bootstrap", wrong]);
        bad_command(command).user(&[&format!("--bootstrap {wrong}: "), "Expected HOST:PORT"]);
    }
    bad_run(&bob, &["--bootstrap", "127.0.0.1:1"]).usage(&["--bootstrap", "--no-dht"]);
    assert!(!bob.data().exists(), "nothing was made");
}

#[test]
fn a_folder_that_cannot_be_used_is_named() {
    let ann = Person::named("Ann").offline();
    let path = file(&ann, "a-file", b"");
    let bob = Person::named("Bob").data(&path).offline();
    bad_run(&bob, &[]).user(&[text(&path), "not a folder"]);
    let below = path.join("data");
    let bob = Person::named("Bob").data(&below).offline();
    bad_run(&bob, &[]).user(&[text(&below), "Not a directory"]);

    let closed = ann.scratch().join("closed");
    std::fs::create_dir(&closed).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o555);
    std::fs::set_permissions(&closed, mode).unwrap();
    for data in [closed.clone(), closed.join("data")] {
        let bob = Person::named("Bob").data(&data).offline();
        bad_command(without_privileges(&run(&bob, &[]))).user(&[text(&data), "Permission denied"]);
    }
    assert_eq!(files(&closed).len(), 0);
}

/// What a stopped node leaves: name and content of each file.
fn contents(person: &Person) -> BTreeMap<PathBuf, Vec<u8>> {
    let lock = person.data().join("lock");
    let read = |path: PathBuf| (path.clone(), std::fs::read(path).unwrap());
    files(person.data()).into_iter().filter(|path| *path != lock).map(read).collect()
}

#[test]
fn a_damaged_key_is_not_replaced_by_a_new_one() {
    let mut ann = Person::named("Ann").start();
    let id = ann.post("upseed", "A post", "Text.\n");
    let words = ann.json(&["identity", "backup"])["phrase"].as_str().unwrap().to_owned();
    let me = ann.status()["author"].clone();
    ann.stop();
    let key = ann.data().join("identity.key");
    let cases: [&[u8]; 4] = [b"", &words.as_bytes()[..words.len() / 2], b"\xff\xfe\0", &[b'a'; 99]];
    for damaged in cases {
        std::fs::write(&key, damaged).unwrap();
        let before = contents(&ann);
        let message = format!("the key file {} is damaged", key.display());
        let told = [&message[..], "24 words", "upseed identity restore"];
        bad_run(&ann, &[]).user(&told);
        bad(&ann, &["identity", "show"]).user(&told);
        bad(&ann, &["identity", "backup"]).user(&told);
        bad(&ann, &["identity", "restore"]).input(words.as_bytes()).user(&told);
        assert_eq!(contents(&ann), before);
    }
    // As the hint says.
    std::fs::rename(&key, ann.scratch().join("damaged.key")).unwrap();
    ann.run_with(&["identity", "restore"], words.as_bytes()).ok();
    ann.restart();
    assert_eq!(ann.status()["author"], me);
    assert_eq!(ann.listed(&id).unwrap()["mine"], true);
}

#[test]
fn a_missing_key_is_not_replaced_by_a_new_one() {
    let mut ann = Person::named("Ann").start();
    ann.post("upseed", "A post", "Text.\n");
    let words = ann.json(&["identity", "backup"])["phrase"].as_str().unwrap().to_owned();
    let me = ann.status()["author"].as_str().unwrap().to_owned();
    ann.stop();
    let key = ann.data().join("identity.key");
    std::fs::remove_file(&key).unwrap();
    let before = contents(&ann);
    let message = format!("the key file {} is missing", key.display());
    bad_run(&ann, &[]).user(&[&message, "24 words", "upseed identity restore"]);
    assert_eq!(contents(&ann), before);
    ann.run_with(&["identity", "restore"], words.as_bytes()).ok();
    ann.restart();
    assert_eq!(ann.status()["author"], me);
}

#[test]
fn an_emptied_database_is_named() {
    let mut ann = Person::named("Ann").start();
    let id = ann.post("upseed", "A post", "Text.\n");
    ann.stop();
    let database = ann.data().join("upseed.db");
    std::fs::write(&database, b"").unwrap();
    bad_run(&ann, &[]).user(&[&format!("the database {} is empty", database.display()), "backup"]);
    std::fs::remove_file(&database).unwrap();
    ann.restart();
    assert_eq!(ann.listed(&id), None, "anew, with the same key");
}

#[test]
fn secrets_that_others_could_read_are_closed() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut ann = Person::named("Ann").start();
    ann.post("upseed", "A post", "Text.\n");
    ann.stop();
    let files = ["identity.key", "api-token"].map(|name| ann.data().join(name));
    for file in &files {
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o644)).unwrap();
    }
    ann.restart();
    for file in &files {
        assert_eq!(
            std::fs::metadata(file).unwrap().permissions().mode() & 0o777,
            0o600,
            "{file:?}"
        );
        let told = format!("{} could be read by others", file.display());
        assert!(ann.log().contains(&told), "{}", ann.log());
    }
}

/// As when its terminal is closed.
#[test]
fn a_hangup_ends_a_node_as_ctrl_c_does() {
    let mut ann = Person::named("Ann").start();
    ann.stop_by("HUP");
    assert!(!ann.data().join("node.json").exists(), "it took its leave");
}

#[test]
fn a_database_that_is_not_ours_is_left_alone() {
    let mut ann = Person::named("Ann").start();
    let id = ann.post("upseed", "A post", &"Text.\n".repeat(5_000));
    ann.stop();
    let database = ann.data().join("upseed.db");
    let good = std::fs::read(&database).unwrap();
    let with = |at: usize, bytes: &[u8]| {
        let mut changed = good.clone();
        changed[at..at + bytes.len()].copy_from_slice(bytes);
        changed
    };
    // The header's fields: https://www.sqlite.org/fileformat.html#the_database_header
    let newer = with(60, &99u32.to_be_bytes());
    let foreign = with(68, b"GPKG");
    let cases: [(&str, &[u8], &[&str]); 5] = [
        (
            "newer",
            &newer,
            &["was written by a newer Upseed", "version 99", "use the newer program"],
        ),
        ("foreign", &foreign, &["is an SQLite file, but not one of Upseed's", "--data"]),
        ("garbage", &[0xab; 20_000], &["is damaged or not a database", "Restore it from a backup"]),
        ("a text", b"my diary\n", &["is damaged or not a database", "Restore it from a backup"]),
        ("cut off", &good[..good.len() / 2 / 4096 * 4096], &["is damaged", "Restore it"]),
    ];
    for (name, bytes, words) in cases {
        std::fs::write(&database, bytes).unwrap();
        let before = contents(&ann);
        bad_run(&ann, &[]).user(&[&[text(&database)], words].concat());
        assert_eq!(contents(&ann), before, "{name}");
    }
    std::fs::write(&database, good).unwrap();
    ann.restart();
    assert!(ann.listed(&id).is_some());
}

#[test]
fn a_peer_that_cannot_be_looked_up_is_noted_and_the_others_are_met() {
    let ann = Person::named("Ann").start();
    let port = ann.swarm_addr().port();
    // `localhost` is ::1 first on many machines, where Ann does not listen.
    let setup = Person::named("Bob").arg("--peer").arg("nobody.invalid:1");
    let bob = setup.arg("--peer").arg(&format!("localhost:{port}")).start();
    until("they have met", || (bob.status()["peers"] == 1).then_some(()));
    until("it is told", || bob.log().contains("--peer nobody.invalid:1: ").then_some(()));
}

#[test]
fn a_node_may_open_as_many_files_as_the_system_allows() {
    let ann = Person::named("Ann").offline();
    let run = ann.run_command();
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -Sn 256; ulimit -Hn 5000; exec \"$0\" \"$@\""]);
    command.arg(run.get_program()).args(run.get_args());
    command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let mut node = command.spawn().unwrap();
    until("the node answers", || (ann.run(&["status"]).code == Some(0)).then_some(()));
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", node.id())).unwrap();
    let files = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    let words: Vec<_> = files.split_whitespace().skip(3).take(2).collect();
    node.kill().unwrap();
    node.wait().unwrap();
    assert_eq!(words, ["5000", "5000"]);
}

#[test]
fn folders_with_odd_names_are_folders() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _};
    let odd = tempfile::tempdir().unwrap();
    let target = odd.path().join("target");
    std::fs::create_dir(&target).unwrap();
    let link = odd.path().join("link");
    std::os::unix::fs::symlink(&target, &link).unwrap();
    let bytes = odd.path().join(OsStr::from_bytes(b"\xff\xfe"));
    for data in [odd.path().join("two words ü 因"), link, bytes, odd.path().join("x".repeat(200))]
    {
        let mut ann = Person::named("Ann").data(&data).start();
        let id = ann.post("upseed", "A post", "Text.\n");
        assert_eq!(ann.json(&["read", &id])["text"], "Text.\n", "{}", data.display());
        ann.stop();
        bad(&ann, &["top"]).user(&["no node is running on"]);
    }
    assert!(target.join("upseed.db").exists());
    let deep = (0..5).fold(odd.path().to_owned(), |path, _| path.join("x".repeat(100)));
    let long = Person::named("Ann").data(&deep).offline();
    bad_run(&long, &[]).user(&["the path of the data folder is too long", "--data"]);
    assert!(!odd.path().join("x".repeat(100)).exists(), "nothing was made");
}

/// A journal is read by others, and later.
#[test]
fn the_one_time_link_is_shown_in_terminals_only() {
    let ann = Person::named("Ann").start();
    until("it says how to look", || ann.log().contains("upseed open").then_some(()));
    assert!(!ann.log().contains("/upseed/"), "{}", ann.log());
}
