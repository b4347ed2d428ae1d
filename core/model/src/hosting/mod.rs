//! An item that its user upvoted or wrote, on its way to being hosted. What becomes of it is decided where it is stored, by
//! `upseed_tables::hosting`.

mod state;
mod task;

pub use state::{HostingState, HostingStatus, UnknownHosting};
pub use task::{FIRST_PAUSE, HostingTask};
