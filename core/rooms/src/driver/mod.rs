//! An engine on a thread of its own, joined to libtorrent.

mod convert;
mod inbox;
mod rooms;
mod setup;
mod thread;

pub use rooms::Rooms;
pub use setup::Setup;
