//! Transmission as the client that hosts: its RPC, a watch folder whose files are upvotes, and a
//! tracker for a Transmission that shares no folder with the node.
//!
//! Where to look: [`Transmission`] is the client port; `rpc` is how it asks; `table` is what the
//! client has, and what changed; [`watch`] is the watch folder; [`tracker`] serves a client
//! elsewhere; [`connect`] looks a client over and says what it found.
//! # Where a Transmission is
//! ```
//! use upseed_transmission::Settings;
//!
//! // As people paste it from the browser.
//! let settings = Settings { url: "localhost:9091/transmission/web/".into(), ..Settings::default() };
//! assert_eq!(settings.address()?.as_str(), "http://localhost:9091/transmission/rpc");
//! # Ok::<(), upseed_transmission::TransmissionError>(())
//! ```

mod add;
mod addresses;
mod announce;
mod client;
pub mod connect;
mod connection;
mod error;
mod folder;
mod given;
mod labels;
mod network;
pub mod proxy;
mod rpc;
mod session;
mod settings;
mod table;
pub mod tracker;
mod transmission;
pub mod watch;
mod way;

pub use error::TransmissionError;
pub use settings::Settings;
pub use transmission::Transmission;
pub use upseed_proxy::{Addresses, Doorway};
