//! What stands in a placed item's row of `ranks` and changes: votes, score, whether people I know are
//! behind it, hidden. Votes are weighed by `upseed_rank`; this is the only place where scores are
//! written.

use rusqlite::{Connection, OptionalExtension as _};
use upseed_rank::{Fixed, Item, Person, Weighed, hot};

use super::{
    seeds, stale, subscriptions, successions,
    trust::{Loaded, Trust},
    writing::Writing,
};
use crate::values::{error::StoreError, me::Me, number::uint};

/// What a row says of votes.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Counted {
    votes: i64,
    strangers: u32,
    networks: u32,
    trusted: Fixed,
    known: bool,
}

/// A row as it stands.
struct Row {
    counted: Counted,
    score: i64,
    hot: i64,
    time: u64,
}

fn read(db: &Connection, item: i64) -> Result<Option<Row>, StoreError> {
    let mut find = db.prepare_cached(
        "SELECT votes, strangers, networks, trusted, known, score, hot, time
         FROM ranks WHERE item = ?1",
    )?;
    let found = find.query_row([item], |row| {
        let counted = Counted {
            votes: row.get(0)?,
            strangers: row.get(1)?,
            networks: row.get(2)?,
            trusted: Fixed::from_sql(row.get(3)?),
            known: row.get(4)?,
        };
        Ok(Row { counted, score: row.get(5)?, hot: row.get(6)?, time: uint(row.get(7)?) })
    });
    Ok(found.optional()?)
}

/// Writes what differs. SQLite rewrites an index when a column of it is named, changed or not.
fn write(
    db: &Connection,
    trust: &Trust,
    item: i64,
    row: &Row,
    counted: Counted,
) -> Result<(), StoreError> {
    let strangers =
        trust.with(|loaded| loaded.standing().strangers(counted.strangers, counted.networks));
    let score = counted.trusted.plus(strangers.unwrap_or_default());
    let (to_sql, hotness) = (score.to_sql(), hot(score, row.time).to_sql());
    if counted != row.counted {
        let mut update = db.prepare_cached(
            "UPDATE ranks SET votes = ?2, strangers = ?3, networks = ?4, trusted = ?5
             WHERE item = ?1",
        )?;
        let Counted { votes, strangers, networks, trusted, .. } = counted;
        update.execute((item, votes, strangers, networks, trusted.to_sql()))?;
    }
    if counted.known != row.counted.known {
        db.prepare_cached("UPDATE ranks SET known = ?2 WHERE item = ?1")?
            .execute((item, counted.known))?;
    }
    if to_sql != row.score || hotness != row.hot {
        db.prepare_cached("UPDATE ranks SET score = ?2, hot = ?3 WHERE item = ?1")?
            .execute((item, to_sql, hotness))?;
    }
    Ok(())
}

/// What a freshly placed item without votes has: score and hot, for integer columns.
pub fn of_nothing(rank_time: u64) -> (i64, i64) {
    (Fixed::ZERO.to_sql(), hot(Fixed::ZERO, rank_time).to_sql())
}

/// Votes of others came or went. As long as all of them are strangers', nothing needs to be weighed
/// anew, however many there are.
pub fn count_votes(
    db: &Writing<'_>,
    me: Option<Me>,
    item: i64,
    votes: &[(i64, i64)],
) -> Result<(), StoreError> {
    let gained = db.trust.with(|loaded| gain(loaded, votes)).flatten();
    let Some((all, strangers)) = gained else { return score_again(db, me, item) };
    let Some(row) = read(db, item)? else { return Ok(()) };
    let counted = Counted {
        votes: row.counted.votes + all,
        strangers: row.counted.strangers.saturating_add_signed(strangers),
        ..row.counted
    };
    write(db, db.trust, item, &row, counted)
}

/// How many votes an item gained, and how many of them from strangers; `None` if anybody among the
/// voters is of the tree.
fn gain(loaded: &Loaded, votes: &[(i64, i64)]) -> Option<(i64, i32)> {
    let (mut all, mut strangers) = (0, 0);
    for (voter, gain) in votes {
        let person = loaded.person(*voter);
        if person.is_some_and(|person| loaded.standing().cap(person).is_some()) {
            return None;
        }
        all += gain;
        if !person.is_some_and(|person| loaded.standing().is_left_out(person)) {
            strangers += *gain as i32;
        }
    }
    Some((all, strangers))
}

/// Who voted on an item, as the ranks see it.
pub struct Voters {
    /// Who wrote it, with the key that they have now, if the graph knows them.
    pub author: Option<Person>,
    /// I am the author.
    pub is_own: bool,
    /// Those with a part in the graph, but the author.
    pub voters: Vec<Person>,
    /// Those without.
    pub unknown: u32,
    /// I voted, by a ballot.
    pub mine: bool,
}

/// Reads all votes on an item. The author's own is left out.
pub fn voters(
    db: &Connection,
    me: Option<Me>,
    loaded: &Loaded,
    item: i64,
) -> Result<Option<Voters>, StoreError> {
    let mut find = db.prepare_cached("SELECT work, board, author FROM items WHERE id = ?1")?;
    let found = find.query_row([item], |row| {
        Ok((row.get::<_, [u8; 32]>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
    });
    let Some((work, board, author)) = found.optional()? else { return Ok(None) };
    let writer = successions::writer(db, me, author)?;
    let me = me.map(|me| me.id);
    let mut all = Voters {
        author: writer.and_then(|writer| loaded.person(writer)),
        is_own: me.is_some() && writer == me,
        voters: Vec::new(),
        unknown: 0,
        mine: false,
    };
    let mut select =
        db.prepare_cached("SELECT voter FROM votes WHERE target = ?1 AND board = ?2")?;
    let mut rows = select.query((work, board))?;
    while let Some(row) = rows.next()? {
        let voter: i64 = row.get(0)?;
        if Some(voter) == writer {
            continue;
        }
        all.mine |= Some(voter) == me;
        match loaded.person(voter) {
            Some(person) => all.voters.push(person),
            None => all.unknown += u32::from(Some(voter) != me),
        }
    }
    Ok(Some(all))
}

/// Scores an item from the ground. Does nothing for one that is not placed.
pub fn score_again(db: &Writing<'_>, me: Option<Me>, item: i64) -> Result<(), StoreError> {
    let Some(row) = read(db, item)? else { return Ok(()) };
    let counted = db.trust.with(|loaded| count(db, me, loaded, item));
    match counted {
        Some(counted) => write(db, db.trust, item, &row, counted?),
        None => stale::add(db, item),
    }
}

fn count(
    db: &Writing<'_>,
    me: Option<Me>,
    loaded: &Loaded,
    item: i64,
) -> Result<Counted, StoreError> {
    let networks = seeds::networks(db, item)?;
    let Some(voters) = voters(db, me, loaded, item)? else {
        return Err(StoreError::row("ranks", format!("item {item} is not there")));
    };
    let standing = loaded.standing();
    let of_item =
        Item { author: voters.author, voters: &voters.voters, unknown: voters.unknown, networks };
    let Weighed { trusted, strangers } = db.trust.scorer.lock().weigh(standing, &of_item);
    let mine = my_vote(db, item, &voters)?;
    let others = voters.voters.len() as i64 + i64::from(voters.unknown)
        - i64::from(voters.mine && me.is_some());
    let author_known =
        voters.is_own || voters.author.is_some_and(|author| standing.cap(author).is_some());
    Ok(Counted {
        votes: others + i64::from(mine),
        strangers,
        networks,
        trusted,
        known: author_known || trusted > Fixed::ZERO || mine,
    })
}

/// Whether my vote counts: as a wish that no ballot says yet, or by a ballot. Not on what I wrote.
pub fn my_vote(db: &Connection, item: i64, voters: &Voters) -> Result<bool, StoreError> {
    if voters.is_own {
        return Ok(false);
    }
    let mut wish = db.prepare_cached("SELECT up FROM pending WHERE item = ?1")?;
    let wish: Option<bool> = wish.query_row([item], |row| row.get(0)).optional()?;
    Ok(wish.unwrap_or(voters.mine))
}

/// Whether an item is left out of lists: its text is dead, its author muted, it was retracted, the user
/// hid it, a label hides it, or it was written with a key that was in use no more.
pub fn is_hidden(db: &Connection, item: i64) -> Result<bool, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM dead WHERE item = i.id)
             OR EXISTS (SELECT 1 FROM mutes m WHERE m.author = i.author)
             OR EXISTS (SELECT 1 FROM successions s WHERE s.old = i.author AND s.time < i.time)
             OR EXISTS (SELECT 1 FROM retracted r WHERE r.target = i.work AND r.author = i.author)
             OR EXISTS (SELECT 1 FROM hides WHERE item = i.id),
             i.work, i.author
         FROM items i WHERE i.id = ?1",
    )?;
    let (hidden, work, author) =
        select.query_row([item], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(hidden || subscriptions::hides(db, &work, author)?)
}

/// Writes [`is_hidden`] where it changed.
pub fn refresh_hidden(db: &Connection, item: i64) -> Result<(), StoreError> {
    let hidden = is_hidden(db, item)?;
    db.prepare_cached("UPDATE ranks SET hidden = ?2 WHERE item = ?1 AND hidden <> ?2")?
        .execute((item, hidden))?;
    Ok(())
}

/// [`refresh_hidden`] of all that somebody wrote.
pub fn refresh_author(db: &Connection, author: i64) -> Result<(), StoreError> {
    let mut select = db.prepare_cached("SELECT id FROM items WHERE author = ?1")?;
    let items = select.query_map([author], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
    items.into_iter().try_for_each(|item| refresh_hidden(db, item))
}
