//! Whole rooms in one process and in virtual time: engines joined by a queue, with a played DHT. Nothing here waits, and
//! the same seed gives the same run.
#![allow(clippy::unwrap_used)]

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    net::SocketAddr,
    time::Duration,
};

use rand::{SeedableRng as _, rngs::StdRng};
use upseed_model::{
    BoardName, Infohash, ItemDraft, Kind, Record, SecretKey, SignedItem, sync::Frame, text::Title,
};
use upseed_rooms::{Action, Command, Engine, Event, Input, NetworkState, PeerId, Time};
use upseed_store::Store;

/// Unix seconds at which a simulation begins.
const START: u64 = 1_800_000_000;

const TEXT: &[u8] = b"Every cat is a good cat.";

struct Node {
    engine: Engine,
    store: Store,
    addr: SocketAddr,
    /// Texts that its own torrent client would seed.
    seeds: BTreeMap<Infohash, (Vec<u8>, Vec<u8>)>,
    /// The test itself says what it sends; nothing is told to its engine.
    played: bool,
}

/// Something that comes to a node.
enum Arrival {
    Input(Input),
    /// It may be time to ask for texts.
    Wake,
}

/// One end of a connection: a node and its name for it.
type End = (usize, PeerId);

struct Network {
    nodes: Vec<Node>,
    /// By time in milliseconds, then in the order in which they were sent.
    queue: BTreeMap<(u64, u64), (usize, Arrival)>,
    sent: u64,
    /// Milliseconds since the start.
    now: u64,
    links: HashMap<End, End>,
    opened: u64,
    dht: BTreeMap<Infohash, BTreeSet<SocketAddr>>,
    /// Every action, with its time and its node.
    log: Vec<String>,
}

impl Network {
    fn of(count: usize, seed: u64) -> Self {
        let node = |n: usize| {
            let store = Store::open_in_memory().unwrap();
            let rng = StdRng::seed_from_u64(seed * 1_000 + n as u64);
            let engine = Engine::new(store.clone(), Vec::new(), rng);
            Node { engine, store, addr: addr(n), seeds: BTreeMap::new(), played: false }
        };
        let mut network = Self {
            nodes: (0..count).map(node).collect(),
            queue: BTreeMap::new(),
            sent: 0,
            now: 0,
            links: HashMap::new(),
            opened: 0,
            dht: BTreeMap::new(),
            log: Vec::new(),
        };
        for n in 0..count {
            let state = NetworkState { dht: true, private: true, own_bootstrap: true };
            network.put(0, n, Arrival::Input(Input::Network(state)));
        }
        network
    }

    fn put(&mut self, after: u64, node: usize, arrival: Arrival) {
        self.sent += 1;
        self.queue.insert((self.now + after, self.sent), (node, arrival));
    }

    fn join(&mut self, node: usize) {
        let board = self.nodes[node].store.join(&BoardName::upseed(), &[], START).unwrap();
        self.put(0, node, Arrival::Input(Input::Command(Command::Join(board))));
    }

    fn time(&self) -> Time {
        Time { unix: START + self.now / 1_000, monotonic: Duration::from_millis(self.now) }
    }

    /// Lets so many seconds pass.
    fn run(&mut self, seconds: u64) {
        for _ in 0..seconds {
            let next = self.now - self.now % 1_000 + 1_000;
            while let Some(entry) = self.queue.first_entry()
                && entry.key().0 < next
            {
                let ((at, _), (node, arrival)) = entry.remove_entry();
                self.now = at;
                match arrival {
                    Arrival::Input(input) => self.handle(node, input),
                    Arrival::Wake => self.handle(node, Input::AskForTexts),
                }
            }
            self.now = next;
            (0..self.nodes.len()).for_each(|node| self.handle(node, Input::Tick));
        }
    }

    fn handle(&mut self, node: usize, input: Input) {
        if self.nodes[node].played {
            return;
        }
        let time = self.time();
        self.nodes[node].engine.handle(input, time);
        while let Some(action) = self.nodes[node].engine.next_action() {
            self.log.push(format!("{} {node} {action:?}", self.now));
            self.act(node, action);
        }
        if let Some(left) = self.nodes[node].engine.next_ask(time) {
            self.put(left.as_millis() as u64, node, Arrival::Wake);
        }
    }

    fn act(&mut self, node: usize, action: Action) {
        match action {
            Action::Send { peer, frame } => {
                if let Some((other, peer)) = self.links.get(&(node, peer)).copied() {
                    self.put(
                        latency(node, other),
                        other,
                        Arrival::Input(Input::Frame { peer, frame }),
                    );
                }
            }
            Action::Close(peer) => {
                if let Some((other, far)) = self.links.remove(&(node, peer)) {
                    self.links.remove(&(other, far));
                    let closed =
                        |peer| Arrival::Input(Input::PeerClosed { peer, reason: String::new() });
                    self.put(latency(node, other), other, closed(far));
                    self.put(0, node, closed(peer));
                }
            }
            Action::Dial { infohash, addr } => {
                let other = self.nodes.iter().position(|node| node.addr == addr);
                let Some(other) = other.filter(|other| *other != node) else { return };
                if infohash == BoardName::upseed().rendezvous() {
                    self.connect(node, other);
                } else if let Some((info, text)) = self.nodes[other].seeds.get(&infohash).cloned() {
                    let fetched = Input::Fetched { infohash, info, text };
                    self.put(latency(node, other), node, Arrival::Input(fetched));
                }
            }
            Action::Announce(infohash) => {
                self.dht.entry(infohash).or_default().insert(self.nodes[node].addr);
            }
            Action::LookUp(infohash) => {
                let peers = self.dht.get(&infohash).into_iter().flatten().copied().collect();
                self.put(200, node, Arrival::Input(Input::DhtPeers { infohash, peers }));
            }
            Action::Join { .. }
            | Action::Leave(_)
            | Action::Fetch { .. }
            | Action::AddTracker { .. }
            | Action::StopFetch(_)
            | Action::Check { .. }
            | Action::EndCheck(_)
            | Action::Tell(_) => {}
        }
    }

    /// A connection, unless there is one.
    fn connect(&mut self, from: usize, to: usize) {
        if self.links.iter().any(|((node, _), (other, _))| (*node, *other) == (from, to)) {
            return;
        }
        let (near, far) = (PeerId(self.opened), PeerId(self.opened + 1));
        self.opened += 2;
        self.links.insert((from, near), (to, far));
        self.links.insert((to, far), (from, near));
        let rendezvous = BoardName::upseed().rendezvous();
        for (node, peer, other, outgoing) in [(from, near, to, true), (to, far, from, false)] {
            let listen_port = (!outgoing).then(|| addr(from).port());
            let addr = addr(other);
            let opened = Input::PeerOpened { peer, rendezvous, addr, outgoing, listen_port };
            self.put(latency(from, to), node, Arrival::Input(opened));
        }
    }

    fn has_item(&self, node: usize, item: &SignedItem) -> bool {
        self.nodes[node].store.item(&item.infohash()).unwrap().is_some()
    }

    fn text(&self, node: usize, item: &SignedItem) -> Option<String> {
        self.nodes[node].store.item(&item.infohash()).unwrap().unwrap().text
    }

    fn told(&self, node: usize, event: &Event) -> bool {
        let line = format!(" {node} {:?}", Action::Tell(event.clone()));
        self.log.iter().any(|logged| logged.ends_with(&line))
    }
}

fn addr(node: usize) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, node as u8 + 1], 6_881))
}

/// Milliseconds from one node to another.
const fn latency(a: usize, b: usize) -> u64 {
    5 + ((a + b) * 7 + a * b * 3) as u64 % 40
}

fn post(title: &str, time: u64) -> SignedItem {
    let key = SecretKey::from_seed(&[7; 32]);
    let kind = Kind::Post { title: Title::from_bytes(title.as_bytes()).unwrap() };
    let (author, board) = (key.public(), BoardName::upseed());
    let puzzle = ItemDraft { author, board, kind, time, text: TEXT }.puzzle(0).unwrap();
    let nonce = puzzle.search(0, u64::MAX >> 1).unwrap();
    SignedItem::from_bytes(&puzzle.sign(nonce, &key)).unwrap()
}

/// Twenty nodes find each other, a post reaches all, its text is got from its author's node by those who have met it and
/// by the item's own swarm by others, and one who comes late catches up.
fn twenty(seed: u64) -> Network {
    let (author, late) = (3, 19);
    let mut network = Network::of(20, seed);
    (0..late).for_each(|node| network.join(node));
    network.run(20);

    let item = post("Cats", START + 20);
    let (id, work) = (item.infohash(), item.work());
    network.nodes[author].store.publish(&item, TEXT, START + 20).unwrap();
    network.nodes[author].seeds.insert(id, (item.header().to_vec(), TEXT.to_vec()));
    network.dht.entry(id).or_default().insert(addr(author));
    let fresh = Command::Fresh(vec![Record::Item(item.clone())]);
    network.put(0, author, Arrival::Input(Input::Command(fresh)));
    network.run(5);
    assert!((0..late).all(|node| network.has_item(node, &item)), "it has reached all");

    for node in 0..late {
        network.put(0, node, Arrival::Input(Input::Command(Command::WantText(work, id))));
    }
    network.run(10);
    let text = std::str::from_utf8(TEXT).unwrap();
    for node in 0..late {
        assert_eq!(network.text(node, &item).as_deref(), Some(text), "node {node}");
        assert_eq!(network.told(node, &Event::Text { id }), node != author);
    }

    assert!(!network.has_item(late, &item));
    network.join(late);
    network.run(30);
    assert!(network.has_item(late, &item), "who comes late catches up");
    network
}

#[test]
fn a_post_reaches_all_and_the_same_seed_gives_the_same_run() {
    let first = twenty(1).log;
    assert_eq!(first, twenty(1).log);
    assert_ne!(first, twenty(2).log, "chance comes from the seed alone");
}

#[test]
fn a_liar_is_dropped_and_kept_away() {
    let mut network = Network::of(2, 1);
    network.join(0);
    network.run(1);
    network.nodes[1].played = true;
    network.connect(1, 0);
    let (_, peer) = network.links[&(1, PeerId(0))];
    let board = BoardName::upseed();
    let mut forged = post("Dogs", START).header().to_vec();
    let last = forged.len() - 10;
    forged[last] ^= 1;
    for frame in [
        Frame::Hello { min: 1, max: 1, frame: 262_144 },
        Frame::Open { board, first: 0, last: 30_000, bits: 0 },
        Frame::Records(vec![forged]),
    ] {
        network.put(50, 0, Arrival::Input(Input::Frame { peer, frame: frame.to_bytes() }));
    }
    network.run(1);
    let closed = |network: &Network, peer| {
        let line = format!(" 0 {:?}", Action::Close(peer));
        network.log.iter().filter(|logged| logged.ends_with(&line)).count()
    };
    assert_eq!(closed(&network, peer), 1);
    network.connect(1, 0);
    let (_, again) = network.links[&(1, PeerId(2))];
    network.run(1);
    assert_eq!(closed(&network, again), 1, "not even listened to");
    assert_eq!(network.nodes[0].engine.connected(), []);
}

#[test]
fn a_frame_that_was_not_taken_is_sent_again_when_there_is_room() {
    let mut network = Network::of(1, 1);
    network.join(0);
    network.run(1);
    let (peer, time) = (PeerId(1), network.time());
    let engine = &mut network.nodes[0].engine;
    let (rendezvous, addr) = (BoardName::upseed().rendezvous(), addr(1));
    let opened = Input::PeerOpened { peer, rendezvous, addr, outgoing: true, listen_port: None };
    engine.handle(opened, time);
    let Some(Action::Send { frame: hello, .. }) = engine.next_action() else { panic!("no hello") };
    assert!(matches!(Frame::from_bytes(&hello), Ok(Frame::Hello { .. })));
    let Some(Action::Send { frame: open, .. }) = engine.next_action() else { panic!("no open") };
    engine.handle(Input::NotTaken { peer, frame: open.clone() }, time);
    assert_eq!(engine.next_action(), None);
    let later = Time { unix: time.unix + 1, ..time };
    engine.handle(Input::Tick, later);
    let sends = |action: &Action| matches!(action, Action::Send { .. });
    assert!(!std::iter::from_fn(|| engine.next_action()).any(|action| sends(&action)));
    engine.handle(Input::Drained(peer), later);
    assert_eq!(engine.next_action(), Some(Action::Send { peer, frame: open }));
    assert_eq!(engine.next_action(), None);
}
