//! A post or a comment, and what people answered.

use std::collections::{HashMap, HashSet};

use rusqlite::OptionalExtension as _;
use upseed_model::WorkId;

use crate::{
    connection::Store,
    values::{error::StoreError, number::uint},
    work::{items, rows::ItemRow},
};

/// An item of a thread.
#[derive(Debug, Clone)]
pub struct ThreadRow {
    /// The item.
    pub row: ItemRow,
    /// Whether direct answers to it were left out.
    pub cut: bool,
}

/// A comment of a thread as the ranks have it.
struct Comment {
    item: i64,
    parent: i64,
    /// Bytes of its text, if it is here.
    size: u64,
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
            let Some(top) = items::id(db, top)? else { return Ok(Vec::new()) };
            let mut find =
                db.prepare_cached("SELECT ifnull(root, item) FROM ranks WHERE item = ?1")?;
            let root: Option<i64> = find.query_row([top], |row| row.get(0)).optional()?;
            let Some(root) = root else { return Ok(Vec::new()) };
            let mut select = db.prepare_cached(
                "SELECT r.item, r.parent, CASE WHEN t.keep < 3 THEN t.size ELSE 0 END
                 FROM ranks r LEFT JOIN texts t ON t.item = r.item
                 WHERE r.root = ?1 ORDER BY r.score DESC, r.item",
            )?;
            let comments = select
                .query_map([root], |row| {
                    let size: Option<i64> = row.get(2)?;
                    let size = size.map_or(0, uint);
                    Ok(Comment { item: row.get(0)?, parent: row.get(1)?, size })
                })?
                .collect::<Result<Vec<_>, _>>()?;
            let taken = take(top, &comments, limit as usize, texts);
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
        Comment { item, parent, size: 10 }
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
