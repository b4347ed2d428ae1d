//! The client port: what a torrent client must do for Upseed, whichever it is.
//!
//! Four backends implement it, and each passes the one suite in [`contract`].

use std::{future::Future, pin::Pin};

use upseed_model::{Infohash, SignedItem};

use crate::NodeError;

pub mod contract;
mod embedded;

pub use embedded::Embedded;

/// What a client says of an item that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hosted {
    /// Which item.
    pub infohash: Infohash,
    /// Whether the client has checked the text and seeds it.
    pub complete: bool,
}

/// What the user did in the client itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// An item appeared that this node did not add.
    Added(Infohash),
    /// An item that this node had added is gone.
    Removed(Infohash),
    /// An item is now seeding, or is not any more.
    Complete(Infohash, bool),
}

/// What the client is, for people and for decisions.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Description {
    /// `embedded`, `qbittorrent`, `transmission` or `deluge`.
    pub kind: &'static str,
    /// The client's own version.
    pub version: String,
    /// Whether it answers now.
    pub online: bool,
    /// What about it would silence votes, and what to change; for people.
    pub warnings: Vec<String>,
}

/// An answer that a client gives in its own time.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, NodeError>> + Send + 'a>>;

/// A torrent client that seeds for its user.
///
/// Every call may be repeated: adding what is there and removing what is not are done, not errors.
pub trait Client: Send + Sync + 'static {
    /// Adds items with their texts. An item counts as hosted once [`Client::hosted`] or a
    /// [`Change`] says that it is complete. Each item gets its own result.
    fn add<'a>(
        &'a self,
        items: &'a [(SignedItem, Vec<u8>)],
    ) -> Answer<'a, Vec<Result<(), NodeError>>>;

    /// Removes items and their files.
    fn remove<'a>(&'a self, items: &'a [Infohash]) -> Answer<'a, ()>;

    /// Every item of Upseed's that the client has.
    fn hosted(&self) -> Answer<'_, Vec<Hosted>>;

    /// What changed since the last call; waits until something does.
    fn changes(&self) -> Answer<'_, Vec<Change>>;

    /// What the client is.
    fn describe(&self) -> Answer<'_, Description>;
}
