//! Whom to connect to: a few members of each board, spread over different networks.

use std::{
    collections::{BTreeMap, HashSet},
    net::SocketAddr,
};

use crate::{
    bans::Bans,
    peer::Peer,
    peer_id::PeerId,
    room::{Dialled, Room},
    subnet::OperatorNet,
};

/// Outgoing connections that a room aims at.
pub(crate) const OUTGOING: usize = 8;

/// Of these, kept from earlier times: whoever fills the DHT now has not named all to whom we
/// connect, and those of then are not all, either.
const KEPT: usize = 2;

/// Seconds for which a dialled address that has not answered counts as being dialled.
const DIALLING_SECONDS: u64 = 5;

/// Seconds between announces of a board on the DHT: BEP 5's tokens and stored peers live about
/// half an hour.
const ANNOUNCE_SECONDS: u64 = 900;

/// Seconds between look-ups of a board: with nobody there, with few, with enough.
const LOOKUP_ALONE: u64 = 5;
const LOOKUP_FEW: u64 = 60;
const LOOKUP_ENOUGH: u64 = 600;

/// What a room asks of the DHT now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Queries {
    pub announce: bool,
    pub look_up: bool,
}

/// Says what a room with so many useful members asks of the DHT now, and notes it as asked.
pub(crate) fn queries(room: &mut Room, members: usize, now: u64) -> Queries {
    let announce = now >= room.next_announce;
    if announce {
        room.next_announce = now + ANNOUNCE_SECONDS;
    }
    let look_up = now >= room.next_lookup;
    if look_up {
        room.next_lookup = now
            + match members {
                0 => {
                    // A board that nobody was found in is announced again soon: the first
                    // announces may have gone out before the DHT knew enough nodes.
                    room.next_announce = room.next_announce.min(now + 4 * LOOKUP_ALONE);
                    LOOKUP_ALONE
                }
                1..OUTGOING => LOOKUP_FEW,
                _ => LOOKUP_ENOUGH,
            };
    }
    Queries { announce, look_up }
}

/// Who was dialled in vain, so far as there are more than a room aims at: they have made room for others already.
pub(crate) fn to_leave(room: &Room, peers: &BTreeMap<PeerId, Peer>) -> Vec<PeerId> {
    let members = room.peers.iter().filter_map(|id| Some((*id, peers.get(id)?)));
    let (failing, outgoing): (Vec<_>, Vec<_>) =
        members.filter(|(_, peer)| peer.outgoing).partition(|(_, peer)| peer.failing);
    let excess = (failing.len() + outgoing.len()).saturating_sub(OUTGOING);
    failing.into_iter().take(excess).map(|(id, _)| id).collect()
}

/// Chooses whom a room dials now, and notes them as dialled. `own` are the user's own peers.
pub(crate) fn choose<'a>(
    room: &mut Room,
    peers: &BTreeMap<PeerId, Peer>,
    own: impl Iterator<Item = &'a SocketAddr>,
    bans: &Bans,
    now: u64,
) -> Vec<SocketAddr> {
    let members: Vec<_> = room.peers.iter().filter_map(|id| peers.get(id)).collect();
    let connected: HashSet<SocketAddr> = members.iter().flat_map(|peer| peer.addresses()).collect();
    // Only those that were chosen here: strangers who come in must not choose for us. Who gives nothing of what it offers
    // does not count.
    let outgoing = members.iter().filter(|peer| peer.outgoing && !peer.failing);
    let mut networks: HashSet<OperatorNet> =
        outgoing.clone().filter_map(|peer| OperatorNet::of(&peer.addr)).collect();
    let count = outgoing.count();
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
    let mut tries = (2 * OUTGOING).saturating_sub(count + under_way);
    // An address that went on refusing long ago is not worth its memory.
    room.dialled.retain(|_, dialled| dialled.again + 3_600 > now);

    let mut chosen = Vec::new();
    // The user's own peers come first and are never given up.
    for addr in own {
        if !connected.contains(addr) && room.is_due(addr, now) {
            room.dials(*addr, now);
            chosen.push(*addr);
        }
    }
    let mut kept = room.kept.clone();
    kept.sort_by_key(|addr| room.dialled.get(addr).map(|dialled| dialled.at));
    let mut kept = kept.into_iter();
    while count < OUTGOING && tries > 0 {
        let old = if of_kept < KEPT { kept.next() } else { None };
        let named = || room.candidates.pop_front().map(|(addr, _)| addr);
        let Some(addr) = old.or_else(named) else { break };
        let wanted = !connected.contains(&addr) && room.is_due(&addr, now);
        if !wanted || bans.contains(addr, now) {
            continue;
        }
        if OperatorNet::of(&addr).is_some_and(|network| !networks.insert(network)) {
            continue;
        }
        room.dials(addr, now);
        chosen.push(addr);
        tries -= 1;
        of_kept += usize::from(old.is_some());
    }
    chosen
}

#[cfg(test)]
mod tests {
    use upseed_model::BoardName;

    use super::*;
    use crate::room::NamedBy;

    const NOW: u64 = 1_800_000_000;

    #[test]
    fn those_of_earlier_times_are_dialled_two_at_a_time_and_each_in_its_turn() {
        let mut room = Room::new(BoardName::upseed());
        // Nobody is there.
        let kept: Vec<SocketAddr> = (1..=8).map(|port| ([127, 0, 0, 1], port).into()).collect();
        room.kept.clone_from(&kept);
        let named: SocketAddr = ([127, 0, 0, 2], 1).into();
        room.candidate(named, NamedBy::Dht, NOW);
        let mut dialled = |second| {
            let own = [].iter();
            choose(&mut room, &BTreeMap::new(), own, &Bans::default(), NOW + second);
            assert!(room.dialled.contains_key(&named), "another one is not held up");
            kept.iter().filter(|addr| room.dialled.contains_key(addr)).count()
        };
        assert_eq!([0, 1, 4, 5, 9, 10, 15].map(&mut dialled), [2, 2, 2, 4, 4, 6, 8]);
    }
}
