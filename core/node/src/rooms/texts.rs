//! Texts: asked of members of the board, then of the item's own swarm.

use std::collections::{HashMap, HashSet};

use upseed_model::{
    Infohash, Record, WorkId,
    item::TextMatch,
    limits::{MAX_ASKED, MAX_TEXT},
};
use upseed_store::Keep;
use upseed_swarm::PeerId;

use super::{Loop, bans::Away, log_failure};
use crate::{NodeEvent, Unfit, clock::now};

/// Bytes of texts that are kept only because somebody might read them again.
pub(super) const CACHE_BYTES: u64 = 256 << 20;

/// Items without text that are looked after at the same time, newest first.
const LOOKED_AFTER: u32 = 2_000;

/// Members that are asked for one text in a row, before its own swarm is tried; the others are asked
/// in later rounds. Only hosts give a text, and nobody knows from afar who hosts.
const ASKED_IN_A_ROUND: usize = 2;

/// Bytes of texts asked of one member and not here yet: a connection fills faster than a store, and
/// what waits in memory meanwhile is bounded.
const MAX_ASKED_BYTES: usize = 16 << 20;

/// Seconds between two rounds while there are members who were not asked.
const ROUND_SECONDS: u64 = 1;

/// Seconds between two scans for missing texts, and before a text that nobody gave is asked for
/// again: doubled from the first to the second.
const SCAN_SECONDS: u64 = 2;
const FIRST_RETRY: u64 = 4;
const LAST_RETRY: u64 = 300;

/// What is known about texts that are not here.
#[derive(Default)]
pub(super) struct Texts {
    wanted: HashMap<WorkId, Wanted>,
    next_scan: u64,
    /// The last scan found as many as are looked after: there may be more behind them.
    more: bool,
    /// Some were not asked for, because whom to ask had enough to give.
    held_back: bool,
}

struct Wanted {
    infohash: Infohash,
    /// Bytes of the text.
    length: usize,
    /// The room of its board, if that was joined.
    room: Option<Infohash>,
    /// The user waits for it.
    urgent: bool,
    asked: HashSet<PeerId>,
    /// Members asked in this round.
    round: usize,
    /// Who was asked and has not answered.
    of: Option<PeerId>,
    next: u64,
    wait: u64,
}

impl Texts {
    /// This text is here.
    pub fn came(&mut self, work: &WorkId) {
        self.wanted.remove(work);
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
        for wanted in self.wanted.values_mut() {
            (wanted.next, wanted.wait) = (0, FIRST_RETRY);
        }
    }

    /// Something new is here: looks for its text at once.
    pub fn look_soon(&mut self) {
        self.next_scan = 0;
    }

    /// Somebody upvoted it, so somebody has it.
    pub fn hope(&mut self, work: &WorkId) {
        if let Some(wanted) = self.wanted.get_mut(work) {
            (wanted.next, wanted.wait) = (0, FIRST_RETRY);
            wanted.asked.clear();
            wanted.round = 0;
        }
        self.next_scan = 0;
    }

    /// There is somebody new to ask: what nobody gave so far does not wait for its next turn.
    pub fn new_member(&mut self, room: Infohash) {
        for wanted in self.wanted.values_mut().filter(|wanted| wanted.room == Some(room)) {
            (wanted.next, wanted.wait) = (0, FIRST_RETRY);
        }
        self.next_scan = 0;
    }
}

impl Loop {
    /// Looks for items without text and asks members for them, what the user waits for first.
    pub(super) fn want_texts(&mut self, now: u64) {
        if now < self.texts.next_scan || self.rooms.is_empty() {
            return;
        }
        self.texts.next_scan = now + SCAN_SECONDS;
        let boards: Vec<_> = self.rooms.values().map(|room| room.board).collect();
        let missing = self.store.missing_texts(&boards, 0, LOOKED_AFTER);
        let Some(missing) = log_failure("looking for missing texts", missing) else { return };
        self.texts.more = missing.len() >= LOOKED_AFTER as usize;
        let known: HashSet<_> = missing.iter().map(|(work, _)| *work).collect();
        self.texts.wanted.retain(|work, wanted| wanted.urgent || known.contains(work));
        for (work, infohash) in missing {
            if !self.texts.wanted.contains_key(&work) {
                let wanted = self.wanted(&work, infohash, false);
                self.texts.wanted.insert(work, wanted);
            }
        }
        self.ask_members(now);
    }

    fn wanted(&self, work: &WorkId, infohash: Infohash, urgent: bool) -> Wanted {
        let record = log_failure("reading an item", self.store.record(work)).flatten();
        let rendezvous =
            record.as_ref().and_then(|record| Some(record.boards().first()?.rendezvous()));
        let room = rendezvous.filter(|rendezvous| self.rooms.contains_key(rendezvous));
        let length = match &record {
            Some(Record::Item(item)) => item.length() as usize,
            _ => MAX_TEXT,
        };
        let (asked, wait) = (HashSet::new(), FIRST_RETRY);
        Wanted { infohash, length, room, urgent, asked, round: 0, of: None, next: 0, wait }
    }

    fn ask_members(&mut self, now: u64) {
        let mut plan: HashMap<PeerId, Vec<WorkId>> = HashMap::new();
        // Texts and bytes that may still be asked of each.
        let mut room_left: HashMap<PeerId, (usize, usize)> = self
            .peers
            .iter()
            .map(|(id, peer)| (*id, (peer.session.text_room(), MAX_ASKED_BYTES)))
            .collect();
        for wanted in self.texts.wanted.values() {
            if let Some((_, bytes)) = wanted.of.and_then(|id| room_left.get_mut(&id)) {
                *bytes = bytes.saturating_sub(wanted.length);
            }
        }
        let mut swarm = Vec::new();
        self.texts.held_back = false;
        let mut order: Vec<_> = self.texts.wanted.iter_mut().collect();
        order.sort_by_key(|(_, wanted)| !wanted.urgent);
        for (work, wanted) in order {
            if wanted.of.is_some() || wanted.next > now {
                continue;
            }
            let mut busy = false;
            let members = self.peers.iter().filter(|(id, peer)| {
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
                self.texts.held_back = true;
                continue;
            }
            match member {
                Some((id, _)) if wanted.round < ASKED_IN_A_ROUND => {
                    plan.entry(*id).or_default().push(*work);
                    room_left.entry(*id).and_modify(|(texts, bytes)| {
                        *texts -= 1;
                        *bytes -= wanted.length;
                    });
                    wanted.asked.insert(*id);
                    wanted.round += 1;
                    wanted.of = Some(*id);
                }
                more => {
                    if wanted.urgent {
                        swarm.push((*work, wanted.infohash));
                    }
                    wanted.round = 0;
                    if more.is_some() {
                        wanted.next = now + ROUND_SECONDS;
                        continue;
                    }
                    wanted.asked.clear();
                    wanted.next = now + wanted.wait;
                    wanted.wait = (wanted.wait * 2).min(LAST_RETRY);
                }
            }
        }
        for (id, ids) in plan {
            if let Some(peer) = self.peers.get_mut(&id) {
                peer.session.want_texts(&ids, now);
            }
            self.flush(id);
        }
        for (work, infohash) in swarm {
            self.fetch_known(work, infohash);
        }
    }

    /// The user waits for a text.
    pub(super) fn want_text_now(&mut self, work: WorkId, infohash: Infohash) {
        let fresh = self.wanted(&work, infohash, true);
        let room = fresh.room;
        let wanted = self.texts.wanted.entry(work).or_insert(fresh);
        (wanted.urgent, wanted.room) = (true, room);
        (wanted.next, wanted.wait) = (0, FIRST_RETRY);
        self.fetch_known(work, infohash);
        self.ask_members(now());
    }

    pub(super) fn give_texts(&mut self, id: PeerId, ids: &[WorkId]) {
        let (mut texts, mut missing) = (Vec::new(), Vec::new());
        for work in ids {
            match log_failure("reading a text", self.store.served_text(work)).flatten() {
                Some(text) => texts.push((*work, text)),
                None => missing.push(*work),
            }
        }
        if let Some(peer) = self.peers.get_mut(&id) {
            peer.session.send_texts(texts, &missing);
        }
    }

    pub(super) fn got_texts(&mut self, id: PeerId, texts: Vec<(WorkId, Vec<u8>)>) {
        let mut lie = false;
        let mut good = Vec::new();
        for (work, text) in texts {
            let row = log_failure("reading an item", self.store.item_by_work(&work)).flatten();
            let Some(row) = row else { continue };
            match row.item.check_text(&text) {
                TextMatch::Good(_) => {
                    self.texts.wanted.remove(&work);
                    good.push((work, row.item.infohash(), text));
                }
                TextMatch::Dead(_) => self.bury(&work, row.item.infohash()),
                TextMatch::Wrong => lie = true,
            }
        }
        self.gave(id, Some(good.len()));
        self.keep_texts(&good);
        if lie {
            return self.drop_peer(id, Away::Liar, "it sent a wrong text");
        }
        let answered = |peer: &super::Peer| peer.session.text_room() == MAX_ASKED;
        if self.texts.more && self.peers.get(&id).is_some_and(answered) {
            self.texts.next_scan = 0;
            self.want_texts(now());
        } else if self.texts.held_back {
            self.ask_members(now());
        }
    }

    pub(super) fn keep_texts(&mut self, texts: &[(WorkId, Infohash, Vec<u8>)]) {
        let rows: Vec<_> = texts.iter().map(|(work, _, text)| (*work, text.as_slice())).collect();
        if log_failure("keeping texts", self.store.put_texts(&rows, Keep::Cache, now())).is_none() {
            return;
        }
        for (_, infohash, _) in texts {
            self.stop_fetch(*infohash);
            self.emit(NodeEvent::Text { id: *infohash });
        }
        if !texts.is_empty() {
            self.wishes.wake();
        }
    }

    pub(super) fn bury(&mut self, work: &WorkId, infohash: Infohash) {
        self.texts.wanted.remove(work);
        log_failure("marking a dead item", self.store.mark_dead(work, now()));
        self.stop_fetch(infohash);
        self.emit(NodeEvent::Unreadable {
            id: infohash,
            unfit: Unfit::Wrong,
            reason: "its hashes contradict it".into(),
        });
    }

    pub(super) fn no_texts(&mut self, id: PeerId, ids: &[WorkId]) {
        for work in ids {
            if let Some(wanted) = self.texts.wanted.get_mut(work)
                && wanted.of == Some(id)
            {
                wanted.of = None;
            }
        }
        if !ids.is_empty() {
            self.ask_members(now());
        }
    }

    pub(super) fn texts_of_closed(&mut self, id: PeerId) {
        for wanted in self.texts.wanted.values_mut() {
            if wanted.of == Some(id) {
                wanted.of = None;
            }
            wanted.asked.remove(&id);
        }
    }
}
