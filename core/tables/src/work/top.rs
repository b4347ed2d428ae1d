//! Lists of posts, out of indexes: the cost depends on how many posts are asked for and on how many
//! buckets a window has (at most about 70 for a year), not on how many posts there are.
//!
//! Sorted by score, a window is taken apart into whole months, whole days before the first whole
//! month, and the part of a day at its edge. In each bucket the index runs by score, so that it is
//! left as soon as the next post is worse than what was found already.

use std::{
    cmp::Ordering,
    collections::{BTreeSet, HashSet},
};

use rusqlite::Connection;
use upseed_model::{
    BoardName,
    rank::{Sort, Window},
};
use upseed_rank::{Fixed, hot};

use super::{boards, names::known_board};
use crate::values::{
    day::{DAY, MONTH},
    error::StoreError,
    number::int,
};

/// Which posts to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopQuery {
    /// From these boards; from every joined one if empty.
    pub boards: Vec<BoardName>,
    /// Posts whose min(signed time, first seen) lies in this window.
    pub window: Window,
    /// The order. Ties: the later rank time first, then the smaller work id.
    pub sort: Sort,
    /// At most so many.
    pub limit: u32,
    /// The end of the window, in unix seconds.
    pub now: u64,
    /// Also what is left out otherwise: dead, retracted, or by muted authors.
    pub hidden: bool,
    /// Whether rows come with their texts.
    pub texts: bool,
    /// In the order "new": only posts that people I know wrote or voted for, or only the others.
    pub known: Option<bool>,
}

/// A post in the order of a list: the best is the smallest.
#[derive(Debug, Clone, Copy)]
pub struct Ranked {
    /// Score, hot, or in the order "new" `KNOWN` or the item's work.
    pub value: i64,
    /// The rank time, in unix seconds.
    pub time: i64,
    /// Breaks ties between equals.
    pub tie: i64,
    /// The row in `items`.
    pub item: i64,
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        let value = other.value.cmp(&self.value);
        value
            .then(other.time.cmp(&self.time))
            .then(self.tie.cmp(&other.tie))
            .then(self.item.cmp(&other.item))
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Ranked {}

/// Rows of one day by score that are looked at for the part of a day at a window's edge, before
/// the posts of that part are gone through by time instead. Either way is short unless the best
/// posts of the day all lie before the edge and many others after it.
const EDGE: usize = 1_000;

/// Rows before a window's edge that are passed over, before the window is gone through by time instead.
const PASSED: usize = 5_000;

/// Posts of people I know come before all others, however much work those have.
const KNOWN: i64 = i64::MAX;

struct Search<'a> {
    db: &'a Connection,
    /// The best so far.
    found: BTreeSet<Ranked>,
    limit: usize,
    since: i64,
    board: i64,
    hidden: bool,
}

/// The rows in `items` of a list, best first.
pub fn top_ids(db: &Connection, query: &TopQuery) -> Result<Vec<i64>, StoreError> {
    Ok(top(db, query)?.into_iter().map(|post| post.item).collect())
}

/// The posts of a list, the best first.
pub fn top(db: &Connection, query: &TopQuery) -> Result<Vec<Ranked>, StoreError> {
    let boards: HashSet<BoardName> = if query.boards.is_empty() {
        boards::joined(db)?.into_iter().map(|board| board.name).collect()
    } else {
        query.boards.iter().copied().collect()
    };
    let mut search = Search {
        db,
        found: BTreeSet::new(),
        limit: query.limit as usize,
        since: int(query.window.since(query.now)),
        board: 0,
        hidden: false,
    };
    for board in boards {
        let Some(board) = known_board(db, &board)? else { continue };
        for hidden in [false, true] {
            if hidden && !query.hidden {
                continue;
            }
            (search.board, search.hidden) = (board, hidden);
            match query.sort {
                Sort::Top => search.by_score()?,
                Sort::Hot => search.by_hot()?,
                Sort::New => {
                    if query.known != Some(false) {
                        search.known()?;
                    }
                    if query.known != Some(true) {
                        search.unknown()?;
                    }
                }
            }
        }
    }
    Ok(search.found.into_iter().collect())
}

impl Search<'_> {
    /// False if nothing that comes later in the same order can be among the best either.
    fn offer(&mut self, post: Ranked) -> bool {
        if self.found.contains(&post) {
            return true;
        }
        if self.found.len() >= self.limit {
            match self.found.last() {
                Some(worst) if post < *worst => self.found.pop_last(),
                _ => return false,
            };
        }
        self.found.insert(post);
        true
    }

    fn by_score(&mut self) -> Result<(), StoreError> {
        // The first day and the first month that lie inside the window as a whole.
        let first_day = self.since.div_ceil_positive(DAY as i64);
        let first_month = first_day.div_ceil_positive(MONTH);
        let mut bucket = i64::MAX;
        while let Some(month) = self.bucket_before(Bucket::Month, bucket, first_month)? {
            self.scan(Bucket::Month, month)?;
            bucket = month;
        }
        bucket = first_month * MONTH;
        while let Some(day) = self.bucket_before(Bucket::Day, bucket, first_day)? {
            self.scan(Bucket::Day, day)?;
            bucket = day;
        }
        if first_day * DAY as i64 > self.since { self.edge(first_day - 1) } else { Ok(()) }
    }

    /// The last bucket with any posts before `end`, and not before `start`.
    fn bucket_before(
        &self,
        bucket: Bucket,
        end: i64,
        start: i64,
    ) -> Result<Option<i64>, StoreError> {
        let mut last = self.db.prepare_cached(bucket.last())?;
        Ok(last.query_row((self.board, self.hidden, end, start), |row| row.get(0))?)
    }

    fn scan(&mut self, bucket: Bucket, number: i64) -> Result<(), StoreError> {
        let mut select = self.db.prepare_cached(bucket.by_score())?;
        let mut rows = select.query((self.board, self.hidden, number))?;
        while let Some(row) = rows.next()? {
            if !self.offer(ranked(row)?) {
                break;
            }
        }
        Ok(())
    }

    /// Those posts of a day that lie inside the window.
    fn edge(&mut self, day: i64) -> Result<(), StoreError> {
        let mut by_score = self.db.prepare_cached(Bucket::Day.by_score())?;
        let mut rows = by_score.query((self.board, self.hidden, day))?;
        for _ in 0..EDGE {
            let Some(row) = rows.next()? else { return Ok(()) };
            let post = ranked(row)?;
            let worse = self.found.len() >= self.limit
                && self.found.last().is_some_and(|worst| *worst <= post);
            if worse {
                return Ok(());
            }
            if post.time >= self.since {
                self.offer(post);
            }
        }
        let mut by_time = self.db.prepare_cached(
            "SELECT score, time, tie, item FROM ranks INDEXED BY ranks_by_time
             WHERE post = 1 AND board = ?1 AND hidden = ?2 AND time >= ?3 AND time < ?4",
        )?;
        let end = (day + 1) * DAY as i64;
        let mut rows = by_time.query((self.board, self.hidden, self.since, end))?;
        while let Some(row) = rows.next()? {
            self.offer(ranked(row)?);
        }
        Ok(())
    }

    fn by_hot(&mut self) -> Result<(), StoreError> {
        let mut select = self.db.prepare_cached(
            "SELECT hot, time, tie, item FROM ranks INDEXED BY ranks_by_hot
             WHERE post = 1 AND board = ?1 AND hidden = ?2 AND hot >= ?3
             ORDER BY hot DESC, time DESC, tie",
        )?;
        // No post inside the window is colder than one without votes at its edge.
        let coldest = hot(Fixed::ZERO, self.since.unsigned_abs()).to_sql();
        let mut rows = select.query((self.board, self.hidden, coldest))?;
        while let Some(row) = rows.next()? {
            let post = ranked(row)?;
            let worse = self.found.len() >= self.limit
                && self.found.last().is_some_and(|worst| *worst <= post);
            if worse {
                break;
            }
            if post.time >= self.since {
                self.offer(post);
            }
        }
        Ok(())
    }

    /// Posts of people I know, or for which they voted: the newest first.
    fn known(&mut self) -> Result<(), StoreError> {
        let mut select = self.db.prepare_cached(
            "SELECT ?4, time, tie, item FROM ranks INDEXED BY ranks_known
             WHERE post = 1 AND known = 1 AND board = ?1 AND hidden = ?2 AND time >= ?3
             ORDER BY time DESC, tie",
        )?;
        let mut rows = select.query((self.board, self.hidden, self.since, KNOWN))?;
        while let Some(row) = rows.next()? {
            if !self.offer(ranked(row)?) {
                break;
            }
        }
        Ok(())
    }

    /// The others: those with the most work first. Many old ones with more work than any in the window
    /// would have to be passed over: then the window is gone through as a whole.
    fn unknown(&mut self) -> Result<(), StoreError> {
        let mut select = self.db.prepare_cached(
            "SELECT bits, time, tie, item FROM ranks INDEXED BY ranks_unknown
             WHERE post = 1 AND known = 0 AND board = ?1 AND hidden = ?2
             ORDER BY bits DESC, time DESC, tie",
        )?;
        let mut rows = select.query((self.board, self.hidden))?;
        let mut passed = 0;
        while let Some(row) = rows.next()? {
            let post = ranked(row)?;
            if post.time < self.since {
                passed += 1;
                if passed == PASSED {
                    return self.unknown_by_time();
                }
            } else if !self.offer(post) {
                break;
            }
        }
        Ok(())
    }

    fn unknown_by_time(&mut self) -> Result<(), StoreError> {
        let mut select = self.db.prepare_cached(
            "SELECT bits, time, tie, item FROM ranks INDEXED BY ranks_by_time
             WHERE post = 1 AND known = 0 AND board = ?1 AND hidden = ?2 AND time >= ?3",
        )?;
        let mut rows = select.query((self.board, self.hidden, self.since))?;
        while let Some(row) = rows.next()? {
            self.offer(ranked(row)?);
        }
        Ok(())
    }
}

fn ranked(row: &rusqlite::Row<'_>) -> Result<Ranked, rusqlite::Error> {
    Ok(Ranked { value: row.get(0)?, time: row.get(1)?, tie: row.get(2)?, item: row.get(3)? })
}

#[derive(Debug, Clone, Copy)]
enum Bucket {
    Day,
    Month,
}

impl Bucket {
    const fn by_score(self) -> &'static str {
        match self {
            Self::Day => {
                "SELECT score, time, tie, item FROM ranks INDEXED BY ranks_by_day
                 WHERE post = 1 AND board = ?1 AND hidden = ?2 AND day = ?3
                 ORDER BY score DESC, time DESC, tie"
            }
            Self::Month => {
                "SELECT score, time, tie, item FROM ranks INDEXED BY ranks_by_month
                 WHERE post = 1 AND board = ?1 AND hidden = ?2 AND month = ?3
                 ORDER BY score DESC, time DESC, tie"
            }
        }
    }

    const fn last(self) -> &'static str {
        match self {
            Self::Day => {
                "SELECT max(day) FROM ranks INDEXED BY ranks_by_day
                 WHERE post = 1 AND board = ?1 AND hidden = ?2 AND day < ?3 AND day >= ?4"
            }
            Self::Month => {
                "SELECT max(month) FROM ranks INDEXED BY ranks_by_month
                 WHERE post = 1 AND board = ?1 AND hidden = ?2 AND month < ?3 AND month >= ?4"
            }
        }
    }
}

/// Division that rounds up, of numbers that are not negative.
trait DivCeil {
    fn div_ceil_positive(self, by: Self) -> Self;
}

impl DivCeil for i64 {
    fn div_ceil_positive(self, by: Self) -> Self {
        self / by + Self::from(self % by != 0)
    }
}
