//! One person's node: what it is made of, and how it ends.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use upseed_clock::Moment;

use parking_lot::Mutex;
use tokio::{
    sync::{Notify, broadcast},
    task::JoinSet,
};
use upseed_client::{Client, Owner};
use upseed_levels::Levels;
use upseed_model::{BoardName, PublicKey, limits::HORIZON_DAYS};
use upseed_rooms::{Command, Rooms};
use upseed_store::Store;
use upseed_swarm::Swarm;

use crate::{
    Claim, Folder, Identity, NodeError, NodeEvent,
    clock::now,
    embedded::Embedded,
    engine,
    hosting::{HostingWaker, MetadataFetches, SearchDownloads},
    looked_at::LookedAt,
};

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
    pub search_downloads: SearchDownloads,
    /// Items in the client whose headers are looked for.
    pub metadata_fetches: MetadataFetches,
    pub started: Moment,
    pub looked_at: LookedAt,
    /// What marks the user's torrents, if it is of a key that they had before.
    pub kept_tag: Mutex<Option<String>>,
    /// What would silence votes, by what it is about: told by whoever brings them here.
    pub warnings: Mutex<BTreeMap<&'static str, String>>,
    /// Why the user's own client is not believed when it says that it seeds; see [`crate::hosting::prove`].
    pub doubt: Mutex<Option<String>>,
    pub dht: bool,
    /// When a node of the DHT was known last, or this node was started.
    pub dht_seen: Mutex<Moment>,
    /// The engine is to listen on every address of this machine.
    pub everywhere: bool,
    pub stopping: AtomicBool,
    pub stopped: Notify,
    /// One writer of the user's records at a time: a slot's next version is made from its last.
    pub writing: Mutex<()>,
    pub tasks: Mutex<JoinSet<()>>,
    pub rooms_thread: Mutex<Option<JoinHandle<()>>>,
    pub claim: Claim,
    /// What packs older items, once the node is started.
    pub levels: OnceLock<Arc<Levels>>,
}

impl Inner {
    /// The client that its user sees: their own, or the embedded engine.
    pub fn client(&self) -> &dyn Client {
        self.external.as_deref().unwrap_or(&self.embedded)
    }
}

/// The mark of a key's torrents.
pub(crate) fn tag(key: &PublicKey) -> String {
    format!("upseed-{}", &key.to_hex()[..8])
}

impl Node {
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
        let of_key = || self.inner.identity.public().map(|key| tag(&key));
        let tag = self.inner.kept_tag.lock().clone().or_else(of_key).unwrap_or_default();
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
            .map_err(|error| error.on_disk_of(self.folder().path()))
    }
}
