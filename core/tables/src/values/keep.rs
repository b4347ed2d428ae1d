//! Why a text is here.

use super::error::StoreError;

/// Why a text is here; the greater reason wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i64)]
pub enum Keep {
    /// It was fetched to be read. It is not hosted, and may be evicted.
    Cache = 0,
    /// I upvoted it.
    Hosted = 1,
    /// I wrote it.
    Own = 2,
}

/// `keep` of a text that was evicted.
const EVICTED: i64 = 3;

impl Keep {
    /// Every reason, the least first.
    pub const ALL: [Self; 3] = [Self::Cache, Self::Hosted, Self::Own];

    /// `None` for an evicted text.
    pub fn from_row(keep: i64) -> Result<Option<Self>, StoreError> {
        match keep {
            EVICTED => Ok(None),
            keep => {
                let found = Self::ALL.into_iter().find(|known| *known as i64 == keep);
                found.map(Some).ok_or_else(|| StoreError::row("texts", format!("keep is {keep}")))
            }
        }
    }
}
