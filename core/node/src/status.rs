//! How a node stands, as `upseed status` and the view tell it.

use std::time::Duration;

use upseed_client::ClientKind;
use upseed_model::{BoardName, PublicKey, Reachability};
use upseed_store::PackRow;

use crate::{ClockError, Node, NodeError, clock, reachability::reachability};

/// How long nobody may be found in the DHT before it is told: a start takes seconds.
const DHT_PATIENCE: Duration = Duration::from_secs(60);

/// A board that was joined.
#[derive(Debug, Clone)]
pub struct BoardStatus {
    /// Its name.
    pub name: BoardName,
    /// Members met there now.
    pub peers: usize,
    /// Days of history that are reconciled.
    pub days: u64,
    /// The comparison under way: days done, days that differ.
    pub comparing: Option<(usize, usize)>,
    /// The user's trackers for it.
    pub trackers: Vec<String>,
}

/// How a node stands.
#[derive(Debug, Clone)]
pub struct Status {
    /// This program's version.
    pub version: &'static str,
    /// The user's key, once there is one.
    pub author: Option<PublicKey>,
    /// The client that hosts: `embedded`, `qbittorrent`, `transmission` or `deluge`.
    pub client: ClientKind,
    /// Its version.
    pub client_version: String,
    /// Whether it answers now.
    pub client_online: bool,
    /// What about it would silence votes, and what to change.
    pub client_warnings: Vec<String>,
    /// How far this machine's clock is off by those of others, and the sentence that says so.
    pub clock: Option<(ClockError, String)>,
    /// Members met in any board now.
    pub peers: usize,
    /// The boards that were joined.
    pub boards: Vec<BoardStatus>,
    /// Items known.
    pub items: u64,
    /// Items hosted.
    pub hosted: u64,
    /// Upvoted or written, and not hosted yet.
    pub wanted: u64,
    /// Upvoted or written, and gone from the client: the user is asked.
    pub asked: u64,
    /// Bytes of all texts that are kept.
    pub text_bytes: u64,
    /// Every score is of now; if not, lists are in an order of before.
    pub is_scored: bool,
    /// Nodes of the DHT that are known; 0 without the DHT.
    pub dht_nodes: u32,
    /// The port on which the embedded engine listens.
    pub swarm_port: u16,
    /// By what others on the internet reach this node.
    pub reachable: Reachability,
    /// The port that is open for them, if one is: the router's, or [`Status::swarm_port`].
    pub outside_port: u16,
    /// Somebody on the internet came by themselves since the node started.
    pub was_reached: bool,
    /// Connections to members whom a third one told to dial while this node dialled them.
    pub punched: usize,
    /// Items announced on the DHT since the last quarter of an hour, and how many the embedded engine
    /// hosts: a client announces its own.
    pub announced: (u64, u64),
    /// Packs in which older items are hosted, the oldest items first.
    pub packs: Vec<PackRow>,
}

impl Node {
    /// Says in [`Status::client_warnings`] what is wrong with something by which votes come here, or
    /// that it is well again. `about` names it; each has one warning.
    pub fn warn(&self, about: &'static str, why: Option<String>) {
        let mut warnings = self.inner.warnings.lock();
        match why {
            Some(why) => drop(warnings.insert(about, why)),
            None => drop(warnings.remove(about)),
        }
    }

    /// What is to be said of an engine that would listen everywhere, and has no address at which others reach it.
    fn unheard(&self) -> Option<String> {
        let swarm = &self.inner.swarm;
        let alone = self.inner.everywhere
            && !swarm.is_bound()
            && !swarm.is_proxied()
            && swarm.listeners().iter().all(|at| at.ip().is_loopback());
        alone.then(|| {
            "Upseed listens on this machine's loopback alone, so nobody else can reach it: there is no \
             network, or nothing may listen on it. Upseed looks for one every few seconds"
                .into()
        })
    }

    /// What is to be said of an engine that could reach others, and finds nobody in the DHT.
    fn without_dht(&self) -> Option<String> {
        let is_without = self.inner.dht
            && self.inner.swarm.has_dht()
            && self.inner.dht_seen.lock().elapsed() > DHT_PATIENCE;
        is_without.then(|| {
            "Upseed has reached no node of the DHT for a while, so it finds others on the local network, by trackers and \
             by --peer alone. Is UDP blocked by a firewall, or --bootstrap wrong? It is tried again all the time"
                .into()
        })
    }

    /// How things stand.
    pub async fn status(&self) -> Result<Status, NodeError> {
        let rooms = self.inner.rooms.status().await;
        let swarm = self.inner.swarm.status();
        let (reachable, outside_port) = reachability(&self.inner.swarm, &rooms);
        let client = self.inner.client().describe().await?;
        let mut warnings = client.warnings;
        warnings.extend(self.silenced());
        warnings.extend(self.unheard().or_else(|| self.without_dht()));
        warnings.extend(self.doubted());
        warnings.extend(self.inner.warnings.lock().values().cloned());
        let stored = self.blocking(|node| {
            let store = &node.inner.store;
            let failed = store.failed_tasks()?;
            let (counts, tasks) = (store.counts()?, store.task_counts()?);
            Ok((failed, counts, tasks, store.boards()?, store.is_scored()?, store.packs()?))
        });
        let (failed, counts, tasks, joined, is_scored, packs) = stored.await?;
        warnings.extend(self.asks(tasks.asked));
        warnings.extend(self.packing_trouble());
        if let Some((count, error)) = failed {
            warnings.push(format!(
                "{count} of your votes could not be given to your client, the newest because: {error}. \
                 They are tried again; Upseed's own engine hosts them meanwhile"
            ));
        }
        let clock = rooms.clock.map(|error| (error, clock::warning(&error)));
        warnings.extend(clock.iter().map(|(_, told)| told.clone()));
        let boards: Vec<BoardStatus> = joined
            .into_iter()
            .map(|row| {
                let room = rooms.boards.iter().find(|room| room.board == row.name);
                BoardStatus {
                    name: row.name,
                    peers: room.map_or(0, |room| room.people),
                    days: row.days,
                    comparing: room.and_then(|room| room.comparing),
                    trackers: row.trackers,
                }
            })
            .collect();
        Ok(Status {
            version: env!("CARGO_PKG_VERSION"),
            author: self.inner.identity.public(),
            client: client.kind,
            client_version: client.version,
            client_online: client.online,
            client_warnings: warnings,
            clock,
            peers: boards.iter().map(|board| board.peers).sum(),
            boards,
            items: counts.items,
            hosted: tasks.hosted,
            wanted: tasks.waiting,
            asked: tasks.asked,
            text_bytes: counts.texts_bytes,
            is_scored,
            dht_nodes: swarm.dht_nodes,
            swarm_port: self.inner.swarm.listen_port(),
            reachable,
            outside_port,
            was_reached: rooms.was_reached,
            punched: rooms.punched,
            packs,
            announced: (self.inner.looked_at.announced(), self.inner.embedded.count() as u64),
        })
    }
}
