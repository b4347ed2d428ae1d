//! Putting a node together: everything is opened and joined, and its tasks begin.

use std::sync::{Arc, OnceLock, atomic::AtomicBool};

use upseed_clock::Moment;

use parking_lot::Mutex;
use tokio::{
    sync::{Notify, broadcast},
    task::JoinSet,
};
use upseed_client::{Client, Network};
use upseed_model::BoardName;
use upseed_rooms::{Command, Event, Rooms, Setup};
use upseed_store::Store;

use crate::{
    Claim, Config, Folder, Identity, Node, NodeError, NodeEvent, SwarmConfig,
    bootstrap::{self, Place},
    clock::now,
    embedded::Embedded,
    engine,
    hosting::{self, HostingWaker},
    looked_at::LookedAt,
    node::Inner,
    peers, ranks, seeds,
    succession::KEPT_TAG,
    votes,
};

/// Events that a slow listener may fall behind before it misses some.
const EVENT_BUFFER: usize = 4_096;

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
        let store = Store::open(&folder.database());
        let store = store.map_err(|error| NodeError::from(error).on_disk_of(folder.path()))?;
        match (store.me(), identity.public()) {
            // The next post would make another person of its user.
            (Some(author), None) => {
                return Err(NodeError::KeyMissing { path: folder.key(), author });
            }
            (_, key) => store.set_me(key)?,
        }
        let kept_tag = store.setting(KEPT_TAG)?;

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
                started: Moment::now(),
                looked_at: LookedAt::default(),
                kept_tag: Mutex::new(kept_tag),
                warnings: Mutex::default(),
                doubt: Mutex::default(),
                dht: swarm_config.dht,
                dht_seen: Mutex::new(Moment::now()),
                everywhere: swarm_config.listen.is_none_or(|addr| addr.ip().is_unspecified()),
                stopping: AtomicBool::new(false),
                stopped: Notify::new(),
                writing: Mutex::new(()),
                tasks: Mutex::new(JoinSet::new()),
                rooms_thread: Mutex::new(Some(rooms_thread)),
                claim,
                levels: OnceLock::new(),
            }),
        };
        node.join_boards(first_boards)?;
        node.start_levels()?;
        if let Some(external) = &node.inner.external {
            // Before this returns: then a client looks at what it has, and marks what is this user's.
            external.introduce(&node.owner());
        }
        {
            let mut tasks = node.inner.tasks.lock();
            tasks.spawn(votes::run(node.clone()));
            tasks.spawn(hosting::run(node.clone()));
            tasks.spawn(hosting::watch(node.clone()));
            tasks.spawn(hosting::prove(node.clone()));
            tasks.spawn(hosting::follow_network(node.clone()));
            tasks.spawn(seeds::run(node.clone()));
            tasks.spawn(ranks::run(node.clone()));
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
            Event::Retracted => return hosting.retracted(),
            Event::HostFailed { id } => return hosting.host_failed(id),
        };
        // Nobody listening is no failure.
        let _ = events.send(told);
    }
}
