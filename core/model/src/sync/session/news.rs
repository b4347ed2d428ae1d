//! What the peer is told of, and what it knows already.

use std::collections::{HashSet, VecDeque};

use super::{allowance::Allowance, serving::take};
use crate::{
    WorkId,
    limits::{MAX_IDS, UNASKED, UNASKED_BYTES, UNASKED_PER_SECOND},
};

/// Ids of which one connection remembers that the peer has them: half a megabyte. Forgetting costs a
/// repeated offer.
const MOST_KNOWN: usize = 16_384;

/// Ids that wait to be told in `have` frames: 2 MiB. What is not told is found by the next
/// comparison.
const MOST_OFFERED: usize = 65_536;

/// The part of what a peer takes without having asked that is used for pushing records whole. The
/// rest is for `have` frames, and for what comes late: on a slow way a long time's frames arrive in
/// one moment.
const PUSHED_SHARE: u64 = 4;

pub(super) struct News {
    /// Records that the peer lacks: told in `have` frames, as many at a time as the connection takes.
    /// They are not pushed whole, because the peer takes few records that it did not ask for.
    offering: VecDeque<WorkId>,
    /// Records that are new here and not told yet, and when such were last told.
    fresh: Vec<WorkId>,
    told_at: u64,
    /// Records that the peer was told of or sent: not to be told again.
    known: HashSet<WorkId>,
    /// This side's share of what the peer takes without having asked for it.
    pushes: Allowance,
}

impl News {
    pub fn new(now: u64) -> Self {
        Self {
            offering: VecDeque::new(),
            fresh: Vec::new(),
            told_at: 0,
            known: HashSet::new(),
            pushes: Allowance::new(UNASKED / PUSHED_SHARE, now),
        }
    }

    pub fn knows(&self, id: &WorkId) -> bool {
        self.known.contains(id)
    }

    /// The peer has it.
    pub fn remember(&mut self, id: WorkId) {
        if self.known.len() >= MOST_KNOWN {
            self.known.clear();
        }
        self.known.insert(id);
    }

    /// A comparison found these here and not there.
    pub fn lacking(&mut self, ids: Vec<WorkId>) {
        self.offering.extend(ids);
    }

    /// These are new here: they are told within a second, as many as possible in one frame.
    pub fn offer(&mut self, ids: &[WorkId], now: u64) {
        let room = MOST_OFFERED.saturating_sub(self.offering.len() + self.fresh.len());
        let fresh = ids.iter().filter(|id| !self.known.contains(id)).take(room);
        self.fresh.extend(fresh);
        self.tell(now);
    }

    /// Has fresh records told, once a second.
    pub fn tell(&mut self, now: u64) {
        if self.fresh.is_empty() || now <= self.told_at {
            return;
        }
        self.told_at = now;
        for id in std::mem::take(&mut self.fresh) {
            if !self.knows(&id) {
                self.remember(id);
                self.offering.push_back(id);
            }
        }
    }

    /// The ids of the next `have` frame.
    pub fn next(&mut self) -> Option<Vec<WorkId>> {
        let ids = take(&mut self.offering, MAX_IDS)?;
        ids.iter().for_each(|id| self.remember(*id));
        Some(ids)
    }

    /// Whether the peer takes one more record of so many bytes that it did not ask for.
    pub fn may_push(&mut self, bytes: usize, now: u64) -> bool {
        let weight = (bytes / UNASKED_BYTES).max(1) as u64;
        self.pushes.take(weight, UNASKED_PER_SECOND / PUSHED_SHARE, 1, now)
    }
}
