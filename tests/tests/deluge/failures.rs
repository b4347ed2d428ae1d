//! What goes wrong with a Deluge and its plugin.

use std::{
    fs,
    process::{Command, Output},
};

use serde_json::json;
use upseed_tests::{Deluge, Generation, Person, namespace, until, until_is};

use crate::{probe, seeds};

#[test]
fn killed_and_back() {
    for generation in Generation::ALL {
        let mut deluge = Deluge::of(generation).start();
        deluge.enable();
        let ids: Vec<_> = (0..5).map(|n| deluge.post(&format!("Words {n}"), "Hello.\n")).collect();
        until("all seed", || ids.iter().all(|id| seeds(&mut deluge, id)).then_some(()));
        until("the node knows", || (deluge.upseed(&["status"])["hosted"] == 5).then_some(()));
        deluge.keeps_plugins(&["Upseed"]);
        deluge.kill();
        deluge.start();
        deluge.running();
        until("all seed again", || ids.iter().all(|id| seeds(&mut deluge, id)).then_some(()));
        let all = deluge.call("core.get_torrents_status", json!([{}, ["name"]]));
        assert_eq!(all.as_object().unwrap().len(), 5, "each once");
        assert_eq!(deluge.upseed(&["status"])["hosted"], 5, "nothing lost");
    }
}

/// Deluge may miss that a text has been checked, and would take it for unchecked until its end.
#[test]
fn a_check_that_deluge_missed() {
    for generation in Generation::ALL {
        let mut deluge = Deluge::of(generation).start();
        deluge.enable();
        probe(&mut deluge);
        let id = deluge.post("Words", "Hello.\n");
        until("the node knows", || (deluge.upseed(&["status"])["hosted"] == 1).then_some(()));
        deluge.call("upseedprobe.miss", json!([id]));
        assert!(!seeds(&mut deluge, &id));
        until("Deluge knows again", || seeds(&mut deluge, &id).then_some(()));
        until("so does the node", || (deluge.upseed(&["status"])["hosted"] == 1).then_some(()));
    }
}

/// Ended as a service is, also while it starts: nothing is given again or withdrawn, and the plugin
/// is on afterwards.
#[test]
fn ended_and_back() {
    for generation in Generation::ALL {
        let mut deluge = Deluge::of(generation).start();
        deluge.enable();
        let ids: Vec<_> = (0..5).map(|n| deluge.post(&format!("Words {n}"), "Hello.\n")).collect();
        until("all seed", || ids.iter().all(|id| seeds(&mut deluge, id)).then_some(()));
        until("the node knows", || (deluge.upseed(&["status"])["hosted"] == 5).then_some(()));
        deluge.call("core.set_config", json!([{ "max_connections_per_second": 21 }]));
        // A removed and added one would be another file.
        let files = |deluge: &Deluge| {
            let all = fs::read_dir(deluge.downloads().join("upseed")).unwrap();
            let mut all: Vec<_> = all
                .map(|entry| {
                    let entry = entry.unwrap();
                    (entry.file_name(), entry.metadata().unwrap().modified().unwrap())
                })
                .collect();
            all.sort();
            all
        };
        let before = files(&deluge);
        assert_eq!(before.len(), 5);
        for _ in 0..2 {
            deluge.terminate();
            // As soon as it has its list: ended before, Deluge itself would write an empty one.
            deluge.start();
            until("Deluge has its list", || deluge.torrent(&ids[4], &["name"]));
            deluge.terminate();
            deluge.start();
            deluge.running();
            until("all seed again", || ids.iter().all(|id| seeds(&mut deluge, id)).then_some(()));
            until("all are hosted", || (deluge.upseed(&["status"])["hosted"] == 5).then_some(()));
            let all = deluge.call("core.get_torrents_status", json!([{}, ["name"]]));
            assert_eq!(all.as_object().unwrap().len(), 5, "each once");
            let top = deluge.upseed(&["top"]);
            assert!(
                top.as_array().unwrap().iter().all(|item| item["hosting"] == "hosting"),
                "{top}"
            );
            assert_eq!(files(&deluge), before, "nothing was given again");
        }
    }
}

/// An exception in a hook of ours is a sentence in the status, and nothing to Deluge.
#[test]
fn broken_hooks_harm_nobody() {
    for generation in Generation::ALL {
        let mut deluge = Deluge::of(generation).start();
        deluge.enable();
        probe(&mut deluge);
        deluge.call("upseedprobe.break_hooks", json!([]));
        let id = deluge.post("Words", "Hello.\n");
        until("Deluge seeds it all the same", || seeds(&mut deluge, &id).then_some(()));
        let status = deluge.call("upseed.status", json!([]));
        assert!(status["error"].as_str().unwrap().contains("broken on purpose"), "{status}");
        assert_eq!(deluge.call("core.disable_plugin", json!(["Upseed"])), true);
        assert!(seeds(&mut deluge, &id), "the daemon goes on");
    }
}

#[test]
fn a_broken_config_of_ours_is_said() {
    let mut deluge = Deluge::of(Generation::Here).upseed("peers", json!("not a list")).start();
    assert_eq!(deluge.call("core.enable_plugin", json!(["Upseed"])), true);
    let error = until("the plugin says what is wrong", || {
        deluge.call("upseed.status", json!([]))["error"].as_str().map(str::to_owned)
    });
    assert!(error.contains("settings are wrong"), "{error}");
    assert_eq!(deluge.call("core.disable_plugin", json!(["Upseed"])), true);
}

/// What is in the way of a start is one sentence in the status, and nothing to Deluge.
#[test]
fn what_is_in_the_way_is_said() {
    let mut deluge = Deluge::of(Generation::Here).start();
    fs::write(deluge.config().join("upseed"), "a file where the data belongs").unwrap();
    for _ in 0..2 {
        assert_eq!(deluge.call("core.enable_plugin", json!(["Upseed"])), true);
        let error = until("the plugin says what is wrong", || {
            deluge.call("upseed.status", json!([]))["error"].as_str().map(str::to_owned)
        });
        assert!(error.contains("File exists"), "{error}");
        assert_eq!(deluge.call("core.disable_plugin", json!(["Upseed"])), true);
    }
    fs::remove_file(deluge.config().join("upseed")).unwrap();
    // A file that is no settings at all: what it said (no DHT, perhaps) is not known, so nothing runs.
    let settings = deluge.config().join("upseed.conf");
    for broken in ["{{{ not JSON", r#"{"file":1,"format":1}{"dht":false"#, ""] {
        fs::write(&settings, broken).unwrap();
        assert_eq!(deluge.call("core.enable_plugin", json!(["Upseed"])), true);
        let status = deluge.call("upseed.status", json!([]));
        assert_eq!(status["running"], false);
        let error = status["error"].as_str().unwrap();
        assert!(error.contains("upseed.conf cannot be used"), "{error}");
        assert_eq!(deluge.call("core.disable_plugin", json!(["Upseed"])), true);
        assert_eq!(fs::read_to_string(&settings).unwrap(), broken, "it is left as it is");
    }
    fs::remove_file(&settings).unwrap();
    deluge.enable();
}

/// Another egg in the same folder: what the older one wrote is used, and its library is cleared away.
#[test]
fn upgraded() {
    let mut deluge = Deluge::of(Generation::Here).start();
    deluge.enable();
    let id = deluge.post("Words", "Hello.\n");
    until("it seeds", || seeds(&mut deluge, &id).then_some(()));
    let data = deluge.config().join("upseed");
    assert_eq!(deluge.call("core.disable_plugin", json!(["Upseed"])), true);
    // As an older egg left it.
    let old = data.join("0123456789abcdef-native");
    fs::create_dir(&old).unwrap();
    fs::write(old.join("_upseed.abi3.so"), "old").unwrap();
    deluge.call("core.set_config", json!([{ "max_connections_per_second": 21 }]));
    deluge.kill();
    deluge.start();
    deluge.enable();
    until_is("the old library is gone", false, || old.exists());
    until("it seeds again", || seeds(&mut deluge, &id).then_some(()));
    until("the post is still there", || {
        deluge.upseed(&["read", &id])["text"].is_string().then_some(())
    });
}

/// The egg is replaced while deluged runs: what runs goes on, off and on, and says what to do.
#[test]
fn replaced_while_it_runs() {
    for generation in Generation::ALL {
        let mut deluge = Deluge::of(generation).start();
        deluge.enable();
        let egg = upseed_tests::deluge::egg().file_name().unwrap();
        let egg = deluge.config().join("plugins").join(egg);
        // The same files at other places.
        let again = "import os, sys, zipfile\n\
                     old = zipfile.ZipFile(sys.argv[1])\n\
                     with zipfile.ZipFile(sys.argv[1] + '.new', 'w') as new:\n\
                     \x20   new.writestr('first', os.urandom(5000))\n\
                     \x20   for name in reversed(old.namelist()):\n\
                     \x20       new.writestr(name, old.read(name))\n\
                     os.replace(sys.argv[1] + '.new', sys.argv[1])\n";
        let made = Command::new("/usr/bin/python3").args(["-c", again]).arg(&egg).status();
        assert!(made.unwrap().success());
        assert_eq!(deluge.call("core.disable_plugin", json!(["Upseed"])), true);
        deluge.enable();
        let note = deluge.call("upseed.status", json!([]))["note"].to_string();
        assert!(note.contains("restart deluged"), "{note}");
        deluge.terminate();
        deluge.start();
        if deluge.call("core.get_enabled_plugins", json!([])) == json!([]) {
            deluge.enable();
        }
        deluge.running();
        assert_eq!(deluge.call("upseed.status", json!([]))["note"], serde_json::Value::Null);
        // A newer one has another name; Deluge's own installation leaves the old one there.
        fs::copy(&egg, egg.with_file_name("Upseed-99.0.0.egg")).unwrap();
        let note = deluge.call("upseed.status", json!([]))["note"].to_string();
        assert!(note.contains("restart deluged"), "{note}");
    }
}

/// The node of before, or a command's, may take a while to end: then the plugin's starts, and hears
/// of Deluge once.
#[test]
fn another_node_on_the_folder_ends_late() {
    for generation in Generation::ALL {
        let mut deluge = Deluge::of(generation).start();
        let mut other = Person::named("Bob").data(&deluge.config().join("upseed")).start();
        probe(&mut deluge);
        deluge.call("upseedprobe.count_starts", json!([]));
        assert_eq!(deluge.call("core.enable_plugin", json!(["Upseed"])), true);
        until("it has tried more than once", || {
            (deluge.call("upseedprobe.started", json!([])).as_u64() > Some(1)).then_some(())
        });
        assert_eq!(deluge.call("upseedprobe.handlers", json!([])), 0, "nobody hears of Deluge yet");
        other.stop();
        deluge.running();
        let id = deluge.post("Words", "Hello.\n");
        until("it seeds", || seeds(&mut deluge, &id).then_some(()));
        assert_eq!(deluge.call("core.disable_plugin", json!(["Upseed"])), true);
        assert_eq!(deluge.call("upseedprobe.handlers", json!([])), 0);
    }
}

/// A folder that cannot be written: the wish is kept and done later, once; Deluge goes on.
#[test]
fn what_cannot_be_written_is_done_later() {
    let mut deluge = Deluge::of(Generation::Here).start();
    deluge.enable();
    let folder = deluge.downloads().join("upseed");
    fs::write(&folder, "a file in the way").unwrap();
    let id = deluge.post("Words", "Hello.\n");
    until("the user sees it", || {
        (deluge.upseed(&["read", &id])["hosting"] == "failed").then_some(())
    });
    assert_eq!(deluge.torrent(&id, &["name"]), None);
    fs::remove_file(&folder).unwrap();
    until("it is done when it can be", || seeds(&mut deluge, &id).then_some(()));
}

/// The newest votes seed as far as the disk goes; for the others the node's own engine does it.
#[test]
fn a_full_disk_is_told_and_what_was_voted_is_hosted_by_the_engine() {
    let test = "failures::a_full_disk_is_told_and_what_was_voted_is_hosted_by_the_engine";
    if !namespace::enter(test, &[]) {
        return;
    }
    for generation in Generation::ALL {
        let ann = Person::named("Ann").start();
        let peers = json!([ann.swarm_addr().to_string()]);
        let mut deluge = Deluge::of(generation).upseed("peers", peers).start();
        deluge.kill();
        namespace::small_disk(&deluge.downloads(), 100 << 10);
        deluge.start();
        deluge.enable();
        let text = "0123456789abcdef".repeat(4_000);
        let ids: Vec<String> = (0..4)
            .map(|n| ann.post("upseed", &format!("Post {n}"), &format!("{n} {text}")))
            .collect();
        let listed = |deluge: &Deluge, id: &str| {
            let top = deluge.upseed(&["top"]);
            top.as_array().unwrap().iter().find(|item| item["id"] == id).cloned()
        };
        until("all are known", || ids.iter().all(|id| listed(&deluge, id).is_some()).then_some(()));
        for id in &ids {
            deluge.upseed(&["upvote", id]);
        }
        until("what has room seeds", || ids.iter().any(|id| seeds(&mut deluge, id)).then_some(()));
        until("the full disk is told", || {
            let warnings = deluge.upseed(&["status"])["client_warnings"].to_string();
            warnings.contains("No space left").then_some(())
        });
        let broken = ids.iter().find(|id| !seeds(&mut deluge, id)).unwrap();
        assert_eq!(listed(&deluge, broken).unwrap()["upvoted"], true);
        // Ann leaves: only the node's own engine has it now.
        drop(ann);
        let file = deluge.scratch().join("broken.torrent");
        deluge.upseed(&["export", broken, "-o", file.to_str().unwrap()]);
        let port = deluge.upseed(&["status"])["swarm_port"].as_u64().unwrap();
        let engine = format!("127.0.0.1:{port}").parse().unwrap();
        let (_stock, got) = upseed_tests::Stock::download(file.to_str().unwrap(), Some(engine));
        assert_eq!(got.text.len(), text.len() + 2);
        deluge.call("core.get_torrents_status", json!([{}, ["name"]]));
    }
}

fn connect(deluge: &Deluge, undo: bool) -> Output {
    let mut command = Command::new(upseed_tests::binary());
    command.args(["connect", "deluge", "--config-dir"]).arg(deluge.config());
    match undo {
        true => command.arg("--undo"),
        false => command.arg("--egg").arg(upseed_tests::deluge::egg()),
    };
    command.output().unwrap()
}

/// The command puts the plugin in place once, and takes it away.
#[test]
fn connected_by_the_command_and_undone() {
    let mut deluge = Deluge::of(Generation::Here).bare().start();
    let told = connect(&deluge, false);
    assert!(told.status.success(), "{told:?}");
    deluge.call("core.rescan_plugins", json!([]));
    deluge.enable();
    assert_eq!(deluge.upseed(&["status"])["client"], "deluge");
    let again = connect(&deluge, false);
    assert!(String::from_utf8_lossy(&again.stdout).contains("there already"), "{again:?}");
    let undone = connect(&deluge, true);
    assert!(undone.status.success(), "{undone:?}");
    let left = fs::read_dir(deluge.config().join("plugins")).unwrap();
    let names = left.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(names.filter(|name| name.starts_with("Upseed-")).count(), 0);
    let twice = connect(&deluge, true);
    assert!(twice.status.success(), "{twice:?}");
}

/// A folder of plugins that nobody may write: said by the command; a plugin that lies there works.
#[test]
fn a_plugin_folder_that_cannot_be_written() {
    if !namespace::enter("failures::a_plugin_folder_that_cannot_be_written", &[]) {
        return;
    }
    for generation in Generation::ALL {
        let mut bare = Deluge::of(generation).bare().start();
        namespace::read_only(&bare.config().join("plugins"));
        let told = connect(&bare, false);
        assert_eq!(told.status.code(), Some(1), "{told:?}");
        let said = String::from_utf8_lossy(&told.stderr);
        assert!(said.contains("plugins") && said.contains("Read-only"), "{said}");
        // The daemon goes on.
        bare.call("core.get_torrents_status", json!([{}, ["name"]]));

        let mut deluge = Deluge::of(generation).start();
        deluge.kill();
        namespace::read_only(&deluge.config().join("plugins"));
        deluge.start();
        deluge.enable();
        let id = deluge.post("Words", "Hello.\n");
        until("it seeds", || seeds(&mut deluge, &id).then_some(()));
    }
}
