//! What this node asked of the peer, and how well the peer serves that.

use std::collections::HashMap;

use super::outbox::Outbox;
use crate::{
    WorkId,
    limits::{MAX_ASKED, MAX_SERVE_SECONDS, SERVE_SECONDS, WITHDRAWN_SECONDS},
    sync::{fault::Fault, frame::Frame},
};

/// Offers that are remembered as withdrawn: half a megabyte. Forgetting costs a question in vain.
const MOST_WITHDRAWN: usize = 16_384;

/// Records and texts that are not here yet.
pub(super) struct Asked {
    /// Each with the moment at which it was asked for.
    records: HashMap<WorkId, u64>,
    texts: HashMap<WorkId, u64>,
    /// Records that came as answers and were not told as arrived yet: what is left of them when the
    /// next ones come, nobody had asked for.
    unjudged: u64,
    /// Records that were not served, since one was.
    unserved: usize,
    /// Offers that were not served, and until when they count as withdrawn.
    withdrawn: HashMap<WorkId, u64>,
    /// When the peer last sent something that was asked for.
    served: u64,
    /// When its last frame came.
    heard: u64,
}

impl Asked {
    pub fn new(now: u64) -> Self {
        Self {
            records: HashMap::new(),
            texts: HashMap::new(),
            unjudged: 0,
            unserved: 0,
            withdrawn: HashMap::new(),
            served: now,
            heard: now,
        }
    }

    /// A frame of the peer's came.
    pub const fn heard(&mut self, now: u64) {
        self.heard = now;
    }

    /// Asks for records; returns those for which there is no room.
    pub fn want<'a>(&mut self, ids: &'a [WorkId], out: &mut Outbox, now: u64) -> &'a [WorkId] {
        ask(&mut self.records, ids, Frame::Want, out, now)
    }

    /// Asks for texts; returns those for which there is no room.
    pub fn want_texts<'a>(
        &mut self,
        ids: &'a [WorkId],
        out: &mut Outbox,
        now: u64,
    ) -> &'a [WorkId] {
        ask(&mut self.texts, ids, Frame::WantText, out, now)
    }

    /// How many more texts may be asked for.
    pub fn text_room(&self, out: &Outbox) -> usize {
        room(&self.texts, out)
    }

    pub fn owes_no_text(&self) -> bool {
        self.texts.is_empty()
    }

    /// Whether an offer is worth a question: it is not under way, and was not made in vain lately.
    pub fn is_worth_asking(&self, id: &WorkId, now: u64) -> bool {
        let is_withdrawn = self.withdrawn.get(id).is_some_and(|until| *until > now);
        !self.records.contains_key(id) && !is_withdrawn
    }

    /// So many records came. Says how many things there were that nobody had asked for.
    pub fn records_came(&mut self, count: usize) -> u64 {
        let (came, asked) = (count as u64, self.records.len() as u64);
        let before = std::mem::replace(&mut self.unjudged, came.min(asked));
        before + came.saturating_sub(asked) + u64::from(came == 0)
    }

    /// This record came and was valid.
    pub fn arrived(&mut self, id: &WorkId) {
        if self.records.remove(id).is_some() {
            self.unjudged = self.unjudged.saturating_sub(1);
            self.unserved = 0;
            self.served = self.heard;
        }
    }

    /// The peer does not give these records: those of them that had been asked for.
    pub fn gone(&mut self, ids: Vec<WorkId>) -> Vec<WorkId> {
        let gone = answered(&mut self.records, ids);
        if !gone.is_empty() {
            self.unserved = 0;
        }
        gone
    }

    /// Texts came: those that had been asked for, and how many things there were that had not.
    pub fn texts_came(
        &mut self,
        list: Vec<(WorkId, Vec<u8>)>,
        now: u64,
    ) -> (Vec<(WorkId, Vec<u8>)>, u64) {
        let (asked, unasked): (Vec<_>, Vec<_>) =
            list.into_iter().partition(|(id, _)| self.texts.remove(id).is_some());
        if !asked.is_empty() {
            self.served = now;
        }
        let nothing = u64::from(asked.is_empty() && unasked.is_empty());
        (asked, unasked.len() as u64 + nothing)
    }

    /// The peer does not give these texts: those of them that had been asked for.
    pub fn no_text(&mut self, ids: Vec<WorkId>) -> Vec<WorkId> {
        answered(&mut self.texts, ids)
    }

    /// Gives up on records and texts that were asked for too long ago.
    pub fn give_up(&mut self, now: u64) -> Result<(Vec<WorkId>, Vec<WorkId>), Fault> {
        // A slow peer that is still sending may finish; one that drips may not hold things for long.
        let is_silent = now > self.served + SERVE_SECONDS;
        let patience = if is_silent { SERVE_SECONDS } else { MAX_SERVE_SECONDS };
        let late = |asked: &mut HashMap<WorkId, u64>| -> Vec<WorkId> {
            asked.extract_if(|_, at| now > *at + patience).map(|(id, _)| id).collect()
        };
        let (records, texts) = (late(&mut self.records), late(&mut self.texts));
        if self.withdrawn.len() + records.len() > MOST_WITHDRAWN {
            self.withdrawn.clear();
        }
        self.withdrawn.extend(records.iter().map(|id| (*id, now + WITHDRAWN_SECONDS)));
        self.unserved += records.len();
        if self.unserved >= MAX_ASKED {
            return Err(Fault::Quota("offers that it does not serve"));
        }
        Ok((records, texts))
    }
}

fn ask<'a>(
    asked: &mut HashMap<WorkId, u64>,
    ids: &'a [WorkId],
    frame: impl Fn(Vec<WorkId>) -> Frame,
    out: &mut Outbox,
    now: u64,
) -> &'a [WorkId] {
    let (now_asked, rest) = ids.split_at(ids.len().min(room(asked, out)));
    asked.extend(now_asked.iter().map(|id| (*id, now)));
    out.put_ids(now_asked, frame);
    rest
}

fn room(asked: &HashMap<WorkId, u64>, out: &Outbox) -> usize {
    if out.is_stuck() { 0 } else { MAX_ASKED.saturating_sub(asked.len()) }
}

fn answered(asked: &mut HashMap<WorkId, u64>, mut ids: Vec<WorkId>) -> Vec<WorkId> {
    ids.retain(|id| asked.remove(id).is_some());
    ids
}
