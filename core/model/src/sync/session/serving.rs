//! What the peer asked for.

use std::collections::{HashSet, VecDeque};

use super::event::Event;
use crate::{WorkId, limits::MAX_ASKED, sync::fault::Fault};

/// Records and texts that the peer waits for.
#[derive(Default)]
pub(super) struct Serving {
    records: VecDeque<WorkId>,
    texts: VecDeque<WorkId>,
}

impl Serving {
    pub fn wanted(&mut self, ids: Vec<WorkId>) -> Result<(), Fault> {
        add(&mut self.records, ids, "records asked for at once")
    }

    pub fn wanted_texts(&mut self, ids: Vec<WorkId>) -> Result<(), Fault> {
        add(&mut self.texts, ids, "texts asked for at once")
    }

    /// These records come before all others.
    pub fn records_later(&mut self, ids: &[WorkId]) {
        ids.iter().rev().for_each(|id| self.records.push_front(*id));
    }

    /// These texts come before all others.
    pub fn texts_later(&mut self, ids: &[WorkId]) {
        ids.iter().rev().for_each(|id| self.texts.push_front(*id));
    }

    /// What to prepare next, records first.
    pub fn next(&mut self) -> Option<Event> {
        let records = take(&mut self.records, 256).map(Event::Serve);
        records.or_else(|| take(&mut self.texts, 64).map(Event::TextsWanted))
    }

    /// Bytes of the ids that wait.
    pub fn bytes(&self) -> usize {
        (self.records.len() + self.texts.len()) * size_of::<WorkId>()
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
