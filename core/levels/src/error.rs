//! What can go wrong while packs are made and given.

use std::{io, path::PathBuf};

use upseed_client::ClientError;
use upseed_store::StoreError;

/// Why a step was not done. It is done later.
#[derive(Debug, thiserror::Error)]
pub enum LevelsError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The user's client.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// A pack's file.
    #[error("{}: {error}", path.display())]
    File {
        /// Which file or folder.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// Not enough room for a pack's file.
    #[error("{}: {free} bytes are free, and a pack needs {needed}: packing goes on when there is room", path.display())]
    DiskFull {
        /// The folder.
        path: PathBuf,
        /// Bytes that are free.
        free: u64,
        /// Bytes that are needed.
        needed: u64,
    },
    /// What should be packed changed meanwhile, or cannot be.
    #[error("no pack was made: {0}")]
    NotMade(String),
    /// This node's own engine does not host it.
    #[error("this node's own engine does not host a pack: {0}")]
    Engine(String),
}
