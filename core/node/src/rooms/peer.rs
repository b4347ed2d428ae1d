//! One connection: its session, and what is on its way to it.

use std::{cmp::Reverse, net::SocketAddr};

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

/// Bytes that may wait for all peers together, besides the 1 MiB that libtorrent holds for each: 200
/// connections may each have a full queue (320 KiB) and 4,096 ids to be answered (128 KiB), which are
/// 88 MiB.
const MAX_WAITING: usize = 96 << 20;

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
    /// When it last took one.
    took: u64,
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
        let peer = Peer {
            room: rendezvous,
            session,
            addr,
            outgoing,
            listen_port,
            given: 0,
            unsent: None,
            took: now,
        };
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
                Ok(()) => peer.took = now(),
                Err(SwarmError::Full(_)) => {
                    peer.unsent = Some(frame);
                    return self.bound_waiting();
                }
                // Gone: its closing is on the way.
                Err(_) => return,
            }
        }
    }

    /// Keeps what waits for all peers within its bound, at the cost of those who take nothing.
    fn bound_waiting(&mut self) {
        let waiting = |(id, peer): (&PeerId, &Peer)| {
            let unsent = peer.unsent.as_ref().map_or(0, Vec::len);
            (*id, peer.session.waiting() + unsent, peer.took)
        };
        for id in too_slow(self.peers.iter().map(waiting).collect(), MAX_WAITING) {
            self.drop_peer(id, Away::Greedy, "it does not take what it asked for");
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

/// Of peers with what waits for them and when they last took something: whom to drop so that no more
/// than `most` waits for all.
fn too_slow(mut peers: Vec<(PeerId, usize, u64)>, most: usize) -> Vec<PeerId> {
    let mut waiting: usize = peers.iter().map(|(_, bytes, _)| bytes).sum();
    peers.retain(|(_, bytes, _)| *bytes > 0);
    peers.sort_unstable_by_key(|(id, bytes, took)| (*took, Reverse(*bytes), *id));
    let of_slowest = peers.into_iter().take_while(|(_, bytes, _)| {
        let over = waiting > most;
        waiting -= bytes;
        over
    });
    of_slowest.map(|(id, ..)| id).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use upseed_model::{
        BoardName, ItemDraft, Kind, Record, SecretKey, SignedItem,
        limits::{MAX_QUEUED, MAX_TEXT},
        sync::Frame,
        text::Title,
    };
    use upseed_store::Keep;

    use super::*;
    use crate::rooms::tests::alone;

    /// A board's member at the other end of a connection that is not there.
    fn member(state: &mut Loop, id: PeerId) {
        let board = BoardName::upseed();
        let options = Options { board, first: 0, min_bits: 0 };
        let mut session = Session::new(Role::Listener, options, &state.sets, now());
        for frame in [
            Frame::Hello { min: 1, max: 1, frame: 262_144 },
            Frame::Open { board, first: 0, last: 0, bits: 0 },
        ] {
            session.receive(&frame.to_bytes(), &state.source, now()).unwrap();
        }
        while session.next_frame().is_some() {}
        let addr = SocketAddr::from(([127, 0, 0, 1], 9));
        let room = board.rendezvous();
        let (outgoing, listen_port, given, unsent, took) = (false, None, 0, None, 0);
        let peer = Peer { room, session, addr, outgoing, listen_port, given, unsent, took };
        state.peers.insert(id, peer);
    }

    #[test]
    fn one_who_reads_nothing_has_a_frame_prepared_and_one_text() {
        let (mut state, id, text) = (alone(), PeerId(1), vec![b'x'; MAX_TEXT]);
        let key = SecretKey::from_seed(&[1; 32]);
        let kind = Kind::Post { title: Title::from_bytes(b"Long").unwrap() };
        let (author, board, time) = (key.public(), BoardName::upseed(), now());
        let puzzle = ItemDraft { author, board, kind, time, text: &text }.puzzle(0).unwrap();
        let nonce = puzzle.search(0, u64::MAX >> 1).unwrap();
        let item = SignedItem::from_bytes(&puzzle.sign(nonce, &key)).unwrap();
        let work = item.work();
        state.store.ingest(&[Record::Item(item)], time).unwrap();
        state.store.put_text(&work, &text, Keep::Hosted).unwrap();
        member(&mut state, id);
        for _ in 0..200 {
            let session = &mut state.peers.get_mut(&id).unwrap().session;
            let frame = Frame::WantText(vec![work]).to_bytes();
            session.receive(&frame, &state.source, now()).unwrap();
        }
        let mut given = 0;
        while given < 200 {
            let event = |state: &mut Loop| state.peers.get_mut(&id).unwrap().session.next_event();
            while let Some(event) = event(&mut state) {
                if let Event::TextsWanted(ids) = event {
                    state.give_texts(id, &ids);
                }
            }
            let session = &mut state.peers.get_mut(&id).unwrap().session;
            let queued = session.queued();
            assert!(0 < queued && queued < MAX_QUEUED + MAX_TEXT + 1_000, "{queued}");
            while let Some(frame) = session.next_frame() {
                let Ok(Frame::Texts(list)) = Frame::from_bytes(&frame) else { panic!("no texts") };
                given += list.len();
            }
        }
        assert_eq!(given, 200);
    }

    #[test]
    fn who_takes_nothing_for_the_longest_gives_way() {
        let (idle, slow, large, small) = (PeerId(1), PeerId(2), PeerId(3), PeerId(4));
        let peers = || vec![(idle, 0, 1), (large, 50, 8), (small, 10, 8), (slow, 30, 5)];
        assert_eq!(too_slow(peers(), 90), []);
        assert_eq!(too_slow(peers(), 89), [slow]);
        assert_eq!(too_slow(peers(), 59), [slow, large]);
        assert_eq!(too_slow(peers(), 0), [slow, large, small]);
    }
}
