//! Whether the file is sound, and whether the derived tables are what the records say.

use upseed_tables::values::error::StoreError;

use crate::{check, connection::Store};

impl Store {
    /// Looks through everything: SQLite's own check, rows against the records in them, and derived
    /// tables against what an oracle makes of the records. Gives one line for each fault; none
    /// means that all is well. Takes minutes and much memory where there are many records.
    pub fn check(&self) -> Result<Vec<String>, StoreError> {
        self.read(|db| check::faults(db, self.current_me()))
    }
}
