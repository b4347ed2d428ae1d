//! What the node asks of its rooms.

use std::net::SocketAddr;

use upseed_model::{BoardName, Infohash, Record, WorkId};
use upseed_store::BoardRow;

/// What the node asks of its rooms.
#[derive(Debug, Clone)]
pub enum Command {
    /// Enters a board, or takes its changed settings.
    Join(BoardRow),
    /// Leaves a board.
    Leave(BoardName),
    /// Tells others of records that were just stored.
    Fresh(Vec<Record>),
    /// The user waits for this text.
    WantText(WorkId, Infohash),
    /// This text is to be hosted; nobody waits for it.
    HostText(WorkId, Infohash),
    /// A caller waits for this torrent, known or not, until it says [`Command::StopFetch`].
    Fetch {
        /// The torrent.
        infohash: Infohash,
        /// Who may have it.
        peers: Vec<SocketAddr>,
        /// Asked if those who are known do not have it.
        trackers: Vec<String>,
    },
    /// People look at this item: see who hosts it. Nothing happens while enough others are looked at.
    CheckHosts(Infohash),
    /// A caller who waited for it does not any more.
    StopFetch(Infohash),
    /// The user's own peer of this name is here now.
    Named(String, Vec<SocketAddr>),
}
