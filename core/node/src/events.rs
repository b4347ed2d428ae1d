//! What changes while somebody looks.

use upseed_model::{BoardName, HostingStatus, Infohash};
use upseed_rooms::FetchFailure;

/// One change, as told to the view and to `--wait`.
#[derive(Debug, Clone)]
pub enum NodeEvent {
    /// A record that was not known before.
    Item {
        /// Its infohash.
        id: Infohash,
        /// Its board.
        board: BoardName,
        /// The post at the top of its thread, for comments.
        root: Option<Infohash>,
    },
    /// A text that can now be read.
    Text {
        /// Its infohash.
        id: Infohash,
    },
    /// A fetch that failed.
    Unreadable {
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
    /// Where hosting stands.
    Hosting {
        /// Its infohash.
        id: Infohash,
        /// `none` when withdrawn.
        state: HostingStatus,
    },
    /// A proof of work goes on.
    Work {
        /// What the page called it.
        job: String,
        /// How far it probably is, 0 … 99.
        percent: u8,
    },
    /// A comparison with a peer goes on.
    Sync {
        /// The board.
        board: BoardName,
        /// Days compared.
        done: usize,
        /// Days that differ.
        total: usize,
    },
}
