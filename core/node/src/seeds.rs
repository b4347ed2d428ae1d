//! Announcing what is hosted, and looking up who else hosts what is looked at.
//!
//! libtorrent's own DHT announcing stops at about one torrent a second, so this is a schedule of
//! our own within a budget: the newest first, each again after a quarter of an hour.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use upseed_model::Infohash;
use upseed_store::Hosting;

use crate::{Node, clock::now, node::locked};

/// Announces each second; look-ups are one a second.
const ANNOUNCES: usize = 4;

/// Seconds between two looks at what is hosted.
const LIST_SECONDS: u64 = 10;

/// Seconds after which an announce is repeated: BEP 5's peers are kept about half an hour.
const AGAIN: u64 = 900;

/// Seconds for which a look-up is fresh.
const FRESH: u64 = 600;

/// Items whose seeds are of interest.
const MAX_LOOKED_AT: usize = 2_000;

/// What people looked at lately, and what was announced.
#[derive(Default)]
pub(crate) struct LookedAt {
    views: Mutex<HashMap<Infohash, View>>,
    announced: AtomicU64,
}

#[derive(Default)]
struct View {
    views: u32,
    looked_up: u64,
}

impl LookedAt {
    /// An item was shown.
    pub fn shown(&self, infohash: Infohash) {
        let mut views = locked(&self.views);
        if views.len() >= MAX_LOOKED_AT && !views.contains_key(&infohash) {
            views.retain(|_, view| {
                view.views /= 2;
                view.views > 0
            });
        }
        views.entry(infohash).or_default().views += 1;
    }

    /// Items announced within the last quarter of an hour.
    pub fn announced(&self) -> u64 {
        self.announced.load(Ordering::Relaxed)
    }

    /// The most viewed and stalest.
    fn next(&self, now: u64) -> Option<Infohash> {
        let mut views = locked(&self.views);
        let stale = views.iter_mut().filter(|(_, view)| view.looked_up + FRESH <= now);
        let (infohash, view) = stale
            .max_by_key(|(_, view)| (now - view.looked_up).min(86_400) * u64::from(view.views))?;
        view.looked_up = now;
        Some(*infohash)
    }
}

/// Announces and looks up, until the node stops.
pub(crate) async fn run(node: Node) {
    if !node.inner.dht {
        return;
    }
    let mut announced: HashMap<Infohash, u64> = HashMap::new();
    // To be announced, in this order; made anew with each list.
    let mut due = VecDeque::new();
    let mut listed = 0;
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        if node.inner.swarm.status().dht_nodes == 0 {
            continue;
        }
        let now = now();
        if now >= listed + LIST_SECONDS {
            listed = now;
            let wishes = node.blocking(|node| Ok(node.inner.store.wishes(&[Hosting::Hosting])?));
            announced.retain(|_, at| *at + AGAIN > now);
            match wishes.await {
                Ok(wishes) => {
                    let hosted = wishes.iter().map(|wish| wish.infohash);
                    due = hosted.filter(|id| !announced.contains_key(id)).collect();
                }
                Err(error) => tracing::error!(%error, "nothing new is announced"),
            }
        }
        for infohash in due.drain(..ANNOUNCES.min(due.len())) {
            node.inner.swarm.dht_announce(*infohash.as_bytes());
            announced.insert(infohash, now);
        }
        node.inner.looked_at.announced.store(announced.len() as u64, Ordering::Relaxed);
        if let Some(infohash) = node.inner.looked_at.next(now) {
            node.inner.swarm.dht_get_peers(*infohash.as_bytes());
        }
    }
}
