//! qBittorrent seeds what its user upvotes: the client port over its Web API, and what
//! `upseed connect qbittorrent` sets up there.
//!
//! Where to look: [`api`] speaks with any version from 4.5 on; [`QBittorrent`] is the client port
//! over it; `watch` turns `sync/maindata` into changes, and `helping` sees to what is on its way to
//! seeding; [`connect`] prepares a qBittorrent and [`undo`] takes that back.
//! # Where a qBittorrent is
//! ```
//! use upseed_qbittorrent::Settings;
//!
//! let settings = Settings::new("localhost:8080", "admin", "a secret")?;
//! assert_eq!(settings.url.as_str(), "http://localhost:8080/");
//! assert!(!format!("{settings:?}").contains("a secret"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod api;
mod client;
pub mod connect;
mod error;
mod help;
mod helping;
mod limits;
mod log;
mod look_over;
mod memory;
mod place;
mod preferences;
pub mod proxy;
mod qbittorrent;
mod server_state;
mod settings;
mod state;
mod torrents;
pub mod undo;
mod watch;
mod whereabouts;

pub use memory::Memory;
pub use qbittorrent::QBittorrent;
pub use settings::Settings;
pub use upseed_proxy::{Addresses, Doorway, Hosts, Network};
pub use upseed_reach::Basic;
pub use whereabouts::Whereabouts;
