//! Records from peers: verified together, kept, and passed on.

use std::collections::{HashMap, HashSet};

use rand::seq::IteratorRandom as _;
use sha2::{Digest as _, Sha256};
use upseed_model::{
    Record, RecordError, SignedItem, Statement, WorkId,
    limits::{MAX_AHEAD, MAX_QUEUED},
};
use upseed_store::{Outcome, Refusal};
use upseed_swarm::PeerId;

use super::{Loop, bans::Away, log_failure};
use crate::{
    NodeEvent, Unfit,
    clock::now,
    reading::{Fate, fate},
};

/// Seconds for which a record of too little work for its day is not asked for again.
const REFUSED_SECONDS: u64 = 21_600;

/// Peers that get a fresh record whole; the others are told its id.
const PUSHED_TO: usize = 3;

/// Seconds for which a record is fresh. What is older was found by a comparison and is told by its id:
/// a history of thousands is more than a peer takes without asking.
const FRESH_SECONDS: u64 = 600;

impl Loop {
    pub(super) fn serve(&mut self, id: PeerId, ids: &[WorkId]) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        let records = self.store.records(ids, peer.session.room());
        let Some(records) = log_failure("reading records", records) else { return };
        peer.session.serve_later(&ids[records.len()..]);
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
        let hashes: Vec<[u8; 32]> = list.iter().map(|bytes| Sha256::digest(bytes).into()).collect();
        let refused = log_failure("looking refusals up", self.store.are_refused(&hashes, now));
        let mut refused = refused.unwrap_or_else(|| vec![false; list.len()]);
        for (hash, no) in hashes.iter().zip(&mut refused) {
            *no |= self.unsupported.contains(hash);
        }
        let (hashes, list): (Vec<_>, Vec<_>) = hashes
            .into_iter()
            .zip(list)
            .zip(refused)
            .filter(|(_, no)| !no)
            .map(|(it, _)| it)
            .unzip();
        let (mut good, mut elsewhere, mut early) = (Vec::new(), Vec::new(), Vec::new());
        let (mut refusals, mut lie) = (Vec::new(), None);
        for ((bytes, hash), result) in list.iter().zip(hashes).zip(Record::from_many(&list)) {
            match result {
                Ok(record) if record.time() > now + MAX_AHEAD => {
                    early.push((bytes.as_slice(), record.time()));
                    elsewhere.push(record.work());
                }
                // A record of another board is no lie, only out of place.
                Ok(record) if record.boards().contains(&board) => good.push(record),
                Ok(record) => elsewhere.push(record.work()),
                Err(error) if error.is_unsupported() => self.unsupported.insert(hash),
                Err(error) => {
                    refusals.push(Refusal { hash, work: None, until: None });
                    lie = Some(error);
                }
            }
        }
        log_failure("keeping records for later", self.store.put_later(&early));
        log_failure("remembering refusals", self.store.remember_refused(&refusals));
        self.arrived(id, &elsewhere);
        self.keep(&good, Some(id), now);
        if let Some(error) = lie {
            self.drop_peer(id, Away::Liar, &error.to_string());
        }
    }

    fn arrived(&mut self, id: PeerId, ids: &[WorkId]) {
        self.asking.came(ids);
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
        let stored = self.store.ingest(records, now);
        // The peer did what was asked of it, whether they can be kept or not.
        if let Some(id) = from {
            let ids: Vec<_> = records.iter().map(Record::work).collect();
            self.arrived(id, &ids);
        }
        let outcomes = match stored {
            Ok(outcomes) => outcomes,
            Err(error) => return self.asking.pause.begin("records", &error, now),
        };
        self.asking.pause.end();
        let (mut fresh, mut refusals) = (Vec::new(), Vec::new());
        for (record, outcome) in records.iter().zip(outcomes) {
            match outcome {
                Outcome::New => fresh.push(record.clone()),
                Outcome::Superseded { newer } => {
                    let peer = from.and_then(|id| self.peers.get_mut(&id));
                    if let (Some(peer), Ok(newer)) = (peer, Record::from_bytes_unchecked(&newer)) {
                        peer.session.push(newer.work(), newer.bytes(), now);
                    }
                }
                // Not asked for again before the day may have room.
                Outcome::BelowFloor => {
                    let hash = Sha256::digest(record.bytes()).into();
                    let until = Some(now + REFUSED_SECONDS);
                    refusals.push(Refusal { hash, work: Some(record.work()), until });
                }
                Outcome::Known | Outcome::TooOld => {}
            }
        }
        log_failure("remembering refusals", self.store.remember_refused(&refusals));
        if !fresh.is_empty() {
            if let Some(id) = from {
                self.gave(id, Some(fresh.len()));
            }
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
                self.hosting.votes_changed_elsewhere();
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
        let now = now();
        let mut touched = HashSet::new();
        for record in fresh {
            let pushed_to = if record.time() + FRESH_SECONDS > now { PUSHED_TO } else { 0 };
            for board in record.boards() {
                let Some(room) = self.rooms.get(&board.rendezvous()) else { continue };
                let is_member = |id: &PeerId| {
                    Some(*id) != from
                        && self.peers.get(id).is_some_and(|peer| peer.session.is_ready())
                };
                let members: Vec<_> = room.peers.iter().copied().filter(is_member).collect();
                // Whole to those who take it at once.
                let quick = members.iter().copied().filter(|id| {
                    self.peers.get(id).is_some_and(|peer| peer.session.queued() < MAX_QUEUED)
                });
                let chosen = quick.sample(&mut rand::rng(), pushed_to);
                for id in members {
                    let Some(peer) = self.peers.get_mut(&id) else { continue };
                    if chosen.contains(&id) {
                        peer.session.push(record.work(), record.bytes(), now);
                    } else {
                        peer.session.offer(&[record.work()], now);
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

    /// An item that came by its own swarm. Who waits for it hears why it is not kept, or not so.
    pub(super) fn keep_fetched(&mut self, item: SignedItem) {
        let now = now();
        self.keep(&[Record::Item(item.clone())], None, now);
        let id = item.infohash();
        match log_failure("looking an item up", fate(&self.store, &item, now)) {
            Some(Fate::Twin(kept)) => self.emit(NodeEvent::Twin { id, kept: kept.infohash() }),
            Some(Fate::Refused(reason)) => self.fetch_failed(id, Unfit::Wrong, reason),
            Some(Fate::Kept) | None => {}
        }
    }
}

fn log_changed(error: RecordError) {
    tracing::error!(%error, "a record that was kept for later is damaged");
}
