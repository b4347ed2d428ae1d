//! Items together with all that is known about them.

use rusqlite::{Connection, Row};
use upseed_model::{HostingState, SignedItem};
use upseed_rank::Fixed;

use super::hosting;
use crate::values::{error::StoreError, me::Me, number::uint};

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
    pub score: Fixed,
    /// People I know wrote it or voted for it.
    pub known: bool,
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
    /// It is hosted, its author asked hosts to stop, and the user has not said yet what they want.
    pub asks: bool,
    /// Its author is muted.
    pub muted: bool,
    /// The user hid it.
    pub hidden_by_user: bool,
    /// The user saved it to read it again.
    pub saved: bool,
    /// Left out of lists: dead, retracted, muted, hidden by the user or by a label, or written
    /// with a key that was in use no more.
    pub hidden: bool,
    /// Hosts that were named or seen, this node among them if it hosts; nothing while nobody looked.
    pub seeds: Option<u32>,
    /// Whether somebody really connected to a seed.
    pub seeds_checked: bool,
    /// Distinct networks in which the text was seen during the last days.
    pub verified: u32,
    /// When it was last seen in one of them, in unix seconds.
    pub verified_at: Option<u64>,
    /// How far its hosting has come, if it should be hosted.
    pub hosting: Option<HostingState>,
    /// Whether my client hosts it without a vote of mine.
    pub unvoted: bool,
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
        EXISTS (SELECT 1 FROM guests g WHERE g.item = i.id),
        EXISTS (SELECT 1 FROM hides h WHERE h.item = i.id), ifnull(r.hidden, 0), r.known,
        EXISTS (SELECT 1 FROM retractions q WHERE q.item = i.id AND q.choice = 0),
        EXISTS (SELECT 1 FROM successions e WHERE e.old = i.author AND e.time < i.time),
        (SELECT count(*) FROM hosts h WHERE h.item = i.id),
        (SELECT max(seen) FROM hosts h WHERE h.item = i.id),
        EXISTS (SELECT 1 FROM saves v WHERE v.item = i.id)
    FROM items i
    LEFT JOIN ranks r ON r.item = i.id LEFT JOIN texts t ON t.item = i.id
    LEFT JOIN dead d ON d.item = i.id LEFT JOIN seeds s ON s.infohash = i.infohash
    LEFT JOIN wishes w ON w.item = i.id LEFT JOIN pending p ON p.item = i.id
    WHERE i.id = ?1";

/// An item's row, with its text if that is asked for; and whether this read a text out of the cache.
pub fn read(
    db: &Connection,
    item: i64,
    me: Option<Me>,
    text: bool,
) -> Result<Option<(ItemRow, bool)>, StoreError> {
    let mut select = db.prepare_cached(ROW)?;
    let mut rows = select.query((item, me.map_or(-1, |me| me.id), text))?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let found = parse(row, me)?;
    let cached = found.text.is_some() && row.get::<_, Option<i64>>(7)? == Some(0);
    Ok(Some((found, cached)))
}

fn parse(row: &Row<'_>, me: Option<Me>) -> Result<ItemRow, StoreError> {
    let header = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
    let item = SignedItem::from_bytes_unchecked(header)
        .map_err(|error| StoreError::record("items", &error))?;
    let text: Option<Vec<u8>> = row.get(6)?;
    let text = text
        .map(String::from_utf8)
        .transpose()
        .map_err(|error| StoreError::row("texts", error.to_string()))?;
    let (dead, retracted, muted) = (row.get(8)?, row.get(9)?, row.get::<_, bool>(10)?);
    let (hidden_by_user, hidden) = (row.get::<_, bool>(17)?, row.get::<_, bool>(18)?);
    let ended: bool = row.get(21)?;
    let state: Option<i64> = row.get(13)?;
    let wish: Option<bool> = row.get(14)?;
    let hosting = state.map(hosting::state).transpose()?;
    let verified: u32 = row.get(22)?;
    let certain = verified
        .max(u32::from(matches!(hosting, Some(HostingState::Hosting | HostingState::Packed))));
    let named: Option<u32> = row.get(11)?;
    let number = |column| -> Result<u32, StoreError> {
        let value: Option<i64> = row.get(column)?;
        Ok(value.and_then(|value| u32::try_from(value).ok()).unwrap_or_default())
    };
    Ok(ItemRow {
        mine: me.is_some_and(|me| me.key == item.author()),
        item,
        first_seen: uint(row.get(1)?),
        placed: row.get(2)?,
        votes: number(3)?,
        score: Fixed::from_sql(row.get::<_, Option<i64>>(4)?.unwrap_or_default()),
        known: row.get::<_, Option<bool>>(19)?.unwrap_or_default(),
        upvoted: wish.unwrap_or(row.get(15)?),
        comments: number(5)?,
        text,
        dead,
        retracted,
        asks: retracted && row.get::<_, bool>(20)?,
        muted,
        hidden_by_user,
        saved: row.get(24)?,
        hidden: hidden || dead || retracted || muted || hidden_by_user || ended,
        // What is certain counts, whoever was named.
        seeds: named.max((certain > 0).then_some(certain)),
        seeds_checked: row.get::<_, Option<bool>>(12)?.unwrap_or_default(),
        verified,
        verified_at: row.get::<_, Option<i64>>(23)?.map(uint),
        hosting,
        unvoted: row.get(16)?,
    })
}
