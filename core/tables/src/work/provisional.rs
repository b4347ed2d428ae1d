//! Whom I follow for the time being, before I follow anybody: the authors of what I upvoted.

use rusqlite::Connection;
use upseed_model::HostingState;
use upseed_rank::{ENOUGH_FOLLOWS, ENOUGH_UPVOTES};

use super::hosting;
use crate::values::{error::StoreError, me::Me};

/// Numbers of the keys of those who wrote three or more of the posts that I host by my upvote, if I
/// follow so few people.
pub fn ids(db: &Connection, me: Option<Me>, follows: usize) -> Result<Vec<i64>, StoreError> {
    let Some(me) = me.filter(|_| follows < ENOUGH_FOLLOWS) else { return Ok(Vec::new()) };
    let mut select = db.prepare_cached(
        "SELECT i.author FROM wishes w
         JOIN items i ON i.id = w.item JOIN ranks r ON r.item = i.id AND r.post = 1
         WHERE i.author <> ?1 AND w.state <> ?2
         GROUP BY i.author HAVING count(*) >= ?3",
    )?;
    let leaving = hosting::number(HostingState::Leaving);
    let ids = select.query_map((me.id, leaving, ENOUGH_UPVOTES), |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}
