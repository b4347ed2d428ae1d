//! Hosting in levels: the newest items are torrents of their own, the older ones of a board are packed, a thousand and then
//! ten thousand in a torrent.
//!
//! [`plan`] decides and does nothing else; [`Levels`] does it, step by step. Each step is stored before the next one
//! begins, and done anew if the node or the client ended meanwhile, so that a text is never without somebody who gives it:
//! a pack is made and given to the client, a page of it is fetched from there, then its items' own torrents go, and last
//! the packs whose place it takes.
//!
//! # What is done next
//! ```
//! use upseed_levels::plan::{Rules, Step, next_step};
//! use upseed_model::BoardName;
//! use upseed_store::Loose;
//!
//! let board = "gardening".parse::<BoardName>()?;
//! let loose = Loose { board, items: 1_200, bytes: 1_000_000 };
//! let step = next_step(&Rules::default(), &[], &[loose], 1_800_000_000);
//! assert_eq!(step, Some(Step::Build { board, items: 1_000 }));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
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
