//! Boards that the user joined.

use std::collections::{BTreeMap, HashSet};

use upseed_model::{BoardName, PublicKey, Statement};
use upseed_tables::{
    values::{board::BoardRow, error::StoreError, number::uint},
    work::{boards, names::known_board, slots},
};

use crate::connection::Store;

impl Store {
    /// Joins a board, for 30 days back and any work. If the user has joined already, only trackers
    /// that are not there yet are added.
    pub fn join(
        &self,
        name: &BoardName,
        trackers: &[String],
        now: u64,
    ) -> Result<BoardRow, StoreError> {
        self.write(|db| boards::join(db, name, trackers, now))
    }

    /// Writes a joined board's row as it stands.
    pub fn set_board(&self, board: &BoardRow) -> Result<(), StoreError> {
        self.write(|db| boards::write(db, board))
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
        self.read(boards::joined)
    }

    /// One joined board.
    pub fn board(&self, name: &BoardName) -> Result<Option<BoardRow>, StoreError> {
        self.read(|db| boards::one(db, name))
    }
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
                let statement = slots::parse(&row.get::<_, Vec<u8>>(0)?)?;
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
