//! Looking up records, and items together with all that is known about them.

use rusqlite::{Connection, OptionalExtension as _};
use upseed_model::{Infohash, Record, SignedItem, WorkId};
use upseed_tables::{
    values::{
        error::StoreError,
        number::{int, uint},
    },
    work::{
        items,
        rows::{self, ItemRow},
    },
};

use crate::connection::Store;

/// A record that was asked for, and its bytes if it is here.
pub type AskedRecord = (WorkId, Option<Vec<u8>>);

impl Store {
    /// Whether to ask nobody for this record: it is here, or refused.
    pub fn has(&self, work: &WorkId) -> Result<bool, StoreError> {
        self.read(|db| items::has(db, work))
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
                if !items::has(db, work)? {
                    unknown.push(*work);
                }
            }
            Ok(unknown)
        })
    }

    /// One record. Its signature was verified when it was stored.
    pub fn record(&self, work: &WorkId) -> Result<Option<Record>, StoreError> {
        let bytes = self.read(|db| items::record_bytes(db, work))?;
        let parse = |bytes: Vec<u8>| Record::from_bytes_unchecked(&bytes);
        bytes.map(parse).transpose().map_err(|error| StoreError::record("records", &error))
    }

    /// The bytes of many records, in the order asked, `None` for those that are not here. It ends with
    /// the record that makes them `most` bytes or more.
    pub fn records(&self, works: &[WorkId], most: usize) -> Result<Vec<AskedRecord>, StoreError> {
        self.read(|db| {
            let (mut records, mut bytes) = (Vec::new(), 0);
            for work in works {
                let record = items::record_bytes(db, work)?;
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
            let Some(item) = items::id_by_infohash(db, infohash)? else { return Ok(None) };
            self.row(db, item, true)
        })
    }

    /// What an item's author signed; no text is read.
    pub fn header(&self, infohash: &Infohash) -> Result<Option<SignedItem>, StoreError> {
        let header: Option<Vec<u8>> = self.read(|db| {
            let mut find = db.prepare_cached(
                "SELECT header FROM items WHERE infohash = ?1 ORDER BY id LIMIT 1",
            )?;
            Ok(find.query_row([infohash.as_bytes()], |row| row.get(0)).optional()?)
        })?;
        let parsed = header.map(|header| SignedItem::from_bytes_unchecked(&header)).transpose();
        parsed.map_err(|error| StoreError::record("items", &error))
    }

    /// An item by its work id.
    pub fn item_by_work(&self, work: &WorkId) -> Result<Option<ItemRow>, StoreError> {
        self.read(|db| {
            let Some(item) = items::id(db, work)? else { return Ok(None) };
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
        let found = rows::read(db, item, self.current_me(), text)?;
        Ok(found.map(|(row, cached)| {
            if cached {
                self.touch(item);
            }
            row
        }))
    }
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
