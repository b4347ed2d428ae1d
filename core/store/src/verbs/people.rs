//! Whose votes are mine, whom I muted, and what one person wrote.

use std::cmp::Reverse;

use rusqlite::Connection;
use upseed_model::{PublicKey, StatementKind};
use upseed_tables::{
    values::{error::StoreError, me::Me, number::int},
    work::{
        items,
        names::{key_id, known_key, parse_key},
        rows::ItemRow,
        scores, slots, stale, successions,
    },
};

use crate::connection::Store;

impl Store {
    /// Sets whose votes are mine, for good. Pending votes then count as this key's.
    pub fn set_me(&self, me: Option<PublicKey>) -> Result<(), StoreError> {
        if self.me() == me {
            return Ok(());
        }
        self.change_me(me, |_| Ok(()))
    }

    /// Makes another key mine in place of the one that I had, with all its votes: each becomes a wish,
    /// from which ballots of the new key are written. A vote for what is not here is lost.
    pub fn succeed_me(&self, next: PublicKey, now: u64) -> Result<(), StoreError> {
        let before = self.me();
        self.change_me(Some(next), |db| {
            let Some(before) = before else { return Ok(()) };
            let mut wish =
                db.prepare_cached("INSERT INTO pending VALUES (?1, 1, ?2) ON CONFLICT DO NOTHING")?;
            for ballot in slots::of(db, &before, StatementKind::Ballot)? {
                for target in slots::targets(Some(&ballot)) {
                    if let Some(item) = items::id(db, target)? {
                        wish.execute((item, int(now)))?;
                    }
                }
            }
            Ok(())
        })
    }

    fn change_me(
        &self,
        me: Option<PublicKey>,
        first: impl FnOnce(&Connection) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let before = self.current_me();
        let written = self.write(|db| {
            first(db)?;
            let me = match me {
                Some(key) => {
                    db.execute("REPLACE INTO meta VALUES ('me', ?1)", [key.as_bytes()])?;
                    Some(Me { key, id: key_id(db, &key)? })
                }
                None => {
                    db.execute("DELETE FROM meta WHERE name = 'me'", [])?;
                    None
                }
            };
            let mut pending = db.prepare_cached("SELECT item FROM pending")?;
            let items =
                pending.query_map([], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
            items.into_iter().for_each(|item| db.touch(item));
            // What I wrote is known to me, whatever else is.
            for me in before.iter().chain(&me) {
                stale::add_person(db, me.id)?;
            }
            db.touched.borrow_mut().reader = Some(me);
            self.put_me(me);
            Ok(())
        });
        if written.is_err() {
            self.put_me(before);
        }
        written
    }

    fn put_me(&self, me: Option<Me>) {
        *self.inner.me.write() = me;
    }

    /// Whose votes are mine; `None` until the first thing is written.
    pub fn me(&self) -> Option<PublicKey> {
        self.current_me().map(|me| me.key)
    }

    /// Leaves out what this person wrote, now and later. Their records stay in the sets.
    pub fn mute(&self, author: &PublicKey, now: u64) -> Result<(), StoreError> {
        self.write(|db| {
            let id = key_id(db, author)?;
            db.execute("REPLACE INTO mutes VALUES (?1, ?2)", [id, int(now)])?;
            db.touched.borrow_mut().mutes.push((id, true));
            scores::refresh_author(db, id)
        })
    }

    /// Takes a mute back.
    pub fn unmute(&self, author: &PublicKey) -> Result<(), StoreError> {
        self.write(|db| {
            let Some(id) = known_key(db, author)? else { return Ok(()) };
            db.execute("DELETE FROM mutes WHERE author = ?1", [id])?;
            db.touched.borrow_mut().mutes.push((id, false));
            scores::refresh_author(db, id)
        })
    }

    /// Whom I muted, the newest first.
    pub fn mutes(&self) -> Result<Vec<PublicKey>, StoreError> {
        self.read(|db| {
            let sql = "SELECT key FROM mutes JOIN keys ON id = author ORDER BY at DESC, id";
            let mut select = db.prepare_cached(sql)?;
            select.query_map([], |row| row.get(0))?.map(|key| parse_key(key?)).collect()
        })
    }

    /// Whether I muted this person.
    pub fn is_muted(&self, author: &PublicKey) -> Result<bool, StoreError> {
        self.read(|db| {
            let sql = "SELECT 1 FROM mutes JOIN keys ON id = author WHERE key = ?1";
            Ok(db.prepare_cached(sql)?.exists([author.as_bytes()])?)
        })
    }

    /// What this person wrote, with this key or an earlier one, placed or not, the newest first: signed
    /// before `before`.
    pub fn by_author(
        &self,
        author: &PublicKey,
        before: u64,
        limit: u32,
    ) -> Result<Vec<ItemRow>, StoreError> {
        self.read(|db| {
            let Some(id) = known_key(db, author)? else { return Ok(Vec::new()) };
            let mut select = db.prepare_cached(
                "SELECT time, id FROM items WHERE author = ?1 AND time < ?2
                 ORDER BY time DESC, id DESC LIMIT ?3",
            )?;
            let mut found = Vec::new();
            for key in keys_of(db, id)? {
                let rows = select.query_map((key, int(before), limit), |row| {
                    Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
                })?;
                found.extend(rows.collect::<Result<Vec<_>, _>>()?);
            }
            found.sort_unstable_by_key(|place| Reverse(*place));
            let ids: Vec<i64> = found.into_iter().take(limit as usize).map(|(_, id)| id).collect();
            self.rows(db, &ids, true)
        })
    }

    /// Placed answers by others to the newest 1,000 items that I wrote, the newest first.
    pub fn inbox(&self, limit: u32) -> Result<Vec<ItemRow>, StoreError> {
        let me = self.me_id();
        self.read(|db| {
            let found = answers(db, me, limit)?;
            let ids: Vec<i64> = found.iter().map(|answer| answer.item).collect();
            self.rows(db, &ids, true)
        })
    }

    /// How many of [`Store::inbox`] came after that moment, in unix seconds. No text is read.
    pub fn inbox_since(&self, limit: u32, since: u64) -> Result<u32, StoreError> {
        let (me, since) = (self.me_id(), int(since));
        self.read(|db| {
            let found = answers(db, me, limit)?;
            Ok(found.iter().filter(|answer| answer.first_seen > since).count() as u32)
        })
    }
}

/// A person's key, and those that they had before.
pub(super) fn keys_of(db: &Connection, key: i64) -> Result<Vec<i64>, StoreError> {
    let mut keys = successions::earlier(db, key)?;
    keys.push(key);
    Ok(keys)
}

/// An answer to something that I wrote.
struct Answer {
    time: i64,
    item: i64,
    first_seen: i64,
}

/// The newest answers, the newest first. A link, as `parent` has it, is infohash and work id.
fn answers(db: &Connection, me: i64, limit: u32) -> Result<Vec<Answer>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT r.time, r.item, i.first_seen
         FROM (SELECT infohash, work FROM items WHERE author = ?3 ORDER BY time DESC LIMIT 1000) m
         CROSS JOIN items i ON i.parent = CAST(m.infohash || m.work AS BLOB)
         JOIN ranks r ON r.item = i.id
         WHERE i.author <> ?1 AND r.hidden = 0 ORDER BY r.time DESC, r.item DESC LIMIT ?2",
    )?;
    let mut answers = Vec::new();
    for key in keys_of(db, me)? {
        let found = select.query_map((me, limit, key), |row| {
            Ok(Answer { time: row.get(0)?, item: row.get(1)?, first_seen: row.get(2)? })
        })?;
        answers.extend(found.collect::<Result<Vec<_>, _>>()?);
    }
    answers.sort_unstable_by_key(|answer| Reverse((answer.time, answer.item)));
    answers.truncate(limit as usize);
    Ok(answers)
}
