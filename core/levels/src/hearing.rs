//! What the client, the engine and the user say of packs.

use std::collections::HashMap;

use upseed_client::Change;
use upseed_model::Infohash;
use upseed_store::{PackHappened, PackState};

use crate::{Levels, LevelsError};

impl Levels {
    /// Something changed in the client. Whether it is about a pack, and so about nothing else.
    ///
    /// # Errors
    /// If it could not be stored.
    pub fn changed(&self, change: &Change) -> Result<bool, LevelsError> {
        let id = match change {
            Change::Added(id)
            | Change::Removed(id)
            | Change::LimitReached(id)
            | Change::Lost(id)
            | Change::Complete(id, _) => id,
            Change::Connected | Change::Network => return Ok(false),
        };
        let Some(pack) = self.seen.lock().packs.get(id).copied() else { return Ok(false) };
        let happened = {
            let mut seen = self.seen.lock();
            match change {
                Change::Complete(_, true) => {
                    seen.complete.insert(*id);
                    None
                }
                Change::Complete(_, false) => {
                    seen.complete.remove(id).then_some(PackHappened::Lost)
                }
                Change::Removed(_) | Change::LimitReached(_) => {
                    seen.complete.remove(id);
                    seen.given.remove(id);
                    Some(PackHappened::Removed)
                }
                Change::Lost(_) => {
                    seen.complete.remove(id);
                    seen.given.remove(id);
                    Some(PackHappened::Lost)
                }
                _ => None,
            }
        };
        if let Some(happened) = happened {
            self.store.step_pack(pack, happened)?;
        }
        self.wake();
        Ok(true)
    }

    /// This node's own engine could not read a pack, and gives it no more: its file is made anew. Whether it is a pack.
    pub fn engine_failed(&self, id: &Infohash) -> bool {
        let pack = self.seen.lock().packs.get(id).copied();
        let Some(pack) = pack else { return false };
        self.seen.lock().in_engine.remove(id);
        if let Ok(Some(info)) = self.info(pack) {
            // What cannot be removed is written over.
            let _ = self.folder.remove(&info);
        }
        self.wake();
        true
    }

    /// The client answers again and has these torrents, each complete or not. Takes the packs out of them.
    ///
    /// # Errors
    /// If it could not be stored.
    pub fn connected(&self, hosted: &mut HashMap<Infohash, bool>) -> Result<(), LevelsError> {
        for pack in self.store.packs()? {
            let there = hosted.remove(&pack.infohash);
            {
                let mut seen = self.seen.lock();
                seen.given.remove(&pack.infohash);
                match there {
                    Some(true) => seen.complete.insert(pack.infohash),
                    _ => seen.complete.remove(&pack.infohash),
                };
            }
            let was_there = matches!(pack.state, PackState::Switching | PackState::Hosted);
            if was_there && there != Some(true) {
                let happened = match there {
                    None => PackHappened::Removed,
                    Some(_) => PackHappened::Lost,
                };
                self.store.step_pack(pack.id, happened)?;
            }
        }
        self.wake();
        Ok(())
    }

    /// What the user says of packs that are missing: they are hosted again, or the votes in them are taken back. Gives how
    /// many packs these are.
    ///
    /// # Errors
    /// If it could not be stored.
    pub fn decide_missing(&self, host: bool) -> Result<usize, LevelsError> {
        let mut packs = self.store.packs()?;
        packs.retain(|pack| pack.state == PackState::Missing);
        for pack in &packs {
            if host {
                self.store.step_pack(pack.id, PackHappened::HostAgain)?;
            } else {
                self.around.carry_out(&self.store.let_go_of_pack(pack.id, self.around.now())?);
            }
        }
        self.wake();
        Ok(packs.len())
    }
}
