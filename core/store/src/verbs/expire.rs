//! What is older than 400 days leaves the sets, and the store too unless I wrote or host it.

use rusqlite::OptionalExtension as _;
use upseed_tables::{
    values::{
        day::oldest_day,
        error::StoreError,
        number::{int, uint},
        outcome::Expired,
    },
    work::{batch::Batch, expire::is_kept},
};

use crate::connection::Store;

impl Store {
    /// The newest time of a record in the sets that somebody else signed, in unix seconds: what the
    /// time is at least, if this machine's clock should be wrong.
    pub fn newest_of_others(&self) -> Result<Option<u64>, StoreError> {
        let me = self.me_id();
        self.read(|db| {
            let mut boards = db.prepare_cached("SELECT DISTINCT board FROM days")?;
            let boards =
                boards.query_map([], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
            let mut newest = db.prepare_cached(
                "SELECT m.time FROM members m
                 LEFT JOIN items i ON i.work = m.work LEFT JOIN statements s ON s.work = m.work
                 WHERE m.board = ?1 AND coalesce(i.author, s.author) != ?2
                 ORDER BY m.time DESC LIMIT 1",
            )?;
            let mut found = None;
            for board in boards {
                let time: Option<i64> =
                    newest.query_row([board, me], |row| row.get(0)).optional()?;
                found = found.max(time.map(uint));
            }
            Ok(found)
        })
    }

    /// Removes what is beyond the horizon. Of that, my own records stay, and items that I host,
    /// and retractions of items that are still here.
    pub fn expire(&self, now: u64) -> Result<Expired, StoreError> {
        let mut expired = Expired::default();
        loop {
            let done = self.write(|db| {
                let mut batch = Batch::new(db, self.current_me());
                let works = batch.oldest_members(oldest_day(now))?;
                for work in &works {
                    batch.expire(work, &mut expired)?;
                }
                batch.flush()?;
                Ok(works.is_empty())
            })?;
            if done {
                break;
            }
        }
        self.write(|db| {
            let mut batch = Batch::new(db, self.current_me());
            // Hosted when they left the sets, and not any more.
            let mut select = db.prepare_cached("SELECT id FROM items WHERE listed = 0")?;
            let unlisted =
                select.query_map([], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
            for item in unlisted {
                if !is_kept(db, batch.me_id(), item)? {
                    batch.delete_item(item)?;
                    expired.items += 1;
                }
            }
            db.execute("DELETE FROM refused WHERE until <= ?1", [int(now)])?;
            batch.flush()
        })?;
        self.forget_networks(now)?;
        Ok(expired)
    }
}
