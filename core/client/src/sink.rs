//! The port the other way: what a bridge asks of the node whose files it watches.

use std::{future::Future, pin::Pin};

use upseed_model::{Infohash, SignedItem, magnet::Magnet};

/// What was dropped.
#[derive(Debug, Clone)]
pub enum Dropped {
    /// An item, verified.
    Torrent(Box<SignedItem>),
    /// A link, which may lead to an item.
    Magnet(Magnet),
}

impl Dropped {
    /// What it leads to.
    pub fn infohash(&self) -> Infohash {
        match self {
            Self::Torrent(item) => item.infohash(),
            Self::Magnet(magnet) => magnet.infohash,
        }
    }
}

/// What becomes of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Upvoted, durably.
    Done,
    /// It leads to an ordinary torrent.
    Ordinary,
    /// It can never be upvoted, and why.
    Bad(String),
    /// Not now, and why.
    Later(String),
}

/// What a sink answers, once it does.
pub type SinkFuture<'a, T = Verdict> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A .torrent for another client, and the name of its file; or why there is none now.
pub type Written = Result<(String, Vec<u8>), String>;

/// Takes what was dropped. Upvoting twice is upvoting once.
pub trait Sink: Send + Sync + 'static {
    /// Upvotes it; returns when that is durable. `since` is how old the wish is, in unix seconds: of
    /// many the newest live in the user's client.
    fn upvote(&self, dropped: Dropped, since: u64) -> SinkFuture<'_>;

    /// The .torrent of what was upvoted, written anew, with the user's own trackers.
    fn torrent(&self, item: Infohash) -> SinkFuture<'_, Written>;

    /// Files dropped are no votes at present, and why; or they are again.
    fn trouble(&self, _why: Option<String>) {}
}
