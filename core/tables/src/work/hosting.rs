//! What should be hosted, and how far that has come: items that I upvoted or wrote.

use crate::hosting::{Effect, Happened, next};
use rusqlite::Connection;
use upseed_model::{
    ClientKind, HostingState, HostingState::Removed, HostingTask, Infohash, WorkId,
};

use super::{packed, removals, texts, writing::Writing};
use crate::values::{
    error::StoreError,
    number::{int, uint},
};

/// A state as its number in a row, which never changes.
pub const fn number(state: HostingState) -> i64 {
    match state {
        HostingState::Wanted => 0,
        HostingState::Fetching => 1,
        HostingState::Handed => 2,
        HostingState::Hosting => 3,
        HostingState::Failed => 4,
        HostingState::Leaving => 5,
        HostingState::Missing => 6,
        HostingState::Stopping => 7,
        HostingState::Stopped => 8,
        HostingState::Removed => 9,
        HostingState::Packed => 10,
    }
}

/// [`number`], the way back.
pub fn state(row: i64) -> Result<HostingState, StoreError> {
    let found = HostingState::ALL.into_iter().find(|state| number(*state) == row);
    found.ok_or_else(|| StoreError::row("wishes", format!("unknown state {row}")))
}

/// The task of hosting an item, and which item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskRow {
    /// The item.
    pub work: WorkId,
    /// What clients call it by.
    pub infohash: Infohash,
    /// How far it has come.
    pub task: HostingTask,
}

/// What became of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stepped {
    /// The item.
    pub work: WorkId,
    /// What clients call it by.
    pub infohash: Infohash,
    /// The task now; none if the item is not to be hosted.
    pub task: Option<HostingTask>,
    /// What is to be done, in this order.
    pub effects: &'static [Effect],
}

/// What [`read`] reads of `wishes w` and its item `i`.
pub const COLUMNS: &str =
    "i.work, i.infohash, w.state, w.client, w.seeded, w.at, w.error, w.attempts, w.next_try
     FROM wishes w JOIN items i ON i.id = w.item";

fn client(name: Option<String>) -> Result<Option<ClientKind>, StoreError> {
    let known = name.map(|name| name.parse::<ClientKind>()).transpose();
    known.map_err(|error| StoreError::row("wishes", error.to_string()))
}

/// A row of [`COLUMNS`].
pub fn read(row: &rusqlite::Row<'_>) -> Result<TaskRow, StoreError> {
    Ok(TaskRow {
        work: WorkId::from_bytes(row.get(0)?),
        infohash: Infohash::from_bytes(row.get(1)?),
        task: HostingTask {
            state: state(row.get(2)?)?,
            client: client(row.get(3)?)?,
            seeded: row.get(4)?,
            at: uint(row.get(5)?),
            error: row.get(6)?,
            attempts: row.get(7)?,
            next_try: uint(row.get(8)?),
        },
    })
}

/// One step of an item's task. What is to be hosted is given to others from now on, not only cached:
/// its text may have come after the vote.
pub fn step(
    db: &Writing<'_>,
    item: i64,
    happened: &Happened,
    now: u64,
) -> Result<Stepped, StoreError> {
    let before = get(db, item)?;
    let (task, effects) = next(before.clone(), happened, now);
    if matches!(happened, Happened::Voted { .. } | Happened::VoteTakenBack) {
        db.mine_changed();
    }
    let is_removed =
        |task: &Option<HostingTask>| task.as_ref().is_some_and(|it| it.state == Removed);
    match (is_removed(&before), is_removed(&task)) {
        (false, true) => removals::hold(db, item, now)?,
        (true, false) if task.is_some() => removals::restore(db, item, now)?,
        (true, false) => removals::end(db, item)?,
        _ if matches!(happened, Happened::Voted { .. }) => removals::forget(db, item)?,
        _ => {}
    }
    match &task {
        Some(task) if before.as_ref() != Some(task) => put(db, item, task)?,
        None if before.is_some() => {
            db.prepare_cached("DELETE FROM wishes WHERE item = ?1")?.execute([item])?;
        }
        _ => {}
    }
    let is_packed = |task: &Option<HostingTask>| {
        task.as_ref().is_some_and(|task| task.state == HostingState::Packed)
    };
    if is_packed(&before) && !is_packed(&task) {
        packed::leave(db, item, (*happened == Happened::Stopped).then_some(now))?;
    }
    if task.as_ref().is_some_and(|task| task.state.is_to_host()) {
        texts::promote(db, item)?;
    }
    let mut ids = db.prepare_cached("SELECT work, infohash FROM items WHERE id = ?1")?;
    let (work, infohash) = ids.query_row([item], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let (work, infohash) = (WorkId::from_bytes(work), Infohash::from_bytes(infohash));
    Ok(Stepped { work, infohash, task, effects })
}

/// `Store::hosting_tasks`, within a transaction.
pub fn all(db: &Connection, states: &[HostingState]) -> Result<Vec<TaskRow>, StoreError> {
    let is_chosen = |state: &&HostingState| match states {
        [] => **state != HostingState::Packed,
        states => states.contains(state),
    };
    let chosen: Vec<String> = HostingState::ALL
        .iter()
        .filter(is_chosen)
        .map(|state| number(*state).to_string())
        .collect();
    let chosen = chosen.join(", ");
    let sql =
        format!("SELECT {COLUMNS} WHERE w.state IN ({chosen}) ORDER BY w.at DESC, w.item DESC");
    let mut select = db.prepare_cached(&sql)?;
    let mut rows = select.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// The task of an item.
pub fn get(db: &Connection, item: i64) -> Result<Option<HostingTask>, StoreError> {
    let sql = format!("SELECT {COLUMNS} WHERE w.item = ?1");
    let mut select = db.prepare_cached(&sql)?;
    let mut rows = select.query([item])?;
    rows.next()?.map(|row| Ok(read(row)?.task)).transpose()
}

fn put(db: &Connection, item: i64, task: &HostingTask) -> Result<(), StoreError> {
    let mut replace = db.prepare_cached(
        "REPLACE INTO wishes (item, state, client, seeded, at, error, attempts, next_try)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    replace.execute((
        item,
        number(task.state),
        task.client.map(ClientKind::as_str),
        task.seeded,
        int(task.at),
        &task.error,
        task.attempts,
        int(task.next_try),
    ))?;
    Ok(())
}
