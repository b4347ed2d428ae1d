//! Which items in the client lack something that is looked for now.

use std::{collections::HashSet, sync::Arc};

use parking_lot::Mutex;
use upseed_model::Infohash;

/// What is looked for at a time.
const MOST: usize = 32;

/// What an item lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Lack {
    Header,
    Text,
}

type Fetches = Mutex<HashSet<(Infohash, Lack)>>;

/// What is looked for now.
#[derive(Default)]
pub(crate) struct MetadataFetches(Arc<Fetches>);

impl MetadataFetches {
    /// Nothing if it is looked for already, or too many others are.
    pub(super) fn begin(&self, what: (Infohash, Lack)) -> Option<MetadataFetch> {
        let mut fetches = self.0.lock();
        (fetches.len() < MOST && fetches.insert(what))
            .then(|| MetadataFetch { fetches: self.0.clone(), what })
    }
}

/// Looked for while this lives.
pub(super) struct MetadataFetch {
    fetches: Arc<Fetches>,
    what: (Infohash, Lack),
}

impl Drop for MetadataFetch {
    fn drop(&mut self) {
        self.fetches.lock().remove(&self.what);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_looked_for_once_and_not_too_many_together() {
        let fetches = MetadataFetches::default();
        let id = |n| (Infohash::from_bytes([n; 20]), Lack::Header);
        let mut running: Vec<_> = (0..32).map(|n| fetches.begin(id(n))).collect();
        assert!(running.iter().all(Option::is_some));
        assert!(fetches.begin(id(32)).is_none());
        drop(running.pop());
        assert!(fetches.begin(id(0)).is_none());
        assert!(fetches.begin(id(32)).is_some());
    }
}
