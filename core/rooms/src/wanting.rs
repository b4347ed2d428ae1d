//! Which texts are wanted, and of whom they are asked: members of the board, then the item's own
//! swarm.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    time::Duration,
};

use upseed_model::{Infohash, Record, WorkId, limits::MAX_TEXT};
use upseed_store::StoreError;

use crate::{
    pause::Pause,
    peer::Peer,
    peer_id::PeerId,
    room::Room,
    store::{RoomStore, log_failure},
    time::Time,
};

/// Items without text that are looked after at the same time, newest first. Those that nobody gave
/// come on top: they are asked for again now and then, and hide nothing older.
const LOOKED_AFTER: usize = 2_000;

/// All of them.
const MOST_LOOKED_AFTER: usize = 20_000;

/// Members that are asked for one text in a row, before its own swarm is tried; the others are asked
/// in later rounds. Only hosts give a text, and nobody knows from afar who hosts.
const ASKED_IN_A_ROUND: usize = 2;

/// Bytes of texts asked of one member and not here yet: a connection fills faster than a store, and
/// what waits in memory meanwhile is bounded.
const MAX_ASKED_BYTES: usize = 4 << 20;

/// Seconds after which a second member is asked for a text, if the first one gives none at all; and the same in any case,
/// because what is asked of one may take long to come: 4 MiB at 200 kB a second.
const PATIENCE: u64 = 2;
const LAST_PATIENCE: u64 = 20;

/// Seconds between two rounds while there are members who were not asked.
const ROUND_SECONDS: u64 = 1;

/// Seconds between two scans for missing texts, and before a text that nobody gave is asked for
/// again: doubled from the first to the second.
const SCAN_SECONDS: u64 = 2;
const FIRST_RETRY: u64 = 2;
const LAST_RETRY: u64 = 300;

/// Whom to ask is thought about for all texts at once, after at least so long, and for a fifth of the
/// thread's time at most: peers decide how often there is reason to.
const ASK_PAUSE: Duration = Duration::from_millis(20);
const ASK_SHARE: u32 = 4;

/// What is known about texts that are not here.
#[derive(Default)]
pub(crate) struct Wanting {
    wanted: BTreeMap<WorkId, Wanted>,
    next_scan: u64,
    /// The last scan found as many as are looked after: there may be more behind them.
    more: bool,
    /// Some were not asked for, because whom to ask had enough to give.
    held_back: bool,
    /// There is reason to ask.
    ask: bool,
    /// Not before this, by the monotonic clock.
    next_ask: Duration,
    /// While texts cannot be kept, none are asked for.
    pub pause: Pause,
}

/// Of whom texts are asked now.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Members.
    pub members: BTreeMap<PeerId, Vec<WorkId>>,
    /// The items' own swarms.
    pub swarms: Vec<(WorkId, Infohash)>,
    /// Members who let this node wait.
    pub late: BTreeSet<PeerId>,
}

struct Wanted {
    infohash: Infohash,
    /// Bytes of the text.
    length: usize,
    /// The room of its board, if that was joined.
    room: Option<Infohash>,
    /// The user waits for it, or hosts it.
    urgent: bool,
    asked: HashSet<PeerId>,
    /// Members asked in this round.
    round: usize,
    /// Who was asked and has not answered, and since when.
    of: Option<PeerId>,
    since: u64,
    next: u64,
    wait: u64,
    /// Everybody was asked for it, and nobody gave it.
    refused: bool,
}

impl Wanted {
    /// As if nobody had been asked.
    fn ask_anew(&mut self) {
        (self.next, self.wait) = (0, FIRST_RETRY);
    }
}

impl Wanting {
    /// This text is here, or never will be.
    pub fn came(&mut self, work: &WorkId) {
        self.wanted.remove(work);
    }

    /// These came and could not be kept: they are asked for again after a pause.
    pub fn lost(&mut self, works: impl Iterator<Item = WorkId>, error: &StoreError, now: u64) {
        self.pause.begin("texts", error, now);
        for work in works {
            if let Some(wanted) = self.wanted.get_mut(&work) {
                (wanted.of, wanted.round) = (None, 0);
                wanted.asked.clear();
            }
        }
    }

    /// A member does not give these, or not in time.
    pub fn not_given(&mut self, id: PeerId, works: &[WorkId]) {
        for work in works {
            if let Some(wanted) = self.wanted.get_mut(work)
                && wanted.of == Some(id)
            {
                wanted.of = None;
                self.ask = true;
            }
        }
    }

    /// A member gave some; `all`: all that it was asked for.
    pub fn given(&mut self, all: bool) {
        if self.more && all {
            self.next_scan = 0;
            self.ask = true;
        }
        self.ask |= self.held_back;
    }

    /// The user does not wait for it any more.
    pub fn calm(&mut self, infohash: Infohash) {
        for wanted in self.wanted.values_mut().filter(|w| w.infohash == infohash) {
            wanted.urgent = false;
        }
    }

    /// After the clock was set back.
    pub fn reschedule(&mut self) {
        self.next_scan = 0;
        self.pause.end();
        self.wanted.values_mut().for_each(Wanted::ask_anew);
    }

    /// Something new is here: looks for its text at once.
    pub fn look_soon(&mut self) {
        self.next_scan = 0;
    }

    /// Somebody upvoted it, so somebody has it.
    pub fn hope(&mut self, work: &WorkId) {
        if let Some(wanted) = self.wanted.get_mut(work) {
            wanted.ask_anew();
            wanted.asked.clear();
            wanted.round = 0;
        }
        self.next_scan = 0;
    }

    /// There is somebody new to ask: what nobody gave so far does not wait for its next turn.
    pub fn new_member(&mut self, room: Infohash) {
        let of_room = self.wanted.values_mut().filter(|wanted| wanted.room == Some(room));
        of_room.for_each(Wanted::ask_anew);
        self.next_scan = 0;
    }

    /// How many to look for.
    fn scope(&self) -> usize {
        let refused = self.wanted.values().filter(|wanted| wanted.refused).count();
        (LOOKED_AFTER + refused).min(MOST_LOOKED_AFTER)
    }

    /// For how long nobody is to be asked, if there is reason to ask.
    pub fn next_ask(&self, time: Time) -> Option<Duration> {
        self.ask.then(|| self.next_ask.saturating_sub(time.monotonic))
    }

    /// Asking took so long, until now: it rests for a multiple of that.
    pub fn asking_took(&mut self, took: Duration, time: Time) {
        self.next_ask = time.monotonic + ASK_PAUSE.max(took * ASK_SHARE);
    }

    /// There is reason to ask if it is time to look for what is missing.
    pub fn tick(&mut self, rooms: &BTreeMap<Infohash, Room>, now: u64) {
        self.ask |= self.is_scan_due(rooms, now);
    }

    fn is_scan_due(&self, rooms: &BTreeMap<Infohash, Room>, now: u64) -> bool {
        now >= self.next_scan && !rooms.is_empty() && !self.pause.is_on(now)
    }

    /// Looks for items without text, if it is time to.
    pub fn scan(&mut self, rooms: &BTreeMap<Infohash, Room>, store: &dyn RoomStore, now: u64) {
        if !self.is_scan_due(rooms, now) {
            return;
        }
        self.next_scan = now + SCAN_SECONDS;
        let boards: Vec<_> = rooms.values().map(|room| room.board).collect();
        let scope = self.scope();
        let missing = store.missing_texts(&boards, scope as u32);
        let Some(missing) = log_failure("looking for missing texts", missing) else { return };
        self.more = missing.len() >= scope;
        let known: HashSet<_> = missing.iter().map(|(work, _)| *work).collect();
        self.wanted.retain(|work, wanted| wanted.urgent || known.contains(work));
        for (work, infohash) in missing {
            let new = || wanted(&work, infohash, false, rooms, store);
            self.wanted.entry(work).or_insert_with(new);
        }
    }

    /// Chooses members to be asked for what is missing, what the user waits for first, and notes them as asked.
    pub fn plan(&mut self, peers: &BTreeMap<PeerId, Peer>, time: Time) -> Plan {
        let now = time.unix;
        let mut plan = Plan::default();
        self.ask = false;
        if self.pause.is_on(now) {
            return plan;
        }
        self.next_ask = time.monotonic + ASK_PAUSE;
        // Texts and bytes that may still be asked of each.
        let mut room_left: BTreeMap<PeerId, (usize, usize)> = peers
            .iter()
            .map(|(id, peer)| (*id, (peer.session.text_room(), MAX_ASKED_BYTES)))
            .collect();
        for wanted in self.wanted.values() {
            if let Some((_, bytes)) = wanted.of.and_then(|id| room_left.get_mut(&id)) {
                *bytes = bytes.saturating_sub(wanted.length);
            }
        }
        self.held_back = false;
        let is_late = |of: PeerId, since: u64| {
            let is_silent = peers.get(&of).is_none_or(|peer| now >= peer.gave_at + PATIENCE);
            now >= since + LAST_PATIENCE || (now >= since + PATIENCE && is_silent)
        };
        let is_due = |(_, wanted): &(&WorkId, &mut Wanted)| {
            wanted.next <= now && wanted.of.is_none_or(|of| is_late(of, wanted.since))
        };
        let mut due: Vec<_> = self.wanted.iter_mut().filter(is_due).collect();
        due.sort_by_key(|(_, wanted)| !wanted.urgent);
        for (work, wanted) in due {
            let mut busy = false;
            let members = peers.iter().filter(|(id, peer)| {
                if Some(peer.room) != wanted.room
                    || !peer.session.is_ready()
                    || wanted.asked.contains(id)
                {
                    return false;
                }
                let (texts, bytes) = room_left.get(id).copied().unwrap_or_default();
                let has_room = texts > 0 && bytes >= wanted.length;
                busy |= !has_room;
                has_room
            });
            // One who never answers costs its whole deadline, so those who gave something come first.
            let member = members.max_by_key(|(_, peer)| peer.given);
            if member.is_none() && busy && !wanted.urgent {
                self.held_back = true;
                continue;
            }
            if member.is_some() {
                plan.late.extend(wanted.of);
            }
            match member {
                Some((id, _)) if wanted.round < ASKED_IN_A_ROUND => {
                    plan.members.entry(*id).or_default().push(*work);
                    room_left.entry(*id).and_modify(|(texts, bytes)| {
                        *texts -= 1;
                        *bytes -= wanted.length;
                    });
                    wanted.asked.insert(*id);
                    wanted.round += 1;
                    (wanted.of, wanted.since) = (Some(*id), now);
                }
                // Nobody else is there.
                None if wanted.of.is_some() => {}
                more => {
                    if wanted.urgent {
                        plan.swarms.push((*work, wanted.infohash));
                    }
                    wanted.round = 0;
                    if more.is_some() {
                        wanted.next = now + ROUND_SECONDS;
                        continue;
                    }
                    wanted.asked.clear();
                    wanted.refused = true;
                    wanted.next = now + wanted.wait;
                    wanted.wait = (wanted.wait * 2).min(LAST_RETRY);
                }
            }
        }
        plan
    }

    /// The user waits for a text.
    pub fn want_now(
        &mut self,
        work: WorkId,
        infohash: Infohash,
        rooms: &BTreeMap<Infohash, Room>,
        store: &dyn RoomStore,
    ) {
        self.want_to_host(work, infohash, rooms, store);
        if let Some(wanted) = self.wanted.get_mut(&work) {
            wanted.ask_anew();
        }
    }

    /// A text is wanted though nobody waits for it. It comes to its own swarm when members were asked;
    /// to say it again changes nothing.
    pub fn want_to_host(
        &mut self,
        work: WorkId,
        infohash: Infohash,
        rooms: &BTreeMap<Infohash, Room>,
        store: &dyn RoomStore,
    ) {
        let known = self.wanted.get(&work).is_some_and(|wanted| wanted.room.is_some());
        if !known {
            // Its board may have been joined since it was looked at.
            let fresh = wanted(&work, infohash, true, rooms, store);
            let room = fresh.room;
            self.wanted.entry(work).or_insert(fresh).room = room;
        }
        if let Some(wanted) = self.wanted.get_mut(&work) {
            wanted.urgent = true;
        }
        self.ask = true;
    }

    /// A peer is gone.
    pub fn forget(&mut self, id: PeerId) {
        for wanted in self.wanted.values_mut() {
            if wanted.of == Some(id) {
                wanted.of = None;
            }
            wanted.asked.remove(&id);
        }
    }
}

fn wanted(
    work: &WorkId,
    infohash: Infohash,
    urgent: bool,
    rooms: &BTreeMap<Infohash, Room>,
    store: &dyn RoomStore,
) -> Wanted {
    let record = log_failure("reading an item", store.record(work)).flatten();
    let rendezvous = record.as_ref().and_then(|record| Some(record.boards().first()?.rendezvous()));
    let room = rendezvous.filter(|rendezvous| rooms.contains_key(rendezvous));
    let length = match &record {
        Some(Record::Item(item)) => item.length() as usize,
        _ => MAX_TEXT,
    };
    Wanted {
        infohash,
        length,
        room,
        urgent,
        asked: HashSet::new(),
        round: 0,
        of: None,
        since: 0,
        next: 0,
        wait: FIRST_RETRY,
        refused: false,
    }
}

#[cfg(test)]
mod tests {
    use upseed_store::Store;

    use super::*;

    const NOW: u64 = 1_800_000_000;

    fn named(n: u64) -> (WorkId, Infohash) {
        let (mut work, mut infohash) = ([0; 32], [0; 20]);
        work[..8].copy_from_slice(&n.to_be_bytes());
        infohash[..8].copy_from_slice(&n.to_be_bytes());
        (WorkId::from_bytes(work), Infohash::from_bytes(infohash))
    }

    #[test]
    fn to_want_a_text_to_host_again_and_again_changes_nothing() {
        let (store, rooms) = (Store::open_in_memory().unwrap(), BTreeMap::new());
        let (mut wanting, time) = (Wanting::default(), Time::at(NOW));
        let want_all = |wanting: &mut Wanting| {
            let named = (0..3_000).map(named);
            named.for_each(|(work, id)| wanting.want_to_host(work, id, &rooms, &store));
        };
        want_all(&mut wanting);
        assert!(wanting.wanted.values().all(|wanted| wanted.next == 0), "nobody was asked yet");
        assert_eq!(wanting.next_ask(time), Some(Duration::ZERO));
        // There is nobody to ask, so all of them wait for their next turn.
        let plan = wanting.plan(&BTreeMap::new(), time);
        assert_eq!((plan.members.len(), plan.swarms.len()), (0, 3_000));
        let turns = |wanting: &Wanting| -> Vec<(u64, u64)> {
            let turn = |n| &wanting.wanted[&named(n).0];
            (0..3_000).map(|n| (turn(n).next, turn(n).wait)).collect()
        };
        let before = turns(&wanting);
        assert!(before.iter().all(|(next, wait)| *next > 0 && *wait == 2 * FIRST_RETRY));
        want_all(&mut wanting);
        assert_eq!(turns(&wanting), before);
        // Not at once again, however much reason there is, and for a fifth of the time at most.
        assert_eq!(wanting.next_ask(time), Some(ASK_PAUSE));
        let took = Duration::from_secs(1);
        wanting.asking_took(took, time);
        assert_eq!(wanting.next_ask(time), Some(4 * took));
        // The user does not wait for that.
        let (work, id) = named(7);
        wanting.want_now(work, id, &rooms, &store);
        assert_eq!(wanting.wanted[&work].next, 0);
        assert_eq!(turns(&wanting)[8..], before[8..]);
    }

    #[test]
    fn what_nobody_gives_hides_nothing() {
        let mut wanting = Wanting::default();
        let (store, rooms) = (Store::open_in_memory().unwrap(), BTreeMap::new());
        let mut look_at = |numbers: std::ops::Range<u64>, refused| {
            for (work, id) in numbers.map(named) {
                let wanted = wanted(&work, id, false, &rooms, &store);
                wanting.wanted.insert(work, Wanted { refused, ..wanted });
            }
            wanting.scope()
        };
        assert_eq!(look_at(0..2_000, false), LOOKED_AFTER);
        assert_eq!(look_at(0..2_000, true), 2 * LOOKED_AFTER);
        assert_eq!(look_at(2_000..4_000, false), 2 * LOOKED_AFTER);
        assert_eq!(look_at(0..30_000, true), MOST_LOOKED_AFTER);
    }

    #[test]
    fn what_could_not_be_kept_is_asked_for_again() {
        let (store, rooms) = (Store::open_in_memory().unwrap(), BTreeMap::new());
        let (mut wanting, peers) = (Wanting::default(), BTreeMap::new());
        let (work, id) = named(1);
        wanting.want_to_host(work, id, &rooms, &store);
        let wanted = wanting.wanted.get_mut(&work).unwrap();
        (wanted.of, wanted.round) = (Some(PeerId(1)), 1);
        wanted.asked.insert(PeerId(1));
        wanting.lost(std::iter::once(work), &StoreError::Full, NOW);
        let wanted = &wanting.wanted[&work];
        assert!(wanted.of.is_none() && wanted.asked.is_empty());
        wanting.plan(&peers, Time::at(NOW));
        assert_eq!(wanting.wanted[&work].next, 0, "nothing is asked for during the pause");
        wanting.plan(&peers, Time::at(NOW + 10));
        assert!(wanting.wanted[&work].next > NOW, "and then it is");
    }
}
