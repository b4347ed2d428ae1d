//! Statements as they stand.

use rusqlite::OptionalExtension as _;
use upseed_model::{BoardName, PublicKey, SignedStatement, StatementKind, statement::SlotKey};
use upseed_tables::{values::error::StoreError, work::slots};

use crate::connection::Store;

impl Store {
    /// The current ballots of every device with my key, on one board, by device and slot.
    pub fn my_ballots(&self, board: &BoardName) -> Result<Vec<SignedStatement>, StoreError> {
        let Some(me) = self.me() else { return Ok(Vec::new()) };
        self.with_prefix(slots::slot_prefix(&me, StatementKind::Ballot, &[*board]))
    }

    /// All current statements of one person and one kind, on any boards.
    pub fn statements_of(
        &self,
        author: &PublicKey,
        kind: StatementKind,
    ) -> Result<Vec<SignedStatement>, StoreError> {
        self.with_prefix(slots::kind_prefix(author, kind))
    }

    /// The statement in a slot.
    pub fn statement(&self, key: &SlotKey) -> Result<Option<SignedStatement>, StoreError> {
        self.read(|db| {
            let mut find = db.prepare_cached("SELECT bytes FROM statements WHERE slot = ?1")?;
            let bytes: Option<Vec<u8>> =
                find.query_row([slots::slot_bytes(key)], |row| row.get(0)).optional()?;
            bytes.map(|bytes| slots::parse(&bytes)).transpose()
        })
    }

    fn with_prefix(&self, prefix: Vec<u8>) -> Result<Vec<SignedStatement>, StoreError> {
        self.read(|db| slots::with_prefix(db, prefix))
    }
}
