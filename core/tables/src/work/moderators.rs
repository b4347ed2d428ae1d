//! Whose labels the people whom I follow trust. Nobody is elected for everybody: each reader's follows
//! are a majority of their own, so keys that nobody follows gain nothing by their number.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
};

use rusqlite::{Connection, OptionalExtension as _};
use upseed_model::{BoardName, PublicKey, Statement, StatementKind};
use upseed_rank::Fixed;

use super::{names::parse_key, slots, trust::Loaded};
use crate::values::{error::StoreError, moderator::Moderator, number::uint};

/// People of whom it is asked whether they label, those whom most of my follows trust first.
const PEOPLE: usize = 10_000;

/// Labellers of whom it is asked whether they label on the board.
const LABELLERS: usize = 2_000;

/// Up to so many labellers are read in one statement, rather than asked for one by one.
const FEW: usize = 1_000;

/// Statements of one labeller that are looked at: as many as one device has on a board.
const STATEMENTS: u32 = 4_096;

/// Those whom somebody I follow trusts, the most trusted first.
pub struct Trusted {
    /// How many people I follow, but for the muted.
    follows: u32,
    /// Each with how many of these are that person or follow them.
    people: Vec<(PublicKey, u32)>,
}

impl Trusted {
    /// Without me and those whom I muted.
    pub fn read(loaded: &Loaded) -> Self {
        let standing = loaded.standing();
        let mut through = HashMap::<_, u32>::new();
        let mut follows = 0;
        for follow in loaded.follows().filter(|follow| !standing.is_left_out(*follow)) {
            follows += 1;
            for trusted in loaded.followed_by(follow).chain([follow]) {
                *through.entry(trusted).or_default() += 1;
            }
        }
        let order = |(person, through): &(_, u32)| {
            let cap = standing.cap(*person).unwrap_or(Fixed::ZERO);
            (Reverse((*through, cap)), *loaded.key(*person))
        };
        let mut people: Vec<_> = through.into_iter().collect();
        people.retain(|(person, _)| !standing.is_left_out(*person));
        if people.len() > PEOPLE {
            people.select_nth_unstable_by_key(PEOPLE, order);
            people.truncate(PEOPLE);
        }
        people.sort_by_cached_key(order);
        let people = people.into_iter().map(|(person, n)| (*loaded.key(person), n)).collect();
        Self { follows, people }
    }
}

/// Those of them who label on the board and to whom I do not subscribe, at most so many.
pub fn of(
    db: &Connection,
    board: &BoardName,
    trusted: &Trusted,
    limit: usize,
) -> Result<Vec<Moderator>, StoreError> {
    let (mut found, mut labellers) = (Vec::new(), 0);
    let few = few_labellers(db)?;
    let may_label = |key: &PublicKey| few.as_ref().is_none_or(|few| few.contains(key));
    for (key, through) in trusted.people.iter().filter(|(key, _)| may_label(key)) {
        if found.len() == limit || labellers == LABELLERS {
            break;
        }
        let Some(labeller) = labeller(db, key)? else { continue };
        labellers += 1;
        if labels_on(db, key, board)? {
            let labels = count(db, labeller)?;
            let (key, through, follows) = (*key, *through, trusted.follows);
            found.push(Moderator { key, through, follows, labels });
        }
    }
    Ok(found)
}

/// All who label, on whatever board; none if they are many. One step in the index for each of them, however many labels
/// there are.
fn few_labellers(db: &Connection) -> Result<Option<HashSet<PublicKey>>, StoreError> {
    let mut select = db.prepare_cached(
        "WITH RECURSIVE found(id) AS (
             SELECT min(labeller) FROM labels
             UNION ALL
             SELECT (SELECT min(labeller) FROM labels WHERE labeller > found.id) FROM found
             WHERE found.id IS NOT NULL)
         SELECT key FROM found CROSS JOIN keys USING (id) LIMIT ?1",
    )?;
    let keys = select.query_map([FEW as i64 + 1], |row| row.get(0))?;
    let keys = keys.map(|key| parse_key(key?)).collect::<Result<HashSet<_>, _>>()?;
    Ok((keys.len() <= FEW).then_some(keys))
}

/// The number of somebody who labels, on whatever board, and to whom I do not subscribe.
fn labeller(db: &Connection, key: &PublicKey) -> Result<Option<i64>, StoreError> {
    let mut find = db.prepare_cached(
        "SELECT id FROM keys WHERE key = ?1
             AND EXISTS (SELECT 1 FROM labels WHERE labeller = id)
             AND NOT EXISTS (SELECT 1 FROM subscriptions WHERE labeller = id)",
    )?;
    Ok(find.query_row([key.as_bytes()], |row| row.get(0)).optional()?)
}

/// Whether a statement of theirs labels anything on this board, perhaps on others too.
fn labels_on(db: &Connection, key: &PublicKey, board: &BoardName) -> Result<bool, StoreError> {
    let (start, end) = slots::range(slots::kind_prefix(key, StatementKind::Labels));
    let mut select = db.prepare_cached(
        "SELECT slot, bytes FROM statements WHERE slot >= ?1 AND slot < ?2 ORDER BY slot LIMIT ?3",
    )?;
    let mut rows = select.query((&start, &end, STATEMENTS))?;
    while let Some(row) = rows.next()? {
        let slot = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
        if !slots::is_on(&slot[start.len()..], board) {
            continue;
        }
        let bytes = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        if let Statement::Labels { labels, .. } = slots::parse(bytes)?.content()
            && !labels.is_empty()
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn count(db: &Connection, labeller: i64) -> Result<u64, StoreError> {
    let mut count = db.prepare_cached("SELECT count(*) FROM labels WHERE labeller = ?1")?;
    Ok(uint(count.query_row([labeller], |row| row.get(0))?))
}
