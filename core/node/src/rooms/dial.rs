//! Whom to meet: a few members of each board, spread over different networks.

use std::{
    collections::HashSet,
    net::{IpAddr, SocketAddr},
};

use rand::seq::IteratorRandom as _;
use upseed_model::{Infohash, limits::MAX_PEERS};
use upseed_swarm::PeerId;

use super::{Loop, bans::is_private, log_failure};
use crate::clock::now;

/// Outgoing connections that a room aims at.
const OUTGOING: usize = 8;

/// Seconds for which a dialled address that has not answered counts as being dialled.
const DIALLING_SECONDS: u64 = 5;

/// Seconds between two tries of one address: doubled from the first to the second.
const FIRST_RETRY: u64 = 1;
const LAST_RETRY: u64 = 60;

/// Seconds between announces of a board on the DHT: BEP 5's tokens and stored peers live about
/// half an hour.
const ANNOUNCE_SECONDS: u64 = 900;

/// Seconds within which the pieces of one look-up of an item come, look-ups that are put together
/// at the same time, and addresses of one that are told apart.
const LOOKUP_SECONDS: u64 = 30;
const MAX_LOOKUPS: usize = 256;
const MAX_SEEN: usize = 1_000;

/// Seconds between look-ups of a board: with nobody there, with few, with enough.
const LOOKUP_ALONE: u64 = 5;
const LOOKUP_FEW: u64 = 60;
const LOOKUP_ENOUGH: u64 = 600;

impl Loop {
    pub(super) fn dial(&mut self, now: u64) {
        let rendezvous: Vec<Infohash> = self.rooms.keys().copied().collect();
        for id in rendezvous {
            self.look_up(id, now);
            self.dial_room(id, now);
        }
    }

    fn look_up(&mut self, rendezvous: Infohash, now: u64) {
        let Some(room) = self.rooms.get_mut(&rendezvous) else { return };
        if !self.dht || self.swarm.status().dht_nodes == 0 {
            return;
        }
        if now >= room.next_announce {
            room.next_announce = now + ANNOUNCE_SECONDS;
            self.swarm.dht_announce(*rendezvous.as_bytes());
        }
        if now >= room.next_lookup {
            room.next_lookup = now
                + match room.peers.len() {
                    0 => {
                        // A board that nobody was found in is announced again soon: the first
                        // announces may have gone out before the DHT knew enough nodes.
                        room.next_announce = room.next_announce.min(now + 4 * LOOKUP_ALONE);
                        LOOKUP_ALONE
                    }
                    1..OUTGOING => LOOKUP_FEW,
                    _ => LOOKUP_ENOUGH,
                };
            self.swarm.dht_get_peers(*rendezvous.as_bytes());
        }
    }

    fn dial_room(&mut self, rendezvous: Infohash, now: u64) {
        let Some(room) = self.rooms.get_mut(&rendezvous) else { return };
        let connected: HashSet<SocketAddr> = room
            .peers
            .iter()
            .filter_map(|id| self.peers.get(id))
            .flat_map(|peer| [Some(peer.addr), peer.listens_at()])
            .flatten()
            .collect();
        let met =
            room.peers.iter().filter(|id| self.peers.get(id).is_some_and(|p| p.outgoing)).count();
        let is_under_way = |(addr, (again, waited)): &(&SocketAddr, &(u64, u64))| {
            again.saturating_sub(*waited) + DIALLING_SECONDS > now && !connected.contains(*addr)
        };
        let under_way = room.dialled.iter().filter(is_under_way).count();
        // Many addresses of the DHT are dead, so a few more than are needed are tried.
        let mut tries = (2 * OUTGOING).saturating_sub(met + under_way);
        // An address that went on refusing long ago is not worth its memory.
        room.dialled.retain(|_, (again, _)| *again + 3_600 > now);

        for addr in room.fresh_contacts.drain(..) {
            let kept = self.store.remember_peer(&room.board, &addr.to_string(), now);
            log_failure("remembering a peer", kept);
        }
        // The user's own peers come first and are never given up.
        for addr in &self.static_peers {
            let due = room.dialled.get(addr).is_none_or(|(again, _)| now >= *again);
            if !connected.contains(addr) && due {
                retry_later(room, *addr, now);
                self.swarm.connect(*rendezvous.as_bytes(), *addr);
            }
        }
        let mut networks: HashSet<Network> = connected.iter().filter_map(network).collect();
        while met < OUTGOING && tries > 0 {
            let Some(addr) = room.candidates.pop_front() else { break };
            let due = room.dialled.get(&addr).is_none_or(|(again, _)| now >= *again);
            if connected.contains(&addr) || !due || self.bans.contains(addr, now) {
                continue;
            }
            if network(&addr).is_some_and(|network| !networks.insert(network)) {
                continue;
            }
            retry_later(room, addr, now);
            self.swarm.connect(*rendezvous.as_bytes(), addr);
            tries -= 1;
        }
    }

    /// The DHT's answer about a board or an item.
    pub(super) fn dht_peers(&mut self, infohash: Infohash, peers: Vec<SocketAddr>) {
        if let Some(room) = self.rooms.get_mut(&infohash) {
            peers.into_iter().for_each(|addr| room.candidate(addr));
            self.dial_room(infohash, now());
        } else {
            self.note_seeds(infohash, &peers);
            self.fetch_from(infohash, &peers);
        }
    }

    /// One look-up comes in several pieces, which repeat each other.
    fn note_seeds(&mut self, infohash: Infohash, peers: &[SocketAddr]) {
        let now = now();
        if self.lookups.len() >= MAX_LOOKUPS {
            self.lookups.retain(|_, (at, _)| *at + LOOKUP_SECONDS > now);
        }
        let (at, seen) = self.lookups.entry(infohash).or_insert((now, HashSet::new()));
        if *at + LOOKUP_SECONDS <= now {
            (*at, *seen) = (now, HashSet::new());
        }
        seen.extend(peers.iter().take(MAX_SEEN.saturating_sub(seen.len())));
        let kept = self.store.set_seeds(&infohash, seen.len() as u32, false, now);
        log_failure("keeping a seed count", kept);
    }

    /// A peer named other members. They are dialled only while few were met, and an address that
    /// means something only near the peer is believed only of a peer that is near.
    pub(super) fn heard_of(&mut self, from: PeerId, peers: Vec<SocketAddr>) {
        let Some(peer) = self.peers.get(&from) else { return };
        let near = is_private(peer.addr.ip());
        let Some(room) = self.rooms.get_mut(&peer.room) else { return };
        for addr in peers.into_iter().filter(|addr| addr.port() != 0) {
            if near || !is_private(addr.ip()) {
                room.candidate(addr);
            }
        }
    }

    /// Both sides have agreed: tell the newcomer of some others.
    pub(super) fn peer_ready(&mut self, id: PeerId) {
        let Some(peer) = self.peers.get(&id) else { return };
        self.texts.new_member(peer.room);
        let near = is_private(peer.addr.ip());
        let Some(room) = self.rooms.get(&peer.room) else { return };
        let others = room
            .peers
            .iter()
            .filter(|other| **other != id)
            .filter_map(|other| self.peers.get(other)?.listens_at())
            .filter(|addr| near || !is_private(addr.ip()))
            .sample(&mut rand::rng(), MAX_PEERS);
        if let Some(peer) = self.peers.get_mut(&id) {
            peer.session.send_peers(&others);
        }
        self.flush(id);
    }
}

fn retry_later(room: &mut super::Room, addr: SocketAddr, now: u64) {
    let waited = room.dialled.get(&addr).map_or(FIRST_RETRY, |(_, waited)| *waited);
    room.dialled.insert(addr, (now + waited, (waited * 2).min(LAST_RETRY)));
}

#[derive(PartialEq, Eq, Hash)]
enum Network {
    V4([u8; 2]),
    V6([u8; 4]),
}

/// The /16 or /32 of a public address: one operator's machines should not be all whom we meet.
fn network(addr: &SocketAddr) -> Option<Network> {
    if is_private(addr.ip()) {
        return None;
    }
    Some(match addr.ip() {
        IpAddr::V4(ip) => Network::V4([ip.octets()[0], ip.octets()[1]]),
        IpAddr::V6(ip) => {
            let octets = ip.octets();
            Network::V6([octets[0], octets[1], octets[2], octets[3]])
        }
    })
}
