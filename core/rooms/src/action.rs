//! What an engine wants done.

use std::net::SocketAddr;

use upseed_model::Infohash;

use crate::{event::Event, peer_id::PeerId};

/// Something to be done, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Meet others on this rendezvous, and ask these trackers for them.
    Join {
        /// The board's rendezvous.
        rendezvous: Infohash,
        /// The user's own trackers for it.
        trackers: Vec<String>,
    },
    /// Meet nobody there any more.
    Leave(Infohash),
    /// Send a frame. If it is not taken now, that is told by [`crate::Input::NotTaken`].
    Send {
        /// To whom.
        peer: PeerId,
        /// 1 byte to [`upseed_model::limits::MAX_FRAME`].
        frame: Vec<u8>,
    },
    /// End this connection.
    Close(PeerId),
    /// Dial an address, for a rendezvous, a fetch or a check.
    Dial {
        /// Which.
        infohash: Infohash,
        /// Where.
        addr: SocketAddr,
    },
    /// Dial an address by uTP, once: who is there does the same at this moment.
    Punch {
        /// The room of both.
        infohash: Infohash,
        /// Where.
        addr: SocketAddr,
    },
    /// Tell the DHT that this node is in the room.
    Announce(Infohash),
    /// Ask the DHT who is in the room, or has the item.
    LookUp(Infohash),
    /// Fetch an item from its own swarm: first its info dictionary if that is not known, then its text. If that cannot
    /// begin, that is told by [`crate::Input::FetchFailed`].
    Fetch {
        /// The item.
        infohash: Infohash,
        /// Its info dictionary, if that is known.
        info: Option<Vec<u8>>,
        /// Who may have it.
        peers: Vec<SocketAddr>,
        /// Whom to ask who has it.
        trackers: Vec<String>,
    },
    /// Ask one more tracker who has what is fetched or checked.
    AddTracker {
        /// The item.
        infohash: Infohash,
        /// The tracker.
        url: String,
    },
    /// End a fetch.
    StopFetch(Infohash),
    /// See who has an item's text: of those who are dialled for it and those who dial. Nothing is announced; trackers are
    /// asked how many they know.
    Check {
        /// The item.
        infohash: Infohash,
        /// Its info dictionary.
        info: Vec<u8>,
        /// The user's own trackers for it.
        trackers: Vec<String>,
    },
    /// End a check, and its connections.
    EndCheck(Infohash),
    /// Tell the node.
    Tell(Event),
}
