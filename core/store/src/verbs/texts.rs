//! Texts of items. What I wrote or upvoted is given to others; what was only fetched to be read
//! stays in a cache of bounded size.

use rusqlite::{OptionalExtension as _, Row};
use upseed_model::{BoardName, Infohash, WorkId};
use upseed_tables::hosting::Happened;
use upseed_tables::{
    values::{
        error::StoreError,
        keep::Keep,
        number::{int, uint},
    },
    work::{cache, hosting, items, names::known_board, scores, seeds, tally, texts},
};

use crate::connection::Store;

impl Store {
    /// Keeps a text that [`upseed_model::SignedItem::check_text`] found good. If it is here
    /// already, the greater reason to keep it wins.
    ///
    /// Errors: [`StoreError::UnknownItem`].
    pub fn put_text(&self, work: &WorkId, text: &[u8], keep: Keep) -> Result<(), StoreError> {
        let used = self.tick();
        self.write(|db| texts::put(db, items::require(db, work)?, text, keep, used))
    }

    /// [`Store::put_text`] of many that others gave, in one transaction; unknown items are passed
    /// over. Where no seeds were counted yet, a host who gave it at that time is one, checked.
    pub fn put_texts(
        &self,
        list: &[(WorkId, &[u8])],
        keep: Keep,
        hosted: Option<u64>,
    ) -> Result<(), StoreError> {
        let used = self.tick();
        self.write(|db| {
            for (work, text) in list {
                if let Some(item) = items::id(db, work)? {
                    texts::put(db, item, text, keep, used)?;
                    if let Some(at) = hosted {
                        seeds::saw_one(db, item, at)?;
                    }
                    db.touch(item);
                }
            }
            Ok(())
        })
    }

    /// A text to be read.
    pub fn text(&self, infohash: &Infohash) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|db| {
            let mut find = db.prepare_cached(
                "SELECT t.text, t.keep, t.item FROM items i JOIN texts t ON t.item = i.id
                 WHERE i.infohash = ?1 AND t.keep < 3 ORDER BY i.id LIMIT 1",
            )?;
            let found = find
                .query_row([infohash.as_bytes()], |row| {
                    Ok((row.get(0)?, row.get::<_, i64>(1)?, row.get(2)?))
                })
                .optional()?;
            Ok(found.map(|(text, keep, item)| {
                if keep == Keep::Cache as i64 {
                    self.touch(item);
                }
                text
            }))
        })
    }

    /// A text to be given to others: only if I wrote or upvoted the item, and its hosting was not
    /// stopped.
    pub fn served_text(&self, work: &WorkId) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|db| {
            let mut find = db.prepare_cached(
                "SELECT t.text FROM items i JOIN texts t ON t.item = i.id
                 WHERE i.work = ?1 AND t.keep IN (1, 2)
                     AND NOT EXISTS (SELECT 1 FROM wishes WHERE item = i.id AND state IN (7, 8, 9))",
            )?;
            Ok(find.query_row([work.as_bytes()], |row| row.get(0)).optional()?)
        })
    }

    /// A text that is here only to be read, of an item that is not hidden. That it was asked for does not keep it here.
    pub fn cached_text(&self, work: &WorkId) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|db| {
            let mut find = db.prepare_cached(
                "SELECT t.text FROM items i JOIN texts t ON t.item = i.id
                     JOIN ranks r ON r.item = i.id AND r.hidden = 0
                 WHERE i.work = ?1 AND t.keep = 0",
            )?;
            Ok(find.query_row([work.as_bytes()], |row| row.get(0)).optional()?)
        })
    }

    /// Whether the item is one of [`Store::missing_texts`], if its board was joined.
    pub fn is_prefetched(&self, work: &WorkId) -> Result<bool, StoreError> {
        self.read(|db| {
            let mut find = db.prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM items i JOIN ranks r ON r.item = i.id
                 WHERE i.work = ?1 AND r.missing = 1 AND r.hidden = 0)",
            )?;
            Ok(find.query_row([work.as_bytes()], |row| row.get(0))?)
        })
    }

    /// Changes the reason to keep a text, up or down. Nothing happens if it is not here.
    ///
    /// Errors: [`StoreError::UnknownItem`].
    pub fn set_keep(&self, work: &WorkId, keep: Keep) -> Result<(), StoreError> {
        let used = self.tick();
        self.write(|db| texts::change(db, items::require(db, work)?, keep, used))
    }

    /// Evicts cached texts until at most `max_bytes` of them remain: what an author has beyond a share first, then those of
    /// strangers, then the others; of each, those that were not read for the longest. Gives the bytes that went. Evicted
    /// texts are not [`Store::missing_texts`] again.
    pub fn evict_cache(&self, max_bytes: u64) -> Result<u64, StoreError> {
        let used = self.inner.uses.take();
        self.write(|db| {
            let mut touch =
                db.prepare_cached("UPDATE texts SET used = ?2 WHERE item = ?1 AND keep = 0")?;
            for (item, used) in used {
                touch.execute([item, used])?;
            }
            cache::evict(db, max_bytes)
        })
    }

    /// The item can never have a text: its hashes contradict each other, or are of no text. It is
    /// hidden and not hosted.
    ///
    /// Errors: [`StoreError::UnknownItem`].
    pub fn mark_dead(&self, work: &WorkId, now: u64) -> Result<(), StoreError> {
        self.write(|db| {
            let item = items::require(db, work)?;
            db.execute("INSERT INTO dead VALUES (?1) ON CONFLICT DO NOTHING", [item])?;
            db.execute("UPDATE ranks SET missing = 0 WHERE item = ?1", [item])?;
            texts::remove(db, item)?;
            hosting::step(db, item, &Happened::VoteTakenBack, now)?;
            scores::refresh_hidden(db, item)
        })
    }

    /// Placed items on these boards, with a rank time of at least `since`, whose text never was
    /// here: what to fetch, the newest first. Long texts of strangers are among them only while fewer than `long_until`
    /// bytes are cached: they are the cheapest way to fill a cache.
    pub fn missing_texts(
        &self,
        boards: &[BoardName],
        since: u64,
        limit: u32,
        long_until: u64,
    ) -> Result<Vec<(WorkId, Infohash)>, StoreError> {
        self.read(|db| {
            let mut short = db.prepare_cached(
                "SELECT time, item FROM ranks INDEXED BY ranks_missing
                 WHERE missing = 1 AND board = ?1 AND time >= ?2 AND hidden = 0
                 ORDER BY time DESC LIMIT ?3",
            )?;
            let mut long = db.prepare_cached(
                "SELECT time, item FROM ranks INDEXED BY ranks_missing_long
                 WHERE missing = 2 AND known = ?4 AND board = ?1 AND time >= ?2 AND hidden = 0
                 ORDER BY time DESC LIMIT ?3",
            )?;
            let is_filling = uint(tally::value(db, "cached bytes")?) >= long_until;
            let of_row = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
            let mut newest = Vec::<(i64, i64)>::new();
            for board in boards {
                let Some(board) = known_board(db, board)? else { continue };
                for row in short.query_map((board, int(since), limit), of_row)? {
                    newest.push(row?);
                }
                for known in i64::from(is_filling)..=1 {
                    for row in long.query_map((board, int(since), limit, known), of_row)? {
                        newest.push(row?);
                    }
                }
            }
            newest.sort_unstable_by(|a, b| b.cmp(a));
            newest.dedup();
            newest.truncate(limit as usize);
            let mut names = db.prepare_cached("SELECT work, infohash FROM items WHERE id = ?1")?;
            newest
                .into_iter()
                .map(|(_, item)| {
                    let (work, infohash) =
                        names.query_row([item], |row| Ok((row.get(0)?, row.get(1)?)))?;
                    Ok((WorkId::from_bytes(work), Infohash::from_bytes(infohash)))
                })
                .collect()
        })
    }
}
