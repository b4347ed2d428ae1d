//! Which records are asked of whom: each of one peer at a time, and of others when that one does not
//! give it.

use std::collections::{BTreeMap, HashMap};

use upseed_model::WorkId;

use crate::{pause::Pause, peer_id::PeerId};

/// Other peers that are remembered as having a record which was asked of one.
const MAX_OTHERS: usize = 4;

/// Offered records that wait to be asked for, of all peers together; what is dropped is offered again
/// by the next comparison.
const MAX_WAITING: usize = 100_000;

/// Which records are asked of whom.
#[derive(Default)]
pub(crate) struct Asking {
    under_way: HashMap<WorkId, Asked>,
    /// Given up by one, to be asked of another.
    again: Vec<WorkId>,
    /// Offered while the peer had too much to serve already, what is to be asked for first in front.
    waiting: BTreeMap<PeerId, Vec<WorkId>>,
    /// While records cannot be kept, none are asked for.
    pub pause: Pause,
}

struct Asked {
    peer: PeerId,
    others: Vec<PeerId>,
}

impl Asking {
    /// These are here now.
    pub fn came(&mut self, ids: &[WorkId]) {
        ids.iter().for_each(|work| {
            self.under_way.remove(work);
        });
    }

    /// A peer has these: gives those to be asked of it now.
    pub fn offered(&mut self, id: PeerId, ids: Vec<WorkId>) -> Vec<WorkId> {
        let mut ask = Vec::new();
        for work in ids {
            match self.under_way.get_mut(&work) {
                Some(asked) if asked.peer != id && asked.others.len() < MAX_OTHERS => {
                    asked.others.push(id);
                }
                Some(_) => {}
                None => {
                    self.under_way.insert(work, Asked { peer: id, others: Vec::new() });
                    ask.push(work);
                }
            }
        }
        ask
    }

    /// These cannot be asked of this peer now.
    pub fn put_off(&mut self, id: PeerId, ids: Vec<WorkId>) {
        if !ids.is_empty() {
            self.waiting.entry(id).or_default().extend(ids);
            self.bound(MAX_WAITING);
        }
    }

    /// A peer does not give these records, or not in time.
    pub fn not_served(&mut self, id: PeerId, ids: &[WorkId]) {
        for work in ids {
            if self.under_way.get(work).is_some_and(|asked| asked.peer == id) {
                self.again.push(*work);
            }
        }
    }

    /// A peer is gone.
    pub fn forget(&mut self, id: PeerId) {
        self.waiting.remove(&id);
        let of_peer = self.under_way.iter().filter(|(_, asked)| asked.peer == id);
        let mut of_peer: Vec<_> = of_peer.map(|(work, _)| *work).collect();
        // In an order that does not change from run to run.
        of_peer.sort_unstable();
        self.again.extend(of_peer);
    }

    /// What one did not give, to be asked of another who is here now.
    pub fn take_again(&mut self, is_here: impl Fn(&PeerId) -> bool) -> Vec<(PeerId, WorkId)> {
        let mut ask = Vec::new();
        for work in std::mem::take(&mut self.again) {
            let Some(Asked { mut others, .. }) = self.under_way.remove(&work) else { continue };
            while let Some(peer) = others.pop() {
                if is_here(&peer) {
                    self.under_way.insert(work, Asked { peer, others });
                    ask.push((peer, work));
                    break;
                }
            }
        }
        ask
    }

    /// What was put off.
    pub fn take_waiting(&mut self) -> BTreeMap<PeerId, Vec<WorkId>> {
        std::mem::take(&mut self.waiting)
    }

    /// Keeps what waits within its bound at the cost of those who offered most: one who offers
    /// millions takes nobody else's room.
    fn bound(&mut self, most: usize) {
        let mut excess = self.waiting.values().map(Vec::len).sum::<usize>().saturating_sub(most);
        while excess > 0 {
            let mut lengths: Vec<_> = self.waiting.values().map(Vec::len).collect();
            lengths.sort_unstable();
            let (largest, next) = (lengths.pop().unwrap_or(0), lengths.pop().unwrap_or(0));
            let Some((id, list)) = self.waiting.iter_mut().find(|(_, list)| list.len() == largest)
            else {
                return;
            };
            let id = *id;
            let cut = (largest - next).clamp(1, excess);
            excess -= cut;
            for work in list.split_off(largest - cut) {
                if self.under_way.get(&work).is_some_and(|asked| asked.peer == id) {
                    self.again.push(work);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(peer: u64, count: usize) -> Vec<WorkId> {
        let id = |n: usize| {
            let mut bytes = [0; 32];
            bytes[..8].copy_from_slice(&peer.to_be_bytes());
            bytes[8..16].copy_from_slice(&(n as u64).to_be_bytes());
            WorkId::from_bytes(bytes)
        };
        (0..count).map(id).collect()
    }

    #[test]
    fn who_offers_most_gives_way() {
        let mut asking = Asking::default();
        for (peer, count) in [(1, 1_000), (2, 700), (3, 10)] {
            let of_peer = ids(peer, count);
            for work in &of_peer {
                let asked = Asked { peer: PeerId(peer), others: Vec::new() };
                asking.under_way.insert(*work, asked);
            }
            asking.waiting.insert(PeerId(peer), of_peer);
        }
        asking.bound(1_010);
        let left = |asking: &Asking, peer| asking.waiting[&PeerId(peer)].len();
        assert_eq!(left(&asking, 3), 10);
        assert_eq!(left(&asking, 1) + left(&asking, 2), 1_000);
        assert!(left(&asking, 1).abs_diff(left(&asking, 2)) <= 1);
        assert_eq!(asking.waiting[&PeerId(1)], ids(1, left(&asking, 1)), "the first ones stay");
        // What was dropped is asked of others, or forgotten.
        assert_eq!(asking.again.len(), 700);
    }
}
