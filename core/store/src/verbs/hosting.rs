//! What should be hosted, and how far that has come.

use rusqlite::OptionalExtension as _;
use upseed_model::{HostingState, HostingTask, WorkId};
use upseed_tables::hosting::Happened;
use upseed_tables::{
    values::{
        error::StoreError,
        number::{int, uint},
        pack::PackState,
    },
    work::{
        hosting::{COLUMNS, Stepped, TaskRow, all, get, number, read, step},
        items,
    },
};

use crate::connection::Store;

const FETCHING: i64 = number(HostingState::Fetching);

/// How far the tasks have come, in items. What is stopped is in none of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TaskCounts {
    /// Hosted by now, as torrents of their own or in packs.
    pub hosted: u64,
    /// Still to be hosted.
    pub waiting: u64,
    /// Gone from the client, alone or with their pack: the user is asked.
    pub asked: u64,
}

impl Store {
    /// The tasks in one of these states, newest task first; for none, all but those that are packed, of which there may
    /// be a million.
    pub fn hosting_tasks(&self, states: &[HostingState]) -> Result<Vec<TaskRow>, StoreError> {
        self.read(|db| all(db, states))
    }

    /// The tasks in this state whose next try is due, the newest task first: a
    /// new vote does not wait for a thousand old ones. (A try further ahead than an hour was set by a
    /// clock that was wrong.) What is being fetched is due as soon as its text is here.
    pub fn due_tasks(
        &self,
        state: HostingState,
        now: u64,
        limit: u32,
    ) -> Result<Vec<TaskRow>, StoreError> {
        self.read(|db| {
            let sql = format!(
                "SELECT {COLUMNS} WHERE w.state = ?1 AND (w.next_try <= ?2 OR w.next_try > ?2 + 3600
                    OR w.state = {FETCHING} AND EXISTS (
                        SELECT 1 FROM texts t WHERE t.item = w.item AND t.keep <> 3))
                 ORDER BY w.at DESC, w.item DESC LIMIT ?3"
            );
            let mut select = db.prepare_cached(&sql)?;
            let mut rows = select.query((number(state), int(now), limit))?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(read(row)?);
            }
            Ok(found)
        })
    }

    /// How many tasks were not taken by the client and wait for their next try, and what it said of
    /// the newest of them.
    pub fn failed_tasks(&self) -> Result<Option<(u64, String)>, StoreError> {
        self.read(|db| {
            let sql = "SELECT count(*) OVER (), error FROM wishes WHERE state = ?1
                       ORDER BY at DESC, item DESC LIMIT 1";
            let failed = number(HostingState::Failed);
            let mut select = db.prepare_cached(sql)?;
            let first = select.query_row([failed], |row| {
                Ok((uint(row.get(0)?), row.get::<_, Option<String>>(1)?.unwrap_or_default()))
            });
            Ok(first.optional()?)
        })
    }

    /// How far all tasks have come.
    pub fn task_counts(&self) -> Result<TaskCounts, StoreError> {
        self.read(|db| {
            let mut count = db.prepare_cached(
                "SELECT (SELECT count(*) FROM wishes WHERE state IN (?1, ?2)),
                        (SELECT count(*) FROM wishes WHERE state IN (?3, ?4, ?5, ?6)),
                        (SELECT count(*) FROM wishes WHERE state = ?7)
                        + (SELECT ifnull(sum(count - gone), 0) FROM packs WHERE state = ?8)",
            )?;
            let [hosted, packed, wanted, fetching, handed, failed, missing] = [
                HostingState::Hosting,
                HostingState::Packed,
                HostingState::Wanted,
                HostingState::Fetching,
                HostingState::Handed,
                HostingState::Failed,
                HostingState::Missing,
            ]
            .map(number);
            let asked = PackState::Missing.number();
            let states = (hosted, packed, wanted, fetching, handed, failed, missing, asked);
            Ok(count.query_row(states, |row| {
                let [hosted, waiting, asked] = [row.get(0)?, row.get(1)?, row.get(2)?].map(uint);
                Ok(TaskCounts { hosted, waiting, asked })
            })?)
        })
    }

    /// One item's task.
    pub fn hosting_task(&self, work: &WorkId) -> Result<Option<HostingTask>, StoreError> {
        self.read(|db| items::id(db, work)?.map_or(Ok(None), |item| get(db, item)))
    }

    /// Something happened to an item: its task goes one step on, with nothing in between, for the user
    /// and the client may speak of it at the same time.
    ///
    /// Errors: [`StoreError::UnknownItem`].
    pub fn step_task(
        &self,
        work: &WorkId,
        happened: &Happened,
        now: u64,
    ) -> Result<Stepped, StoreError> {
        self.write(|db| step(db, items::require(db, work)?, happened, now))
    }

    /// The same happened to many items, in one transaction. Those that are not known here are left out.
    pub fn step_tasks(
        &self,
        works: &[WorkId],
        happened: &Happened,
        now: u64,
    ) -> Result<Vec<Stepped>, StoreError> {
        self.write(|db| {
            let mut stepped = Vec::with_capacity(works.len());
            for work in works {
                if let Some(item) = items::id(db, work)? {
                    stepped.push(step(db, item, happened, now)?);
                }
            }
            Ok(stepped)
        })
    }
}
