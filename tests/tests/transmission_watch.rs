//! The watch folder before a real node with a real Transmission behind it.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

mod transmission_support;

use std::{
    collections::HashSet,
    ffi::OsStr,
    os::unix::ffi::OsStrExt as _,
    path::Path,
    process::Command,
    sync::{Arc, Mutex},
    time::{Duration, Instant, SystemTime},
};

use serde_json::json;
use transmission_support::{Engine, items, settings};
use upseed_model::{BoardName, Infohash, magnet::Magnet};
use upseed_node::{Config, Node, SwarmConfig};
use upseed_tests::{Generation, TransmissionDaemon, namespace};
use upseed_transmission::{
    Transmission,
    watch::{Dropped, Sink, Verdict, Watch, WatchSettings},
};

const ADDRESSES: [&str; 3] = ["10.77.0.1", "10.77.0.2", "10.77.0.12"];

/// Remembers what it was told, in its order.
#[derive(Default)]
struct Told(Mutex<Vec<Infohash>>);

impl Told {
    fn all(&self) -> Vec<Infohash> {
        self.0.lock().unwrap().clone()
    }
}

impl Sink for Told {
    fn upvote(&self, dropped: Dropped) -> upseed_transmission::watch::Answer<'_> {
        Box::pin(async move {
            self.0.lock().unwrap().push(dropped.infohash());
            match dropped {
                Dropped::Magnet(magnet) if magnet.name.as_deref() == Some("ordinary") => {
                    Verdict::Ordinary
                }
                _ => Verdict::Done,
            }
        })
    }
}

async fn until(what: &str, mut is_so: impl FnMut() -> bool) -> Duration {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(100), "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    start.elapsed()
}

fn names(folder: &Path) -> HashSet<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap()
}

fn ordinary() -> Vec<u8> {
    b"d4:infod6:lengthi3e4:name8:some.iso12:piece lengthi16384e6:pieces20:aaaaaaaaaaaaaaaaaaaaee"
        .to_vec()
}

#[tokio::test]
async fn files_of_all_kinds() {
    for poll in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let (drop, pass) = (folder.path().join("drop"), folder.path().join("pass"));
        std::fs::create_dir_all(drop.join("folder.torrent")).unwrap();
        std::fs::create_dir(&pass).unwrap();
        let items = items(3);
        let good = items[0].torrent();
        let put = |name: &str, bytes: &[u8]| std::fs::write(drop.join(name), bytes).unwrap();
        put("good.torrent", &good);
        put("again.TORRENT", &good);
        std::fs::write(drop.join(OsStr::from_bytes(b"\xff\xfe.torrent")), items[1].torrent())
            .unwrap();
        // A dangerous envelope around a good item.
        let mut envelope = b"d8:announce22:http://127.0.0.1:1/x?a4:info".to_vec();
        envelope.extend_from_slice(items[2].item.header());
        envelope.extend_from_slice(b"8:url-list22:http://127.0.0.1/admine");
        put("envelope.torrent", &envelope);
        let magnet =
            Magnet { infohash: items[0].infohash(), name: None, trackers: vec![], peers: vec![] };
        put("link.magnet", format!("{magnet}\n").as_bytes());
        put(
            "other.magnet",
            b"magnet:?xt=urn:btih:00112233445566778899aabbccddeeff00112233&dn=ordinary",
        );
        put("some.torrent", &ordinary());
        put("readme.txt", b"not ours");
        let mut forged = good.clone();
        let at = forged.windows(6).position(|w| w == b"5:title").unwrap_or(forged.len() / 2);
        forged[at + 9] ^= 1;
        put("forged.torrent", &forged);
        put("junk.torrent", b"<html>");
        put("nothing.magnet", b"magnet:?dn=x");
        let large = std::fs::File::create(drop.join("large.torrent")).unwrap();
        large.set_len(2 << 30).unwrap();
        std::os::unix::fs::symlink("/etc/hostname", drop.join("link.torrent")).unwrap();
        assert!(Command::new("mkfifo").arg(drop.join("fifo.torrent")).status().unwrap().success());
        assert!(Command::new("mkfifo").arg(drop.join("fifo.magnet")).status().unwrap().success());

        let told = Arc::new(Told::default());
        let watch = WatchSettings {
            folder: drop.clone(),
            ordinary_to: Some(pass.clone()),
            items_to: Some(pass.clone()),
            poll,
        };
        let watch = Watch::start(watch, told.clone()).unwrap();
        // A file that grows is waited for.
        let slow = items[1].torrent();
        for end in [0, 10, slow.len() / 2] {
            std::fs::write(drop.join("slow.torrent"), &slow[..end]).unwrap();
            tokio::time::sleep(Duration::from_millis(2_500)).await;
            assert!(drop.join("slow.torrent").exists(), "cut off at {end}, it is left");
        }
        std::fs::write(drop.join("slow.torrent"), &slow).unwrap();
        until("all are put away", || {
            watch.counts().added == 6 && watch.counts().rejected == 7 && watch.counts().passed == 2
        })
        .await;
        let left = names(&drop);
        for name in
            ["good.torrent", "again.TORRENT", "envelope.torrent", "link.magnet", "slow.torrent"]
        {
            assert!(left.contains(&format!("{name}.added")), "{name}: {left:?}");
        }
        assert!(left.contains("readme.txt") && left.contains("folder.torrent"));
        let rejected = names(&drop.join("rejected"));
        for (name, why) in [
            ("forged.torrent", ""),
            ("junk.torrent", "not a torrent file"),
            ("nothing.magnet", "names no torrent"),
            ("large.torrent", "too many"),
            ("link.torrent", "links are not followed"),
            ("fifo.torrent", "not an ordinary file"),
            ("fifo.magnet", "not an ordinary file"),
        ] {
            assert!(rejected.contains(name), "{name}: {rejected:?}");
            let said = std::fs::read_to_string(drop.join(format!("rejected/{name}.txt"))).unwrap();
            assert!(said.contains(why), "{name}: {said}");
        }
        let passed = names(&pass);
        assert!(passed.contains("some.torrent") && passed.contains("other.magnet"), "{passed:?}");
        for item in &items {
            let written =
                std::fs::read(pass.join(format!("{}.torrent", item.item.file_name()))).unwrap();
            assert!(upseed_model::torrent::read(&written).unwrap() == item.item);
            assert!(!String::from_utf8_lossy(&written).contains("127.0.0.1"), "written anew");
        }
        assert_eq!(passed.len(), 5);
        assert_eq!(std::fs::metadata(drop.join("rejected/large.torrent")).unwrap().len(), 2 << 30);
        assert!(memory() < 300_000, "{} kB", memory());
    }
}

#[tokio::test]
async fn a_thousand_at_once_the_newest_first() {
    let folder = tempfile::tempdir().unwrap();
    let drop = folder.path().join("drop");
    std::fs::create_dir(&drop).unwrap();
    let items = items(1_000);
    let now = SystemTime::now();
    for (age, item) in items.iter().enumerate() {
        let path = drop.join(format!("{}.torrent", item.infohash()));
        std::fs::write(&path, item.torrent()).unwrap();
        let file = std::fs::File::options().write(true).open(path).unwrap();
        file.set_modified(now - Duration::from_secs(age as u64)).unwrap();
    }
    let told = Arc::new(Told::default());
    let before = memory();
    let settings = WatchSettings { folder: drop.clone(), ..WatchSettings::default() };
    let watch = Watch::start(settings, told.clone()).unwrap();
    let took = until("every one is told", || watch.counts().added == 1_000).await;
    let wanted: Vec<_> = items.iter().map(|item| item.infohash()).collect();
    assert!(told.all() == wanted, "the newest first");
    let first = memory() - before;
    // Ten times as many again: memory stays as it was.
    for round in 0..10 {
        for item in &items {
            let name = format!("{round}-{}.torrent", item.infohash());
            std::fs::write(drop.join(name), item.torrent()).unwrap();
        }
        until("these too", || watch.counts().added == 1_000 * (round + 2)).await;
    }
    let grown = memory().saturating_sub(before);
    println!(
        "1,000 files in {took:?}; memory grew by {first} kB with them, {grown} kB with 11,000"
    );
    assert!(grown < 20_000, "{grown} kB");
}

async fn node(ip: &str, data: &Path, client: Option<Arc<Transmission>>) -> Node {
    let config = Config {
        data: data.to_owned(),
        listen: "127.0.0.1:0".parse().unwrap(),
        hosts: Vec::new(),
        swarm: SwarmConfig {
            listen: Some(format!("{ip}:0").parse().unwrap()),
            ..SwarmConfig::default()
        },
        first_boards: vec![BoardName::upseed()],
    };
    Node::start_with(config, client.map(|client| client as Arc<dyn upseed_node::client::Client>))
        .await
        .unwrap()
}

#[tokio::test]
async fn a_dropped_file_is_a_vote_and_transmission_seeds_it() {
    if !namespace::enter("a_dropped_file_is_a_vote_and_transmission_seeds_it", &ADDRESSES) {
        return;
    }
    let daemon = TransmissionDaemon::start(Generation::Here, "10.77.0.12", &json!({}));
    let drop = daemon.folder().join("drop");
    let items = items(1);
    let _engine = Engine::hosting("10.77.0.1", &items);
    let client = Arc::new(Transmission::new(&settings(&daemon)).unwrap());
    let ann = node("10.77.0.2", &daemon.folder().join("ann"), Some(client)).await;
    let settings = WatchSettings { folder: drop.clone(), ..WatchSettings::default() };
    let watch = Watch::start(settings, Arc::new(ann.clone())).unwrap();

    // Ann's own post: its text is here, and dropping its .torrent upvotes it once more.
    let title = "Dropped".parse().unwrap();
    let post =
        upseed_node::NewPost { board: BoardName::upseed(), title, text: b"By file.\n".to_vec() };
    let item = ann.post(post).await.unwrap();
    let torrent = ann.export(item.infohash()).await.unwrap();
    std::fs::write(drop.join("x.torrent"), torrent).unwrap();
    until("it is put away", || watch.counts().added == 1).await;
    let hash = item.infohash().to_string();
    let took = until("Transmission seeds it", || {
        daemon.torrent(&hash, &["status"]).is_some_and(|torrent| torrent["status"] == 6)
    })
    .await;
    println!("seeding {took:?} after the file was put away");
    let status = ann.status().await.unwrap();
    assert_eq!(status.client, "transmission");
    assert!(status.client_online);
    ann.stop().await;
}
