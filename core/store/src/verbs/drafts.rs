//! What the user is writing.

use rusqlite::OptionalExtension as _;
use upseed_tables::values::{error::StoreError, number::int};

use crate::connection::Store;

/// Drafts that are kept: at most 6.5 MB.
const MAX_DRAFTS: u32 = 100;

/// Something that is not published yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    /// The board as typed, of a post.
    pub board: String,
    /// The title as typed, of a post.
    pub title: String,
    /// The text as typed.
    pub text: String,
}

impl Store {
    /// What was written for this place so far.
    pub fn draft(&self, target: &str) -> Result<Option<Draft>, StoreError> {
        self.read(|db| {
            let sql = "SELECT board, title, text FROM drafts WHERE target = ?1";
            let found = db.prepare_cached(sql)?.query_row([target], |row| {
                Ok(Draft { board: row.get(0)?, title: row.get(1)?, text: row.get(2)? })
            });
            Ok(found.optional()?)
        })
    }

    /// Keeps what was written for this place, or forgets it. The oldest drafts are forgotten.
    pub fn set_draft(
        &self,
        target: &str,
        draft: Option<&Draft>,
        now: u64,
    ) -> Result<(), StoreError> {
        self.write(|db| {
            let Some(draft) = draft else {
                db.prepare_cached("DELETE FROM drafts WHERE target = ?1")?.execute([target])?;
                return Ok(());
            };
            db.prepare_cached("REPLACE INTO drafts VALUES (?1, ?2, ?3, ?4, ?5)")?.execute((
                target,
                &draft.board,
                &draft.title,
                &draft.text,
                int(now),
            ))?;
            db.prepare_cached(
                "DELETE FROM drafts WHERE target IN
                 (SELECT target FROM drafts ORDER BY at DESC LIMIT -1 OFFSET ?1)",
            )?
            .execute([MAX_DRAFTS])?;
            Ok(())
        })
    }
}
