//! Packs: one is seeded out of its file, and pieces of one are read from whoever seeds it.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use crate::bridge::ffi;
use crate::error::SwarmError;
use crate::pages::PageReader;
use crate::swarm::{Swarm, check_tracker, log};
use crate::texts::Infohash;

/// A reading under way. It ends when this is dropped, without a word to its [`PageReader`], and so do its connections.
#[must_use = "dropping it ends the reading"]
pub struct Reading {
    swarm: Swarm,
    infohash: Infohash,
    id: u64,
}

impl Drop for Reading {
    fn drop(&mut self) {
        let inner = &self.swarm.inner;
        inner.shared.readers.remove(self.id);
        log("end_pages", inner.engine.end_pages(&self.infohash, self.id));
    }
}

impl Swarm {
    /// Seeds a pack out of its file: a torrent of one file in pieces of at most [`crate::MAX_TEXT`] bytes. The file is opened
    /// for each piece that somebody asks for, and read alone. A piece is hashed when it is first asked for; one that is
    /// wrong ends the hosting by [`crate::Event::HostFailed`]. [`Swarm::unhost`] ends it too, and leaves the file.
    ///
    /// # Errors
    /// [`SwarmError::Libtorrent`] if `info` is not the dictionary of `infohash`, or not that of a pack.
    pub fn seed_pack(
        &self,
        infohash: Infohash,
        info: &[u8],
        path: &Path,
    ) -> Result<(), SwarmError> {
        // Before anybody can ask for a piece of it.
        self.inner.shared.files.add(infohash, path);
        self.inner.engine.host_pack(&infohash, info).map_err(|error| {
            self.inner.shared.files.remove(&infohash);
            error.into()
        })
    }

    /// Reads single pieces of a pack: first its info dictionary if that is not known, of [`crate::MAX_PACK_INFO`] bytes at most, then
    /// the pieces that `reader` chooses, verified, into memory. Nothing else of the file is downloaded. More peers may be
    /// added by [`Swarm::connect`]; no more than four are connected at once, since each is asked for the metadata.
    ///
    /// # Errors
    /// [`SwarmError::TooManyReadings`]; [`SwarmError::Libtorrent`] if `info` is not that of a pack with this infohash, and as
    /// [`Swarm::add_tracker`].
    pub fn read_pages(
        &self,
        infohash: Infohash,
        info: Option<&[u8]>,
        peers: Vec<SocketAddr>,
        trackers: Vec<String>,
        reader: Arc<dyn PageReader>,
    ) -> Result<Reading, SwarmError> {
        trackers.iter().try_for_each(|url| check_tracker(url))?;
        let peers: Vec<ffi::Endpoint> = peers.into_iter().map(ffi::Endpoint::from).collect();
        let wanted = info.map_or_else(Vec::new, |info| reader.choose(info));
        let readers = &self.inner.shared.readers;
        let id = readers.add(reader).ok_or(SwarmError::TooManyReadings)?;
        let reading = Reading { swarm: self.clone(), infohash, id };
        let info = info.unwrap_or_default();
        self.inner.engine.read_pages(&infohash, id, info, &wanted, &peers, &trackers)?;
        Ok(reading)
    }
}
