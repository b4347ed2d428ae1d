//! Ten thousand nodes with the real engine, in virtual time.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap},
    net::SocketAddr,
    sync::{Arc, RwLock},
    time::Duration,
};

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IteratorRandom as _};
use upseed_model::{BoardName, Infohash};
use upseed_rooms::{Action, Command, Engine, Event, Input, NetworkState, Time};
use upseed_store::BoardRow;

use crate::{
    figures::Phase,
    happens::{Happens, What},
    liar::Liar,
    library::{Library, Shared},
    memory::Memory,
    network::{Line, Micros, SECOND},
    node::{Link, Node, Who},
    scenario::{Scenario, Step},
    watch::{Behind, Watch, Why},
};

/// Unix seconds at which a simulation begins: noon of some day.
const START: u64 = 1_800_014_400;

/// One of so many who read a text upvotes it.
const UPVOTES: u32 = 20;

/// Connections that a liar keeps up.
const LIES: usize = 8;

pub struct World {
    pub scenario: Scenario,
    pub rng: StdRng,
    pub library: Shared,
    pub nodes: Vec<Node>,
    pub by_addr: HashMap<SocketAddr, usize>,
    queue: BinaryHeap<Reverse<Happens>>,
    count: u64,
    pub now: Micros,
    pub opened: u64,
    pub dht: HashMap<Infohash, BTreeMap<SocketAddr, Micros>>,
    pub is_parted: bool,
    /// Who dialled whom, for somebody who would dial it at the same moment, and when.
    pub punches: HashMap<(usize, usize), Micros>,
    watch: Watch,
    phase: Phase,
    sent_before: u64,
}

impl World {
    pub fn new(scenario: Scenario) -> Self {
        let mut rng = StdRng::seed_from_u64(scenario.seed);
        let mut library = Library::default();
        for n in 0..scenario.history as u64 {
            // Over the last four weeks.
            library
                .write(START - (scenario.history as u64 - n) * 2_400_000 / scenario.history as u64);
        }
        let library: Shared = Arc::new(RwLock::new(library));
        let online = scenario.nodes;
        let all = online + online / 4;
        let liars = (online as f64 * scenario.liars) as usize;
        let mut nodes = Vec::new();
        for number in 0..all {
            // Who lies stays, and can be reached.
            let is_liar = number < liars;
            let (nat, slow) = if is_liar { (0.0, 0.0) } else { (scenario.nat, scenario.slow) };
            let memory = Memory::new(&library);
            if !is_liar {
                for number in 0..scenario.history {
                    let hosts = rng.random_ratio(1, UPVOTES);
                    memory.put(number, true, hosts);
                }
            }
            nodes.push(Node {
                who: Who::Offline,
                is_liar,
                line: Line::new(number, nat, slow, &mut rng),
                memory,
                links: BTreeMap::new(),
                session: 0,
                since: 0,
                wakes: None,
                fetching: BTreeSet::new(),
            });
        }
        let by_addr = nodes.iter().enumerate().map(|(n, node)| (node.line.addr, n)).collect();
        Self {
            scenario,
            rng,
            library,
            nodes,
            by_addr,
            queue: BinaryHeap::new(),
            count: 0,
            now: 0,
            opened: 0,
            dht: HashMap::new(),
            is_parted: false,
            punches: HashMap::new(),
            watch: Watch::default(),
            phase: Phase::default(),
            sent_before: 0,
        }
    }

    /// Plays the scenario; one result for each of its phases.
    pub fn run(mut self) -> Vec<Phase> {
        let (mut phases, steps) = (Vec::new(), self.scenario.steps.clone());
        for step in steps {
            self.begin(&step);
            let end = self.now + step.seconds * SECOND;
            let mut next_post = self.now;
            while self.now < end {
                if let Some(every) = step.post_every
                    && self.now >= next_post
                {
                    self.publish();
                    next_post += every * SECOND;
                }
                self.second(step.joining);
            }
            phases.push(self.end());
            eprintln!("  {} done: {} s of virtual time so far", step.name, self.now / SECOND);
        }
        phases
    }

    fn begin(&mut self, step: &Step) {
        if self.is_parted && !step.is_parted {
            let below = self.library.read().expect("one thread").len();
            for (node, of) in self.nodes.iter().enumerate().filter(|(_, node)| node.is_honest()) {
                let (session, since) = (of.session, self.now);
                self.watch.behind(Behind { node, session, since, below, why: Why::Healed });
            }
        }
        self.is_parted = step.is_parted;
        if step.is_parted {
            for node in 0..self.nodes.len() {
                let side = self.nodes[node].line.side;
                let across = |link: &Link| self.nodes[link.other].line.side != side;
                let links = self.nodes[node].links.iter();
                let cut: Vec<_> =
                    links.filter(|(_, link)| across(link)).map(|(id, _)| *id).collect();
                cut.into_iter().for_each(|peer| self.part(node, peer));
            }
        }
        self.phase = Phase { name: step.name, ..Phase::default() };
        self.sent_before = self.sent();
    }

    fn end(&mut self) -> Phase {
        self.phase.bytes = self.sent() - self.sent_before;
        let honest = self.nodes.iter().filter(|node| node.is_honest());
        let (count, links) =
            honest.fold((0, 0), |(n, links), node| (n + 1, links + node.links.len()));
        self.phase.connections = links as f64 / f64::from(count);
        let mut phase = std::mem::take(&mut self.phase);
        for spread in [&mut phase.newcomers, &mut phase.returned, &mut phase.healed] {
            spread.sort();
        }
        phase
    }

    fn sent(&self) -> u64 {
        self.nodes.iter().filter(|node| !node.is_liar).map(|node| node.line.sent).sum()
    }

    /// Lets a second pass.
    fn second(&mut self, joining: usize) {
        let next = self.now + SECOND;
        self.bring_back(joining);
        while let Some(Reverse(happens)) = self.queue.peek()
            && happens.at < next
        {
            let Some(Reverse(Happens { at, node, session, what, .. })) = self.queue.pop() else {
                break;
            };
            self.now = at;
            if self.nodes[node].session == session {
                self.happen(node, what);
            }
        }
        self.now = next;
        let honest = self.nodes.iter().filter(|node| node.is_honest()).count();
        self.phase.hours += honest as f64 / 3_600.0;
        let (nodes, is_parted) = (&self.nodes, self.is_parted);
        let reached = |node: usize, author: usize, at: Micros| {
            let (of, author) = (&nodes[node], &nodes[author]);
            let is_near = !is_parted || of.line.side == author.line.side;
            of.is_honest() && of.since <= at && is_near
        };
        self.watch.judge(nodes.len(), reached, self.now, &mut self.phase);
        let has_all = |behind: &Behind| {
            let node = &nodes[behind.node];
            let is_there = node.session == behind.session;
            is_there.then(|| node.memory.shelf().records.has_all_below(behind.below))
        };
        self.watch.catch_up(has_all, self.now, &mut self.phase);
    }

    /// As many come as are missing, so many a second at most.
    fn bring_back(&mut self, most: usize) {
        let online = self.nodes.iter().filter(|node| !node.is_offline()).count();
        let missing = self.scenario.nodes.saturating_sub(online).min(most);
        let off = (0..self.nodes.len()).filter(|node| self.nodes[*node].is_offline());
        let mut back = off.sample(&mut self.rng, missing);
        back.sort_unstable();
        for node in back {
            self.come(node);
        }
    }

    fn come(&mut self, node: usize) {
        let below = self.library.read().expect("one thread").len();
        let is_new = self.now > 0 && self.nodes[node].session > 0 && self.rng.random_ratio(1, 4);
        let seed = self.rng.random();
        let of = &mut self.nodes[node];
        of.session += 1;
        let session = of.session;
        of.since = self.now;
        if of.is_liar {
            of.who = Who::Liar(Liar::new(&self.library));
        } else {
            if is_new {
                // Somebody else's, who has nothing yet.
                of.memory = Memory::new(&self.library);
            }
            let engine = Engine::new(of.memory.clone(), Vec::new(), StdRng::seed_from_u64(seed));
            of.who = Who::Honest(Box::new(engine));
            let why = if is_new { Why::New } else { Why::Returned };
            // In two halves nobody can have all.
            if session > 1 && !self.is_parted {
                self.watch.behind(Behind { node, session, since: self.now, below, why });
            }
            let board = BoardRow {
                name: BoardName::upseed(),
                joined_at: START,
                days: 30,
                min_bits: 0,
                trackers: Vec::new(),
            };
            let state = NetworkState { dht: true, private: false, own_bootstrap: false };
            self.later(0, node, What::Input(Input::Network(state)));
            self.later(0, node, What::Input(Input::Command(Command::Join(board))));
            // Half of all stay for longer than an hour.
            let stays = -self.rng.random::<f64>().max(1e-9).ln() / std::f64::consts::LN_2;
            let stays = (stays * self.scenario.stay.as_micros() as f64) as Micros;
            self.later(stays, node, What::Leave);
        }
        let phase = self.rng.random_range(0..SECOND);
        self.later(phase, node, What::Tick);
    }

    pub fn later(&mut self, after: Micros, node: usize, what: What) {
        self.count += 1;
        let (at, session) = (self.now + after, self.nodes[node].session);
        self.queue.push(Reverse(Happens { at, order: self.count, node, session, what }));
    }

    const fn time(&self) -> Time {
        let unix = START + self.now / SECOND;
        Time { unix, monotonic: Duration::from_micros(self.now) }
    }

    fn happen(&mut self, node: usize, what: What) {
        match what {
            What::Input(input) => self.tell(node, input),
            What::Frame { peer, frame, back } => self.arrive(node, peer, frame, back),
            What::Tick => {
                self.later(SECOND, node, What::Tick);
                self.tell(node, Input::Tick);
            }
            What::Wake => {
                self.nodes[node].wakes = None;
                self.tell(node, Input::AskForTexts);
            }
            What::Leave => self.leave(node),
        }
    }

    fn leave(&mut self, node: usize) {
        let links: Vec<_> = self.nodes[node].links.keys().copied().collect();
        links.into_iter().for_each(|peer| self.part(node, peer));
        let of = &mut self.nodes[node];
        of.session += 1;
        (of.who, of.wakes) = (Who::Offline, None);
        of.fetching.clear();
    }

    pub fn tell(&mut self, node: usize, input: Input) {
        let time = self.time();
        match std::mem::replace(&mut self.nodes[node].who, Who::Offline) {
            Who::Offline => {}
            Who::Honest(mut engine) => {
                engine.handle(input, time);
                while let Some(action) = engine.next_action() {
                    if let Some(input) = self.act(node, action) {
                        engine.handle(input, time);
                    }
                }
                let wake = engine.next_ask(time).map(|left| self.now + left.as_micros() as Micros);
                self.nodes[node].who = Who::Honest(engine);
                if let Some(wake) = wake
                    && self.nodes[node].wakes.is_none_or(|at| wake < at)
                {
                    self.nodes[node].wakes = Some(wake);
                    self.later(wake - self.now, node, What::Wake);
                }
            }
            Who::Liar(mut liar) => {
                self.lie(node, &mut liar, input);
                self.nodes[node].who = Who::Liar(liar);
            }
        }
    }

    fn lie(&mut self, node: usize, liar: &mut Liar, input: Input) {
        let now = self.time().unix;
        match input {
            Input::PeerOpened { peer, outgoing, .. } => liar.opened(peer, outgoing, now),
            Input::PeerClosed { peer, .. } => liar.closed(peer),
            Input::Frame { peer, frame } if !liar.hear(peer, &frame, now) => self.part(node, peer),
            Input::Tick => {
                liar.tick(now).into_iter().for_each(|peer| self.part(node, peer));
                let rendezvous = BoardName::upseed().rendezvous();
                self.announce(node, rendezvous);
                if liar.connections() < LIES {
                    let other = self.rng.random_range(0..self.nodes.len());
                    self.dial(node, other, rendezvous);
                }
            }
            _ => {}
        }
        for peer in liar.peers() {
            for frame in liar.frames(peer) {
                self.send(node, peer, frame);
            }
        }
    }

    /// Does what an engine wants done. What it is to be told at once is given back.
    fn act(&mut self, node: usize, action: Action) -> Option<Input> {
        match action {
            Action::Send { peer, frame } => return self.send(node, peer, frame),
            Action::Close(peer) => {
                self.part(node, peer);
                let closed = Input::PeerClosed { peer, reason: String::new() };
                self.later(0, node, What::Input(closed));
            }
            Action::Dial { infohash, addr } => {
                if let Some(other) = self.by_addr.get(&addr).copied() {
                    if self.nodes[node].fetching.contains(&infohash) {
                        self.fetch(node, other, infohash);
                    } else {
                        self.dial(node, other, infohash);
                    }
                }
            }
            Action::Punch { infohash, addr } => {
                if let Some(other) = self.by_addr.get(&addr).copied() {
                    self.punch(node, other, infohash);
                }
            }
            Action::Announce(infohash) => {
                self.phase.announces += 1;
                self.announce(node, infohash);
            }
            Action::LookUp(infohash) => {
                self.phase.look_ups += 1;
                self.look_up(node, infohash);
            }
            Action::Fetch { infohash, peers, .. } => {
                self.nodes[node].fetching.insert(infohash);
                for addr in peers {
                    if let Some(other) = self.by_addr.get(&addr).copied() {
                        self.fetch(node, other, infohash);
                    }
                }
            }
            Action::StopFetch(infohash) => {
                self.nodes[node].fetching.remove(&infohash);
            }
            Action::Tell(event) => self.told(node, &event),
            Action::Join { .. }
            | Action::Leave(_)
            | Action::AddTracker { .. }
            | Action::Check { .. }
            | Action::EndCheck(_) => {}
        }
        None
    }

    /// Somebody who is online writes a post.
    fn publish(&mut self) {
        let honest = (0..self.nodes.len()).filter(|node| self.nodes[*node].is_honest());
        let Some(node) = honest.choose(&mut self.rng) else { return };
        let time = START + self.now / SECOND;
        let number = self.library.write().expect("one thread").write(time);
        let (record, infohash) = {
            let library = self.library.read().expect("one thread");
            (library.record(number), library.entry(number).item.infohash())
        };
        self.nodes[node].memory.put(number, true, true);
        self.announce(node, infohash);
        self.watch.published(infohash, number, node, self.now);
        self.later(0, node, What::Input(Input::Command(Command::Fresh(vec![record]))));
    }

    fn told(&mut self, node: usize, event: &Event) {
        let (id, is_text) = match event {
            Event::Item { id, .. } => (id, false),
            Event::Text { id } => (id, true),
            _ => return,
        };
        let Some(number) = self.watch.came(id, is_text, node, self.now) else { return };
        if is_text && self.rng.random_ratio(1, UPVOTES) {
            self.nodes[node].memory.put(number, true, true);
            self.announce(node, *id);
        }
    }
}
