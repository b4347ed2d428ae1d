//! Packs: hosted out of their files, and read piece by piece; items that are given on demand.
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "support/stock.rs"]
mod client;
#[path = "support/counting.rs"]
mod counting;
mod support;

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};

use client::Stock;
use counting::counting;
use support::{Item, Node, hex, item, settings, sha1, until};
use upseed_swarm::{Event, MAX_READINGS, PageReader, PagesError, Reading, Settings, SwarmError};

const PIECE: usize = 32_768;

/// A file in pieces, with an info dictionary of about 20 bytes a piece.
struct Pack {
    infohash: [u8; 20],
    info: Vec<u8>,
    file: Vec<u8>,
}

fn pack(number: usize, length: usize) -> Pack {
    let mut state = number as u32 + 1;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let file: Vec<u8> = (0..length).map(|_| next()).collect();
    let pieces: Vec<u8> = file.chunks(PIECE).flat_map(sha1).collect();
    let head = format!(
        "d6:lengthi{length}e4:name8:p{number:02}.pack12:piece lengthi{PIECE}e6:pieces{}:",
        pieces.len()
    );
    let info = [head.as_bytes(), &pieces, b"e"].concat();
    Pack { infohash: sha1(&info), info, file }
}

impl Pack {
    fn piece(&self, index: u32) -> &[u8] {
        self.file.chunks(PIECE).nth(index as usize).unwrap()
    }

    fn save(&self, folder: &Path) -> std::path::PathBuf {
        let info = String::from_utf8_lossy(&self.info);
        let path = folder.join(&info.split_once("name8:").unwrap().1[..8]);
        fs::write(&path, &self.file).unwrap();
        path
    }
}

type End = Result<(), PagesError>;

/// Wants some pieces, and others after each that comes.
#[derive(Default)]
struct Reader {
    first: Vec<u32>,
    then: Vec<u32>,
    told: Mutex<Told>,
    changed: Condvar,
}

#[derive(Default)]
struct Told {
    info: Vec<u8>,
    pages: Vec<(u32, Vec<u8>)>,
    end: Option<End>,
}

impl PageReader for Reader {
    fn choose(&self, info: &[u8]) -> Vec<u32> {
        self.told.lock().unwrap().info = info.to_vec();
        self.first.clone()
    }

    fn page(&self, piece: u32, bytes: &[u8]) -> Vec<u32> {
        let mut told = self.told.lock().unwrap();
        told.pages.push((piece, bytes.to_vec()));
        let more = self.then.get(told.pages.len() - 1).copied();
        more.into_iter().collect()
    }

    fn ended(&self, end: End) {
        self.told.lock().unwrap().end = Some(end);
        self.changed.notify_all();
    }
}

impl Reader {
    fn wanting(first: &[u32], then: &[u32]) -> Arc<Self> {
        Arc::new(Self { first: first.to_vec(), then: then.to_vec(), ..Self::default() })
    }

    fn end(&self) -> End {
        let told = self.told.lock().unwrap();
        let wait =
            self.changed.wait_timeout_while(told, support::DEADLINE, |told| told.end.is_none());
        wait.unwrap().0.end.expect("the reading ends")
    }

    fn pieces(&self) -> Vec<u32> {
        let mut pieces: Vec<u32> =
            self.told.lock().unwrap().pages.iter().map(|page| page.0).collect();
        pieces.sort_unstable();
        pieces
    }

    fn read(self: &Arc<Self>, node: &Node, pack: &Pack, known: bool, from: SocketAddr) -> Reading {
        let info = known.then_some(&pack.info[..]);
        let reader = Arc::clone(self) as Arc<dyn PageReader>;
        node.swarm.read_pages(pack.infohash, info, vec![from], vec![], reader).unwrap()
    }

    fn check(&self, pack: &Pack) {
        let told = self.told.lock().unwrap();
        assert!(told.info == pack.info, "the info dictionary, byte for byte");
        for (piece, bytes) in &told.pages {
            assert!(bytes == pack.piece(*piece), "piece {piece}");
        }
    }
}

/// A node that seeds a pack out of a file.
fn seeding(pack: &Pack) -> (tempfile::TempDir, Node) {
    let folder = tempfile::tempdir().unwrap();
    let node = Node::start();
    node.swarm.seed_pack(pack.infohash, &pack.info, &pack.save(folder.path())).unwrap();
    until("hosted", || node.swarm.status().hosted == 1);
    (folder, node)
}

#[test]
fn one_piece_of_many_is_read_and_no_other() {
    // The last piece is a short one.
    let pack = pack(1, 479 * PIECE + 100);
    let (_folder, seed) = seeding(&pack);
    for (known, piece) in [(false, 200), (true, 200), (false, 479), (true, 0)] {
        let (addr, received) = counting(seed.addr());
        let (node, reader) = (Node::start(), Reader::wanting(&[piece], &[]));
        let _reading = reader.read(&node, &pack, known, addr);
        assert_eq!(reader.end(), Ok(()));
        reader.check(&pack);
        assert_eq!(reader.pieces(), [piece]);
        let most = pack.piece(piece).len() + if known { 1_000 } else { 1_000 + pack.info.len() };
        assert!(received.bytes() <= most, "{} bytes, at most {most}", received.bytes());
        until("forgotten", || node.swarm.status().reading == 0);
    }
}

#[test]
fn many_pieces_come_over_one_connection_those_too_that_are_wanted_later() {
    let pack = pack(2, 300 * PIECE);
    let (_folder, seed) = seeding(&pack);
    for known in [false, true] {
        let (addr, received) = counting(seed.addr());
        let (node, reader) = (Node::start(), Reader::wanting(&[7, 250, 3], &[8, 299, 9]));
        let _reading = reader.read(&node, &pack, known, addr);
        assert_eq!(reader.end(), Ok(()));
        reader.check(&pack);
        assert_eq!(reader.pieces(), [3, 7, 8, 9, 250, 299]);
        assert_eq!(received.connections(), 1);
    }
}

const SEED: &str = "
torrent = session.add_torrent({'ti': lt.torrent_info(folder + '/pack.torrent'), 'save_path': folder})
while not (torrent.status().is_seeding and session.listen_port()): time.sleep(0.01)
say(session.listen_port())
sys.stdin.read()
";

#[test]
fn a_stock_seed_gives_single_pieces_over_tcp_and_utp() {
    let pack = pack(3, 100 * PIECE + 5);
    let folder = tempfile::tempdir().unwrap();
    pack.save(folder.path());
    let torrent = [b"d4:info", &pack.info[..], b"e"].concat();
    fs::write(folder.path().join("pack.torrent"), torrent).unwrap();
    let mut stock = Stock::run(SEED, &[folder.path().to_str().unwrap()]);
    let addr: SocketAddr = ([127, 0, 0, 1], stock.line().parse().unwrap()).into();
    for outgoing_utp in [false, true] {
        for known in [false, true] {
            let node = Node::with(Settings { outgoing_utp, ..settings() });
            let reader = Reader::wanting(&[40, 100], &[41]);
            let _reading = reader.read(&node, &pack, known, addr);
            assert_eq!(reader.end(), Ok(()));
            reader.check(&pack);
            assert_eq!(reader.pieces(), [40, 41, 100]);
        }
    }
}

const LEECH: &str = "
params = lt.parse_magnet_uri(sys.argv[2])
params.save_path = folder
torrent = session.add_torrent(params)
torrent.connect_peer(('127.0.0.1', int(sys.argv[3])))
while not torrent.status().is_seeding: time.sleep(0.01)
say(torrent.torrent_file().info_section().hex())
torrent.flush_cache()
path = folder + '/' + torrent.torrent_file().files().file_path(0)
while os.stat(path).st_blocks == 0: time.sleep(0.01)
sys.stdin.readline()
";

fn leech(folder: &Path, infohash: &[u8; 20], addr: SocketAddr) -> Stock {
    let magnet = format!("magnet:?xt=urn:btih:{}", hex(infohash));
    Stock::run(LEECH, &[folder.to_str().unwrap(), &magnet, &addr.port().to_string()])
}

#[test]
fn a_stock_client_gets_a_whole_pack_and_a_changed_file_is_hosted_no_more() {
    let pack = pack(4, 130 * PIECE + 77);
    let (_folder, seed) = seeding(&pack);
    let downloads = tempfile::tempdir().unwrap();
    let mut stock = leech(downloads.path(), &pack.infohash, seed.addr());
    assert_eq!(stock.line(), hex(&pack.info));
    stock.say("");
    let there = downloads.path().join("p04.pack");
    until("on the disk", || fs::read(&there).is_ok_and(|bytes| bytes == pack.file));

    // Each piece is hashed when it is first asked for.
    let (folder, seed) = seeding(&pack);
    let mut changed = pack.file.clone();
    changed[50 * PIECE] ^= 1;
    fs::write(folder.path().join("p04.pack"), &changed).unwrap();
    let (node, reader) = (Node::start(), Reader::wanting(&[49], &[]));
    let reading = reader.read(&node, &pack, true, seed.addr());
    assert_eq!(reader.end(), Ok(()), "another piece is as good as before");
    drop(reading);
    let reader = Reader::wanting(&[50], &[]);
    let _reading = reader.read(&node, &pack, true, seed.addr());
    let failed = |event: &Event| matches!(event, Event::HostFailed { infohash, .. } if *infohash == pack.infohash);
    seed.wait("the failure", |events| events.iter().any(failed).then_some(()));
    assert_eq!(reader.pieces(), Vec::<u32>::new());
    until("not hosted", || seed.swarm.status().hosted == 0);
    assert_eq!(
        fs::read(folder.path().join("p04.pack")).unwrap(),
        changed,
        "the file is left alone"
    );
}

#[test]
fn what_is_no_pack_is_refused() {
    let node = Node::start();
    let pack = pack(5, 3 * PIECE);
    let seed = |info: &[u8], infohash| node.swarm.seed_pack(infohash, info, Path::new("/x"));
    assert!(matches!(seed(&pack.info, [1; 20]), Err(SwarmError::Libtorrent(_))), "another hash");
    let large = b"d6:lengthi200000e4:name1:x12:piece lengthi131072e6:pieces40:0123456789012345678901234567890123456789e";
    assert!(matches!(seed(large, sha1(large)), Err(SwarmError::Libtorrent(_))), "large pieces");
    let many = b"d5:filesld6:lengthi1e4:pathl1:aeed6:lengthi1e4:pathl1:beee4:name1:x12:piece lengthi32768e6:pieces20:01234567890123456789e";
    assert!(matches!(seed(many, sha1(many)), Err(SwarmError::Libtorrent(_))), "two files");

    // By its infohash alone.
    let other = Pack { infohash: sha1(large), info: large.to_vec(), file: vec![0; 200_000] };
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("x"), &other.file).unwrap();
    let torrent = [b"d4:info", &large[..], b"e"].concat();
    fs::write(folder.path().join("pack.torrent"), torrent).unwrap();
    let script = SEED.replace(
        "'save_path': folder}",
        "'save_path': folder, 'flags': lt.torrent_flags.seed_mode}",
    );
    let mut stock = Stock::run(&script, &[folder.path().to_str().unwrap()]);
    let addr = ([127, 0, 0, 1], stock.line().parse().unwrap()).into();
    let reader = Reader::wanting(&[0], &[]);
    let _reading = reader.read(&node, &other, false, addr);
    assert_eq!(reader.end(), Err(PagesError::NotAPack));

    // What is hosted here, or read already.
    let (_folder, seed) = seeding(&pack);
    let reader = Reader::wanting(&[0], &[]);
    let _own = reader.read(&seed, &pack, true, node.addr());
    assert_eq!(reader.end(), Err(PagesError::Occupied));
    let nobody = ([127, 0, 0, 1], 1).into();
    let first = Reader::wanting(&[0], &[]);
    let _first = first.read(&node, &pack, true, nobody);
    let second = Reader::wanting(&[0], &[]);
    let _second = second.read(&node, &pack, true, nobody);
    assert_eq!(second.end(), Err(PagesError::Occupied));
    assert_eq!(first.told.lock().unwrap().end, None, "the first one goes on");
}

#[test]
fn readings_are_few_and_end_when_dropped() {
    let node = Node::start();
    let nobody = ([127, 0, 0, 1], 1).into();
    let packs: Vec<Pack> = (0..=MAX_READINGS).map(|number| pack(number, PIECE + 1)).collect();
    let reader = Reader::wanting(&[0], &[]);
    let mut readings: Vec<Reading> =
        packs[1..].iter().map(|pack| reader.read(&node, pack, true, nobody)).collect();
    let one_more = || {
        let reader = Arc::clone(&reader) as Arc<dyn PageReader>;
        node.swarm.read_pages(packs[0].infohash, None, vec![nobody], vec![], reader)
    };
    assert!(matches!(one_more(), Err(SwarmError::TooManyReadings)));
    until("they are under way", || node.swarm.status().reading as usize == MAX_READINGS);
    readings.pop();
    let last = one_more().unwrap();
    drop((readings, last));
    until("they ended", || node.swarm.status().reading == 0);
    // And again, with the same pack at once.
    let (_folder, seed) = seeding(&packs[1]);
    let reader = Reader::wanting(&[1], &[]);
    let _reading = reader.read(&node, &packs[1], false, seed.addr());
    assert_eq!(reader.end(), Ok(()));
}

/// Gives every item of a shelf to who asks, and hosts none.
fn giving(items: &[Item]) -> Node {
    let node = Node::start();
    for item in items {
        node.shelf.0.lock().unwrap().insert(item.infohash, item.text.clone());
        node.shelf.1.lock().unwrap().insert(item.infohash, item.info.clone());
    }
    node
}

#[test]
fn an_item_is_given_to_who_asks_without_a_torrent_of_its_own() {
    let items: Vec<Item> = (0..100).map(|number| item(number, 600 + number)).collect();
    let giver = giving(&items);
    let node = Node::start();
    for item in &items {
        node.swarm.fetch(item.infohash, None, vec![giver.addr()], vec![]).unwrap();
    }
    let mut most = 0;
    for item in &items {
        assert!(node.fetched(item.infohash) == (item.info.clone(), item.text.clone()));
        most = most.max(giver.swarm.status().on_demand);
    }
    assert!(most <= 64, "{most} at once");
    let foreign = item(1_000, 600);
    node.swarm.fetch(foreign.infohash, None, vec![giver.addr()], vec![]).unwrap();
    until("they are dropped", || giver.swarm.status().on_demand == 0);
    assert_eq!(giver.swarm.status().hosted, 0);
    assert!(!node.has(
        |event| matches!(event, Event::Fetched { infohash, .. } if *infohash == foreign.infohash)
    ));
    // A second time, and by a stock client.
    let again = Node::start();
    again.swarm.fetch(items[0].infohash, None, vec![giver.addr()], vec![]).unwrap();
    assert!(again.fetched(items[0].infohash).1 == items[0].text);
    let downloads = tempfile::tempdir().unwrap();
    let mut stock = leech(downloads.path(), &items[1].infohash, giver.addr());
    assert_eq!(stock.line(), hex(&items[1].info));
}

#[test]
fn an_item_on_demand_becomes_a_hosted_one_and_one_without_its_text_is_told() {
    let items = [item(1, 600), item(2, 600), item(3, 600)];
    let giver = giving(&items);
    let node = Node::start();
    node.swarm.fetch(items[0].infohash, None, vec![giver.addr()], vec![]).unwrap();
    assert!(node.fetched(items[0].infohash).1 == items[0].text);
    giver.swarm.host(items[0].infohash, items[0].info.clone()).unwrap();
    until("hosted", || giver.swarm.status().hosted == 1 && giver.swarm.status().on_demand == 0);
    let again = Node::start();
    again.swarm.fetch(items[0].infohash, None, vec![giver.addr()], vec![]).unwrap();
    assert!(again.fetched(items[0].infohash).1 == items[0].text);

    // Another header than the infohash says is not taken.
    giver.shelf.1.lock().unwrap().insert(items[1].infohash, items[2].info.clone());
    node.swarm.fetch(items[1].infohash, None, vec![giver.addr()], vec![]).unwrap();
    giver.shelf.0.lock().unwrap().remove(&items[2].infohash);
    node.swarm.fetch(items[2].infohash, None, vec![giver.addr()], vec![]).unwrap();
    let failed = |event: &Event| matches!(event, Event::HostFailed { infohash, .. } if *infohash == items[2].infohash);
    giver.wait("the failure", |events| events.iter().any(failed).then_some(()));
    assert!(!giver.has(|event| matches!(event, Event::HostFailed { infohash, .. } if *infohash == items[1].infohash)));
}
