//! The plugin in real delugeds of both generations.
#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

use std::fs;

use serde_json::{Value, json};
use upseed_tests::{Deluge, Generation, Person, until, until_is};

mod by_hand;
mod failures;
mod network;
mod people;
mod scale;
mod web;

/// Steps of long work that one turn of deluged's reactor may have: as many as the probe lets fit into a slice.
const STEPS: u64 = 10;

/// Functions that may be called in such a turn, by us and by what we call of Deluge. 5,000 to 13,000 are for adding ten
/// torrents, the most costly thing; where a step goes through all torrents there are many times as many.
const CALLS: u64 = 20_000;

fn seeds(deluge: &mut Deluge, id: &str) -> bool {
    deluge.torrent(id, &["state"]).is_some_and(|told| told["state"] == "Seeding")
}

/// What we did on the reactor since the last look: no turn of it had more than one slice of our long work, none more than a
/// slice has room for, and none more than a step's share of calls, however many torrents there are. Gives in how many turns
/// there was anything of ours. How long they take is for `make bench`.
fn short_turns(deluge: &mut Deluge, what: &str) -> u64 {
    let gap = deluge.call("upseedprobe.gap", json!([]));
    let ours = &gap["ours"];
    let most = |key: &str| ours[key].as_u64().unwrap();
    let [turns, calls, steps, slices] = ["turns", "calls", "steps", "slices"].map(most);
    eprintln!(
        "{what}: {turns} turns with at most {calls} calls, {steps} steps, {slices} slices of ours"
    );
    assert!(slices <= 1, "{what}: a turn had several slices: {ours}");
    assert!(steps <= STEPS, "{what}: a slice did not yield: {ours}");
    assert!(calls <= CALLS, "{what}: a turn did too much: {ours}");
    turns
}

/// The same where there was something to do.
fn busy_turns(deluge: &mut Deluge, what: &str) {
    assert!(short_turns(deluge, what) > 0, "{what}: nothing was counted");
}

fn probe(deluge: &mut Deluge) {
    assert_eq!(deluge.call("core.enable_plugin", json!(["UpseedProbe"])), true);
}

/// Methods of the plugin that the daemon offers.
fn methods(deluge: &mut Deluge) -> usize {
    let list = deluge.call("daemon.get_method_list", json!([]));
    list.as_array().unwrap().iter().filter(|m| m.as_str().unwrap().starts_with("upseed.")).count()
}

#[test]
fn contract() {
    for generation in Generation::ALL {
        let mut deluge = Deluge::of(generation).start();
        probe(&mut deluge);
        let told = deluge.call("upseedprobe.contract", json!([40]));
        assert_eq!(told["error"], Value::Null, "{generation:?}: {told}");
        assert_eq!(told["wrong"], json!([]), "{generation:?}");
        busy_turns(&mut deluge, &format!("{generation:?}, 40 at once"));
    }
}

/// What a node would hear of one item.
fn hear(deluge: &mut Deluge, what: &Value) {
    let mut all = Vec::new();
    until(&format!("the node hears {what}"), || {
        all.extend(deluge.call("upseedprobe.heard", json!([])).as_array().unwrap().iter().cloned());
        all.contains(what).then_some(())
    });
}

/// By hand in Deluge: told. By the node itself: not told.
#[test]
fn what_the_user_does_in_deluge_is_told() {
    let ann = Person::named("ann").start();
    let id = ann.post("upseed", "By hand", "Hello.\n");
    let file = ann.scratch().join("item.torrent");
    ann.run(&["export", &id, "-o", file.to_str().unwrap()]).ok();
    let torrent = base64(&fs::read(file).unwrap());
    for generation in Generation::ALL {
        let mut deluge = Deluge::of(generation).start();
        probe(&mut deluge);
        deluge.call("upseedprobe.watch", json!([]));
        hear(&mut deluge, &json!(["connected"]));
        let add = json!(["item.torrent", torrent, {}]);
        deluge.call("core.add_torrent_file", add.clone());
        hear(&mut deluge, &json!(["added", id]));
        let header = deluge.call("upseedprobe.ask", json!(["header", [id]]));
        assert!(header.as_str().unwrap().len() > 600, "the header is given");
        assert_eq!(deluge.call("core.remove_torrent", json!([id, true])), true);
        hear(&mut deluge, &json!(["removed", id]));
        deluge.call("core.add_torrent_file", add);
        hear(&mut deluge, &json!(["added", id]));
        assert_eq!(deluge.call("upseedprobe.ask", json!(["remove", [id]])), "{}");
        assert_eq!(deluge.torrent(&id, &["name"]), None);
        let heard = deluge.call("upseedprobe.heard", json!([]));
        let removed = heard.as_array().unwrap().iter().any(|one| one[0] == "removed");
        assert!(!removed, "what the node removes is no news to it: {heard}");
        let network = deluge.call("upseedprobe.ask", json!(["network", null]));
        let network: Value = serde_json::from_str(network.as_str().unwrap()).unwrap();
        let off = json!({ "dht": true, "lsd": true, "upnp": true, "natpmp": true });
        assert_eq!(network, json!({ "interface": "127.0.0.1", "proxy": null, "off": off }));
        // Each of them is followed at once.
        deluge.call("core.set_config", json!([{ "natpmp": true }]));
        hear(&mut deluge, &json!(["network"]));
        let network = deluge.call("upseedprobe.ask", json!(["network", null]));
        let network: Value = serde_json::from_str(network.as_str().unwrap()).unwrap();
        let off = json!({ "dht": true, "lsd": true, "upnp": true, "natpmp": false });
        assert_eq!(network["off"], off);
    }
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let number = three.iter().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte))
            << (8 * (3 - three.len()));
        for letter in 0..4 {
            let at = (number >> (18 - 6 * letter)) as usize & 63;
            text.push(if letter <= three.len() { LETTERS[at].into() } else { '=' });
        }
    }
    text
}

#[test]
fn enabled_and_disabled_twice() {
    for generation in Generation::ALL {
        let mut deluge = Deluge::of(generation).folder("ünï cödé ").start();
        probe(&mut deluge);
        assert_eq!(methods(&mut deluge), 0);
        for _ in 0..2 {
            deluge.enable();
            assert!(deluge.call("upseedprobe.handlers", json!([])).as_u64() > Some(5));
            assert!(methods(&mut deluge) > 3);
            let status = deluge.upseed(&["status"]);
            assert_eq!(status["client"], "deluge", "the command speaks to the node inside");
            assert_eq!(deluge.call("core.disable_plugin", json!(["Upseed"])), true);
            assert_eq!(methods(&mut deluge), 0, "disable() takes every method back");
            assert_eq!(deluge.call("core.disable_plugin", json!(["Upseed"])), true);
            let node = deluge.config().join("upseed/node.json");
            until_is("the node is gone", false, || node.exists());
            assert_eq!(deluge.call("upseedprobe.handlers", json!([])), 0);
            until("its threads have ended", || {
                (!deluge.threads().iter().any(|name| name.starts_with("upseed"))).then_some(())
            });
        }
        deluge.enable();
        let still = deluge.call("upseedprobe.disable_twice", json!([]));
        assert_eq!(still, false, "the second time is over when the first is");
    }
}

/// What its user did with the labels holds, also after a restart.
#[test]
fn a_label_that_was_taken_off_stays_off() {
    for generation in Generation::ALL {
        let mut deluge = Deluge::of(generation).core("enabled_plugins", json!(["Label"])).start();
        deluge.enable();
        let ids = ["One", "Two"].map(|title| deluge.post(title, "Hello.\n"));
        let label = |deluge: &mut Deluge, id: &str| {
            let told = deluge.torrent(id, &["label"]);
            told.and_then(|told| Some(told["label"].as_str()?.to_owned())).unwrap_or_default()
        };
        until("both have a label", || {
            ids.iter().all(|id| label(&mut deluge, id).starts_with("upseed-")).then_some(())
        });
        deluge.call("label.set_torrent", json!([ids[0], "No Label"]));
        deluge.keeps_plugins(&["Label", "Upseed"]);
        let kept = deluge.config().join("upseed/labelled");
        until("what has a label is kept", || {
            let kept = fs::read_to_string(&kept).ok()?;
            ids.iter().all(|id| kept.contains(id)).then_some(())
        });
        let third = deluge.post("Three", "Hello.\n");
        until("it seeds", || seeds(&mut deluge, &third).then_some(()));
        // Before Deluge's labels are saved.
        deluge.kill();
        deluge.start();
        deluge.running();
        until("what was new has a label again", || {
            label(&mut deluge, &third).starts_with("upseed-").then_some(())
        });
        assert_eq!(label(&mut deluge, &ids[0]), "");
        assert!(label(&mut deluge, &ids[1]).starts_with("upseed-"));
        // Its next life is another.
        assert_eq!(deluge.call("core.remove_torrent", json!([ids[0], true])), true);
        until("it is hosted no more", || (deluge.upseed(&["status"])["hosted"] == 2).then_some(()));
        deluge.upseed(&["upvote", &ids[0]]);
        until("it has a label again", || {
            label(&mut deluge, &ids[0]).starts_with("upseed-").then_some(())
        });
    }
}

/// Deluge's own limits let five torrents seed; ours all do, and say so to Deluge.
#[test]
fn what_is_posted_seeds_beyond_the_limits() {
    for generation in Generation::ALL {
        let mut deluge = Deluge::of(generation).core("enabled_plugins", json!(["Label"])).start();
        deluge.enable();
        let ids: Vec<_> = (0..12).map(|n| deluge.post(&format!("Words {n}"), "Hello.\n")).collect();
        until("all twelve seed", || ids.iter().all(|id| seeds(&mut deluge, id)).then_some(()));
        let keys = ["is_auto_managed", "stop_at_ratio", "label", "save_path", "paused"];
        let told = deluge.torrent(&ids[0], &keys).unwrap();
        assert_eq!(told["is_auto_managed"], false);
        assert_eq!(told["stop_at_ratio"], false);
        // With the first digits of the user's key.
        let label = told["label"].as_str().unwrap();
        let digits = label.strip_prefix("upseed-").unwrap();
        assert!(digits.len() == 8 && digits != "00000000", "{label}");
        assert_eq!(told["save_path"], json!(deluge.downloads().join("upseed")));
    }
}

/// Posted and seen in Deluge's own page; what is in the frame reaches nothing of Deluge's.
#[test]
fn in_chromium() {
    for generation in Generation::ALL {
        seen_in_chromium(&format!("{generation:?}"), Deluge::of(generation).start());
    }
}

/// Deluge from PyPI has a libtorrent of its own, of yet another version, linked statically.
#[test]
fn from_pypi() {
    let mut deluge = Deluge::of(Generation::Here).from_pypi().start();
    probe(&mut deluge);
    let told = deluge.call("upseedprobe.contract", json!([10]));
    assert_eq!(told["error"], Value::Null, "{told}");
    seen_in_chromium("PyPI", deluge);
}

fn seen_in_chromium(name: &str, mut deluge: Deluge) {
    let browser = concat!(env!("CARGO_MANIFEST_DIR"), "/browser");
    {
        deluge.enable();
        let (address, password) = deluge.start_web();
        let pictures = std::path::Path::new(browser).join("../../artifacts/browser");
        fs::create_dir_all(&pictures).unwrap();
        let picture = pictures.join(format!("deluge-{name}.png"));
        let output = std::process::Command::new("node")
            .args(["deluge.mjs", &address, password])
            .arg(picture)
            .arg(upseed_tests::binary())
            .arg(deluge.config().join("upseed"))
            .current_dir(browser)
            .output()
            .expect("this test needs node, and tests/browser/run once to fetch playwright-core");
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
        let told: Value = serde_json::from_str(&told).unwrap();
        eprintln!("{name}: {told}");
        assert_eq!(told["wrong"], json!([]));
        assert_eq!(told["origin"], "null");
        assert_eq!(told["reach"]["parent"], "SecurityError");
        assert_eq!(told["reach"]["cookie"], "SecurityError");
        assert_eq!(told["reach"]["json"], "TypeError");
        let id = told["id"].as_str().unwrap();
        until("Deluge seeds what was posted in its page", || seeds(&mut deluge, id).then_some(()));
    }
}

/// As Deluge Web's Install button does it, and then as deluge-console enables it.
#[test]
fn installed_by_button_and_enabled_by_console() {
    for generation in Generation::ALL {
        let mut deluge = Deluge::of(generation).bare().start();
        assert_eq!(deluge.call("core.enable_plugin", json!(["Upseed"])), false);
        let egg = upseed_tests::deluge::egg();
        let name = egg.file_name().unwrap().to_str().unwrap();
        deluge.call("core.upload_plugin", json!([name, base64(&fs::read(egg).unwrap())]));
        let told = deluge.console("plugin -e Upseed");
        eprintln!("deluge-console: {}", told.trim());
        deluge.running();
    }
}

/// The wheel beside the egg: `import upseed`, its tests, and stubs that say what is there.
#[test]
fn the_python_module() {
    let folder = tempfile::tempdir().unwrap();
    let python = |arguments: &[&str]| {
        let output = std::process::Command::new("/usr/bin/python3")
            .args(arguments)
            .env(
                "PYTHONPATH",
                std::env::join_paths([folder.path(), upseed_tests::deluge::egg()]).unwrap(),
            )
            .env("MYPYPATH", folder.path())
            .current_dir(folder.path())
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
    };
    let made = upseed_tests::deluge::egg().parent().unwrap();
    let wheel = fs::read_dir(made).unwrap().map(|entry| entry.unwrap().path());
    let wheel =
        wheel.filter(|path| path.extension().is_some_and(|ending| ending == "whl")).last().unwrap();
    python(&["-m", "zipfile", "-e", wheel.to_str().unwrap(), "."]);
    let tests = concat!(env!("CARGO_MANIFEST_DIR"), "/../deluge-plugin/tests");
    python(&["-m", "pytest", "-q", "-p", "no:cacheprovider", tests]);
    python(&["-m", "mypy.stubtest", "upseed"]);
}

/// The module and its libtorrent need nothing that is called so on this system, and work without it.
#[test]
fn its_libtorrent_is_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let script = r#"
        python3 -m zipfile -e "$1" "$2"
        native="$2/upseed_deluge/native/linux-x86_64"
        readelf -d "$native"/*.so* | grep NEEDED
        for lib in /usr/lib/x86_64-linux-gnu/libtorrent-rasterbar.so*; do
            mount --bind /dev/null "$(readlink -f "$lib")"
        done
        python3 -c 'import libtorrent' 2>&1 | grep -q 'libtorrent-rasterbar' && echo HIDDEN
        cd "$native" && python3 -c '
import _upseed, tempfile, json
node = _upseed.Node.start(tempfile.mkdtemp(), json.dumps({"dht": False, "lsd": False, "swarm_listen": "127.0.0.1:0"}))
print("RUNS", json.loads(node.status())["client"])
node.stop()'
    "#;
    let output = std::process::Command::new("unshare")
        .args(["-rm", "sh", "-ec", script, "sh"])
        .args([upseed_tests::deluge::egg().as_path(), folder.path()])
        .env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin")
        .output()
        .expect("unshare can be run");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
    assert!(told.contains("libtorrent-upseed.so"), "{told}");
    assert!(!told.contains("libtorrent-rasterbar"), "{told}");
    assert!(told.contains("HIDDEN") && told.contains("RUNS embedded"), "{told}");
}

/// Where it cannot run it says so, in one sentence, and the daemon goes on.
#[test]
fn elsewhere_it_refuses() {
    let mut deluge = Deluge::of(Generation::Here).elsewhere().start();
    assert_eq!(deluge.call("core.enable_plugin", json!(["Upseed"])), true);
    let error = until("the plugin says why not", || {
        deluge.call("upseed.status", json!([]))["error"].as_str().map(str::to_owned)
    });
    assert!(error.contains("Upseed runs on linux-x86_64 and this is linux-i686."), "{error}");
    assert_eq!(deluge.call("upseed.status", json!([]))["running"], false);
    assert_eq!(deluge.call("core.disable_plugin", json!(["Upseed"])), true);
}

/// A posts from Deluge, B finds it with another Deluge and upvotes; A is gone, and a Deluge without
/// the plugin gets it from B's.
#[test]
fn two_people_and_a_stranger() {
    for [first, second] in [Generation::ALL, [Generation::Trixie, Generation::Here]] {
        let mut ann = Deluge::of(first).start();
        ann.enable();
        let swarm = ann.upseed(&["status"])["swarm_port"].as_u64().unwrap();
        let mut bob =
            Deluge::of(second).upseed("peers", json!([format!("127.0.0.1:{swarm}")])).start();
        bob.enable();
        let id = ann.post("From Ann", "Hello from Deluge.\n");
        until("Bob sees it", || {
            let top = bob.upseed(&["top"]);
            let here = |item: &Value| item["id"] == id.as_str() && item["text"].is_string();
            top.as_array().unwrap().iter().any(here).then_some(())
        });
        bob.upseed(&["upvote", &id, "--wait"]);
        until("Bob's Deluge seeds it", || seeds(&mut bob, &id).then_some(()));
        ann.kill();
        let file = bob.scratch().join("item.torrent");
        let magnet = bob.upseed(&["export", &id, "-o", file.to_str().unwrap()]);
        assert!(file.exists(), "{magnet}");
        let mut stranger = Deluge::of(first).start();
        stranger.call(
            "core.add_torrent_file",
            json!(["a.torrent", base64(&fs::read(&file).unwrap()), {}]),
        );
        let port = bob.call("core.get_listen_port", json!([])).as_u64().unwrap();
        stranger.call("core.connect_peer", json!([id, "127.0.0.1", port]));
        until("a Deluge without the plugin has it", || seeds(&mut stranger, &id).then_some(()));
        let name = stranger.torrent(&id, &["name"]).unwrap()["name"].as_str().unwrap().to_owned();
        assert_eq!(fs::read(stranger.downloads().join(name)).unwrap(), b"Hello from Deluge.\n");
        // Without its vote it leaves Bob's Deluge.
        bob.upseed(&["unvote", &id]);
        until("it left Bob's Deluge", || bob.torrent(&id, &["name"]).is_none().then_some(()));
    }
}

/// Deluge's desktop interface, on a display of its own, in one process with its daemon.
#[test]
fn in_the_desktop_interface() {
    let mut deluge =
        Deluge::of(Generation::Here).core("enabled_plugins", json!(["Upseed"])).start();
    deluge.kill();
    let folder = deluge.config();
    fs::write(folder.join("gtk3ui.conf"), r#"{"file":1,"format":1}{"standalone":true}"#).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/src/deluge_gtk.py");
    let output = std::process::Command::new("timeout")
        .args([
            &upseed_tests::PATIENCE.as_secs().to_string(),
            "xvfb-run",
            "-a",
            "/usr/bin/python3",
            script,
        ])
        .arg(&folder)
        .env("HOME", deluge.scratch())
        .output()
        .expect("this test needs xvfb and deluge-gtk");
    let told = String::from_utf8_lossy(&output.stdout);
    let told = told.lines().find_map(|line| line.strip_prefix("TOLD ")).unwrap_or_else(|| {
        panic!("nothing was seen: {}", String::from_utf8_lossy(&output.stderr));
    });
    let told: Value = serde_json::from_str(told).unwrap();
    assert!(told["label"].as_str().unwrap().contains("It runs."), "{told}");
    assert_eq!([&told["page"], &told["page_after"]], [true, false]);
}
