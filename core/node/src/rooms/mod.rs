//! The thread that talks with other nodes: one room a board, one session a connection.
//!
//! Everything that peers do arrives here as an [`Input`], one after the other; nothing else touches
//! a session. The thread may block on the store; libtorrent's own threads never wait for it.

mod asking;
mod bans;
mod dial;
mod fetches;
mod inbox;
mod lookups;
mod pause;
mod peer;
mod records;
mod room;
mod source;
mod texts;
mod unsupported;
mod wanting;

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::{broadcast, oneshot};
use upseed_model::{BoardName, Infohash, Record, WorkId, sync::Sets};
use upseed_store::{BoardRow, Store};
use upseed_swarm::{Event as SwarmEvent, PeerId, Swarm};

pub(crate) use self::inbox::{Inbox, Input};
use self::{
    asking::Asking,
    bans::{Away, Bans},
    fetches::Fetches,
    lookups::Lookups,
    peer::Peer,
    room::Room,
    source::StoreSource,
    unsupported::Unsupported,
    wanting::Texts,
};
use crate::{NodeError, NodeEvent, clock::now, hosting::HostingWaker};

/// Seconds.
const DAY: u64 = 86_400;

/// Seconds by which a clock may go back without anything being done about it.
const CLOCK_SLACK: u64 = 5;

/// How long a page waits to be told how the rooms stand.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the node asks of this thread.
#[derive(Debug)]
pub(crate) enum Command {
    /// Enters a board.
    Join(BoardRow),
    /// Leaves a board.
    Leave(BoardName),
    /// Tells others of records that were just stored.
    Fresh(Vec<Record>),
    /// The user waits for this text.
    WantText(WorkId, Infohash),
    /// This text is to be hosted; nobody waits for it.
    HostText(WorkId, Infohash),
    /// A caller waits for this torrent, known or not, until it says [`Command::StopFetch`].
    Fetch { infohash: Infohash, peers: Vec<SocketAddr>, trackers: Vec<String> },
    /// A caller who waited for it does not any more.
    StopFetch(Infohash),
    /// The user's own peer of this name is here now.
    Named(String, Vec<SocketAddr>),
    /// Where those are reached who are met now.
    Met(oneshot::Sender<Vec<SocketAddr>>),
    /// How things stand.
    Status(oneshot::Sender<RoomsStatus>),
    /// Ends the thread.
    Stop,
}

/// How the rooms stand.
#[derive(Debug, Clone, Default)]
pub(crate) struct RoomsStatus {
    /// One for each board.
    pub boards: Vec<RoomStatus>,
}

/// How one room stands.
#[derive(Debug, Clone)]
pub(crate) struct RoomStatus {
    /// Its board.
    pub board: BoardName,
    /// Members met now.
    pub people: usize,
    /// The comparison under way: days done, days that differ.
    pub comparing: Option<(usize, usize)>,
}

/// The handle by which the rest of the node speaks to the thread.
#[derive(Clone)]
pub(crate) struct Rooms(Inbox);

impl Rooms {
    /// Speaks into what the thread takes from.
    pub const fn new(inbox: Inbox) -> Self {
        Self(inbox)
    }

    /// Starts the thread.
    pub fn start(
        inbox: Inbox,
        store: Store,
        swarm: Swarm,
        static_peers: Vec<SocketAddr>,
        dht: bool,
        events: broadcast::Sender<NodeEvent>,
        hosting: Arc<HostingWaker>,
    ) -> Result<std::thread::JoinHandle<()>, NodeError> {
        let state = Loop::new(store, swarm, static_peers, dht, events, hosting);
        std::thread::Builder::new()
            .name("upseed-rooms".into())
            .spawn(move || state.run(&inbox))
            .map_err(|error| NodeError::Fault(format!("no thread for the rooms: {error}")))
    }

    /// Asks something of the thread.
    pub fn send(&self, command: Command) {
        self.0.put(Input::Command(command));
    }

    /// How things stand. Empty when the thread is too busy to say.
    pub async fn status(&self) -> RoomsStatus {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Status(reply));
        let answer = tokio::time::timeout(PATIENCE, answer).await;
        answer.ok().and_then(Result::ok).unwrap_or_default()
    }

    /// Where those are reached who are met now. Empty when the thread is too busy to say.
    pub async fn met(&self) -> Vec<SocketAddr> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Met(reply));
        let answer = tokio::time::timeout(PATIENCE, answer).await;
        answer.ok().and_then(Result::ok).unwrap_or_default()
    }
}

struct Loop {
    store: Store,
    source: StoreSource,
    sets: Sets,
    swarm: Swarm,
    static_peers: Vec<SocketAddr>,
    /// The user's other peers: where their names lead now.
    named_peers: HashMap<String, Vec<SocketAddr>>,
    dht: bool,
    events: broadcast::Sender<NodeEvent>,
    /// Wakes the hosting task when a text came or the user's votes changed elsewhere.
    hosting: Arc<HostingWaker>,
    rooms: HashMap<Infohash, Room>,
    peers: HashMap<PeerId, Peer>,
    asking: Asking,
    unsupported: Unsupported,
    texts: Texts,
    fetches: Fetches,
    bans: Bans,
    lookups: Lookups,
    /// Whether it was said that private addresses of the DHT are not dialled.
    told_left_out: bool,
    last_tick: u64,
    last_hour: u64,
}

impl Loop {
    fn new(
        store: Store,
        swarm: Swarm,
        static_peers: Vec<SocketAddr>,
        dht: bool,
        events: broadcast::Sender<NodeEvent>,
        hosting: Arc<HostingWaker>,
    ) -> Self {
        Self {
            source: StoreSource(store.clone()),
            sets: Sets::default(),
            store,
            swarm,
            static_peers,
            named_peers: HashMap::new(),
            dht,
            events,
            hosting,
            rooms: HashMap::new(),
            peers: HashMap::new(),
            asking: Asking::default(),
            unsupported: Unsupported::default(),
            texts: Texts::default(),
            fetches: Fetches::default(),
            bans: Bans::default(),
            lookups: Lookups::default(),
            told_left_out: false,
            last_tick: 0,
            last_hour: 0,
        }
    }

    fn run(mut self, inbox: &Inbox) {
        loop {
            let next = inbox.next(self.texts.patience().unwrap_or(Duration::from_millis(250)));
            let began = Instant::now();
            match next {
                Some((Input::Command(Command::Stop), _)) => return,
                Some((input, peer)) => {
                    self.input(input);
                    if let Some(peer) = peer {
                        inbox.used(peer, began.elapsed());
                    }
                }
                None => {}
            }
            self.ask_if_due();
            let now = now();
            if now != self.last_tick {
                if now + CLOCK_SLACK < self.last_tick {
                    self.clock_was_set_back(now);
                }
                self.last_tick = now;
                self.tick(now);
            }
        }
    }

    fn input(&mut self, input: Input) {
        match input {
            Input::Command(command) => self.command(command),
            Input::Overrun(peer) => {
                self.drop_peer(peer, Away::Greedy, "it sends faster than it can be read");
            }
            Input::Swarm(event) => self.swarm_event(event),
        }
    }

    /// Whatever waits for a moment would now wait for it longer: all of it begins anew.
    fn clock_was_set_back(&mut self, now: u64) {
        tracing::warn!(seconds = self.last_tick - now, "the clock was set back");
        let all: Vec<PeerId> = self.peers.keys().copied().collect();
        all.into_iter().for_each(|id| self.drop_peer(id, Away::No, "the clock was set back"));
        for room in self.rooms.values_mut() {
            (room.next_lookup, room.next_announce) = (0, 0);
            room.dialled.clear();
        }
        self.texts.reschedule();
        self.asking.pause.end();
        self.fetches.reschedule(now);
        self.lookups = Lookups::default();
        self.bans = Bans::default();
        self.last_hour = now;
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Join(board) => self.join(&board),
            Command::Leave(board) => self.leave(board),
            Command::Fresh(records) => self.spread(&records, None),
            Command::WantText(work, infohash) => self.want_text_now(work, infohash),
            Command::HostText(work, infohash) => self.want_text_to_host(work, infohash),
            Command::Fetch { infohash, peers, trackers } => {
                self.fetch_for_waiter(infohash, peers, trackers);
            }
            Command::StopFetch(infohash) => self.wait_no_more(infohash),
            Command::Status(reply) => {
                let boards = self
                    .rooms
                    .values()
                    .map(|room| {
                        let people = room.peers.iter().filter(|id| {
                            self.peers.get(id).is_some_and(|peer| peer.session.is_ready())
                        });
                        let people = people.count();
                        RoomStatus { board: room.board, people, comparing: room.comparing }
                    })
                    .collect();
                let _ = reply.send(RoomsStatus { boards });
            }
            Command::Named(name, addrs) => drop(self.named_peers.insert(name, addrs)),
            Command::Met(reply) => {
                let met = self.peers.values().flat_map(|peer| [Some(peer.addr), peer.listens_at()]);
                let _ = reply.send(met.flatten().collect());
            }
            Command::Stop => {}
        }
    }

    fn swarm_event(&mut self, event: SwarmEvent) {
        match event {
            SwarmEvent::PeerOpened { peer, rendezvous, addr, outgoing, listen_port } => {
                let rendezvous = Infohash::from_bytes(rendezvous);
                self.peer_opened(peer, rendezvous, addr, outgoing, listen_port);
            }
            SwarmEvent::Frame { peer, frame } => self.frame(peer, &frame),
            SwarmEvent::Drained { peer } => self.drained(peer),
            SwarmEvent::PeerClosed { peer, reason } => {
                tracing::debug!(%peer, reason, "parted");
                self.peer_closed(peer);
            }
            SwarmEvent::Metadata { infohash, info } => self.metadata(infohash.into_id(), &info),
            SwarmEvent::Fetched { infohash, info, text } => {
                self.fetched(infohash.into_id(), &info, &text);
            }
            SwarmEvent::FetchFailed { infohash, error, detail } => {
                self.fetch_failed(infohash.into_id(), fetches::unfit(error), detail);
            }
            SwarmEvent::DhtPeers { infohash, peers } => {
                self.dht_peers(infohash.into_id(), peers);
            }
            SwarmEvent::HostFailed { infohash, reason } => {
                let id = infohash.into_id();
                tracing::warn!(%id, reason, "an item is not hosted any more");
                self.hosting.host_failed(id);
            }
        }
    }

    fn tick(&mut self, now: u64) {
        let mut faults = Vec::new();
        for (id, peer) in &mut self.peers {
            if let Err(fault) = peer.session.tick(&self.source, now) {
                faults.push((*id, fault));
            }
        }
        for (id, fault) in faults {
            self.drop_peer(id, Away::from(&fault), &fault.to_string());
        }
        let ids: Vec<_> = self.peers.keys().copied().collect();
        for id in ids {
            self.session_events(id);
            self.flush(id);
        }
        self.ask_again();
        self.dial(now);
        self.keep_seed_counts(now);
        self.want_texts(now);
        self.look_up_fetches(now);
        self.take_due(now);
        if now >= self.last_hour + 3_600 {
            self.last_hour = now;
            self.hourly(now);
        }
    }

    fn hourly(&mut self, now: u64) {
        self.bans.expire(now);
        // What others write shows how late it is at least. A clock that runs ahead by years, after an
        // empty battery, must not make this node forget everything.
        let expired = self
            .store
            .newest_of_others()
            .and_then(|newest| self.store.expire(newest.map_or(0, |newest| newest + DAY).min(now)));
        log_failure("expiring what is old", expired);
        self.evict_texts();
    }

    fn emit(&self, event: NodeEvent) {
        // Nobody listening is no failure.
        let _ = self.events.send(event);
    }
}

/// For work that is tried again by itself.
fn log_failure<T>(what: &str, result: Result<T, upseed_store::StoreError>) -> Option<T> {
    result.map_err(|error| tracing::error!(%error, "{what} failed")).ok()
}

trait IntoId {
    fn into_id(self) -> Infohash;
}

impl IntoId for [u8; 20] {
    fn into_id(self) -> Infohash {
        Infohash::from_bytes(self)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    struct NoTexts;

    impl upseed_swarm::Texts for NoTexts {
        fn read(&self, _: &[u8; 20]) -> Option<Vec<u8>> {
            None
        }
    }

    /// The rooms of a node that knows nobody and nothing.
    pub(super) fn alone() -> Loop {
        let settings = upseed_swarm::Settings {
            listen: vec![([127, 0, 0, 1], 0).into()],
            dht: false,
            lsd: false,
            private_network: true,
            ..upseed_swarm::Settings::default()
        };
        let swarm = Swarm::start(settings, Arc::new(NoTexts), |_| {}).unwrap();
        let store = Store::open_in_memory().unwrap();
        let (events, _) = broadcast::channel(16);
        Loop::new(store, swarm, Vec::new(), false, events, Arc::new(HostingWaker::default()))
    }
}
