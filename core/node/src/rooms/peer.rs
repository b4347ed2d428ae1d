//! One connection: its session, and what is on its way to it.

use std::net::SocketAddr;

use upseed_model::{
    Infohash,
    sync::{Event, Options, Role, Session, day_of},
};
use upseed_swarm::{PeerId, SwarmError};

use super::{
    Loop,
    bans::{Away, neighbourhood},
};
use crate::{NodeEvent, clock::now};

/// Connections of one room that others dialled; libtorrent takes 200 in all.
const MAX_INCOMING: usize = 160;

/// Of these, from one /24 or /64. On private networks, where a neighbourhood is everybody, each
/// address with its port counts alone.
const MAX_OF_NEIGHBOURHOOD: usize = 4;

pub(super) struct Peer {
    pub room: Infohash,
    pub session: Session,
    pub addr: SocketAddr,
    pub outgoing: bool,
    pub listen_port: Option<u16>,
    /// Good records and texts that it gave since it last left a question without an answer.
    pub given: usize,
    /// A frame that libtorrent did not take yet.
    unsent: Option<Vec<u8>>,
}

impl Peer {
    /// Where others could dial it.
    pub fn listens_at(&self) -> Option<SocketAddr> {
        if self.outgoing {
            return Some(self.addr);
        }
        self.listen_port.map(|port| SocketAddr::new(self.addr.ip(), port))
    }
}

impl Loop {
    pub(super) fn peer_opened(
        &mut self,
        id: PeerId,
        rendezvous: Infohash,
        addr: SocketAddr,
        outgoing: bool,
        listen_port: Option<u16>,
    ) {
        let now = now();
        let listens_at = listen_port.map(|port| SocketAddr::new(addr.ip(), port));
        let banned = self.bans.contains(addr, now)
            || listens_at.is_some_and(|addr| self.bans.contains(addr, now));
        let full = !outgoing && self.takes_no_more_from(rendezvous, addr);
        let Some(room) = self.rooms.get_mut(&rendezvous).filter(|_| !banned && !full) else {
            self.swarm.close(id);
            return;
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
            room.reached(addr, now);
        }
        tracing::debug!(%addr, board = %room.board, outgoing, "met");
        let peer =
            Peer { room: rendezvous, session, addr, outgoing, listen_port, given: 0, unsent: None };
        self.peers.insert(id, peer);
        self.flush(id);
    }

    /// Whether enough have dialled this room, in all or from this neighbourhood: one machine must not
    /// take all places.
    fn takes_no_more_from(&self, rendezvous: Infohash, addr: SocketAddr) -> bool {
        let Some(room) = self.rooms.get(&rendezvous) else { return true };
        let peers = room.peers.iter().filter_map(|id| self.peers.get(id));
        let incoming: Vec<_> = peers.filter(|peer| !peer.outgoing).collect();
        let near = neighbourhood(addr);
        let of_near = incoming.iter().filter(|peer| neighbourhood(peer.addr) == near).count();
        incoming.len() >= MAX_INCOMING || of_near >= MAX_OF_NEIGHBOURHOOD
    }

    pub(super) fn frame(&mut self, id: PeerId, frame: &[u8]) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        match peer.session.receive(frame, &self.source, now()) {
            Ok(()) => {
                self.session_events(id);
                self.flush(id);
            }
            Err(fault) => self.drop_peer(id, Away::from(&fault), &fault.to_string()),
        }
    }

    /// Does what a session asks for.
    pub(super) fn session_events(&mut self, id: PeerId) {
        while let Some(event) = self.peers.get_mut(&id).and_then(|peer| peer.session.next_event()) {
            match event {
                Event::Ready => self.peer_ready(id),
                Event::Offered(ids) => self.offered(id, ids),
                // Sent at once: the peer checks these while the next are read, and what the session
                // holds back above MAX_QUEUED then waits for libtorrent only, which says when it drained.
                Event::Serve(ids) => {
                    self.serve(id, &ids);
                    self.flush(id);
                }
                Event::Records(list) => self.records(id, list),
                Event::Gone(ids) => self.not_served(id, &ids),
                Event::TextsWanted(ids) => {
                    self.give_texts(id, &ids);
                    self.flush(id);
                }
                Event::Texts(texts) => self.got_texts(id, texts),
                Event::NoText(ids) => self.texts.not_given(id, &ids),
                Event::Unserved(records, texts) => {
                    self.gave(id, None);
                    self.not_served(id, &records);
                    self.texts.not_given(id, &texts);
                }
                Event::Peers(peers) => self.heard_of(id, peers),
                Event::Progress { done, total } => self.compared(id, Some((done, total))),
                Event::Compared => self.compared(id, None),
            }
        }
    }

    /// Notes that a peer gave so many good ones, or that it did not answer.
    pub(super) fn gave(&mut self, id: PeerId, count: Option<usize>) {
        if let Some(peer) = self.peers.get_mut(&id) {
            peer.given = count.map_or(0, |count| peer.given.saturating_add(count));
        }
    }

    fn compared(&mut self, id: PeerId, progress: Option<(usize, usize)>) {
        let Some(room) = self.peers.get(&id).and_then(|peer| self.rooms.get_mut(&peer.room)) else {
            return;
        };
        room.comparing = progress;
        if let Some((done, total)) = progress {
            let board = room.board;
            self.emit(NodeEvent::Sync { board, done, total });
        }
    }

    /// Hands frames to libtorrent while it takes them; the rest waits for [`Loop::drained`].
    pub(super) fn flush(&mut self, id: PeerId) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        while let Some(frame) = peer.unsent.take().or_else(|| peer.session.next_frame()) {
            match self.swarm.send(id, &frame) {
                Ok(()) => {}
                Err(SwarmError::Full(_)) => {
                    peer.unsent = Some(frame);
                    return;
                }
                // Gone: its closing is on the way.
                Err(_) => return,
            }
        }
    }

    pub(super) fn drained(&mut self, id: PeerId) {
        self.flush(id);
        self.session_events(id);
        self.flush(id);
    }

    /// Closes a connection; a liar's neighbourhood is kept away for an hour.
    pub(super) fn drop_peer(&mut self, id: PeerId, away: Away, why: &str) {
        if let Some(peer) = self.peers.get(&id) {
            tracing::info!(addr = %peer.addr, ?away, why, "peer dropped");
            self.bans.add(peer.addr, away, now());
            if let Some(addr) = peer.listens_at() {
                self.bans.add(addr, away, now());
            }
        }
        self.swarm.close(id);
        self.peer_closed(id);
    }

    pub(super) fn peer_closed(&mut self, id: PeerId) {
        let Some(peer) = self.peers.remove(&id) else { return };
        if let Some(room) = self.rooms.get_mut(&peer.room) {
            room.peers.remove(&id);
            room.comparing = None;
        }
        self.forget_asked(id);
        self.texts_of_closed(id);
    }
}
