//! What Transmission was given lately.

use upseed_clock::Moment;

/// An item that was given lately.
pub(crate) struct Given {
    pub since: Moment,
    /// When it was checked again last.
    pub helped: Moment,
    /// It has a high priority, so that it is checked before a bulk.
    pub hurried: bool,
}
