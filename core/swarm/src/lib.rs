//! libtorrent through cxx: meeting on a rendezvous infohash, `up_sync` frames, fetching and hosting one-piece texts, and
//! packs, of which single pieces are read.
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
mod files;
mod host;
mod mapping;
mod packs;
mod pages;
mod peer_id;
mod port;
mod settings;
mod swarm;
mod texts;

pub use error::SwarmError;
pub use event::{Event, FetchError};
pub use mapping::{MappedBy, Mapping};
pub use packs::Reading;
pub use pages::{MAX_PACK_INFO, MAX_READINGS, PageReader, PagesError};
pub use peer_id::PeerId;
pub use settings::{Off, Proxy, ProxyKind, Settings};
pub use swarm::{Status, Swarm};
pub use texts::{Infohash, MAX_BUFFERED, MAX_FRAME, MAX_TEXT, Texts};

/// The version of the libtorrent that is really loaded, such as "2.0.8.0".
pub fn libtorrent_version() -> String {
    bridge::ffi::libtorrent_version().unwrap_or_default()
}
