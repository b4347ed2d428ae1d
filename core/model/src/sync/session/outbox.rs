//! Frames that wait to be sent.

use std::collections::{BTreeSet, VecDeque};

use crate::{
    WorkId,
    limits::{MAX_FRAME, MAX_IDS, MAX_QUEUED},
    sync::frame::Frame,
};

/// Bytes queued for a peer above which nothing more is asked of it: 3 MiB. Answers are prepared below
/// [`MAX_QUEUED`]; the last one and those of a comparison (8 frames) come on top, so one that takes what
/// it asked for never gets there.
const MOST_QUEUED: usize = 48 * MAX_QUEUED;

#[derive(Default)]
pub(super) struct Outbox {
    /// Those of a comparison with their day.
    frames: VecDeque<(Option<u64>, Vec<u8>)>,
    bytes: usize,
    /// Days whose last `reconcile` of this side is among them.
    days: BTreeSet<u64>,
}

impl Outbox {
    pub fn put(&mut self, frame: &Frame) {
        let bytes = frame.to_bytes();
        debug_assert!(bytes.len() <= MAX_FRAME);
        self.bytes += bytes.len();
        let day = if let Frame::Reconcile { day, .. } = frame { Some(*day) } else { None };
        self.days.extend(day);
        self.frames.push_back((day, bytes));
    }

    pub fn put_ids(&mut self, ids: &[WorkId], frame: impl Fn(Vec<WorkId>) -> Frame) {
        for ids in ids.chunks(MAX_IDS) {
            self.put(&frame(ids.to_vec()));
        }
    }

    pub fn pop(&mut self) -> Option<Vec<u8>> {
        let (day, frame) = self.frames.pop_front()?;
        self.bytes -= frame.len();
        if let Some(day) = day {
            self.days.remove(&day);
        }
        Some(frame)
    }

    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Bytes of answers that may still be prepared.
    pub const fn room(&self) -> usize {
        MAX_QUEUED.saturating_sub(self.bytes)
    }

    /// Whether the peer takes so little that nothing more should be asked of it.
    pub const fn is_stuck(&self) -> bool {
        self.bytes >= MOST_QUEUED
    }

    /// Days about which a `reconcile` waits.
    pub const fn unsent_days(&self) -> &BTreeSet<u64> {
        &self.days
    }
}
