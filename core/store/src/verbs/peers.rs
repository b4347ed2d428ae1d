//! Peers kept from earlier times, so that a node does not depend on whom it meets first.

use upseed_model::BoardName;
use upseed_tables::values::{error::StoreError, number::int};

use crate::connection::Store;

/// Addresses kept for one board.
const MAX_PEERS: i64 = 200;

impl Store {
    /// A peer of this board was good at this moment. The longest unseen go when there are more
    /// than 200.
    pub fn remember_peer(
        &self,
        board: &BoardName,
        address: &str,
        now: u64,
    ) -> Result<(), StoreError> {
        self.write(|db| {
            db.prepare_cached("REPLACE INTO peers VALUES (?1, ?2, ?3)")?.execute((
                board.as_str(),
                address,
                int(now),
            ))?;
            db.prepare_cached(
                "DELETE FROM peers WHERE board = ?1 AND address IN (
                     SELECT address FROM peers WHERE board = ?1
                     ORDER BY seen DESC, address LIMIT -1 OFFSET ?2)",
            )?
            .execute((board.as_str(), MAX_PEERS))?;
            Ok(())
        })
    }

    /// Addresses of this board's peers, the last seen first.
    pub fn kept_peers(&self, board: &BoardName, limit: u32) -> Result<Vec<String>, StoreError> {
        self.read(|db| {
            let mut select = db.prepare_cached(
                "SELECT address FROM peers WHERE board = ?1 ORDER BY seen DESC, address LIMIT ?2",
            )?;
            let rows = select.query_map((board.as_str(), limit), |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// A peer turned out to be bad.
    pub fn forget_peer(&self, board: &BoardName, address: &str) -> Result<(), StoreError> {
        self.write(|db| {
            db.execute(
                "DELETE FROM peers WHERE board = ?1 AND address = ?2",
                [board.as_str(), address],
            )?;
            Ok(())
        })
    }
}
