//! What wakes the hosting of a node.

use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use tokio::sync::Notify;
use upseed_model::Infohash;

/// Wakes the hosting, and says why.
#[derive(Default)]
pub(crate) struct HostingWaker {
    woken: Notify,
    votes_elsewhere: AtomicBool,
    retractions: AtomicBool,
    failed: Mutex<Vec<Infohash>>,
}

impl HostingWaker {
    /// There is something to do.
    pub fn wake(&self) {
        self.woken.notify_one();
    }

    /// This node's own engine could not read an item and has dropped it.
    pub fn host_failed(&self, item: Infohash) {
        self.failed.lock().push(item);
        self.wake();
    }

    /// Another device of the user's key voted, or took a vote back.
    pub fn votes_changed_elsewhere(&self) {
        self.votes_elsewhere.store(true, Ordering::Relaxed);
        self.wake();
    }

    /// Somebody retracted something.
    pub fn retracted(&self) {
        self.retractions.store(true, Ordering::Relaxed);
        self.wake();
    }

    /// Completes when there is something to do.
    pub(super) async fn woken(&self) {
        self.woken.notified().await;
    }

    /// Whether votes changed elsewhere since this was asked last.
    pub(super) fn take_votes_elsewhere(&self) -> bool {
        self.votes_elsewhere.swap(false, Ordering::Relaxed)
    }

    /// Whether anything was retracted since this was asked last.
    pub(super) fn take_retractions(&self) -> bool {
        self.retractions.swap(false, Ordering::Relaxed)
    }

    /// What the engine has dropped since this was asked last.
    pub(super) fn take_failed(&self) -> Vec<Infohash> {
        std::mem::take(&mut *self.failed.lock())
    }
}
