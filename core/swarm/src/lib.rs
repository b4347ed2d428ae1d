//! libtorrent through cxx: meeting on a rendezvous infohash, `up_sync` frames, fetching and hosting one-piece texts.
//!
//! This crate knows no formats. Infohashes are 20 bytes, info dictionaries are raw bytes, texts are bytes: what they mean
//! and whether they are true is decided by the caller. All the `unsafe` of Upseed is in `bridge.rs`, all its C++ in `cc/`.
//!
//! One network thread belongs to each [`Swarm`]: every call posts to it and returns, every [`Event`] comes from it.
//! # A swarm on this machine alone
//! ```
//! use std::sync::Arc;
//! use upseed_swarm::{Infohash, Settings, Swarm, Texts};
//!
//! /// Nothing is hosted here.
//! struct Nothing;
//!
//! impl Texts for Nothing {
//!     fn read(&self, _: &Infohash) -> Option<Vec<u8>> {
//!         None
//!     }
//! }
//!
//! let settings = Settings {
//!     listen: vec![([127, 0, 0, 1], 0).into()],
//!     private_network: true,
//!     dht: false,
//!     lsd: false,
//!     ..Settings::default()
//! };
//! let swarm = Swarm::start(settings, Arc::new(Nothing), |event| drop(event))?;
//! assert_ne!(swarm.listen_port(), 0);
//! assert_eq!(swarm.status().hosted, 0);
//! # Ok::<(), upseed_swarm::SwarmError>(())
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod bridge;
mod error;
mod event;
mod host;
mod port;
mod settings;
mod swarm;

pub use error::SwarmError;
pub use event::{Event, FetchError, PeerId};
pub use settings::{Off, Proxy, ProxyKind, Settings};
pub use swarm::{Status, Swarm};

/// The version of the libtorrent that is really loaded, such as "2.0.8.0".
pub fn libtorrent_version() -> String {
    bridge::ffi::libtorrent_version().unwrap_or_default()
}

/// The SHA-1 of an info dictionary (BEP 3), or a rendezvous that is the hash of a name.
pub type Infohash = [u8; 20];

/// The longest `up_sync` frame, in bytes. A peer that announces a longer one is disconnected.
pub const MAX_FRAME: usize = 256 * 1024;

/// Bytes that may wait for one peer: 1 MiB, so four of the longest frames. See [`Swarm::send`].
pub const MAX_BUFFERED: usize = 4 * MAX_FRAME;

/// The longest text, in bytes: one piece.
pub const MAX_TEXT: usize = 65_536;

/// The texts that are hosted: the disk behind libtorrent.
pub trait Texts: Send + Sync + 'static {
    /// The whole text of a hosted item, or `None` if it is not here any more.
    ///
    /// Called on the engine's one disk thread, so a slow answer delays other readers but not the network. Libtorrent checks
    /// the bytes against the piece's hash before the first of them leaves; wrong ones end in [`Event::HostFailed`].
    fn read(&self, infohash: &Infohash) -> Option<Vec<u8>>;
}
