//! One person's node. It publishes, meets others in the rooms of its boards, keeps what they
//! exchange honest, turns upvotes into hosting, and answers the command and the view.
//!
//! Where to look: `rooms` is the thread that talks with other nodes; `publish`, `votes` and
//! `hosting` are what its user asks for; [`upseed_client`] is the port to torrent clients; [`api`] is HTTP.
//!
//! *Architecture invariant:* the node never reads the environment and never prints: it is told
//! everything by its [`Config`].

pub mod api;
mod clock;
mod config;
mod doors;
mod dropped;
mod embedded;
mod engine;
mod error;
mod events;
mod folder;
mod follows;
mod hosting;
mod http;
mod identity;
mod names;
mod node;
mod peers;
mod profile;
mod publish;
mod reading;
mod rooms;
mod seeds;
mod statements;
mod status;
#[cfg(test)]
mod testing;
mod votes;
mod web;
mod work;

pub use clock::now;
pub use config::{Config, SwarmConfig};
pub use embedded::Embedded;
pub use error::{Kind, NodeError};
pub use events::{NodeEvent, Unfit};
pub use folder::{Folder, Running};
pub use http::feed_token;
pub use identity::Identity;
pub use node::Node;
pub use publish::{NewComment, NewPost};
pub use reading::{Reference, described};
pub use status::{BoardStatus, Status};
