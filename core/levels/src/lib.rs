//! Hosting in levels: the newest items are torrents of their own, the older ones of a board are packed, a thousand and then
//! ten thousand in a torrent.
//!
//! [`plan`] decides and does nothing else; [`Levels`] does it, step by step. Each step is stored before the next one
//! begins, and done anew if the node or the client ended meanwhile, so that a text is never without somebody who gives it:
//! a pack is made and given to the client, a page of it is fetched from there, then its items' own torrents go, and last
//! the packs whose place it takes.
//!
//! *Architecture invariant:* nothing here knows a node. What it needs of one it is handed: [`Surroundings`].
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod error;
mod hearing;
mod levels;
mod making;
pub mod plan;
mod surroundings;

pub use error::LevelsError;
pub use levels::Levels;
pub use surroundings::{Proof, Surroundings};
