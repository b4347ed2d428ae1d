//! Finding people and items by what somebody typed of their names.

use std::ops::RangeInclusive;

use rusqlite::{Connection, Params};
use upseed_model::{Infohash, PublicKey};
use upseed_tables::{
    values::{error::StoreError, words},
    work::{names::parse_key, profiles},
};

use crate::connection::Store;

impl Store {
    /// Keys of whose profiles at least one has this name; at most `limit`. Case, accents and what
    /// is neither letter nor digit make no difference.
    pub fn keys_named(&self, name: &str, limit: u32) -> Result<Vec<PublicKey>, StoreError> {
        self.read(|db| profiles::named(db, name, limit))
    }

    /// Keys in a range, of all that any record here has named; at most `limit`.
    pub fn keys_between(
        &self,
        range: &RangeInclusive<[u8; 32]>,
        limit: u32,
    ) -> Result<Vec<PublicKey>, StoreError> {
        let sql = "SELECT key FROM keys WHERE key BETWEEN ?1 AND ?2 ORDER BY key LIMIT ?3";
        self.read(|db| {
            let keys = blobs::<32>(db, sql, (range.start(), range.end(), limit))?;
            keys.into_iter().map(parse_key).collect()
        })
    }

    /// Infohashes in a range, of the items here; at most `limit`.
    pub fn items_between(
        &self,
        range: &RangeInclusive<[u8; 20]>,
        limit: u32,
    ) -> Result<Vec<Infohash>, StoreError> {
        let sql = "SELECT DISTINCT infohash FROM items WHERE infohash BETWEEN ?1 AND ?2 LIMIT ?3";
        self.read(|db| {
            let found = blobs::<20>(db, sql, (range.start(), range.end(), limit))?;
            Ok(found.into_iter().map(Infohash::from_bytes).collect())
        })
    }
}

/// Whether two names are one to [`Store::keys_named`].
pub fn is_same_name(one: &str, other: &str) -> bool {
    words::of_text(one) == words::of_text(other)
}

fn blobs<const N: usize>(
    db: &Connection,
    sql: &str,
    params: impl Params,
) -> Result<Vec<[u8; N]>, StoreError> {
    let mut select = db.prepare_cached(sql)?;
    let rows = select.query_map(params, |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
