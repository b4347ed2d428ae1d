//! Texts that come and go: asked for, fetched, checked, kept.

use std::{net::SocketAddr, time::Duration};

use upseed_model::{Infohash, SignedItem, WorkId, item::TextMatch};
use upseed_store::StoreError;

use crate::{
    bans::Penalty,
    connections::Connections,
    context::Context,
    event::{Event, FetchFailure},
    fetches::{Fetches, Request, TooMany},
    peer::Peer,
    peer_id::PeerId,
    relay::Relay,
    store::{CACHE_BYTES, log_failure},
    time::Time,
    wanting::Wanting,
};

/// Bytes that may come before the cache is brought back to that.
const CACHE_SLACK: u64 = 16 << 20;

/// Who gave a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Giver {
    /// A member who hosts it.
    Host,
    /// A member who passes it on.
    Relay,
    /// The item's own swarm.
    Swarm,
}

/// Which texts are wanted and fetched.
#[derive(Default)]
pub(crate) struct Texts {
    pub wanting: Wanting,
    pub relay: Relay,
    fetches: Fetches,
    /// Bytes kept since the cache was last looked at.
    cached: u64,
}

impl Texts {
    /// When to ask, if there is reason to.
    pub fn next_ask(&self, time: Time) -> Option<Duration> {
        self.wanting.next_ask(time)
    }

    /// Asks members and swarms for what is missing, unless it is too soon.
    pub fn ask(&mut self, connections: &mut Connections, cx: &mut Context) {
        if self.next_ask(cx.time) != Some(Duration::ZERO) {
            return;
        }
        self.wanting.scan(&connections.rooms, cx.store.as_ref(), cx.now());
        let plan = self.wanting.plan(&connections.peers, cx.time);
        plan.late.into_iter().for_each(|id| connections.lets_wait(id));
        for (id, ids) in plan.members {
            if let Some(peer) = connections.peers.get_mut(&id) {
                peer.session.want_texts(&ids, cx.now());
            }
            cx.flush(id);
        }
        for (work, infohash) in plan.swarms {
            self.fetch_known(work, infohash, false, connections, cx);
        }
    }

    /// The user waits for a text.
    pub fn want_now(
        &mut self,
        work: WorkId,
        infohash: Infohash,
        connections: &Connections,
        cx: &mut Context,
    ) {
        self.wanting.want_now(work, infohash, &connections.rooms, cx.store.as_ref());
        self.fetch_known(work, infohash, true, connections, cx);
    }

    /// A text is wanted though nobody waits for it.
    pub fn want_to_host(
        &mut self,
        work: WorkId,
        infohash: Infohash,
        connections: &Connections,
        cx: &Context,
    ) {
        self.wanting.want_to_host(work, infohash, &connections.rooms, cx.store.as_ref());
    }

    /// Texts from a peer. Gives the items whose texts they are.
    pub fn came(
        &mut self,
        id: PeerId,
        texts: Vec<(WorkId, Vec<u8>)>,
        giver: Giver,
        connections: &mut Connections,
        cx: &mut Context,
    ) -> Vec<Infohash> {
        let mut lie = false;
        let mut good = Vec::new();
        for (work, text) in texts {
            let item = log_failure("reading an item", cx.store.item(&work)).flatten();
            let Some(item) = item else { continue };
            match item.check_text(&text) {
                TextMatch::Good(_) => good.push((work, item.infohash(), text)),
                TextMatch::Dead(_) => self.bury(&work, item.infohash(), cx),
                TextMatch::Wrong => lie = true,
            }
        }
        connections.gave(id, Some(good.len()), cx.now());
        // What failed is asked for again.
        let _ = self.keep(&good, giver, cx);
        if lie {
            connections.drop_peer(id, Penalty::Liar, "it sent a wrong text", cx);
        } else {
            let peer = connections.peers.get(&id);
            self.wanting.given(peer.is_some_and(|peer| peer.session.owes_no_text()));
        }
        good.into_iter().map(|(_, infohash, _)| infohash).collect()
    }

    /// A peer is gone.
    pub fn forget(&mut self, id: PeerId) {
        self.wanting.forget(id);
    }

    /// Keeps checked texts, or says why not.
    fn keep(
        &mut self,
        texts: &[(WorkId, Infohash, Vec<u8>)],
        giver: Giver,
        cx: &mut Context,
    ) -> Result<(), StoreError> {
        if texts.is_empty() {
            return Ok(());
        }
        let rows: Vec<_> = texts.iter().map(|(work, _, text)| (*work, text.as_slice())).collect();
        // Where its user looks, only the item's own swarm is asked, too: what comes from there is not passed on.
        let is_own_accord = |work: &WorkId| {
            let prefetched = || log_failure("reading an item", cx.store.is_prefetched(work));
            giver != Giver::Swarm && prefetched() == Some(true)
        };
        let own_accord: Vec<bool> = texts.iter().map(|(work, ..)| is_own_accord(work)).collect();
        let hosted = (giver != Giver::Relay).then_some(cx.now());
        if let Err(error) = cx.store.put_texts(&rows, hosted) {
            self.wanting.lost(texts.iter().map(|(work, ..)| *work), &error, cx.now());
            return Err(error);
        }
        self.wanting.pause.end();
        for ((work, infohash, text), own_accord) in texts.iter().zip(own_accord) {
            if own_accord {
                self.relay.came(*work, text.len(), cx.now());
            }
            self.wanting.came(work);
            self.cached += text.len() as u64;
            self.stop_fetch(*infohash, cx);
            cx.tell(Event::Text { id: *infohash });
        }
        if self.cached >= CACHE_SLACK {
            self.evict(cx);
        }
        Ok(())
    }

    /// Brings the cache back to its bound.
    pub fn evict(&mut self, cx: &Context) {
        self.cached = 0;
        log_failure("evicting texts from the cache", cx.store.evict_cache(CACHE_BYTES));
    }

    fn bury(&mut self, work: &WorkId, infohash: Infohash, cx: &mut Context) {
        self.wanting.came(work);
        log_failure("marking a dead item", cx.store.mark_dead(work, cx.now()));
        let reason = "its hashes contradict it".into();
        self.fetch_failed(infohash, FetchFailure::Wrong, reason, cx);
    }

    /// Fetches an item whose header is known, until its text is here; `waits`: somebody waits for it.
    /// If there is no room it is not fetched now, and nothing is said: the next round tries again.
    fn fetch_known(
        &mut self,
        work: WorkId,
        infohash: Infohash,
        waits: bool,
        connections: &Connections,
        cx: &mut Context,
    ) {
        let now = cx.now();
        let has_room = self.fetches.room_for(&infohash, waits, now).is_ok();
        if self.wanting.pause.is_on(now) || !has_room {
            return;
        }
        let item = log_failure("reading an item", cx.store.item(&work)).flatten();
        let Some(item) = item else { return };
        let trackers = log_failure("reading a board", cx.store.trackers(&item.board()));
        let request = Request {
            infohash,
            info: Some(item.header().to_vec()),
            peers: Vec::new(),
            trackers: trackers.unwrap_or_default(),
        };
        if self.fetch(request, waits, connections, cx).is_ok() {
            self.fetches.is_wanted(&infohash);
        }
    }

    /// Fetches what somebody waits for, who calls [`Texts::waits_no_more`] in the end.
    pub fn fetch_for_waiter(
        &mut self,
        infohash: Infohash,
        peers: Vec<SocketAddr>,
        trackers: Vec<String>,
        connections: &Connections,
        cx: &mut Context,
    ) {
        let request = Request { infohash, info: None, peers, trackers };
        match self.fetch(request, true, connections, cx) {
            Ok(()) => self.fetches.waits(&infohash),
            Err(TooMany) => {
                let reason = "too many are fetched at the same time; try again soon".into();
                cx.tell(Event::FetchFailed { id: infohash, failure: FetchFailure::NotNow, reason });
            }
        }
    }

    fn fetch(
        &mut self,
        request: Request,
        waits: bool,
        connections: &Connections,
        cx: &mut Context,
    ) -> Result<(), TooMany> {
        if let Some(other) = self.fetches.room_for(&request.infohash, waits, cx.now())? {
            self.stop_fetch(other, cx);
        }
        let members = connections.peers.values().filter_map(Peer::listens_at);
        self.fetches.begin(request, members, connections.network.dht, cx);
        Ok(())
    }

    /// One who waited does not any more. An item whose header came meanwhile is still of interest.
    pub fn waits_no_more(&mut self, infohash: Infohash, cx: &mut Context) {
        if !self.fetches.waits_no_more(&infohash) {
            return;
        }
        if log_failure("reading an item", cx.store.has_item(&infohash)) == Some(true) {
            self.fetches.is_wanted(&infohash);
        } else {
            self.stop_fetch(infohash, cx);
        }
    }

    fn stop_fetch(&mut self, infohash: Infohash, cx: &mut Context) {
        self.fetches.stop(&infohash, cx);
        self.wanting.calm(infohash);
    }

    /// Looks for hosts of what is fetched.
    pub fn look_up_fetches(&mut self, connections: &Connections, cx: &mut Context) {
        self.fetches.look_up(connections.network.dht, cx);
    }

    /// Somebody is said to have it.
    pub fn found(&self, infohash: Infohash, peers: &[SocketAddr], cx: &mut Context) {
        self.fetches.found(infohash, peers, cx);
    }

    /// An item's own swarm gave its text, which has the SHA-1 of its one piece.
    pub fn fetched(&mut self, item: &SignedItem, text: Vec<u8>, cx: &mut Context) {
        let (work, infohash) = (item.work(), item.infohash());
        match item.check_text(&text) {
            TextMatch::Good(_) => {
                if let Err(error) = self.keep(&[(work, infohash, text)], Giver::Swarm, cx) {
                    self.fetch_failed(infohash, FetchFailure::NotNow, error.to_string(), cx);
                }
            }
            // The piece is right, so the author's hashes contradict each other.
            TextMatch::Wrong | TextMatch::Dead(_) => self.bury(&work, infohash, cx),
        }
    }

    /// Ends a fetch, and says why.
    pub fn fetch_failed(
        &mut self,
        infohash: Infohash,
        failure: FetchFailure,
        reason: String,
        cx: &mut Context,
    ) {
        self.stop_fetch(infohash, cx);
        cx.tell(Event::FetchFailed { id: infohash, failure, reason });
    }

    /// Whatever waits for a moment would now wait for it longer: all of it begins anew.
    pub fn clock_was_set_back(&mut self, now: u64) {
        self.wanting.reschedule();
        self.relay.clock_was_set_back(now);
        self.fetches.reschedule(now);
    }
}
