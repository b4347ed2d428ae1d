//! Whole rooms in one process and in virtual time: engines joined by a queue, with a played DHT. Nothing here waits, and
//! the same seed gives the same run.
// Each test program uses a part of it.
#![allow(dead_code, clippy::unwrap_used)]

pub mod records;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    net::SocketAddr,
    time::Duration,
};

use rand::{SeedableRng as _, rngs::StdRng};
use upseed_model::{BoardName, Infohash, ItemDraft, Kind, SecretKey, SignedItem, text::Title};
use upseed_rooms::{Action, Command, Engine, Event, Input, NetworkState, PeerId, Time};
use upseed_store::Store;

/// Unix seconds at which a simulation begins.
pub const START: u64 = 1_800_000_000;

/// One who says what a test likes, in an engine's place.
pub trait Player {
    /// Something came.
    fn hear(&mut self, input: Input, stage: &mut Stage);

    /// A second has passed.
    fn second(&mut self, stage: &mut Stage);
}

/// What a player may do.
pub struct Stage {
    /// Unix seconds.
    pub now: u64,
    acts: Vec<Act>,
}

enum Act {
    Send(PeerId, Vec<u8>),
    Close(PeerId),
    Dial(SocketAddr),
}

impl Stage {
    pub fn send(&mut self, peer: PeerId, frame: Vec<u8>) {
        self.acts.push(Act::Send(peer, frame));
    }

    pub fn close(&mut self, peer: PeerId) {
        self.acts.push(Act::Close(peer));
    }

    /// Opens one more connection.
    pub fn dial(&mut self, addr: SocketAddr) {
        self.acts.push(Act::Dial(addr));
    }
}

pub struct Node {
    pub engine: Engine,
    pub store: Store,
    pub addr: SocketAddr,
    /// Texts that its own torrent client would seed.
    pub seeds: BTreeMap<Infohash, (Vec<u8>, Vec<u8>)>,
    /// The test itself says what it sends; nothing is told to its engine.
    pub played: bool,
    pub player: Option<Box<dyn Player>>,
    /// Milliseconds that it adds to the way of whatever it sends.
    pub delay: u64,
}

/// Something that comes to a node.
pub enum Arrival {
    Input(Input),
    /// It may be time to ask for texts.
    Wake,
}

/// One end of a connection: a node and its name for it.
pub type End = (usize, PeerId);

pub struct Network {
    pub nodes: Vec<Node>,
    /// By time in milliseconds, then in the order in which they were sent.
    queue: BTreeMap<(u64, u64), (usize, Arrival)>,
    sent: u64,
    /// Milliseconds since the start.
    pub now: u64,
    pub links: HashMap<End, End>,
    opened: u64,
    pub dht: BTreeMap<Infohash, BTreeSet<SocketAddr>>,
    /// Every action, with its time and its node; without its words if there would be too many.
    pub log: Vec<String>,
    pub is_logged: bool,
    /// Connections that one node may have to another.
    pub parallel: usize,
    /// Each node is behind a router: who is dialled is reached only if it dials, too.
    pub is_apart: bool,
    /// Connections are uTP, from the socket on which a node listens.
    pub utp: bool,
    /// Who dialled whom in this way.
    pub punches: BTreeSet<(usize, usize)>,
}

impl Network {
    pub fn of(count: usize, seed: u64) -> Self {
        Self::at((0..count).map(addr).collect(), Vec::new(), seed)
    }

    /// Nodes at these addresses. `own` are the user's own peers of the first one.
    pub fn at(addrs: Vec<SocketAddr>, own: Vec<SocketAddr>, seed: u64) -> Self {
        let count = addrs.len();
        let node = |(n, addr): (usize, SocketAddr)| {
            let store = Store::open_in_memory().unwrap();
            let rng = StdRng::seed_from_u64(seed * 1_000 + n as u64);
            let own = if n == 0 { own.clone() } else { Vec::new() };
            let engine = Engine::new(store.clone(), own, rng);
            let (seeds, player) = (BTreeMap::new(), None);
            Node { engine, store, addr, seeds, played: false, player, delay: 0 }
        };
        let mut network = Self {
            nodes: addrs.into_iter().enumerate().map(node).collect(),
            queue: BTreeMap::new(),
            sent: 0,
            now: 0,
            links: HashMap::new(),
            opened: 0,
            dht: BTreeMap::new(),
            log: Vec::new(),
            is_logged: true,
            parallel: 1,
            is_apart: false,
            utp: false,
            punches: BTreeSet::new(),
        };
        for n in 0..count {
            let state = NetworkState { dht: true, private: true, own_bootstrap: true };
            network.put(0, n, Arrival::Input(Input::Network(state)));
        }
        network
    }

    /// A player in place of a node's engine.
    pub fn play(&mut self, node: usize, player: impl Player + 'static) {
        self.nodes[node].player = Some(Box::new(player));
    }

    pub fn put(&mut self, after: u64, node: usize, arrival: Arrival) {
        self.sent += 1;
        self.queue.insert((self.now + after, self.sent), (node, arrival));
    }

    pub fn join(&mut self, node: usize) {
        let board = self.nodes[node].store.join(&BoardName::upseed(), &[], START).unwrap();
        self.put(0, node, Arrival::Input(Input::Command(Command::Join(board))));
    }

    pub fn time(&self) -> Time {
        Time { unix: START + self.now / 1_000, monotonic: Duration::from_millis(self.now) }
    }

    /// Lets so many seconds pass.
    pub fn run(&mut self, seconds: u64) {
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

    /// Lets time pass until something is so; gives the seconds that it took, or nothing if it took more than `most`.
    pub fn run_until(&mut self, most: u64, mut is_so: impl FnMut(&Self) -> bool) -> Option<u64> {
        (0..most).find(|_| {
            self.run(1);
            is_so(self)
        })
    }

    pub fn handle(&mut self, node: usize, input: Input) {
        if self.nodes[node].played {
            return;
        }
        if let Some(mut player) = self.nodes[node].player.take() {
            let mut stage = Stage { now: self.time().unix, acts: Vec::new() };
            match input {
                Input::Tick => player.second(&mut stage),
                input => player.hear(input, &mut stage),
            }
            self.nodes[node].player = Some(player);
            for act in stage.acts {
                match act {
                    Act::Send(peer, frame) => self.act(node, Action::Send { peer, frame }),
                    Act::Close(peer) => self.act(node, Action::Close(peer)),
                    Act::Dial(addr) => {
                        let to = self.nodes.iter().position(|node| node.addr == addr).unwrap();
                        self.connect(node, to);
                    }
                }
            }
            return;
        }
        let time = self.time();
        self.nodes[node].engine.handle(input, time);
        while let Some(action) = self.nodes[node].engine.next_action() {
            if self.is_logged {
                self.log.push(format!("{} {node} {action:?}", self.now));
            }
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
                    let way = self.way(node, other);
                    self.put(way, other, Arrival::Input(Input::Frame { peer, frame }));
                }
            }
            Action::Close(peer) => {
                if let Some((other, far)) = self.links.remove(&(node, peer)) {
                    self.links.remove(&(other, far));
                    let closed =
                        |peer| Arrival::Input(Input::PeerClosed { peer, reason: String::new() });
                    self.put(self.way(node, other), other, closed(far));
                    self.put(0, node, closed(peer));
                }
            }
            Action::Punch { addr, .. } => {
                let other = self.nodes.iter().position(|node| node.addr == addr);
                let Some(other) = other.filter(|other| *other != node) else { return };
                self.punches.insert((node, other));
                if self.punches.contains(&(other, node)) {
                    self.connect(other, node);
                }
            }
            Action::Dial { .. } if self.is_apart => {}
            Action::Dial { infohash, addr } => {
                let other = self.nodes.iter().position(|node| node.addr == addr);
                let Some(other) = other.filter(|other| *other != node) else { return };
                if infohash == BoardName::upseed().rendezvous() {
                    self.connect(node, other);
                } else if let Some((info, text)) = self.nodes[other].seeds.get(&infohash).cloned() {
                    let fetched = Input::Fetched { infohash, info, text };
                    self.put(self.way(node, other), node, Arrival::Input(fetched));
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

    fn way(&self, from: usize, to: usize) -> u64 {
        latency(from, to) + self.nodes[from].delay
    }

    /// A connection, unless there are enough.
    pub fn connect(&mut self, from: usize, to: usize) {
        let same = |((node, _), (other, _)): &(&End, &End)| (*node, *other) == (from, to);
        if self.links.iter().filter(same).count() >= self.parallel {
            return;
        }
        let (near, far) = (PeerId(self.opened), PeerId(self.opened + 1));
        self.opened += 2;
        self.links.insert((from, near), (to, far));
        self.links.insert((to, far), (from, near));
        let rendezvous = BoardName::upseed().rendezvous();
        for (node, peer, other, outgoing) in [(from, near, to, true), (to, far, from, false)] {
            let mut addr = self.nodes[other].addr;
            let listen_port = (!outgoing).then_some(addr.port());
            if !outgoing && !self.utp {
                // A port of the moment, as the system gives it.
                addr.set_port(20_000 + (self.opened % 40_000) as u16);
            }
            let utp = self.utp;
            let opened = Input::PeerOpened { peer, rendezvous, addr, outgoing, utp, listen_port };
            self.put(self.way(from, to), node, Arrival::Input(opened));
        }
    }

    pub fn has_item(&self, node: usize, item: &SignedItem) -> bool {
        self.nodes[node].store.item(&item.infohash()).unwrap().is_some()
    }

    pub fn text(&self, node: usize, item: &SignedItem) -> Option<String> {
        self.nodes[node].store.item(&item.infohash()).unwrap().unwrap().text
    }

    pub fn told(&self, node: usize, event: &Event) -> bool {
        let line = format!(" {node} {:?}", Action::Tell(event.clone()));
        self.log.iter().any(|logged| logged.ends_with(&line))
    }
}

pub fn addr(node: usize) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, node as u8 + 1], 6_881))
}

/// Milliseconds from one node to another.
pub const fn latency(a: usize, b: usize) -> u64 {
    5 + ((a + b) * 7 + a * b * 3) as u64 % 40
}

pub fn post(title: &str, text: &[u8]) -> SignedItem {
    post_at(title, text, START)
}

pub fn post_at(title: &str, text: &[u8], time: u64) -> SignedItem {
    let key = SecretKey::from_seed(&[7; 32]);
    let kind = Kind::Post { title: Title::from_bytes(title.as_bytes()).unwrap() };
    let (author, board) = (key.public(), BoardName::upseed());
    let puzzle = ItemDraft { author, board, kind, time, text }.puzzle(0).unwrap();
    let nonce = puzzle.search(0, u64::MAX >> 1).unwrap();
    SignedItem::from_bytes(&puzzle.sign(nonce, &key)).unwrap()
}
