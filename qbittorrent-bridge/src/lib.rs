//! qBittorrent seeds what its user upvotes: the client port over its Web API, and what
//! `upseed connect qbittorrent` sets up there.
//!
//! Where to look: [`api`] speaks with any version from 4.5 on; [`QBittorrent`] is the client port
//! over it; `watch` turns `sync/maindata` into changes; [`connect`] prepares a qBittorrent and undoes
//! that.

pub mod api;
mod client;
pub mod connect;
mod place;
mod preferences;
pub mod proxy;
mod settings;
mod torrents;
mod watch;

pub use client::QBittorrent;
pub use settings::Settings;
pub use upseed_proxy::Doorway;
