//! Announcing what is hosted, and having the rooms look who else hosts what is looked at.
//!
//! libtorrent's own DHT announcing stops at about one torrent a second, so this is a schedule of
//! our own within a budget: the newest first, each again after a quarter of an hour.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    time::Duration,
};

use upseed_clock::Moment;
use upseed_model::{BoardName, Infohash};
use upseed_rooms::Command;

use crate::{Node, NodeError, clock::now};

/// Announces each second.
const ANNOUNCES: usize = 4;

/// Seconds between two items whose hosts are looked for. A check takes 20, so that ten are under way at most.
const CHECK_SECONDS: u64 = 2;

/// Seconds between two looks at what is hosted.
const LIST_SECONDS: u64 = 10;

/// Items that trackers are told of with each look.
const TOLD: usize = 100;

/// Seconds after which an announce is repeated: BEP 5's peers are kept about half an hour.
const AGAIN: u64 = 900;

/// Announces and looks up, until the node stops.
pub(crate) async fn run(node: Node) {
    let mut announced: HashMap<Infohash, u64> = HashMap::new();
    let mut tracked = Tracked::default();
    // To be announced, in this order; made anew with each list.
    let mut due = VecDeque::new();
    let (mut listed, mut checked) = (0, 0);
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let now = now();
        if now >= listed + LIST_SECONDS || now < listed {
            listed = now;
            announced.retain(|_, at| *at + AGAIN > now);
            let told = async {
                let (hosted, trackers) = node.blocking(|node| node.own()).await?;
                due = hosted.iter().copied().collect();
                due.retain(|id| !announced.contains_key(id));
                let fresh = tracked.due(&hosted, trackers);
                node.blocking(move |node| node.tell_trackers(&fresh)).await
            };
            if let Err(error) = told.await {
                tracing::error!(%error, "nothing new is announced");
            }
        }
        if now >= checked + CHECK_SECONDS || now < checked {
            checked = now;
            if let Some(infohash) = node.inner.looked_at.next(now) {
                node.inner.rooms.send(Command::CheckHosts(infohash));
            }
        }
        if !node.inner.dht || node.inner.swarm.status().dht_nodes == 0 {
            continue;
        }
        *node.inner.dht_seen.lock() = Moment::now();
        for infohash in due.drain(..ANNOUNCES.min(due.len())) {
            // The user's client may have taken it over since the list was made.
            let is_pack = node.levels().is_some_and(|levels| levels.is_pack(&infohash));
            if is_pack || node.inner.embedded.hosts(infohash) {
                node.inner.swarm.dht_announce(*infohash.as_bytes());
                announced.insert(infohash, now);
            }
        }
        node.inner.looked_at.set_announced(announced.len() as u64);
    }
}

/// The user's trackers, by board.
type Trackers = Vec<(BoardName, Vec<String>)>;

impl Node {
    /// What this node's own engine hosts, the newest first, and the trackers. What a client hosts
    /// that client announces: this node's port would lead to nobody, and Transmission 3.00 knows but
    /// one port of each address.
    fn own(&self) -> Result<(Vec<Infohash>, Trackers), NodeError> {
        let boards = self.inner.store.boards()?.into_iter();
        let trackers = boards.map(|board| (board.name, board.trackers));
        let trackers: Trackers = trackers.filter(|(_, trackers)| !trackers.is_empty()).collect();
        if !self.inner.dht && trackers.is_empty() {
            return Ok((Vec::new(), trackers));
        }
        let wished = self.inner.store.hosting_tasks(&[])?.into_iter().map(|wish| wish.infohash);
        let packs = self.levels().map(|levels| levels.in_engine()).unwrap_or_default();
        let items = wished.filter(|id| self.inner.embedded.hosts(*id));
        Ok((packs.into_iter().chain(items).collect(), trackers))
    }

    fn tell_trackers(&self, items: &[Infohash]) -> Result<(), NodeError> {
        for id in items {
            let board = match self.inner.store.pack_called(id)? {
                Some(pack) => pack.board,
                None => match self.inner.store.item(id)? {
                    Some(row) => row.item.board(),
                    None => continue,
                },
            };
            for url in self.trackers_of(board)? {
                self.inner.swarm.add_tracker(*id.as_bytes(), &url)?;
            }
        }
        Ok(())
    }
}

/// What trackers were told of. libtorrent repeats it, and says farewell when the engine lets go.
#[derive(Default)]
struct Tracked {
    trackers: Trackers,
    before: HashSet<Infohash>,
    told: HashSet<Infohash>,
}

impl Tracked {
    /// Those to be told of now: hosted for two lists in a row, for a client takes over within
    /// seconds, and a tracker that has not answered by then never hears the farewell.
    fn due(&mut self, hosted: &[Infohash], trackers: Trackers) -> Vec<Infohash> {
        if trackers != self.trackers {
            self.trackers = trackers;
            self.told.clear();
        }
        let now: HashSet<_> = hosted.iter().copied().collect();
        self.told.retain(|id| now.contains(id));
        let most = if self.trackers.is_empty() { 0 } else { TOLD };
        let fresh = hosted.iter().filter(|id| self.before.contains(id) && !self.told.contains(id));
        let due: Vec<_> = fresh.take(most).copied().collect();
        self.told.extend(&due);
        self.before = now;
        due
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn id(n: u8) -> Infohash {
        Infohash::from_bytes([n; 20])
    }

    #[test]
    fn trackers_are_told_once_of_what_stays() {
        let one = vec![("upseed".parse().unwrap(), vec!["http://one/announce".to_owned()])];
        let two = vec![("upseed".parse().unwrap(), vec!["http://two/announce".to_owned()])];
        let hosted = [id(1)];
        let mut tracked = Tracked::default();
        assert_eq!(tracked.due(&hosted, one.clone()), [], "a client may take it over at once");
        assert_eq!(tracked.due(&hosted, one.clone()), hosted);
        assert_eq!(tracked.due(&hosted, one), []);
        assert_eq!(tracked.due(&hosted, two.clone()), hosted, "another tracker");
        assert_eq!(tracked.due(&[], two.clone()), []);
        assert_eq!(tracked.due(&hosted, two.clone()), []);
        assert_eq!(tracked.due(&hosted, two), hosted, "hosted again");
        let mut none = Tracked::default();
        assert_eq!(
            (none.due(&hosted, Vec::new()), none.due(&hosted, Vec::new())),
            (vec![], vec![])
        );
    }
}
