//! A board as a place where nodes meet.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    net::SocketAddr,
};

use upseed_model::{BoardName, Infohash};
use upseed_store::BoardRow;
use upseed_swarm::PeerId;

use super::{Loop, bans::Away, log_failure};

/// Addresses that a room remembers to dial.
const MAX_CANDIDATES: usize = 64;

pub(super) struct Room {
    pub board: BoardName,
    pub days: u64,
    pub min_bits: u8,
    pub peers: HashSet<PeerId>,
    pub comparing: Option<(usize, usize)>,
    /// Heard of and not dialled yet.
    pub candidates: VecDeque<SocketAddr>,
    /// When each dialled address may be dialled again, and the seconds waited before.
    pub dialled: HashMap<SocketAddr, (u64, u64)>,
    /// Diallings that became connections; to be kept for the next start.
    pub fresh_contacts: Vec<SocketAddr>,
    pub next_lookup: u64,
    pub next_announce: u64,
}

impl Room {
    pub fn candidate(&mut self, addr: SocketAddr) {
        let known = self.candidates.contains(&addr) || self.dialled.contains_key(&addr);
        if !known && self.candidates.len() < MAX_CANDIDATES {
            self.candidates.push_back(addr);
        }
    }

    /// A dialled address answered.
    pub fn reached(&mut self, addr: SocketAddr, now: u64) {
        self.dialled.insert(addr, (now, 1));
        self.fresh_contacts.push(addr);
    }
}

impl Loop {
    pub(super) fn join(&mut self, board: &BoardRow) {
        let rendezvous = board.name.rendezvous();
        let room = self.rooms.entry(rendezvous).or_insert_with(|| Room {
            board: board.name,
            days: 0,
            min_bits: 0,
            peers: HashSet::new(),
            comparing: None,
            candidates: VecDeque::new(),
            dialled: HashMap::new(),
            fresh_contacts: Vec::new(),
            next_lookup: 0,
            next_announce: 0,
        });
        (room.days, room.min_bits) = (board.days, board.min_bits);
        let kept = log_failure("reading kept peers", self.store.kept_peers(&board.name, 8));
        for addr in kept.unwrap_or_default().iter().filter_map(|addr| addr.parse().ok()) {
            room.candidate(addr);
        }
        self.swarm.join(*rendezvous.as_bytes());
        for tracker in &board.trackers {
            if let Err(error) = self.swarm.add_tracker(*rendezvous.as_bytes(), tracker) {
                tracing::warn!(%error, tracker, "this tracker is not used");
            }
        }
    }

    pub(super) fn leave(&mut self, board: BoardName) {
        let rendezvous: Infohash = board.rendezvous();
        if let Some(room) = self.rooms.remove(&rendezvous) {
            for id in room.peers {
                self.drop_peer(id, Away::No, "the board was left");
            }
            self.swarm.leave(*rendezvous.as_bytes());
        }
    }
}
