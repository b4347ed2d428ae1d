//! The sets that are being compared, shared by all conversations of a node.

use std::{collections::VecDeque, sync::Arc};

use parking_lot::{Mutex, MutexGuard};

use super::{digest::DayDigest, fault::Fault, reconcile::Day, source::Source};
use crate::BoardName;

/// Bytes of all sets together: 16 days of 100,000 records.
const MAX_BYTES: usize = 64 << 20;

/// How many they are at most, which bounds the small ones.
const MAX_SETS: usize = 512;

/// Days' sets for all conversations of a node: what several compare is in memory once, and what is kept
/// here takes no more than a bound, whatever the peers do. Clones are the same sets.
///
/// A listener holds on to no set. A dialler does until it is over with the day, to at most 8, whether they
/// are still kept here or not. Nothing is kept that no conversation compares.
#[derive(Clone)]
pub struct Sets(Arc<Mutex<Kept>>);

struct Kept {
    most: usize,
    bytes: usize,
    /// Each with what the day held when it was read; the one used last is the last one.
    list: VecDeque<(BoardName, DayDigest, Arc<Day>)>,
}

impl Default for Sets {
    fn default() -> Self {
        Self::with_bytes(MAX_BYTES)
    }
}

impl Sets {
    /// Keeps so many bytes, or one set if that is larger.
    pub fn with_bytes(most: usize) -> Self {
        Self(Arc::new(Mutex::new(Kept { most, bytes: 0, list: VecDeque::new() })))
    }

    /// Bytes of the sets that are kept.
    pub fn bytes(&self) -> usize {
        self.kept().bytes
    }

    /// A day's set as it is now.
    pub(super) fn day(
        &self,
        source: &dyn Source,
        board: &BoardName,
        day: u64,
        min_bits: u8,
    ) -> Result<Arc<Day>, Fault> {
        // Not the bits name a set, but what is in it: most of the bits that a peer may choose make no
        // difference.
        let digest = source.digests(board, day..=day, min_bits).first().copied();
        let digest = digest.unwrap_or(DayDigest::empty(day));
        if let Some(set) = self.kept().find(board, &digest) {
            return Ok(set);
        }
        let set = Arc::new(Day::new(&source.day(board, day, min_bits))?);
        // Something may have come or gone between the two readings, or one of them failed.
        if set.len() as u64 == digest.count {
            self.kept().keep(*board, digest, &set);
        }
        Ok(set)
    }

    /// It was used again.
    pub(super) fn used(&self, set: &Arc<Day>) {
        self.kept().used(set);
    }

    /// Forgets what no conversation compares any more.
    pub(super) fn tidy(&self) {
        let mut kept = self.kept();
        kept.list.retain(|(.., set)| Arc::strong_count(set) > 1 || Arc::weak_count(set) > 0);
        kept.bytes = kept.list.iter().map(|(.., set)| set.bytes()).sum();
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock()
    }
}

impl Kept {
    fn find(&mut self, board: &BoardName, digest: &DayDigest) -> Option<Arc<Day>> {
        let of_day = |(of, is, _): &(_, _, _)| of == board && is == digest;
        let at = self.list.iter().position(of_day)?;
        let entry = self.list.remove(at)?;
        let set = Arc::clone(&entry.2);
        self.list.push_back(entry);
        Some(set)
    }

    fn used(&mut self, set: &Arc<Day>) {
        let at = self.list.iter().position(|(.., kept)| Arc::ptr_eq(kept, set));
        let entry = at.and_then(|at| self.list.remove(at));
        self.list.extend(entry);
    }

    fn keep(&mut self, board: BoardName, digest: DayDigest, set: &Arc<Day>) {
        self.bytes += set.bytes();
        self.list.push_back((board, digest, Arc::clone(set)));
        while self.list.len() > 1 && (self.bytes > self.most || self.list.len() > MAX_SETS) {
            if let Some((.., oldest)) = self.list.pop_front() {
                self.bytes -= oldest.bytes();
            }
        }
    }
}
