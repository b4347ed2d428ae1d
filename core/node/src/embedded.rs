//! The embedded engine as a client: libtorrent in this process.

use std::collections::HashSet;

use parking_lot::Mutex;
use upseed_client::{
    Change, Client, ClientError, ClientFuture, ClientKind, Description, Hosted, Offer, Owner,
};
use upseed_model::Infohash;
use upseed_swarm::Swarm;

/// Hosts with the swarm that the node meets others with. The texts stay in the node's store, from
/// which libtorrent's disk reads them.
pub struct Embedded {
    swarm: Swarm,
    hosted: Mutex<HashSet<Infohash>>,
}

impl Embedded {
    /// Hosts nothing yet.
    pub fn new(swarm: Swarm) -> Self {
        Self { swarm, hosted: Mutex::default() }
    }

    /// Hosts these from now on; they seed when this returns.
    pub(crate) fn host(&self, offers: &[Offer]) -> Result<(), ClientError> {
        let mut hosted = self.hosted.lock();
        let fresh: Vec<_> = offers
            .iter()
            .filter(|offer| hosted.insert(offer.infohash()))
            .map(|offer| (*offer.infohash().as_bytes(), offer.info().to_vec()))
            .collect();
        let ids: Vec<_> = fresh.iter().map(|(id, _)| Infohash::from_bytes(*id)).collect();
        let done = self.swarm.host_many(fresh);
        if done.is_err() {
            ids.iter().for_each(|id| {
                hosted.remove(id);
            });
        }
        done.map_err(|error| ClientError::new(ClientKind::Embedded, error.to_string()))
    }

    /// Whether it hosts this now.
    pub(crate) fn hosts(&self, item: Infohash) -> bool {
        self.hosted.lock().contains(&item)
    }

    /// How many it hosts now.
    pub(crate) fn count(&self) -> usize {
        self.hosted.lock().len()
    }

    /// Hosts these no more.
    pub(crate) fn drop(&self, items: &[Infohash]) {
        let mut hosted = self.hosted.lock();
        for infohash in items {
            if hosted.remove(infohash) {
                self.swarm.unhost(*infohash.as_bytes());
            }
        }
    }
}

impl Client for Embedded {
    fn add<'a>(
        &'a self,
        offers: &'a [Offer],
        _owner: &'a Owner,
    ) -> ClientFuture<'a, Vec<Result<(), ClientError>>> {
        Box::pin(async move {
            self.host(offers)?;
            Ok(offers.iter().map(|_| Ok(())).collect())
        })
    }

    fn remove<'a>(&'a self, items: &'a [Infohash]) -> ClientFuture<'a, ()> {
        Box::pin(async move {
            self.drop(items);
            Ok(())
        })
    }

    fn hosted(&self) -> ClientFuture<'_, Vec<Hosted>> {
        Box::pin(async move {
            let hosted = self.hosted.lock();
            Ok(hosted.iter().map(|id| Hosted { infohash: *id, complete: true }).collect())
        })
    }

    /// Nobody but the node changes anything in it.
    fn changes(&self) -> ClientFuture<'_, Vec<Change>> {
        Box::pin(std::future::pending())
    }

    fn describe(&self) -> ClientFuture<'_, Description> {
        Box::pin(async move {
            Ok(Description {
                kind: ClientKind::Embedded,
                version: format!("libtorrent {}", upseed_swarm::libtorrent_version()),
                online: true,
                warnings: Vec::new(),
                gives_nothing: false,
            })
        })
    }
}
