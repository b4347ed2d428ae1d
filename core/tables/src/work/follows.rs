//! Who follows whom, as their statements say: derived, one row for each pair, from however many lists.

use rusqlite::{Connection, OptionalExtension as _};
use upseed_model::{PublicKey, SignedStatement, Statement};

use super::batch::Batch;
use crate::values::{error::StoreError, sorted::without};

/// Whom a list follows; a starter list is a suggestion, and follows nobody.
fn targets(list: Option<&SignedStatement>) -> &[PublicKey] {
    match list.map(SignedStatement::content) {
        Some(Statement::Follows { name: None, targets, .. }) => targets,
        _ => &[],
    }
}

/// What was refused for a time may be of somebody who is trusted now. Refusals name no author, and whom the new
/// one follows is trusted too, so all of them are looked at once more: a user follows seldom.
fn forget_temporary_refusals(db: &Connection) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM refused WHERE until IS NOT NULL")?.execute([])?;
    Ok(())
}

impl Batch<'_> {
    /// `before` was replaced by `after` in this slot. Only what differs is written.
    pub fn apply_follows(
        &mut self,
        before: Option<&SignedStatement>,
        after: Option<&SignedStatement>,
    ) -> Result<(), StoreError> {
        let Some(list) = after.or(before) else { return Ok(()) };
        let follower = self.key(&list.author())?;
        let mut take = self.db.prepare_cached(
            "UPDATE follows SET lists = lists - 1 WHERE follower = ?1 AND followed = ?2
             RETURNING lists",
        )?;
        let mut remove =
            self.db.prepare_cached("DELETE FROM follows WHERE follower = ?1 AND followed = ?2")?;
        for key in without(targets(before), targets(after)) {
            let followed = self.key(key)?;
            let left = take.query_row([follower, followed], |row| row.get(0)).optional()?;
            if left == Some(0) {
                remove.execute([follower, followed])?;
                self.follow_changed(follower, followed, false);
            }
        }
        let mut add = self.db.prepare_cached(
            "INSERT INTO follows VALUES (?1, ?2, 1)
             ON CONFLICT DO UPDATE SET lists = lists + 1 RETURNING lists",
        )?;
        for key in without(targets(after), targets(before)) {
            let followed = self.key(key)?;
            let lists: i64 = add.query_row([follower, followed], |row| row.get(0))?;
            if lists == 1 {
                self.follow_changed(follower, followed, true);
                if follower == self.me_id() {
                    forget_temporary_refusals(self.db)?;
                }
            }
        }
        Ok(())
    }

    fn follow_changed(&self, follower: i64, followed: i64, follows: bool) {
        // Following oneself counts nothing.
        if follower == followed {
            return;
        }
        self.db.touched.borrow_mut().follows.push((follower, followed, follows));
        if follower == self.me_id() {
            self.db.mine_changed();
        }
    }
}
