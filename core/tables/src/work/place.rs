//! Where a post stands in "top" on its board.

use rusqlite::{Connection, OptionalExtension as _};
use upseed_model::rank::{Sort, Window};
use upseed_rank::Fixed;

use super::{
    names::parse_board,
    top::{Ranked, TopQuery, top},
};
use crate::values::{error::StoreError, number::uint};

/// Where a post stands in "top" on its board, in the shortest window that it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The window.
    pub window: Window,
    /// 1 for the first; `None` beyond the thousandth.
    pub number: Option<u32>,
    /// The same if the strongest branch were not there.
    pub without_strongest: Option<u32>,
}

/// Posts that are looked at.
const LIMIT: u32 = 1_000;

/// Of a post that is shown in lists; `without` is its score without the strongest branch.
pub fn of(
    db: &Connection,
    item: i64,
    now: u64,
    without: Fixed,
) -> Result<Option<Place>, StoreError> {
    let mut find = db.prepare_cached(
        "SELECT n.name, r.time, r.tie FROM ranks r JOIN names n ON n.id = r.board
         WHERE r.item = ?1 AND r.post = 1 AND r.hidden = 0",
    )?;
    let found = find.query_row([item], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
    });
    let Some((board, time, tie)) = found.optional()? else { return Ok(None) };
    let is_in = |window: &Window| window.since(now) <= uint(time);
    let window = Window::ALL.into_iter().find(is_in).unwrap_or(Window::All);
    let query = TopQuery {
        boards: vec![parse_board("names", &board)?],
        window,
        sort: Sort::Top,
        limit: LIMIT,
        now,
        hidden: false,
        texts: false,
        known: None,
    };
    let posts = top(db, &query)?;
    let others = || posts.iter().filter(|post| post.item != item);
    let place = |before: usize| (before < LIMIT as usize - 1).then_some(before as u32 + 1);
    let number = posts.iter().position(|post| post.item == item);
    let weaker = Ranked { value: without.to_sql(), time, tie, item };
    let without_strongest = place(others().filter(|post| **post < weaker).count());
    Ok(Some(Place { window, number: number.and_then(place), without_strongest }))
}
