//! Which connection.

use std::fmt;

/// One `up_sync` connection. Never used again in the life of a [`crate::Swarm`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerId(pub u64);

impl fmt::Display for PeerId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "peer {}", self.0)
    }
}
