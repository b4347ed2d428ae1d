//! Labels, as statements say them: one for each labeller, target, value and reason, from however many
//! statements. All are kept, also those of people to whom nobody here subscribes: what they would do
//! can be told at once, and they take effect the moment one subscribes.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension as _};
use upseed_model::{SignedStatement, Statement, statement::Label};

use super::{batch::Batch, label_log, scores, subscriptions, target::Target};
use crate::values::error::StoreError;

fn labels(statement: Option<&SignedStatement>) -> &[Label] {
    match statement.map(SignedStatement::content) {
        Some(Statement::Labels { labels, .. }) => labels,
        _ => &[],
    }
}

/// What is in the first list and not in the second; both ascend.
fn without<'a>(list: &'a [Label], other: &'a [Label]) -> impl Iterator<Item = &'a Label> + use<'a> {
    list.iter().filter(|label| other.binary_search(label).is_err())
}

impl Batch<'_> {
    /// `before` was replaced by `after` in this slot. Only what differs is written.
    pub fn apply_labels(
        &mut self,
        before: Option<&SignedStatement>,
        after: Option<&SignedStatement>,
    ) -> Result<(), StoreError> {
        let Some(statement) = after.or(before) else { return Ok(()) };
        let labeller = self.key(&statement.author())?;
        let (before, after) = (labels(before), labels(after));
        let mut changed = BTreeSet::new();
        for label in without(before, after) {
            changed.extend(remove(self.db, labeller, label)?);
        }
        for label in without(after, before) {
            changed.extend(add(self.db, labeller, label)?);
        }
        if subscriptions::has(self.db, labeller)? {
            for target in changed {
                label_log::forget(self.db, labeller, target)?;
                target.refresh_hidden(self.db)?;
            }
        }
        Ok(())
    }

    /// Notes what a statement that has just come does for its labeller's subscribers.
    pub fn note_labels(&mut self, after: &SignedStatement, now: u64) -> Result<(), StoreError> {
        let labeller = self.key(&after.author())?;
        if !labels(Some(after)).is_empty() && subscriptions::has(self.db, labeller)? {
            for label in labels(Some(after)) {
                label_log::note(self.db, labeller, Target::of(self.db, &label.target)?, now)?;
            }
        }
        Ok(())
    }
}

/// Gives the target if the label is new.
fn add(db: &Connection, labeller: i64, label: &Label) -> Result<Option<Target>, StoreError> {
    let target = Target::of(db, &label.target)?;
    let mut add = db.prepare_cached(
        "INSERT INTO labels VALUES (?1, ?2, ?3, ?4, 1)
         ON CONFLICT DO UPDATE SET statements = statements + 1 RETURNING statements",
    )?;
    let row = (labeller, target, &label.value, &label.reason);
    let statements: i64 = add.query_row(row, |row| row.get(0))?;
    Ok((statements == 1).then_some(target))
}

/// Gives the target if the label is gone.
fn remove(db: &Connection, labeller: i64, label: &Label) -> Result<Option<Target>, StoreError> {
    let target = Target::of(db, &label.target)?;
    let row = (labeller, target, &label.value, &label.reason);
    let mut take = db.prepare_cached(
        "UPDATE labels SET statements = statements - 1
         WHERE labeller = ?1 AND target = ?2 AND value = ?3 AND reason = ?4 RETURNING statements",
    )?;
    let statements: Option<i64> = take.query_row(row, |row| row.get(0)).optional()?;
    if statements != Some(0) {
        return Ok(None);
    }
    let sql =
        "DELETE FROM labels WHERE labeller = ?1 AND target = ?2 AND value = ?3 AND reason = ?4";
    db.prepare_cached(sql)?.execute(row)?;
    Ok(Some(target))
}

/// Writes anew what is hidden of all that this person labelled, and of what labelled people wrote.
pub fn refresh(db: &Connection, labeller: i64) -> Result<(), StoreError> {
    let mut select = db.prepare_cached(
        "SELECT i.id FROM labels l CROSS JOIN items i ON i.work = l.target
             WHERE l.labeller = ?1 AND typeof(l.target) = 'blob'
         UNION SELECT i.id FROM labels l CROSS JOIN items i ON i.author = l.target
             WHERE l.labeller = ?1 AND typeof(l.target) = 'integer'",
    )?;
    let items = select.query_map([labeller], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
    items.into_iter().try_for_each(|item| scores::refresh_hidden(db, item))
}
