//! Whose votes are mine, whom I muted, and what one person wrote.

use rusqlite::Connection;
use upseed_model::PublicKey;

use crate::{
    connection::Store,
    values::{error::StoreError, me::Me, number::int},
    work::{
        names::{key_id, known_key, parse_key},
        rows::ItemRow,
        scores, stale,
    },
};

impl Store {
    /// Sets whose votes are mine, for good. Pending votes then count as this key's.
    pub fn set_me(&self, me: Option<PublicKey>) -> Result<(), StoreError> {
        if self.me() == me {
            return Ok(());
        }
        let before = self.current_me();
        let written = self.write(|db| {
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

    /// What this person wrote, placed or not, the newest first: signed before `before`.
    pub fn by_author(
        &self,
        author: &PublicKey,
        before: u64,
        limit: u32,
    ) -> Result<Vec<ItemRow>, StoreError> {
        self.read(|db| {
            let Some(id) = known_key(db, author)? else { return Ok(Vec::new()) };
            let mut select = db.prepare_cached(
                "SELECT id FROM items WHERE author = ?1 AND time < ?2
                 ORDER BY time DESC, id DESC LIMIT ?3",
            )?;
            let ids = select
                .query_map((id, int(before), limit), |row| row.get(0))?
                .collect::<Result<Vec<i64>, _>>()?;
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

/// An answer to something that I wrote.
struct Answer {
    item: i64,
    first_seen: i64,
}

/// The newest answers, the newest first. A link, as `parent` has it, is infohash and work id.
fn answers(db: &Connection, me: i64, limit: u32) -> Result<Vec<Answer>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT r.item, i.first_seen
         FROM (SELECT infohash, work FROM items WHERE author = ?1 ORDER BY time DESC LIMIT 1000) m
         CROSS JOIN items i ON i.parent = CAST(m.infohash || m.work AS BLOB)
         JOIN ranks r ON r.item = i.id
         WHERE i.author <> ?1 AND r.hidden = 0 ORDER BY r.time DESC, r.item DESC LIMIT ?2",
    )?;
    let answers = select
        .query_map((me, limit), |row| Ok(Answer { item: row.get(0)?, first_seen: row.get(1)? }))?
        .collect::<Result<Vec<_>, _>>()?;
    Ok(answers)
}
