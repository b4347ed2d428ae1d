//! What the swarm tells its owner.

use std::net::SocketAddr;

use crate::peer_id::PeerId;
use crate::texts::Infohash;

/// Why a fetch ended without its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The metadata came, and is that of another kind of torrent: version 2, several files or pieces, or not
    /// 1 to [`crate::MAX_TEXT`] bytes. It will never be otherwise: the infohash says so.
    #[error("not one text in one piece")]
    NotOneText,
    /// The metadata that came has another SHA-1: libtorrent also takes what has the infohash as a truncated
    /// SHA-256 (BEP 52).
    #[error("metadata of another infohash")]
    WrongMetadata,
    /// The infohash is hosted here, or is a rendezvous.
    #[error("hosted here, or a rendezvous")]
    Occupied,
    /// libtorrent refused, or lost what it had.
    #[error("libtorrent failed")]
    Engine,
}

/// Something happened. Events come one at a time, in order, from the network thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The remote's extension handshake (BEP 10) shows `up_sync`: frames can go both ways.
    PeerOpened {
        /// The new connection.
        peer: PeerId,
        /// Where they met.
        rendezvous: Infohash,
        /// The remote end of the connection. If it came in, the port is not the one that the remote listens on.
        addr: SocketAddr,
        /// Did we dial?
        outgoing: bool,
        /// Is it uTP (BEP 29)? Then `addr` is the remote's listening socket, as it is seen from here, whoever dialled.
        utp: bool,
        /// The remote's own word (`p` in its handshake) about where it listens; clients say it when they dial.
        listen_port: Option<u16>,
    },
    /// A whole frame, 0 to [`crate::MAX_FRAME`] bytes.
    Frame {
        /// From whom.
        peer: PeerId,
        /// Its bytes, untouched.
        frame: Vec<u8>,
    },
    /// [`crate::Swarm::send`] said `Full`; now a quarter of [`crate::MAX_BUFFERED`] or less is waiting.
    Drained {
        /// Who takes frames again.
        peer: PeerId,
    },
    /// The connection is gone. Comes once for each [`Event::PeerOpened`].
    PeerClosed {
        /// Which.
        peer: PeerId,
        /// For the log.
        reason: String,
    },
    /// The info dictionary of a fetch is here (BEP 9): its SHA-1 is the infohash, and it is one text in one piece. The
    /// text follows unless the fetch is cancelled.
    Metadata {
        /// The fetch.
        infohash: Infohash,
        /// The dictionary's own bytes.
        info: Vec<u8>,
    },
    /// A fetch ended well: the SHA-1 of `text` is the one in `info`, whose SHA-1 is `infohash`.
    Fetched {
        /// The fetch.
        infohash: Infohash,
        /// The dictionary's own bytes.
        info: Vec<u8>,
        /// The text.
        text: Vec<u8>,
    },
    /// A fetch ended otherwise. Finding no peer is no failure: that ends by [`crate::Swarm::cancel`].
    FetchFailed {
        /// The fetch.
        infohash: Infohash,
        /// What became of it.
        error: FetchError,
        /// More about it, in English, for people alone.
        detail: String,
    },
    /// An item is not hosted any more, since [`crate::Texts`] gave no text or a wrong one when somebody asked; or a pack,
    /// whose file is gone or was changed.
    HostFailed {
        /// The item or the pack.
        infohash: Infohash,
        /// For the log.
        reason: String,
    },
    /// A peer of an item or a pack that is hosted, fetched or checked says that it has the whole of it: by its bitfield, by "have all"
    /// (BEP 6) or by "have". Once for a connection, whoever dialled.
    HostSeen {
        /// The item.
        infohash: Infohash,
        /// The remote end of the connection.
        addr: SocketAddr,
    },
    /// A tracker named a peer of an item that is checked or fetched.
    PeerNamed {
        /// The item.
        infohash: Infohash,
        /// An unchecked address. It is dialed already.
        addr: SocketAddr,
    },
    /// A tracker's answer to a scrape (BEP 15, 48), which comes by [`crate::Swarm::check`].
    Scraped {
        /// The item.
        infohash: Infohash,
        /// The tracker's address, as it was given.
        tracker: String,
        /// Seeds, in the tracker's word.
        complete: u32,
        /// Other peers.
        incomplete: u32,
    },
    /// Some peers from the DHT (BEP 5). One lookup gives several of these, or none; they may repeat.
    DhtPeers {
        /// What was looked up or announced.
        infohash: Infohash,
        /// Unchecked addresses.
        peers: Vec<SocketAddr>,
    },
}
