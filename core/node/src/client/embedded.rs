//! The embedded engine as a client: libtorrent in this process.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::Notify;
use upseed_model::Infohash;
use upseed_swarm::Swarm;

use super::{Answer, Change, Client, Description, Giver, Hosted, Offer};

/// Hosts with the swarm that the node meets others with. The texts stay in the node's store, from
/// which libtorrent's disk reads them.
pub struct Embedded {
    swarm: Swarm,
    hosted: Mutex<HashSet<Infohash>>,
    completed: Mutex<Vec<Infohash>>,
    woken: Arc<Notify>,
}

impl Embedded {
    /// Hosts nothing yet.
    pub fn new(swarm: Swarm) -> Self {
        Self {
            swarm,
            hosted: Mutex::default(),
            completed: Mutex::default(),
            woken: Arc::new(Notify::new()),
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Client for Embedded {
    fn add<'a>(
        &'a self,
        offers: &'a [Offer],
        _giver: &'a Giver,
    ) -> Answer<'a, Vec<Result<(), crate::NodeError>>> {
        Box::pin(async move {
            let mut hosted = locked(&self.hosted);
            let fresh: Vec<_> = offers
                .iter()
                .filter(|offer| hosted.insert(offer.infohash()))
                .map(|offer| (*offer.infohash().as_bytes(), offer.item.header().to_vec()))
                .collect();
            self.swarm.host_many(fresh)?;
            locked(&self.completed).extend(offers.iter().map(Offer::infohash));
            self.woken.notify_one();
            Ok(offers.iter().map(|_| Ok(())).collect())
        })
    }

    fn remove<'a>(&'a self, items: &'a [Infohash]) -> Answer<'a, ()> {
        Box::pin(async move {
            let mut hosted = locked(&self.hosted);
            for infohash in items {
                if hosted.remove(infohash) {
                    self.swarm.unhost(*infohash.as_bytes());
                }
            }
            Ok(())
        })
    }

    fn hosted(&self) -> Answer<'_, Vec<Hosted>> {
        Box::pin(async move {
            let hosted = locked(&self.hosted);
            Ok(hosted.iter().map(|id| Hosted { infohash: *id, complete: true }).collect())
        })
    }

    fn changes(&self) -> Answer<'_, Vec<Change>> {
        Box::pin(async move {
            loop {
                let completed = std::mem::take(&mut *locked(&self.completed));
                if !completed.is_empty() {
                    return Ok(completed
                        .into_iter()
                        .map(|id| Change::Complete(id, true))
                        .collect());
                }
                self.woken.notified().await;
            }
        })
    }

    fn describe(&self) -> Answer<'_, Description> {
        Box::pin(async move {
            Ok(Description {
                kind: "embedded",
                version: format!("libtorrent {}", upseed_swarm::libtorrent_version()),
                online: true,
                warnings: Vec::new(),
            })
        })
    }
}
