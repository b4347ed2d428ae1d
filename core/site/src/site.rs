//! Which site it is.

use upseed_model::BoardName;

/// What all pages of a site have in common.
#[derive(Debug, Clone)]
pub struct Site {
    /// What it shows.
    pub board: BoardName,
    /// Where it will lie, without a slash at the end: for the feed, in which readers expect whole addresses.
    pub url: Option<String>,
}
