//! Rooms: the members of a board connect, reconcile their records, ask each other for texts and give them.
//!
//! [`Engine`] does that without any input or output of its own, like the sync session below it: inputs go in with the
//! time at which they came, actions come out, records are kept behind [`RoomStore`], and chance comes from a generator
//! that is handed in. So thousands of engines run in one process, in virtual time, and twice the same inputs make twice
//! the same actions. [`Rooms`] is the thin driver: it joins an engine to libtorrent and to a thread of its own.
//!
//! From the ground up: values (`time`, `peer_id`, `command`, `input`, `action`, `event`, `status`, `subnet`); the store's
//! trait (`store`, `source`) and what an engine's parts share (`context`); one connection, one room and whom to dial
//! (`peer`, `room`, `bans`, `dial`, `rotation`, `clocks`), put together in `connections`, and who is told of whom (`punch`);
//! which records are asked of whom and what becomes of them (`standing`, `asking`, `verify`, `records`); which texts are
//! wanted, fetched and passed on (`wanting`, `fetches`, `relay`, `texts`). `engine` ties
//! them together, and `driver` alone knows clocks, threads and libtorrent.
//!
//! ```
//! use rand::{SeedableRng as _, rngs::StdRng};
//! use upseed_rooms::{Action, Command, Engine, Input, Time};
//!
//! let store = upseed_store::Store::open_in_memory()?;
//! let board = store.join(&"cats".parse()?, &[], 1_800_000_000)?;
//! let mut engine = Engine::new(store, Vec::new(), StdRng::seed_from_u64(1));
//! engine.handle(Input::Command(Command::Join(board)), Time::at(1_800_000_000));
//! assert!(matches!(engine.next_action(), Some(Action::Join { .. })));
//! assert_eq!(engine.next_action(), None);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! *Architecture invariant:* outside `driver` nothing here asks for the time, starts a thread or knows libtorrent.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod action;
mod admission;
mod asking;
mod bans;
mod checks;
mod clocks;
mod command;
mod connections;
mod context;
mod dial;
mod driver;
mod engine;
mod error;
mod event;
mod fetches;
mod hosts;
mod input;
mod lookups;
mod pause;
mod peer;
mod peer_id;
mod punch;
mod records;
mod relay;
mod room;
mod rotation;
mod serve;
mod source;
mod standing;
mod status;
mod store;
mod subnet;
#[cfg(test)]
mod testing;
mod texts;
mod time;
mod unsupported;
mod verify;
mod wanting;

pub use action::Action;
pub use admission::{Admission, admission, too_early};
pub use clocks::ClockError;
pub use command::Command;
pub use driver::{Rooms, Setup};
pub use engine::Engine;
pub use error::RoomsError;
pub use event::{Event, FetchFailure};
pub use input::{Input, NetworkState};
pub use peer_id::PeerId;
pub use status::{RoomStatus, RoomsStatus};
pub use store::{ItemVotes, RoomStore};
pub use time::Time;
