//! What labels do: those of people to whom the user subscribes, and of nobody else.

use std::collections::BTreeMap;

use rusqlite::Connection;
use upseed_model::{WorkId, moderation::LabelActions};

use super::names::parse_key;
use crate::values::{
    error::StoreError,
    moderation::{SubscriptionRow, Verdict, action, number},
    number::{int, uint},
};

/// Labels of one target that a page tells at most, the strongest first.
const SHOWN: i64 = 4;

/// Whether the user subscribes to this person's labels.
pub fn has(db: &Connection, labeller: i64) -> Result<bool, StoreError> {
    let mut find = db.prepare_cached("SELECT 1 FROM subscriptions WHERE labeller = ?1")?;
    Ok(find.exists([labeller])?)
}

/// Whether the user subscribes to anybody's labels.
pub fn has_any(db: &Connection) -> Result<bool, StoreError> {
    Ok(db.prepare_cached("SELECT 1 FROM subscriptions LIMIT 1")?.exists([])?)
}

/// Whether a label hides an item of this work id and author. Costs nothing without subscriptions, and
/// does not depend on how many labels there are.
pub fn hides(db: &Connection, work: &[u8; 32], author: i64) -> Result<bool, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT EXISTS (
             SELECT 1 FROM subscriptions s
             CROSS JOIN labels l ON l.labeller = s.labeller AND l.target IN (?1, ?2)
             LEFT JOIN subscription_values v ON v.labeller = l.labeller AND v.value = l.value
             WHERE ifnull(v.action, s.action) = 3)
         AND NOT EXISTS (SELECT 1 FROM exceptions WHERE target IN (?1, ?2))",
    )?;
    Ok(select.query_row((work, author), |row| row.get(0))?)
}

/// Of each of these items that is labelled by somebody to whom the user subscribes, what comes of it,
/// the strongest first. One statement for all of them.
pub fn verdicts(
    db: &Connection,
    works: &[WorkId],
) -> Result<BTreeMap<WorkId, Vec<Verdict>>, StoreError> {
    let works: Vec<String> = works.iter().map(|work| format!("\"{work}\"")).collect();
    let works = format!("[{}]", works.join(","));
    let mut select = db.prepare_cached(
        "SELECT work, action, key, value, reason, of_author FROM (
             SELECT i.work, i.id, ifnull(v.action, s.action) AS action, l.labeller, l.value,
                 l.reason, typeof(l.target) = 'integer' AS of_author,
                 row_number() OVER (PARTITION BY i.id ORDER BY ifnull(v.action, s.action) DESC,
                     l.labeller, l.value, l.reason) AS place
             FROM json_each(?1) j
             CROSS JOIN items i ON i.work = unhex(j.value)
             CROSS JOIN subscriptions s
             CROSS JOIN labels l ON l.labeller = s.labeller AND l.target IN (i.work, i.author)
             LEFT JOIN subscription_values v ON v.labeller = l.labeller AND v.value = l.value
             WHERE ifnull(v.action, s.action) > 0
                 AND NOT EXISTS (SELECT 1 FROM exceptions WHERE target IN (i.work, i.author)))
         JOIN keys ON keys.id = labeller
         WHERE place <= ?2 ORDER BY work, place",
    )?;
    let mut rows = select.query((works, SHOWN))?;
    let mut found = BTreeMap::<WorkId, Vec<Verdict>>::new();
    while let Some(row) = rows.next()? {
        let verdict = Verdict {
            action: action(row.get(1)?)?,
            labeller: parse_key(row.get(2)?)?,
            value: row.get(3)?,
            reason: row.get(4)?,
            of_author: row.get(5)?,
        };
        found.entry(WorkId::from_bytes(row.get(0)?)).or_default().push(verdict);
    }
    Ok(found)
}

/// Subscribes, or changes what a subscription does. What it hides is written by the caller.
pub fn put(
    db: &Connection,
    labeller: i64,
    actions: &LabelActions,
    now: u64,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO subscriptions VALUES (?1, ?2, ?3)
         ON CONFLICT (labeller) DO UPDATE SET action = excluded.action",
    )?
    .execute((labeller, number(actions.other), int(now)))?;
    db.prepare_cached("DELETE FROM subscription_values WHERE labeller = ?1")?
        .execute([labeller])?;
    let mut insert = db.prepare_cached("INSERT INTO subscription_values VALUES (?1, ?2, ?3)")?;
    for (value, action) in &actions.values {
        insert.execute((labeller, value.as_str(), number(*action)))?;
    }
    Ok(())
}

/// Every subscription, the oldest first.
pub fn all(db: &Connection) -> Result<Vec<SubscriptionRow>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT s.labeller, k.key, s.action, s.at,
             (SELECT count(*) FROM label_log WHERE labeller = s.labeller)
         FROM subscriptions s JOIN keys k ON k.id = s.labeller ORDER BY s.at, s.labeller",
    )?;
    let mut rows = select.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(SubscriptionRow {
            labeller: parse_key(row.get(1)?)?,
            actions: actions(db, row.get(0)?, row.get(2)?)?,
            at: uint(row.get(3)?),
            acting: uint(row.get(4)?),
        });
    }
    Ok(found)
}

fn actions(db: &Connection, labeller: i64, other: i64) -> Result<LabelActions, StoreError> {
    let mut select =
        db.prepare_cached("SELECT value, action FROM subscription_values WHERE labeller = ?1")?;
    let mut rows = select.query([labeller])?;
    let mut actions = LabelActions { other: action(other)?, values: BTreeMap::new() };
    while let Some(row) = rows.next()? {
        let value: String = row.get(0)?;
        let value = value.parse().map_err(|error: upseed_model::moderation::LabelValueError| {
            StoreError::row("subscription_values", error.to_string())
        })?;
        actions.values.insert(value, action(row.get(1)?)?);
    }
    Ok(actions)
}
