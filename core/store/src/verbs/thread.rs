//! A post or a comment, and what people answered.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension as _};
use upseed_model::WorkId;
use upseed_rank::Fixed;
use upseed_tables::{
    values::{
        error::StoreError,
        number::{int, uint},
    },
    work::{items, rows::ItemRow},
};

use crate::connection::Store;

/// An item of a thread.
#[derive(Debug, Clone)]
pub struct ThreadRow {
    /// The item.
    pub row: ItemRow,
    /// Whether direct answers to it were left out.
    pub cut: bool,
}

/// An item of a thread by its number alone: enough to say which ones to show, in which order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OutlineRow {
    /// The item's number in this store ([`Store::numbered`]).
    pub number: u64,
    /// The number of what it answers; 0 for a post.
    pub parent: u64,
    /// What answers are sorted by.
    pub score: Fixed,
    /// Unix seconds, as signed.
    pub time: u64,
    /// Placed comments: of a post all in its thread, of a comment the direct answers.
    pub comments: u32,
}

/// A comment of a thread as the ranks have it.
#[derive(Default)]
struct Comment {
    item: i64,
    parent: i64,
    /// Bytes of its text, if it is here.
    size: u64,
    score: Fixed,
    time: u64,
    comments: u32,
}

impl From<&Comment> for OutlineRow {
    fn from(comment: &Comment) -> Self {
        Self {
            number: uint(comment.item),
            parent: uint(comment.parent),
            score: comment.score,
            time: comment.time,
            comments: comment.comments,
        }
    }
}

/// What is taken of a thread: whole ways up from the best comments to the top, as far as there is room.
struct Taken {
    items: HashSet<i64>,
    order: Vec<i64>,
}

impl Store {
    /// A placed item and the comments below it, flat: the best ones, each with all that it answers,
    /// and at most `limit` items. `texts`: about how many bytes of texts may come with them; none if
    /// that is 0. Nothing if the item is not here, or not placed.
    pub fn thread(
        &self,
        top: &WorkId,
        limit: u32,
        texts: u64,
    ) -> Result<Vec<ThreadRow>, StoreError> {
        self.read(|db| {
            let Some((top, comments)) = placed(db, top)? else { return Ok(Vec::new()) };
            let taken = take(top.item, &comments, limit as usize, texts);
            let left_out = comments.iter().filter(|comment| !taken.items.contains(&comment.item));
            let cut: HashSet<i64> = left_out.map(|comment| comment.parent).collect();
            let mut rows = Vec::with_capacity(taken.order.len());
            for item in taken.order {
                let row = self.row(db, item, texts > 0)?;
                rows.extend(row.map(|row| ThreadRow { row, cut: cut.contains(&item) }));
            }
            Ok(rows)
        })
    }

    /// [`Store::thread`] by numbers, with the item itself in front: three statements, however many
    /// comments there are.
    pub fn outline(&self, top: &WorkId, limit: u32) -> Result<Vec<OutlineRow>, StoreError> {
        self.read(|db| {
            let Some((top, comments)) = placed(db, top)? else { return Ok(Vec::new()) };
            let taken = take(top.item, &comments, limit as usize, 0);
            let below = comments.iter().filter(|comment| comment.item != top.item);
            let below = below.filter(|comment| taken.items.contains(&comment.item));
            Ok(std::iter::once(&top).chain(below).map(OutlineRow::from).collect())
        })
    }

    /// The items of these numbers with their texts, in order; those that are gone are left out.
    pub fn numbered(&self, numbers: &[u64]) -> Result<Vec<(u64, ItemRow)>, StoreError> {
        self.read(|db| {
            let mut rows = Vec::with_capacity(numbers.len());
            for number in numbers {
                rows.extend(self.row(db, int(*number), true)?.map(|row| (*number, row)));
            }
            Ok(rows)
        })
    }
}

/// A placed item, and all comments of the thread that it belongs to, the best first.
fn placed(db: &Connection, top: &WorkId) -> Result<Option<(Comment, Vec<Comment>)>, StoreError> {
    let Some(item) = items::id(db, top)? else { return Ok(None) };
    let mut find = db.prepare_cached(
        "SELECT ifnull(r.root, r.item), ifnull(r.parent, 0), r.score, i.time, r.comments
         FROM ranks r JOIN items i ON i.id = r.item WHERE r.item = ?1",
    )?;
    let found = find.query_row([item], |row| {
        let (parent, comments) = (row.get(1)?, row.get(4)?);
        let score = Fixed::from_sql(row.get(2)?);
        let top = Comment { item, parent, size: 0, score, time: uint(row.get(3)?), comments };
        Ok((row.get::<_, i64>(0)?, top))
    });
    let Some((root, top)) = found.optional()? else { return Ok(None) };
    let mut select = db.prepare_cached(
        "SELECT r.item, r.parent, CASE WHEN t.keep < 3 THEN t.size ELSE 0 END,
             r.score, i.time, r.comments
         FROM ranks r JOIN items i ON i.id = r.item LEFT JOIN texts t ON t.item = r.item
         WHERE r.root = ?1 ORDER BY r.score DESC, r.item",
    )?;
    let comments = select
        .query_map([root], |row| {
            let size: Option<i64> = row.get(2)?;
            Ok(Comment {
                item: row.get(0)?,
                parent: row.get(1)?,
                size: size.map_or(0, uint),
                score: Fixed::from_sql(row.get(3)?),
                time: uint(row.get(4)?),
                comments: row.get(5)?,
            })
        })?
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Some((top, comments)))
}

/// `comments`: of the whole thread, the best first. An answer that people value is not hidden by any
/// number of others that came before it, nor by what nobody values above it.
fn take(top: i64, comments: &[Comment], limit: usize, texts: u64) -> Taken {
    let by_item: HashMap<i64, &Comment> =
        comments.iter().map(|comment| (comment.item, comment)).collect();
    let mut taken = Taken { items: HashSet::from([top]), order: vec![top] };
    let mut elsewhere = HashSet::new();
    let mut bytes = 0;
    for comment in comments {
        let (mut way, mut at) = (Vec::new(), Some(comment));
        let belongs = loop {
            let Some(comment) = at else { break false };
            if taken.items.contains(&comment.item) {
                break true;
            }
            if elsewhere.contains(&comment.item) {
                break false;
            }
            way.push(comment);
            if comment.parent == top {
                break true;
            }
            at = by_item.get(&comment.parent).copied();
        };
        if !belongs {
            elsewhere.extend(way.iter().map(|comment| comment.item));
            continue;
        }
        for comment in way.into_iter().rev() {
            bytes += if texts > 0 { comment.size } else { 0 };
            if taken.order.len() >= limit || bytes > texts {
                return taken;
            }
            taken.items.insert(comment.item);
            taken.order.push(comment.item);
        }
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comment(item: i64, parent: i64) -> Comment {
        Comment { item, parent, size: 10, ..Comment::default() }
    }

    #[test]
    fn the_best_are_taken_with_all_that_they_answer() {
        // The best one answers 3, which answers 2; before it there came a flood.
        let mut comments = vec![comment(4, 3)];
        comments.extend((100..200).map(|item| comment(item, 1)));
        comments.extend([comment(2, 1), comment(3, 2)]);
        let taken = |top, limit, texts| take(top, &comments, limit, texts).order;
        assert_eq!(taken(1, 5, 0), [1, 2, 3, 4, 100]);
        assert_eq!(taken(1, 3, 0), [1, 2, 3]);
        assert_eq!(taken(2, 50, 0), [2, 3, 4], "of one branch");
        assert_eq!(taken(3, 50, 0), [3, 4]);
        assert_eq!(taken(4, 50, 0), [4]);
        assert_eq!(taken(1, 50, 45), [1, 2, 3, 4, 100], "by bytes");
        assert_eq!(taken(1, 1_000, u64::MAX).len(), 104);
    }
}
