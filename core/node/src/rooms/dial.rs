//! Whom to meet: a few members of each board, spread over different networks.

use std::{
    collections::HashSet,
    net::{IpAddr, SocketAddr},
};

use rand::seq::IteratorRandom as _;
use upseed_model::{Infohash, limits::MAX_PEERS};
use upseed_swarm::PeerId;

use super::{
    Loop,
    bans::is_private,
    log_failure,
    room::{Dialled, NamedBy},
};
use crate::clock::now;

/// Outgoing connections that a room aims at.
const OUTGOING: usize = 8;

/// Of these, kept from earlier times: whoever fills the DHT now has not named all whom we meet, and
/// whom we met then are not all, either.
const KEPT: usize = 2;

/// Seconds for which a dialled address that has not answered counts as being dialled.
const DIALLING_SECONDS: u64 = 5;

/// Seconds between two tries of one address: doubled from the first to the second.
const FIRST_RETRY: u64 = 1;
const LAST_RETRY: u64 = 60;

/// Seconds between announces of a board on the DHT: BEP 5's tokens and stored peers live about
/// half an hour.
const ANNOUNCE_SECONDS: u64 = 900;

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
        let members: Vec<_> = room.peers.iter().filter_map(|id| self.peers.get(id)).collect();
        let connected: HashSet<SocketAddr> = members
            .iter()
            .flat_map(|peer| [Some(peer.addr), peer.listens_at()])
            .flatten()
            .collect();
        // Only those that were chosen here: strangers who come in must not choose for us.
        let outgoing = members.iter().filter(|peer| peer.outgoing);
        let mut networks: HashSet<Network> =
            outgoing.clone().filter_map(|peer| network(&peer.addr)).collect();
        let met = outgoing.count();
        let is_under_way = |addr: &SocketAddr, dialled: &Dialled| {
            dialled.at + DIALLING_SECONDS > now && !connected.contains(addr)
        };
        let under_way = room.dialled.iter().filter(|(addr, when)| is_under_way(addr, when)).count();
        let of_kept = room.kept.iter().filter(|addr| {
            let under_way = room.dialled.get(*addr).is_some_and(|when| is_under_way(addr, when));
            under_way || connected.contains(*addr)
        });
        let mut of_kept = of_kept.count();
        // Many addresses of the DHT are dead, so a few more than are needed are tried.
        let mut tries = (2 * OUTGOING).saturating_sub(met + under_way);
        // An address that went on refusing long ago is not worth its memory.
        room.dialled.retain(|_, dialled| dialled.again + 3_600 > now);

        for addr in room.fresh_contacts.drain(..) {
            let kept = self.store.remember_peer(&room.board, &addr.to_string(), now);
            log_failure("remembering a peer", kept);
        }
        // The user's own peers come first and are never given up.
        for addr in self.static_peers.iter().chain(self.named_peers.values().flatten()) {
            if !connected.contains(addr) && room.is_due(addr, now) {
                retry_later(room, *addr, now);
                self.swarm.connect(*rendezvous.as_bytes(), *addr);
            }
        }
        let mut kept = room.kept.clone();
        kept.sort_by_key(|addr| room.dialled.get(addr).map(|dialled| dialled.at));
        let mut kept = kept.into_iter();
        while met < OUTGOING && tries > 0 {
            let old = if of_kept < KEPT { kept.next() } else { None };
            let named = || room.candidates.pop_front().map(|(addr, _)| addr);
            let Some(addr) = old.or_else(named) else { break };
            let wanted = !connected.contains(&addr) && room.is_due(&addr, now);
            if !wanted || self.bans.contains(addr, now) {
                continue;
            }
            if network(&addr).is_some_and(|network| !networks.insert(network)) {
                continue;
            }
            retry_later(room, addr, now);
            self.swarm.connect(*rendezvous.as_bytes(), addr);
            tries -= 1;
            of_kept += usize::from(old.is_some());
        }
    }

    /// The DHT's answer about a board or an item. Anybody may have put any address there; those that
    /// mean something only near here are believed in a network that is private as a whole.
    pub(super) fn dht_peers(&mut self, infohash: Infohash, mut peers: Vec<SocketAddr>) {
        let now = now();
        let private = self.swarm.is_private();
        let left_out = peers.iter().find(|addr| !private && is_private(addr.ip()));
        // In the public DHT such addresses are rubbish; in one of the user's own they may be everybody.
        if let Some(addr) = left_out
            && !self.told_left_out
            && self.swarm.has_doors()
        {
            self.told_left_out = true;
            tracing::warn!(
                example = %addr,
                "the DHT named members at private addresses, which are left out: they are dialled only \
                 where every --bootstrap is a private address, or a name for one that can be looked up"
            );
        }
        peers.retain(|addr| is_of_use(addr, private));
        if let Some(room) = self.rooms.get_mut(&infohash) {
            peers.into_iter().for_each(|addr| room.candidate(addr, NamedBy::Dht, now));
            self.dial_room(infohash, now);
        } else {
            self.lookups.note(infohash, &peers, now);
            self.fetch_from(infohash, &peers);
        }
    }

    /// Writes down how many seeds look-ups have found.
    pub(super) fn keep_seed_counts(&mut self, now: u64) {
        for (infohash, count) in self.lookups.settled(now) {
            let kept = self.store.set_seeds(&infohash, count, false, now);
            log_failure("keeping a seed count", kept);
        }
    }

    /// A peer named other members. They are dialled only while few were met, and an address that
    /// means something only near the peer is believed only of a peer that is near.
    pub(super) fn heard_of(&mut self, from: PeerId, peers: Vec<SocketAddr>) {
        let now = now();
        let Some(peer) = self.peers.get(&from) else { return };
        let near = is_private(peer.addr.ip());
        let Some(room) = self.rooms.get_mut(&peer.room) else { return };
        for addr in peers.into_iter().filter(|addr| is_of_use(addr, near)) {
            room.candidate(addr, NamedBy::Peer(from), now);
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

/// Whether an address can mean a member; `near`: who named it is where private addresses mean the same.
fn is_of_use(addr: &SocketAddr, near: bool) -> bool {
    addr.port() != 0 && (near || !is_private(addr.ip()))
}

fn retry_later(room: &mut super::Room, addr: SocketAddr, now: u64) {
    let wait = room.dialled.get(&addr).map_or(FIRST_RETRY, |dialled| dialled.wait);
    let dialled = Dialled { at: now, again: now + wait, wait: (wait * 2).min(LAST_RETRY) };
    room.dialled.insert(addr, dialled);
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::rooms::{room::Room, tests::alone};

    const NOW: u64 = 1_800_000_000;

    #[test]
    fn those_of_earlier_times_are_dialled_two_at_a_time_and_each_in_its_turn() {
        let mut state = alone();
        let board = upseed_model::BoardName::upseed();
        let rendezvous = board.rendezvous();
        let mut room = Room::new(board);
        // Nobody is there.
        let kept: Vec<SocketAddr> = (1..=8).map(|port| ([127, 0, 0, 1], port).into()).collect();
        room.kept.clone_from(&kept);
        let named: SocketAddr = ([127, 0, 0, 2], 1).into();
        room.candidate(named, NamedBy::Dht, NOW);
        state.rooms.insert(rendezvous, room);
        let mut dialled = |second| {
            state.dial_room(rendezvous, NOW + second);
            let room = &state.rooms[&rendezvous];
            assert!(room.dialled.contains_key(&named), "another one is not held up");
            kept.iter().filter(|addr| room.dialled.contains_key(addr)).count()
        };
        assert_eq!([0, 1, 4, 5, 9, 10, 15].map(&mut dialled), [2, 2, 2, 4, 4, 6, 8]);
    }

    #[test]
    fn a_peer_with_a_name_is_dialled_where_the_name_leads_now() {
        let mut state = alone();
        let board = upseed_model::BoardName::upseed();
        let rendezvous = board.rendezvous();
        state.rooms.insert(rendezvous, Room::new(board));
        let addr = |port| -> SocketAddr { ([127, 0, 0, 1], port).into() };
        let mut dialled = |ports: [u16; 2], second| {
            state.command(crate::rooms::Command::Named("ann.lan:1".into(), ports.map(addr).into()));
            state.rooms.get_mut(&rendezvous).unwrap().dialled.clear();
            state.dial_room(rendezvous, NOW + second);
            let mut ports: Vec<u16> =
                state.rooms[&rendezvous].dialled.keys().map(SocketAddr::port).collect();
            ports.sort_unstable();
            ports
        };
        assert_eq!(dialled([1, 2], 0), [1, 2]);
        assert_eq!(dialled([2, 3], 1), [2, 3], "not where it led before");
    }

    #[test]
    fn what_is_private_is_believed_of_those_who_are_near() {
        let addr = |text: &str| text.parse().unwrap();
        for private in ["127.0.0.1:80", "192.168.1.1:80", "[::1]:80", "[fe80::1]:80"].map(addr) {
            assert!(!is_of_use(&private, false) && is_of_use(&private, true));
        }
        for public in ["203.0.113.1:80", "[2001:db8::1]:80"].map(addr) {
            assert!(is_of_use(&public, false) && is_of_use(&public, true));
        }
        assert!(!is_of_use(&addr("203.0.113.1:0"), true));
    }
}
