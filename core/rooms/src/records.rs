//! Records from peers: asked for, verified, kept, and passed on.

use std::collections::{BTreeSet, HashMap, HashSet};

use rand::seq::IteratorRandom as _;
use sha2::{Digest as _, Sha256};
use upseed_model::{
    Record, RecordError, Statement, WorkId,
    limits::{MAX_AHEAD, MAX_QUEUED},
};
use upseed_store::{Outcome, Refusal};

use crate::{
    asking::Asking,
    bans::Penalty,
    connections::Connections,
    context::Context,
    event::Event,
    peer_id::PeerId,
    store::{RoomStore, log_failure},
    unsupported::Unsupported,
    verify::verify,
};

/// Seconds for which a record of too little work for its day is not asked for again.
const REFUSED_SECONDS: u64 = 21_600;

/// Peers that get a fresh record whole; the others are told its id.
const PUSHED_TO: usize = 3;

/// Seconds for which a record is fresh. What is older was found by a comparison and is told by its id:
/// a history of thousands is more than a peer takes without asking.
const FRESH_SECONDS: u64 = 600;

/// Items of one batch whose changed votes are told.
const MOST_VOTED: usize = 1_000;

/// What records mean for texts.
#[derive(Debug, Default)]
pub(crate) struct News {
    /// Something is here that was not.
    pub fresh: bool,
    /// Items without text that somebody upvoted, so that somebody has it.
    pub upvoted: Vec<WorkId>,
}

/// Which records are asked for, and what is known of those that are not kept.
#[derive(Default)]
pub(crate) struct Records {
    asking: Asking,
    unsupported: Unsupported,
}

impl Records {
    /// A peer has these, and they are not here.
    pub fn offered(
        &mut self,
        id: PeerId,
        ids: Vec<WorkId>,
        connections: &mut Connections,
        cx: &mut Context,
    ) {
        let Some(peer) = connections.peers.get(&id) else { return };
        self.asking.offered(id, peer.subnet(), ids, cx.now());
        self.want(id, connections, cx);
    }

    /// Asks a peer for what it offers, as far as it is its turn.
    fn want(&mut self, id: PeerId, connections: &mut Connections, cx: &mut Context) {
        let Some(peer) = connections.peers.get_mut(&id) else { return };
        let now = cx.now();
        if self.asking.pause.is_on(now) {
            return;
        }
        let ids = self.asking.next(id, now);
        if !ids.is_empty() {
            let rest = peer.session.want(&ids, now);
            self.asking.put_back(id, &rest);
            cx.flush(id);
        }
    }

    /// A peer does not give these records (any more).
    pub fn gone(&mut self, id: PeerId, ids: &[WorkId]) {
        self.asking.not_served(id, ids);
    }

    /// A peer did not give these records in time.
    pub fn not_served(
        &mut self,
        id: PeerId,
        ids: &[WorkId],
        connections: &mut Connections,
        now: u64,
    ) {
        if !ids.is_empty() && self.asking.is_late(id, now) {
            connections.lets_wait(id);
        }
        self.asking.not_served(id, ids);
    }

    /// A peer is gone.
    pub fn forget(&mut self, id: PeerId, now: u64) {
        self.asking.forget(id, now);
    }

    /// Asks for what waits, and others for what one did not give so far.
    pub fn ask_again(&mut self, connections: &mut Connections, cx: &mut Context) {
        for id in self.asking.judge(cx.now()) {
            connections.lets_wait(id);
        }
        for id in self.asking.waiting() {
            self.want(id, connections, cx);
        }
    }

    /// Forgets how those did who have been gone for long.
    pub fn expire(&mut self, now: u64) {
        self.asking.expire(now);
    }

    /// After the clock was set back.
    pub fn clock_was_set_back(&mut self) {
        self.asking.pause.end();
    }

    /// Records from a peer: nothing of them is kept or passed on before they are verified.
    pub fn came(
        &mut self,
        id: PeerId,
        list: Vec<Vec<u8>>,
        connections: &mut Connections,
        cx: &mut Context,
    ) -> News {
        let board = connections.peers.get(&id).map(|peer| peer.session.board());
        let Some(board) = board else { return News::default() };
        let verified = verify(list, &board, &mut self.unsupported, cx.store.as_ref(), cx.now());
        self.arrived(id, &verified.elsewhere, connections, cx.now());
        let news = self.keep(&verified.good, Some(id), connections, cx);
        match verified.lie {
            Some(error) => connections.drop_peer(id, Penalty::Liar, &error.to_string(), cx),
            None => self.want(id, connections, cx),
        }
        news
    }

    fn arrived(&mut self, id: PeerId, ids: &[WorkId], connections: &mut Connections, now: u64) {
        self.asking.came(Some(id), ids, now);
        if let Some(peer) = connections.peers.get_mut(&id) {
            peer.session.arrived(ids);
        }
    }

    /// Stores verified records, tells the node, and passes on what is new.
    pub fn keep(
        &mut self,
        records: &[Record],
        from: Option<PeerId>,
        connections: &mut Connections,
        cx: &mut Context,
    ) -> News {
        if records.is_empty() {
            return News::default();
        }
        let now = cx.now();
        let before: HashMap<WorkId, HashSet<WorkId>> = records
            .iter()
            .filter_map(|record| Some((record.work(), votes_before(record, cx.store.as_ref())?)))
            .collect();
        let stored = cx.store.ingest(records, now);
        // The peer did what was asked of it, whether they can be kept or not.
        let ids: Vec<_> = records.iter().map(Record::work).collect();
        match from {
            Some(id) => self.arrived(id, &ids, connections, now),
            None => self.asking.came(None, &ids, now),
        }
        let outcomes = match stored {
            Ok(outcomes) => outcomes,
            Err(error) => {
                self.asking.pause.begin("records", &error, now);
                return News::default();
            }
        };
        self.asking.pause.end();
        let (mut fresh, mut refusals) = (Vec::new(), Vec::new());
        for (record, outcome) in records.iter().zip(outcomes) {
            match outcome {
                Outcome::New => fresh.push(record.clone()),
                Outcome::Superseded { newer } => {
                    let peer = from.and_then(|id| connections.peers.get_mut(&id));
                    if let (Some(peer), Ok(newer)) = (peer, Record::from_bytes_unchecked(&newer)) {
                        peer.session.push(newer.work(), newer.bytes(), now);
                    }
                }
                // Not asked for again before the day may have room.
                Outcome::Full => {
                    let hash = Sha256::digest(record.bytes()).into();
                    let until = Some(now + REFUSED_SECONDS);
                    refusals.push(Refusal { hash, work: Some(record.work()), until });
                }
                Outcome::Known | Outcome::TooOld => {}
            }
        }
        log_failure("remembering refusals", cx.store.remember_refused(&refusals));
        if let Some(id) = from
            && !fresh.is_empty()
        {
            connections.gave(id, Some(fresh.len()), now);
        }
        let upvoted = tell_changes(&fresh, &before, cx);
        spread(&fresh, from, connections, cx);
        News { fresh: !fresh.is_empty(), upvoted }
    }

    /// Records that came too early and whose time has come.
    pub fn take_due(&mut self, connections: &mut Connections, cx: &mut Context) -> News {
        let due = cx.store.take_due(cx.now() + MAX_AHEAD, 100);
        let records: Vec<Record> = log_failure("reading early records", due)
            .unwrap_or_default()
            .iter()
            .filter_map(|bytes| Record::from_bytes(bytes).map_err(log_damaged).ok())
            .collect();
        self.keep(&records, None, connections, cx)
    }
}

/// What the ballot voted for that a new ballot would replace.
fn votes_before(record: &Record, store: &dyn RoomStore) -> Option<HashSet<WorkId>> {
    let Record::Statement(statement) = record else { return None };
    let Statement::Ballot { .. } = statement.content() else { return None };
    let old = store.statement(&statement.slot_key());
    match log_failure("reading a ballot", old)??.content() {
        Statement::Ballot { targets, .. } => Some(targets.iter().copied().collect()),
        _ => None,
    }
}

/// Tells the node what is new. Gives items without text for which somebody voted.
fn tell_changes(
    fresh: &[Record],
    before: &HashMap<WorkId, HashSet<WorkId>>,
    cx: &mut Context,
) -> Vec<WorkId> {
    let me = cx.store.me();
    let mut voted = BTreeSet::new();
    for record in fresh {
        match record {
            Record::Item(item) => cx.tell(Event::Item {
                id: item.infohash(),
                board: item.board(),
                root: item.root().map(|root| root.infohash),
            }),
            Record::Statement(statement) => match statement.content() {
                Statement::Ballot { targets, .. } => {
                    let now: HashSet<WorkId> = targets.iter().copied().collect();
                    match before.get(&record.work()) {
                        Some(before) => voted.extend(now.symmetric_difference(before)),
                        None => voted.extend(now),
                    }
                }
                Statement::Retraction { .. } => cx.tell(Event::Retracted),
                _ => {}
            },
        }
        if Some(record.author()) == me {
            cx.tell(Event::OwnVotes);
        }
    }
    let mut upvoted = Vec::new();
    for work in voted.into_iter().take(MOST_VOTED) {
        if let Some(Some(item)) = log_failure("reading votes", cx.store.votes(&work)) {
            if !item.has_text && !item.hidden {
                upvoted.push(work);
            }
            cx.tell(Event::Votes { id: item.infohash, votes: item.votes, upvoted: item.upvoted });
        }
    }
    upvoted
}

/// Pushes fresh records whole to a few members of their boards and tells the others their ids.
pub(crate) fn spread(
    fresh: &[Record],
    from: Option<PeerId>,
    connections: &mut Connections,
    cx: &mut Context,
) {
    let now = cx.now();
    for record in fresh {
        let pushed_to = if record.time() + FRESH_SECONDS > now { PUSHED_TO } else { 0 };
        for board in record.boards() {
            let ready: Vec<_> = connections
                .members(&board.rendezvous())
                .filter(|(id, peer)| Some(*id) != from && peer.session.is_ready())
                .map(|(id, peer)| (id, peer.session.queued()))
                .collect();
            // Whole to those who take it at once.
            let quick = ready.iter().filter(|(_, queued)| *queued < MAX_QUEUED);
            let chosen = quick.map(|(id, _)| *id).sample(&mut cx.rng, pushed_to);
            for (id, _) in ready {
                let Some(peer) = connections.peers.get_mut(&id) else { continue };
                if chosen.contains(&id) {
                    peer.session.push(record.work(), record.bytes(), now);
                } else {
                    peer.session.offer(&[record.work()], now);
                }
                cx.flush(id);
            }
        }
    }
}

fn log_damaged(error: RecordError) {
    tracing::error!(%error, "a record that was kept for later is damaged");
}
