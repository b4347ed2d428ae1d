//! Hosting: what becomes of an item that its user upvoted or wrote, as one state machine.
//!
//! [`next`] is all of it: from a task and what happened to the task that it becomes, and what is to be
//! done now. Whoever hears that something happened stores the one and does the other.
//!
#![doc = include_str!("table.md")]

mod machine;
mod state;
mod task;

pub use machine::{Effect, Happened, next};
pub use state::{HostingState, HostingStatus, UnknownHosting};
pub use task::HostingTask;
