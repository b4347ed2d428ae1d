//! One person's node, put together.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use parking_lot::Mutex;
use tokio::{
    sync::{Notify, broadcast},
    task::JoinSet,
};
use upseed_client::{Client, Network, Owner};
use upseed_model::{BoardName, PublicKey, limits::HORIZON_DAYS};
use upseed_rooms::{Command, Event, Rooms, Setup};
use upseed_store::Store;
use upseed_swarm::Swarm;

use crate::{
    Claim, Config, Folder, Identity, NodeError, NodeEvent, SwarmConfig,
    bootstrap::{self, Place},
    clock::now,
    embedded::Embedded,
    engine,
    hosting::{self, HostingWaker},
    peers, seeds, votes,
};

/// Events that a slow listener may fall behind before it misses some.
const EVENT_BUFFER: usize = 4_096;

/// A running node. Cheap to clone; [`Node::stop`] ends it.
#[derive(Clone)]
pub struct Node {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub identity: Identity,
    pub store: Store,
    pub swarm: Swarm,
    pub rooms: Rooms,
    /// The engine in this process.
    pub embedded: Embedded,
    /// The user's own client, if there is one.
    pub external: Option<Arc<dyn Client>>,
    pub events: broadcast::Sender<NodeEvent>,
    pub wake_votes: Notify,
    pub hosting: Arc<HostingWaker>,
    /// Downloads that the user asked for in the client's own search.
    pub search_downloads: hosting::SearchDownloads,
    /// Items in the client whose headers are looked for.
    pub metadata_fetches: hosting::MetadataFetches,
    pub started: std::time::Instant,
    pub looked_at: seeds::LookedAt,
    /// What would silence votes, by what it is about: told by whoever brings them here.
    pub warnings: Mutex<BTreeMap<&'static str, String>>,
    pub dht: bool,
    pub stopping: AtomicBool,
    pub stopped: Notify,
    /// One writer of the user's records at a time: a slot's next version is made from its last.
    pub writing: Mutex<()>,
    tasks: Mutex<JoinSet<()>>,
    rooms_thread: Mutex<Option<JoinHandle<()>>>,
    claim: Claim,
}

impl Inner {
    /// The client that its user sees: their own, or the embedded engine.
    pub fn client(&self) -> &dyn Client {
        self.external.as_deref().unwrap_or(&self.embedded)
    }
}

impl Node {
    /// Starts a node whose embedded engine hosts everything.
    pub async fn start(config: Config) -> Result<Self, NodeError> {
        Self::start_with(config, None).await
    }

    /// Starts a node: everything is opened and joined when this returns. `external` is the client that
    /// its user runs.
    pub async fn start_with(
        config: Config,
        external: Option<Arc<dyn Client>>,
    ) -> Result<Self, NodeError> {
        let claim = Folder::new(config.data).claim()?;
        Self::start_claimed(claim, config.swarm, &config.first_boards, external).await
    }

    /// [`Node::start_with`] on a folder that was taken before: who serves the node binds its port
    /// between the two, so that a port that is taken costs nothing.
    pub async fn start_claimed(
        claim: Claim,
        swarm_config: SwarmConfig,
        first_boards: &[BoardName],
        external: Option<Arc<dyn Client>>,
    ) -> Result<Self, NodeError> {
        let folder = claim.folder().clone();
        let identity = Identity::open(&folder)?;
        folder.create_database()?;
        let store = Store::open(&folder.database())?;
        store.set_me(identity.public())?;

        let rooms = Rooms::default();
        let heard_by = rooms.clone();
        let network = match &external {
            Some(client) => hosting::network_at_start(client.as_ref(), &store).await?,
            None => Network::default(),
        };
        let place = bootstrap::place_at_start(&swarm_config, network.shows_names()).await;
        let swarm =
            engine::start(&swarm_config, network, place == Place::Near, &store, move |event| {
                heard_by.heard(event);
            })?;
        let (events, _) = broadcast::channel(EVENT_BUFFER);
        let hosting = Arc::new(HostingWaker::default());
        let setup = Setup {
            store: store.clone(),
            swarm: swarm.clone(),
            peers: swarm_config.peers.clone(),
            dht: swarm_config.dht,
            clock: now,
        };
        let rooms_thread = rooms.start(setup, rooms_events(events.clone(), hosting.clone()))?;
        let embedded = Embedded::new(swarm.clone());
        let node = Self {
            inner: Arc::new(Inner {
                identity,
                store,
                swarm,
                rooms,
                embedded,
                external,
                events,
                wake_votes: Notify::new(),
                hosting,
                search_downloads: hosting::SearchDownloads::default(),
                metadata_fetches: hosting::MetadataFetches::default(),
                started: std::time::Instant::now(),
                looked_at: seeds::LookedAt::default(),
                warnings: Mutex::default(),
                dht: swarm_config.dht,
                stopping: AtomicBool::new(false),
                stopped: Notify::new(),
                writing: Mutex::new(()),
                tasks: Mutex::new(JoinSet::new()),
                rooms_thread: Mutex::new(Some(rooms_thread)),
                claim,
            }),
        };
        node.join_boards(first_boards)?;
        {
            let mut tasks = node.inner.tasks.lock();
            tasks.spawn(votes::run(node.clone()));
            tasks.spawn(hosting::run(node.clone()));
            tasks.spawn(hosting::watch(node.clone()));
            tasks.spawn(hosting::follow_network(node.clone()));
            tasks.spawn(seeds::run(node.clone()));
            for name in swarm_config.peer_names {
                tasks.spawn(peers::follow(node.clone(), name));
            }
            for name in &swarm_config.bootstrap {
                tasks.spawn(bootstrap::enter(node.clone(), name.clone()));
            }
            if place == Place::Unknown {
                tasks.spawn(bootstrap::watch(node.clone(), swarm_config.bootstrap));
            }
        }
        Ok(node)
    }

    /// The boards of earlier times, or the first ones.
    fn join_boards(&self, first: &[BoardName]) -> Result<(), NodeError> {
        if self.inner.store.setting("started")?.is_none() {
            for board in first {
                self.inner.store.join(board, &[], now())?;
            }
            self.inner.store.set_setting("started", Some("1"))?;
        }
        for board in self.inner.store.boards()? {
            self.inner.rooms.send(Command::Join(board));
        }
        Ok(())
    }

    /// The data folder.
    pub fn folder(&self) -> &Folder {
        self.inner.claim.folder()
    }

    /// The user's key.
    pub fn identity(&self) -> &Identity {
        &self.inner.identity
    }

    /// How long it has been running.
    pub fn uptime(&self) -> Duration {
        self.inner.started.elapsed()
    }

    /// What changes from now on.
    pub fn events(&self) -> broadcast::Receiver<NodeEvent> {
        self.inner.events.subscribe()
    }

    /// Joins a board, or adds trackers to a joined one.
    pub fn join(&self, board: BoardName, trackers: &[String]) -> Result<(), NodeError> {
        for tracker in trackers {
            let known = ["http://", "https://", "udp://"].iter().any(|s| tracker.starts_with(s));
            if !known || tracker.len() > 500 || tracker.contains(char::is_whitespace) {
                return Err(NodeError::Input(format!(
                    "{tracker:?} is not a tracker: expected http://, https:// or udp://"
                )));
            }
        }
        let row = self.inner.store.join(&board, trackers, now())?;
        self.inner.rooms.send(Command::Join(row));
        Ok(())
    }

    /// Leaves a board; what is hosted stays hosted.
    pub fn leave(&self, board: BoardName) -> Result<(), NodeError> {
        if !self.inner.store.leave(&board)? {
            return Err(NodeError::NotJoined(board));
        }
        self.inner.rooms.send(Command::Leave(board));
        Ok(())
    }

    /// Sets how many days back every joined board is reconciled.
    pub fn set_history_days(&self, days: u64) -> Result<(), NodeError> {
        if !(1..=HORIZON_DAYS).contains(&days) {
            let wrong = format!("{days} days of history: expected 1 to {HORIZON_DAYS}");
            return Err(NodeError::Input(wrong));
        }
        for row in self.inner.store.boards()? {
            if row.days != days {
                let row = upseed_store::BoardRow { days, ..row };
                self.inner.store.set_board(&row)?;
                // Those who are met from now on are asked for that much.
                self.inner.rooms.send(Command::Join(row));
            }
        }
        Ok(())
    }

    /// Takes the key of a back-up phrase.
    pub fn restore(&self, phrase: &str, replace: bool) -> Result<PublicKey, NodeError> {
        let _writing = self.inner.writing.lock();
        let key = self.inner.identity.restore(phrase, replace)?;
        self.inner.store.set_me(Some(key))?;
        self.inner.hosting.votes_changed_elsewhere();
        Ok(key)
    }

    /// Completes when somebody asked the node to stop.
    pub async fn stopped(&self) {
        let notified = self.inner.stopped.notified();
        if !self.is_stopping() {
            notified.await;
        }
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.inner.stopping.load(Ordering::Relaxed)
    }

    /// Ends the node: the DHT's state is kept (votes not in a ballot yet are written at the next start), ports are closed.
    pub async fn stop(&self) {
        if self.inner.stopping.swap(true, Ordering::Relaxed) {
            return;
        }
        self.folder().clear_running();
        self.inner.stopped.notify_waiters();
        let kept = self.blocking(|node| engine::keep_state(&node.inner.swarm, &node.inner.store));
        if let Err(error) = kept.await {
            tracing::warn!(%error, "the DHT's state was not kept");
        }
        self.inner.rooms.stop();
        let thread = self.inner.rooms_thread.lock().take();
        if let Some(thread) = thread {
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
        let mut tasks = std::mem::take(&mut *self.inner.tasks.lock());
        tasks.shutdown().await;
    }

    /// What marks this user's torrents in a client that several people share. Empty before there
    /// is a key.
    pub(crate) fn owner(&self) -> Owner {
        let tag = self.inner.identity.public().map_or(String::new(), |key| {
            let hex = key.to_hex();
            format!("upseed-{}", &hex[..8])
        });
        let listeners = self.inner.swarm.listeners();
        let everywhere =
            SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), self.inner.swarm.listen_port());
        Owner { tag, engine: engine::reached_at(&listeners).unwrap_or(everywhere) }
    }

    /// Does something beside everything else, until the node stops.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.inner.tasks.lock();
        while tasks.try_join_next().is_some() {}
        // Those that are there are ended by now.
        if !self.is_stopping() {
            tasks.spawn(work);
        }
    }

    pub(crate) fn emit(&self, event: NodeEvent) {
        // Nobody listening is no failure.
        let _ = self.inner.events.send(event);
    }

    /// Runs something that waits for the disk or the processor without holding up the others.
    pub async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, NodeError> + Send + 'static,
    ) -> Result<T, NodeError> {
        let node = self.clone();
        tokio::task::spawn_blocking(move || work(&node))
            .await
            .map_err(|error| NodeError::Fault(format!("a task of the node failed: {error}")))?
    }
}

/// Tells listeners of what the rooms say, and wakes hosting where that is its business.
fn rooms_events(
    events: broadcast::Sender<NodeEvent>,
    hosting: Arc<HostingWaker>,
) -> impl Fn(Event) + Send + 'static {
    move |event| {
        let told = match event {
            Event::Item { id, board, root } => NodeEvent::Item { id, board, root },
            Event::Text { id } => {
                hosting.wake();
                NodeEvent::Text { id }
            }
            Event::FetchFailed { id, failure, reason } => {
                NodeEvent::Unreadable { id, failure, reason }
            }
            Event::Twin { id, kept } => NodeEvent::Twin { id, kept },
            Event::Votes { id, votes, upvoted } => NodeEvent::Votes { id, votes, upvoted },
            Event::Sync { board, done, total } => NodeEvent::Sync { board, done, total },
            Event::OwnVotes => return hosting.votes_changed_elsewhere(),
            Event::HostFailed { id } => return hosting.host_failed(id),
        };
        // Nobody listening is no failure.
        let _ = events.send(told);
    }
}
