//! Posts by some people.

use std::cmp::Reverse;

use upseed_model::{BoardName, PublicKey};
use upseed_tables::{
    values::error::StoreError,
    work::{
        names::{known_board, known_key},
        rows::ItemRow,
    },
};

use super::people::keys_of;
use crate::connection::Store;

impl Store {
    /// Posts that these people wrote, with their keys of now or earlier ones, the newest first; on one board
    /// or on all. What is left out of lists is left out here.
    pub fn posts_by(
        &self,
        people: &[PublicKey],
        board: Option<&BoardName>,
        skip: u32,
        limit: u32,
    ) -> Result<Vec<ItemRow>, StoreError> {
        self.read(|db| {
            let board = board.map(|board| known_board(db, board)).transpose()?;
            if board == Some(None) {
                return Ok(Vec::new());
            }
            let board = board.flatten();
            let mut select = db.prepare_cached(
                "SELECT i.time, i.id FROM items i JOIN ranks r ON r.item = i.id
                 WHERE i.author = ?1 AND r.post = 1 AND r.hidden = 0 AND ifnull(?2 = i.board, 1)
                 ORDER BY i.time DESC, i.id DESC LIMIT ?3",
            )?;
            let most = skip.saturating_add(limit);
            let mut found: Vec<(i64, i64)> = Vec::new();
            for person in people {
                let Some(id) = known_key(db, person)? else { continue };
                for key in keys_of(db, id)? {
                    let rows = select
                        .query_map((key, board, most), |row| Ok((row.get(0)?, row.get(1)?)))?;
                    for row in rows {
                        found.push(row?);
                    }
                }
                // Of many people no more is held than what may be shown.
                if found.len() > 4 * most as usize {
                    newest(&mut found, most);
                }
            }
            newest(&mut found, most);
            let ids: Vec<i64> = found.into_iter().skip(skip as usize).map(|(_, id)| id).collect();
            self.rows(db, &ids, true)
        })
    }
}

fn newest(found: &mut Vec<(i64, i64)>, most: u32) {
    found.sort_unstable_by_key(|place| Reverse(*place));
    found.truncate(most as usize);
}
