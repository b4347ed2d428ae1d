//! How often hosting is looked at, and how much of it at a time.

use std::time::Duration;

/// Items that a client is told of in one call.
pub(super) const BATCH: usize = 200;

/// The time between two looks at tasks that nothing woke.
pub(super) const LOOK: Duration = Duration::from_secs(5);
