//! What both sides agreed to reconcile.

use crate::{BoardName, sync::source::Source};

/// A day's digest in a `digests` frame: day, records, fingerprint.
pub(super) type Row = (u32, u32, [u8; 16]);

#[derive(Debug, Clone, Copy)]
pub(super) struct Range {
    /// First day, in days since 1970.
    pub first: u64,
    /// Last day.
    pub last: u64,
    /// Least committed bits.
    pub bits: u8,
}

impl Range {
    /// A connection may live for days: at `now` the range goes on to tomorrow.
    pub const fn until_tomorrow(self, now: u64) -> Self {
        Self { last: now / 86_400 + 1, ..self }
    }

    pub fn contains(&self, day: u64) -> bool {
        (self.first..=self.last).contains(&day)
    }

    /// Digests of this node's days.
    pub fn digests(&self, source: &dyn Source, board: &BoardName) -> Vec<Row> {
        let digests = source.digests(board, self.first..=self.last, self.bits);
        digests
            .iter()
            .filter(|digest| digest.count > 0)
            .map(|digest| (digest.day as u32, digest.count as u32, digest.fingerprint()))
            .collect()
    }
}
