//! What the peer asks for, and how much of it is prepared at a time.

use std::collections::{HashSet, VecDeque};

use super::{Event, Fault, Session};
use crate::{
    WorkId,
    limits::{MAX_ASKED, MAX_QUEUED},
};

impl Session {
    /// Bytes that wait to be sent.
    pub const fn queued(&self) -> usize {
        self.queued
    }

    /// Bytes that wait to be sent, and the ids of what the peer asked for besides.
    pub fn waiting(&self) -> usize {
        self.queued + (self.serving.len() + self.texts_wanted.len()) * size_of::<WorkId>()
    }

    /// Bytes of records or texts to be prepared now, and whatever crosses that. One statement of 16 KiB
    /// may be asked for in each of hundreds of frames, by one who then reads nothing.
    pub const fn room(&self) -> usize {
        MAX_QUEUED.saturating_sub(self.queued)
    }

    /// The next event.
    pub fn next_event(&mut self) -> Option<Event> {
        if let Some(event) = self.events.pop_front() {
            return Some(event);
        }
        if self.room() == 0 {
            return None;
        }
        if let Some(ids) = take(&mut self.serving, 256) {
            return Some(Event::Serve(ids));
        }
        take(&mut self.texts_wanted, 64).map(Event::TextsWanted)
    }

    /// These records are to be served when there is room: they come as [`Event::Serve`] again, before
    /// all others.
    pub fn serve_later(&mut self, ids: &[WorkId]) {
        ids.iter().rev().for_each(|id| self.serving.push_front(*id));
    }

    /// These texts are to be sent when there is room.
    pub fn send_texts_later(&mut self, ids: &[WorkId]) {
        ids.iter().rev().for_each(|id| self.texts_wanted.push_front(*id));
    }

    pub(super) fn wanted(&mut self, ids: Vec<WorkId>) -> Result<(), Fault> {
        add(&mut self.serving, ids, "records asked for at once")
    }

    pub(super) fn wanted_texts(&mut self, ids: Vec<WorkId>) -> Result<(), Fault> {
        add(&mut self.texts_wanted, ids, "texts asked for at once")
    }
}

/// What one frame names twice is asked for once.
fn add(
    queue: &mut VecDeque<WorkId>,
    mut ids: Vec<WorkId>,
    what: &'static str,
) -> Result<(), Fault> {
    let mut named = HashSet::with_capacity(ids.len());
    ids.retain(|id| named.insert(*id));
    if queue.len() + ids.len() > 4 * MAX_ASKED {
        return Err(Fault::Quota(what));
    }
    queue.extend(ids);
    Ok(())
}

pub(super) fn take(queue: &mut VecDeque<WorkId>, most: usize) -> Option<Vec<WorkId>> {
    let count = queue.len().min(most);
    (count > 0).then(|| queue.drain(..count).collect())
}
