//! A reverse proxy that adds the view to a torrent client's own web UI.
//!
//! What it passes on is the client's web UI as it is: same pages, same log-in. It adds one script
//! to the one page that a [`Host`] marks; the script adds a tab or a button, and shows the view in a
//! frame without an origin. The frame's addresses (`/upseed/…`) go to the node.
//!
//! *Architecture invariant:* it knows neither the node nor any client. A bridge describes the
//! client ([`Host`]) and the node ([`Doorway`]).
//!
//! # What stands between
//! - Rewriting `Host` voids the client's own check against DNS rebinding, so [`Host`] names are
//!   checked here, on every path.
//! - `Origin` and `Referer` are rewritten only if they are ours; what another site (or the frame)
//!   asks of the client is refused.
//! - Another reverse proxy may stand before this one, below a path and with TLS. What it says of that is
//!   believed if the user declared it (`upseed_serve`), and told to the node with a secret of the process.
//! - To the client everybody behind a proxy is this machine. `X-Forwarded-For` says who it is, and
//!   those from elsewhere are let through only while the client would ask them for a password
//!   (`strangers.rs`).
//! - The frame gets a token only if its page's user is logged in to the client, which is asked.
//! - The node never gets what the client's user is logged in with, and the client never what opens
//!   the node.
//! # A bridge describes its client
//! ```
//! use axum::http::Method;
//! use tokio::net::TcpListener;
//! use upseed_proxy::{Addresses, Doorway, Host, Hosts, LogIn, Script, serve};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Host {
//!     name: "Client",
//!     upstream: "http://127.0.0.1:8080/".parse()?,
//!     marks: &["id=\"desktop\""],
//!     script: Script { path: "/upseed-tab.js", text: "view.show();" },
//!     log_in: LogIn { method: Method::GET, path: "/api/v2/app/version".into(), yes: &[200], realm: None },
//!     trust: None,
//! };
//! let node = Doorway::new(([127, 0, 0, 1], 7667).into(), "secret", || Err("no node runs".into()));
//!
//! let listener = TcpListener::bind("127.0.0.1:0").await?;
//! let addresses = Addresses::new(Hosts::new(listener.local_addr()?, &[]), &[]);
//! serve(listener, client, node, addresses, std::future::ready(())).await?;
//! # Ok(())
//! # }
//! ```

mod answer;
mod doorway;
mod error;
mod forward;
mod headers;
mod host;
mod inject;
mod login;
mod server;
mod strangers;

pub use doorway::Doorway;
pub use error::ProxyError;
pub use host::{Host, LogIn, Script};
pub use server::serve;
pub use upseed_serve::{Addresses, Hosts, Network};
