//! Who hosts an item: how many were named, and the networks in which its text was seen.

use upseed_model::{Infohash, Network};
use upseed_tables::{
    values::{error::StoreError, number::int},
    work::{items, seeds, writing::Writing},
};

use crate::connection::Store;

impl Store {
    /// Writes a measurement. `checked`: somebody connected and saw that a seed has the text.
    pub fn set_seeds(
        &self,
        infohash: &Infohash,
        count: u32,
        checked: bool,
        now: u64,
    ) -> Result<(), StoreError> {
        self.write(|db| {
            db.prepare_cached("REPLACE INTO seeds VALUES (?1, ?2, ?3, ?4)")?.execute((
                infohash.as_bytes(),
                count,
                checked,
                int(now),
            ))?;
            Ok(())
        })
    }

    /// Texts of items were seen in these networks: whoever was met there said so, or gave it. What is no item here is
    /// passed over. At most 64 networks of an item are kept, those that were seen last, for seven days.
    pub fn set_verified(
        &self,
        seen: &[(Infohash, Vec<Network>)],
        now: u64,
    ) -> Result<(), StoreError> {
        self.write(|db| {
            for (infohash, networks) in seen {
                if let Some(item) = items::id_by_infohash(db, infohash)?
                    && seeds::saw(db, item, networks, now)?
                {
                    networks_changed(db, item);
                }
            }
            Ok(())
        })
    }

    /// Forgets networks that were seen too long ago.
    pub(crate) fn forget_networks(&self, now: u64) -> Result<(), StoreError> {
        loop {
            let done = self.write(|db| {
                let fewer = seeds::forget_old(db, now)?;
                fewer.iter().for_each(|item| networks_changed(db, *item));
                Ok(fewer.is_empty())
            })?;
            if done {
                return Ok(());
            }
        }
    }
}

/// What is derived of an item's networks is derived anew.
fn networks_changed(db: &Writing<'_>, item: i64) {
    db.touch(item);
}
