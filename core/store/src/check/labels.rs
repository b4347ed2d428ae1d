//! What labels do, computed anew in the dumbest way. Nothing here shares code with what writes it.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, types::Value};
use upseed_model::{
    PublicKey, SignedItem, WorkId,
    statement::{Label, LabelTarget},
};
use upseed_tables::values::{error::StoreError, number::uint};

/// Labels by who said them, and in how many statements.
pub(crate) type Said = BTreeMap<(PublicKey, Label), u64>;

/// As the local tables have them, with names instead of numbers.
pub(crate) struct Subscriptions {
    /// The action for other values, and those by value.
    actions: BTreeMap<PublicKey, (i64, BTreeMap<String, i64>)>,
    exceptions: BTreeSet<LabelTarget>,
}

impl Subscriptions {
    pub fn load(db: &Connection) -> Result<Self, StoreError> {
        let keys = keys(db)?;
        let mut actions = BTreeMap::new();
        let mut select = db.prepare("SELECT labeller, action FROM subscriptions")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let by_value = BTreeMap::<String, i64>::new();
            actions.insert(keys[&row.get(0)?], (row.get(1)?, by_value));
        }
        let mut select = db.prepare("SELECT labeller, value, action FROM subscription_values")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            if let Some((_, by_value)) = actions.get_mut(&keys[&row.get(0)?]) {
                by_value.insert(row.get(1)?, row.get(2)?);
            }
        }
        let mut exceptions = BTreeSet::new();
        let mut select = db.prepare("SELECT target FROM exceptions")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            exceptions.insert(target(&keys, row.get(0)?)?);
        }
        Ok(Self { actions, exceptions })
    }

    pub fn hide(&self, said: &Said, item: &SignedItem) -> bool {
        let names = [LabelTarget::Item(item.work()), LabelTarget::Key(item.author())];
        names.iter().all(|name| !self.exceptions.contains(name))
            && said.keys().any(|(labeller, label)| {
                names.contains(&label.target) && self.action(labeller, &label.value) == 3
            })
    }

    fn action(&self, labeller: &PublicKey, value: &str) -> i64 {
        let Some((other, by_value)) = self.actions.get(labeller) else { return 0 };
        by_value.get(value).copied().unwrap_or(*other)
    }
}

fn keys(db: &Connection) -> Result<BTreeMap<i64, PublicKey>, StoreError> {
    let mut select = db.prepare("SELECT id, key FROM keys")?;
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.map(|row| {
        let (id, key) = row?;
        let key = PublicKey::from_bytes(key);
        Ok((id, key.map_err(|error| StoreError::row("keys", error.to_string()))?))
    })
    .collect()
}

fn target(keys: &BTreeMap<i64, PublicKey>, value: Value) -> Result<LabelTarget, StoreError> {
    let wrong = || StoreError::row("labels", "a target that is neither a work id nor a key");
    match value {
        Value::Integer(id) => keys.get(&id).map(|key| LabelTarget::Key(*key)).ok_or_else(wrong),
        Value::Blob(work) => {
            let work: [u8; 32] = work.try_into().map_err(|_| wrong())?;
            Ok(LabelTarget::Item(WorkId::from_bytes(work)))
        }
        _ => Err(wrong()),
    }
}

/// The table as it stands.
pub(crate) fn read(db: &Connection) -> Result<Said, StoreError> {
    let keys = keys(db)?;
    let mut said = Said::new();
    let mut select =
        db.prepare("SELECT labeller, target, value, reason, statements FROM labels")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let target = target(&keys, row.get(1)?)?;
        let label = Label { target, value: row.get(2)?, reason: row.get(3)? };
        said.insert((keys[&row.get(0)?], label), uint(row.get(4)?));
    }
    Ok(said)
}

/// The log has what subscriptions do, neither more nor less.
pub(crate) fn check_log(
    db: &Connection,
    said: &Said,
    faults: &mut Vec<String>,
) -> Result<(), StoreError> {
    let (keys, subscriptions) = (keys(db)?, Subscriptions::load(db)?);
    let mut works = BTreeSet::new();
    let mut select = db.prepare("SELECT work FROM items")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        works.insert(WorkId::from_bytes(row.get(0)?));
    }
    let is_here = |target: &LabelTarget| match target {
        LabelTarget::Item(work) => works.contains(work),
        LabelTarget::Key(_) => true,
    };
    let expected: BTreeSet<(PublicKey, LabelTarget, String)> = said
        .keys()
        .filter(|(labeller, label)| {
            is_here(&label.target) && subscriptions.action(labeller, &label.value) > 0
        })
        .map(|(labeller, label)| (*labeller, label.target, label.value.clone()))
        .collect();
    let mut found = BTreeSet::new();
    let mut select = db.prepare("SELECT labeller, target, value FROM label_log")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        found.insert((keys[&row.get(0)?], target(&keys, row.get(1)?)?, row.get(2)?));
    }
    for entry in found.symmetric_difference(&expected).take(10) {
        let what = if found.contains(entry) { "too many" } else { "missing" };
        faults.push(format!("label_log: {entry:?} is {what}"));
    }
    Ok(())
}
