//! What each subscription does, in the order in which it began to. There is an entry for each value that
//! a labeller gave to a person or to an item that is here, unless it is ignored; it goes with the label,
//! the item or the subscription.

use rusqlite::{Connection, OptionalExtension as _};

use super::{names::parse_key, target::Target};
use crate::values::{
    error::StoreError,
    moderation::{LogEntry, action},
    number::{int, uint},
};

/// Labels that act for the user and are not in the log.
const NEW: &str = "INSERT INTO label_log (labeller, target, value, at)
     SELECT DISTINCT l.labeller, l.target, l.value, ?1
     FROM subscriptions s CROSS JOIN labels l ON l.labeller = s.labeller
     LEFT JOIN subscription_values v ON v.labeller = l.labeller AND v.value = l.value
     WHERE ifnull(v.action, s.action) > 0
         AND (typeof(l.target) = 'integer' OR EXISTS (SELECT 1 FROM items WHERE work = l.target))";

/// A label of somebody to whom the user subscribes is new.
pub fn note(db: &Connection, labeller: i64, target: Target, now: u64) -> Result<(), StoreError> {
    let sql = format!("{NEW} AND l.labeller = ?2 AND l.target = ?3 ON CONFLICT DO NOTHING");
    db.prepare_cached(&sql)?.execute((int(now), labeller, target))?;
    Ok(())
}

/// An item came that may have been labelled before.
pub fn item_came(db: &Connection, work: &[u8; 32], now: u64) -> Result<(), StoreError> {
    let sql = format!("{NEW} AND l.target = ?2 ON CONFLICT DO NOTHING");
    db.prepare_cached(&sql)?.execute((int(now), work))?;
    Ok(())
}

/// An item is about to go.
pub fn item_goes(db: &Connection, item: i64) -> Result<(), StoreError> {
    let sql = "DELETE FROM label_log WHERE target = (SELECT work FROM items WHERE id = ?1)";
    db.prepare_cached(sql)?.execute([item])?;
    Ok(())
}

/// Labels of this target were taken back.
pub fn forget(db: &Connection, labeller: i64, target: Target) -> Result<(), StoreError> {
    db.prepare_cached(
        "DELETE FROM label_log WHERE target = ?2 AND labeller = ?1 AND value NOT IN (
             SELECT value FROM labels WHERE labeller = ?1 AND target = ?2)",
    )?
    .execute((labeller, target))?;
    Ok(())
}

/// The user subscribed, or changed what a subscription does.
pub fn update(db: &Connection, labeller: i64, now: u64) -> Result<(), StoreError> {
    db.prepare_cached(
        "DELETE FROM label_log WHERE labeller = ?1 AND 0 = (
             SELECT ifnull(v.action, s.action) FROM subscriptions s
             LEFT JOIN subscription_values v
                 ON v.labeller = s.labeller AND v.value = label_log.value
             WHERE s.labeller = ?1)",
    )?
    .execute([labeller])?;
    let sql = format!("{NEW} AND l.labeller = ?2 ON CONFLICT DO NOTHING");
    db.prepare_cached(&sql)?.execute((int(now), labeller))?;
    Ok(())
}

const ENTRY: &str = "SELECT g.id, k.key, g.target, g.value,
        ifnull((SELECT min(reason) FROM labels l WHERE l.labeller = g.labeller
            AND l.target = g.target AND l.value = g.value), ''),
        ifnull(v.action, s.action), g.at,
        EXISTS (SELECT 1 FROM exceptions e WHERE e.target IN (
            g.target, (SELECT author FROM items WHERE work = g.target)))
    FROM label_log g JOIN keys k ON k.id = g.labeller
    JOIN subscriptions s ON s.labeller = g.labeller
    LEFT JOIN subscription_values v ON v.labeller = g.labeller AND v.value = g.value";

/// The newest entries of a labeller with smaller numbers than `before`, the newest first.
pub fn entries(
    db: &Connection,
    labeller: i64,
    before: u64,
    limit: u32,
) -> Result<Vec<LogEntry>, StoreError> {
    let sql = format!("{ENTRY} WHERE g.labeller = ?1 AND g.id < ?2 ORDER BY g.id DESC LIMIT ?3");
    let mut select = db.prepare_cached(&sql)?;
    let mut rows = select.query((labeller, int(before), limit))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(db, row)?);
    }
    Ok(found)
}

fn read(db: &Connection, row: &rusqlite::Row<'_>) -> Result<LogEntry, StoreError> {
    Ok(LogEntry {
        number: uint(row.get(0)?),
        labeller: parse_key(row.get(1)?)?,
        target: row.get::<_, Target>(2)?.name(db)?,
        value: row.get(3)?,
        reason: row.get(4)?,
        action: action(row.get(5)?)?,
        at: uint(row.get(6)?),
        undone: row.get(7)?,
    })
}

/// What an entry is about.
pub fn target(db: &Connection, number: u64) -> Result<Option<Target>, StoreError> {
    let mut find = db.prepare_cached("SELECT target FROM label_log WHERE id = ?1")?;
    Ok(find.query_row([int(number)], |row| row.get(0)).optional()?)
}
