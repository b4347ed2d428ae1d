//! Boards that the user joined.

use rusqlite::{Connection, OptionalExtension as _};
use upseed_model::{BoardName, limits::DEFAULT_DAYS};

use crate::{Store, StoreError, int, names::parse_board, uint};

/// A board that the user joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoardRow {
    /// Its name.
    pub name: BoardName,
    /// When the user joined, in unix seconds.
    pub joined_at: u64,
    /// How many days back are reconciled.
    pub days: u64,
    /// Records that commit to less work are not taken.
    pub min_bits: u8,
    /// Addresses of trackers for its rendezvous.
    pub trackers: Vec<String>,
}

impl Store {
    /// Joins a board, for 30 days back and any work. If the user has joined already, only trackers
    /// that are not there yet are added.
    pub fn join(
        &self,
        name: &BoardName,
        trackers: &[String],
        now: u64,
    ) -> Result<BoardRow, StoreError> {
        self.write(|db| {
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
        })
    }

    /// Writes a joined board's row as it stands.
    pub fn set_board(&self, board: &BoardRow) -> Result<(), StoreError> {
        self.write(|db| write(db, board))
    }

    /// Leaves a board; its records stay until they expire. False if the user had not joined it.
    pub fn leave(&self, name: &BoardName) -> Result<bool, StoreError> {
        self.write(|db| {
            db.execute("DELETE FROM peers WHERE board = ?1", [name.as_str()])?;
            Ok(db.execute("DELETE FROM boards WHERE name = ?1", [name.as_str()])? == 1)
        })
    }

    /// The joined boards, in the order of joining.
    pub fn boards(&self) -> Result<Vec<BoardRow>, StoreError> {
        self.read(joined)
    }

    /// One joined board.
    pub fn board(&self, name: &BoardName) -> Result<Option<BoardRow>, StoreError> {
        self.read(|db| one(db, name))
    }
}

const COLUMNS: &str = "SELECT name, joined_at, days, min_bits, trackers FROM boards";

pub(crate) fn joined(db: &Connection) -> Result<Vec<BoardRow>, StoreError> {
    let mut select = db.prepare_cached(&format!("{COLUMNS} ORDER BY joined_at, name"))?;
    let mut rows = select.query([])?;
    let mut boards = Vec::new();
    while let Some(row) = rows.next()? {
        boards.push(read(row)?);
    }
    Ok(boards)
}

fn one(db: &Connection, name: &BoardName) -> Result<Option<BoardRow>, StoreError> {
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

fn write(db: &Connection, board: &BoardRow) -> Result<(), StoreError> {
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
