//! What people looked at lately: whose hosts are worth looking for.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicU64, Ordering},
};

use parking_lot::Mutex;
use upseed_model::Infohash;

/// Seconds for which a check is fresh.
const FRESH: u64 = 600;

/// Items whose hosts are of interest.
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
    checked: u64,
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
        let stale = views.iter_mut().filter(|(_, view)| view.checked + FRESH <= now);
        let (infohash, view) = stale
            .max_by_key(|(_, view)| (now - view.checked).min(86_400) * u64::from(view.views))?;
        view.checked = now;
        Some(*infohash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000;

    fn id(n: u16) -> Infohash {
        let mut bytes = [0; 20];
        bytes[..2].copy_from_slice(&n.to_be_bytes());
        Infohash::from_bytes(bytes)
    }

    #[test]
    fn the_most_viewed_comes_first_and_each_again_when_it_is_stale() {
        let looked_at = LookedAt::default();
        assert_eq!(looked_at.next(NOW), None, "nobody looks at anything");
        [1, 2, 2].into_iter().for_each(|n| looked_at.shown(id(n)));
        assert_eq!(looked_at.next(NOW), Some(id(2)));
        assert_eq!(looked_at.next(NOW + 1), Some(id(1)));
        assert_eq!(looked_at.next(NOW + FRESH - 1), None);
        assert_eq!(looked_at.next(NOW + FRESH), Some(id(2)));
        // Twice the views, but checked just now.
        (0..3).for_each(|_| looked_at.shown(id(1)));
        assert_eq!(looked_at.next(NOW + 2 * FRESH), Some(id(1)));
        assert_eq!(looked_at.next(NOW + 2 * FRESH), Some(id(2)));
    }

    #[test]
    fn a_view_is_worth_less_when_many_came_after_it() {
        let looked_at = LookedAt::default();
        looked_at.shown(id(0));
        (0..5).for_each(|_| looked_at.shown(id(1)));
        (0..MAX_LOOKED_AT as u16).for_each(|n| looked_at.shown(id(n + 2)));
        assert!(looked_at.views.lock().len() <= MAX_LOOKED_AT + 1);
        assert_eq!(looked_at.next(NOW), Some(id(1)), "what many looked at stays");
    }
}
