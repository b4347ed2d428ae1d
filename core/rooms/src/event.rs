//! What the rooms tell the node.

use upseed_model::{BoardName, Infohash};

/// What is known of a torrent that was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FetchFailure {
    /// It is somebody's torrent, and none of Upseed's.
    Ordinary,
    /// It says that it is Upseed's, and can never be taken.
    Wrong,
    /// Nothing: it could not be fetched, or not be taken, this time.
    NotNow,
}

/// Something that the node may want to show or to act on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A record that was not known before.
    Item {
        /// Its infohash.
        id: Infohash,
        /// Its board.
        board: BoardName,
        /// The post at the top of its thread, for comments.
        root: Option<Infohash>,
    },
    /// A text that can now be read, and be hosted.
    Text {
        /// Its infohash.
        id: Infohash,
    },
    /// A fetch that failed.
    FetchFailed {
        /// Its infohash.
        id: Infohash,
        /// Whether that is for good.
        failure: FetchFailure,
        /// What is wrong with it.
        reason: String,
    },
    /// An item that came and is here already, with another signature.
    Twin {
        /// Its infohash.
        id: Infohash,
        /// The infohash under which it is kept.
        kept: Infohash,
    },
    /// An item's votes changed.
    Votes {
        /// Its infohash.
        id: Infohash,
        /// Voters now, without the author.
        votes: u32,
        /// Whether this node's user is among them.
        upvoted: bool,
    },
    /// Another device of the user's key voted, or took a vote back.
    OwnVotes,
    /// Somebody retracted something that they wrote.
    Retracted,
    /// A comparison with a peer goes on.
    Sync {
        /// The board.
        board: BoardName,
        /// Days compared.
        done: usize,
        /// Days that differ.
        total: usize,
    },
    /// This node's own engine could not read an item's text and does not host it any more.
    HostFailed {
        /// Its infohash.
        id: Infohash,
    },
}
