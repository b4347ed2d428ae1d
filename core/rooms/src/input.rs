//! What an engine is told.

use std::{net::SocketAddr, time::Duration};

use upseed_model::Infohash;

use crate::{command::Command, event::FetchFailure, peer_id::PeerId};

/// What an engine needs to know of the network that it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NetworkState {
    /// The DHT is used, and at least one node of it is known.
    pub dht: bool,
    /// All of the swarm is on this machine or in its LAN: private addresses mean the same to everybody.
    pub private: bool,
    /// The DHT is entered by nodes of the user's own.
    pub own_bootstrap: bool,
}

/// Something that happened.
#[derive(Debug)]
pub enum Input {
    /// The node asks for something.
    Command(Command),
    /// A connection is there: frames can go both ways.
    PeerOpened {
        /// Its name.
        peer: PeerId,
        /// The room of both.
        rendezvous: Infohash,
        /// The other end. If it came in, the port is not the one that the peer listens on.
        addr: SocketAddr,
        /// Whether this side dialled.
        outgoing: bool,
        /// Whether it is uTP: then the other end is the socket on which the peer listens, as it is seen here.
        utp: bool,
        /// Where the peer says that it listens.
        listen_port: Option<u16>,
    },
    /// A whole frame came.
    Frame {
        /// From whom.
        peer: PeerId,
        /// Its bytes, untouched.
        frame: Vec<u8>,
    },
    /// A frame of [`crate::Action::Send`] was not taken: too much waits for this peer. To be told before the next action
    /// is taken.
    NotTaken {
        /// Whose it is.
        peer: PeerId,
        /// The frame; it is sent again after [`Input::Drained`].
        frame: Vec<u8>,
    },
    /// A peer that did not take a frame takes frames again.
    Drained(PeerId),
    /// The connection is gone. Comes once for each [`Input::PeerOpened`].
    PeerClosed {
        /// Which.
        peer: PeerId,
        /// For the log.
        reason: String,
    },
    /// Too much of this peer's waited to be handled; all of it was thrown away.
    Overrun(PeerId),
    /// The DHT's answer about a board or an item, or a piece of it: unchecked addresses.
    DhtPeers {
        /// What was looked up.
        infohash: Infohash,
        /// Who is said to have it.
        peers: Vec<SocketAddr>,
    },
    /// A peer on an item's own infohash says that it has the text, whoever dialled.
    HostSeen {
        /// The item.
        infohash: Infohash,
        /// The other end of the connection.
        addr: SocketAddr,
    },
    /// A tracker named a peer of an item that is checked.
    PeerNamed {
        /// The item.
        infohash: Infohash,
        /// Where it is said to be.
        addr: SocketAddr,
    },
    /// A tracker told how many it knows of an item that is checked.
    Scraped {
        /// The item.
        infohash: Infohash,
        /// The tracker.
        tracker: String,
        /// Those who say that they have all of it.
        complete: u32,
        /// The others.
        incomplete: u32,
    },
    /// The info dictionary of a fetch; its SHA-1 is the infohash. The text follows unless the fetch is stopped.
    Metadata {
        /// The fetch.
        infohash: Infohash,
        /// The dictionary's own bytes.
        info: Vec<u8>,
    },
    /// A fetch ended well: the text has the SHA-1 that is in the dictionary.
    Fetched {
        /// The fetch.
        infohash: Infohash,
        /// The dictionary's own bytes.
        info: Vec<u8>,
        /// The text.
        text: Vec<u8>,
    },
    /// A fetch ended otherwise.
    FetchFailed {
        /// The fetch.
        infohash: Infohash,
        /// Whether that is for good.
        failure: FetchFailure,
        /// What is wrong.
        reason: String,
    },
    /// How the network is now. Before that the engine does without the DHT.
    Network(NetworkState),
    /// Time has passed. To be told at least once a second; more often does no harm.
    Tick,
    /// Chooses whom to ask for texts: when [`crate::Engine::next_ask`] says that it is time.
    AskForTexts,
    /// The last [`Input::AskForTexts`] took so long, with its actions. The next one comes four times as long after it,
    /// at least.
    AskedForTexts(Duration),
}
