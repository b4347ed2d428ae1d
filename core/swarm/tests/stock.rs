//! Texts to and from Debian's python3-libtorrent, as any client out there would fetch and seed them.
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "support/stock.rs"]
mod client;
mod support;

use std::io::Write as _;

use client::Stock;
use support::{Item, Node, hex, item, settings, sha1, until};
use upseed_swarm::{Event, FetchError, Settings};

/// Hosts folder/NAME as folder/item.torrent says, and prints its port.
const SEED: &str = "
torrent = session.add_torrent({'ti': lt.torrent_info(folder + '/item.torrent'), 'save_path': folder})
while not (torrent.status().is_seeding and session.listen_port()): time.sleep(0.01)
say(session.listen_port())
sys.stdin.read()
";

/// Fetches by a magnet or a .torrent and prints the info dictionary and the text.
const LEECH: &str = "
params = lt.parse_magnet_uri(sys.argv[2]) if sys.argv[2].startswith('magnet:') else lt.add_torrent_params()
if not sys.argv[2].startswith('magnet:'): params.ti = lt.torrent_info(sys.argv[2])
params.save_path = folder
torrent = session.add_torrent(params)
torrent.connect_peer(('127.0.0.1', int(sys.argv[3])))
while not torrent.status().is_seeding: time.sleep(0.01)
info = torrent.torrent_file()
say(info.info_section().hex())
torrent.flush_cache()
path = folder + '/' + info.files().file_path(0)
while open(path, 'rb').read().hex() == '' : time.sleep(0.01)
say(open(path, 'rb').read().hex())
";

/// Hosts it likewise, and dials a port.
const DIALLING_SEED: &str = "
torrent = session.add_torrent({'ti': lt.torrent_info(folder + '/item.torrent'), 'save_path': folder})
while not torrent.status().is_seeding: time.sleep(0.01)
torrent.connect_peer(('127.0.0.1', int(sys.argv[2])))
say('dials')
sys.stdin.read()
";

fn torrent(post: &Item) -> Vec<u8> {
    [b"d4:info", &post.info[..], b"e"].concat()
}

fn name(post: &Item) -> String {
    let info = String::from_utf8_lossy(&post.info);
    let at = info.find("post.").unwrap();
    info[at..at + "post..md".len() + 32].to_owned()
}

/// A folder with a post and its torrent.
fn folder(post: &Item, text: &[u8]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name(post)), text).unwrap();
    std::fs::write(folder.path().join("item.torrent"), torrent(post)).unwrap();
    folder
}

/// Such a folder, and a stock client that seeds it.
fn seed(post: &Item, text: &[u8]) -> (tempfile::TempDir, Stock, std::net::SocketAddr) {
    let folder = folder(post, text);
    let mut stock = Stock::run(SEED, &[folder.path().to_str().unwrap()]);
    let port = stock.line().parse().unwrap();
    (folder, stock, ([127, 0, 0, 1], port).into())
}

fn leech(node: &Node, post: &Item, what: &str) {
    let folder = tempfile::tempdir().unwrap();
    let mut stock = Stock::run(
        LEECH,
        &[folder.path().to_str().unwrap(), what, &node.swarm.listen_port().to_string()],
    );
    assert_eq!(stock.line(), hex(&post.info), "the info dictionary, byte for byte");
    assert_eq!(stock.line(), hex(&post.text));
}

#[test]
fn a_stock_client_fetches_by_magnet_and_by_torrent() {
    let node = Node::start();
    for (number, length) in [(1, 700), (2, 65_536)] {
        let post = item(number, length);
        node.host(&post);
        leech(&node, &post, &format!("magnet:?xt=urn:btih:{}", hex(&post.infohash)));

        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().write_all(&torrent(&post)).unwrap();
        leech(&node, &post, file.path().to_str().unwrap());
    }
    assert!(!node.has(|event| matches!(event, Event::HostFailed { .. })));
}

#[test]
fn a_stock_seed_gives_its_text_over_tcp_and_utp() {
    for outgoing_utp in [false, true] {
        let post = item(3, 40_000);
        let (_folder, _stock, addr) = seed(&post, &post.text);
        let node = Node::with(Settings { outgoing_utp, ..settings() });
        node.swarm.fetch(post.infohash, None, vec![addr], vec![]).unwrap();
        assert!(node.fetched(post.infohash) == (post.info.clone(), post.text.clone()));
        let again = Node::with(Settings { outgoing_utp, ..settings() });
        again.swarm.fetch(post.infohash, Some(post.info.clone()), vec![addr], vec![]).unwrap();
        assert!(again.fetched(post.infohash) == (post.info, post.text));
    }
}

#[test]
fn a_torrent_that_is_no_text_is_refused_when_its_metadata_is_here() {
    let text = vec![b'a'; 1_000];
    let small_pieces: Vec<u8> = {
        let head = "d6:lengthi1000e4:name40:post.00000000000000000000000000000004.md12:piece lengthi512e6:pieces40:";
        [head.as_bytes(), &sha1(&text[..512]), &sha1(&text[512..]), b"e"].concat()
    };
    let post = Item { infohash: sha1(&small_pieces), info: small_pieces, text };
    let (_folder, _stock, addr) = seed(&post, &post.text);
    let node = Node::start();
    node.swarm.fetch(post.infohash, None, vec![addr], vec![]).unwrap();
    let failed = node.fetch_failed(post.infohash);
    assert_eq!(failed, (FetchError::NotOneText, "not one piece".into()));
    until("forgotten", || node.swarm.status().fetching == 0);
}

/// Most homes cannot be dialled, and a stock client parts from another host as soon as it knows it for one.
#[test]
fn a_stock_host_that_cannot_be_dialled_is_seen_when_it_dials() {
    let node = Node::start();
    let (hosted, checked) = (item(6, 500), item(7, 500));
    node.host(&hosted);
    node.swarm.check(checked.infohash, &checked.info, vec![]).unwrap();
    until("it is checked", || node.swarm.status().checking == 1);
    for post in [&checked, &hosted] {
        let folder = folder(post, &post.text);
        let port = node.swarm.listen_port().to_string();
        let mut stock = Stock::run(DIALLING_SEED, &[folder.path().to_str().unwrap(), &port]);
        assert_eq!(stock.line(), "dials");
        node.wait("the host", |events| {
            let seen = |event: &Event| matches!(event, Event::HostSeen { infohash, .. } if *infohash == post.infohash);
            events.iter().any(seen).then_some(())
        });
    }
}
