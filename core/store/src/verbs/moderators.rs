//! Whose labels a board's reader may want.

use upseed_model::BoardName;
use upseed_tables::{
    values::{error::StoreError, moderator::Moderator},
    work::moderators::{self, Trusted},
};

use crate::connection::Store;

impl Store {
    /// Those who label on this board and whom the people whom I follow trust, the most trusted first:
    /// neither I, nor anybody whom I muted or to whom I subscribe. Nobody while follows are loaded.
    pub fn moderators(
        &self,
        board: &BoardName,
        limit: usize,
    ) -> Result<Vec<Moderator>, StoreError> {
        let Some(trusted) = self.inner.trust.with(Trusted::read) else { return Ok(Vec::new()) };
        self.read(|db| moderators::of(db, board, &trusted, limit))
    }
}
