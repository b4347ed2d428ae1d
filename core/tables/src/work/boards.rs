//! Boards that the user joined.

use rusqlite::{Connection, OptionalExtension as _};
use upseed_model::{BoardName, limits::DEFAULT_DAYS};

use super::names::parse_board;
use crate::values::{
    board::BoardRow,
    error::StoreError,
    number::{int, uint},
};

const COLUMNS: &str = "SELECT name, joined_at, days, min_bits, trackers FROM boards";

/// Joins a board, or adds trackers to one that was joined before.
pub fn join(
    db: &Connection,
    name: &BoardName,
    trackers: &[String],
    now: u64,
) -> Result<BoardRow, StoreError> {
    let mut board = one(db, name)?.unwrap_or_else(|| BoardRow {
        name: *name,
        joined_at: now,
        days: DEFAULT_DAYS,
        min_bits: 0,
        trackers: Vec::new(),
    });
    for tracker in trackers {
        if !board.trackers.contains(tracker) {
            board.trackers.push(tracker.clone());
        }
    }
    write(db, &board)?;
    Ok(board)
}

/// The boards that were joined, the first one first.
pub fn joined(db: &Connection) -> Result<Vec<BoardRow>, StoreError> {
    let mut select = db.prepare_cached(&format!("{COLUMNS} ORDER BY joined_at, name"))?;
    let mut rows = select.query([])?;
    let mut boards = Vec::new();
    while let Some(row) = rows.next()? {
        boards.push(read(row)?);
    }
    Ok(boards)
}

/// What is known of this board.
pub fn one(db: &Connection, name: &BoardName) -> Result<Option<BoardRow>, StoreError> {
    let mut select = db.prepare_cached(&format!("{COLUMNS} WHERE name = ?1"))?;
    let row = select.query_row([name.as_str()], |row| Ok(read(row))).optional()?;
    row.transpose()
}

fn read(row: &rusqlite::Row<'_>) -> Result<BoardRow, StoreError> {
    let (name, trackers): (String, String) = (row.get(0)?, row.get(4)?);
    Ok(BoardRow {
        name: parse_board("boards", &name)?,
        joined_at: uint(row.get(1)?),
        days: uint(row.get(2)?),
        min_bits: row.get(3)?,
        trackers: trackers.lines().map(str::to_owned).collect(),
    })
}

/// Writes what its user decided about a board.
pub fn write(db: &Connection, board: &BoardRow) -> Result<(), StoreError> {
    // An address has no line breaks; whatever has one is none.
    let trackers: Vec<&str> = board
        .trackers
        .iter()
        .map(String::as_str)
        .filter(|tracker| !tracker.contains(['\n', '\r']) && !tracker.is_empty())
        .collect();
    db.prepare_cached("REPLACE INTO boards VALUES (?1, ?2, ?3, ?4, ?5)")?.execute((
        board.name.as_str(),
        int(board.joined_at),
        int(board.days),
        board.min_bits,
        trackers.join("\n"),
    ))?;
    Ok(())
}
