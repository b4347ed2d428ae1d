//! The formats of Upseed and what can be computed from them: signed items and statements, links,
//! proof of work, ranking and reconciliation.
//!
//! *Architecture invariant:* nothing here reads a clock, a file, a socket or a database. Time is
//! always an argument, in unix seconds. `docs/protocol.md` is the specification that this crate
//! implements; its vectors are checked by `tests/vectors.rs`.

pub mod bencode;
pub mod board;
mod client_kind;
pub mod id;
pub mod item;
pub mod key;
pub mod limits;
pub mod magnet;
pub mod pow;
pub mod rank;
pub mod record;
pub mod slug;
pub mod statement;
pub mod sync;
pub mod text;
pub mod torrent;

pub use board::BoardName;
pub use client_kind::{ClientKind, UnknownClient};
pub use id::{Infohash, Link, WorkId};
pub use item::{Item, ItemDraft, Kind, SignedItem};
pub use key::{PublicKey, SecretKey};
pub use record::{Record, RecordError};
pub use statement::{SignedStatement, Statement, StatementDraft};
