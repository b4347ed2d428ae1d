//! What a conversation is about, and from which side.

use crate::BoardName;

/// Which side of a connection this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// This side opened the connection, and asks.
    Dialler,
    /// The other side opened it.
    Listener,
}

/// What to reconcile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The board of the rendezvous.
    pub board: BoardName,
    /// First day, in days since 1970.
    pub first: u64,
    /// Least committed bits.
    pub min_bits: u8,
}
