//! Why a conversation ends.

use super::frame::FrameError;

/// Why a peer is dropped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Bytes that no honest program sends.
    #[error("malformed: {0}")]
    Malformed(&'static str),
    /// A frame that cannot be read.
    #[error("{0}")]
    Frame(#[from] FrameError),
    /// A message that cannot come at this point.
    #[error("unexpected {0}")]
    Unexpected(&'static str),
    /// No common version, or another board: nobody's fault.
    #[error("{0}")]
    Incompatible(&'static str),
    /// More than its share of something.
    #[error("over its quota of {0}")]
    Quota(&'static str),
    /// It has not answered for too long.
    #[error("silent: {0}")]
    Silent(&'static str),
}

impl Fault {
    /// Whether the address should be kept away for a while: only for what an honest peer with bad
    /// luck cannot do.
    pub const fn is_lie(&self) -> bool {
        matches!(self, Self::Malformed(_) | Self::Frame(_) | Self::Unexpected(_))
    }

    /// Whether it took more than its share: with a new connection comes a new share, so it should
    /// not have one at once.
    pub const fn is_greed(&self) -> bool {
        matches!(self, Self::Quota(_))
    }
}
