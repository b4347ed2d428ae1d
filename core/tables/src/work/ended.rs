//! What the end of a key undoes: its lists count no more, and what it wrote later is left out.

use upseed_model::{SignedStatement, Statement, succession::Said};

use super::{
    batch::Batch,
    scores, slots,
    successions::{is_list, said},
};
use crate::values::{error::StoreError, number::int};

impl Batch<'_> {
    /// The row alone; what follows from it is [`Batch::apply_succession`]'s.
    pub fn insert_succession(&mut self, statement: &SignedStatement) -> Result<(), StoreError> {
        let Statement::Succession { next } = statement.content() else { return Ok(()) };
        let old = self.key(&statement.author())?;
        let next = next.as_ref().map(|next| self.key(next)).transpose()?;
        let row = (*statement.work().as_bytes(), old, next, int(statement.time()));
        let sql = "INSERT INTO successions VALUES (?1, ?2, ?3, ?4)";
        self.db.prepare_cached(sql)?.execute(row)?;
        Ok(())
    }

    /// A succession came, or left the store.
    pub fn apply_succession(
        &mut self,
        statement: &SignedStatement,
        came: bool,
    ) -> Result<(), StoreError> {
        let old = self.key(&statement.author())?;
        let before = said(self.db, old)?;
        if came {
            self.insert_succession(statement)?;
        } else {
            let sql = "DELETE FROM successions WHERE work = ?1";
            self.db.prepare_cached(sql)?.execute([statement.work().as_bytes()])?;
        }
        let after = said(self.db, old)?;
        if before != after {
            self.db.touched.borrow_mut().successions.insert(old);
        }
        let is_in_use = after == Said::Nothing;
        if is_in_use != (before == Said::Nothing) {
            for list in slots::by(self.db, old)?.iter().filter(|list| is_list(list)) {
                let (before, after) =
                    if is_in_use { (None, Some(list)) } else { (Some(list), None) };
                self.derive(before, after)?;
            }
        }
        scores::refresh_author(self.db, old)?;
        if let (true, Statement::Succession { next: Some(next) }) = (came, statement.content()) {
            // Who muted somebody muted their next key as well, and the one before.
            let next = self.key(next)?;
            let sql = "INSERT INTO mutes SELECT ?2, at FROM mutes WHERE author = ?1
                ON CONFLICT DO NOTHING";
            let mut mute = self.db.prepare_cached(sql)?;
            for [from, to] in [[old, next], [next, old]] {
                if mute.execute([from, to])? > 0 {
                    self.db.touched.borrow_mut().mutes.push((to, true));
                    scores::refresh_author(self.db, to)?;
                }
            }
        }
        Ok(())
    }
}
