//! Disks that people have beside Linux's own: exFAT, SMB, NFS, sshfs. Each is served by `tests/src/odd_disk.py`, for the
//! kernels of the machines that run the tests have few of them; the system calls that fail are real ones.
#![allow(clippy::unwrap_used, missing_docs)]

use std::{
    fs,
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::Path,
};

use serde_json::json;
use upseed_tests::{
    Generation, OddDisk, Person, TransmissionDaemon, namespace, refusal::bad_command, until,
};

const NETWORK: &[&str] = &["10.77.0.1", "10.77.0.11", "10.77.0.12"];

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// `upseed run` that is to fail.
fn run(person: &Person) -> std::process::Command {
    let mut command = person.run_command();
    command.env_remove("UPSEED_LOG");
    command
}

#[test]
fn a_disk_without_modes_is_used_only_if_its_user_says_so() {
    if !namespace::enter("a_disk_without_modes_is_used_only_if_its_user_says_so", NETWORK) {
        return;
    }
    let scratch = tempfile::tempdir().unwrap();
    for lack in ["modes", "quiet"] {
        let place = scratch.path().join(lack);
        let disk = OddDisk::mount(&place, "fuse.exfat", &[lack, "links"]);
        let data = disk.folder().join("far/upseed");
        let mut ann = Person::named("Ann").data(&data).offline();
        let accept = data.join("others-may-read");
        let touch = format!("touch '{}'", accept.display());
        let words = ["keeps no permissions (fuse.exfat)", "your secret key", "--data", &touch];
        bad_command(run(&ann)).user(&words);
        let words_file = ann.scratch().join("words");
        fs::write(&words_file, "abandon ".repeat(23) + "art").unwrap();
        bad_command(ann.command(&["identity", "restore"]))
            .input(fs::File::open(words_file).unwrap())
            .user(&words);
        assert_eq!(names(disk.folder()), [""; 0], "nothing half-made is left");

        // As the hint says.
        fs::create_dir_all(&data).unwrap();
        fs::write(&accept, "").unwrap();
        ann.restart();
        let id = ann.post("upseed", "On a stick", "Text.\n");
        ann.stop();
        ann.restart();
        assert_eq!(ann.json(&["read", &id])["text"], "Text.\n");
        assert!(ann.log().contains("others of this machine can read what is in"), "{}", ann.log());
    }
}

#[test]
fn a_data_folder_that_others_can_enter_is_told() {
    let scratch = tempfile::tempdir().unwrap();
    for (mode, told) in
        [(0o755, "can see what files are in"), (0o777, "their key in the place of yours")]
    {
        let data = scratch.path().join(format!("{mode:o}"));
        fs::DirBuilder::new().mode(0o700).create(&data).unwrap();
        let mut ann = Person::named("Ann").data(&data).start();
        ann.post("upseed", "A post", "Text.\n");
        assert!(!ann.log().contains("others of this machine"), "{}", ann.log());
        ann.stop();
        fs::set_permissions(&data, fs::Permissions::from_mode(mode)).unwrap();
        let secrets = ["identity.key", "upseed.db", "api-token"].map(|name| data.join(name));
        for secret in &secrets {
            fs::set_permissions(secret, fs::Permissions::from_mode(0o644)).unwrap();
        }
        ann.restart();
        let log = ann.log();
        assert!(
            log.contains(told) && log.contains(&format!("chmod 700 {}", data.display())),
            "{log}"
        );
        for secret in secrets {
            assert_eq!(
                fs::metadata(&secret).unwrap().permissions().mode() & 0o777,
                0o600,
                "{secret:?}"
            );
        }
    }
}

/// Locks fail as on NFS without its lock service, shared memory as on many others.
#[test]
fn a_network_disk_on_which_no_database_can_lie_is_named() {
    if !namespace::enter("a_network_disk_on_which_no_database_can_lie_is_named", NETWORK) {
        return;
    }
    let scratch = tempfile::tempdir().unwrap();
    for (lack, kind) in [("locks", "fuse.sshfs"), ("shared", "fuse.rclone")] {
        let disk = OddDisk::mount(&scratch.path().join(lack), kind, &[lack]);
        let ann = Person::named("Ann").data(&disk.folder().join("upseed")).offline();
        let named = format!("on a network disk: {kind}");
        bad_command(run(&ann)).user(&[
            &named,
            "locks and shared memory",
            "on a disk of this machine",
            "--data",
        ]);
    }
    // One that has both is as good as any.
    let disk = OddDisk::mount(&scratch.path().join("good"), "fuse.sshfs", &[]);
    let ann = Person::named("Ann").data(&disk.folder().join("upseed")).start();
    ann.post("upseed", "From afar", "Text.\n");
}

#[test]
fn transmission_on_a_disk_without_modes_shares_its_folder() {
    if !namespace::enter("transmission_on_a_disk_without_modes_shares_its_folder", NETWORK) {
        return;
    }
    let ann = Person::named("Ann").swarm_listen("10.77.0.11:0").start();
    for generation in Generation::ALL {
        let mut daemon = TransmissionDaemon::start(generation, "10.77.0.12", &json!({}));
        daemon.stop();
        let _disk = OddDisk::mount(&daemon.downloads(), "fuse.exfat", &["modes", "links"]);
        daemon.resume();
        let mut bob = Person::named("Bob").everywhere().peer(&ann).offline();
        // What a node left that was killed while it asked.
        let old = daemon.downloads().join("upseed/.trying-left");
        fs::create_dir_all(&old).unwrap();
        fs::File::open(&old).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
        let (watched, passed) = (bob.scratch().join("watched"), bob.scratch().join("passed"));
        let _watched = OddDisk::mount(&watched, "fuse.exfat", &["modes", "links"]);
        let _passed = OddDisk::mount(&passed, "fuse.exfat", &["modes", "links"]);
        let url = daemon.url();
        let connect =
            ["connect", "transmission", "--url", &url, "--watch", watched.to_str().unwrap()];
        let connect = [&connect[..], &["--pass-to", passed.to_str().unwrap()]].concat();
        let told = bob.run(&connect).ok();
        assert!(!told.text().contains("shares no folder"), "{told:?}");
        bob.restart();
        let title = format!("On a stick with {generation:?}");
        let id = ann.post("upseed", &title, "Text.\n");
        until("Bob knows it", || bob.listed(&id));
        bob.run(&["upvote", &id]).ok();
        until("it seeds, out of the folder that is shared", || {
            let torrent = daemon.torrent(&id, &["status", "percentDone", "name"])?;
            let seeds = torrent["status"] == 6 && torrent["percentDone"].as_f64() == Some(1.0);
            let name = torrent["name"].as_str()?;
            (seeds && daemon.downloads().join("upseed").join(name).exists()).then_some(())
        });
        until("and Bob's node says so", || {
            bob.listed(&id).filter(|item| item["hosting"] == "hosting")
        });
        assert!(
            names(&daemon.downloads().join("upseed")).iter().all(|name| !name.starts_with('.'))
        );

        // The watched folder: what is ordinary goes on, what is bad goes aside with its reason.
        let ordinary = b"d4:infod6:lengthi3e4:name8:some.iso12:piece lengthi16384e6:pieces20:aaaaaaaaaaaaaaaaaaaaee";
        fs::write(watched.join("ordinary.torrent"), ordinary).unwrap();
        fs::write(watched.join("bad.torrent"), "<html>404</html>").unwrap();
        until("the ordinary one has gone on", || {
            (names(&passed) == ["ordinary.torrent"]).then_some(())
        });
        assert_eq!(fs::read(passed.join("ordinary.torrent")).unwrap(), ordinary);
        until("the bad one is aside, and why", || {
            (names(&watched.join("rejected")) == ["bad.torrent", "bad.torrent.txt"]).then_some(())
        });
        let why = fs::read_to_string(watched.join("rejected/bad.torrent.txt")).unwrap();
        assert!(why.starts_with("bad.torrent\n\n") && why.len() > 20, "{why}");
        drop(bob);
        drop(daemon);
    }
}
