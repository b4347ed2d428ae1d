//! A node's HTTP: the JSON API below `/upseed/api/v1/` and the view below `/upseed/`.
//!
//! Where to look: [`start`] puts a node and its listener together; `guard` looks at every request
//! (Host, Origin, token or cookie); `json` has the routes of the API, whose forms are `upseed-api`'s;
//! `view` has the pages and what their forms do, rendered by `upseed-view`.
//!
//! *Architecture invariant:* everything that is told here comes from public methods of
//! [`upseed_node::Node`]; nothing reaches into its store. A GET never changes anything but the session
//! that a one-time link opens, and that the explanation was shown once.

mod access;
mod error;
mod extract;
mod frames;
mod guard;
mod json;
mod moderation;
mod named;
mod server;
mod sessions;
mod start;
mod streams;
mod view;
mod wire;

pub use server::Server;
pub use sessions::feed_token;
pub use start::{ServerConfig, start};
pub use upseed_serve::{Network, NotANetwork};
