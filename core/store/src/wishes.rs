//! What should be hosted, and how far that has come: items that I upvoted or wrote.

use rusqlite::{Connection, OptionalExtension as _};
use upseed_model::{ClientKind, Infohash, WorkId};

use crate::{
    connection::Store,
    values::{
        error::StoreError,
        number::{int, uint},
    },
    work::{items, texts},
};

/// How far the hosting of an item has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hosting {
    /// Nothing was done yet.
    Wanted,
    /// The text is being fetched.
    Fetching,
    /// A client was given the torrent and does not say, or not any more, that it seeds.
    Handed,
    /// A client says that it seeds.
    Hosting,
    /// It did not work; it is tried again.
    Failed,
    /// The vote was taken back, and the client must still be told.
    Leaving,
    /// The client had it and has lost it, as far as one can tell not by the user's doing: the user
    /// is asked.
    Missing,
}

impl Hosting {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Wanted,
        Self::Fetching,
        Self::Handed,
        Self::Hosting,
        Self::Failed,
        Self::Leaving,
        Self::Missing,
    ];

    pub(crate) fn from_row(state: i64) -> Result<Self, StoreError> {
        let found = usize::try_from(state).ok().and_then(|state| Self::ALL.get(state).copied());
        found.ok_or_else(|| StoreError::row("wishes", format!("unknown state {state}")))
    }
}

/// An item that should be hosted (or, if [`Hosting::Leaving`], no longer).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The item.
    pub work: WorkId,
    /// What clients call it by.
    pub infohash: Infohash,
    /// How far it has come.
    pub state: Hosting,
    /// Which client has or had it.
    pub client: Option<ClientKind>,
    /// Whether that client has ever said that it seeds. What it had and has no more, somebody
    /// removed; what it was given and never had, it lost.
    pub seeded: bool,
    /// When the wish was made, in unix seconds.
    pub at: u64,
    /// What went wrong last, for people.
    pub error: Option<String>,
    /// How often it went wrong.
    pub attempts: u32,
    /// Not before this moment, in unix seconds.
    pub next_try: u64,
}

const FETCHING: i64 = Hosting::Fetching as i64;

const COLUMNS: &str =
    "i.work, i.infohash, w.state, w.client, w.seeded, w.at, w.error, w.attempts, w.next_try
     FROM wishes w JOIN items i ON i.id = w.item";

fn client(name: Option<String>) -> Result<Option<ClientKind>, StoreError> {
    let known = name.map(|name| name.parse::<ClientKind>()).transpose();
    known.map_err(|error| StoreError::row("wishes", error.to_string()))
}

fn read(row: &rusqlite::Row<'_>) -> Result<Wish, StoreError> {
    Ok(Wish {
        work: WorkId::from_bytes(row.get(0)?),
        infohash: Infohash::from_bytes(row.get(1)?),
        state: Hosting::from_row(row.get(2)?)?,
        client: client(row.get(3)?)?,
        seeded: row.get(4)?,
        at: uint(row.get(5)?),
        error: row.get(6)?,
        attempts: row.get(7)?,
        next_try: uint(row.get(8)?),
    })
}

impl Store {
    /// The wishes in one of these states (all of them for none), newest wish first.
    pub fn wishes(&self, states: &[Hosting]) -> Result<Vec<Wish>, StoreError> {
        self.read(|db| all(db, states))
    }

    /// The wishes in this state whose next try is due, the newest wish first: a
    /// new vote does not wait for a thousand old ones. (A try further ahead than an hour was set by a
    /// clock that was wrong.) What is being fetched is due as soon as its text is here.
    pub fn due_wishes(
        &self,
        state: Hosting,
        now: u64,
        limit: u32,
    ) -> Result<Vec<Wish>, StoreError> {
        self.read(|db| {
            let sql = format!(
                "SELECT {COLUMNS} WHERE w.state = ?1 AND (w.next_try <= ?2 OR w.next_try > ?2 + 3600
                    OR w.state = {FETCHING} AND EXISTS (
                        SELECT 1 FROM texts t WHERE t.item = w.item AND t.keep <> 3))
                 ORDER BY w.at DESC, w.item DESC LIMIT ?3"
            );
            let mut select = db.prepare_cached(&sql)?;
            let mut rows = select.query((state as i64, int(now), limit))?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(read(row)?);
            }
            Ok(found)
        })
    }

    /// Whatever failed is due now: its reason may be gone. Says how much that is.
    pub fn retry_failed(&self) -> Result<usize, StoreError> {
        self.write(|db| {
            let sql = "UPDATE wishes SET next_try = 0 WHERE state = ?1 AND next_try > 0";
            Ok(db.prepare_cached(sql)?.execute([Hosting::Failed as i64])?)
        })
    }

    /// How many wishes were not taken by the client and wait for their next try, and what it said of
    /// the newest of them.
    pub fn failed_wishes(&self) -> Result<Option<(u64, String)>, StoreError> {
        self.read(|db| {
            let sql = "SELECT count(*) OVER (), error FROM wishes WHERE state = ?1
                       ORDER BY at DESC, item DESC LIMIT 1";
            let failed = Hosting::Failed as i64;
            let mut select = db.prepare_cached(sql)?;
            let first = select.query_row([failed], |row| {
                Ok((uint(row.get(0)?), row.get::<_, Option<String>>(1)?.unwrap_or_default()))
            });
            Ok(first.optional()?)
        })
    }

    /// How many wishes are hosted by now, and how many are still to be. What is missing is neither:
    /// the user is asked.
    pub fn wish_counts(&self) -> Result<(u64, u64), StoreError> {
        self.read(|db| {
            let mut count = db.prepare_cached(
                "SELECT count(*) FILTER (WHERE state = ?1),
                        count(*) FILTER (WHERE state NOT IN (?1, ?2, ?3)) FROM wishes",
            )?;
            let [hosting, leaving, missing] =
                [Hosting::Hosting, Hosting::Leaving, Hosting::Missing];
            let states = (hosting as i64, leaving as i64, missing as i64);
            Ok(count.query_row(states, |row| Ok((uint(row.get(0)?), uint(row.get(1)?))))?)
        })
    }

    /// One item's wish.
    pub fn wish(&self, work: &WorkId) -> Result<Option<Wish>, StoreError> {
        self.read(|db| get(db, work))
    }

    /// Writes a wish as it stands; its infohash is not looked at.
    ///
    /// Errors: [`StoreError::UnknownItem`].
    pub fn set_wish(&self, wish: &Wish) -> Result<(), StoreError> {
        self.write(|db| put(db, wish))
    }

    /// Reads the wish for an item and writes what becomes of it (`None`: no wish), with nothing in
    /// between: the user and the client may speak of it at the same time. What is wished for is
    /// hosted from now on, not only cached. Gives what the wish is now.
    ///
    /// Errors: [`StoreError::UnknownItem`].
    pub fn change_wish(
        &self,
        work: &WorkId,
        change: impl FnOnce(Option<Wish>) -> Option<Wish>,
    ) -> Result<Option<Wish>, StoreError> {
        self.write(|db| {
            let before = get(db, work)?;
            let after = change(before.clone());
            match &after {
                Some(wish) if before.as_ref() != Some(wish) => put(db, wish)?,
                None if before.is_some() => remove(db, work)?,
                _ => {}
            }
            // A text that came after the vote was kept as cache.
            if after.as_ref().is_some_and(|wish| wish.state != Hosting::Leaving) {
                texts::promote(db, items::require(db, work)?)?;
            }
            Ok(after)
        })
    }

    /// Forgets a wish, if there is one.
    pub fn remove_wish(&self, work: &WorkId) -> Result<(), StoreError> {
        self.write(|db| remove(db, work))
    }
}

/// [`Store::wishes`], within a transaction.
pub(crate) fn all(db: &Connection, states: &[Hosting]) -> Result<Vec<Wish>, StoreError> {
    let chosen = if states.is_empty() { &Hosting::ALL[..] } else { states };
    let chosen: Vec<String> = chosen.iter().map(|state| (*state as i64).to_string()).collect();
    let chosen = chosen.join(", ");
    let sql =
        format!("SELECT {COLUMNS} WHERE w.state IN ({chosen}) ORDER BY w.at DESC, w.item DESC");
    let mut select = db.prepare_cached(&sql)?;
    let mut rows = select.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

fn get(db: &Connection, work: &WorkId) -> Result<Option<Wish>, StoreError> {
    let sql = format!("SELECT {COLUMNS} WHERE i.work = ?1");
    let mut select = db.prepare_cached(&sql)?;
    let mut rows = select.query([work.as_bytes()])?;
    rows.next()?.map(read).transpose()
}

fn put(db: &Connection, wish: &Wish) -> Result<(), StoreError> {
    let item = items::require(db, &wish.work)?;
    let mut replace = db.prepare_cached(
        "REPLACE INTO wishes (item, state, client, seeded, at, error, attempts, next_try)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    replace.execute((
        item,
        wish.state as i64,
        wish.client.map(ClientKind::as_str),
        wish.seeded,
        int(wish.at),
        &wish.error,
        wish.attempts,
        int(wish.next_try),
    ))?;
    Ok(())
}

fn remove(db: &Connection, work: &WorkId) -> Result<(), StoreError> {
    let sql = "DELETE FROM wishes WHERE item = (SELECT id FROM items WHERE work = ?1)";
    db.prepare_cached(sql)?.execute([work.as_bytes()])?;
    Ok(())
}

/// The item should be hosted. What has been reached stays, unless the client was to drop it.
pub(crate) fn want(db: &Connection, item: i64, now: u64) -> Result<(), StoreError> {
    let mut insert = db.prepare_cached(
        "INSERT INTO wishes (item, state, at, attempts, next_try) VALUES (?1, ?2, ?4, 0, 0)
         ON CONFLICT (item) DO UPDATE
         SET state = excluded.state, at = excluded.at, seeded = 0, error = NULL, attempts = 0, next_try = 0
         WHERE state = ?3",
    )?;
    insert.execute((item, Hosting::Wanted as i64, Hosting::Leaving as i64, int(now)))?;
    Ok(())
}

/// The item should not be hosted any more. If no client ever had it, the wish just goes.
pub(crate) fn leave(db: &Connection, item: i64, now: u64) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM wishes WHERE item = ?1 AND client IS NULL")?.execute([item])?;
    let mut update = db.prepare_cached(
        "UPDATE wishes SET state = ?2, at = ?3, error = NULL, attempts = 0, next_try = 0
         WHERE item = ?1",
    )?;
    update.execute((item, Hosting::Leaving as i64, int(now)))?;
    Ok(())
}
