//! What can go wrong.

use std::net::SocketAddr;

use crate::pages::MAX_READINGS;
use crate::peer_id::PeerId;

/// Why the swarm refused.
#[derive(Debug, thiserror::Error)]
pub enum SwarmError {
    /// A socket cannot be opened.
    #[error("cannot listen on port {port}: {reason}")]
    Listen {
        /// The port that was tried.
        port: u16,
        /// Whether another socket has it, TCP or UDP.
        in_use: bool,
        /// libtorrent's own words.
        reason: String,
    },
    /// No socket was opened in 5 seconds: the interface or its addresses are not there.
    #[error("nothing to listen on among {addresses:?} (interface {interface:?})")]
    NoListener {
        /// What the settings asked for.
        addresses: Vec<SocketAddr>,
        /// The interface that the settings ask for.
        interface: Option<String>,
    },
    /// A setting that libtorrent could misread.
    #[error("setting {name} is not usable: {reason}")]
    Setting {
        /// Its name in [`crate::Settings`].
        name: &'static str,
        /// Why.
        reason: &'static str,
    },
    /// A tracker's address is neither http, https nor udp, or has control characters.
    #[error("not a tracker: {0:?}")]
    Tracker(String),
    /// No such peer is connected (any more).
    #[error("{0} is not connected")]
    NoPeer(PeerId),
    /// The frame is longer than [`crate::MAX_FRAME`], or empty.
    #[error("a frame of {0} bytes")]
    Frame(usize),
    /// [`crate::MAX_BUFFERED`] bytes are waiting already: wait for [`crate::Event::Drained`].
    #[error("{0} does not take more now")]
    Full(PeerId),
    /// [`crate::MAX_READINGS`] are under way: wait until one has ended.
    #[error("{MAX_READINGS} packs are being read already")]
    TooManyReadings,
    /// The operating system gave no thread.
    #[error("no thread for the network: {0}")]
    Thread(#[source] std::io::Error),
    /// libtorrent, or what stands between, refused.
    #[error("libtorrent: {0}")]
    Libtorrent(String),
}

impl From<cxx::Exception> for SwarmError {
    fn from(exception: cxx::Exception) -> Self {
        SwarmError::Libtorrent(exception.what().to_owned())
    }
}
