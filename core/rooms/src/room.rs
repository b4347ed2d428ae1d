//! A board as a place where nodes meet.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    net::SocketAddr,
};

use upseed_model::BoardName;

use crate::peer_id::PeerId;

/// Addresses that a room remembers to dial: of the DHT, of all peers together, and of one of them.
/// Who names many takes no place of the others.
const MAX_OF_DHT: usize = 32;
const MAX_OF_PEERS: usize = 32;
const MAX_OF_PEER: usize = 8;

/// Seconds between two tries of one address: doubled from the first to the second.
const FIRST_RETRY: u64 = 1;
const LAST_RETRY: u64 = 60;

/// Who named an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NamedBy {
    Dht,
    Peer(PeerId),
}

/// An address that was dialled.
pub(crate) struct Dialled {
    /// When it was.
    pub at: u64,
    /// When it may be again.
    pub again: u64,
    /// Seconds to wait after that.
    pub wait: u64,
}

/// One board that was joined.
pub(crate) struct Room {
    pub board: BoardName,
    pub days: u64,
    pub min_bits: u8,
    pub peers: BTreeSet<PeerId>,
    pub comparing: Option<(usize, usize)>,
    /// Heard of and not dialled yet.
    pub candidates: VecDeque<(SocketAddr, NamedBy)>,
    /// From earlier times, the last seen first.
    pub kept: Vec<SocketAddr>,
    pub dialled: HashMap<SocketAddr, Dialled>,
    /// Diallings that became connections; to be kept for the next start.
    pub fresh_contacts: Vec<SocketAddr>,
    pub next_lookup: u64,
    pub next_announce: u64,
    /// When somebody silent may make room for somebody else.
    pub next_rotation: u64,
}

impl Room {
    /// A room in which nobody is.
    pub fn new(board: BoardName) -> Self {
        Self {
            board,
            days: 0,
            min_bits: 0,
            peers: BTreeSet::new(),
            comparing: None,
            candidates: VecDeque::new(),
            kept: Vec::new(),
            dialled: HashMap::new(),
            fresh_contacts: Vec::new(),
            next_lookup: 0,
            next_announce: 0,
            next_rotation: 0,
        }
    }

    /// Somebody named an address. One that was dialled is of interest again when its time has come.
    pub fn candidate(&mut self, addr: SocketAddr, by: NamedBy, now: u64) {
        if !self.is_due(&addr, now) || self.candidates.iter().any(|(known, _)| *known == addr) {
            return;
        }
        let count =
            |of: &dyn Fn(NamedBy) -> bool| self.candidates.iter().filter(|(_, by)| of(*by)).count();
        let of_dht = count(&|by| by == NamedBy::Dht);
        let has_room = match by {
            NamedBy::Dht => of_dht < MAX_OF_DHT,
            NamedBy::Peer(_) => {
                count(&|other| other == by) < MAX_OF_PEER
                    && self.candidates.len() - of_dht < MAX_OF_PEERS
            }
        };
        if has_room {
            self.candidates.push_back((addr, by));
        }
    }

    /// Whether it may be dialled now.
    pub fn is_due(&self, addr: &SocketAddr, now: u64) -> bool {
        self.dialled.get(addr).is_none_or(|dialled| now >= dialled.again)
    }

    /// A dialled address answered; `keeps`: it is of use at the next start, too.
    pub fn reached(&mut self, addr: SocketAddr, now: u64, keeps: bool) {
        self.dialled.insert(addr, Dialled { at: now, again: now, wait: 1 });
        if keeps {
            self.fresh_contacts.push(addr);
        }
    }

    /// An address is dialled now, and again later if it does not answer.
    pub fn dials(&mut self, addr: SocketAddr, now: u64) {
        let wait = self.dialled.get(&addr).map_or(FIRST_RETRY, |dialled| dialled.wait);
        let dialled = Dialled { at: now, again: now + wait, wait: (wait * 2).min(LAST_RETRY) };
        self.dialled.insert(addr, dialled);
    }

    /// An address that answered and was of no use: others come first.
    pub fn disappointed(&mut self, addr: SocketAddr, now: u64) {
        self.dialled.insert(addr, Dialled { at: now, again: now + LAST_RETRY, wait: LAST_RETRY });
    }

    /// Whatever waits for a moment would wait for it longer now: all of it begins anew.
    pub fn clock_was_set_back(&mut self) {
        (self.next_lookup, self.next_announce, self.next_rotation) = (0, 0, 0);
        self.dialled.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000;

    fn addr(n: usize) -> SocketAddr {
        format!("203.0.{}.{}:1000", n / 250, 1 + n % 250).parse().unwrap()
    }

    #[test]
    fn an_address_that_was_dialled_comes_back_when_it_is_due() {
        let mut room = Room::new(BoardName::upseed());
        room.dialled.insert(addr(1), Dialled { at: NOW, again: NOW + 60, wait: 60 });
        room.candidate(addr(1), NamedBy::Dht, NOW + 59);
        assert_eq!(room.candidates, []);
        room.candidate(addr(1), NamedBy::Dht, NOW + 60);
        room.candidate(addr(1), NamedBy::Dht, NOW + 60);
        assert_eq!(room.candidates, [(addr(1), NamedBy::Dht)]);
    }

    #[test]
    fn who_names_many_takes_no_place_of_others() {
        let mut room = Room::new(BoardName::upseed());
        let count = |room: &Room, by| room.candidates.iter().filter(|(_, b)| *b == by).count();
        let peer = |n| NamedBy::Peer(PeerId(n));
        (0..500).for_each(|n| room.candidate(addr(n), peer(1), NOW));
        assert_eq!(count(&room, peer(1)), MAX_OF_PEER);
        room.candidate(addr(600), peer(2), NOW);
        assert_eq!(count(&room, peer(2)), 1);
        (0..9_000).for_each(|n| room.candidate(addr(700 + n), peer(n as u64 / 100), NOW));
        (0..500).for_each(|n| room.candidate(addr(10_000 + n), NamedBy::Dht, NOW));
        assert_eq!(count(&room, NamedBy::Dht), MAX_OF_DHT);
        assert_eq!(room.candidates.len(), MAX_OF_DHT + MAX_OF_PEERS);
    }
}
