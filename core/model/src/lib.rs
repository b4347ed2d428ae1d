//! The formats of Upseed and what can be computed from them: signed items and statements, links,
//! proof of work, ranking and reconciliation.
//!
//! *Architecture invariant:* nothing here reads a clock, a file, a socket or a database. Time is
//! always an argument, in unix seconds. `docs/protocol.md` is the specification that this crate
//! implements; its vectors are checked by `tests/vectors.rs`.
//! # A post, from its text to a link
//! ```
//! use upseed_model::{BoardName, ItemDraft, Kind, SecretKey, SignedItem, magnet::Magnet, text::Title};
//!
//! let key = SecretKey::from_seed(&[7; 32]);
//! let draft = ItemDraft {
//!     author: key.public(),
//!     board: "gardening".parse::<BoardName>()?,
//!     kind: Kind::Post { title: "Seeds".parse::<Title>()? },
//!     time: 1_800_000_000,
//!     text: b"Sow peas in March.",
//! };
//! let header = draft.puzzle(0)?.solve(&key);
//!
//! // Whoever gets these bytes checks form, proof of work and signature before anything else.
//! let item = SignedItem::from_bytes(&header)?;
//! assert_eq!((item.author(), item.title()), (key.public(), Some("Seeds")));
//!
//! let link = Magnet::of(&item).to_string();
//! assert!(link.starts_with("magnet:?xt=urn:btih:"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod bencode;
pub mod board;
mod client_kind;
pub mod hosting;
pub mod id;
pub mod item;
pub mod key;
pub mod limits;
pub mod magnet;
pub mod metainfo;
pub mod moderation;
mod network;
mod pasted;
pub mod pow;
pub mod prefix;
pub mod rank;
mod reachability;
pub mod record;
mod signed;
pub mod slug;
pub mod statement;
pub mod succession;
pub mod sync;
pub mod text;
pub mod torrent;

pub use board::BoardName;
pub use client_kind::{ClientKind, UnknownClient};
pub use hosting::{HostingState, HostingStatus, HostingTask, UnknownHosting};
pub use id::{Infohash, Link, WorkId};
pub use item::{Item, ItemDraft, Kind, SignedItem};
pub use key::{PublicKey, SecretKey};
pub use network::Network;
pub use pasted::Pasted;
pub use reachability::Reachability;
pub use record::{Record, RecordError};
pub use statement::{SignedStatement, Statement, StatementDraft, StatementKind};
