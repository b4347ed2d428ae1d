//! What people looked at lately: whose hosts are worth looking up.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicU64, Ordering},
};

use parking_lot::Mutex;
use upseed_model::Infohash;

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
        let mut views = self.views.lock();
        if views.len() >= MAX_LOOKED_AT && !views.contains_key(&infohash) {
            views.retain(|_, view| {
                view.views /= 2;
                view.views > 0
            });
        }
        views.entry(infohash).or_default().views += 1;
    }

    /// So many items were announced within the last quarter of an hour.
    pub fn set_announced(&self, count: u64) {
        self.announced.store(count, Ordering::Relaxed);
    }

    /// Items announced within the last quarter of an hour.
    pub fn announced(&self) -> u64 {
        self.announced.load(Ordering::Relaxed)
    }

    /// The most viewed and stalest.
    pub fn next(&self, now: u64) -> Option<Infohash> {
        let mut views = self.views.lock();
        let stale = views.iter_mut().filter(|(_, view)| view.looked_up + FRESH <= now);
        let (infohash, view) = stale
            .max_by_key(|(_, view)| (now - view.looked_up).min(86_400) * u64::from(view.views))?;
        view.looked_up = now;
        Some(*infohash)
    }
}
