//! Packs in which older items are hosted, and what is in them.

use rusqlite::{Connection, OptionalExtension as _, Row};
use upseed_model::{BoardName, HostingState, Infohash, WorkId};

use super::{hosting, names};
use crate::values::{
    error::StoreError,
    number::{int, uint},
    pack::PackState,
};

/// A pack of mine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackRow {
    /// Its number here.
    pub id: i64,
    /// What clients call it by.
    pub infohash: Infohash,
    /// The board of its items.
    pub board: BoardName,
    /// How far it has come.
    pub state: PackState,
    /// How many items were put in.
    pub count: u32,
    /// How many of them are hosted no more.
    pub gone: u32,
    /// Bytes of its file.
    pub length: u64,
    /// When its oldest item was written, in unix seconds.
    pub first: u64,
    /// When its newest item was written, in unix seconds.
    pub last: u64,
    /// Since when it has something that is not to be hosted any more although the vote stays, in unix seconds: its author
    /// was muted, or retracted it.
    pub stopped: Option<u64>,
}

impl PackRow {
    /// How many items are hosted in it.
    pub const fn live(&self) -> u32 {
        self.count.saturating_sub(self.gone)
    }
}

/// What a pack needs to know of an item that may go in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackItem {
    /// The item's number.
    pub item: i64,
    /// Its infohash.
    pub infohash: Infohash,
    /// Its work id.
    pub work: WorkId,
    /// Bytes of its header.
    pub header: u16,
    /// Bytes of its text.
    pub text: u32,
    /// When it was written, in unix seconds.
    pub time: u64,
}

impl PackItem {
    /// Bytes of its record in a pack.
    pub const fn size(&self) -> u64 {
        2 + self.header as u64 + self.text as u64
    }
}

/// How much of a board is hosted as torrents of their own and old enough to be packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loose {
    /// The board.
    pub board: BoardName,
    /// How many items.
    pub items: u32,
    /// Bytes of their records.
    pub bytes: u64,
}

/// A pack to be made.
#[derive(Debug, Clone)]
pub struct NewPack {
    /// What clients will call it by.
    pub infohash: Infohash,
    /// The board of its items.
    pub board: BoardName,
    /// Bytes of its file.
    pub length: u64,
    /// Its info dictionary.
    pub info: Vec<u8>,
    /// All that is in it.
    pub items: Vec<PackItem>,
}

/// A state that stands in a row.
pub fn state(row: i64) -> Result<PackState, StoreError> {
    let found = PackState::ALL.into_iter().find(|state| state.number() == row);
    found.ok_or_else(|| StoreError::row("packs", format!("unknown state {row}")))
}

const COLUMNS: &str =
    "p.id, p.infohash, n.name, p.state, p.count, p.gone, p.length, p.first, p.last, p.stopped
    FROM packs p JOIN names n ON n.id = p.board";

fn read(row: &Row<'_>) -> Result<PackRow, StoreError> {
    let board: String = row.get(2)?;
    Ok(PackRow {
        id: row.get(0)?,
        infohash: Infohash::from_bytes(row.get(1)?),
        board: names::parse_board("packs", &board)?,
        state: state(row.get(3)?)?,
        count: row.get(4)?,
        gone: row.get(5)?,
        length: uint(row.get(6)?),
        first: uint(row.get(7)?),
        last: uint(row.get(8)?),
        stopped: row.get::<_, Option<i64>>(9)?.map(uint),
    })
}

/// All packs, the oldest items first.
pub fn all(db: &Connection) -> Result<Vec<PackRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} ORDER BY p.first, p.id");
    let mut select = db.prepare_cached(&sql)?;
    let mut rows = select.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// The pack that clients call so.
pub fn called(db: &Connection, infohash: &Infohash) -> Result<Option<PackRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} WHERE p.infohash = ?1");
    let mut select = db.prepare_cached(&sql)?;
    let mut rows = select.query([infohash.as_bytes()])?;
    rows.next()?.map(read).transpose()
}

/// The header of an item that is hosted and whose text is here.
pub fn hosted_header(db: &Connection, infohash: &Infohash) -> Result<Option<Vec<u8>>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT i.header FROM items i JOIN wishes w ON w.item = i.id JOIN texts t ON t.item = i.id
         WHERE i.infohash = ?1 AND w.state IN (?2, ?3, ?4) AND t.keep <> 3 ORDER BY i.id LIMIT 1",
    )?;
    let [handed, hosted, packed] =
        [HostingState::Handed, HostingState::Hosting, HostingState::Packed].map(hosting::number);
    let header = select.query_row((infohash.as_bytes(), handed, hosted, packed), |row| row.get(0));
    Ok(header.optional()?)
}

/// One pack.
pub fn get(db: &Connection, pack: i64) -> Result<Option<PackRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} WHERE p.id = ?1");
    let mut select = db.prepare_cached(&sql)?;
    let mut rows = select.query([pack])?;
    rows.next()?.map(read).transpose()
}

/// Since when an item must have been asked for so that it is none of the newest `newest` torrents: a
/// task at this place or later stays a torrent of its own.
fn cutoff(db: &Connection, newest: u32) -> Result<Option<(i64, i64)>, StoreError> {
    let Some(skipped) = newest.checked_sub(1) else { return Ok(Some((i64::MAX, i64::MAX))) };
    // What is missing waits for the user's word and is in no client.
    let sql = "SELECT at, item FROM wishes WHERE state IN (?1, ?2, ?3, ?4, ?5)
               ORDER BY at DESC, item DESC LIMIT 1 OFFSET ?6";
    let [wanted, fetching, handed, hosted, failed] = [
        HostingState::Wanted,
        HostingState::Fetching,
        HostingState::Handed,
        HostingState::Hosting,
        HostingState::Failed,
    ]
    .map(hosting::number);
    let place = db
        .prepare_cached(sql)?
        .query_row((wanted, fetching, handed, hosted, failed, skipped), |row| {
            Ok((row.get(0)?, row.get(1)?))
        });
    Ok(place.optional()?)
}

/// What [`loose`] and [`loose_of`] choose: hosted, not among the newest, its text here, and in no pack
/// that is being made.
const LOOSE: &str = "FROM wishes w JOIN items i ON i.id = w.item JOIN texts t ON t.item = i.id
    WHERE w.state = ?1 AND (w.at, w.item) < (?2, ?3) AND t.keep <> 3
    AND NOT EXISTS (SELECT 1 FROM packed p WHERE p.item = w.item)";

/// What may be packed, by board, but for the newest `newest` torrents.
pub fn loose(db: &Connection, newest: u32) -> Result<Vec<Loose>, StoreError> {
    let Some((at, item)) = cutoff(db, newest)? else { return Ok(Vec::new()) };
    let sql = format!(
        "SELECT n.name, count(*), sum(2 + length(i.header) + t.size) {LOOSE_JOINED}
         GROUP BY i.board ORDER BY i.board",
        LOOSE_JOINED = LOOSE.replace("WHERE", "JOIN names n ON n.id = i.board WHERE")
    );
    let mut select = db.prepare_cached(&sql)?;
    let mut rows = select.query((hosting::number(HostingState::Hosting), at, item))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let board: String = row.get(0)?;
        let board = names::parse_board("names", &board)?;
        found.push(Loose { board, items: row.get(1)?, bytes: uint(row.get(2)?) });
    }
    Ok(found)
}

/// The oldest items of a board that may be packed, but for the newest `newest` torrents.
pub fn loose_of(
    db: &Connection,
    board: &BoardName,
    newest: u32,
    limit: u32,
) -> Result<Vec<PackItem>, StoreError> {
    let (Some((at, item)), Some(board)) = (cutoff(db, newest)?, names::known_board(db, board)?)
    else {
        return Ok(Vec::new());
    };
    let sql = format!(
        "SELECT i.id, i.infohash, i.work, length(i.header), t.size, i.time {LOOSE} AND i.board = ?4
         ORDER BY w.at, w.item LIMIT ?5"
    );
    let mut select = db.prepare_cached(&sql)?;
    let hosted = hosting::number(HostingState::Hosting);
    let rows = select.query_map((hosted, at, item, board, limit), item_of)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What is still hosted in one of these packs and whose text is here, each once.
pub fn items_of(db: &Connection, packs: &[i64]) -> Result<Vec<PackItem>, StoreError> {
    let mut found = Vec::new();
    let mut select = db.prepare_cached(
        "SELECT i.id, i.infohash, i.work, length(i.header), t.size, i.time
         FROM packed p JOIN items i ON i.id = p.item JOIN texts t ON t.item = i.id
         WHERE p.pack = ?1 AND t.keep <> 3",
    )?;
    for pack in packs {
        for item in select.query_map([pack], item_of)? {
            found.push(item?);
        }
    }
    found.sort_unstable_by_key(|item| item.item);
    found.dedup_by_key(|item| item.item);
    Ok(found)
}

fn item_of(row: &Row<'_>) -> rusqlite::Result<PackItem> {
    Ok(PackItem {
        item: row.get(0)?,
        infohash: Infohash::from_bytes(row.get(1)?),
        work: WorkId::from_bytes(row.get(2)?),
        header: row.get(3)?,
        text: row.get(4)?,
        time: uint(row.get(5)?),
    })
}

/// A pack to be given to whoever hosts it. If it is here already, it gets all its items again.
pub fn add(db: &Connection, new: &NewPack) -> Result<i64, StoreError> {
    let times = || new.items.iter().map(|item| item.time);
    let (first, last) = (times().min().unwrap_or_default(), times().max().unwrap_or_default());
    let sql = "INSERT INTO packs (infohash, board, state, count, gone, length, first, last, info)
               VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6, ?7, ?8)
               ON CONFLICT (infohash) DO UPDATE SET state = excluded.state, gone = 0, stopped = NULL
               RETURNING id";
    let pack: i64 = db.prepare_cached(sql)?.query_row(
        (
            new.infohash.as_bytes(),
            names::board_id(db, &new.board)?,
            PackState::Given.number(),
            new.items.len() as u64 as i64,
            int(new.length),
            int(first),
            int(last),
            &new.info,
        ),
        |row| row.get(0),
    )?;
    let mut put = db.prepare_cached("INSERT INTO packed VALUES (?1, ?2) ON CONFLICT DO NOTHING")?;
    for item in &new.items {
        put.execute((pack, item.item))?;
    }
    Ok(pack)
}

/// Its info dictionary.
pub fn info(db: &Connection, pack: i64) -> Result<Option<Vec<u8>>, StoreError> {
    let mut select = db.prepare_cached("SELECT info FROM packs WHERE id = ?1")?;
    Ok(select.query_row([pack], |row| row.get(0)).optional()?)
}

/// Sets how far it has come.
pub fn set_state(db: &Connection, pack: i64, state: PackState) -> Result<(), StoreError> {
    let mut update = db.prepare_cached("UPDATE packs SET state = ?2 WHERE id = ?1")?;
    update.execute((pack, state.number()))?;
    Ok(())
}

/// The items of a pack, by number, that are still to be hosted.
pub fn members(db: &Connection, pack: i64) -> Result<Vec<i64>, StoreError> {
    let mut select = db.prepare_cached("SELECT item FROM packed WHERE pack = ?1")?;
    let rows = select.query_map([pack], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Takes what is not hosted in it out of a pack, after its items were told that they are packed.
pub fn settle(db: &Connection, pack: i64, now: u64) -> Result<(), StoreError> {
    let [stopping, stopped] = [HostingState::Stopping, HostingState::Stopped].map(hosting::number);
    db.prepare_cached(
        "UPDATE packs SET stopped = ?2 WHERE id = ?1 AND stopped IS NULL AND EXISTS (
             SELECT 1 FROM packed p JOIN wishes w ON w.item = p.item
             WHERE p.pack = ?1 AND w.state IN (?3, ?4))",
    )?
    .execute((pack, int(now), stopping, stopped))?;
    db.prepare_cached(
        "DELETE FROM packed WHERE pack = ?1 AND NOT EXISTS (
             SELECT 1 FROM wishes w WHERE w.item = packed.item AND w.state = ?2)",
    )?
    .execute((pack, hosting::number(HostingState::Packed)))?;
    db.prepare_cached(
        "UPDATE packs SET gone = count - (SELECT count(*) FROM packed WHERE pack = ?1) WHERE id = ?1",
    )?
    .execute([pack])?;
    Ok(())
}

/// Whether all that is hosted in a pack is in another one, too, which is hosted.
pub fn is_superseded(db: &Connection, pack: i64) -> Result<bool, StoreError> {
    let alone = "SELECT 1 FROM packed p WHERE p.pack = ?1 AND NOT EXISTS (
        SELECT 1 FROM packed q JOIN packs k ON k.id = q.pack
        WHERE q.item = p.item AND q.pack <> p.pack AND k.state = ?2)";
    let hosted = PackState::Hosted.number();
    Ok(!db.prepare_cached(alone)?.exists((pack, hosted))?)
}

/// Forgets a pack. Gives the items that were hosted in it alone.
pub fn forget(db: &Connection, pack: i64) -> Result<Vec<i64>, StoreError> {
    let items = members(db, pack)?;
    db.prepare_cached("DELETE FROM packs WHERE id = ?1")?.execute([pack])?;
    let mut other = db.prepare_cached("SELECT 1 FROM packed WHERE item = ?1")?;
    let mut alone = Vec::new();
    for item in items {
        if !other.exists([item])? {
            alone.push(item);
        }
    }
    Ok(alone)
}
