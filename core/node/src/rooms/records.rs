//! Records from peers: asked for once, verified together, kept, and passed on.

use std::collections::{HashMap, HashSet};

use rand::seq::IteratorRandom as _;
use sha2::{Digest as _, Sha256};
use upseed_model::{
    Record, RecordError, Statement, WorkId,
    limits::{MAX_AHEAD, MAX_QUEUED},
};
use upseed_store::Outcome;
use upseed_swarm::PeerId;

use super::{Loop, log_failure};
use crate::{NodeEvent, clock::now};

/// Seconds for which a record of too little work for its day is not asked for again.
const REFUSED_SECONDS: u64 = 21_600;

/// Peers that get a fresh record whole; the others are told its id.
const PUSHED_TO: usize = 3;

/// Other peers that are remembered as having a record which was asked of one.
const MAX_OTHERS: usize = 4;

/// Records under way; what is offered beyond that is offered again by the next comparison.
const MAX_UNDER_WAY: usize = 100_000;

/// Which records are asked of whom.
#[derive(Default)]
pub(super) struct Asking {
    under_way: HashMap<WorkId, Asked>,
    /// Given up by one, to be asked of another.
    again: Vec<WorkId>,
    /// Offered while the peer had too much to serve already.
    waiting: HashMap<PeerId, Vec<WorkId>>,
}

struct Asked {
    peer: PeerId,
    others: Vec<PeerId>,
}

impl Loop {
    pub(super) fn offered(&mut self, id: PeerId, ids: Vec<WorkId>) {
        let mut ask = Vec::new();
        let room = MAX_UNDER_WAY.saturating_sub(self.asking.under_way.len());
        for work in ids {
            match self.asking.under_way.get_mut(&work) {
                Some(asked) if asked.peer != id && asked.others.len() < MAX_OTHERS => {
                    asked.others.push(id);
                }
                Some(_) => {}
                None if ask.len() < room => {
                    self.asking.under_way.insert(work, Asked { peer: id, others: Vec::new() });
                    ask.push(work);
                }
                None => {}
            }
        }
        self.want(id, &ask);
    }

    fn want(&mut self, id: PeerId, ids: &[WorkId]) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        let rest = peer.session.want(ids, now());
        if !rest.is_empty() {
            self.asking.waiting.entry(id).or_default().extend(rest);
        }
    }

    /// A peer does not give these records, or not in time.
    pub(super) fn not_served(&mut self, id: PeerId, ids: &[WorkId]) {
        for work in ids {
            if self.asking.under_way.get(work).is_some_and(|asked| asked.peer == id) {
                self.asking.again.push(*work);
            }
        }
    }

    pub(super) fn forget_asked(&mut self, id: PeerId) {
        self.asking.waiting.remove(&id);
        let of_peer: Vec<_> = self
            .asking
            .under_way
            .iter()
            .filter(|(_, asked)| asked.peer == id)
            .map(|(work, _)| *work)
            .collect();
        self.asking.again.extend(of_peer);
    }

    pub(super) fn ask_again(&mut self, _now: u64) {
        for work in std::mem::take(&mut self.asking.again) {
            let Some(mut asked) = self.asking.under_way.remove(&work) else { continue };
            while let Some(next) = asked.others.pop() {
                if self.peers.contains_key(&next) {
                    self.asking.under_way.insert(work, Asked { peer: next, others: asked.others });
                    self.want(next, &[work]);
                    break;
                }
            }
        }
        let waiting: Vec<_> = self.asking.waiting.drain().collect();
        for (id, ids) in waiting {
            self.want(id, &ids);
            self.flush(id);
        }
    }

    pub(super) fn serve(&mut self, id: PeerId, ids: &[WorkId]) {
        let Some(records) = log_failure("reading records", self.store.records(ids)) else { return };
        let Some(peer) = self.peers.get_mut(&id) else { return };
        let (mut found, mut gone) = (Vec::new(), Vec::new());
        for (work, record) in records {
            match record {
                Some(bytes) => found.push((work, bytes)),
                None => gone.push(work),
            }
        }
        peer.session.serve(found, &gone);
    }

    /// Records from a peer: verified together, and nothing of them is kept or passed on before.
    pub(super) fn records(&mut self, id: PeerId, list: Vec<Vec<u8>>) {
        let now = now();
        let Some(board) = self.peers.get(&id).map(|peer| peer.session.board()) else { return };
        let known_bad = |bytes: &Vec<u8>| {
            let hash = Sha256::digest(bytes).into();
            log_failure("looking a refusal up", self.store.is_refused(&hash, now)).unwrap_or(false)
        };
        let list: Vec<_> = list.into_iter().filter(|bytes| !known_bad(bytes)).collect();
        let mut good = Vec::new();
        let mut lie = None;
        for (bytes, result) in list.iter().zip(Record::from_many(&list)) {
            match result {
                Ok(record) if record.time() > now + MAX_AHEAD => {
                    let kept = self.store.put_later(bytes, record.time());
                    log_failure("keeping a record for later", kept);
                    self.arrived(id, &[record.work()]);
                }
                // A record of another board is no lie, only out of place.
                Ok(record) if record.boards().contains(&board) => good.push(record),
                Ok(record) => self.arrived(id, &[record.work()]),
                Err(error) => {
                    let until = error.is_unsupported().then_some(now + 86_400);
                    let hash = Sha256::digest(bytes).into();
                    log_failure(
                        "remembering a refusal",
                        self.store.remember_refused(&hash, None, until),
                    );
                    if !error.is_unsupported() {
                        lie = Some(error);
                    }
                }
            }
        }
        self.keep(&good, Some(id), now);
        if let Some(error) = lie {
            self.drop_peer(id, true, &error.to_string());
        }
    }

    fn arrived(&mut self, id: PeerId, ids: &[WorkId]) {
        ids.iter().for_each(|work| {
            self.asking.under_way.remove(work);
        });
        if let Some(peer) = self.peers.get_mut(&id) {
            peer.session.arrived(ids);
        }
    }

    /// Stores verified records, tells the node, and passes on what is new.
    fn keep(&mut self, records: &[Record], from: Option<PeerId>, now: u64) {
        if records.is_empty() {
            return;
        }
        let before: HashMap<WorkId, HashSet<WorkId>> = records
            .iter()
            .filter_map(|record| Some((record.work(), self.votes_before(record)?)))
            .collect();
        let Some(outcomes) = log_failure("storing records", self.store.ingest(records, now)) else {
            return;
        };
        let ids: Vec<_> = records.iter().map(Record::work).collect();
        if let Some(id) = from {
            self.arrived(id, &ids);
        }
        let mut fresh = Vec::new();
        for (record, outcome) in records.iter().zip(outcomes) {
            match outcome {
                Outcome::New => fresh.push(record.clone()),
                Outcome::Superseded { newer } => {
                    let peer = from.and_then(|id| self.peers.get_mut(&id));
                    if let (Some(peer), Ok(newer)) = (peer, Record::from_bytes_unchecked(&newer)) {
                        peer.session.push(newer.work(), newer.bytes());
                    }
                }
                // Not asked for again before the day may have room.
                Outcome::BelowFloor => {
                    let hash = Sha256::digest(record.bytes()).into();
                    let until = Some(now + REFUSED_SECONDS);
                    let work = record.work();
                    let kept = self.store.remember_refused(&hash, Some(&work), until);
                    log_failure("remembering a refusal", kept);
                }
                Outcome::Known | Outcome::TooOld => {}
            }
        }
        if !fresh.is_empty() {
            self.texts.look_soon();
        }
        self.announce_changes(&fresh, &before);
        self.spread(&fresh, from);
    }

    /// What the ballot voted for that a new ballot would replace.
    fn votes_before(&self, record: &Record) -> Option<HashSet<WorkId>> {
        let Record::Statement(statement) = record else { return None };
        let Statement::Ballot { .. } = statement.content() else { return None };
        let old = self.store.statement(&statement.slot_key());
        match log_failure("reading a ballot", old)??.content() {
            Statement::Ballot { targets, .. } => Some(targets.iter().copied().collect()),
            _ => None,
        }
    }

    /// Tells the view what is new, and the hosting task if the user's own votes changed elsewhere.
    fn announce_changes(&mut self, fresh: &[Record], before: &HashMap<WorkId, HashSet<WorkId>>) {
        let me = self.store.me();
        let mut voted = HashSet::new();
        for record in fresh {
            match record {
                Record::Item(item) => self.emit(NodeEvent::Item {
                    id: item.infohash(),
                    board: item.board(),
                    root: item.root().map(|root| root.infohash),
                }),
                Record::Statement(statement) => {
                    if let Statement::Ballot { targets, .. } = statement.content() {
                        let now: HashSet<WorkId> = targets.iter().copied().collect();
                        match before.get(&record.work()) {
                            Some(before) => voted.extend(now.symmetric_difference(before)),
                            None => voted.extend(now),
                        }
                    }
                }
            }
            if Some(record.author()) == me {
                self.wishes.votes_changed_elsewhere();
            }
        }
        for work in voted.into_iter().take(1_000) {
            if let Some(Some(row)) = log_failure("reading votes", self.store.item_by_work(&work)) {
                if row.text.is_none() {
                    self.texts.hope(&work);
                }
                let id = row.item.infohash();
                self.emit(NodeEvent::Votes { id, votes: row.votes, upvoted: row.upvoted });
            }
        }
    }

    /// Pushes fresh records whole to a few members of their boards and tells the others their ids.
    pub(super) fn spread(&mut self, fresh: &[Record], from: Option<PeerId>) {
        let mut touched = HashSet::new();
        for record in fresh {
            for board in record.boards() {
                let Some(room) = self.rooms.get(&board.rendezvous()) else { continue };
                let members = room.peers.iter().copied().filter(|id| {
                    Some(*id) != from
                        && self.peers.get(id).is_some_and(|peer| {
                            peer.session.is_ready() && peer.session.queued() < MAX_QUEUED
                        })
                });
                let members: Vec<_> = members.collect();
                let chosen = members.iter().copied().sample(&mut rand::rng(), PUSHED_TO);
                for id in members {
                    let Some(peer) = self.peers.get_mut(&id) else { continue };
                    if chosen.contains(&id) {
                        peer.session.push(record.work(), record.bytes());
                    } else {
                        peer.session.offer(&[record.work()]);
                    }
                    touched.insert(id);
                }
            }
        }
        touched.into_iter().for_each(|id| self.flush(id));
    }

    /// Records that came too early and whose time has come.
    pub(super) fn take_due(&mut self, now: u64) {
        let due = log_failure("reading early records", self.store.take_due(now + MAX_AHEAD, 100));
        let records: Vec<Record> = due
            .unwrap_or_default()
            .iter()
            .filter_map(|bytes| Record::from_bytes(bytes).map_err(log_changed).ok())
            .collect();
        self.keep(&records, None, now);
    }

    /// An item that came by its own swarm.
    pub(super) fn keep_fetched(&mut self, record: Record) {
        self.keep(&[record], None, now());
    }
}

fn log_changed(error: RecordError) {
    tracing::error!(%error, "a record that was kept for later is damaged");
}
