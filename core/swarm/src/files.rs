//! Packs that are hosted, and where their files are.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::texts::{Infohash, MAX_TEXT};

/// None is kept open: a pack that nobody reads costs nothing.
#[derive(Default)]
pub(crate) struct Files {
    paths: Mutex<HashMap<Infohash, Arc<Path>>>,
}

impl Files {
    pub(crate) fn add(&self, infohash: Infohash, path: &Path) {
        self.paths.lock().insert(infohash, path.into());
    }

    pub(crate) fn remove(&self, infohash: &Infohash) {
        self.paths.lock().remove(infohash);
    }

    /// So many bytes from `start` on; `None` if it is not a pack.
    pub(crate) fn read(
        &self,
        infohash: &Infohash,
        start: u64,
        length: u32,
    ) -> Option<io::Result<Vec<u8>>> {
        let path = Arc::clone(self.paths.lock().get(infohash)?);
        Some(read_at(&path, start, length))
    }
}

fn read_at(path: &Path, start: u64, length: u32) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; (length as usize).min(MAX_TEXT)];
    File::open(path)?.read_exact_at(&mut bytes, start)?;
    Ok(bytes)
}
