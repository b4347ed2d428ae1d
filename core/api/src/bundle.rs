//! Bundles.

use serde::{Deserialize, Serialize};

/// The query of `GET /boards/{board}/bundle`, which gives a part of a bundle: chunks as they stand in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BundleQuery {
    /// The first day, counted from 1970-01-01.
    #[serde(default)]
    pub since: u64,
    /// The day with which the part begins: as [`NEXT_PART`] said. None for the first part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<u64>,
    /// Records of that day that stand in parts before.
    #[serde(default)]
    pub skip: u64,
}

/// The header that says where the next part begins: `day` and `skip`, with a space between. It is missing on the last one.
pub const NEXT_PART: &str = "upseed-next-part";

/// What `POST /bundles` answers: what one chunk came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Imported {
    /// Records that were not here.
    pub new: u64,
    /// Records that were, or that newer ones have replaced.
    pub known: u64,
    /// Records that are not taken: too old, of another board, of a later version, or their day is full.
    pub refused: u64,
    /// Records from the future: they are looked at again at their time.
    pub early: u64,
    /// Records that are not valid, and texts of other items.
    pub invalid: u64,
    /// Texts that belong to items that are here now.
    pub texts: u64,
}

impl std::ops::AddAssign for Imported {
    fn add_assign(&mut self, other: Self) {
        self.new += other.new;
        self.known += other.known;
        self.refused += other.refused;
        self.early += other.early;
        self.invalid += other.invalid;
        self.texts += other.texts;
    }
}
