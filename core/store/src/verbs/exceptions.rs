//! What is shown whatever its labels say, and what a subscription does, one by one.

use upseed_model::{PublicKey, statement::LabelTarget};
use upseed_tables::{
    values::{
        error::StoreError,
        moderation::{Exception, LogEntry},
        number::{int, uint},
    },
    work::{label_log, names::known_key, target::Target},
};

use crate::connection::Store;

impl Store {
    /// Shows an item, or all that a person writes, whatever their labels say; or no longer.
    pub fn set_exception(
        &self,
        target: &LabelTarget,
        shown: bool,
        now: u64,
    ) -> Result<(), StoreError> {
        self.write(|db| {
            let target = Target::of(db, target)?;
            if shown {
                db.prepare_cached("INSERT INTO exceptions VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
                    .execute((target, int(now)))?;
            } else {
                db.prepare_cached("DELETE FROM exceptions WHERE target = ?1")?.execute([target])?;
            }
            target.refresh_hidden(db)
        })
    }

    /// Every exception, the newest first.
    pub fn exceptions(&self) -> Result<Vec<Exception>, StoreError> {
        self.read(|db| {
            let mut select =
                db.prepare_cached("SELECT target, at FROM exceptions ORDER BY at DESC, target")?;
            let mut rows = select.query([])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let target = row.get::<_, Target>(0)?.name(db)?;
                found.push(Exception { target, at: uint(row.get(1)?) });
            }
            Ok(found)
        })
    }

    /// What a subscription does, the newest first: entries with smaller numbers than `before`.
    pub fn label_log(
        &self,
        labeller: &PublicKey,
        before: u64,
        limit: u32,
    ) -> Result<Vec<LogEntry>, StoreError> {
        self.read(|db| match known_key(db, labeller)? {
            Some(labeller) => label_log::entries(db, labeller, before, limit),
            None => Ok(Vec::new()),
        })
    }

    /// Undoes one thing that a subscription does, by an exception. False if there is no such entry.
    pub fn undo_label(&self, entry: u64, now: u64) -> Result<bool, StoreError> {
        let target = self.read(|db| {
            let target = label_log::target(db, entry)?;
            target.map(|target| target.name(db)).transpose()
        })?;
        match target {
            Some(target) => self.set_exception(&target, true, now).map(|()| true),
            None => Ok(false),
        }
    }
}
