//! What can go wrong with the rooms as a whole.

/// Why the rooms could not be started.
#[derive(Debug, thiserror::Error)]
pub enum RoomsError {
    /// The operating system gave no thread.
    #[error("no thread for the rooms: {0}")]
    Thread(#[source] std::io::Error),
}
