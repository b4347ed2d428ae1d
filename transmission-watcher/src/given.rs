//! What Transmission was given lately.

use std::time::Instant;

/// An item that was given lately.
pub(crate) struct Given {
    pub since: Instant,
    /// When it was checked again last.
    pub helped: Instant,
    /// It has a high priority, so that it is checked before a bulk.
    pub hurried: bool,
}
