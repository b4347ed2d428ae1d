//! Which records are asked of whom: each of one peer first, of one who gave before rather than of one who is new, and of
//! another one, too, when it does not come soon.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use upseed_model::WorkId;

use crate::{pause::Pause, peer_id::PeerId, standing::Standings, subnet::Subnet};

/// Offers that wait, of all peers together: 32 bytes each, and a hundred more for each record. What is dropped is offered
/// again by the next comparison.
const MAX_WAITING: usize = 100_000;

/// Peers of whom one record is asked at the same time.
const AT_A_TIME: usize = 8;

/// Which records are asked of whom.
#[derive(Default)]
pub(crate) struct Asking {
    /// Offered, and not here.
    records: BTreeMap<WorkId, Offered>,
    peers: BTreeMap<PeerId, Offers>,
    standings: Standings,
    /// Offers of all peers.
    waiting: usize,
    /// While records cannot be kept, none are asked for.
    pub pause: Pause,
}

/// A record that is not here.
#[derive(Default)]
struct Offered {
    /// Offers of it that wait.
    offers: usize,
    /// Who was asked for it, and when, the last one last.
    asked: Vec<(PeerId, u64)>,
}

/// What one peer has and this node has not.
struct Offers {
    subnet: Subnet,
    /// To be asked for, what comes first in front.
    queue: VecDeque<WorkId>,
    /// Asked of somebody else when it was this one's turn.
    later: VecDeque<WorkId>,
    /// Asked of this one.
    asked: BTreeSet<WorkId>,
}

impl Offers {
    fn waiting(&self) -> usize {
        self.queue.len() + self.later.len()
    }

    /// What was put off has its turn again.
    fn put_together(&mut self) {
        self.later.append(&mut self.queue);
        std::mem::swap(&mut self.later, &mut self.queue);
    }
}

impl Asking {
    /// A peer has these.
    pub fn offered(&mut self, id: PeerId, subnet: Subnet, ids: Vec<WorkId>, now: u64) {
        let standings = &mut self.standings;
        let offers = self.peers.entry(id).or_insert_with(|| {
            standings.come(subnet, now);
            let (queue, later, asked) = (VecDeque::new(), VecDeque::new(), BTreeSet::new());
            Offers { subnet, queue, later, asked }
        });
        for work in ids {
            if !offers.asked.contains(&work) {
                self.records.entry(work).or_default().offers += 1;
                offers.queue.push_back(work);
                self.waiting += 1;
            }
        }
        self.bound(MAX_WAITING);
    }

    /// What is to be asked of a peer now.
    pub fn next(&mut self, id: PeerId, now: u64) -> Vec<WorkId> {
        let Self { records, peers, standings, waiting, .. } = self;
        let Some(mut offers) = peers.remove(&id) else { return Vec::new() };
        let (mut ask, room) = (Vec::new(), standings.room(&offers.subnet));
        while ask.len() < room
            && let Some(work) = offers.queue.pop_front()
        {
            let Some(of) = records.get_mut(&work) else {
                // It came.
                *waiting -= 1;
                continue;
            };
            let may_come = of.asked.last().is_some_and(|(asked, at)| {
                let subnet = peers.get(asked).map(|offers| &offers.subnet);
                subnet.is_some_and(|subnet| !standings.is_overdue(subnet, *at, now))
            });
            if may_come || of.asked.len() >= AT_A_TIME {
                offers.later.push_back(work);
            } else if offers.asked.insert(work) {
                of.asked.push((id, now));
                of.offers = of.offers.saturating_sub(1);
                *waiting -= 1;
                ask.push(work);
            } else {
                // It was offered twice.
                of.offers = of.offers.saturating_sub(1);
                *waiting -= 1;
            }
        }
        standings.asked(&offers.subnet, ask.len());
        peers.insert(id, offers);
        ask
    }

    /// These could not be asked of it now.
    pub fn put_back(&mut self, id: PeerId, ids: &[WorkId]) {
        let Some(offers) = self.peers.get_mut(&id) else { return };
        for work in ids.iter().rev() {
            if let Some(of) = self.records.get_mut(work)
                && offers.asked.remove(work)
            {
                of.asked.retain(|(asked, _)| *asked != id);
                of.offers += 1;
                offers.queue.push_front(*work);
                self.waiting += 1;
                self.standings.settled(&offers.subnet, 1);
            }
        }
    }

    /// These are here now, from a peer or not.
    pub fn came(&mut self, from: Option<PeerId>, ids: &[WorkId], now: u64) {
        for work in ids {
            let Some(of) = self.records.remove(work) else { continue };
            for (id, _) in of.asked {
                let Some(offers) = self.peers.get_mut(&id) else { continue };
                offers.asked.remove(work);
                self.standings.settled(&offers.subnet, 1);
                if Some(id) == from {
                    self.standings.served(&offers.subnet, now);
                }
            }
        }
    }

    /// A peer does not give these records.
    pub fn not_served(&mut self, id: PeerId, ids: &[WorkId]) {
        let Some(offers) = self.peers.get_mut(&id) else { return };
        let asked: Vec<_> = ids.iter().filter(|work| offers.asked.remove(work)).collect();
        self.standings.settled(&offers.subnet, asked.len());
        for work in asked {
            self.is_not_of(id, work);
        }
    }

    /// It let this node wait for them in vain. Says whether it gave nothing else meanwhile.
    pub fn is_late(&mut self, id: PeerId, now: u64) -> bool {
        let subnet = self.peers.get(&id).map(|offers| offers.subnet);
        subnet.is_some_and(|subnet| self.standings.cut(&subnet, now))
    }

    /// A peer is gone. One who left questions without answers is asked for less when it comes back.
    pub fn forget(&mut self, id: PeerId, now: u64) {
        let Some(offers) = self.peers.remove(&id) else { return };
        if !offers.asked.is_empty() {
            self.standings.settled(&offers.subnet, offers.asked.len());
            self.standings.cut(&offers.subnet, now);
        }
        self.standings.leave(&offers.subnet, now);
        offers.asked.iter().for_each(|work| self.is_not_of(id, work));
        self.waiting -= offers.waiting();
        offers.queue.iter().chain(&offers.later).for_each(|work| self.is_offered_less(work));
    }

    /// Sees who lets others wait, once a second. Gives those who gave nothing meanwhile.
    pub fn judge(&mut self, now: u64) -> Vec<PeerId> {
        let mut failing = Vec::new();
        for (id, offers) in &mut self.peers {
            offers.put_together();
            // Somebody else offers it, and it should have come.
            let lets_wait = offers.asked.iter().any(|work| {
                let of = self.records.get(work).filter(|of| of.offers > 0 || of.asked.len() > 1);
                let asked = of.and_then(|of| of.asked.iter().find(|(asked, _)| asked == id));
                asked.is_some_and(|(_, at)| self.standings.is_overdue(&offers.subnet, *at, now))
            });
            if lets_wait && self.standings.cut(&offers.subnet, now) {
                failing.push(*id);
            }
        }
        failing
    }

    /// Those who have something that was not asked for, who gave most before first.
    pub fn waiting(&self) -> Vec<PeerId> {
        let waiting = self.peers.iter().filter(|(_, offers)| offers.waiting() > 0);
        let mut waiting: Vec<_> =
            waiting.map(|(id, offers)| (self.standings.window(&offers.subnet), *id)).collect();
        waiting.sort_by_key(|(window, id)| (std::cmp::Reverse(*window), *id));
        waiting.into_iter().map(|(_, id)| id).collect()
    }

    /// Forgets how those did who have been gone for long.
    pub fn expire(&mut self, now: u64) {
        self.standings.expire(now);
    }

    fn is_not_of(&mut self, id: PeerId, work: &WorkId) {
        if let Some(of) = self.records.get_mut(work) {
            of.asked.retain(|(asked, _)| *asked != id);
        }
        self.tidy(work);
    }

    fn is_offered_less(&mut self, work: &WorkId) {
        if let Some(of) = self.records.get_mut(work) {
            of.offers = of.offers.saturating_sub(1);
        }
        self.tidy(work);
    }

    fn tidy(&mut self, work: &WorkId) {
        if self.records.get(work).is_some_and(|of| of.offers == 0 && of.asked.is_empty()) {
            self.records.remove(work);
        }
    }

    /// Keeps what waits within its bound at the cost of those who offered most for what they gave: first of what others
    /// offer, too.
    fn bound(&mut self, most: usize) {
        while self.waiting > most {
            let share = |offers: &Offers| {
                offers.waiting() as u64 * 1_000 / self.standings.window(&offers.subnet) as u64
            };
            let worst = self.peers.iter().max_by_key(|(_, offers)| share(offers));
            let Some((id, offers)) = worst else { return };
            let (id, excess) = (*id, (self.waiting - most).min((offers.waiting() / 4).max(1)));
            self.drop_last(id, excess);
        }
    }

    fn drop_last(&mut self, id: PeerId, mut excess: usize) {
        let Some(offers) = self.peers.get_mut(&id) else { return };
        offers.put_together();
        let mut queue = std::mem::take(&mut offers.queue);
        for also_the_last in [false, true] {
            let mut kept = VecDeque::new();
            while let Some(work) = queue.pop_back() {
                let has_others = |of: &Offered| of.offers > 1 || !of.asked.is_empty();
                let may_go = also_the_last || self.records.get(&work).is_none_or(has_others);
                if may_go && excess > 0 {
                    excess -= 1;
                    self.waiting -= 1;
                    self.is_offered_less(&work);
                } else {
                    kept.push_front(work);
                }
            }
            queue = kept;
        }
        if let Some(offers) = self.peers.get_mut(&id) {
            offers.queue = queue;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000;

    fn ids(first: u64, count: u64) -> Vec<WorkId> {
        let id = |n: u64| {
            let mut bytes = [0; 32];
            bytes[..8].copy_from_slice(&n.to_be_bytes());
            WorkId::from_bytes(bytes)
        };
        (first..first + count).map(id).collect()
    }

    fn subnet(n: u8) -> Subnet {
        Subnet::of(([203, 0, n, 1], 1).into())
    }

    const A: PeerId = PeerId(1);
    const B: PeerId = PeerId(2);
    const C: PeerId = PeerId(3);

    #[test]
    fn what_does_not_come_is_asked_of_a_second_one_and_who_lets_wait_is_asked_for_less() {
        let mut asking = Asking::default();
        asking.offered(A, subnet(1), ids(0, 1_000), NOW);
        let first = asking.next(A, NOW);
        assert_eq!(first, ids(0, first.len() as u64));
        asking.offered(B, subnet(2), ids(0, 1_000), NOW);
        let of_b = asking.next(B, NOW);
        assert!(of_b.iter().all(|work| !first.contains(work)), "not of two at once");
        asking.came(Some(B), &of_b, NOW + 1);
        let more = asking.next(B, NOW + 1);
        assert_eq!(more.len(), 2 * of_b.len(), "who gave is asked for more");
        asking.came(Some(B), &more, NOW + 1);
        assert_eq!(asking.judge(NOW + 1), []);
        assert_eq!(asking.judge(NOW + 2), [A]);
        assert_eq!(asking.waiting(), [B, A]);
        let again = asking.next(B, NOW + 2);
        assert_eq!(again[..first.len()], first);
        assert_eq!(asking.next(A, NOW + 2), []);
        // The first one is not too late.
        asking.came(Some(A), &first, NOW + 3);
        asking.came(Some(B), &again, NOW + 3);
        let rest = asking.next(B, NOW + 3);
        asking.came(Some(B), &rest, NOW + 3);
        assert_eq!(asking.next(A, NOW + 3), []);
        assert!(asking.records.is_empty() && asking.waiting == 0);
    }

    #[test]
    fn what_one_leaves_behind_is_asked_of_others_and_what_nobody_offers_is_forgotten() {
        let mut asking = Asking::default();
        asking.offered(A, subnet(1), ids(0, 20), NOW);
        asking.offered(B, subnet(2), ids(10, 20), NOW);
        assert_eq!(asking.next(A, NOW), ids(0, 20));
        assert_eq!(asking.next(B, NOW), ids(20, 10));
        asking.forget(A, NOW);
        asking.judge(NOW);
        assert_eq!(asking.next(B, NOW), ids(10, 10));
        asking.not_served(B, &ids(10, 15));
        assert_eq!(asking.records.len(), 5);
        asking.forget(B, NOW);
        assert!(asking.records.is_empty() && asking.waiting == 0);
        // They left without an answer.
        asking.offered(C, subnet(1), ids(0, 200), NOW + 1);
        assert_eq!(asking.next(C, NOW + 1).len(), 8);
    }

    #[test]
    fn one_subnet_has_one_share_however_often_it_comes() {
        let mut asking = Asking::default();
        let counts = [A, B, C].map(|peer| {
            asking.offered(peer, subnet(1), ids(1_000 * peer.0, 500), NOW);
            asking.next(peer, NOW).len()
        });
        assert_eq!(counts, [128, 0, 0]);
    }

    #[test]
    fn what_could_not_be_asked_keeps_its_place() {
        let mut asking = Asking::default();
        asking.offered(A, subnet(1), ids(0, 10), NOW);
        let asked = asking.next(A, NOW);
        asking.put_back(A, &asked[4..]);
        assert_eq!(asking.next(A, NOW), ids(4, 6));
        assert_eq!(asking.waiting, 0);
    }

    #[test]
    fn who_offers_most_gives_way_and_the_last_offer_of_a_record_goes_last() {
        let mut asking = Asking::default();
        asking.offered(A, subnet(1), ids(0, 1_000), NOW);
        asking.offered(B, subnet(2), ids(0, 100), NOW);
        asking.offered(C, subnet(3), ids(5_000, 10), NOW);
        asking.bound(1_000);
        let left = |asking: &Asking, peer| asking.peers[&peer].queue.len();
        assert_eq!([A, B, C].map(|peer| left(&asking, peer)), [890, 100, 10]);
        assert_eq!(
            asking.records.len(),
            1_000,
            "what both offered went first: 100 times; then the last"
        );
        asking.bound(500);
        assert_eq!((asking.waiting, left(&asking, C)), (500, 10));
        // One who gave nothing when it was asked is worth less.
        let mut asking = Asking::default();
        asking.offered(A, subnet(1), ids(0, 1_000), NOW);
        asking.offered(B, subnet(2), ids(2_000, 500), NOW);
        asking.standings.cut(&subnet(2), NOW);
        asking.bound(1_100);
        assert_eq!(asking.peers[&A].queue.len(), 1_000);
    }
}
