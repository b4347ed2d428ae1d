//! The watch folder before a real node with a real Transmission behind it.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

mod transmission_support;

use std::{
    collections::HashSet,
    ffi::OsStr,
    net::SocketAddr,
    os::unix::ffi::OsStrExt as _,
    path::Path,
    process::Command,
    sync::{Arc, Mutex},
    time::{Duration, Instant, SystemTime},
};

use serde_json::json;
use transmission_support::{Engine, items, settings};
use upseed_client::sink::{Dropped, Sink, SinkFuture, Verdict, Written};
use upseed_model::{BoardName, Infohash, SignedItem, magnet::Magnet};
use upseed_node::{Config, Node, SwarmConfig};
use upseed_tests::{Generation, PATIENCE, TransmissionDaemon, namespace};
use upseed_transmission::{
    Transmission,
    tracker::Tracker,
    watch::{Watch, WatchSettings},
};

const ADDRESSES: [&str; 3] = ["10.77.0.1", "10.77.0.2", "10.77.0.12"];

/// Remembers what it was told, in its order.
#[derive(Default)]
struct Told(Mutex<Vec<Infohash>>, Mutex<Vec<SignedItem>>);

impl Told {
    fn all(&self) -> Vec<Infohash> {
        self.0.lock().unwrap().clone()
    }
}

impl Sink for Told {
    fn upvote(&self, dropped: Dropped, _since: u64) -> SinkFuture<'_> {
        Box::pin(async move {
            self.0.lock().unwrap().push(dropped.infohash());
            if let Dropped::Torrent(item) = &dropped {
                self.1.lock().unwrap().push(SignedItem::clone(item));
            }
            match dropped {
                Dropped::Magnet(magnet) if magnet.name.as_deref() == Some("ordinary") => {
                    Verdict::Ordinary
                }
                _ => Verdict::Done,
            }
        })
    }

    fn torrent(&self, item: Infohash) -> SinkFuture<'_, Written> {
        Box::pin(async move {
            let items = self.1.lock().unwrap();
            let item = items.iter().find(|known| known.infohash() == item).ok_or("not known")?;
            let trackers = ["http://10.77.0.1:1/announce".to_owned()];
            let torrent = upseed_model::torrent::write(item, None, &trackers);
            Ok((format!("{}.torrent", item.file_name()), torrent))
        })
    }
}

async fn until(what: &str, mut is_so: impl FnMut() -> bool) -> Duration {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
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
        envelope.extend_from_slice(items[2].info());
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
                std::fs::read(pass.join(format!("{}.torrent", item.file_name()))).unwrap();
            assert!(upseed_model::torrent::read(&written).unwrap().header() == item.info());
            assert!(!String::from_utf8_lossy(&written).contains("127.0.0.1"), "written anew");
        }
        assert_eq!(passed.len(), 5);
        assert_eq!(std::fs::metadata(drop.join("rejected/large.torrent")).unwrap().len(), 2 << 30);
        assert!(memory() < 300_000, "{} kB", memory());
    }
}

/// The other client's folder is not there yet: the vote is cast once, the file stays until it is
/// passed on, with the user's trackers.
#[tokio::test]
async fn what_cannot_be_passed_on_yet_is_kept_and_voted_once() {
    let folder = tempfile::tempdir().unwrap();
    let (drop, pass) = (folder.path().join("drop"), folder.path().join("pass"));
    std::fs::create_dir(&drop).unwrap();
    let items = items(1);
    std::fs::write(drop.join("a.torrent"), items[0].torrent()).unwrap();
    // One whose mail added an empty line, and an ordinary one that is still being copied.
    std::fs::write(drop.join("b.torrent"), [ordinary(), b"\r\n".to_vec()].concat()).unwrap();
    std::fs::write(drop.join("half.torrent"), &ordinary()[..40]).unwrap();
    let told = Arc::new(Told::default());
    let settings = WatchSettings {
        folder: drop.clone(),
        ordinary_to: Some(pass.clone()),
        items_to: Some(pass.clone()),
        poll: false,
    };
    let watch = Watch::start(settings, told.clone()).unwrap();
    until("it is voted", || told.all().len() == 1).await;
    until("it was tried again", || watch.counts().waiting >= 3).await;
    assert!(drop.join("a.torrent").exists());
    std::fs::create_dir(&pass).unwrap();
    until("both are passed on", || watch.counts().added == 1 && watch.counts().passed == 1).await;
    assert_eq!(told.all().len(), 1, "voted once");
    let written = pass.join(format!("{}.torrent", items[0].file_name()));
    let written = std::fs::read(written).unwrap();
    assert!(String::from_utf8_lossy(&written).contains("10.77.0.1"), "with the user's trackers");
    assert_eq!(names(&pass).len(), 2, "half of one is not passed on");
    assert!(drop.join("half.torrent").exists());
    assert_eq!(watch.counts().rejected, 0);
}

/// A folder that is not there yet, and one that this user may only read, stop nobody: they are
/// waited for.
#[tokio::test]
async fn a_folder_that_cannot_be_used_yet_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let drop = folder.path().join("not/mounted");
    let told = Arc::new(Told::default());
    let settings = WatchSettings { folder: drop.clone(), ..WatchSettings::default() };
    let watch = Watch::start(settings, told.clone()).unwrap();
    let items = items(1);
    std::fs::create_dir_all(&drop).unwrap();
    std::fs::write(drop.join("a.torrent"), items[0].torrent()).unwrap();
    until("it is a vote", || watch.counts().added == 1).await;
    assert!(drop.join("a.torrent.added").exists());
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
    node_with(ip, data, client, Vec::new()).await
}

async fn node_with(
    ip: &str,
    data: &Path,
    client: Option<Arc<Transmission>>,
    peers: Vec<SocketAddr>,
) -> Node {
    let config = Config {
        data: data.to_owned(),
        swarm: SwarmConfig {
            listen: Some(format!("{ip}:0").parse().unwrap()),
            peers,
            ..SwarmConfig::default()
        },
        first_boards: vec![BoardName::upseed()],
    };
    Node::start_with(config, client.map(|client| client as Arc<dyn upseed_client::Client>))
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
    assert_eq!(status.client, upseed_client::ClientKind::Transmission);
    assert!(status.client_online);
    ann.stop().await;
}

#[tokio::test]
async fn a_post_outlives_its_author_in_transmission() {
    let addresses = ["10.77.0.1", "10.77.0.2", "10.77.0.12", "10.77.0.13"];
    if !namespace::enter("a_post_outlives_its_author_in_transmission", &addresses) {
        return;
    }
    for generation in Generation::ALL {
        let daemon = TransmissionDaemon::start(generation, "10.77.0.12", &json!({}));
        let folder = daemon.folder();
        // Ann posts.
        let ann = node("10.77.0.1", &folder.join("ann"), None).await;
        let title = "Outlives me".parse().unwrap();
        let text = b"Still here.\n".to_vec();
        let board = BoardName::upseed();
        let post = upseed_node::NewPost { board, title, text: text.clone() };
        let item = ann.post(post).await.unwrap();
        let torrent = ann.export(item.infohash()).await.unwrap();
        let hash = item.infohash().to_string();

        // Bob drops her .torrent.
        let client = Arc::new(Transmission::new(&settings(&daemon)).unwrap());
        let ann_listens =
            SocketAddr::from(([10, 77, 0, 1], ann.status().await.unwrap().swarm_port));
        let bob =
            node_with("10.77.0.2", &folder.join("bob"), Some(client), vec![ann_listens]).await;
        let drop = folder.join("drop");
        let watched = WatchSettings { folder: drop.clone(), ..WatchSettings::default() };
        let _watch = Watch::start(watched, Arc::new(bob.clone())).unwrap();
        let start = Instant::now();
        std::fs::write(drop.join("her post.torrent"), &torrent).unwrap();
        until("Bob's Transmission seeds it", || {
            daemon.torrent(&hash, &["status"]).is_some_and(|torrent| torrent["status"] == 6)
        })
        .await;
        println!("{generation:?}: seeding {:?} after the file was dropped", start.elapsed());
        assert!(drop.join("her post.torrent.added").exists());
        let path = daemon.downloads().join("upseed").join(item.file_name());
        assert_eq!(std::fs::read(path).unwrap(), text);

        // Both nodes end. Transmission alone has it, and somebody without Upseed gets it there.
        ann.stop().await;
        bob.stop().await;
        let bare = TransmissionDaemon::start(generation, "10.77.0.13", &json!({}));
        let bobs = "10.77.0.12:26891".parse().unwrap();
        let tracker =
            Tracker::start(&["10.77.0.1".parse().unwrap()], bobs, "upseed-00000000").await.unwrap();
        tracker.offer([item.infohash()]);
        let torrent = upseed_model::torrent::write(&item, None, tracker.urls());
        bare.rpc("torrent-add", &json!({ "metainfo": data_encoding::BASE64.encode(&torrent) }));
        let took = until("a bare Transmission has it", || {
            bare.torrent(&hash, &["percentDone"])
                .is_some_and(|torrent| torrent["percentDone"].as_f64() == Some(1.0))
        })
        .await;
        println!("{generation:?}: downloaded from Bob's {took:?} later");
        assert_eq!(std::fs::read(bare.downloads().join(item.file_name())).unwrap(), text);
    }
}

struct Process(std::process::Child);

impl Process {
    fn start(command: &mut Command) -> Self {
        use std::process::Stdio;
        let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().unwrap())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Items go through the watch folder into `to`, which another client watches.
async fn pass_items(folder: &Path, to: &Path, items: &[upseed_client::Offer]) {
    let drop = folder.join("drop");
    let settings = WatchSettings {
        folder: drop.clone(),
        ordinary_to: Some(to.to_owned()),
        items_to: Some(to.to_owned()),
        poll: false,
    };
    let watch = Watch::start(settings, Arc::new(Told::default())).unwrap();
    for (number, item) in items.iter().enumerate() {
        std::fs::write(drop.join(format!("{number}.torrent")), item.torrent()).unwrap();
    }
    std::fs::write(drop.join("ordinary.torrent"), ordinary()).unwrap();
    until("all went on", || {
        watch.counts().added == items.len() as u64 && watch.counts().passed == 1
    })
    .await;
}

#[tokio::test]
async fn qbittorrent_takes_what_is_passed_on() {
    if !namespace::enter("qbittorrent_takes_what_is_passed_on", &ADDRESSES) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("to");
    let config = folder.path().join("qBittorrent/config");
    std::fs::create_dir(&to).unwrap();
    std::fs::create_dir_all(&config).unwrap();
    let conf = format!(
        "[LegalNotice]\nAccepted=true\n[BitTorrent]\nSession\\InterfaceAddress=10.77.0.12\n\
         Session\\DefaultSavePath={}\nSession\\DHTEnabled=false\n[Preferences]\n\
         WebUI\\Address=127.0.0.1\nWebUI\\Port=18080\nWebUI\\LocalHostAuth=false\nWebUI\\CSRFProtection=false\n",
        folder.path().join("downloads").display()
    );
    std::fs::write(config.join("qBittorrent.conf"), conf).unwrap();
    let mut command = Command::new("qbittorrent-nox");
    let _qbittorrent =
        Process::start(command.arg(format!("--profile={}", folder.path().display())));
    let api: SocketAddr = "127.0.0.1:18080".parse().unwrap();
    until("qBittorrent answers", || std::net::TcpStream::connect(api).is_ok()).await;
    let preferences = format!("json={}", json!({ "scan_dirs": { (to.to_str().unwrap()): 1 } }));
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let set = "/api/v2/app/setPreferences";
    let answer = upseed_tests::http::request(api, "POST", set, &form, preferences.as_bytes());
    assert_eq!(answer.status, 200);
    let items = items(3);
    pass_items(folder.path(), &to, &items).await;
    let took = until("qBittorrent has all of them", || {
        let listed =
            upseed_tests::http::request(api, "GET", "/api/v2/torrents/info", &[], b"").json();
        let has = |hash: &str| {
            listed.as_array().into_iter().flatten().any(|torrent| torrent["hash"] == hash)
        };
        items.iter().all(|item| has(&item.infohash().to_string()))
            && listed.as_array().unwrap().len() == 4
    })
    .await;
    println!("qBittorrent took them {took:?} later");
}

#[tokio::test]
async fn deluge_takes_what_is_passed_on() {
    if !namespace::enter("deluge_takes_what_is_passed_on", &ADDRESSES) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (to, config) = (folder.path().join("to"), folder.path().join("config"));
    let downloads = folder.path().join("downloads");
    for made in [&to, &config, &downloads] {
        std::fs::create_dir(made).unwrap();
    }
    let core = json!({
        "listen_ports": [26881, 26881], "random_port": false, "daemon_port": 18846, "dht": false, "upnp": false,
        "natpmp": false, "lsd": false, "new_release_check": false, "listen_interface": "10.77.0.12",
        "download_location": downloads, "enabled_plugins": ["AutoAdd"],
    });
    let auto = json!({ "next_id": 2, "watchdirs": { "1": {
        "enabled": true, "path": to, "abspath": to, "owner": "localclient",
        "append_extension_toggle": true, "append_extension": ".added",
    }}});
    std::fs::write(config.join("core.conf"), format!(r#"{{"file":1,"format":1}}{core}"#)).unwrap();
    std::fs::write(config.join("autoadd.conf"), format!(r#"{{"file":2,"format":1}}{auto}"#))
        .unwrap();
    std::fs::write(config.join("auth"), "localclient:secret:10\n").unwrap();
    let mut command = Command::new("deluged");
    let _deluged = Process::start(command.arg("-d").arg("-c").arg(&config));
    until("Deluge answers", || std::net::TcpStream::connect("127.0.0.1:18846").is_ok()).await;
    let items = items(3);
    pass_items(folder.path(), &to, &items).await;
    let took = until("Deluge has all of them", || {
        let state = names(&config.join("state"));
        items.iter().all(|item| state.contains(&format!("{}.torrent", item.infohash())))
    })
    .await;
    println!("Deluge took them {took:?} later");
    for item in &items {
        let kept =
            std::fs::read(config.join(format!("state/{}.torrent", item.infohash()))).unwrap();
        let info = upseed_model::torrent::info_bytes(&kept).unwrap();
        assert!(info == item.info(), "byte for byte");
    }
}
