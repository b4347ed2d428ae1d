//! How many seeds an item has, as last measured: shown as availability, never as votes.

use upseed_model::Infohash;

use crate::{
    connection::Store,
    values::{error::StoreError, number::int},
    work::items,
};

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
            if let Some(item) = items::id_by_infohash(db, infohash)? {
                db.touch(item);
            }
            Ok(())
        })
    }
}
