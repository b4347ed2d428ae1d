//! Reconciliation of two nodes' sets of records, without any input or output of its own: frames go
//! in and come out, time is an argument. The same code runs over libtorrent, over pipes in tests
//! and in simulated networks.
//!
//! The side that dialled compares per-day digests first, then runs negentropy inside the days that
//! differ, newest first, so that every set is small and its cost bounded.

mod digest;
mod fault;
mod frame;
mod reconcile;
mod session;
mod sets;
mod source;

pub use digest::{DayDigest, day_of};
pub use fault::Fault;
pub use frame::{Frame, FrameError};
pub use session::{Event, Options, Role, Session};
pub use sets::Sets;
pub use source::Source;
