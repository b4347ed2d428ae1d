//! Who dialled only members who keep silent would hear nothing, and never know: one who gave nothing for a while makes room
//! for somebody else now and then.

use std::net::SocketAddr;

use crate::{peer::Peer, peer_id::PeerId, room::Room};

/// Seconds between two changes in one room, and for which somebody must have given nothing.
///
/// With nine liars of ten among those who are named, a node is alone with liars for ten minutes on average; with one of
/// two for a minute or two.
const PAUSE: u64 = 60;
const SILENCE: u64 = 120;

/// Who leaves this room now, if somebody else is known who could be dialled instead: of those whom this node dialled, who
/// gave nothing for the longest time, long enough. `enough`: as many as a room aims at. Notes the change as made.
pub(crate) fn leaves<'a>(
    room: &mut Room,
    members: impl Iterator<Item = (PeerId, &'a Peer)>,
    enough: usize,
    now: u64,
) -> Option<PeerId> {
    let is_due = now >= room.next_rotation;
    if !is_due || !others_are_known(room, now) {
        return None;
    }
    let dialled: Vec<_> = members
        .filter(|(_, peer)| peer.outgoing && !peer.own)
        .map(|(id, peer)| (peer.last_useful(), id))
        .collect();
    if dialled.len() < enough {
        return None;
    }
    let silent = dialled.into_iter().filter(|(useful, _)| useful + SILENCE <= now);
    let (_, id) = silent.min()?;
    room.next_rotation = now + PAUSE;
    Some(id)
}

fn others_are_known(room: &Room, now: u64) -> bool {
    let named = room.candidates.iter().map(|(addr, _)| addr);
    named.chain(&room.kept).any(|addr: &SocketAddr| room.is_due(addr, now))
}

#[cfg(test)]
mod tests {
    use upseed_model::{
        BoardName,
        sync::{Options, Role, Session, Sets},
    };

    use super::*;
    use crate::{peer::Way, room::NamedBy};

    const NOW: u64 = 1_800_000_000;
    const ENOUGH: usize = 8;

    fn addr(n: u64) -> SocketAddr {
        ([20, n as u8, 1, 1], 6_881).into()
    }

    /// A peer that this node dialled at `NOW`, unless it is its user's own.
    fn peer(n: u64, own: bool) -> (PeerId, Peer) {
        let board = BoardName::upseed();
        let options = Options { board, first: 0, min_bits: 0 };
        let session = Session::new(Role::Dialler, options, &Sets::default(), NOW);
        let rendezvous = board.rendezvous();
        (
            PeerId(n),
            Peer::new(
                rendezvous,
                session,
                addr(n),
                (Way { outgoing: true, utp: true, punched: false }, own),
                None,
                NOW,
            ),
        )
    }

    #[test]
    fn who_gave_nothing_for_the_longest_makes_room_one_at_a_time() {
        let mut room = Room::new(BoardName::upseed());
        let mut peers: Vec<_> = (1..=9).map(|n| peer(n, n == 1)).collect();
        let leaves =
            |room: &mut Room, peers: &[(PeerId, Peer)], second| rotation(room, peers, NOW + second);
        assert_eq!(leaves(&mut room, &peers, SILENCE), None, "nobody else is known");
        room.candidate(addr(100), NamedBy::Dht, NOW);
        assert_eq!(leaves(&mut room, &peers, SILENCE - 1), None, "each has its time");
        peers[1].1.gives(1, NOW + 1);
        assert_eq!(leaves(&mut room, &peers[..8], SILENCE), None, "seven are not enough");
        assert_eq!(leaves(&mut room, &peers, SILENCE), Some(PeerId(3)), "2 gave, 1 is our own");
        assert_eq!(leaves(&mut room, &peers, SILENCE + PAUSE - 1), None);
        assert_eq!(leaves(&mut room, &peers, SILENCE + PAUSE), Some(PeerId(3)));
        for (_, peer) in &mut peers {
            peer.gives(1, NOW + 2 * SILENCE);
        }
        assert_eq!(leaves(&mut room, &peers, 2 * SILENCE + PAUSE), None, "all are of use");
    }

    fn rotation(room: &mut Room, peers: &[(PeerId, Peer)], now: u64) -> Option<PeerId> {
        leaves(room, peers.iter().map(|(id, peer)| (*id, peer)), ENOUGH, now)
    }
}
