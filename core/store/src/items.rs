//! Looking up records, and items together with all that is known about them.

use rusqlite::{Connection, OptionalExtension as _, Row};
use upseed_model::{Infohash, Record, SignedItem, WorkId};

use crate::{Hosting, Store, StoreError, int, uint};

/// A record that was asked for, and its bytes if it is here.
pub type AskedRecord = (WorkId, Option<Vec<u8>>);

/// An item and what is known about it here.
#[derive(Debug, Clone)]
pub struct ItemRow {
    /// The header.
    pub item: SignedItem,
    /// When this node first had it, in unix seconds.
    pub first_seen: u64,
    /// Whether it is shown at all: a post, or a comment whose way up to its post is known.
    pub placed: bool,
    /// Distinct voters but the author, with my wishes counted; 0 if not placed.
    pub votes: u32,
    /// What lists are sorted by; 0 if not placed.
    pub score: f64,
    /// Whether I upvote it: my wish, or else my ballots.
    pub upvoted: bool,
    /// Placed comments: of a post all in its thread, of a comment the direct answers.
    pub comments: u32,
    /// The text, if it is here and was asked for.
    pub text: Option<String>,
    /// The text fits only one of the header's hashes, or is no text.
    pub dead: bool,
    /// Its author asks hosts to stop.
    pub retracted: bool,
    /// Left out of lists: dead, retracted, or its author is muted.
    pub hidden: bool,
    /// Seeds, as last measured.
    pub seeds: Option<u32>,
    /// Whether somebody really connected to a seed.
    pub seeds_checked: bool,
    /// How far its hosting has come, if it should be hosted.
    pub hosting: Option<Hosting>,
    /// Whether my client hosts it without a vote of mine.
    pub guest: bool,
    /// Whether I wrote it.
    pub mine: bool,
}

const ROW: &str = "SELECT i.header, i.first_seen, r.item IS NOT NULL, r.votes, r.score, r.comments,
        CASE WHEN ?3 AND t.keep < 3 THEN t.text END, t.keep, d.item IS NOT NULL,
        EXISTS (SELECT 1 FROM retracted x WHERE x.target = i.work AND x.author = i.author),
        EXISTS (SELECT 1 FROM mutes m WHERE m.author = i.author),
        s.count, s.checked, w.state, p.up,
        EXISTS (SELECT 1 FROM votes v
            WHERE v.target = i.work AND v.board = i.board AND v.voter = ?2),
        EXISTS (SELECT 1 FROM guests g WHERE g.item = i.id)
    FROM items i
    LEFT JOIN ranks r ON r.item = i.id LEFT JOIN texts t ON t.item = i.id
    LEFT JOIN dead d ON d.item = i.id LEFT JOIN seeds s ON s.infohash = i.infohash
    LEFT JOIN wishes w ON w.item = i.id LEFT JOIN pending p ON p.item = i.id
    WHERE i.id = ?1";

impl Store {
    /// Whether to ask nobody for this record: it is here, or refused.
    pub fn has(&self, work: &WorkId) -> Result<bool, StoreError> {
        self.read(|db| has(db, work))
    }

    /// The number of the item that came last; 0 if none did.
    pub fn last_item(&self) -> Result<u64, StoreError> {
        self.read(|db| {
            let mut last = db.prepare_cached("SELECT ifnull(max(id), 0) FROM items")?;
            Ok(uint(last.query_row([], |row| row.get(0))?))
        })
    }

    /// What came after the item of that number ([`Store::last_item`]), in the order in which it
    /// came, at most `limit`.
    pub fn items_after(&self, number: u64, limit: u32) -> Result<Vec<SignedItem>, StoreError> {
        self.read(|db| {
            let mut select =
                db.prepare_cached("SELECT header FROM items WHERE id > ?1 ORDER BY id LIMIT ?2")?;
            let mut rows = select.query((int(number), limit))?;
            let mut items = Vec::new();
            while let Some(row) = rows.next()? {
                let header: Vec<u8> = row.get(0)?;
                let item = SignedItem::from_bytes_unchecked(&header);
                items.push(item.map_err(|error| StoreError::record("items", &error))?);
            }
            Ok(items)
        })
    }

    /// Those of these work ids that [`Store::has`] does not know, in the same order.
    pub fn unknown(&self, works: &[WorkId]) -> Result<Vec<WorkId>, StoreError> {
        self.read(|db| {
            let mut unknown = Vec::new();
            for work in works {
                if !has(db, work)? {
                    unknown.push(*work);
                }
            }
            Ok(unknown)
        })
    }

    /// One record. Its signature was verified when it was stored.
    pub fn record(&self, work: &WorkId) -> Result<Option<Record>, StoreError> {
        let bytes = self.read(|db| record_bytes(db, work))?;
        let parse = |bytes: Vec<u8>| Record::from_bytes_unchecked(&bytes);
        bytes.map(parse).transpose().map_err(|error| StoreError::record("records", &error))
    }

    /// The bytes of many records, in the order asked, `None` for those that are not here. It ends with
    /// the record that makes them `most` bytes or more.
    pub fn records(&self, works: &[WorkId], most: usize) -> Result<Vec<AskedRecord>, StoreError> {
        self.read(|db| {
            let (mut records, mut bytes) = (Vec::new(), 0);
            for work in works {
                let record = record_bytes(db, work)?;
                bytes += record.as_ref().map_or(0, Vec::len);
                records.push((*work, record));
                if bytes >= most {
                    break;
                }
            }
            Ok(records)
        })
    }

    /// An item by the name that BitTorrent has for it.
    pub fn item(&self, infohash: &Infohash) -> Result<Option<ItemRow>, StoreError> {
        self.read(|db| {
            let Some(item) = id_by_infohash(db, infohash)? else { return Ok(None) };
            self.row(db, item, true)
        })
    }

    /// An item by its work id.
    pub fn item_by_work(&self, work: &WorkId) -> Result<Option<ItemRow>, StoreError> {
        self.read(|db| {
            let Some(item) = id(db, work)? else { return Ok(None) };
            self.row(db, item, true)
        })
    }

    /// Items whose infohash begins with these hex digits, at most two: enough to see whether a
    /// shortened id is clear. Nothing for what is not hex.
    pub fn find(&self, prefix_hex: &str) -> Result<Vec<ItemRow>, StoreError> {
        let Some((low, high)) = bounds(prefix_hex) else { return Ok(Vec::new()) };
        self.read(|db| {
            let mut select = db.prepare_cached(
                "SELECT id FROM items WHERE infohash BETWEEN ?1 AND ?2
                 ORDER BY infohash, id LIMIT 2",
            )?;
            let ids = select
                .query_map([low, high], |row| row.get(0))?
                .collect::<Result<Vec<i64>, _>>()?;
            self.rows(db, &ids, true)
        })
    }

    /// The rows of these items, in order; those that are gone are left out.
    pub(crate) fn rows(
        &self,
        db: &Connection,
        ids: &[i64],
        texts: bool,
    ) -> Result<Vec<ItemRow>, StoreError> {
        ids.iter().filter_map(|item| self.row(db, *item, texts).transpose()).collect()
    }

    pub(crate) fn row(
        &self,
        db: &Connection,
        item: i64,
        text: bool,
    ) -> Result<Option<ItemRow>, StoreError> {
        let mut select = db.prepare_cached(ROW)?;
        let mut rows = select.query((item, self.me_id(), text))?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let found = self.read_row(row)?;
        if found.text.is_some() && row.get::<_, Option<i64>>(7)? == Some(0) {
            self.touch(item);
        }
        Ok(Some(found))
    }

    fn read_row(&self, row: &Row<'_>) -> Result<ItemRow, StoreError> {
        let header = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
        let item = SignedItem::from_bytes_unchecked(header)
            .map_err(|error| StoreError::record("items", &error))?;
        let text: Option<Vec<u8>> = row.get(6)?;
        let text = text
            .map(String::from_utf8)
            .transpose()
            .map_err(|error| StoreError::row("texts", error.to_string()))?;
        let (dead, retracted, muted) = (row.get(8)?, row.get(9)?, row.get::<_, bool>(10)?);
        let state: Option<i64> = row.get(13)?;
        let wish: Option<bool> = row.get(14)?;
        let number = |column| -> Result<u32, StoreError> {
            let value: Option<i64> = row.get(column)?;
            Ok(value.and_then(|value| u32::try_from(value).ok()).unwrap_or_default())
        };
        Ok(ItemRow {
            mine: self.me() == Some(item.author()),
            item,
            first_seen: uint(row.get(1)?),
            placed: row.get(2)?,
            votes: number(3)?,
            score: row.get::<_, Option<f64>>(4)?.unwrap_or_default(),
            upvoted: wish.unwrap_or(row.get(15)?),
            comments: number(5)?,
            text,
            dead,
            retracted,
            hidden: dead || retracted || muted,
            seeds: row.get(11)?,
            seeds_checked: row.get::<_, Option<bool>>(12)?.unwrap_or_default(),
            hosting: state.map(Hosting::from_row).transpose()?,
            guest: row.get(16)?,
        })
    }

    /// A cached text was read. Written when the cache is next looked through: a read must not
    /// cost a write to disk.
    pub(crate) fn touch(&self, item: i64) {
        const WAITING: usize = 10_000;
        let mut used = self.inner.used.lock();
        if used.len() < WAITING || used.contains_key(&item) {
            used.insert(item, self.tick());
        }
    }
}

fn has(db: &Connection, work: &WorkId) -> Result<bool, StoreError> {
    let mut find = db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM items WHERE work = ?1)
             OR EXISTS (SELECT 1 FROM statements WHERE work = ?1)
             OR EXISTS (SELECT 1 FROM refused WHERE work = ?1)",
    )?;
    Ok(find.query_row([work.as_bytes()], |row| row.get(0))?)
}

fn record_bytes(db: &Connection, work: &WorkId) -> Result<Option<Vec<u8>>, StoreError> {
    let mut find = db.prepare_cached(
        "SELECT header FROM items WHERE work = ?1
         UNION ALL SELECT bytes FROM statements WHERE work = ?1",
    )?;
    Ok(find.query_row([work.as_bytes()], |row| row.get(0)).optional()?)
}

/// An item's number.
pub(crate) fn id(db: &Connection, work: &WorkId) -> Result<Option<i64>, StoreError> {
    let mut find = db.prepare_cached("SELECT id FROM items WHERE work = ?1")?;
    Ok(find.query_row([work.as_bytes()], |row| row.get(0)).optional()?)
}

/// An item's number, for calls that make no sense without the item.
pub(crate) fn require(db: &Connection, work: &WorkId) -> Result<i64, StoreError> {
    id(db, work)?.ok_or(StoreError::UnknownItem(*work))
}

/// The first one that came, should there ever be two.
pub(crate) fn id_by_infohash(
    db: &Connection,
    infohash: &Infohash,
) -> Result<Option<i64>, StoreError> {
    let mut find =
        db.prepare_cached("SELECT id FROM items WHERE infohash = ?1 ORDER BY id LIMIT 1")?;
    Ok(find.query_row([infohash.as_bytes()], |row| row.get(0)).optional()?)
}

/// Number of the key that wrote it.
pub(crate) fn author(db: &Connection, item: i64) -> Result<i64, StoreError> {
    let mut find = db.prepare_cached("SELECT author FROM items WHERE id = ?1")?;
    Ok(find.query_row([item], |row| row.get(0))?)
}

/// The first and the last infohash with these leading digits.
fn bounds(prefix: &str) -> Option<([u8; 20], [u8; 20])> {
    if prefix.is_empty() || prefix.len() > 40 || !prefix.is_ascii() {
        return None;
    }
    let end = |fill: char| {
        let digits = prefix.chars().chain(std::iter::repeat(fill)).take(40).collect::<String>();
        digits.parse::<Infohash>().ok().map(|infohash| *infohash.as_bytes())
    };
    Some((end('0')?, end('f')?))
}
