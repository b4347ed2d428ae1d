//! The whole: inputs go to the parts whose business they are, actions come out.

use std::{net::SocketAddr, time::Duration};

use rand::rngs::StdRng;
use upseed_model::{
    Infohash, Record, SignedItem, WorkId,
    sync::{self, Fault},
};

use crate::{
    action::Action,
    admission::{Admission, admission},
    bans::Penalty,
    clocks::Clocks,
    command::Command,
    connections::Connections,
    context::Context,
    event::{Event, FetchFailure},
    fetches::checked,
    hosts::Hosts,
    input::Input,
    peer::Way,
    peer_id::PeerId,
    punch::Punching,
    records::{News, Records, spread},
    serve,
    source::StoreSource,
    status::RoomsStatus,
    store::{RoomStore, log_failure},
    texts::{Giver, Texts},
    time::Time,
};

/// Seconds.
const DAY: u64 = 86_400;
const HOUR: u64 = 3_600;

/// Seconds by which a clock may go back without anything being done about it.
const CLOCK_SLACK: u64 = 5;

/// One node's rooms, without any input or output of their own.
///
/// Whoever drives it tells it what happens by [`Engine::handle`] and does what [`Engine::next_action`] gives, until
/// that is nothing, before the next input. It tells the time by [`Input::Tick`], and gives it [`Input::AskForTexts`]
/// when [`Engine::next_ask`] says so.
pub struct Engine {
    cx: Context,
    connections: Connections,
    records: Records,
    texts: Texts,
    hosts: Hosts,
    punching: Punching,
    clocks: Clocks,
    /// The second in which time last passed, and when the hour's work was last done.
    last_tick: u64,
    last_hour: u64,
}

impl Engine {
    /// In no room yet. `own_peers` are the user's own, which are dialled in every room and never given up; everything that
    /// is chosen by chance is chosen by `rng`.
    pub fn new(store: impl RoomStore + 'static, own_peers: Vec<SocketAddr>, rng: StdRng) -> Self {
        Self {
            cx: Context::new(Box::new(store), rng),
            connections: Connections::new(own_peers),
            records: Records::default(),
            texts: Texts::default(),
            hosts: Hosts::default(),
            punching: Punching::default(),
            clocks: Clocks::default(),
            last_tick: 0,
            last_hour: 0,
        }
    }

    /// Something happened at `time`. What is to be done about it is given by [`Engine::next_action`].
    pub fn handle(&mut self, input: Input, time: Time) {
        self.cx.time = time;
        let Self { cx, connections, texts, hosts, .. } = self;
        match input {
            Input::Command(command) => self.command(command),
            Input::PeerOpened { peer, rendezvous, addr, outgoing, utp, listen_port } => {
                let punched = utp && self.punching.expects(&addr, time.unix);
                let way = Way { outgoing, utp, punched };
                connections.opened(peer, rendezvous, addr, way, listen_port, cx);
            }
            Input::Frame { peer, frame } => self.frame(peer, &frame),
            Input::NotTaken { peer, frame } => {
                if let Some(peer) = connections.peers.get_mut(&peer) {
                    peer.not_taken(frame);
                }
            }
            Input::Drained(id) => {
                if let Some(peer) = connections.peers.get_mut(&id) {
                    peer.drained();
                }
                cx.flush(id);
            }
            Input::PeerClosed { peer, reason } => {
                tracing::debug!(%peer, reason, "parted");
                connections.closed(peer, cx);
            }
            Input::Overrun(peer) => {
                let why = "it sends faster than it can be read";
                connections.drop_peer(peer, Penalty::Greedy, why, cx);
            }
            Input::DhtPeers { infohash, peers } => self.dht_peers(infohash, peers),
            Input::HostSeen { infohash, addr } => hosts.saw(infohash, addr),
            Input::PeerNamed { infohash, addr } => hosts.named(infohash, addr, cx),
            Input::Scraped { infohash, tracker, complete, incomplete } => {
                hosts.scraped(infohash, tracker, complete, incomplete, cx);
            }
            Input::Metadata { infohash, info } => drop(self.take_header(infohash, &info)),
            Input::Fetched { infohash, info, text } => {
                if let Some(item) = self.take_header(infohash, &info) {
                    self.texts.fetched(&item, text, &mut self.cx);
                }
            }
            Input::FetchFailed { infohash, failure, reason } => {
                texts.fetch_failed(infohash, failure, reason, cx);
            }
            Input::Network(state) => connections.network = state,
            Input::Tick => self.tick(),
            Input::AskForTexts => texts.ask(connections, cx),
            Input::AskedForTexts(took) => texts.wanting.asking_took(took, time),
        }
        self.forget_closed();
    }

    /// The next thing to be done, in order; nothing until the next input.
    pub fn next_action(&mut self) -> Option<Action> {
        loop {
            if let Some(action) = self.cx.next_action() {
                return Some(action);
            }
            let id = self.cx.flushing()?;
            let now = self.cx.now();
            let peer = self.connections.peers.get_mut(&id);
            match peer.map(|peer| (peer.next_frame(now), peer.is_blocked())) {
                Some((Some(frame), _)) => return Some(Action::Send { peer: id, frame }),
                Some((None, true)) => {
                    self.cx.flushed(id);
                    self.connections.bound_waiting(&mut self.cx);
                }
                Some((None, false)) => {
                    self.cx.flushed(id);
                    // It may have asked for more than was prepared.
                    self.session_events(id);
                }
                None => self.cx.flushed(id),
            }
            self.forget_closed();
        }
    }

    /// For how long nobody is to be asked for texts; nothing while there is no reason to ask.
    pub fn next_ask(&self, time: Time) -> Option<Duration> {
        self.texts.next_ask(time)
    }

    /// How the rooms stand.
    pub fn status(&self) -> RoomsStatus {
        let Connections { was_reached, peers, .. } = &self.connections;
        let punched = peers.values().filter(|peer| peer.punched).count();
        RoomsStatus {
            boards: self.connections.status(),
            clock: self.clocks.error(self.cx.time),
            was_reached: *was_reached,
            punched,
        }
    }

    /// Where those are reached who are connected now.
    pub fn connected(&self) -> Vec<SocketAddr> {
        self.connections.connected()
    }

    fn command(&mut self, command: Command) {
        let Self { cx, connections, texts, hosts, .. } = self;
        match command {
            Command::Join(board) => connections.join(&board, cx),
            Command::Leave(board) => connections.leave(board, cx),
            Command::Fresh(records) => spread(&records, None, connections, cx),
            Command::WantText(work, infohash) => texts.want_now(work, infohash, connections, cx),
            Command::HostText(work, infohash) => {
                texts.want_to_host(work, infohash, connections, cx)
            }
            Command::Fetch { infohash, peers, trackers } => {
                texts.fetch_for_waiter(infohash, peers, trackers, connections, cx);
            }
            Command::CheckHosts(infohash) => hosts.check(infohash, connections, cx),
            Command::StopFetch(infohash) => texts.waits_no_more(infohash, cx),
            Command::Named(name, addrs) => connections.named(name, addrs),
        }
    }

    fn frame(&mut self, id: PeerId, frame: &[u8]) {
        let Some(peer) = self.connections.peers.get_mut(&id) else { return };
        let source = StoreSource(self.cx.store.as_ref());
        match peer.session.receive(frame, &source, self.cx.now()) {
            Ok(()) => {
                self.session_events(id);
                self.cx.flush(id);
            }
            Err(fault) => self.fault(id, &fault),
        }
    }

    fn fault(&mut self, id: PeerId, fault: &Fault) {
        self.connections.drop_peer(id, Penalty::from(fault), &fault.to_string(), &mut self.cx);
    }

    /// Does what a session asks for. What it gives is sent before more is prepared: the peer checks these while the next
    /// are read, and what the session holds back waits for the connection only.
    fn session_events(&mut self, id: PeerId) {
        let mut gave = false;
        while !gave
            && let Some(peer) = self.connections.peers.get_mut(&id)
            && let Some(event) = peer.session.next_event()
        {
            gave = matches!(event, sync::Event::Serve(_) | sync::Event::TextsWanted(_));
            self.session_event(id, event);
        }
        if gave {
            self.cx.flush(id);
        }
    }

    fn session_event(&mut self, id: PeerId, event: sync::Event) {
        let Self { cx, connections, records, texts, hosts, .. } = self;
        match event {
            sync::Event::Clock(unix) => {
                if let Some(peer) = connections.peers.get(&id) {
                    self.clocks.said(peer.addr.ip(), unix, cx.time);
                }
            }
            sync::Event::Ready => {
                self.punching.introduce(id, connections, cx);
                if let Some(room) = connections.greet(id, cx) {
                    texts.wanting.new_member(room);
                }
            }
            sync::Event::Offered(ids) => records.offered(id, ids, connections, cx),
            sync::Event::Serve(ids) => {
                connections.asks(id, cx.now());
                if let Some(peer) = connections.peers.get_mut(&id) {
                    serve::records(&mut peer.session, &ids, cx.store.as_ref());
                }
            }
            sync::Event::Records(list) => {
                let news = records.came(id, list, connections, cx);
                self.take_news(&news);
            }
            sync::Event::Gone(ids) => records.gone(id, &ids),
            sync::Event::TextsWanted(ids) => {
                connections.asks(id, cx.now());
                if let Some(peer) = connections.peers.get_mut(&id) {
                    let relay = &mut texts.relay;
                    serve::texts(&mut peer.session, &ids, relay, cx.store.as_ref(), cx.time.unix);
                }
            }
            sync::Event::Texts(list) => {
                let from = connections.peers.get(&id).map(|peer| peer.addr);
                let given = texts.came(id, list, Giver::Host, connections, cx);
                if let Some(addr) = from {
                    given.into_iter().for_each(|infohash| hosts.saw(infohash, addr));
                }
            }
            sync::Event::Relayed(list) => {
                texts.came(id, list, Giver::Relay, connections, cx);
            }
            sync::Event::NoText(ids) => texts.wanting.not_given(id, &ids),
            sync::Event::Unserved(mut unserved, missing) => {
                // In an order that does not change from run to run.
                unserved.sort_unstable();
                connections.gave(id, None, cx.now());
                records.not_served(id, &unserved, connections, cx.now());
                texts.wanting.not_given(id, &missing);
            }
            sync::Event::Peers(peers) => connections.heard_of(id, peers, cx.now()),
            sync::Event::Punch(at) => self.punching.told(id, at, connections, cx),
            sync::Event::Progress { done, total } => {
                connections.compared(id, Some((done, total)), cx)
            }
            sync::Event::Compared => connections.compared(id, None, cx),
        }
    }

    /// New records may have texts, and upvoted ones surely do.
    fn take_news(&mut self, news: &News) {
        if news.fresh {
            self.texts.wanting.look_soon();
        }
        news.upvoted.iter().for_each(|work: &WorkId| self.texts.wanting.hope(work));
    }

    fn dht_peers(&mut self, infohash: Infohash, peers: Vec<SocketAddr>) {
        let peers = self.connections.believed(peers);
        if !self.connections.found(infohash, &peers, &mut self.cx) {
            self.hosts.found(infohash, &peers, &mut self.cx);
            self.texts.found(infohash, &peers, &mut self.cx);
        }
    }

    /// A header that came by its own swarm, if it is an item's.
    fn take_header(&mut self, infohash: Infohash, info: &[u8]) -> Option<SignedItem> {
        match checked(info, self.cx.now()) {
            Ok(item) => {
                self.keep_fetched(&item);
                Some(item)
            }
            Err((failure, reason)) => {
                self.texts.fetch_failed(infohash, failure, reason, &mut self.cx);
                None
            }
        }
    }

    /// Who waits for an item that came by its own swarm hears why it is not kept, or not so.
    fn keep_fetched(&mut self, item: &SignedItem) {
        let Self { cx, connections, records, texts, .. } = self;
        let (id, now) = (item.infohash(), cx.now());
        let news = records.keep(&[Record::Item(item.clone())], None, connections, cx);
        let admitted = admission(cx.store.as_ref(), item, now);
        match log_failure("looking an item up", admitted) {
            Some(Admission::Twin(kept)) => cx.tell(Event::Twin { id, kept: kept.infohash() }),
            Some(Admission::Refused(reason)) => {
                texts.fetch_failed(id, FetchFailure::Wrong, reason, cx);
            }
            Some(Admission::Kept) | None => {}
        }
        self.take_news(&news);
    }

    fn tick(&mut self) {
        let now = self.cx.now();
        if now == self.last_tick {
            return;
        }
        if now + CLOCK_SLACK < self.last_tick {
            self.clock_was_set_back();
        }
        self.last_tick = now;
        self.tick_sessions();
        let Self { cx, connections, records, texts, .. } = self;
        records.ask_again(connections, cx);
        connections.dial(cx);
        self.punching.introduce_again(connections, cx);
        texts.wanting.tick(&connections.rooms, now);
        texts.look_up_fetches(connections, cx);
        let news = records.take_due(connections, cx);
        self.take_news(&news);
        self.hosts.tick(&mut self.cx);
        if now >= self.last_hour + HOUR {
            self.last_hour = now;
            self.hourly();
        }
    }

    fn tick_sessions(&mut self) {
        let source = StoreSource(self.cx.store.as_ref());
        let mut faults = Vec::new();
        for (id, peer) in &mut self.connections.peers {
            if let Err(fault) = peer.session.tick(&source, self.cx.time.unix) {
                faults.push((*id, fault));
            }
        }
        faults.into_iter().for_each(|(id, fault)| self.fault(id, &fault));
        let ids: Vec<_> = self.connections.peers.keys().copied().collect();
        for id in ids {
            self.session_events(id);
            self.cx.flush(id);
        }
        // Before what they were asked for is asked of others.
        self.forget_closed();
    }

    fn hourly(&mut self) {
        let (store, now) = (&self.cx.store, self.cx.now());
        self.connections.bans.expire(now);
        self.records.expire(now);
        // What others write shows how late it is at least. A clock that runs ahead by years, after an
        // empty battery, must not make this node forget everything.
        let expired = store
            .newest_of_others()
            .and_then(|newest| store.expire(newest.map_or(0, |newest| newest + DAY).min(now)));
        log_failure("expiring what is old", expired);
        self.texts.evict(&self.cx);
    }

    /// Whatever waits for a moment would now wait for it longer: all of it begins anew.
    fn clock_was_set_back(&mut self) {
        let now = self.cx.now();
        tracing::warn!(seconds = self.last_tick - now, "the clock was set back");
        self.connections.clock_was_set_back(&mut self.cx);
        self.forget_closed();
        self.records.clock_was_set_back();
        self.texts.clock_was_set_back(now);
        self.hosts.clock_was_set_back(&mut self.cx);
        self.last_hour = now;
    }

    /// What was asked of those who are gone is asked of others.
    fn forget_closed(&mut self) {
        for id in self.connections.take_closed() {
            self.records.forget(id, self.cx.now());
            self.texts.forget(id);
            self.punching.forget(id);
        }
    }
}
