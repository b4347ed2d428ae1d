//! The data folder of a node: who uses it, that it is its user's alone, what disk it is on, the socket by which commands
//! reach its node, and the token that opens the API.
//!
//! *Architecture invariant:* this crate knows the names of the files, and what is in those that say who runs where. What
//! is in the database and in the key file is the node's.

mod disk;
mod error;
mod folder;
mod privacy;
mod socket;

pub use disk::{DiskKind, NETWORK_HINT};
pub use error::FolderError;
pub use folder::{Claim, Folder, Running, random_token, write_private};
pub use socket::OwnerSocket;
