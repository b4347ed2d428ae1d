//! Starter lists: `follows` statements under a name, found by the boards that they are for.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension as _};
use upseed_model::{HostingState, SignedStatement, Statement};

use super::{batch::Batch, hosting, slots};
use crate::values::{error::StoreError, number::int};

/// Rows of one board that are looked at for lists by strangers.
const LOOKED_AT: u32 = 64;

/// Items that I upvoted last, whose authors' lists come first.
const UPVOTED: u32 = 1_000;

/// The statement, if it is a starter list in which somebody is.
fn as_list(statement: Option<&SignedStatement>) -> Option<&SignedStatement> {
    statement.filter(|statement| {
        let Statement::Follows { name, targets, .. } = statement.content() else { return false };
        name.is_some() && !targets.is_empty()
    })
}

impl Batch<'_> {
    /// `before` was replaced by `after` in this slot; either may be no starter list.
    pub fn apply_starter_list(
        &mut self,
        before: Option<&SignedStatement>,
        after: Option<&SignedStatement>,
    ) -> Result<(), StoreError> {
        if let Some(list) = as_list(before) {
            let author = self.key(&list.author())?;
            for board in list.boards() {
                let row = (self.board(board)?, author, int(list.time()), *list.work().as_bytes());
                let sql = "DELETE FROM starters
                    WHERE board = ?1 AND author = ?2 AND time = ?3 AND work = ?4";
                self.db.prepare_cached(sql)?.execute(row)?;
            }
        }
        if let Some(list) = as_list(after) {
            let (author, spare) = (self.key(&list.author())?, list.spare_bits());
            for board in list.boards() {
                let board = self.board(board)?;
                let row = (board, author, int(list.time()), *list.work().as_bytes(), spare);
                let sql = "INSERT INTO starters VALUES (?1, ?2, ?3, ?4, ?5)";
                self.db.prepare_cached(sql)?.execute(row)?;
            }
        }
        Ok(())
    }
}

/// Starter lists of a board, one by each author, but for `me` and those whom I muted. First those by
/// the people in `follows`, then by those of whose posts I upvoted the most; then those with the most
/// spare work, of which the newest.
pub fn offered(
    db: &Connection,
    board: i64,
    me: i64,
    follows: &[i64],
    limit: usize,
) -> Result<Vec<SignedStatement>, StoreError> {
    let mut seen: HashSet<i64> = muted(db)?;
    seen.insert(me);
    let known = follows.iter().copied().chain(upvoted(db, me)?);
    let mut strangers = db.prepare_cached(
        "SELECT author FROM starters WHERE board = ?1 ORDER BY spare DESC, time DESC LIMIT ?2",
    )?;
    let strangers = strangers
        .query_map((board, LOOKED_AT), |row| row.get(0))?
        .collect::<Result<Vec<i64>, _>>()?;
    let mut lists = Vec::new();
    for author in known.chain(strangers) {
        if lists.len() == limit {
            break;
        }
        if seen.insert(author) {
            lists.extend(newest(db, board, author)?);
        }
    }
    Ok(lists)
}

fn newest(db: &Connection, board: i64, author: i64) -> Result<Option<SignedStatement>, StoreError> {
    let mut find = db.prepare_cached(
        "SELECT s.bytes FROM starters l JOIN statements s ON s.work = l.work
         WHERE l.board = ?1 AND l.author = ?2 ORDER BY l.time DESC, l.work DESC LIMIT 1",
    )?;
    let bytes: Option<Vec<u8>> = find.query_row((board, author), |row| row.get(0)).optional()?;
    bytes.map(|bytes| slots::parse(&bytes)).transpose()
}

fn muted(db: &Connection) -> Result<HashSet<i64>, StoreError> {
    let mut select = db.prepare_cached("SELECT author FROM mutes")?;
    Ok(select.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// Authors of what I upvoted last, those of the most items first.
fn upvoted(db: &Connection, me: i64) -> Result<Vec<i64>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT i.author FROM wishes w JOIN items i ON i.id = w.item
         WHERE w.state <> ?1 AND i.author <> ?2 ORDER BY w.at DESC LIMIT ?3",
    )?;
    let leaving = hosting::number(HostingState::Leaving);
    let authors = select.query_map((leaving, me, UPVOTED), |row| row.get(0))?;
    let mut items: HashMap<i64, u32> = HashMap::new();
    for author in authors {
        *items.entry(author?).or_default() += 1;
    }
    let mut authors: Vec<_> = items.into_iter().collect();
    authors.sort_unstable_by_key(|(author, items)| (std::cmp::Reverse(*items), *author));
    Ok(authors.into_iter().map(|(author, _)| author).collect())
}
