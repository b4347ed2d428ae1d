//! Hole punching. Two members who reached this node by uTP, and perhaps cannot reach each other, are told of each other at
//! the same moment: each then dials the other where this node sees them, so that the routers of both take what comes for an
//! answer. What this node is told in this way it dials, within its own bounds.

use std::{
    collections::{BTreeMap, HashMap},
    net::SocketAddr,
};

use rand::seq::IteratorRandom as _;

use crate::{
    action::Action,
    connections::Connections,
    context::Context,
    dial::OUTGOING,
    peer::Peer,
    peer_id::PeerId,
    subnet::{is_private, may_be_member},
};

/// Members of whom a newcomer is told at once.
const AT_ONCE: usize = 3;

/// Seconds until a member is told of another one of a newcomer's or of this node's choice; of the latter first after 30
/// seconds, then twice as late each time, up to an hour: what failed may succeed later, and members come and go.
const PAUSE: u64 = 5;
const FIRST_AGAIN: u64 = 30;
const LAST_AGAIN: u64 = 3_600;

/// Of the outgoing connections that a room aims at, those to members whom others named in this way: nobody else chooses
/// more of them.
const PUNCHED: usize = 2;

/// Addresses that are dialled because somebody says so: at once, and seconds for one more.
const DIALS: u64 = 8;
const DIAL_SECONDS: u64 = 5;

/// Seconds for which a connection with such an address is taken for a punched one.
const PUNCHING: u64 = 30;

/// When a member may be told of another one.
struct Introduced {
    /// By a newcomer.
    pause: u64,
    /// By this node, and seconds after which that is done again.
    again: u64,
    wait: u64,
}

/// Whom this node tells of each other, and whom it is told to dial.
pub(crate) struct Punching {
    introduced: BTreeMap<PeerId, Introduced>,
    /// Each with the time until which a connection is expected.
    told: HashMap<SocketAddr, u64>,
    dials: u64,
    /// When that last grew.
    at: u64,
}

impl Default for Punching {
    fn default() -> Self {
        let (introduced, told) = (BTreeMap::new(), HashMap::new());
        Self { introduced, told, dials: DIALS, at: 0 }
    }
}

impl Punching {
    /// Whether this connection is one that was meant.
    pub fn expects(&self, addr: &SocketAddr, now: u64) -> bool {
        self.told.get(addr).is_some_and(|until| now < *until)
    }

    /// A newcomer who reached this node by uTP is told of others who did, and they of the newcomer.
    pub fn introduce(&mut self, id: PeerId, connections: &mut Connections, cx: &mut Context) {
        let now = cx.now();
        let Some(newcomer) = connections.peers.get(&id).filter(|peer| may_be_introduced(peer))
        else {
            return;
        };
        let is_free = |other: &PeerId| self.introduced.get(other).is_none_or(|it| now >= it.pause);
        let others = others(connections, id, newcomer).filter(is_free);
        let others = others.sample(&mut cx.rng, AT_ONCE);
        let again = now + FIRST_AGAIN;
        self.introduced.insert(id, Introduced { pause: 0, again, wait: FIRST_AGAIN });
        others.into_iter().for_each(|other| self.tell_both(id, other, connections, cx));
    }

    /// The same once more for those for whom it is time.
    pub fn introduce_again(&mut self, connections: &mut Connections, cx: &mut Context) {
        let now = cx.now();
        let due = self.introduced.iter().filter(|(_, it)| now >= it.again);
        let due: Vec<PeerId> = due.map(|(id, _)| *id).collect();
        for id in due {
            if let Some(it) = self.introduced.get_mut(&id) {
                it.wait = (it.wait * 2).min(LAST_AGAIN);
                it.again = now + it.wait;
            }
            let Some(peer) = connections.peers.get(&id) else { continue };
            if let Some(other) = others(connections, id, peer).choose(&mut cx.rng) {
                self.tell_both(id, other, connections, cx);
            }
        }
    }

    fn tell_both(
        &mut self,
        one: PeerId,
        other: PeerId,
        connections: &mut Connections,
        cx: &mut Context,
    ) {
        let addr_of = |id: &PeerId| connections.peers.get(id).map(|peer| peer.addr);
        let (Some(of_one), Some(of_other)) = (addr_of(&one), addr_of(&other)) else { return };
        for (id, addr) in [(one, of_other), (other, of_one)] {
            if let Some(it) = self.introduced.get_mut(&id) {
                it.pause = cx.now() + PAUSE;
            }
            if let Some(peer) = connections.peers.get_mut(&id) {
                peer.session.send_punch(addr);
                cx.flush(id);
            }
        }
    }

    /// A peer says that the member at this address dials this node now.
    pub fn told(
        &mut self,
        from: PeerId,
        addr: SocketAddr,
        connections: &mut Connections,
        cx: &mut Context,
    ) {
        let now = cx.now();
        let Some(peer) = connections.peers.get(&from) else { return };
        let (infohash, near) = (peer.room, is_private(peer.addr.ip()));
        let members: Vec<&Peer> = connections.members(&infohash).map(|(_, peer)| peer).collect();
        let is_banned = connections.bans.contains(addr, now);
        if is_banned || !may_be_member(&addr, near) || !has_use_for(&members, addr) {
            return;
        }
        let Some(room) = connections.rooms.get_mut(&infohash) else { return };
        if self.takes(addr, now) {
            room.dials(addr, now);
            cx.act(Action::Punch { infohash, addr });
        }
    }

    /// Whether one more address may be dialled; notes that it is.
    fn takes(&mut self, addr: SocketAddr, now: u64) -> bool {
        let earned = now.saturating_sub(self.at) / DIAL_SECONDS;
        if earned > 0 {
            self.dials = self.dials.saturating_add(earned).min(DIALS);
            self.at = now;
        }
        if self.dials == 0 {
            return false;
        }
        self.dials -= 1;
        self.told.retain(|_, until| now < *until);
        self.told.insert(addr, now + PUNCHING);
        true
    }

    /// A peer is gone.
    pub fn forget(&mut self, id: PeerId) {
        self.introduced.remove(&id);
    }
}

/// Members who may be told of this one. An address of a LAN means something to those alone who are in one.
fn others(connections: &Connections, id: PeerId, peer: &Peer) -> impl Iterator<Item = PeerId> {
    let (near, v4) = (is_private(peer.addr.ip()), peer.addr.is_ipv4());
    let fits = move |other: &Peer| {
        may_be_introduced(other)
            && other.addr.is_ipv4() == v4
            && is_private(other.addr.ip()) == near
    };
    let members = connections.members(&peer.room);
    members.filter(move |(other, peer)| *other != id && fits(peer)).map(|(other, _)| other)
}

/// It reached this node, and by the socket by which others may reach it.
const fn may_be_introduced(peer: &Peer) -> bool {
    peer.utp && !peer.outgoing && peer.session.is_ready()
}

/// Whether a room with these members has use for one more at this address.
fn has_use_for(members: &[&Peer], addr: SocketAddr) -> bool {
    let is_known = members.iter().flat_map(|peer| peer.addresses()).any(|known| known == addr);
    let outgoing = || members.iter().filter(|peer| peer.outgoing && !peer.failing);
    let punched = outgoing().filter(|peer| peer.punched).count();
    !is_known && outgoing().count() < OUTGOING && punched < PUNCHED
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000;

    #[test]
    fn who_is_told_much_dials_little() {
        let mut punching = Punching::default();
        let addr = |n: u64| SocketAddr::from(([203, 0, 113, 1], n as u16));
        let mut takes = |now| (0..500).filter(|n| punching.takes(addr(*n), now)).count();
        assert_eq!((takes(NOW), takes(NOW + 4), takes(NOW + 5), takes(NOW + 600)), (8, 0, 1, 8));
        assert!(punching.expects(&addr(3), NOW + 629) && !punching.expects(&addr(3), NOW + 630));
        assert!(punching.told.len() <= 8 * 2);
    }
}
