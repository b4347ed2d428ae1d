//! Reading pieces of a torrent whose whole is not wanted: texts out of a pack.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

/// Readings at once. Each may hold some pieces in memory.
pub const MAX_READINGS: usize = 16;

/// The longest info dictionary that is fetched for one, in bytes.
pub const MAX_PACK_INFO: usize = 16_384;

/// Why pieces were not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PagesError {
    /// The metadata came, and is not that of one file in pieces of at most [`crate::MAX_TEXT`] bytes. It will never be
    /// otherwise.
    #[error("not one file in small pieces")]
    NotAPack,
    /// The metadata that came has another SHA-1, see [`crate::FetchError::WrongMetadata`].
    #[error("metadata of another infohash")]
    WrongMetadata,
    /// The infohash is hosted or read here, or is a rendezvous.
    #[error("hosted or read here, or a rendezvous")]
    Occupied,
    /// libtorrent refused, or lost what it had.
    #[error("libtorrent failed")]
    Engine,
}

/// Who reads. Called on the network thread, one call at a time, and must not block.
pub trait PageReader: Send + Sync + 'static {
    /// Which pieces are wanted. `info` has the SHA-1 that was asked for, and is one file in pieces of at most
    /// [`crate::MAX_TEXT`] bytes. With none the reading is over.
    fn choose(&self, info: &[u8]) -> Vec<u32>;

    /// A piece with the SHA-1 that the info dictionary says. Gives those that are wanted besides: they come over the same
    /// connection, which ends with the last piece that is wanted.
    fn page(&self, piece: u32, bytes: &[u8]) -> Vec<u32>;

    /// It is over: everything wanted was given, or why not. Finding no peer is no failure: that ends by dropping
    /// [`crate::Reading`].
    fn ended(&self, end: Result<(), PagesError>);
}

/// All readings of a swarm, by a number that is never used twice: what C++ says of one that was dropped reaches nobody.
#[derive(Default)]
pub(crate) struct Readers {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    last: u64,
    open: HashMap<u64, Arc<dyn PageReader>>,
}

impl Readers {
    /// `None` if there are too many.
    pub(crate) fn add(&self, reader: Arc<dyn PageReader>) -> Option<u64> {
        let mut inner = self.inner.lock();
        if inner.open.len() >= MAX_READINGS {
            return None;
        }
        inner.last += 1;
        let id = inner.last;
        inner.open.insert(id, reader);
        Some(id)
    }

    pub(crate) fn get(&self, id: u64) -> Option<Arc<dyn PageReader>> {
        self.inner.lock().open.get(&id).cloned()
    }

    pub(crate) fn remove(&self, id: u64) -> Option<Arc<dyn PageReader>> {
        self.inner.lock().open.remove(&id)
    }
}
