//! Who hosts an item: how many were named, shown as availability and never as votes; and the networks in which its text
//! was seen, which bound what strangers' votes may add.

use rusqlite::Connection;
use upseed_model::Network;

use crate::values::{day::DAY, error::StoreError, number::int};

/// Networks that are kept of an item: those that were seen last. More would add next to nothing to a score, which takes
/// the logarithm.
const MOST_NETWORKS: u32 = 64;

/// Networks that are kept of all items, some 50 bytes each.
const MOST_ROWS: u32 = 1_000_000;

/// Seconds after which a network has to be seen again.
const KEPT_SECONDS: u64 = 7 * DAY;

/// Networks that are forgotten in one transaction, so that others need not wait long.
const CHUNK: u32 = 2_000;

/// Somebody was seen to have the text.
pub fn saw_one(db: &Connection, item: i64, now: u64) -> Result<(), StoreError> {
    let mut insert = db.prepare_cached(
        "INSERT INTO seeds SELECT infohash, 1, 1, ?2 FROM items WHERE id = ?1
         ON CONFLICT DO NOTHING",
    )?;
    insert.execute((item, int(now)))?;
    Ok(())
}

/// Distinct networks in which the text was seen.
pub fn networks(db: &Connection, item: i64) -> Result<u32, StoreError> {
    let mut count = db.prepare_cached("SELECT count(*) FROM hosts WHERE item = ?1")?;
    Ok(count.query_row([item], |row| row.get(0))?)
}

/// The text was seen in these networks. True if there are more of them now, or fewer.
pub fn saw(db: &Connection, item: i64, seen: &[Network], now: u64) -> Result<bool, StoreError> {
    let before = networks(db, item)?;
    let mut insert = db.prepare_cached(
        "INSERT INTO hosts VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET seen = excluded.seen",
    )?;
    for network in seen {
        insert.execute((item, network.as_bytes(), int(now)))?;
    }
    let mut bound = db.prepare_cached(
        "DELETE FROM hosts WHERE item = ?1 AND network IN (
             SELECT network FROM hosts WHERE item = ?1
             ORDER BY seen DESC, network LIMIT -1 OFFSET ?2)",
    )?;
    bound.execute((item, MOST_NETWORKS))?;
    Ok(networks(db, item)? != before)
}

/// Forgets what was seen too long ago, some thousands at a time. Gives the items that have fewer networks now; none when
/// all is done.
pub fn forget_old(db: &Connection, now: u64) -> Result<Vec<i64>, StoreError> {
    let mut old = db.prepare_cached(
        "DELETE FROM hosts WHERE (item, network) IN (
             SELECT item, network FROM hosts WHERE seen <= ?1
             UNION SELECT item, network FROM (
                 SELECT item, network FROM hosts ORDER BY seen DESC LIMIT -1 OFFSET ?2)
             LIMIT ?3) RETURNING item",
    )?;
    let bound = int(now.saturating_sub(KEPT_SECONDS));
    let items = old.query_map((bound, MOST_ROWS, CHUNK), |row| row.get(0))?;
    let mut items = items.collect::<Result<Vec<i64>, _>>()?;
    items.sort_unstable();
    items.dedup();
    Ok(items)
}
