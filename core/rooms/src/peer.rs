//! One connection: its session, and what is on its way to it.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
    net::SocketAddr,
};

use upseed_model::{Infohash, sync::Session};

use crate::{
    peer_id::PeerId,
    subnet::{OperatorNet, Subnet},
};

/// Connections of one room that others dialled; libtorrent takes 200 in all.
const MAX_INCOMING: usize = 160;

/// Seconds in which somebody new gets what there is, before the place may be somebody else's.
const PROBATION: u64 = 10;

/// Of these places, those of whom gave most, as long as they gave something within so many seconds.
const USEFUL: usize = MAX_INCOMING / 4;
const USEFUL_SECONDS: u64 = 3_600;

/// Of these, from one /24 or /64. On private networks, where that would be everybody, each
/// address with its port counts alone.
const MAX_OF_SUBNET: usize = 4;

/// Bytes that may wait for all peers together, besides what libtorrent holds: 160 connections that read nothing may each
/// have a full queue (64 KiB) and the frame before it (64 KiB).
const MAX_WAITING: usize = 20 << 20;

/// How a connection came about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Way {
    pub outgoing: bool,
    pub utp: bool,
    /// Others told both of each other.
    pub punched: bool,
}

/// One connection.
pub(crate) struct Peer {
    pub room: Infohash,
    pub session: Session,
    pub addr: SocketAddr,
    pub outgoing: bool,
    pub utp: bool,
    /// Others told both of each other.
    pub punched: bool,
    /// It is one of the user's own.
    pub own: bool,
    pub listen_port: Option<u16>,
    /// When it came, and when it last asked for something.
    since: u64,
    pub asked_at: u64,
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
        (way, own): (Way, bool),
        listen_port: Option<u16>,
        now: u64,
    ) -> Self {
        Self {
            room,
            session,
            addr,
            outgoing: way.outgoing,
            utp: way.utp,
            punched: way.punched,
            own,
            listen_port,
            since: now,
            asked_at: 0,
            given: 0,
            gave_at: 0,
            failing: false,
            unsent: None,
            blocked: false,
            took: now,
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

    /// When it last gave something, or when it came.
    pub fn last_useful(&self) -> u64 {
        self.gave_at.max(self.since)
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

/// A place for one more who dials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Free,
    /// If this one makes room.
    Of(PeerId),
    None,
}

/// One who dialled a room, as far as it matters for whether another one may have the place.
#[derive(Debug, Clone, Copy)]
struct Guest {
    id: PeerId,
    subnet: Subnet,
    operator: Option<OperatorNet>,
    since: u64,
    /// When it last gave something, or asked for something.
    active: u64,
    gave_at: u64,
    given: usize,
}

/// Whether one more at this address may dial a room with these members. One machine must not take all places, and neither
/// must those who do nothing with them.
pub(crate) fn place<'a>(
    members: impl Iterator<Item = (PeerId, &'a Peer)>,
    addr: SocketAddr,
    now: u64,
) -> Place {
    let guest = |(id, peer): (PeerId, &Peer)| Guest {
        id,
        subnet: Subnet::of(peer.addr),
        operator: OperatorNet::of(&peer.addr),
        since: peer.since,
        active: peer.gave_at.max(peer.asked_at).max(peer.since),
        gave_at: peer.gave_at,
        given: peer.given,
    };
    let guests: Vec<_> = members.filter(|(_, peer)| !peer.outgoing).map(guest).collect();
    let subnet = Subnet::of(addr);
    if guests.iter().filter(|guest| guest.subnet == subnet).count() >= MAX_OF_SUBNET {
        return Place::None;
    }
    if guests.len() < MAX_INCOMING {
        return Place::Free;
    }
    who_goes(guests, now).map_or(Place::None, Place::Of)
}

/// Of those who have had their time and are not among the most useful: first of the network from which most have come, then
/// who did nothing for the longest.
fn who_goes(mut guests: Vec<Guest>, now: u64) -> Option<PeerId> {
    let (mut subnets, mut operators) = (HashMap::new(), HashMap::new());
    for guest in &guests {
        *subnets.entry(guest.subnet).or_insert(0_usize) += 1;
        if let Some(operator) = guest.operator {
            *operators.entry(operator).or_insert(0_usize) += 1;
        }
    }
    guests.sort_by_key(|guest| (Reverse(guest.given), guest.id));
    let is_useful = |guest: &Guest| guest.given > 0 && guest.gave_at + USEFUL_SECONDS > now;
    let mut spared = USEFUL;
    guests.retain(|guest| {
        let is_spared = spared > 0 && is_useful(guest);
        spared -= usize::from(is_spared);
        !is_spared && guest.since + PROBATION <= now
    });
    let crowd = |guest: &Guest| {
        let of_operator = guest.operator.map_or(1, |operator| operators[&operator]);
        (of_operator, subnets[&guest.subnet])
    };
    let goes = guests.iter().max_by_key(|guest| (crowd(guest), Reverse(guest.active), guest.id));
    goes.map(|guest| guest.id)
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

    const NOW: u64 = 1_800_000_000;

    /// One that came so many seconds ago and did nothing since.
    fn guest(id: u64, ip: [u8; 4], ago: u64) -> Guest {
        let addr = (ip, 1_000).into();
        Guest {
            id: PeerId(id),
            subnet: Subnet::of(addr),
            operator: OperatorNet::of(&addr),
            since: NOW - ago,
            active: NOW - ago,
            gave_at: 0,
            given: 0,
        }
    }

    #[test]
    fn of_the_most_crowded_network_who_did_nothing_for_the_longest_goes() {
        let alone = guest(1, [20, 1, 1, 1], 5_000);
        let crowd =
            [(2, 1, 60), (3, 1, 90), (4, 2, 900)].map(|(id, c, ago)| guest(id, [30, 1, c, 1], ago));
        let new = [5, 6, 7, 8].map(|id| guest(id, [40, 1, 1, 1], PROBATION - 1));
        let all = || [vec![alone], crowd.to_vec(), new.to_vec()].concat();
        assert_eq!(who_goes(all(), NOW), Some(PeerId(3)), "of the /16, then of the /24");
        let with = |change: fn(&mut Guest)| {
            let mut all = all();
            change(&mut all[2]);
            who_goes(all, NOW)
        };
        assert_eq!(with(|guest| guest.active = NOW), Some(PeerId(2)));
        assert_eq!(with(|guest| (guest.given, guest.gave_at) = (1, NOW - 60)), Some(PeerId(2)));
        assert_eq!(who_goes(new.to_vec(), NOW), None, "each has its time");
        assert_eq!(who_goes(new.to_vec(), NOW + 1), Some(PeerId(8)));
    }

    #[test]
    fn a_quarter_of_the_places_is_of_the_most_useful_and_no_more() {
        let useful = |id: u64| {
            let of = guest(id, [20 + id as u8, 1, 1, 1], 600);
            Guest { given: id as usize, gave_at: NOW, ..of }
        };
        let goes = who_goes((1..=60).map(useful).collect(), NOW);
        assert_eq!(goes, Some(PeerId(20)));
        assert_eq!(who_goes((1..=40).map(useful).collect(), NOW), None);
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
