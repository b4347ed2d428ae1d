//! Downloads that the user began in the client's own search: their appearance is the vote.

use std::collections::HashMap;

use parking_lot::Mutex;
use upseed_model::Infohash;

use crate::clock::now;

/// Seconds within which such a download appears in the client.
const SECONDS: u64 = 900;

/// Such downloads that are waited for at the same time.
const MOST: usize = 1_000;

/// What was begun, and when.
#[derive(Default)]
pub(crate) struct SearchDownloads(Mutex<HashMap<Infohash, u64>>);

impl SearchDownloads {
    /// The user began this.
    pub(super) fn note(&self, item: Infohash) {
        let mut begun = self.0.lock();
        begun.retain(|_, at| *at + SECONDS > now());
        if begun.len() < MOST {
            begun.insert(item, now());
        }
    }

    /// Whether this was begun there; it counts once.
    pub(super) fn take(&self, item: Infohash) -> bool {
        self.0.lock().remove(&item).is_some_and(|at| at + SECONDS > now())
    }
}
