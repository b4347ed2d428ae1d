//! Packs in which older items are hosted.

use upseed_model::{BoardName, Infohash};
use upseed_tables::{
    hosting::Happened,
    values::{
        error::StoreError,
        pack::{PackHappened, PackState},
    },
    work::{
        hosting::{Stepped, step},
        packs::{self, Loose, NewPack, PackItem, PackRow},
        writing::Writing,
    },
};

use crate::connection::Store;

impl Store {
    /// What is hosted as torrents of their own and may be packed, by board: all but the newest `newest`.
    pub fn loose(&self, newest: u32) -> Result<Vec<Loose>, StoreError> {
        self.read(|db| packs::loose(db, newest))
    }

    /// The oldest of a board's items that may be packed, at most `limit`.
    pub fn loose_of(
        &self,
        board: &BoardName,
        newest: u32,
        limit: u32,
    ) -> Result<Vec<PackItem>, StoreError> {
        self.read(|db| packs::loose_of(db, board, newest, limit))
    }

    /// My packs, the oldest items first.
    pub fn packs(&self) -> Result<Vec<PackRow>, StoreError> {
        self.read(packs::all)
    }

    /// What is still hosted in one of these packs, each item once.
    pub fn packed_items(&self, of: &[i64]) -> Result<Vec<PackItem>, StoreError> {
        self.read(|db| packs::items_of(db, of))
    }

    /// A pack's info dictionary.
    pub fn pack_info(&self, pack: i64) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|db| packs::info(db, pack))
    }

    /// A pack that was made, in [`PackState::Given`]. Gives its number.
    pub fn add_pack(&self, new: &NewPack) -> Result<i64, StoreError> {
        self.write(|db| packs::add(db, new))
    }

    /// Something happened to a pack. Gives what it is now; nothing if there is none.
    pub fn step_pack(
        &self,
        pack: i64,
        happened: PackHappened,
    ) -> Result<Option<PackState>, StoreError> {
        self.write(|db| one_step(db, pack, happened))
    }

    /// A page of a pack was fetched: it is what hosts its items from now on. Those whose votes were taken
    /// back meanwhile, or which are not hosted for another reason, are taken out. Gives what is hosted in
    /// it now, whose own torrents need to go.
    pub fn switch_to_pack(&self, pack: i64, now: u64) -> Result<Vec<Stepped>, StoreError> {
        self.write(|db| {
            if one_step(db, pack, PackHappened::Proved)? != Some(PackState::Switching) {
                return Ok(Vec::new());
            }
            let mut stepped = step_all(db, &packs::members(db, pack)?, &Happened::Packed, now)?;
            packs::settle(db, pack, now)?;
            let is_packed = |it: &Stepped| {
                it.task
                    .as_ref()
                    .is_some_and(|task| task.state == upseed_model::HostingState::Packed)
            };
            stepped.retain(is_packed);
            Ok(stepped)
        })
    }

    /// The own torrents of a pack's items are gone. Packs that nothing needs beside it are to be removed.
    pub fn pack_is_hosted(&self, pack: i64) -> Result<(), StoreError> {
        self.write(|db| {
            one_step(db, pack, PackHappened::Switched)?;
            // One after the other: of two that hold the same, one stays.
            for other in packs::all(db)? {
                if other.id != pack
                    && other.state == PackState::Hosted
                    && packs::is_superseded(db, other.id)?
                {
                    one_step(db, other.id, PackHappened::Superseded)?;
                }
            }
            Ok(())
        })
    }

    /// The votes for all that is hosted in a missing pack are taken back.
    pub fn let_go_of_pack(&self, pack: i64, now: u64) -> Result<Vec<Stepped>, StoreError> {
        self.write(|db| {
            if one_step(db, pack, PackHappened::LetGo)? != Some(PackState::Leaving) {
                return Ok(Vec::new());
            }
            step_all(db, &packs::members(db, pack)?, &Happened::LetGo, now)
        })
    }

    /// A pack was removed everywhere. What was hosted in it alone is hosted on its own again.
    pub fn forget_pack(&self, pack: i64, now: u64) -> Result<Vec<Stepped>, StoreError> {
        self.write(|db| {
            let alone = packs::forget(db, pack)?;
            step_all(db, &alone, &Happened::Unpacked, now)
        })
    }

    /// The header of an item that is hosted, as a torrent of its own or in a pack, and whose text is here.
    pub fn hosted_header(&self, infohash: &Infohash) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|db| packs::hosted_header(db, infohash))
    }

    /// How many items are hosted in packs, each counted once.
    pub fn packed_count(&self) -> Result<u64, StoreError> {
        self.read(|db| {
            let state = upseed_tables::work::hosting::number(upseed_model::HostingState::Packed);
            let mut count = db.prepare_cached("SELECT count(*) FROM wishes WHERE state = ?1")?;
            Ok(upseed_tables::values::number::uint(count.query_row([state], |row| row.get(0))?))
        })
    }

    /// My pack that clients call so.
    pub fn pack_called(&self, infohash: &Infohash) -> Result<Option<PackRow>, StoreError> {
        self.read(|db| packs::called(db, infohash))
    }
}

fn one_step(
    db: &Writing<'_>,
    pack: i64,
    happened: PackHappened,
) -> Result<Option<PackState>, StoreError> {
    let Some(row) = packs::get(db, pack)? else { return Ok(None) };
    let after = row.state.after(happened);
    packs::set_state(db, pack, after)?;
    Ok(Some(after))
}

fn step_all(
    db: &Writing<'_>,
    items: &[i64],
    happened: &Happened,
    now: u64,
) -> Result<Vec<Stepped>, StoreError> {
    items.iter().map(|item| step(db, *item, happened, now)).collect()
}
