//! The derived tables, made anew from the records: for a fault that [`Store::check`] found, and for
//! migrations that change what is derived.

use upseed_tables::{values::error::StoreError, work::rebuild::rebuild};

use crate::connection::Store;

impl Store {
    /// Throws the derived tables away and derives them again, and scores everything. What only this
    /// node knows (wishes, texts, settings, what was withdrawn) stays.
    pub fn rebuild_derived(&self) -> Result<(), StoreError> {
        self.write(|db| {
            db.trust.forget();
            rebuild(db, self.current_me())
        })?;
        self.load_ranks()?;
        while self.rescore()? {}
        Ok(())
    }
}
