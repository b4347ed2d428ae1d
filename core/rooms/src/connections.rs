//! Rooms, the peers in them, and those who are kept away.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
};

use rand::seq::IteratorRandom as _;
use upseed_model::{
    BoardName, Infohash,
    limits::MAX_PEERS,
    sync::{Options, Role, Session, Sets, day_of},
};
use upseed_store::BoardRow;

use crate::{
    action::Action,
    bans::{Bans, Penalty},
    context::Context,
    dial,
    event::Event,
    input::NetworkState,
    peer::{Peer, Place, Way, place, slow},
    peer_id::PeerId,
    room::{NamedBy, Room},
    rotation,
    status::RoomStatus,
    store::log_failure,
    subnet::{is_private, may_be_member},
};

/// Addresses kept from earlier times that are tried, a few at a time.
const MAX_KEPT: u32 = 8;

/// Who is connected, in which room, and who else may be.
#[derive(Default)]
pub(crate) struct Connections {
    /// By rendezvous.
    pub rooms: BTreeMap<Infohash, Room>,
    pub peers: BTreeMap<PeerId, Peer>,
    pub bans: Bans,
    pub network: NetworkState,
    /// What all conversations compare.
    sets: Sets,
    own_peers: Vec<SocketAddr>,
    /// The user's other peers: where their names lead now.
    named_peers: BTreeMap<String, Vec<SocketAddr>>,
    /// Connections that ended and that others have to hear of.
    closed: Vec<PeerId>,
    /// Somebody on the internet reached this node by themselves.
    pub was_reached: bool,
    /// Whether it was said that private addresses of the DHT are not dialled.
    told_left_out: bool,
}

impl Connections {
    /// In no room yet; `own_peers` are dialled in every room.
    pub fn new(own_peers: Vec<SocketAddr>) -> Self {
        Self { own_peers, ..Self::default() }
    }

    pub fn join(&mut self, board: &BoardRow, cx: &mut Context) {
        let rendezvous = board.name.rendezvous();
        let room = self.rooms.entry(rendezvous).or_insert_with(|| Room::new(board.name));
        (room.days, room.min_bits) = (board.days, board.min_bits);
        let kept = log_failure("reading kept peers", cx.store.kept_peers(&board.name, MAX_KEPT));
        room.kept = kept.unwrap_or_default();
        cx.act(Action::Join { rendezvous, trackers: board.trackers.clone() });
    }

    pub fn leave(&mut self, board: BoardName, cx: &mut Context) {
        let rendezvous = board.rendezvous();
        if let Some(room) = self.rooms.remove(&rendezvous) {
            for id in room.peers {
                self.drop_peer(id, Penalty::None, "the board was left", cx);
            }
            cx.act(Action::Leave(rendezvous));
        }
    }

    /// A name of the user's leads there now.
    pub fn named(&mut self, name: String, addrs: Vec<SocketAddr>) {
        self.named_peers.insert(name, addrs);
    }

    pub fn opened(
        &mut self,
        id: PeerId,
        rendezvous: Infohash,
        addr: SocketAddr,
        way: Way,
        listen_port: Option<u16>,
        cx: &mut Context,
    ) {
        let (now, outgoing) = (cx.now(), way.outgoing);
        let listens_at = listen_port.map(|port| SocketAddr::new(addr.ip(), port));
        let mut addresses = std::iter::once(addr).chain(listens_at);
        let own = addresses.clone().any(|addr| self.is_own(addr));
        let banned = !own && addresses.any(|addr| self.bans.contains(addr, now));
        let place = if outgoing || own {
            Place::Free
        } else {
            place(self.members(&rendezvous).filter(|(_, peer)| !peer.own), addr, now)
        };
        if let (Place::Of(other), false) = (&place, banned) {
            self.drop_peer(*other, Penalty::None, "somebody else needs its place", cx);
        }
        let has_place = !banned && !matches!(place, Place::None);
        let Some(room) = self.rooms.get_mut(&rendezvous).filter(|_| has_place) else {
            return cx.act(Action::Close(id));
        };
        let options = Options {
            board: room.board,
            first: day_of(now).saturating_sub(room.days),
            min_bits: room.min_bits,
        };
        let role = if outgoing { Role::Dialler } else { Role::Listener };
        let session = Session::new(role, options, &self.sets, now);
        room.peers.insert(id);
        if outgoing {
            room.reached(addr, now, !way.punched);
        } else if !way.punched && !is_private(addr.ip()) && !room.dialled.contains_key(&addr) {
            // A router lets those in who were dialled before.
            self.was_reached = true;
        }
        tracing::debug!(%addr, board = %room.board, outgoing, "connected");
        let peer = Peer::new(rendezvous, session, addr, (way, own), listen_port, now);
        self.peers.insert(id, peer);
        cx.flush(id);
    }

    /// Whether that is one of the user's own peers, whatever others near it did. Who dials does so from any port, so that a
    /// public address is theirs as a whole.
    fn is_own(&self, addr: SocketAddr) -> bool {
        let mut own = self.own_peers.iter().chain(self.named_peers.values().flatten());
        own.any(|own| if is_private(own.ip()) { *own == addr } else { own.ip() == addr.ip() })
    }

    /// Closes a connection; a liar's subnet is kept away for an hour. Not so the user's own peers: what is wrong with one of
    /// them is said, and it may come back.
    pub fn drop_peer(&mut self, id: PeerId, penalty: Penalty, why: &str, cx: &mut Context) {
        match self.peers.get(&id) {
            Some(Peer { own: true, addr, room, .. }) if penalty != Penalty::None => {
                tracing::warn!(
                    %addr, why,
                    "one of your own peers was dropped; it is dialled again in a minute. Does it run the same version?"
                );
                let (addr, room) = (*addr, *room);
                if let Some(room) = self.rooms.get_mut(&room) {
                    room.disappointed(addr, cx.now());
                }
            }
            Some(peer) => {
                tracing::info!(addr = %peer.addr, ?penalty, why, "peer dropped");
                for addr in peer.addresses() {
                    self.bans.add(addr, penalty, cx.now());
                }
            }
            None => {}
        }
        cx.act(Action::Close(id));
        self.closed(id, cx);
    }

    /// A connection is gone.
    pub fn closed(&mut self, id: PeerId, cx: &mut Context) {
        cx.flushed(id);
        let Some(peer) = self.peers.remove(&id) else { return };
        if let Some(room) = self.rooms.get_mut(&peer.room) {
            room.peers.remove(&id);
            room.comparing = None;
        }
        self.closed.push(id);
    }

    /// Those that ended since this was last asked.
    pub fn take_closed(&mut self) -> Vec<PeerId> {
        std::mem::take(&mut self.closed)
    }

    /// Keeps what waits for all peers within its bound, at the cost of those who take nothing.
    pub fn bound_waiting(&mut self, cx: &mut Context) {
        for id in slow(&self.peers) {
            self.drop_peer(id, Penalty::Greedy, "it does not take what it asked for", cx);
        }
    }

    /// Notes that a peer gave so many good ones, or that it did not answer.
    pub fn gave(&mut self, id: PeerId, count: Option<usize>, now: u64) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        match count {
            Some(0) => {}
            Some(count) => peer.gives(count, now),
            None => peer.given = 0,
        }
    }

    /// A peer offered what it does not give. If this node dialled it, somebody else may be dialled in its place.
    pub fn lets_wait(&mut self, id: PeerId) {
        if let Some(peer) = self.peers.get_mut(&id) {
            (peer.given, peer.failing) = (0, true);
        }
    }

    /// A peer asks for records or texts.
    pub fn asks(&mut self, id: PeerId, now: u64) {
        if let Some(peer) = self.peers.get_mut(&id) {
            peer.asked_at = now;
        }
    }

    /// How far the comparison with a peer is; nothing when it is over.
    pub fn compared(&mut self, id: PeerId, progress: Option<(usize, usize)>, cx: &mut Context) {
        let Some(room) = self.peers.get(&id).and_then(|peer| self.rooms.get_mut(&peer.room)) else {
            return;
        };
        room.comparing = progress;
        if let Some((done, total)) = progress {
            cx.tell(Event::Sync { board: room.board, done, total });
        }
    }

    /// The peers in a room.
    pub fn members(&self, rendezvous: &Infohash) -> impl Iterator<Item = (PeerId, &Peer)> {
        let ids = self.rooms.get(rendezvous).into_iter().flat_map(|room| &room.peers);
        ids.filter_map(|id| Some((*id, self.peers.get(id)?)))
    }

    /// Asks the DHT for members and dials some, as far as it is time to.
    pub fn dial(&mut self, cx: &mut Context) {
        let rooms: Vec<Infohash> = self.rooms.keys().copied().collect();
        for rendezvous in rooms {
            let members = self.members(&rendezvous).filter(|(_, peer)| !peer.failing).count();
            if self.network.dht
                && let Some(room) = self.rooms.get_mut(&rendezvous)
            {
                let queries = dial::queries(room, members, cx.now());
                if queries.announce {
                    cx.act(Action::Announce(rendezvous));
                }
                if queries.look_up {
                    cx.act(Action::LookUp(rendezvous));
                }
            }
            self.dial_room(rendezvous, cx);
        }
    }

    fn dial_room(&mut self, rendezvous: Infohash, cx: &mut Context) {
        let now = cx.now();
        let Some(room) = self.rooms.get_mut(&rendezvous) else { return };
        for addr in room.fresh_contacts.drain(..) {
            log_failure("remembering a peer", cx.store.remember_peer(&room.board, addr, now));
        }
        let own = self.own_peers.iter().chain(self.named_peers.values().flatten());
        for addr in dial::choose(room, &self.peers, own, &self.bans, now) {
            cx.act(Action::Dial { infohash: rendezvous, addr });
        }
        let members: Vec<_> =
            room.peers.iter().filter_map(|id| Some((*id, self.peers.get(id)?))).collect();
        let silent = rotation::leaves(room, members.into_iter(), dial::OUTGOING, now);
        for id in dial::to_leave(room, &self.peers).into_iter().chain(silent) {
            self.part(id, cx);
        }
    }

    /// Ends a connection that this node began in vain.
    fn part(&mut self, id: PeerId, cx: &mut Context) {
        let Some(Peer { own: false, addr, room, .. }) = self.peers.get(&id) else { return };
        let (addr, rendezvous) = (*addr, *room);
        self.drop_peer(id, Penalty::None, "it gave nothing; somebody else may", cx);
        if let Some(room) = self.rooms.get_mut(&rendezvous) {
            room.disappointed(addr, cx.now());
        }
    }

    /// The DHT's answer about a room. False if it is about none.
    pub fn found(&mut self, rendezvous: Infohash, peers: &[SocketAddr], cx: &mut Context) -> bool {
        let Some(room) = self.rooms.get_mut(&rendezvous) else { return false };
        peers.iter().for_each(|addr| room.candidate(*addr, NamedBy::Dht, cx.now()));
        self.dial_room(rendezvous, cx);
        true
    }

    /// What of the DHT's answer may be dialled. Anybody may have put any address there; those that
    /// mean something only near here are believed in a network that is private as a whole.
    pub fn believed(&mut self, mut peers: Vec<SocketAddr>) -> Vec<SocketAddr> {
        let private = self.network.private;
        let left_out = peers.iter().find(|addr| !private && is_private(addr.ip()));
        // In the public DHT such addresses are rubbish; in one of the user's own they may be everybody.
        if let Some(addr) = left_out
            && !self.told_left_out
            && self.network.own_bootstrap
        {
            self.told_left_out = true;
            tracing::warn!(
                example = %addr,
                "the DHT named members at private addresses, which are left out: they are dialled only \
                 where every --bootstrap is a private address, or a name for one that can be looked up"
            );
        }
        peers.retain(|addr| may_be_member(addr, private));
        peers
    }

    /// A peer named other members. They are dialled only while few are connected, and an address that
    /// means something only near the peer is believed only of a peer that is near.
    pub fn heard_of(&mut self, from: PeerId, peers: Vec<SocketAddr>, now: u64) {
        let Some(peer) = self.peers.get(&from) else { return };
        let near = is_private(peer.addr.ip());
        let Some(room) = self.rooms.get_mut(&peer.room) else { return };
        for addr in peers.into_iter().filter(|addr| may_be_member(addr, near)) {
            room.candidate(addr, NamedBy::Peer(from), now);
        }
    }

    /// Both sides have agreed: tells the newcomer of some others. Gives its room.
    pub fn greet(&mut self, id: PeerId, cx: &mut Context) -> Option<Infohash> {
        let peer = self.peers.get(&id)?;
        let (room, near) = (peer.room, is_private(peer.addr.ip()));
        let others = self
            .members(&room)
            .filter(|(other, _)| *other != id)
            .filter(|(_, other)| !other.punched)
            .filter_map(|(_, other)| other.listens_at())
            .filter(|addr| near || !is_private(addr.ip()))
            .sample(&mut cx.rng, MAX_PEERS);
        self.peers.get_mut(&id)?.session.send_peers(&others);
        cx.flush(id);
        Some(room)
    }

    /// Whatever waits for a moment would now wait for it longer: all of it begins anew.
    pub fn clock_was_set_back(&mut self, cx: &mut Context) {
        let all: BTreeSet<PeerId> = self.peers.keys().copied().collect();
        for id in all {
            self.drop_peer(id, Penalty::None, "the clock was set back", cx);
        }
        self.rooms.values_mut().for_each(Room::clock_was_set_back);
        self.bans = Bans::default();
    }

    /// Where those are reached who are connected now.
    pub fn connected(&self) -> Vec<SocketAddr> {
        self.peers.values().flat_map(Peer::addresses).collect()
    }

    /// How each room stands.
    pub fn status(&self) -> Vec<RoomStatus> {
        let status = |(rendezvous, room): (&Infohash, &Room)| {
            let people = self.members(rendezvous).filter(|(_, peer)| peer.session.is_ready());
            RoomStatus { board: room.board, people: people.count(), comparing: room.comparing }
        };
        self.rooms.iter().map(status).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    const NOW: u64 = 1_800_000_000;

    #[test]
    fn a_peer_with_a_name_is_dialled_where_the_name_leads_now() {
        let (mut connections, mut cx) = (Connections::default(), testing::context(NOW));
        let board = BoardName::upseed();
        let rendezvous = board.rendezvous();
        connections.rooms.insert(rendezvous, Room::new(board));
        let addr = |port| -> SocketAddr { ([127, 0, 0, 1], port).into() };
        let mut dialled = |ports: [u16; 2]| {
            connections.named("ann.lan:1".into(), ports.map(addr).into());
            connections.rooms.get_mut(&rendezvous).unwrap().dialled.clear();
            connections.dial(&mut cx);
            let mut ports: Vec<u16> = std::iter::from_fn(|| cx.next_action())
                .map(|action| match action {
                    Action::Dial { addr, .. } => addr.port(),
                    other => panic!("{other:?}"),
                })
                .collect();
            ports.sort_unstable();
            ports
        };
        assert_eq!(dialled([1, 2]), [1, 2]);
        assert_eq!(dialled([2, 3]), [2, 3], "not where it led before");
    }
}
