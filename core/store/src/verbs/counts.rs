//! How much there is.

use upseed_tables::{
    values::{error::StoreError, number::uint},
    work::tally,
};

use crate::connection::Store;

/// How much the store holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Posts and comments, placed or not.
    pub items: u64,
    /// Current statements.
    pub statements: u64,
    /// Texts of items that I upvoted.
    pub hosted: u64,
    /// Texts of items that I wrote.
    pub own: u64,
    /// Texts that were fetched to be read.
    pub cached: u64,
    /// Bytes of all texts.
    pub texts_bytes: u64,
    /// Bytes of the cached ones.
    pub cache_bytes: u64,
}

impl Store {
    /// How much there is; takes no longer when there is more.
    pub fn counts(&self) -> Result<Counts, StoreError> {
        self.read(|db| {
            let value = |name| tally::value(db, name).map(uint);
            let cache_bytes = value("cached bytes")?;
            Ok(Counts {
                items: value("items")?,
                statements: value("statements")?,
                hosted: value("hosted")?,
                own: value("own")?,
                cached: value("cached")?,
                texts_bytes: cache_bytes + value("hosted bytes")? + value("own bytes")?,
                cache_bytes,
            })
        })
    }
}
