//! What is voted for and not hosted, because its author was muted, or retracted it.

use rusqlite::Connection;
use upseed_model::{HostingState, PublicKey, WorkId, moderation::KeepRetracted};
use upseed_tables::hosting::Happened;
use upseed_tables::{
    values::error::StoreError,
    work::{
        hosting::{self, Stepped},
        items,
        names::known_key,
        retractions::{self, KEEP, STOP, UNDECIDED},
    },
};

use crate::connection::Store;

/// Which tasks are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settle {
    /// All of them.
    All,
    /// Those whose items were retracted.
    Retracted,
}

/// Each task that is to be hosted or stands still, and whether it should stand still: ?1 is true where
/// retracted items are dropped unless the user said otherwise. What was voted for after its author
/// was muted is hosted.
const TASKS: &str = "SELECT w.item, w.state,
        EXISTS (SELECT 1 FROM mutes m WHERE m.author = i.author AND m.at >= w.at)
        OR EXISTS (SELECT 1 FROM retractions x
            JOIN retracted r ON r.target = i.work AND r.author = i.author
            WHERE x.item = w.item AND (x.choice = 2 OR x.choice = 0 AND ?1))
    FROM wishes w JOIN items i ON i.id = w.item";

impl Store {
    /// Brings hosting in line with whom the user muted, and with what authors retracted. Gives each
    /// task that stopped or was resumed.
    pub fn settle_hosting(
        &self,
        which: Settle,
        retracted: KeepRetracted,
        now: u64,
    ) -> Result<Vec<Stepped>, StoreError> {
        let drop = retracted == KeepRetracted::Drop;
        self.write(|db| {
            let mut stepped = Vec::new();
            for (item, happened) in unsettled(db, which, drop)? {
                stepped.push(hosting::step(db, item, &happened, now)?);
            }
            Ok(stepped)
        })
    }

    /// What this person wrote and the client hosts without a vote is hosted no more.
    pub fn stop_unvoted(&self, author: &PublicKey, now: u64) -> Result<Vec<Stepped>, StoreError> {
        self.write(|db| {
            let Some(author) = known_key(db, author)? else { return Ok(Vec::new()) };
            let mut select = db.prepare_cached(
                "DELETE FROM guests WHERE item IN (
                     SELECT g.item FROM guests g JOIN items i ON i.id = g.item WHERE i.author = ?1)
                 RETURNING item",
            )?;
            let items =
                select.query_map([author], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
            let stop = |item| hosting::step(db, item, &Happened::UnvotedStopped, now);
            items.into_iter().map(stop).collect()
        })
    }

    /// The user says of a retracted item whether it stays hosted. [`Store::settle_hosting`] does it.
    ///
    /// Errors: [`StoreError::UnknownItem`].
    pub fn keep_retracted(&self, work: &WorkId, keep: bool) -> Result<(), StoreError> {
        self.write(|db| {
            let item = items::require(db, work)?;
            retractions::decide(db, item, if keep { KEEP } else { STOP })
        })
    }

    /// Hosted items that their authors retracted and of which the user has not said whether they stay
    /// hosted, the newest first.
    pub fn retracted_undecided(&self, limit: u32) -> Result<Vec<WorkId>, StoreError> {
        self.read(|db| {
            let mut select = db.prepare_cached(
                "SELECT i.work FROM retractions x JOIN items i ON i.id = x.item
                 JOIN wishes w ON w.item = x.item
                 JOIN retracted r ON r.target = i.work AND r.author = i.author
                 WHERE x.choice = ?1 AND w.state NOT IN (5, 7, 8, 9)
                 ORDER BY x.item DESC LIMIT ?2",
            )?;
            let works = select.query_map((UNDECIDED, limit), |row| row.get(0))?;
            works.map(|work| Ok(WorkId::from_bytes(work?))).collect()
        })
    }
}

fn unsettled(
    db: &Connection,
    which: Settle,
    drop: bool,
) -> Result<Vec<(i64, Happened)>, StoreError> {
    let among = match which {
        Settle::All => "",
        Settle::Retracted => " WHERE w.item IN (SELECT item FROM retractions)",
    };
    let mut select = db.prepare_cached(&format!("{TASKS}{among}"))?;
    let mut rows = select.query([drop])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (item, state, stop) = (row.get(0)?, hosting::state(row.get(1)?)?, row.get(2)?);
        let stands = matches!(state, HostingState::Stopping | HostingState::Stopped);
        match (stands, stop) {
            (false, true) if state != HostingState::Leaving => {
                found.push((item, Happened::Stopped))
            }
            (true, false) => found.push((item, Happened::Resumed)),
            _ => {}
        }
    }
    Ok(found)
}
