//! Whom I follow for the time being, before I follow anybody: the authors of what I upvoted.

use std::collections::BTreeMap;

use rusqlite::Connection;
use upseed_model::HostingState;
use upseed_rank::{ENOUGH_FOLLOWS, ENOUGH_UPVOTES};

use super::{hosting, successions};
use crate::values::{error::StoreError, me::Me};

/// Numbers of the keys of those who wrote three or more of the posts that I host by my upvote, with
/// whatever keys, if I follow so few people.
pub fn ids(db: &Connection, me: Option<Me>, follows: usize) -> Result<Vec<i64>, StoreError> {
    let Some(reader) = me.filter(|_| follows < ENOUGH_FOLLOWS) else { return Ok(Vec::new()) };
    let mut select = db.prepare_cached(
        "SELECT i.author, count(*) FROM wishes w
         JOIN items i ON i.id = w.item JOIN ranks r ON r.item = i.id AND r.post = 1
         WHERE w.state <> ?1 GROUP BY i.author",
    )?;
    let mut rows = select.query([hosting::number(HostingState::Leaving)])?;
    let mut posts = BTreeMap::<i64, u32>::new();
    while let Some(row) = rows.next()? {
        if let Some(author) = successions::writer(db, me, row.get(0)?)?
            && author != reader.id
        {
            *posts.entry(author).or_default() += row.get::<_, u32>(1)?;
        }
    }
    posts.retain(|_, count| *count >= ENOUGH_UPVOTES);
    Ok(posts.into_keys().collect())
}
