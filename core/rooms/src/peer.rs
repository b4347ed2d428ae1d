//! One connection: its session, and what is on its way to it.

use std::{cmp::Reverse, collections::BTreeMap, net::SocketAddr};

use upseed_model::{Infohash, sync::Session};

use crate::{peer_id::PeerId, subnet::Subnet};

/// Connections of one room that others dialled; libtorrent takes 200 in all.
const MAX_INCOMING: usize = 160;

/// Of these, from one /24 or /64. On private networks, where that would be everybody, each
/// address with its port counts alone.
const MAX_OF_SUBNET: usize = 4;

/// Bytes that may wait for all peers together, besides the 1 MiB that libtorrent holds for each: 200
/// connections may each have a full queue (320 KiB) and 4,096 ids to be answered (128 KiB), which are
/// 88 MiB.
const MAX_WAITING: usize = 96 << 20;

/// One connection.
pub(crate) struct Peer {
    pub room: Infohash,
    pub session: Session,
    pub addr: SocketAddr,
    pub outgoing: bool,
    pub listen_port: Option<u16>,
    /// Good records and texts that it gave since it last left a question without an answer.
    pub given: usize,
    /// When it last gave one.
    pub gave_at: u64,
    /// It offered what it did not give, and gave nothing since.
    pub failing: bool,
    /// A frame that was not taken: nothing is sent before it takes frames again.
    unsent: Option<Vec<u8>>,
    blocked: bool,
    /// When it last took one.
    took: u64,
}

impl Peer {
    /// A connection that is new at `now`.
    pub const fn new(
        room: Infohash,
        session: Session,
        addr: SocketAddr,
        outgoing: bool,
        listen_port: Option<u16>,
        now: u64,
    ) -> Self {
        let (given, gave_at, failing, unsent, blocked, took) = (0, 0, false, None, false, now);
        Self {
            room,
            session,
            addr,
            outgoing,
            listen_port,
            given,
            gave_at,
            failing,
            unsent,
            blocked,
            took,
        }
    }

    /// Where others could dial it.
    pub fn listens_at(&self) -> Option<SocketAddr> {
        if self.outgoing {
            return Some(self.addr);
        }
        self.listen_port.map(|port| SocketAddr::new(self.addr.ip(), port))
    }

    /// The address of this connection, and where others could dial it.
    pub fn addresses(&self) -> impl Iterator<Item = SocketAddr> + use<> {
        [Some(self.addr), self.listens_at()].into_iter().flatten()
    }

    /// It gave so many good ones.
    pub const fn gives(&mut self, count: usize, now: u64) {
        self.given = self.given.saturating_add(count);
        (self.gave_at, self.failing) = (now, false);
    }

    /// Where it is, for what is counted by subnet.
    pub fn subnet(&self) -> Subnet {
        Subnet::of(self.listens_at().unwrap_or(self.addr))
    }

    /// The next frame to send, while it takes frames.
    pub fn next_frame(&mut self, now: u64) -> Option<Vec<u8>> {
        if self.blocked {
            return None;
        }
        let frame = self.unsent.take().or_else(|| self.session.next_frame())?;
        self.took = now;
        Some(frame)
    }

    /// It did not take this frame.
    pub fn not_taken(&mut self, frame: Vec<u8>) {
        self.unsent = Some(frame);
        self.blocked = true;
    }

    /// It takes frames again.
    pub const fn drained(&mut self) {
        self.blocked = false;
    }

    /// Whether it takes no frames now.
    pub const fn is_blocked(&self) -> bool {
        self.blocked
    }

    /// Bytes that wait for it here.
    fn waiting(&self) -> usize {
        self.session.waiting() + self.unsent.as_ref().map_or(0, Vec::len)
    }
}

/// Whether enough have dialled a room with these members, in all or from this address's subnet: one
/// machine must not take all places.
pub(crate) fn is_full<'a>(members: impl Iterator<Item = &'a Peer>, addr: SocketAddr) -> bool {
    let incoming: Vec<_> = members.filter(|peer| !peer.outgoing).collect();
    let subnet = Subnet::of(addr);
    let of_subnet = incoming.iter().filter(|peer| Subnet::of(peer.addr) == subnet).count();
    incoming.len() >= MAX_INCOMING || of_subnet >= MAX_OF_SUBNET
}

/// Whom to drop so that what waits for all stays within its bound.
pub(crate) fn slow(peers: &BTreeMap<PeerId, Peer>) -> Vec<PeerId> {
    let waiting = peers.iter().map(|(id, peer)| (*id, peer.waiting(), peer.took));
    too_slow(waiting.collect(), MAX_WAITING)
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
    use super::*;

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
