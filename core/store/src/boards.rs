//! Boards that the user joined.

use std::collections::{BTreeMap, HashSet};

use rusqlite::{Connection, OptionalExtension as _};
use upseed_model::{BoardName, PublicKey, Statement, limits::DEFAULT_DAYS};

use crate::{
    Store, StoreError, int,
    names::{known_board, parse_board},
    statements, uint,
};

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
        self.write(|db| join(db, name, trackers, now))
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

/// [`Store::join`], within a transaction.
pub(crate) fn join(
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

/// Posts of a board that are counted; beyond that the number is of no use to anybody.
const MAX_COUNTED: i64 = 10_000;

/// Statements that are looked through for profiles, the newest first.
const MAX_PROFILES: i64 = 5_000;

impl Store {
    /// How many posts of a board are shown in lists, counted up to 10,000.
    pub fn posts(&self, name: &BoardName) -> Result<u64, StoreError> {
        self.read(|db| {
            let Some(board) = known_board(db, name)? else { return Ok(0) };
            let mut count = db.prepare_cached(
                "SELECT count(*) FROM (SELECT 1 FROM ranks INDEXED BY ranks_by_time
                     WHERE board = ?1 AND hidden = 0 AND post = 1 LIMIT ?2)",
            )?;
            Ok(uint(count.query_row((board, MAX_COUNTED), |row| row.get(0))?))
        })
    }

    /// Boards on which people say they are, with how many of them, the most first.
    pub fn boards_of_people(&self) -> Result<Vec<(BoardName, u32)>, StoreError> {
        self.read(|db| {
            let mut select =
                db.prepare_cached("SELECT bytes FROM statements ORDER BY id DESC LIMIT ?1")?;
            let mut rows = select.query([MAX_PROFILES])?;
            let mut counts = BTreeMap::<BoardName, HashSet<PublicKey>>::new();
            while let Some(row) = rows.next()? {
                let statement = statements::parse(&row.get::<_, Vec<u8>>(0)?)?;
                if let Statement::Profile { active, .. } = statement.content() {
                    for board in active {
                        counts.entry(*board).or_default().insert(statement.author());
                    }
                }
            }
            let mut boards: Vec<_> =
                counts.into_iter().map(|(name, people)| (name, people.len() as u32)).collect();
            boards.sort_by_key(|(name, people)| (std::cmp::Reverse(*people), *name));
            Ok(boards)
        })
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
